"""Sets of texts as policies write them: patterns, and everything but patterns.

Decides whether one set holds another. What it cannot decide it denies: `covers` is
only true where it is certain, and so is `is_disjoint_from`.
"""

import re
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Final

__all__ = [
    "Patterns",
    "Token",
    "Wildcard",
    "covers",
    "has_wildcard",
    "head",
    "literal",
    "matches",
    "tokens",
]


class Wildcard(Enum):
    """What stands for more than itself in a pattern."""

    MANY = "*"
    ONE = "?"


# A character, a variable such as `${aws:username}`, or a wildcard.
Token = str | Wildcard

# `${*}`, `${?}` and `${$}` stand for the character alone.
# Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
_TOKENS: Final = re.compile(r"\$\{[*?$]\}|\$\{[^}]*\}|.", re.DOTALL)
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
                any(covers(wide, narrow) for wide in self.texts)
                for narrow in other.texts
            )
        if self.inverted and other.inverted:
            return all(
                any(covers(wide, narrow) for wide in other.texts)
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
    return any(isinstance(token, Wildcard) for token in tokens(text))


def matches(pattern: str, text: str) -> bool:
    """Tell whether a pattern stands for a text.

    Args:
        pattern: With `*` and `?`; a variable that is left in it stands for no text.
        text: Any text; nothing in it is special.
    """
    if pattern in {text, "*"} and "${" not in pattern:
        return True
    beginning = head(pattern)
    if not text.startswith(beginning):
        return False
    if pattern == beginning + "*":
        return True
    return _fits(tokens(pattern), tuple(text))


def literal(text: str, *, variables: bool = False) -> str:
    """Write a plain text as the pattern that matches it alone.

    Args:
        text: Any text.
        variables: Variables such as `${aws:username}` are to stay what they are.
    """
    if variables:
        return "".join(
            "${" + part + "}" if part in {"*", "?"} else part
            for part in _TOKENS.findall(text)
        )
    return _SPECIAL.sub(lambda found: "${" + found[0] + "}", text)


@lru_cache(maxsize=65_536)
def tokens(text: str) -> tuple[Token, ...]:
    """Take a pattern apart, each run of wildcards in one order.

    Args:
        text: A pattern.

    Returns:
        Its characters, wildcards, and variables in full; no two `*` in a row.
    """
    found: list[Token] = []
    many = False
    for match in _TOKENS.finditer(text):
        part = match[0]
        if part == "*":
            many = True
            continue
        if part == "?":
            found.append(Wildcard.ONE)
            continue
        if many:
            found.append(Wildcard.MANY)
            many = False
        # `${*}` is its middle; other variables stay whole, longer than a character.
        found.append(part[2] if part in {"${*}", "${?}", "${$}"} else part)
    if many:
        found.append(Wildcard.MANY)
    return tuple(found)


@lru_cache(maxsize=65_536)
def head(text: str) -> str:
    """Return the characters before the first wildcard or variable.

    Args:
        text: A pattern.
    """
    return re.split(r"[*?$]", text, maxsplit=1)[0]


def covers(wide: str, narrow: str) -> bool:
    """Tell whether one pattern certainly holds all texts of another.

    Args:
        wide: A pattern.
        narrow: Another; its wildcards are held by wildcards only.
    """
    if wide in {narrow, "*"}:
        return True
    if not narrow.startswith(head(wide)):
        return False
    return _fits(tokens(wide), tokens(narrow))


def _fits(pattern: tuple[Token, ...], text: tuple[Token, ...]) -> bool:
    at = position = 0
    star, mark = -1, 0
    while position < len(text):
        token = pattern[at] if at < len(pattern) else None
        if token is Wildcard.MANY:
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
    return all(token is Wildcard.MANY for token in pattern[at:])


def _takes(token: Token, other: Token) -> bool:
    if token is Wildcard.ONE:
        return other is Wildcard.ONE or (isinstance(other, str) and len(other) == 1)
    return token == other


@lru_cache(maxsize=65_536)
def _meet(one: str, two: str) -> bool:
    """Tell whether a text may match both; a variable may stand for any text."""
    heads = head(one), head(two)
    if not (heads[0].startswith(heads[1]) or heads[1].startswith(heads[0])):
        return False
    first, second = _loose(one), _loose(two)
    # Reached places of `second` after each token of `first`.
    reached = _skipped({0}, second)
    for token in first:
        if token is Wildcard.MANY:
            reached = set(range(min(reached), len(second) + 1)) if reached else reached
            continue
        following: set[int] = set()
        for place in reached - {len(second)}:
            other = second[place]
            if other is Wildcard.MANY:
                following.add(place)
            elif Wildcard.ONE in (token, other) or token == other:
                following.add(place + 1)
        reached = _skipped(following, second)
    return len(second) in reached


def _loose(text: str) -> tuple[Token, ...]:
    return tuple(
        Wildcard.MANY if isinstance(token, str) and len(token) > 1 else token
        for token in tokens(text)
    )


def _skipped(places: set[int], second: tuple[Token, ...]) -> set[int]:
    """Add the places that are reached when wildcards match nothing."""
    for place in sorted(places):
        at = place
        while at < len(second) and second[at] is Wildcard.MANY:
            at += 1
            places.add(at)
    return places
