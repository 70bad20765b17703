"""Patterns read character by character, many at once.

What a pattern has read of a text is a place in it; the places of all patterns are the
bits of one number, so that a character is one step for all of them.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

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
        self._masks: dict[str, int] = {}
        bit = 1
        for places in patterns:
            self.start |= bit
            for index, place in enumerate(places):
                self._add(place, bit, last=index == len(places) - 1)
                bit <<= 1
            self._final |= bit
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
    start = (tuple(one.start for one in wanted), unwanted.start)
    seen = {start}
    queue = deque([(start, "")])
    while queue:
        (states, bad), text = queue.popleft()
        if not unwanted.accepts(bad) and all(
            one.accepts(state) for one, state in zip(wanted, states, strict=True)
        ):
            return text, len(seen)
        named = {":", other, *unwanted.characters(bad)}
        for one, state in zip(wanted, states, strict=True):
            named |= one.characters(state)
        for character in sorted(named):
            after = tuple(
                one.step(state, character)
                for one, state in zip(wanted, states, strict=True)
            )
            bad_after = unwanted.step(bad, character)
            if not all(after) or unwanted.accepts_whatever_follows(bad_after):
                continue
            if (after, bad_after) not in seen:
                if len(seen) >= limit:
                    return None, limit
                seen.add((after, bad_after))
                queue.append(((after, bad_after), text + character))
    return False, len(seen)
