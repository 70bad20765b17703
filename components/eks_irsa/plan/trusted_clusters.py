"""The clusters that roles trust besides the stack's own, and their OIDC providers."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple, cast

from eks_irsa.documents import arns
from eks_irsa.documents.trust_policy import same_account_fault
from eks_irsa.plan.entry_settings import EntrySettings
from eks_irsa.plan.model import Cluster, Trusted, assumed_issuer_url
from eks_irsa.plan.provider_ownership import FoundProvider
from eks_irsa.settings.model import RoleSettings, Settings, TrustedCluster
from eks_irsa.source.findings import Finding, Path

__all__ = ["TrustedClusters", "provider_fault"]

_KEY: Final = "trustedClusters"


class _Listed(NamedTuple):
    """An item of the settings, and where it stands."""

    path: Path
    trusted: Trusted


@dataclass(frozen=True, kw_only=True, slots=True)
class TrustedClusters:
    """What the settings of a stack say of further clusters.

    Attributes:
        settings: The stack's checked settings.
        cluster: The stack's own cluster, which may be among them.
        issuers: URL of the issuer of each that was looked up; a placeholder of its
            greatest length stands for the others.
    """

    settings: Settings
    cluster: Cluster
    issuers: Mapping[Trusted, str] = field(default_factory=dict[Trusted, str])

    def of_entry(self, settings: EntrySettings) -> dict[Trusted, str]:
        """Give the clusters that the role of an entry trusts besides its own.

        Args:
            settings: What the stack's settings say of the entry.

        Returns:
            Cluster -> ARN of its OIDC provider, sorted by the ARN, each once.
        """
        asked = settings.value("trusted_clusters") or ()
        listed = cast("Sequence[TrustedCluster | None]", asked)
        named = {self._named(one) for one in listed if one}
        found = {one: self._provider_arn(one) for one in sorted(named)}
        by_arn = {arn: one for one, arn in reversed(found.items())}
        by_arn.pop(self.cluster.provider_arn, None)
        return {one: arn for arn, one in sorted(by_arn.items())}

    def cluster_arns(self, trusted: Iterable[Trusted]) -> list[str]:
        """Give the ARNs of clusters as EKS Pod Identity sends them, sorted.

        Args:
            trusted: Clusters; one that is known by its provider alone is left out.
        """
        own = self.cluster
        place = f"arn:{own.partition}:eks"
        return sorted(
            f"{place}:{one.region}:{own.account_id}:cluster/{one.name}"
            for one in trusted
            if one.name
        )

    def findings(self) -> Iterator[Finding]:
        """Find what cannot be trusted, and what is not known, item by item."""
        first: dict[tuple[Path, str], Trusted] = {}
        for path, trusted in self._listed():
            wrong = [*self._place_findings(path, trusted)]
            yield from wrong
            key = (path[:-1], self._provider_arn(trusted))
            if first.setdefault(key, trusted) is not trusted and not wrong:
                message = f"{trusted} is listed already; take one of the two out"
                yield Finding(path, "E-TWICE", message)

    def fault_findings(self, faults: Mapping[Trusted, str]) -> Iterator[Finding]:
        """Place what was found out about clusters where the settings list them.

        Args:
            faults: Cluster -> what is wrong with it.
        """
        for path, trusted in self._listed():
            if trusted in faults:
                yield Finding(path, "E-TRUSTED-CLUSTER", faults[trusted])

    def _place_findings(self, path: Path, trusted: Trusted) -> Iterator[Finding]:
        own = self.cluster
        if trusted.provider_arn:
            at = (*path, "oidcProvider")
            partition = arns.partition_of_arn(trusted.provider_arn)
            fault = same_account_fault(own.provider_arn, trusted.provider_arn)
            if partition != own.partition:
                message = (
                    f"{trusted.provider_arn!r} is in another partition than the "
                    f"cluster; expected one of {own.partition!r}"
                )
                yield Finding(at, "E-PARTITION", message)
            elif fault and own.knows_account:
                yield Finding(at, "E-TRUSTED-CLUSTER", fault)
            return
        partition = arns.partition_of_region(trusted.region)
        if partition not in {None, own.partition}:
            message = (
                f"{trusted.region!r} is in another partition than the cluster, and a "
                "role trusts the providers of its own alone; list the cluster by the "
                "oidcProvider that this AWS account has for it"
            )
            yield Finding((*path, "region"), "E-PARTITION", message)
        elif (
            not own.assumed
            and trusted not in self.issuers
            and not self._is_own(trusted)
        ):
            message = (
                f"the issuer of {trusted} is not known here, and zeros with a number "
                "stand in its place; the stack program looks it up, and oidcProvider "
                "in place of the name says it"
            )
            yield Finding(path, "W-ISSUER-ASSUMED", message, "warning")

    def _listed(self) -> Iterator[_Listed]:
        roles: list[tuple[Path, RoleSettings]] = [
            (("defaults",), self.settings.defaults)
        ]
        for pattern, override in self.settings.overrides.items():
            roles.append((("overrides", pattern), override))
        for path, role in roles:
            for index, one in enumerate(role.trusted_clusters or ()):
                if one:
                    yield _Listed((*path, _KEY, index), self._named(one))

    def _named(self, one: TrustedCluster) -> Trusted:
        return Trusted(
            name=one.name or "",
            region="" if one.oidc_provider else one.region or self.cluster.region,
            provider_arn=one.oidc_provider or "",
        )

    def _is_own(self, trusted: Trusted) -> bool:
        return (trusted.name, trusted.region) == (
            self.cluster.name,
            self.cluster.region,
        )

    def _provider_arn(self, trusted: Trusted) -> str:
        """Give the ARN of a cluster's provider in the AWS account of the roles."""
        own = self.cluster
        if self._is_own(trusted):
            return own.provider_arn
        if trusted.provider_arn:
            # Whatever AWS account stands in for the one that is not known yet.
            issuer_url = f"https://{arns.issuer_of(trusted.provider_arn)}"
        elif trusted in self.issuers:
            issuer_url = self.issuers[trusted]
        else:
            digest = hashlib.sha256(str(trusted).encode()).hexdigest()[:8]
            issuer_url = assumed_issuer_url(
                trusted.region, partition=own.partition, number=digest.upper()
            )
        return arns.provider_arn(
            partition=own.partition, account_id=own.account_id, issuer_url=issuer_url
        )


def provider_fault(
    found: FoundProvider | None, *, provider_arn: str, audience: str
) -> str | None:
    """Say why no token of a trusted cluster would be taken.

    Args:
        found: The IAM OIDC provider of its issuer; None if there is none.
        provider_arn: ARN of that provider.
        audience: Audience that the roles trust.

    Returns:
        The rule, what was found and the remedy; None if tokens are taken.
    """
    if found is None:
        return (
            f"there is no IAM OIDC provider {provider_arn}, so that no token of the "
            "cluster is taken; bring up the stack of that cluster first, which makes "
            "it, or take the cluster out"
        )
    if audience in found.client_ids:
        return None
    return (
        f"the IAM OIDC provider {provider_arn} accepts the audiences "
        f"{', '.join(found.client_ids) or 'none'}, not {audience}; add the client id "
        "to it, or take the cluster out"
    )
