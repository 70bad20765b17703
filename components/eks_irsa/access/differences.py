"""What two sets of grants have in common, and what one allows that the other does not.

Only what is certain is called gained or lost; where two grants overlap in a way that
cannot be decided, both are named and nothing is claimed.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from eks_irsa.access.authority import Authority
from eks_irsa.documents.patterns import has_wildcard
from eks_irsa.documents.policy_statements import ANY_CONDITION, Grant

__all__ = ["Change", "Difference", "difference", "effective_difference"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """A grant that only one side has.

    Attributes:
        grant: What is gained or lost.
        instead_of: Grants of the other side that it holds within itself, sorted: what
            was widened to it, or what is left of it.
        only_condition: The other side has it, under another condition.
        because: What makes the difference. `statement`: an `Allow` that comes or goes.
            `denial`: a `Deny`, which is the grant then; where it goes, something is
            gained, and where it comes, lost. `boundary`: the boundary lets the grant
            through on one side alone.
    """

    grant: Grant
    instead_of: tuple[Grant, ...] = ()
    only_condition: bool = False
    because: Literal["statement", "denial", "boundary"] = "statement"


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """What changes between two sets of grants.

    Attributes:
        gained: Held by nothing before.
        lost: Held by nothing after.
        undecided_before: What was there before and cannot be compared with
            `undecided_after`; it is neither in `gained` nor in `lost`.
        undecided_after: The other side of that.
    """

    gained: tuple[Change, ...] = ()
    lost: tuple[Change, ...] = ()
    undecided_before: tuple[Grant, ...] = ()
    undecided_after: tuple[Grant, ...] = ()

    def __bool__(self) -> bool:
        """Tell whether there is any."""
        return bool(
            self.gained or self.lost or self.undecided_before or self.undecided_after
        )


def effective_difference(before: Authority, after: Authority) -> Difference:
    """Compare what two sides let through in the end.

    Args:
        before: What holds now.
        after: What is to hold.

    Returns:
        What requests gain and lose; what a denial or a boundary masks on both sides is
        neither.
    """
    return difference(before.grants, after.grants)


def difference(before: Iterable[Grant], after: Iterable[Grant]) -> Difference:
    """Compare two sets of grants by what they mean, not by how they are written.

    Args:
        before: What holds now.
        after: What is to hold.

    Returns:
        The difference, sorted; a grant that a wider one of its own side holds is not
        told twice. Empty if each side holds the other.
    """
    one_side, other_side = frozenset(before), frozenset(after)
    if one_side == other_side:
        return Difference()
    old, new = _Held(one_side), _Held(other_side)
    gained = _without_held([grant for grant in new.grants if not old.holds(grant)])
    lost = _without_held([grant for grant in old.grants if not new.holds(grant)])
    unclear_after = {
        one for one in gained if any(_is_undecided(one, other) for other in lost)
    }
    unclear_before = {
        one for one in lost if any(_is_undecided(one, other) for other in gained)
    }
    return Difference(
        gained=_changes((one for one in gained if one not in unclear_after), old),
        lost=_changes((one for one in lost if one not in unclear_before), new),
        undecided_before=_sorted(unclear_before),
        undecided_after=_sorted(unclear_after),
    )


class _Held:
    """A set of grants, found by action: most actions are plain, and then one look."""

    def __init__(self, grants: frozenset[Grant]) -> None:
        self.grants = grants
        self._unconditional = {
            replace(grant, condition=ANY_CONDITION) for grant in self.grants
        }
        self._plain: dict[str, list[Grant]] = {}
        self._wide: list[Grant] = []
        for grant in self.grants:
            text = _plain_action(grant)
            if text is None:
                self._wide.append(grant)
            else:
                self._plain.setdefault(text, []).append(grant)

    def holds(self, grant: Grant) -> bool:
        return grant in self.grants or any(self.wider(grant))

    def wider(self, grant: Grant) -> Iterator[Grant]:
        """Give what holds *grant*, itself left out."""
        for one in (*self._plain.get(_plain_action(grant) or "", ()), *self._wide):
            if one is not grant and one.covers(grant):
                yield one

    def has_under_condition(self, grant: Grant) -> bool:
        """Tell whether it has *grant*, whatever the condition."""
        return replace(grant, condition=ANY_CONDITION) in self._unconditional

    def within(self, grant: Grant) -> tuple[Grant, ...]:
        """Return what of this set *grant* holds."""
        text = _plain_action(grant)
        near = self.grants if text is None else self._plain.get(text, ())
        return _sorted(one for one in near if grant.covers(one))


def _plain_action(grant: Grant) -> str | None:
    """Return the one action a grant is about; None if it may be about several."""
    if grant.action.inverted or any(map(has_wildcard, grant.action.texts)):
        return None
    (text,) = grant.action.texts
    return text


def _without_held(grants: list[Grant]) -> list[Grant]:
    """Leave out what another holds; of two that hold each other the first stays."""
    held = _Held(frozenset(grants))
    kept: dict[Grant, None] = {}
    for grant in _sorted(grants):
        if all(grant.covers(one) and one not in kept for one in held.wider(grant)):
            kept[grant] = None
    return list(kept)


def _is_undecided(one: Grant, other: Grant) -> bool:
    """Tell whether two grants that do not hold each other overlap nobody knows how."""
    if one.effect != other.effect or one.condition.is_disjoint_from(other.condition):
        return False
    if one.inverted or other.inverted:
        return not (
            one.action.is_disjoint_from(other.action)
            or one.resource.is_disjoint_from(other.resource)
            or one.principal.is_disjoint_from(other.principal)
        )
    return (
        one.action == other.action
        and one.resource == other.resource
        and one.principal == other.principal
    )


def _changes(grants: Iterable[Grant], other: _Held) -> tuple[Change, ...]:
    return tuple(
        Change(
            grant=grant,
            instead_of=other.within(grant),
            only_condition=other.has_under_condition(grant),
        )
        for grant in grants
    )


def _sorted(grants: Iterable[Grant]) -> tuple[Grant, ...]:
    return tuple(sorted(grants, key=lambda grant: grant.sort_key))
