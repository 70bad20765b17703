r"""Patterns over names, mostly `<namespace>/<name>`, as eksctl's --include reads them.

The one language of patterns in settings, exceptions and options.

`*` stands for any text, `/` included, `?` for one character, `[ab]` for one of a set,
`[a-c]` for one of a range, `[!ab]` and `[!a-c]` for any other character, `{a,b}` for
alternatives, `\` takes the next character literally.

Source: gobwas/glob without separators, which eksctl uses.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Final

__all__ = [
    "glob_fault",
    "is_literal",
    "literal",
    "matches",
    "matches_any",
    "pattern_fault",
]

# Deeper ones than anybody writes would exhaust the regular expressions' own recursion.
_MAX_DEPTH: Final = 50
# Alternatives are written out, each as a pattern of its own.
_MAX_CHOICES: Final = 1000
_STAR: Final = ".*"
_MARK: Final = re.compile(r"[*?\[\]{},\\]")
_ESCAPE: Final = re.compile(r"\\(.?)", re.DOTALL)
_TOKEN: Final = re.compile(
    r"""
    \[(?P<negated>!?+)
        (?: (?P<low>.)-(?P<high>.)               # a range has no more than its ends
          | (?!.-)(?P<members>(?:\\.|[^]\\])+)
        )\]
    | \*+ | \\.? | .
    """,
    re.DOTALL | re.VERBOSE,
)


def matches(pattern: str, name: str) -> bool:
    """Tell whether *pattern* matches the whole of *name*."""
    return _compiled(pattern).fullmatch(name) is not None


def matches_any(patterns: Iterable[str], name: str) -> bool:
    """Tell whether one of *patterns* matches the whole of *name*."""
    return any(matches(pattern, name) for pattern in patterns)


def literal(name: str) -> str:
    """Write the pattern that matches *name* and nothing else."""
    return _MARK.sub(r"\\\g<0>", name)


def is_literal(pattern: str) -> bool:
    """Tell whether *pattern* can match one name only, namely itself."""
    return not any(mark in pattern for mark in r"*?[{\\")


def pattern_fault(pattern: str) -> str | None:
    """Say why *pattern* is none; None if it is one."""
    try:
        _compiled(pattern)
    except ValueError as error:
        return str(error)
    return None


def glob_fault(pattern: str) -> str | None:
    """Say why *pattern* is none, or can match no entry; None if neither is so."""
    if fault := pattern_fault(pattern):
        return fault
    if not any(mark in pattern for mark in "/*?["):
        return (
            f"{pattern!r} matches no entry; expected '<namespace>/<name>', parts of "
            "which may be '*'"
        )
    return None


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    choices = _choices(pattern, _TOKEN.finditer(pattern), depth=0)
    expression = "|".join(_anchored(pieces) for pieces in choices)
    try:
        return re.compile(expression, re.DOTALL)
    except re.error as error:
        msg = f"{pattern!r} is not a pattern: {error}"
        raise ValueError(msg) from error


def _choices(
    pattern: str, tokens: Iterator[re.Match[str]], *, depth: int
) -> list[list[str]]:
    """Write a pattern as pieces, a list for each choice among its alternatives."""
    done: list[list[str]] = []
    choices: list[list[str]] = [[]]
    for token in tokens:
        match token[0]:
            case "{":
                inner = _choices(pattern, tokens, depth=_deeper(depth, pattern))
                if len(choices) * len(inner) + len(done) > _MAX_CHOICES:
                    msg = (
                        f"{pattern!r} has more than {_MAX_CHOICES} alternatives; write "
                        "several patterns"
                    )
                    raise ValueError(msg)
                choices = [[*one, *more] for one in choices for more in inner]
            case "}" if depth:
                return [*done, *choices]
            case "," if depth:
                done, choices = [*done, *choices], [[]]
            case "[":
                msg = (
                    f"{pattern!r} opens '[' and has no set or range to close there; "
                    "write ']' behind it, or '\\[' for the character"
                )
                raise ValueError(msg)
            case _:
                piece = _piece(token)
                for one in choices:
                    one.append(piece)
    if depth:
        msg = f"{pattern!r} opens '{{' and does not close it; write '}}' behind it"
        raise ValueError(msg)
    return choices


def _anchored(pieces: list[str]) -> str:
    """Write one choice as an expression that never goes back over a star.

    What stands between two stars may be taken where it is found first, for the second
    star takes whatever is left; so the time is not that of trying every place.
    """
    segments = [""]
    for piece in pieces:
        if piece == _STAR:
            segments.append("")
        else:
            segments[-1] += piece
    first, *between = segments
    if not between:
        return first
    last = between.pop()
    found = "".join(f"(?>.*?{segment})" for segment in between if segment)
    return f"{first}{found}{_STAR}{last}"


def _deeper(depth: int, pattern: str) -> int:
    if depth == _MAX_DEPTH:
        msg = (
            f"{pattern!r} nests '{{' more than {_MAX_DEPTH} deep; write several "
            "patterns"
        )
        raise ValueError(msg)
    return depth + 1


def _piece(token: re.Match[str]) -> str:
    """Write a token as a regular expression, a star or one character's."""
    if token[0].startswith("*"):
        return _STAR
    if token[0] == "?":
        return "."
    negation = "^" if token["negated"] else ""
    if token["low"]:
        return f"[{negation}{re.escape(token['low'])}-{re.escape(token['high'])}]"
    if token["members"]:
        members = _ESCAPE.sub(r"\1", token["members"])
        return f"[{negation}{''.join(map(re.escape, members))}]"
    return re.escape(_ESCAPE.sub(r"\1", token[0]))
