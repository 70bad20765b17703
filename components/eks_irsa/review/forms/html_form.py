"""Blocks of a report as HTML."""

import html
from collections.abc import Iterable, Sequence
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
from eks_irsa.review.forms.drawing import svg
from eks_irsa.review.forms.words import Part, Words, shortened

__all__ = ["html_of", "html_words"]

_TAGS: Final = {"plain": "", "strong": "strong", "code": "code"}


def html_of(blocks: Iterable[Block], *, most: int) -> str:
    """Write blocks as HTML.

    Args:
        blocks: In their order.
        most: As many characters of a text of the input are shown at most.
    """
    return "".join(_block(block, most) for block in blocks)


def html_words(words: Words, *, most: int) -> str:
    """Write what is said on one line as HTML."""
    return "".join(_part(part, most) for part in words.parts)


def _part(part: Part, most: int) -> str:
    text = shortened(part.text, most) if part.kind == "code" else part.text
    tag = _TAGS[part.kind]
    shown = html.escape(text)
    return f"<{tag}>{shown}</{tag}>" if tag else shown


def _block(block: Block, most: int) -> str:
    match block:
        case Heading():
            return f"<h2>{html_words(block.words, most=most)}</h2>\n"
        case Paragraph():
            return f"<p>{html_words(block.words, most=most)}</p>\n"
        case Bullets():
            items = [f"<li>{html_words(one, most=most)}</li>" for one in block.items]
            return f"<ul>{''.join(items)}</ul>\n"
        case Table():
            return _table(block, most)
        case Picture():
            return svg(block.drawing)
        case Details():
            return _details(block, most)


def _details(block: Details, most: int) -> str:
    summary = html_words(block.summary, most=most)
    inner = html_of(block.blocks, most=most)
    return f"<details><summary>{summary}</summary>\n{inner}</details>\n"


def _table(table: Table, most: int) -> str:
    head = "".join(f"<th>{html_words(one, most=most)}</th>" for one in table.head)
    rows = "".join(
        "<tr>" + "".join(_cell(cell, most) for cell in row) + "</tr>\n"
        for row in table.rows
    )
    return f"<table><thead><tr>{head}</tr></thead>\n<tbody>\n{rows}</tbody></table>\n"


def _cell(lines: Sequence[Words], most: int) -> str:
    return f"<td>{'<br>'.join(html_words(one, most=most) for one in lines)}</td>"
