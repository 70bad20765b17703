"""Changes that are no permissions: tags, labels, annotations, the longest session."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, cast

from eks_irsa.documents.webhook import ROLE_ARN_ANNOTATION
from eks_irsa.review.finding.associations import Association
from eks_irsa.review.finding.claims import Claim
from eks_irsa.review.finding.roles import Role
from eks_irsa.review.finding.values import items, pairs, shown, text
from eks_irsa.review.model import OtherChange, Sides
from eks_irsa.review.preview import Held

__all__ = [
    "changes_of_association",
    "changes_of_role",
    "changes_of_service_account",
]

_PROPERTIES: Final = (
    ("maxSessionDuration", "longest session in seconds"),
    ("description", "description of the role"),
)


def changes_of_role(role: Role) -> Iterator[OtherChange]:
    """Give what changes of a role that is there on both sides."""
    if role.before is None or role.after is None:
        return
    for key, what in _PROPERTIES:
        before, after = role.before.get(key), role.after.get(key)
        if before != after and not (before in (None, "") and after is None):
            sides = Sides(before=shown(before), after=shown(after))
            yield OtherChange(what=what, sides=sides)
    yield from _map_changes("tag", _tags(role.before), _tags(role.after))


def changes_of_service_account(
    before: Claim | None, after: Claim | None
) -> Iterator[OtherChange]:
    """Give what changes of a service account that is there on both sides.

    The engine shows what other tools put on one that is imported as removed, and it
    stays: a server-side apply takes off only what its own manager had put on.
    """
    if before is None or after is None:
        return
    imported = after.held.resource.imported
    for what, old, new in (
        ("label", before.labels, after.labels),
        ("annotation", before.annotations, after.annotations),
    ):
        for change in _map_changes(what, old, new):
            is_role = change.what == f"annotation {ROLE_ARN_ANNOTATION}"
            is_others = imported and change.what.partition(" ")[2] not in new
            if not is_role and not is_others:
                yield change


def changes_of_association(
    before: Sequence[Claim], after: Sequence[Claim]
) -> Iterator[OtherChange]:
    """Give what changes of an association but for its role.

    Args:
        before: The associations of a service account before; one, as EKS has it.
        after: Those afterwards.
    """
    old, new = (one[0].association if one else None for one in (before, after))
    for what, was, will in (
        ("session tags of the association", _session_tags(old), _session_tags(new)),
        ("session policy", _session_policy(old), _session_policy(new)),
    ):
        if was[0] != will[0]:
            sides = Sides(before=was[1], after=will[1])
            yield OtherChange(what=what, sides=sides)


def _session_tags(one: Association | None) -> tuple[object, str]:
    disabled = one is not None and one.without_tags
    return disabled, "disabled" if disabled else "sent"


def _session_policy(one: Association | None) -> tuple[object, str]:
    """Return what a session policy means, and how it is written."""
    if one is None or one.policy is None:
        return None, ""
    return one.policy.identity or one.policy.content, shown(one.policy_text)


def _tags(held: Held) -> Mapping[str, object]:
    """Return tags, a map in one provider and a list of keys and values in another."""
    given = held.get("tags")
    if isinstance(given, Mapping):
        return pairs(cast("object", given))
    tags: dict[str, object] = {}
    for one in items(given):
        key = text(pairs(one).get("key"))
        if isinstance(key, str):
            tags[key] = pairs(one).get("value")
    return tags


def _map_changes(
    what: str, before: Mapping[str, object], after: Mapping[str, object]
) -> Iterator[OtherChange]:
    for key in sorted(before.keys() | after.keys()):
        if before.get(key) != after.get(key):
            sides = Sides(before=shown(before.get(key)), after=shown(after.get(key)))
            yield OtherChange(what=f"{what} {key}", sides=sides)
