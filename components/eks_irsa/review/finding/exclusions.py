"""What takes policies away from roles by naming all that are to be there.

Only what is written in a run takes away in it: IAM itself knows no such lists.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from eks_irsa.documents.resource_types import (
    EXCLUSIVE_INLINE,
    OF_ROLES,
    POLICY_ATTACHMENT,
    ROLES,
)
from eks_irsa.review.finding.attachments import Attachments
from eks_irsa.review.finding.roles import Roles
from eks_irsa.review.finding.values import items, pairs
from eks_irsa.review.preview import Held, Resource, Unknown

__all__ = ["Exclusions"]

_OF_INLINE: Final = "inline "
_OF_MANAGED: Final = "managed "


class Exclusions:
    """The lists that allow no other policy on a role, or no other role for a policy.

    Args:
        roles: Every role of the preview.
        attachments: The reader of what gives roles policies.
    """

    def __init__(self, roles: Roles, attachments: Attachments) -> None:
        """Hold both; nothing was read yet."""
        self._roles = roles
        self._attachments = attachments
        self._allowed: dict[str, list[tuple[Held, str, frozenset[str]]]] = {}
        self._only: dict[str, list[tuple[Held, frozenset[str]]]] = {}
        self._doubts: list[tuple[str | None, Held, str]] = []

    def sources(self, key: str, slots: Iterable[str]) -> list[Resource]:
        """Return all resources that may take one of some policies from a role."""
        found = [held.resource for held, _, _ in self._allowed.get(key, ())]
        for slot in slots:
            found += [held.resource for held, _ in self._only.get(slot, ())]
        return found

    def take_away(self, key: str, slot: str, *, by_others_than: Held) -> bool:
        """Tell whether a policy that a resource gave is taken away by another.

        Args:
            key: Of the role.
            slot: Of the policy.
            by_others_than: What gave it.
        """
        urn = by_others_than.resource.urn
        if any(
            slot.startswith(kind) and slot not in slots and held.resource.urn != urn
            for held, kind, slots in self._allowed.get(key, ())
        ):
            return True
        return any(
            key not in keys and held.resource.urn != urn
            for held, keys in self._only.get(slot, ())
        )

    def doubts(self, key: str, slot: str) -> list[Held]:
        """Return what may take a policy from a role, which nothing tells.

        Args:
            key: Of the role.
            slot: Of the policy.
        """
        return [
            held
            for role, held, kind in self._doubts
            if role in (None, key) and slot.startswith(kind)
        ]

    def read(self, resource: Resource) -> None:
        """Note what a resource that is written takes away; nothing for most."""
        if resource.type not in ROLES and resource.type not in OF_ROLES:
            return
        held = resource.held("after")
        if held is None or not held.planned:
            return
        names = OF_ROLES.get(resource.type)
        if names is None:
            self._read_own_lists(held)
        elif resource.type == POLICY_ATTACHMENT:
            targets = self._attachments.targets(held, names.role, "after")
            keys = frozenset(key for target in targets for key in target.keys)
            slot = self._attachments.policy(held, names.policy, "after").slot
            if slot.startswith("managed ?"):
                self._doubts.append((None, held, _OF_MANAGED))
            elif not any(target.reason for target in targets):
                self._only.setdefault(slot, []).append((held, keys))
        else:
            given = held.get(names.role)
            target = self._roles.named(given, held, names.role, "after")
            if target.reason:
                inline = resource.type == EXCLUSIVE_INLINE
                kind = _OF_INLINE if inline else _OF_MANAGED
                self._doubts.append((None, held, kind))
                return
            for key in target.keys:
                self._allow(key, held, names.policy, resource.type)

    def _read_own_lists(self, held: Held) -> None:
        resource, names = held.resource, ROLES[held.resource.type]
        before = pairs(resource.before.inputs if resource.before else None)
        for prop in ("managedPolicyArns", names.inline):
            given = held.state.inputs.get(prop)
            written = resource.operation in {"create", "replace"}
            if given is None or not names.exclusive:
                continue
            if written or before.get(prop) != given or prop in resource.changed:
                self._allow(resource.urn, held, prop, resource.type)

    def _allow(self, key: str, held: Held, prop: str, token: str) -> None:
        if token == EXCLUSIVE_INLINE or prop == "inlinePolicies":
            kind, slots = _OF_INLINE, _inline_slots(held, prop)
        else:
            kind = _OF_MANAGED
            slots = self._attachments.allowed(held, prop, "after")
        if slots is None:
            self._doubts.append((key, held, kind))
        else:
            self._allowed.setdefault(key, []).append((held, kind, slots))


def _inline_slots(held: Held, key: str) -> frozenset[str] | None:
    """Return the slots that a list of inline policies, or of their names, allows."""
    names = ROLES.get(held.resource.type)
    slots: set[str] = set()
    for one in items(held.get(key)):
        name = one.get(names.inline_name) if names and isinstance(one, Mapping) else one  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType] - JSON
        if isinstance(one, Unknown) or isinstance(name, Unknown):
            return None
        slots.add(f"{_OF_INLINE}{name}")
    return frozenset(slots)
