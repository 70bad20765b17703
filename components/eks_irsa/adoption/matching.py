"""Which role is an entry's: by whom it trusts, and what else points at it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from eks_irsa.adoption.trust import subjects_of
from eks_irsa.documents.patterns import has_wildcard, matches
from eks_irsa.documents.webhook import ROLE_ARN_ANNOTATION
from eks_irsa.identity.model import Identity
from eks_irsa.live.account import LiveAccount
from eks_irsa.live.model import LiveRole, LiveStack, known
from eks_irsa.live.stacks import SERVICE_ACCOUNT_TAG

__all__ = ["Match", "Matcher"]


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
        self, account: LiveAccount, *, stacks: Mapping[str, LiveStack]
    ) -> None:
        """Read once whom each role trusts.

        Args:
            account: What there is.
            stacks: `<namespace>/<name>` -> eksctl's stack.
        """
        self._account = account
        self._stacks = stacks
        self.roles: Mapping[str, LiveRole] = known(account.roles) or {}
        arn = account.provider_arn
        self._trusting: dict[str, list[LiveRole]] = {}
        for role in self.roles.values():
            if not arn or arn not in role.trust_policy:
                continue
            for one in subjects_of(role.trust_policy, provider_arn=arn):
                self._trusting.setdefault(one, []).append(role)

    def match(self, entry: Identity) -> Match:
        """Find the role of an entry that makes one.

        Args:
            entry: What is planned for it.
        """
        exact = self._trusting.get(entry.subject, [])
        if (role := entry.role) and role.name_given and (one := self._named(role.name)):
            by_association = one.arn == self._associated(entry.key)
            return (
                Match(role=one)
                if one in exact or by_association
                else Match(fault=_trusts_another(one, entry))
            )
        if arn := self._associated(entry.key):
            return self._of_association(arn)
        if not exact:
            return self._without_trust(entry)
        annotated = self._annotation(entry.key)
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
        stack = self._stacks.get(key)
        if stack and role.arn in stack.outputs.values():
            return True
        return role.tags.get(SERVICE_ACCOUNT_TAG) == key

    def _without_trust(self, entry: Identity) -> Match:
        wider = {
            role.name: role
            for pattern, roles in self._trusting.items()
            if has_wildcard(pattern) and matches(pattern, entry.subject)
            for role in roles
        }
        annotated = self._annotation(entry.key)
        pointed = [one for one in wider.values() if one.arn == annotated]
        if len(pointed or wider) == 1:
            (role,) = pointed or wider.values()
            return Match(role=role)
        if wider:
            return Match(fault=_ambiguous(entry, wider.values()))
        if annotated:
            return Match(
                fault=f"the service account names the role {annotated}, which does not "
                "trust it with tokens of this cluster; write attachRoleARN to keep the "
                "annotation, or take the annotation off to have a role made"
            )
        return Match()


def _trusts_another(role: LiveRole, entry: Identity) -> str:
    return (
        f"a role with the name {role.name!r} exists and does not trust "
        f"{entry.subject!r} with tokens of this cluster; give the entry another "
        "roleName, or write attachRoleARN to use the role as it is"
    )


def _ambiguous(entry: Identity, roles: Iterable[LiveRole]) -> str:
    names = ", ".join(sorted(one.name for one in roles))
    return (
        f"several roles trust {entry.subject!r}: {names}; say which one it is, by "
        f"roleName in overrides of {entry.key!r}"
    )


def _odd_annotation(annotated: str | None, role: LiveRole) -> str:
    return (
        f"the service account names {annotated}, and {role.arn} is the one it can use"
    )
