"""Finds a text that some patterns stand for and others do not, or tells of none."""

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Final, Literal, NamedTuple

from eks_irsa.access.automata import Automaton, Place, shortest_text
from eks_irsa.access.requests import variables, with_stand_ins, without_variables
from eks_irsa.documents.condition_values import arn_parts
from eks_irsa.documents.pattern_sets import pattern_set
from eks_irsa.documents.patterns import Wildcard, head, matches, tokens

__all__ = ["AN_ACTION", "TextSet", "Texts", "like"]

_FEW: Final = 16
# Characters that few patterns have, most of all together.
_OTHERS: Final = "qxzjkvwy0123456789~\N{MIDDLE DOT}"
# So many states of an automaton are looked at for one answer, and for all of a search.
_STATES: Final = 2_000
_ALL_STATES: Final = 60_000


class TextSet(NamedTuple):
    """The texts that match one of some patterns.

    Attributes:
        kind: How they are compared: `like` with wildcards, `arn` so too but part by
            part, `caseless` without wildcards, `action` with one colon whatever
            the patterns.
        patterns: With variables, if any.
    """

    kind: Literal["like", "arn", "caseless", "action"]
    patterns: frozenset[str]

    def has(self, text: str) -> bool:
        """Tell whether a text is one of these; no variable may be left."""
        if self.kind == "like":
            return pattern_set(self.patterns).has(text)
        if self.kind == "action":
            service, colon, name = text.partition(":")
            return bool(service and colon and name) and ":" not in name
        if self.kind == "caseless":
            return any(matches(one.lower(), text.lower()) for one in self.patterns)
        parts = arn_parts(text)
        return parts is not None and any(
            all(map(matches, arn_parts(one) or (), parts)) for one in self.patterns
        )


Sets = frozenset[TextSet]
_WITH_WILDCARDS: Final = frozenset({"like", "arn"})
# Every action has a service and a name.
AN_ACTION: Final = TextSet("action", frozenset({"?*:?*"}))
# None where it was not found out.
Found = str | Literal[False] | None


def like(patterns: Iterable[str]) -> TextSet:
    """Return the texts that match one of some patterns.

    Args:
        patterns: With wildcards.
    """
    return TextSet("like", frozenset(patterns))


class Texts:
    """Finds texts, each question answered once."""

    def __init__(self) -> None:
        """Nothing was asked yet."""
        self._known: dict[tuple[Sets, Sets], Found] = {}
        self._states_left = _ALL_STATES

    def find(self, wanted: Sets, unwanted: Sets) -> Found:
        """Find a text that is in each of some sets, and in none of others.

        Args:
            wanted: At least one.
            unwanted: The others.

        Returns:
            The text, False if there is none, None if it was not found out. Where
            variables are in the sets, the text has stand-ins for their values, or is
            one that it takes other values for; and only if there is none whatever the
            values, there is none.
        """
        key = (wanted, unwanted)
        if key not in self._known:
            self._known[key] = self._find(wanted, unwanted)
        return self._known[key]

    def _find(self, wanted: Sets, unwanted: Sets) -> Found:
        if _is_held(wanted, unwanted):
            return False
        if not any(map(_has_variables, (*wanted, *unwanted))):
            return self._find_plain(wanted, unwanted)
        if any(len(one.patterns) > 1 and _has_variables(one) for one in wanted):
            return self._find_in_parts(wanted, unwanted)
        # Too many are wanted then, and too few unwanted.
        loose = self._find_plain(
            frozenset(_changed(one, without_variables) for one in wanted),
            frozenset(map(_plain_ones, unwanted)),
        )
        if loose is False:
            return False
        found = self._find_plain(
            frozenset(_changed(one, with_stand_ins) for one in wanted),
            frozenset(_changed(one, with_stand_ins) for one in unwanted),
        )
        return loose if found is False else found

    def _find_in_parts(self, wanted: Sets, unwanted: Sets) -> Found:
        """Take the patterns of a set with variables one by one."""
        several = [one for one in wanted if len(one.patterns) > 1]
        first = min(filter(_has_variables, several), key=_order)
        found: Found = False
        for pattern in sorted(first.patterns):
            part = TextSet(first.kind, frozenset({pattern}))
            text = self.find(wanted - {first} | {part}, unwanted)
            if isinstance(text, str):
                return text
            found = None if text is None else found
        return found

    def _find_plain(self, wanted: Sets, unwanted: Sets) -> Found:
        shortest = min(wanted, key=lambda one: (one.kind == "action", *_order(one)))
        if (text := _only_text(shortest)) is not None:
            return text if _is_right(text, wanted, unwanted) else False
        wanted = frozenset(_near(one, {shortest}) for one in wanted)
        if not all(one.patterns for one in wanted):
            return False
        unwanted = frozenset(_near(one, wanted) for one in unwanted)
        other = _other(wanted | unwanted)
        if other is None:
            return None
        for text in _guesses(wanted, other):
            if _is_right(text, wanted, unwanted):
                return text
        limit = min(_STATES, self._states_left)
        if limit <= 0:
            return None
        found, states = shortest_text(
            [_automaton(one) for one in sorted(wanted, key=_order)],
            _automaton(*unwanted),
            other=other,
            limit=limit,
        )
        self._states_left -= states
        return found


def _only_text(one: TextSet) -> str | None:
    """Return the one text of a set; None if it may have several."""
    if one.kind != "like" or len(one.patterns) != 1:
        return None
    (pattern,) = one.patterns
    return pattern if head(pattern) == pattern else None


def _is_right(text: str, wanted: Sets, unwanted: Sets) -> bool:
    return all(one.has(text) for one in wanted) and not any(
        one.has(text) for one in unwanted
    )


def _order(one: TextSet) -> tuple[int, str, tuple[str, ...]]:
    return (len(one.patterns), one.kind, pattern_set(one.patterns).in_order)


def _is_held(wanted: Sets, unwanted: Sets) -> bool:
    """Tell whether one set that is wanted lies within one that is not."""
    return any(
        all(map(pattern_set(bad.patterns).holders, good.patterns))
        for good in wanted
        if len(good.patterns) <= _FEW
        for bad in unwanted
        if good.kind == bad.kind == "like"
    )


def _has_variables(one: TextSet) -> bool:
    if one.kind == "like":
        return bool(pattern_set(one.patterns).with_variables)
    return any(map(variables, one.patterns))


def _changed(one: TextSet, change: Callable[[str], str]) -> TextSet:
    return TextSet(one.kind, frozenset(map(change, one.patterns)))


def _plain_ones(one: TextSet) -> TextSet:
    return TextSet(
        one.kind, frozenset(text for text in one.patterns if not variables(text))
    )


def _guesses(wanted: Sets, other: str) -> Iterator[str]:
    """Give texts that patterns stand for, most of which are in all sets."""
    yield ":".join(("arn", *(other,) * 5))
    for one in sorted(wanted, key=_order):
        for pattern in pattern_set(one.patterns).in_order[:_FEW]:
            for many in (other, ""):
                yield "".join(
                    _filled(token, many=many, one=other) for token in tokens(pattern)
                )


def _filled(token: str | Wildcard, *, many: str, one: str) -> str:
    if isinstance(token, str):
        return token
    return many if token is Wildcard.MANY else one


def _other(sets: Sets) -> str | None:
    """Return a character that no pattern of some sets has."""
    for one in _OTHERS:
        if not any(one in text for each in sets for text in each.patterns):
            return one
    return None


def _near(some: TextSet, wanted: Iterable[TextSet]) -> TextSet:
    """Leave out patterns that begin otherwise than what is wanted."""
    if some.kind not in _WITH_WILDCARDS:
        return some
    texts = some.patterns
    index = pattern_set(texts)
    for one in wanted:
        if one.kind in _WITH_WILDCARDS and len(one.patterns) <= _FEW:
            near = (index.near(head(text)) for text in one.patterns)
            texts &= frozenset[str]().union(*near)
    return TextSet(some.kind, texts)


def _automaton(*sets: TextSet) -> Automaton:
    return Automaton(
        _places(one.kind, text)
        for one in sets
        for text in pattern_set(one.patterns).in_order
    )


@lru_cache(maxsize=16_384)
def _places(kind: str, pattern: str) -> tuple[Place, ...]:
    if kind == "caseless":
        return tuple(
            Place(frozenset({token.lower(), token.upper()}))
            for token in tokens(pattern)
            if isinstance(token, str)
        )
    if kind == "action":
        anything = (Place(colon=False), Place(many=True, colon=False))
        return (*anything, Place(frozenset({":"})), *anything)
    if kind == "like":
        return tuple(_place(token, colon=True) for token in tokens(pattern))
    places: list[Place] = []
    parts = arn_parts(pattern) or ()
    for index, part in enumerate(parts):
        last = index == len(parts) - 1
        places += [_place(token, colon=last) for token in tokens(part)]
        if not last:
            places.append(Place(frozenset({":"})))
    return tuple(places)


def _place(token: str | Wildcard, *, colon: bool) -> Place:
    if isinstance(token, str):
        return Place(frozenset({token}))
    return Place(many=token is Wildcard.MANY, colon=colon)
