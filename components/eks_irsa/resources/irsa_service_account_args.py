"""Inputs of one service account; the string under a field documents it everywhere."""

from collections.abc import Mapping, Sequence
from typing import Any, NotRequired, TypedDict

import pulumi

from eks_irsa.documents.limits import Limits
from eks_irsa.documents.trust_policy import DEFAULT_AUDIENCE

__all__ = ["IrsaServiceAccountArgs", "trust_inputs"]


class IrsaServiceAccountArgs(TypedDict):
    """Inputs of `IrsaServiceAccount`."""

    service_account_name: pulumi.Input[str]
    """Name of the service account, an RFC 1123 subdomain (1 to 253 characters)."""

    namespace: NotRequired[pulumi.Input[str]]
    """Its namespace, an RFC 1123 label (1 to 63 characters). Default: `default`."""

    cluster_name: NotRequired[pulumi.Input[str]]
    """Name of the EKS cluster: its OIDC provider is made, and without a Kubernetes
    provider in the options one is built for it. Give exactly one of `cluster_name`,
    `issuer_url`, `oidc_provider_arn` and `role_arn`."""

    cluster_region: NotRequired[pulumi.Input[str]]
    """AWS region of the EKS cluster of `cluster_name`. Default: the AWS provider's."""

    issuer_url: NotRequired[pulumi.Input[str]]
    """`https://<host>[/<path>]` of the cluster's issuer: its OIDC provider is made.
    Account and partition are those of the AWS provider."""

    oidc_provider_arn: NotRequired[pulumi.Input[str]]
    """ARN of an IAM OIDC provider that exists,
    `arn:<partition>:iam::<account id>:oidc-provider/<issuer>`; many share one."""

    role_arn: NotRequired[pulumi.Input[str]]
    """ARN of a role that exists, to annotate the service account with; no role is
    made, and its trust policy is its owner's business."""

    trusted_providers: NotRequired[pulumi.Input[Sequence[pulumi.Input[str]]]]
    """ARNs of the OIDC providers of further clusters, in the role's account, whose
    service account of the same namespace and name may assume the role too; there it is
    annotated by a component with `role_arn`. In any order. Default: none."""

    trust_policy_characters: NotRequired[pulumi.Input[float]]
    """Longest trust policy the account takes, in characters; AWS raises it to 8192 on
    request. Default: 2048, room for about four clusters."""

    audience: NotRequired[pulumi.Input[str]]
    """Audience that tokens must be made for; must be among the provider's client ids.
    Default: `sts.amazonaws.com`, in every partition."""

    subject_pattern: NotRequired[pulumi.Input[str]]
    """Pattern of the names that may assume the role, `*` for any text and `?` for one
    character; the namespace is always the entry's own. Default: exactly the name."""

    attach_policy_arns: NotRequired[Sequence[str]]
    """ARNs of managed policies to attach, plain text, each known by its ARN. Policies
    that are known later go into `attach_policies`. Default: none."""

    attach_policies: NotRequired[Mapping[str, pulumi.Input[str]]]
    """Managed policies to attach, a key of your choice -> ARN; the key is the
    attachment's identity, so it stays when the ARN changes. Default: none."""

    inline_policies: NotRequired[Mapping[str, Any]]
    """Policies that live in the role, name -> policy document, as a mapping or as
    JSON; the name has 1 to 128 characters of `[A-Za-z0-9+=,.@_-]`. Default: none."""

    permissions_boundary: NotRequired[pulumi.Input[str]]
    """ARN of the policy that bounds what the role may do. Default: none."""

    role_name: NotRequired[pulumi.Input[str]]
    """Name of the role, 1 to 64 characters; a new one replaces the role. Default:
    Pulumi's autonaming."""

    role_path: NotRequired[pulumi.Input[str]]
    """Path of the role, begins and ends with `/`; a new one replaces the role.
    Default: `/`."""

    role_description: NotRequired[pulumi.Input[str]]
    """Description of the role, at most 1,000 characters. Default: which service
    account it is for."""

    max_session_duration_seconds: NotRequired[pulumi.Input[float]]
    """Longest session of the role in seconds, 3600 to 43200. Default: 3600."""

    tags: NotRequired[Mapping[str, pulumi.Input[str]]]
    """Tags of the role. Default: none."""

    create_service_account: NotRequired[bool]
    """False: the service account is somebody else's and not touched, as eksctl's
    roleOnly. Default: true."""

    release_service_account: NotRequired[bool]
    """True, beside `create_service_account` false: the service account that this
    component made before is let go, and stays in the cluster with all it carries;
    without it the account is deleted. Needed for one `up`. Default: false."""

    override_existing: NotRequired[bool]
    """True: the service account exists, and exactly our keys are put on it; they go
    when the component goes, the account stays. Default: false, it is made and owned,
    and one that exists stops the run."""

    create_namespace: NotRequired[bool]
    """Have the namespace made when it is missing; it is never deleted. Default: true
    for a namespace in plain text that is not one of Kubernetes' own."""

    labels: NotRequired[Mapping[str, pulumi.Input[str]]]
    """Labels of the service account. Default: none."""

    annotations: NotRequired[Mapping[str, pulumi.Input[str]]]
    """Annotations of the service account besides the role's ARN. Default: none."""


def trust_inputs(
    args: IrsaServiceAccountArgs, provider_arn: pulumi.Input[str]
) -> dict[str, object]:
    """Word the inputs that say who may assume the role as a trust policy's."""
    limit = Limits().trust_policy_characters
    return {
        "provider_arn": provider_arn,
        "namespace": args.get("namespace", "default"),
        "service_account": args.get("subject_pattern") or args["service_account_name"],
        "audience": args.get("audience", DEFAULT_AUDIENCE),
        "trusted_providers": args.get("trusted_providers", []),
        "trust_policy_characters": args.get("trust_policy_characters", limit),
    }
