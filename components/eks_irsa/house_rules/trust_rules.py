"""Which service accounts a role trusts, and tokens for whom."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from eks_irsa.access.requests import variables
from eks_irsa.documents.conditions import Clause
from eks_irsa.documents.patterns import Patterns, has_wildcard
from eks_irsa.documents.pod_identity_trust import (
    PARTS,
    POD_IDENTITY,
    PodIdentityTrust,
    assumes,
    pod_identity_trust,
)
from eks_irsa.documents.policy_statements import ANYONE, Grant, read_policy
from eks_irsa.house_rules.model import Breach, HouseRules, RoleFacts
from eks_irsa.house_rules.wording import listed, matches

__all__ = ["WebIdentityTrust", "trust_breaches", "trusted_service_accounts"]

_ACTION: Final = Patterns(frozenset({"sts:assumerolewithwebidentity"}))
_PROVIDER: Final = ":oidc-provider/"
_SUBJECT: Final = "system:serviceaccount:"
# Source: https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html
_ISSUERS_OF_EKS: Final = "oidc.eks."
_EQUALS: Final = frozenset({"StringEquals", "ForAnyValue:StringEquals"})
_LIKE: Final = frozenset({"StringLike", "ForAnyValue:StringLike"})


@dataclass(frozen=True, kw_only=True, slots=True)
class WebIdentityTrust:
    """Tokens that a role trusts.

    Attributes:
        issuer: Who issues them; empty for anyone.
        subjects: Whom they are for, patterns or plain; empty for anyone.
        plain: Each of *subjects* is one subject.
        audiences: Likewise for their audience; empty for any.
    """

    issuer: str
    subjects: tuple[str, ...]
    plain: bool
    audiences: tuple[str, ...]

    @property
    def of_service_accounts(self) -> bool:
        """Tell whether these are, or may be, tokens of service accounts."""
        named = any(one.startswith(_SUBJECT) for one in self.subjects)
        return named or self.issuer.startswith(_ISSUERS_OF_EKS)

    @property
    def service_accounts(self) -> tuple[str, ...]:
        """Give `<namespace>/<name>` of the service accounts, either a pattern."""
        return tuple(_service_account(one) for one in self.subjects or ("*",))


def trusted_service_accounts(trust_policy: object) -> tuple[str, ...]:
    """List the service accounts that may have a role, by whichever way.

    Args:
        trust_policy: The trust policy, as JSON or JSON values.

    Returns:
        `<namespace>/<name>`, either a pattern, each once; empty if it trusts none.

    Raises:
        PolicyDocumentError: It is no policy, or says something not known here.
    """
    allowed = _allowed(trust_policy)
    named = [
        account
        for one in _web_identity_trusts(allowed)
        if one.of_service_accounts
        for account in one.service_accounts
    ]
    for pods in _pod_identity_trusts(allowed):
        spaces = pods.patterns("namespace") or ("*",)
        names = pods.patterns("service account") or ("*",)
        named += [f"{space}/{name}" for space in spaces for name in names]
    return tuple(dict.fromkeys(named))


def trust_breaches(rules: HouseRules, facts: RoleFacts) -> Iterator[Breach]:
    """Find patterns of service accounts, and audiences, that the house does not take.

    Raises:
        PolicyDocumentError: The trust policy is none, or says something not known here.
    """
    asks = bool(rules.audiences) or not rules.wildcard_subjects
    if not asks or not isinstance(facts.trust_policy, str):
        return
    allowed = _allowed(facts.trust_policy)
    for trust in _web_identity_trusts(allowed):
        if trust.of_service_accounts:
            yield from _subject_breaches(rules, trust)
            yield from _audience_breaches(rules, trust)
    if not rules.wildcard_subjects:
        open_to = [*map(_open_to, _pod_identity_trusts(allowed))]
        yield from map(_pod_identity_breach, dict.fromkeys(filter(None, open_to)))


def _allowed(trust_policy: object) -> list[Grant]:
    found = sorted(read_policy(trust_policy), key=lambda grant: grant.sort_key)
    return [grant for grant in found if grant.effect == "Allow"]


def _web_identity_trusts(grants: list[Grant]) -> tuple[WebIdentityTrust, ...]:
    """List the tokens of identity providers that a role trusts."""
    return tuple(
        _trust(grant, provider)
        for grant in grants
        if not grant.action.is_disjoint_from(_ACTION)
        for provider in sorted(grant.principal.texts)
        if _PROVIDER in provider or provider == ANYONE or grant.principal.inverted
    )


def _pod_identity_trusts(grants: list[Grant]) -> tuple[PodIdentityTrust, ...]:
    """List the pods of EKS Pod Identity that a role trusts."""
    return tuple(
        pod_identity_trust(grant.condition)
        for grant in grants
        if assumes(grant.action)
        and POD_IDENTITY in grant.principal.texts
        and not grant.principal.inverted
    )


def _open_to(trust: PodIdentityTrust) -> tuple[str, ...]:
    """Name what the tags of EKS Pod Identity leave open."""
    return tuple(part for part in PARTS if not trust.is_plain(part))


def _pod_identity_breach(open_to: tuple[str, ...]) -> Breach:
    return Breach(
        path=("disable_session_tags",),
        code="E-RULE-SUBJECT",
        found="the role trusts associations of EKS Pod Identity whose "
        f"{' and '.join(open_to)} nothing names in full",
        rule=("wildcardSubjects",),
        demand="is false",
        remedy="let the trust policy name them by the session tags",
    )


def _subject_breaches(rules: HouseRules, trust: WebIdentityTrust) -> Iterator[Breach]:
    if rules.wildcard_subjects or (trust.subjects and trust.plain):
        return
    found = (
        f"the role trusts {listed(trust.subjects, last='and')}"
        if trust.subjects
        else f"the role trusts every service account of {trust.issuer or 'anyone'}"
    )
    yield Breach(
        path=("subject_pattern",),
        code="E-RULE-SUBJECT",
        found=found,
        rule=("wildcardSubjects",),
        demand="is false",
        remedy="name each service account in full",
    )


def _audience_breaches(rules: HouseRules, trust: WebIdentityTrust) -> Iterator[Breach]:
    if not rules.audiences:
        return
    for audience in trust.audiences or ("",):
        if audience and matches(rules.audiences, audience, is_pattern=True):
            continue
        found = f"tokens for {audience!r}" if audience else "tokens for any audience"
        yield Breach(
            path=("audience",),
            code="E-RULE-AUDIENCE",
            found=f"roles trust {found}",
            rule=("audiences",),
            demand=f"takes {listed(rules.audiences)}",
            remedy="let roles trust such an audience",
        )


def _trust(grant: Grant, provider: str) -> WebIdentityTrust:
    subjects, plain = _values(grant, ":sub")
    audiences, _ = _values(grant, ":aud")
    issuer = provider.partition(_PROVIDER)[2]
    return WebIdentityTrust(
        issuer=issuer, subjects=subjects, plain=plain, audiences=audiences
    )


def _values(grant: Grant, claim: str) -> tuple[tuple[str, ...], bool]:
    """Return what a claim is held to, and whether that is plain text.

    Of several demands on it a plain one says most, for all of them must be met.
    """
    held = [
        (clause.values, _is_plain(clause))
        for clause in grant.condition.clauses
        if clause.key.endswith(claim) and clause.operator in _EQUALS | _LIKE
    ]
    return max(held, key=lambda one: one[1], default=((), False))


def _is_plain(clause: Clause) -> bool:
    """Tell whether each value is one subject; a variable may be any, its own too."""
    if any(map(variables, clause.values)):
        return False
    return clause.operator in _EQUALS or not any(map(has_wildcard, clause.values))


def _service_account(subject: str) -> str:
    """Write a subject as `<namespace>/<name>`; one that tells neither as any."""
    namespace, _, name = subject.removeprefix(_SUBJECT).partition(":")
    if not subject.startswith(_SUBJECT) or not name:
        return "*/*"
    return f"{namespace}/{name}"
