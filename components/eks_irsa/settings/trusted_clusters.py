"""The setting `trustedClusters`: what each of its items must be."""

from collections.abc import Iterator

from eks_irsa.identity.rules import value_faults
from eks_irsa.settings.model import TrustedCluster
from eks_irsa.source.findings import Finding, Path
from eks_irsa.source.regions import region_findings

__all__ = ["trusted_cluster_findings"]


def trusted_cluster_findings(
    trusted: TrustedCluster | None, path: Path
) -> Iterator[Finding]:
    """Find what is wrong with one item.

    Args:
        trusted: The item; None for an empty one.
        path: Where it stands.
    """
    if trusted is None:
        message = "expected a map with name, or with oidcProvider, got nothing"
        yield Finding(path, "E-TYPE", message)
        return
    provider = trusted.oidc_provider
    if trusted.name is None and provider is None:
        message = (
            "missing; write the name of the EKS cluster, or as oidcProvider the ARN of "
            "its IAM OIDC provider"
        )
        yield Finding((*path, "name"), "E-KEY-MISSING", message)
    if provider is not None:
        for key in ("name", "region"):
            if getattr(trusted, key) is not None:
                message = (
                    "has no effect beside oidcProvider, which says which cluster; take "
                    "one of the two out"
                )
                yield Finding((*path, key), "E-TWICE", message, at_key=True)
        for fault in value_faults("oidc_provider_arn", provider):
            at = (*path, "oidcProvider")
            yield Finding(at, fault.code, fault.message, fault.severity)
    if trusted.name is not None:
        for fault in value_faults("cluster_name", trusted.name):
            yield Finding((*path, "name"), fault.code, fault.message, fault.severity)
    if trusted.region is not None:
        yield from region_findings(trusted.region, (*path, "region"))
