"""What two sides let through, and what one lets through that the other does not.

Only what is certain is called gained or lost: a request was found that shows it. What
is not named is certain too: that there is no such request was proved. What has neither
is undecided.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from eks_irsa.access.authority import Authority
from eks_irsa.access.blocks import Blocks
from eks_irsa.access.gains import Gain, Gains, Side, gains
from eks_irsa.access.requests import Request
from eks_irsa.access.search import Search
from eks_irsa.documents.policy_statements import Grant

__all__ = ["Change", "Difference", "difference", "effective_difference"]

Because = Literal["statement", "denial", "boundary", "session"]


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
            gained, and where it comes, lost. `boundary`, `session`: the boundary, or
            the session policy, lets the grant through on one side alone.
        part_of: The role's own `Allow`, where the bounds leave but `grant` of it;
            None if `grant` is one of the policies' own.
        example: A request that one side alone lets through, stand-ins for the values
            of variables in it; always there in what `effective_difference` returns.
    """

    grant: Grant
    instead_of: tuple[Grant, ...] = ()
    only_condition: bool = False
    because: Because = "statement"
    part_of: Grant | None = None
    example: Request | None = field(default=None, compare=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """What changes between two sides, each part sorted.

    Attributes:
        gained: More access, whatever makes the difference.
        lost: Less access, likewise.
        undecided_before: What was there before, and may be lost if it is an `Allow`, or
            gained if it is a `Deny`; it is neither in `gained` nor in `lost`.
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
        neither. A grant that a wider one of its own side holds is not told twice.
        Empty if both let the same through.
    """
    if before == after:
        return Difference()
    old, new = Side(before), Side(after)
    search = Search()
    more, less = gains(old, new, search), gains(new, old, search)
    return Difference(
        gained=tuple(_changes(more, old, new)),
        lost=tuple(_changes(less, new, old)),
        undecided_before=_undecided(less, more),
        undecided_after=_undecided(more, less),
    )


def difference(before: Iterable[Grant], after: Iterable[Grant]) -> Difference:
    """Compare two sets of grants one by one: a `Deny` that comes is gained here.

    Args:
        before: What holds now.
        after: What is to hold.

    Returns:
        The difference, sorted; a grant that a wider one of its own side holds is not
        told twice. Empty if each side holds the other.
    """
    one_side, other_side = frozenset(before), frozenset(after)
    allowed = effective_difference(
        Authority(_of_effect("Allow", one_side)),
        Authority(_of_effect("Allow", other_side)),
    )
    denied = effective_difference(
        Authority(_turned("Allow", _of_effect("Deny", one_side))),
        Authority(_turned("Allow", _of_effect("Deny", other_side))),
    )
    return Difference(
        gained=(*allowed.gained, *map(_denial, denied.gained)),
        lost=(*allowed.lost, *map(_denial, denied.lost)),
        undecided_before=(
            *allowed.undecided_before,
            *_sorted(_turned("Deny", denied.undecided_before)),
        ),
        undecided_after=(
            *allowed.undecided_after,
            *_sorted(_turned("Deny", denied.undecided_after)),
        ),
    )


def _of_effect(effect: str, grants: Iterable[Grant]) -> frozenset[Grant]:
    return frozenset(one for one in grants if one.effect == effect)


def _turned(
    effect: Literal["Allow", "Deny"], grants: Iterable[Grant]
) -> frozenset[Grant]:
    return frozenset(replace(one, effect=effect) for one in grants)


def _denial(change: Change) -> Change:
    return replace(
        change,
        grant=replace(change.grant, effect="Deny"),
        instead_of=tuple(replace(one, effect="Deny") for one in change.instead_of),
    )


def _changes(found: Gains, other: Side, own: Side) -> list[Change]:
    """Word what is gained: own side gains it, or the other loses a denial."""
    allowed = _without_held(found.allowed)
    told = Blocks(allowed)
    bounded = _without_held(one for one in found.bounded if not any(told.holders(one)))
    return [
        *(_change(one, "statement", other.policies, found.allowed) for one in allowed),
        *(
            _change(one, "denial", own.policies, found.denied)
            for one in _without_held(found.denied)
        ),
        *_bounded_changes(bounded, other, found.bounded),
    ]


def _bounded_changes(
    grants: Iterable[Grant], other: Side, found: Mapping[Grant, Gain]
) -> Iterator[Change]:
    for grant in grants:
        bound = found[grant].bound or "boundary"
        old = other.bound(bound)
        yield _change(grant, bound, Blocks(()) if old is None else old, found)


def _change(
    grant: Grant, because: Because, other: Blocks, found: Mapping[Grant, Gain]
) -> Change:
    gain = found[grant]
    return Change(
        grant=grant,
        instead_of=_sorted(one for one in other.within(grant) if one != grant),
        only_condition=other.has_under_condition(grant),
        because=because,
        part_of=None if gain.part_of == grant else gain.part_of,
        example=gain.example,
    )


def _without_held(grants: Iterable[Grant]) -> tuple[Grant, ...]:
    """Leave out what another holds; of two that hold each other the first stays."""
    several = _sorted(grants)
    held = Blocks(several)
    kept: dict[Grant, None] = {}
    for grant in several:
        if all(
            grant.covers(one) and one not in kept
            for one in held.holders(grant)
            if one != grant
        ):
            kept[grant] = None
    return tuple(kept)


def _undecided(own: Gains, others: Gains) -> tuple[Grant, ...]:
    """Return what of a side is undecided: what may come with it, or be denied by it."""
    return _sorted({*own.undecided_allowed, *others.undecided_denied})


def _sorted(grants: Iterable[Grant]) -> tuple[Grant, ...]:
    return tuple(sorted(grants, key=lambda grant: grant.sort_key))
