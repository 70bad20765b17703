"""Sets of texts as policies write them: patterns, and everything but patterns.

Decides whether one set holds another. What it cannot decide it denies: `covers` is
only true where it is certain, and so is `is_disjoint_from`.
"""

import re
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Final

__all__ = ["Patterns", "has_wildcard", "literal", "matches"]


class _Wildcard(Enum):
    MANY = "*"
    ONE = "?"


# A character, a variable such as `${aws:username}`, or a wildcard.
_Token = str | _Wildcard

# `${*}`, `${?}` and `${$}` stand for the character alone.
# Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
_TOKEN: Final = re.compile(r"\$\{[*?$]\}|\$\{[^}]*\}|.", re.DOTALL)
_SPECIAL: Final = re.compile(r"[*?]|\$(?=\{)")


@dataclass(frozen=True, slots=True)
class Patterns:
    """The texts that match one of some patterns; inverted, those that match none.

    Attributes:
        texts: Patterns, `*` for any text and `?` for one character; variables such as
            `${aws:username}` stand for a text of their own.
        inverted: True for what `NotAction` and its kin mean.
    """

    texts: frozenset[str]
    inverted: bool = False

    def covers(self, other: "Patterns") -> bool:
        """Tell whether every text of *other* is certainly one of these."""
        if not self.inverted and not other.inverted:
            return all(
                any(_covers(wide, narrow) for wide in self.texts)
                for narrow in other.texts
            )
        if self.inverted and other.inverted:
            return all(
                any(_covers(wide, narrow) for wide in other.texts)
                for narrow in self.texts
            )
        if self.inverted:
            return other.is_disjoint_from(Patterns(self.texts))
        return "*" in self.texts

    def is_disjoint_from(self, other: "Patterns") -> bool:
        """Tell whether certainly no text is in both."""
        if not self.inverted and not other.inverted:
            return not any(_meet(one, two) for one in self.texts for two in other.texts)
        if self.inverted and other.inverted:
            return False
        positive, negative = (other, self) if self.inverted else (self, other)
        return Patterns(negative.texts).covers(positive)


def has_wildcard(text: str) -> bool:
    """Tell whether *text* stands for more than one text."""
    return any(isinstance(token, _Wildcard) for token in _tokens(text))


def matches(pattern: str, text: str) -> bool:
    """Tell whether a pattern stands for a text.

    Args:
        pattern: With `*` and `?`; a variable that is left in it stands for no text.
        text: Any text; nothing in it is special.
    """
    if pattern in {text, "*"} and "${" not in pattern:
        return True
    head = _head(pattern)
    if not text.startswith(head):
        return False
    if pattern == head + "*":
        return True
    return _fits(_tokens(pattern), tuple(text))


def literal(text: str, *, variables: bool = False) -> str:
    """Write a plain text as the pattern that matches it alone.

    Args:
        text: Any text.
        variables: Variables such as `${aws:username}` are to stay what they are.
    """
    if variables:
        return "".join(
            "${" + part + "}" if part in {"*", "?"} else part
            for part in _TOKEN.findall(text)
        )
    return _SPECIAL.sub(lambda found: "${" + found[0] + "}", text)


@lru_cache(maxsize=65_536)
def _tokens(text: str) -> tuple[_Token, ...]:
    """Take a pattern apart, each run of wildcards in one order."""
    tokens: list[_Token] = []
    many = False
    for match in _TOKEN.finditer(text):
        part = match[0]
        if part == "*":
            many = True
            continue
        if part == "?":
            tokens.append(_Wildcard.ONE)
            continue
        if many:
            tokens.append(_Wildcard.MANY)
            many = False
        # `${*}` is its middle; other variables stay whole, longer than a character.
        tokens.append(part[2] if part in {"${*}", "${?}", "${$}"} else part)
    if many:
        tokens.append(_Wildcard.MANY)
    return tuple(tokens)


@lru_cache(maxsize=65_536)
def _head(text: str) -> str:
    """Return the characters before the first wildcard or variable."""
    return re.split(r"[*?$]", text, maxsplit=1)[0]


def _covers(wide: str, narrow: str) -> bool:
    """Match *narrow* as a text against *wide*; its wildcards match only wildcards."""
    if wide in {narrow, "*"}:
        return True
    if not narrow.startswith(_head(wide)):
        return False
    return _fits(_tokens(wide), _tokens(narrow))


def _fits(pattern: tuple[_Token, ...], text: tuple[_Token, ...]) -> bool:
    at = position = 0
    star, mark = -1, 0
    while position < len(text):
        token = pattern[at] if at < len(pattern) else None
        if token is _Wildcard.MANY:
            star, mark = at, position
            at += 1
        elif token is not None and _takes(token, text[position]):
            at += 1
            position += 1
        elif star >= 0:
            mark += 1
            at, position = star + 1, mark
        else:
            return False
    return all(token is _Wildcard.MANY for token in pattern[at:])


def _takes(token: _Token, other: _Token) -> bool:
    if token is _Wildcard.ONE:
        return other is _Wildcard.ONE or (isinstance(other, str) and len(other) == 1)
    return token == other


@lru_cache(maxsize=65_536)
def _meet(one: str, two: str) -> bool:
    """Tell whether a text may match both; a variable may stand for any text."""
    heads = _head(one), _head(two)
    if not (heads[0].startswith(heads[1]) or heads[1].startswith(heads[0])):
        return False
    first, second = _loose(one), _loose(two)
    # Reached places of `second` after each token of `first`.
    reached = _skipped({0}, second)
    for token in first:
        if token is _Wildcard.MANY:
            reached = set(range(min(reached), len(second) + 1)) if reached else reached
            continue
        following: set[int] = set()
        for place in reached - {len(second)}:
            other = second[place]
            if other is _Wildcard.MANY:
                following.add(place)
            elif _Wildcard.ONE in (token, other) or token == other:
                following.add(place + 1)
        reached = _skipped(following, second)
    return len(second) in reached


def _loose(text: str) -> tuple[_Token, ...]:
    return tuple(
        _Wildcard.MANY if isinstance(token, str) and len(token) > 1 else token
        for token in _tokens(text)
    )


def _skipped(places: set[int], tokens: tuple[_Token, ...]) -> set[int]:
    """Add the places that are reached when wildcards match nothing."""
    for place in sorted(places):
        at = place
        while at < len(tokens) and tokens[at] is _Wildcard.MANY:
            at += 1
            places.add(at)
    return places
