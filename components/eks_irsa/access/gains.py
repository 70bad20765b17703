"""What one side lets through that another does not, and what makes the difference.

A request is gained because an `Allow` comes, because a `Deny` goes, or because the
boundary or the session policy lets it through; each of these is asked by itself, and
every request that is gained has an answer at one of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, product
from typing import Final, Literal

from eks_irsa.access.authority import Authority
from eks_irsa.access.blocks import Blocks, blocks
from eks_irsa.access.requests import Request
from eks_irsa.access.search import Search
from eks_irsa.access.verdicts import first
from eks_irsa.documents.policy_statements import Grant

__all__ = ["Bound", "Gain", "Gains", "Side", "gains"]

Bound = Literal["boundary", "session"]
_BOUNDS: Final[tuple[Bound, Bound]] = ("boundary", "session")


@dataclass(frozen=True, slots=True)
class Gain:
    """One thing that is gained.

    Attributes:
        part_of: The policies' own grant that it is, or that it is a part of.
        example: A request that one side alone lets through.
        bound: What lets it through now, if it is that: `boundary` or `session`.
    """

    part_of: Grant
    example: Request
    bound: Bound | None = None


@dataclass(slots=True)
class Gains:
    """What one side gains.

    Attributes:
        allowed: Each `Allow` that comes, or what the bounds leave of it.
        denied: Each `Deny` of the other side that goes.
        bounded: Each `Allow` that the boundary or the session policy lets through now,
            or what it leaves of it.
        undecided_allowed: Of all these, where it was not found out.
        undecided_denied: The same of a `Deny` of the other side.
    """

    allowed: dict[Grant, Gain] = field(default_factory=dict[Grant, Gain])
    denied: dict[Grant, Gain] = field(default_factory=dict[Grant, Gain])
    bounded: dict[Grant, Gain] = field(default_factory=dict[Grant, Gain])
    undecided_allowed: set[Grant] = field(default_factory=set[Grant])
    undecided_denied: set[Grant] = field(default_factory=set[Grant])


class Side:
    """One side, put together.

    Args:
        authority: Its grants and boundary.
    """

    def __init__(self, authority: Authority) -> None:
        """Put the grants together."""
        self.policies = Blocks(authority.grants)
        given = {"boundary": authority.boundary, "session": authority.session}
        self._bounds = {
            one: Blocks(grants) for one, grants in given.items() if grants is not None
        }

    def bound(self, name: Bound) -> Blocks | None:
        """Return boundary or session policy; None for none."""
        return self._bounds.get(name)

    @property
    def bounds(self) -> list[tuple[Grant, ...]]:
        """Return what must be met besides, in alternatives."""
        return [*product(*(one.allows for one in self._bounds.values()))]

    @property
    def denies(self) -> tuple[Grant, ...]:
        """Return what must not be met."""
        bounds = (one.denies for one in self._bounds.values())
        return (*self.policies.denies, *chain.from_iterable(bounds))

    def narrowing(self, grant: Grant) -> list[Blocks]:
        """Return boundary and session policy, as far as they do not hold a grant."""
        return [one for one in self._bounds.values() if not any(one.holders(grant))]


def gains(before: Side, after: Side, search: Search) -> Gains:
    """Find what *after* lets through and *before* does not.

    Args:
        before: One side.
        after: The other.
        search: Finds requests.
    """
    found = Gains()
    _by_statements(before, after, search, found)
    _by_denials(before, after, search, found)
    for name in _BOUNDS:
        _by_bound(name, before, after, search, found)
    return found


def _by_statements(before: Side, after: Side, search: Search, found: Gains) -> None:
    forbidden = (*before.policies.allows, *after.denies)
    for grant in after.policies.grants:
        if grant.effect != "Allow" or grant in before.policies.grants:
            continue
        verdict = first(
            search.find((grant, *bound), forbidden) for bound in after.bounds
        )
        if verdict is None:
            found.undecided_allowed.add(grant)
        elif verdict:
            gain = Gain(grant, verdict)
            found.allowed |= _narrowed(gain, after, forbidden, search)


def _by_denials(before: Side, after: Side, search: Search, found: Gains) -> None:
    for denial in before.policies.grants:
        if denial.effect != "Deny" or denial in after.policies.grants:
            continue
        verdict = first(
            search.find((denial, allow, *bound), after.denies)
            for allow in after.policies.allows
            for bound in after.bounds
        )
        if verdict is None:
            found.undecided_denied.add(denial)
        elif verdict:
            found.denied[denial] = Gain(denial, verdict)


def _by_bound(
    name: Bound, before: Side, after: Side, search: Search, found: Gains
) -> None:
    old, new = before.bound(name), after.bound(name)
    if old is None or (new is not None and new.grants == old.grants):
        return
    told = {one.part_of for one in found.allowed.values()} | found.undecided_allowed
    forbidden = (*old.allows, *after.denies)
    denials = [one for one in old.grants if one.effect == "Deny"]
    for grant in after.policies.grants:
        if grant.effect != "Allow" or grant in told:
            continue
        verdict = first(
            search.find((grant, *bound), forbidden) for bound in after.bounds
        )
        if verdict:
            gain = Gain(grant, verdict, name)
            found.bounded |= _narrowed(gain, after, forbidden, search)
        elif verdict is None or not _by_its_denials(
            grant, denials, after, search, found, name=name
        ):
            found.undecided_allowed.add(grant)


def _by_its_denials(  # noqa: PLR0913 - what a search needs
    grant: Grant,
    denials: list[Grant],
    after: Side,
    search: Search,
    found: Gains,
    *,
    name: Bound,
) -> bool:
    """Find what denials of a bound took of a grant; False if that is not clear."""
    clear = True
    for denial in denials:
        verdict = first(
            search.find((grant, denial, *bound), after.denies) for bound in after.bounds
        )
        if verdict:
            allowed = replace(denial, effect="Allow")
            narrow = allowed if grant.covers(allowed) else grant
            found.bounded[narrow] = Gain(grant, verdict, name)
        clear = clear and verdict is not None
    return clear


def _narrowed(
    gain: Gain, side: Side, forbidden: Sequence[Grant], search: Search
) -> dict[Grant, Gain]:
    """Return what the bounds leave of a grant, shorter where that can be said."""
    grant, narrowing = gain.part_of, side.narrowing(gain.part_of)
    if len(narrowing) != 1:
        return {grant: gain}
    parts: dict[Grant, Gain] = {}
    for one in narrowing[0].within(grant):
        example = search.find((grant, one), forbidden)
        if example:
            parts[one] = replace(gain, example=example)
    rest = (*forbidden, *blocks(parts))
    if all(search.find((grant, *bound), rest) is False for bound in side.bounds):
        return parts
    return {grant: gain}
