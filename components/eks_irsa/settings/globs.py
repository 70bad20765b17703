"""Patterns over `<namespace>/<name>`, as eksctl's --include and --exclude read them.

`*` stands for any text, `/` included, `?` for one character, `[ab]` and `[!ab]` for
one of (or none of) a set, `{a,b}` for alternatives, `\\` takes a mark literally.

Source: gobwas/glob without separators, which eksctl uses.
"""

import re
from functools import cache

__all__ = ["glob_fault", "is_literal", "matches", "matches_any"]


def matches(pattern: str, name: str) -> bool:
    """Tell whether *pattern* matches the whole of *name*, `<namespace>/<name>`."""
    return _compiled(pattern).fullmatch(name) is not None


def matches_any(patterns: tuple[str, ...], name: str) -> bool:
    """Tell whether one of *patterns* matches the whole of *name*."""
    return any(matches(pattern, name) for pattern in patterns)


def is_literal(pattern: str) -> bool:
    """Tell whether *pattern* can match one name only, namely itself."""
    return not any(mark in pattern for mark in "*?[{\\")


def glob_fault(pattern: str) -> str | None:
    """Say why *pattern* is none; None if it is one."""
    try:
        _compiled(pattern)
    except ValueError as error:
        return str(error)
    if "/" not in pattern and "*" not in pattern:
        return (
            f"{pattern!r} matches no entry; expected '<namespace>/<name>', parts of "
            "which may be '*'"
        )
    return None


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    expression, depth, position = "", 0, 0
    while position < len(pattern):
        character = pattern[position]
        position += 1
        match character:
            case "*":
                expression += ".*"
            case "?":
                expression += "."
            case "\\" if position < len(pattern):
                expression += re.escape(pattern[position])
                position += 1
            case "[":
                end = pattern.find("]", position + 1)
                if end < 0:
                    msg = f"{pattern!r} opens '[' and does not close it"
                    raise ValueError(msg)
                members = pattern[position:end]
                negated = members[:1] in {"!", "^"}
                listed = re.sub(r"([\\\[\]^&|~])", r"\\\1", members[negated:])
                expression += f"[{'^' if negated else ''}{listed}]"
                position = end + 1
            case "{":
                depth += 1
                expression += "(?:"
            case "}" if depth:
                depth -= 1
                expression += ")"
            case "," if depth:
                expression += "|"
            case _:
                expression += re.escape(character)
    if depth:
        msg = f"{pattern!r} opens '{{' and does not close it"
        raise ValueError(msg)
    try:
        return re.compile(expression, re.DOTALL)
    except re.error as error:
        msg = f"{pattern!r} is not a pattern: {error}"
        raise ValueError(msg) from error
