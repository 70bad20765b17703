"""What a role may do in the end: denials and a boundary taken off."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from eks_irsa.documents.patterns import Patterns
from eks_irsa.documents.policy_statements import ANY_CONDITION, Grant

__all__ = ["Bounds", "allowed_by", "bounds_of"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Bounds:
    """What takes something off what policies allow.

    Attributes:
        denials: What is denied whatever the request.
        ceiling: What the boundary allows; None for no boundary, and for one whose
            content is not known.
    """

    denials: tuple[Grant, ...]
    ceiling: tuple[Grant, ...] | None


def bounds_of(
    grants: Iterable[Grant], *, boundary: frozenset[Grant] | None = None
) -> Bounds:
    """Gather what bounds a role.

    Args:
        grants: Of all its policies.
        boundary: Of its permissions boundary. Default: none, or of unknown content.
    """
    denials = [*_denials(grants), *_denials(boundary or ())]
    ceiling = None
    if boundary is not None:
        ceiling = tuple(one for one in boundary if one.effect == "Allow")
    return Bounds(denials=tuple(denials), ceiling=ceiling)


def allowed_by(
    grants: Iterable[Grant], actions: Sequence[str], bounds: Bounds
) -> list[tuple[str, int, Grant]]:
    """Tell which actions some grants allow, and by which of them.

    Args:
        grants: What a policy, or a part of it, says.
        actions: Patterns, whatever their case.
        bounds: What is taken off.

    Returns:
        The pattern, its index and the first grant that allows an action of it. What is
        certainly denied, or certainly outside the boundary, is left out; a condition
        is taken as met.
    """
    allowing = [grant for grant in grants if grant.effect == "Allow"]
    found: list[tuple[str, int, Grant]] = []
    for index, pattern in enumerate(actions):
        wanted = Patterns(frozenset({pattern.lower()}))
        by = [
            grant
            for grant in allowing
            if not grant.action.is_disjoint_from(wanted)
            and not _is_masked(grant, wanted, bounds)
        ]
        if by:
            first = min(by, key=lambda grant: grant.sort_key)
            found.append((pattern, index, first))
    return found


def _denials(grants: Iterable[Grant]) -> Iterator[Grant]:
    for grant in grants:
        if grant.effect == "Deny" and grant.condition == ANY_CONDITION:
            yield grant


def _is_masked(grant: Grant, wanted: Patterns, bounds: Bounds) -> bool:
    """Tell whether no request that a grant allows for *wanted* certainly passes."""
    for denial in bounds.denials:
        whole = denial.action.covers(wanted) or denial.action.covers(grant.action)
        if whole and denial.resource.covers(grant.resource):
            return True
    if bounds.ceiling is None:
        return False
    return all(
        one.action.is_disjoint_from(wanted)
        or one.action.is_disjoint_from(grant.action)
        or one.resource.is_disjoint_from(grant.resource)
        for one in bounds.ceiling
    )
