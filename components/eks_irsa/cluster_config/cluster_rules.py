"""The rules on the cluster: what eksctl asks of a file before it looks at an entry."""

from collections.abc import Iterator, Mapping
from typing import Final, cast

from eks_irsa.cluster_config.model import ClusterConfig
from eks_irsa.identity.rules import value_faults
from eks_irsa.source.findings import Finding, non_text_key_findings
from eks_irsa.source.regions import region_findings

__all__ = [
    "API_VERSION",
    "KIND",
    "header_findings",
    "not_made_findings",
    "oidc_findings",
]

API_VERSION: Final = "eksctl.io/v1alpha5"
KIND: Final = "ClusterConfig"
_ADDON_ROLE_KEYS: Final = (
    "serviceAccountRoleARN",
    "attachPolicyARNs",
    "attachPolicy",
    "wellKnownPolicies",
    "permissionsBoundary",
)


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
    if _makes_roles(config):  # they go onto roles alone
        tags = {key: value or "" for key, value in (metadata.tags or {}).items()}
        for fault in value_faults("tags", tags):
            path = ("metadata", *fault.path)
            yield Finding(path, fault.code, fault.message, fault.severity, fault.at_key)
    section = cast("Mapping[str, object]", raw["metadata"])
    yield from non_text_key_findings(section.get("tags"), ("metadata", "tags"))


def oidc_findings(config: ClusterConfig) -> Iterator[Finding]:
    """Check that there is an OIDC provider where one is needed."""
    path = ("iam", "withOIDC")
    with_oidc = config.iam is not None and config.iam.with_oidc
    if config.outpost is not None and with_oidc:
        message = "clusters on Outposts have no OIDC provider; take withOIDC: true out"
        yield Finding(path, "E-OIDC-OUTPOST", message)
    if with_oidc:
        return
    if config.iam and config.iam.service_accounts:
        message = (
            "iam.serviceAccounts are listed, and their roles trust the cluster's OIDC "
            "provider; write withOIDC: true under iam"
        )
        yield Finding(path, "E-OIDC-REQUIRED", message)
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


def not_made_findings(config: ClusterConfig) -> Iterator[Finding]:
    """Warn of what asks for permissions in ways that are not made here."""
    if config.iam and config.iam.pod_identity_associations:
        message = (
            "EKS Pod Identity associations are not made by eks-irsa yet; leave them to "
            "eksctl, or list the service accounts under iam.serviceAccounts"
        )
        path = ("iam", "podIdentityAssociations")
        yield Finding(path, "W-NOT-MADE", message, "warning", at_key=True)
    for index, name, addon in _addons(config):
        for key in _ADDON_ROLE_KEYS:
            asked = addon.get(key)
            if key == "wellKnownPolicies" and isinstance(asked, Mapping):
                asked = any(cast("Mapping[str, object]", asked).values())
            if asked:
                message = (
                    f"the role of the addon {name!r} is not made by eks-irsa yet; "
                    "leave it to eksctl, or list its service account under "
                    "iam.serviceAccounts as roleOnly"
                )
                at = ("addons", index, key)
                yield Finding(at, "W-NOT-MADE", message, "warning", at_key=True)


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


def _makes_roles(config: ClusterConfig) -> bool:
    accounts = (config.iam and config.iam.service_accounts) or []
    return any(account and not account.attach_role_arn for account in accounts)


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
    listed = {name for _, name, _ in _addons(config)}
    # eksctl looks at the case of the one name and not at that of the other.
    agent = any(name.lower() == "eks-pod-identity-agent" for name in listed)
    return "vpc-cni" in listed and not agent


def _addons(config: ClusterConfig) -> Iterator[tuple[int, str, Mapping[str, object]]]:
    addons = config.addons
    if isinstance(addons, list):
        for index, addon in enumerate(cast("list[object]", addons)):
            match addon:
                case {"name": str(name)}:
                    yield index, name, cast("Mapping[str, object]", addon)
                case _:
                    pass
