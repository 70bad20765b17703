"""Texts of other people, fit to be printed."""

__all__ = ["printable"]


def printable(text: str) -> str:
    """Write what does not print as its escape, so that a text stays on one line.

    Names and values come from files of other people; none of them may move the cursor
    of a terminal or begin a line of its own.
    """
    if text.isprintable():
        return text
    return "".join(
        character
        if character.isprintable()
        else character.encode("unicode_escape").decode()
        for character in text
    )
