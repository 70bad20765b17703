"""Blocks of a report as Markdown, as GitHub and GitLab show it.

Source:
    https://github.github.com/gfm/
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from eks_irsa.review.forms.blocks import (
    Block,
    Bullets,
    Details,
    Heading,
    Paragraph,
    Picture,
    Table,
)
from eks_irsa.review.forms.drawing import mermaid
from eks_irsa.review.forms.html_form import html_words
from eks_irsa.review.forms.words import Part, Words, shortened

__all__ = [
    "MOST_IN_A_ROW",
    "markdown_details",
    "markdown_of",
    "markdown_row",
    "markdown_words",
]

# Longest text of the input in a table: one that does not break has to fit beside others
# into the 860 pixels of a comment.
MOST_IN_A_ROW: Final = 90
_BACKTICKS: Final = re.compile(r"`+")
_SPECIAL: Final = re.compile(r"[\\`*_{}\[\]<>#~&$]")


def markdown_of(blocks: Iterable[Block], *, most: int) -> str:
    """Write blocks as Markdown, an empty line before each.

    Args:
        blocks: In their order.
        most: As many characters of a text of the input are shown at most.
    """
    return "".join(f"\n{_block(block, most)}" for block in blocks)


def markdown_words(words: Words, *, most: int) -> str:
    """Write what is said on one line as Markdown."""
    return "".join(_pieces(words, most))


def _pieces(words: Words, most: int) -> Iterator[str]:
    after_code = False
    for part in words.parts:
        is_code = part.kind == "code"
        # Two codes without anything between them would share their backticks.
        yield " " if is_code and after_code else ""
        yield _part(part, most)
        after_code = is_code


def markdown_details(summary: Words, inner: str, *, most: int) -> str:
    """Fold what is Markdown already; it begins with an empty line."""
    # No Markdown is read within the first line.
    head = f"<details><summary>{html_words(summary, most=most)}</summary>"
    return f"{head}\n{inner}\n</details>\n"


def markdown_row(cells: Sequence[Sequence[Words]], *, most: int) -> str:
    """Write a row of a table, each cell of lines."""
    lines = [[_in_cell(one, most) for one in cell] for cell in cells]
    return f"| {' | '.join('<br>'.join(cell) for cell in lines)} |\n"


def _in_cell(words: Words, most: int) -> str:
    """Write a line of a cell, which a pipe would end even within code."""
    # Renderers differ in what a backslash before an escaped pipe does.
    return "".join(
        piece.replace("\\|", "\\\\x7c").replace("|", "\\|")
        for piece in _pieces(words, most)
    )


def _part(part: Part, most: int) -> str:
    if part.kind == "code":
        return _code(shortened(part.text, most))
    shown = _SPECIAL.sub(r"\\\g<0>", part.text)
    return f"**{shown}**" if part.kind == "strong" else shown


def _code(shown: str) -> str:
    runs = [len(run) for run in _BACKTICKS.findall(shown)]
    fence = "`" * (max(runs, default=0) + 1)
    # A space at each end is taken off again.
    padded = "`" in shown or (shown[0] == shown[-1] == " " and shown.strip())
    space = " " if padded else ""
    return f"{fence}{space}{shown}{space}{fence}"


def _item(words: Words, most: int) -> str:
    text = markdown_words(words, most=most)
    # A list within the list otherwise.
    return f"- \\{text}\n" if text.startswith(("+", "-")) else f"- {text}\n"


def _block(block: Block, most: int) -> str:
    match block:
        case Heading():
            return f"### {markdown_words(block.words, most=most)}\n"
        case Paragraph():
            return f"{markdown_words(block.words, most=most)}\n"
        case Bullets():
            return "".join(_item(one, most) for one in block.items)
        case Table():
            widest = min(most, MOST_IN_A_ROW)
            rows = "".join(markdown_row(row, most=widest) for row in block.rows)
            head = markdown_row([[one] for one in block.head], most=widest)
            return f"{head}|{' --- |' * len(block.head)}\n{rows}"
        case Picture():
            return f"```mermaid\n{mermaid(block.drawing)}```\n"
        case Details():
            inner = markdown_of(block.blocks, most=most)
            return markdown_details(block.summary, inner, most=most)
