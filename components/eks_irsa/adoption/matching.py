"""Which role is an entry's: by whom it trusts, and what else points at it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from eks_irsa.adoption.trust import subjects_of
from eks_irsa.documents.patterns import has_wildcard, matches
from eks_irsa.documents.tags import OWN_TAG_PREFIX
from eks_irsa.documents.webhook import ROLE_ARN_ANNOTATION
from eks_irsa.identity.model import Identity
from eks_irsa.live.account import LiveAccount
from eks_irsa.live.model import LiveRole, LiveStack, Unread, known
from eks_irsa.live.stacks import tagged_entry
from eks_irsa.plan.provider_ownership import STACK_TAG

__all__ = ["Match", "Matcher", "as_it_is"]

_WHOSE: Final = ("namespace", "service-account")


@dataclass(frozen=True, kw_only=True, slots=True)
class Match:
    """The role of an entry.

    Attributes:
        role: The role; None if it has none, or it cannot be told.
        fault: Why it cannot be told, with a remedy; empty otherwise.
        note: What is odd about what points at it; empty for nothing.
    """

    role: LiveRole | None = None
    fault: str = ""
    note: str = ""


class Matcher:
    """Finds the roles of entries in one AWS account."""

    def __init__(
        self,
        account: LiveAccount,
        *,
        stacks: Mapping[str, Sequence[LiveStack]],
        owner: str | None = None,
        unknown: Mapping[str, str] | None = None,
    ) -> None:
        """Read once whom each role trusts.

        Args:
            account: What there is.
            stacks: `<namespace>/<name>` -> eksctl's stacks.
            owner: `<project>/<stack>` that takes in, whose own roles come first.
                Default: not known.
            unknown: ARN that stands in for the provider of a further cluster -> of
                which cluster the issuer is not known, and why. Default: all are.
        """
        self._account = account
        self._unknown = unknown or {}
        self._stacks = stacks
        self._owner = owner
        self.roles: Mapping[str, LiveRole] = known(account.roles) or {}
        self._arns = frozenset(one.arn for one in self.roles.values())
        arn = account.provider_arn
        self._trusting: dict[str, list[LiveRole]] = {}
        for role in self.roles.values():
            if not arn or arn not in role.trust_policy:
                continue
            for one in subjects_of(role.trust_policy, provider_arn=arn):
                self._trusting.setdefault(one, []).append(role)

    def match(self, entry: Identity) -> Match:
        """Find the role of an entry that makes one; of another there is none.

        Args:
            entry: What is planned for it.
        """
        found = self._found(entry)
        trusted: Iterable[str] = entry.asked.get("trusted_provider_arns") or ()
        unknown = [self._unknown[arn] for arn in trusted if arn in self._unknown]
        # A role of the stack's own was made for these clusters.
        if found.fault or not found.role or self._is_owners(found.role) or not unknown:
            return found
        return Match(role=found.role, fault=_unknown_issuers(unknown))

    def _found(self, entry: Identity) -> Match:
        found = self._account.associations
        if entry.identity != "irsa" and isinstance(found, Unread):
            return Match(fault=_unread_association(found))
        if entry.role is None:
            return Match()
        exact = self._trusting.get(entry.subject, [])
        if entry.role.name_given and (one := self._named(entry.role.name)):
            return self._of_name(entry, one, exact)
        if entry.identity != "irsa" and (arn := self._associated(entry.key)):
            return self._of_association(arn)
        if not exact:
            return self._without_trust(entry)
        return self._of_trust(entry, exact)

    def _of_name(self, entry: Identity, role: LiveRole, exact: list[LiveRole]) -> Match:
        """Hold the role that file or settings name against whom it trusts."""
        for own in exact:
            if own != role and self._is_entrys(own, entry):
                return Match(fault=_has_another(entry, own, role))
        lets_in = [*exact, *self._wider(entry)]
        if entry.identity != "irsa" and role.arn == self._associated(entry.key):
            lets_in.append(role)
        if role in lets_in:
            return Match(role=role)
        return Match(fault=_trusts_another(role, entry))

    def _of_trust(self, entry: Identity, exact: list[LiveRole]) -> Match:
        """Tell which of the roles that trust an entry's subject alone is its role."""
        if len(own := [one for one in exact if self._is_owners(one)]) == 1:
            return Match(role=own[0])
        annotated = self._annotation(entry.key)
        if annotated and self._is_elsewhere(annotated, exact):
            return Match(fault=_points_elsewhere(entry, annotated, exact))
        for hint in (
            [one for one in exact if one.arn == annotated],
            [one for one in exact if self._is_of_stack(one, entry.key)],
            exact,
        ):
            if len(hint) == 1:
                odd = annotated not in {None, hint[0].arn}
                note = _odd_annotation(annotated, hint[0]) if odd else ""
                return Match(role=hint[0], note=note)
        return Match(fault=_ambiguous(entry, exact))

    def _is_owners(self, role: LiveRole) -> bool:
        tag = role.tags.get(STACK_TAG, "")
        return self._owner is not None and tag.endswith(f"/{self._owner}")

    def _is_entrys(self, role: LiveRole, entry: Identity) -> bool:
        """Tell whether the stack that takes in made a role, for an entry."""
        whose = [role.tags.get(f"{OWN_TAG_PREFIX}{one}") for one in _WHOSE]
        return self._is_owners(role) and whose == [entry.namespace, entry.name]

    def _is_elsewhere(self, annotated: str, exact: list[LiveRole]) -> bool:
        """Tell whether pods have another role that is there, or may be."""
        if annotated in {one.arn for one in exact}:
            return False
        own = self._account.provider_arn.partition(":oidc-provider/")[0]
        return annotated in self._arns or not annotated.startswith(f"{own}:")

    def _named(self, name: str) -> LiveRole | None:
        folded = name.lower()
        return next(
            (it for it in self.roles.values() if it.name.lower() == folded), None
        )

    def _annotation(self, key: str) -> str | None:
        found = (known(self._account.service_accounts) or {}).get(key)
        return found.annotations.get(ROLE_ARN_ANNOTATION) if found else None

    def _associated(self, key: str) -> str | None:
        found = known(self._account.associations) or ()
        return next((one.role_arn for one in found if one.key == key), None)

    def _of_association(self, arn: str) -> Match:
        role = next((one for one in self.roles.values() if one.arn == arn), None)
        if role:
            return Match(role=role)
        return Match(
            fault=f"its association has the role {arn}, which is not of this AWS "
            "account; name it in roleARN to use it as it is"
        )

    def _is_of_stack(self, role: LiveRole, key: str) -> bool:
        stacks = self._stacks.get(key, ())
        if any(role.arn in one.outputs.values() for one in stacks):
            return True
        return tagged_entry(role.tags) == key

    def _without_trust(self, entry: Identity) -> Match:
        wider = self._wider(entry)
        annotated = self._annotation(entry.key)
        pointed = [one for one in wider if one.arn == annotated]
        if len(pointed or wider) == 1:
            (role,) = pointed or wider
            return Match(role=role)
        if wider:
            return Match(fault=_ambiguous(entry, wider))
        if annotated:
            return Match(
                fault=f"the service account names the role {annotated}, which does not "
                f"trust it with tokens of this cluster; {as_it_is(entry, annotated)}; "
                "to have a role made, take the annotation off"
            )
        return Match()

    def _wider(self, entry: Identity) -> list[LiveRole]:
        """Find the roles that trust a pattern which the entry's subject matches."""
        found = {
            role.name: role
            for pattern, roles in self._trusting.items()
            if has_wildcard(pattern) and matches(pattern, entry.subject)
            for role in roles
        }
        return [*found.values()]


def as_it_is(entry: Identity, arn: str) -> str:
    """Say how an entry uses a role that is not taken in.

    Args:
        entry: What is planned for it.
        arn: ARN of the role.
    """
    key = "roleARN" if entry.identity == "podIdentity" else "attachRoleARN"
    return (
        f"to use the role as it is, replace the policies of the entry by {key}: {arn}, "
        "or name the entry in exclude"
    )


def _unread_association(unread: Unread) -> str:
    return (
        "which role its pods have was not read, for EKS Pod Identity associations were "
        f"not: {unread.reason}; give --associations or let the identity list and "
        "describe them"
    )


def _unknown_issuers(unknown: Iterable[str]) -> str:
    return (
        "whom the role trusts cannot be held against trustedClusters, for the issuer "
        f"of {'; of '.join(unknown)}; give its oidcProvider in place of its name"
    )


def _has_another(entry: Identity, own: LiveRole, role: LiveRole) -> str:
    return (
        f"the stack has made the role {own.name!r} for it, which would be deleted for "
        f"{role.name!r}; take roleName out of overrides of {entry.key!r}"
    )


def _trusts_another(role: LiveRole, entry: Identity) -> str:
    return (
        f"a role with the name {role.name!r} exists and does not trust "
        f"{entry.subject!r} with tokens of this cluster; give the entry another "
        f"roleName; {as_it_is(entry, role.arn)}"
    )


def _ambiguous(entry: Identity, roles: Iterable[LiveRole]) -> str:
    names = ", ".join(sorted(one.name for one in roles))
    return (
        f"several roles trust {entry.subject!r}: {names}; say which one it is, by "
        f"roleName in overrides of {entry.key!r}"
    )


def _points_elsewhere(
    entry: Identity, annotated: str, exact: Iterable[LiveRole]
) -> str:
    names = ", ".join(sorted(one.name for one in exact))
    return (
        f"the service account names the role {annotated}, and its token is trusted by "
        f"{names}; {as_it_is(entry, annotated)}; to have another, say by roleName in "
        f"overrides of {entry.key!r} which"
    )


def _odd_annotation(annotated: str | None, role: LiveRole) -> str:
    return (
        f"the service account names {annotated}, and {role.arn} is the one it can use"
    )
