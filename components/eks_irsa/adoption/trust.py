"""Whom a role lets in, and whom another trust policy would shut out of it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from eks_irsa.access.authority import Authority
from eks_irsa.access.differences import effective_difference
from eks_irsa.documents.arns import issuer_of
from eks_irsa.documents.patterns import Patterns, literal
from eks_irsa.documents.pins import is_pattern
from eks_irsa.documents.pod_identity_trust import POD_IDENTITY, pod_identity_trust
from eks_irsa.documents.policy_statements import Grant, read_policy
from eks_irsa.errors import PolicyDocumentError

__all__ = [
    "TrustChange",
    "is_readable",
    "other_providers",
    "subjects_of",
    "trust_change",
]

_BY_TOKEN: Final = Patterns(frozenset({"sts:assumerolewithwebidentity"}))
_PREFIX: Final = "system:serviceaccount:"


@dataclass(frozen=True, kw_only=True, slots=True)
class TrustChange:
    """What becomes of those whom a role trusts.

    Attributes:
        shut_out: Who else than the service account could assume the role and cannot
            afterwards, in words, sorted.
        narrower: The service account itself can no longer with some of its tokens.
        wider: Somebody can who could not.
        other_clusters: EKS was let in for associations of other clusters than this,
            and is no longer.
        undecided: It cannot be told.
    """

    shut_out: tuple[str, ...] = ()
    narrower: bool = False
    wider: bool = False
    other_clusters: bool = False
    undecided: bool = False


def is_readable(trust_policy: str) -> bool:
    """Tell whether all that a trust policy says is known here.

    Args:
        trust_policy: The trust policy as JSON.
    """
    try:
        read_policy(trust_policy)
    except PolicyDocumentError:
        return False
    return True


def subjects_of(trust_policy: str, *, provider_arn: str) -> frozenset[str]:
    """Return the subjects of tokens of a provider that a role lets in.

    Args:
        trust_policy: The trust policy as JSON.
        provider_arn: ARN of the IAM OIDC provider.

    Returns:
        Subjects and patterns of subjects; `*` where it lets any in. Empty where it
        trusts the provider in nothing, or cannot be read.
    """
    try:
        grants = read_policy(trust_policy)
    except PolicyDocumentError:
        return frozenset()
    found = [_subjects(one, provider_arn) for one in grants if _by_token(one)]
    return frozenset[str]().union(*found)


def other_providers(
    trust_policy: str, *, provider_arn: str, subject: str
) -> tuple[str, ...]:
    """Return the providers of other clusters by which a role lets a subject in.

    Args:
        trust_policy: The trust policy as JSON.
        provider_arn: ARN of the IAM OIDC provider of its own cluster.
        subject: Subject of the tokens.

    Returns:
        ARNs, sorted.
    """
    try:
        grants = read_policy(trust_policy)
    except PolicyDocumentError:
        return ()
    named = {_provider(one) for one in grants if _by_token(one)} - {"", provider_arn}
    return tuple(
        sorted(
            arn
            for arn in named
            if ":oidc-provider/" in arn
            and {*subjects_of(trust_policy, provider_arn=arn)} == {subject}
        )
    )


def trust_change(  # noqa: PLR0913 - keywords, each with a meaning of its own
    before: str,
    after: str,
    *,
    provider_arn: str,
    cluster_arn: str,
    subject: str,
    associated: Iterable[str] | None = (),
) -> TrustChange:
    """Compare whom two trust policies let in.

    Args:
        before: The trust policy that the role has, as JSON.
        after: The one that it would have.
        provider_arn: ARN of the IAM OIDC provider of the cluster.
        cluster_arn: ARN of the cluster.
        subject: Subject, or pattern of subjects, of the service account.
        associated: Further service accounts, in words, that get the role by an
            association of EKS Pod Identity in this cluster; None if that is not known.
            Default: none.
    """
    try:
        old = Authority(read_policy(before))
    except PolicyDocumentError:
        return TrustChange(undecided=True)
    found = effective_difference(old, Authority(read_policy(after)))
    lost = [one.grant for one in found.lost]
    of_eks = [one for one in lost if {*one.principal.texts} == {POD_IDENTITY}]
    others = {*(associated or ())} if of_eks else set[str]()
    for one in lost:
        if one not in of_eks:
            others |= {*_others(one, provider_arn, subject)}
    return TrustChange(
        shut_out=tuple(sorted(others)),
        narrower=bool(lost) and not others,
        wider=bool(found.gained),
        other_clusters=any(not _is_of_cluster(one, cluster_arn) for one in of_eks),
        undecided=bool(
            found.undecided_before
            or found.undecided_after
            or (of_eks and associated is None)
        ),
    )


def _is_of_cluster(grant: Grant, cluster_arn: str) -> bool:
    """Tell whether EKS is let in for associations of one cluster alone."""
    clusters = pod_identity_trust(grant.condition).patterns("cluster")
    return {*clusters} == {literal(cluster_arn)}


def _by_token(grant: Grant) -> bool:
    return grant.effect == "Allow" and grant.action.covers(_BY_TOKEN)


def _provider(grant: Grant) -> str:
    """Return the one provider that a grant is for; empty for anybody else."""
    if grant.principal.inverted or len(grant.principal.texts) != 1:
        return ""
    (text,) = grant.principal.texts
    kind, _, arn = text.partition(" ")
    return arn if kind == "Federated" else ""


def _subjects(grant: Grant, provider_arn: str) -> frozenset[str]:
    if _provider(grant) != literal(provider_arn):
        return frozenset()
    key = f"{issuer_of(provider_arn)}:sub".lower()
    clauses = [one for one in grant.condition.clauses if one.key == key]
    if not clauses:
        return frozenset({"*"})
    # Of several at once each has to hold; the first names what there can be at most.
    return frozenset(_as_patterns(clauses[0].values, is_pattern(clauses[0])))


def _as_patterns(values: Iterable[str], are_patterns: bool) -> Iterator[str]:  # noqa: FBT001 - private
    for value in values:
        if are_patterns or literal(value) == value:
            yield value


def _others(grant: Grant, provider_arn: str, subject: str) -> Iterator[str]:
    """Name who but the service account a grant lets in."""
    if _provider(grant) != literal(provider_arn):
        yield from sorted(grant.principal.texts)
        return
    for one in sorted(_subjects(grant, provider_arn)):
        if one == "*":
            yield "every service account of the cluster"
        elif one != subject:
            yield one.removeprefix(_PREFIX)
