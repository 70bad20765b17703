"""Inputs of an OIDC provider; the string under a field documents it everywhere."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import NotRequired, TypedDict

import pulumi

__all__ = ["EksOidcProviderArgs", "OidcProviderMode"]


class OidcProviderMode(StrEnum):
    """Whether the provider is this program's to manage or only to use."""

    AUTO = "auto"
    """It is managed if this stack made it or if there is none yet, else it is read.
    Where the cluster is only known later, it is managed."""

    MANAGED = "managed"
    """It is made, changed and deleted with the stack; one that exists fails the run."""

    EXISTING = "existing"
    """It exists, made elsewhere: it is read, never changed or deleted."""


class EksOidcProviderArgs(TypedDict):
    """Inputs of `EksOidcProvider`."""

    cluster_name: NotRequired[pulumi.Input[str]]
    """Name of the EKS cluster, whose description tells issuer, AWS account and
    partition. Give this or `issuer_url`."""

    cluster_region: NotRequired[pulumi.Input[str]]
    """AWS region of the EKS cluster of `cluster_name`. Default: the AWS provider's."""

    issuer_url: NotRequired[pulumi.Input[str]]
    """`https://<host>[/<path>]` of the cluster's issuer, for a program that knows it.
    Give this or `cluster_name`."""

    cluster_arn: NotRequired[pulumi.Input[str]]
    """ARN of the EKS cluster beside `issuer_url`, to tell AWS account and partition
    without asking: `arn:<partition>:eks:<region>:<account id>:cluster/<name>`.
    Default: those of the AWS provider."""

    client_ids: NotRequired[Sequence[pulumi.Input[str]]]
    """Audiences that tokens may be made for, 1 to 100, in any order. Default:
    `sts.amazonaws.com` alone, in every partition."""

    thumbprints: NotRequired[Sequence[pulumi.Input[str]]]
    """SHA-1 thumbprints of the issuer's certificate authority, 40 hex digits each, at
    most 5. Default: none, IAM verifies EKS's issuers by itself since 2024."""

    mode: NotRequired[OidcProviderMode]
    """Whether it is managed or read. Default: `auto`."""

    import_arn: NotRequired[str]
    """ARN of the provider, plain text, where it exists and becomes this program's: the
    first run takes it in, and it is changed and deleted with the stack from then on.
    Default: none."""

    tags: NotRequired[Mapping[str, pulumi.Input[str]]]
    """Tags of a provider that is made. Default: none."""
