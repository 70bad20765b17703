"""Which side of a difference a change is on: more access, or less."""

from collections.abc import Iterator
from dataclasses import replace

from eks_irsa.access.differences import Change, Difference

__all__ = ["less_access", "more_access"]


def more_access(found: Difference) -> Iterator[Change]:
    """Give what lets a role do more: what is allowed now, and denials that go.

    A denial among statements stands on the side that has it; one that is told for what
    it does to requests stands where they are already, and comes from here so too.
    """
    yield from (one for one in found.gained if not _is_turned(one))
    for one in found.lost:
        if _is_turned(one):
            yield replace(one, because="denial")


def less_access(found: Difference) -> Iterator[Change]:
    """Give what lets a role do less: what is allowed no more, and denials that come."""
    yield from (one for one in found.lost if not _is_turned(one))
    for one in found.gained:
        if _is_turned(one):
            yield replace(one, because="denial")


def _is_turned(change: Change) -> bool:
    return change.grant.effect == "Deny" and change.because == "statement"
