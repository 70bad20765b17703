"""What one side lets through that another does not, and what makes the difference.

A request is gained because an `Allow` comes, because a `Deny` goes, or because the
boundary lets it through; each of these is asked by itself, and every request that is
gained has an answer at one of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from eks_irsa.access.authority import Authority
from eks_irsa.access.blocks import Blocks, blocks
from eks_irsa.access.requests import Request
from eks_irsa.access.search import Search
from eks_irsa.access.verdicts import first
from eks_irsa.documents.policy_statements import Grant

__all__ = ["Gain", "Gains", "Side", "gains"]


@dataclass(frozen=True, slots=True)
class Gain:
    """One thing that is gained.

    Attributes:
        part_of: The policies' own grant that it is, or that it is a part of.
        example: A request that one side alone lets through.
    """

    part_of: Grant
    example: Request


@dataclass(slots=True)
class Gains:
    """What one side gains.

    Attributes:
        allowed: Each `Allow` that comes, or what the boundary leaves of it.
        denied: Each `Deny` of the other side that goes.
        bounded: Each `Allow` that the boundary lets through now, or what it leaves of
            it.
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
        self.boundary = (
            None if authority.boundary is None else Blocks(authority.boundary)
        )

    @property
    def bounds(self) -> list[tuple[Grant, ...]]:
        """Return what must be met besides, in alternatives."""
        if self.boundary is None:
            return [()]
        return [(one,) for one in self.boundary.allows]

    @property
    def denies(self) -> tuple[Grant, ...]:
        """Return what must not be met."""
        boundary = () if self.boundary is None else self.boundary.denies
        return (*self.policies.denies, *boundary)


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
    _by_boundary(before, after, search, found)
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


def _by_boundary(before: Side, after: Side, search: Search, found: Gains) -> None:
    old = before.boundary
    if old is None or (
        after.boundary is not None and after.boundary.grants == old.grants
    ):
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
            gain = Gain(grant, verdict)
            found.bounded |= _narrowed(gain, after, forbidden, search)
        elif verdict is None or not _by_its_denials(
            grant, denials, after, search, found
        ):
            found.undecided_allowed.add(grant)


def _by_its_denials(
    grant: Grant, denials: list[Grant], after: Side, search: Search, found: Gains
) -> bool:
    """Find what denials of a boundary took of a grant; False if that is not clear."""
    clear = True
    for denial in denials:
        verdict = first(
            search.find((grant, denial, *bound), after.denies) for bound in after.bounds
        )
        if verdict:
            allowed = replace(denial, effect="Allow")
            narrow = allowed if grant.covers(allowed) else grant
            found.bounded[narrow] = Gain(grant, verdict)
        clear = clear and verdict is not None
    return clear


def _narrowed(
    gain: Gain, side: Side, forbidden: Sequence[Grant], search: Search
) -> dict[Grant, Gain]:
    """Return what the boundary leaves of a grant, shorter where that can be said."""
    grant, boundary = gain.part_of, side.boundary
    if boundary is None or any(boundary.holders(grant)):
        return {grant: gain}
    parts: dict[Grant, Gain] = {}
    for one in boundary.within(grant):
        example = search.find((grant, one), forbidden)
        if example:
            parts[one] = Gain(grant, example)
    rest = (*forbidden, *blocks(parts))
    if all(search.find((grant, *bound), rest) is False for bound in side.bounds):
        return parts
    return {grant: gain}
