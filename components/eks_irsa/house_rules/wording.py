"""Words that several rules share, and how their patterns are matched."""

from collections.abc import Iterable, Sequence
from typing import Final

from eks_irsa.documents.patterns import Patterns, literal

__all__ = ["listed", "matches"]

_SHOWN: Final = 5


def matches(patterns: Iterable[str], text: str, *, is_pattern: bool = False) -> bool:
    """Tell whether every text that is meant matches one of *patterns*.

    Args:
        patterns: `*` for any text, `?` for one character.
        text: A plain text.
        is_pattern: *text* is a pattern itself, which must lie within one of them.
            Default: false.
    """
    meant = text if is_pattern else literal(text)
    return Patterns(frozenset(patterns)).covers(Patterns(frozenset({meant})))


def listed(texts: Sequence[str], *, last: str = "or") -> str:
    """Write texts as a sentence does, `'a', 'b' or 'c'`; of very many the first ones.

    Args:
        texts: At least one.
        last: The word before the last. Default: or.
    """
    shown = [repr(text) for text in texts[:_SHOWN]]
    if more := len(texts) - len(shown):
        return f"{', '.join(shown)} and {more} more"
    *former, end = shown
    return f"{', '.join(former)} {last} {end}" if former else end
