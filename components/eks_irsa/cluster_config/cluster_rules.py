"""The rules on the cluster: what eksctl asks of a file before it looks at an entry."""

from collections.abc import Iterator, Mapping
from typing import Final, cast

from eks_irsa.cluster_config.entries import entries_of
from eks_irsa.cluster_config.model import ClusterConfig
from eks_irsa.documents.pod_identity import AGENT_ADD_ON
from eks_irsa.identity.rules import value_faults
from eks_irsa.source.findings import Finding, non_text_key_findings
from eks_irsa.source.regions import region_findings

__all__ = ["API_VERSION", "KIND", "header_findings", "oidc_findings"]

API_VERSION: Final = "eksctl.io/v1alpha5"
KIND: Final = "ClusterConfig"


def header_findings(
    config: ClusterConfig, raw: Mapping[str, object]
) -> Iterator[Finding]:
    """Check which cluster the file is about."""
    for key, value, expected, code in (
        ("apiVersion", config.api_version, API_VERSION, "E-API-VERSION"),
        ("kind", config.kind, KIND, "E-KIND"),
    ):
        if value != expected:
            got = "it is missing" if value is None else f"got {value!r}"
            yield Finding((key,), code, f"expected '{expected}', {got}")
    metadata = config.metadata
    if metadata is None:
        message = "missing; write the cluster's name and region"
        yield Finding(("metadata",), "E-KEY-MISSING", message)
        return
    yield from _name_findings(metadata.name)
    yield from _region_findings(metadata.region)
    # They go onto roles and associations alone.
    if any(
        entry.identity != "irsa" or "role_arn" not in entry.fields
        for entry in entries_of(config)
    ):
        tags = {key: value or "" for key, value in (metadata.tags or {}).items()}
        for fault in value_faults("tags", tags):
            path = ("metadata", *fault.path)
            yield Finding(path, fault.code, fault.message, fault.severity, fault.at_key)
    section = cast("Mapping[str, object]", raw["metadata"])
    yield from non_text_key_findings(section.get("tags"), ("metadata", "tags"))


def oidc_findings(config: ClusterConfig) -> Iterator[Finding]:
    """Check that there is an OIDC provider where the cluster itself needs one.

    Where service accounts need one is a matter of the settings too, and is in `plan`.
    """
    path = ("iam", "withOIDC")
    with_oidc = config.iam is not None and config.iam.with_oidc
    if config.outpost is not None and with_oidc:
        message = "clusters on Outposts have no OIDC provider; take withOIDC: true out"
        yield Finding(path, "E-OIDC-OUTPOST", message)
    if with_oidc:
        return
    if config.karpenter is not None:
        message = (
            "karpenter needs the cluster's OIDC provider; write withOIDC: true under "
            "iam"
        )
        yield Finding(path, "E-OIDC-KARPENTER", message)
    if _ipv6_needs_identity(config):
        message = (
            "vpc-cni on an IPv6 cluster needs a role; write withOIDC: true under iam, "
            "or list the addon eks-pod-identity-agent"
        )
        yield Finding(path, "E-IPV6-IDENTITY", message)


def _name_findings(name: str | None) -> Iterator[Finding]:
    path = ("metadata", "name")
    if not name:
        message = "missing; write the name of the EKS cluster"
        yield Finding(path, "E-CLUSTER-NAME", message)
        return
    for fault in value_faults("cluster_name", name):
        yield Finding(path, fault.code, fault.message, fault.severity)


def _region_findings(region: str | None) -> Iterator[Finding]:
    path = ("metadata", "region")
    if not region:
        message = "missing; write the AWS region of the EKS cluster"
        yield Finding(path, "E-REGION", message)
    else:
        yield from region_findings(region, path)


def _ipv6_needs_identity(config: ClusterConfig) -> bool:
    match config.kubernetes_network_config:
        case {"ipFamily": str(family)} if family.casefold() == "ipv6":
            pass
        case _:
            return False
    match config.auto_mode_config:
        case {"enabled": True}:
            return False
        case _:
            pass
    listed = {addon.name or "" for addon in config.addons or [] if addon}
    # eksctl looks at the case of the one name and not at that of the other.
    agent = any(name.lower() == AGENT_ADD_ON for name in listed)
    return "vpc-cni" in listed and not agent
