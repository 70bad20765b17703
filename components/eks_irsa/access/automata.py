"""Patterns read character by character, many at once.

What a pattern has read of a text is a place in it; the places of all patterns are the
bits of one number, so that a character is one step for all of them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Literal, NamedTuple

__all__ = ["Automaton", "Place", "shortest_text"]


@dataclass(frozen=True, slots=True)
class Place:
    """One place of a pattern.

    Attributes:
        characters: Those it takes; None for any.
        many: It takes any number of them, none included.
        colon: It takes colons too; of those that take any.
    """

    characters: frozenset[str] | None = None
    many: bool = False
    colon: bool = True


class Automaton:
    """The texts that match one of some patterns.

    Args:
        patterns: Places in order, no two that take many in a row.
    """

    def __init__(self, patterns: Iterable[Sequence[Place]]) -> None:
        """Give each place its bit."""
        self.start = self._final = self._many = self._endless = 0
        self._any = self._any_but_colon = 0
        self._before_end: list[int] = []
        self._masks: dict[str, int] = {}
        bit = 1
        for places in patterns:
            self.start |= bit
            for index, place in enumerate(places):
                self._add(place, bit, last=index == len(places) - 1)
                self._count(bit, sum(not one.many for one in places[index:]))
                bit <<= 1
            self._final |= bit
            self._count(bit, 0)
            bit <<= 1
        self.start |= (self.start & self._many) << 1

    def _add(self, place: Place, bit: int, *, last: bool) -> None:
        if place.many:
            self._many |= bit
            if last and place.colon:
                self._endless |= bit
        if place.characters is None:
            if place.colon:
                self._any |= bit
            else:
                self._any_but_colon |= bit
        for one in place.characters or ():
            self._masks[one] = self._masks.get(one, 0) | bit

    def _count(self, bit: int, characters: int) -> None:
        missing = characters + 1 - len(self._before_end)
        self._before_end += [0] * missing
        self._before_end[characters] |= bit

    def least(self, state: int) -> int:
        """Return how many characters more it takes at least.

        Args:
            state: Places, at least one.
        """
        return next(
            number for number, bits in enumerate(self._before_end) if bits & state
        )

    def step(self, state: int, character: str) -> int:
        """Read one character.

        Args:
            state: Places before.
            character: One.

        Returns:
            Places after; 0 if no pattern can match any more.
        """
        takes = state & (self._any | self._masks.get(character, 0))
        if character != ":":
            takes |= state & self._any_but_colon
        after = (takes & self._many) | (takes & ~self._many) << 1
        return after | (after & self._many) << 1

    def accepts(self, state: int) -> bool:
        """Tell whether what was read matches."""
        return bool(state & self._final)

    def accepts_whatever_follows(self, state: int) -> bool:
        """Tell whether all that begins with what was read matches."""
        return bool(state & self._endless)

    def characters(self, state: int) -> set[str]:
        """Return the characters that a place which was reached names."""
        return {one for one, mask in self._masks.items() if mask & state}


def shortest_text(
    wanted: Sequence[Automaton],
    unwanted: Automaton,
    *,
    other: str,
    limit: int,
) -> tuple[str | Literal[False] | None, int]:
    """Find a text that each of some automata accepts, and another does not.

    Args:
        wanted: At least one.
        unwanted: The other.
        other: A character that no pattern names, in the place of all of those.
        limit: How many states to look at, at most.

    Returns:
        The text; False if there is none, None if the limit was reached before. And how
        many states were looked at.
    """
    start = _State(tuple(one.start for one in wanted), unwanted.start)
    seen = {start}
    # What may be shortest comes first, and of that what is longest already.
    queue = [(_least(wanted, start), 0, "", start)]
    while queue:
        _, _, text, state = heappop(queue)
        if not unwanted.accepts(state.unwanted) and all(
            one.accepts(places)
            for one, places in zip(wanted, state.wanted, strict=True)
        ):
            return text, len(seen)
        for character in sorted(_characters(wanted, unwanted, state) | {":", other}):
            after = _State(
                tuple(
                    one.step(places, character)
                    for one, places in zip(wanted, state.wanted, strict=True)
                ),
                unwanted.step(state.unwanted, character),
            )
            if not all(after.wanted) or after in seen:
                continue
            if unwanted.accepts_whatever_follows(after.unwanted):
                continue
            if len(seen) >= limit:
                return None, limit
            seen.add(after)
            length = len(text) + 1
            least = length + _least(wanted, after)
            heappush(queue, (least, -length, text + character, after))
    return False, len(seen)


class _State(NamedTuple):
    """Places that were reached."""

    wanted: tuple[int, ...]
    unwanted: int


def _least(wanted: Sequence[Automaton], state: _State) -> int:
    """Return how many characters more it takes at least."""
    return max(
        one.least(places) for one, places in zip(wanted, state.wanted, strict=True)
    )


def _characters(
    wanted: Sequence[Automaton], unwanted: Automaton, state: _State
) -> set[str]:
    named = unwanted.characters(state.unwanted)
    for one, places in zip(wanted, state.wanted, strict=True):
        named |= one.characters(places)
    return named
