"""Texts of other people, fit to be printed."""

import re
from typing import Final

__all__ = ["printable"]

# What Python calls printable and no reader sees: Unicode's Default_Ignorable_Code_Point
# among letters and marks, and the blank of Braille.
# Source: https://www.unicode.org/Public/UCD/latest/ucd/DerivedCoreProperties.txt
_UNSEEN: Final = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0"
    "\U000e0100-\U000e01ef]"
)


def printable(text: str) -> str:
    """Write what does not print, or is not seen, as its escape.

    Names and values come from files of other people; none of them may move the cursor
    of a terminal, begin a line of its own, or look like another.
    """
    if text.isprintable() and not _UNSEEN.search(text):
        return text
    return "".join(
        one
        if one.isprintable() and not _UNSEEN.match(one)
        else one.encode("unicode_escape").decode()
        for one in text
    )
