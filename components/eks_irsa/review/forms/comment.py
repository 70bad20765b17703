"""The body of a comment on a pull request: one review, within the room there is."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from eks_irsa.documents.printable import printable
from eks_irsa.review.forms.blocks import Block, Paragraph, Table
from eks_irsa.review.forms.fitting import Fit, fit
from eks_irsa.review.forms.markdown_form import (
    MOST_IN_A_ROW,
    markdown_of,
    markdown_row,
    markdown_words,
)
from eks_irsa.review.forms.picture import picture
from eks_irsa.review.forms.report_blocks import MOST_LISTED, foot, head, home_of
from eks_irsa.review.forms.rows import (
    HEAD,
    row_cells,
    row_details,
    row_name,
    severity_counts,
)
from eks_irsa.review.forms.wording import IN_A_ROW, IN_SHORT
from eks_irsa.review.forms.words import code, join, number, say, strong
from eks_irsa.review.model import Review, Row

__all__ = ["MOST_IN_DETAILS", "MOST_IN_SHORT", "body", "hidden"]

# Longest text of the input in a row of which little is shown, and below the table.
MOST_IN_SHORT: Final = 40
MOST_IN_DETAILS: Final = 300
_MOST_HIDDEN: Final = 200
_ALL_OF_IT: Final = (
    say(": ") + code("--output html") + say(" or ") + code("json") + say(").")
)
# For what is said of what is left out.
_ROOM_FOR_NOTES: Final = 500


def hidden(name: str) -> str:
    """Write the line nobody sees, by which a comment is found again."""
    shown = printable(name)
    if len(shown) > _MOST_HIDDEN:
        digest = hashlib.sha256(name.encode("utf-8", "backslashreplace")).hexdigest()
        shown = f"{shown[:_MOST_HIDDEN]}... {digest[:16]}"
    # `--` would end the comment, and so would `->` at its beginning.
    shown = shown.replace("--", "-\\-").replace("--", "-\\-").replace(">", "\\x3e")
    return f"<!-- eks-irsa report: {shown} -->\n"


def body(review: Review, *, room: int) -> str:
    """Write a review without its heading.

    Args:
        review: The review of a preview.
        room: As many characters it has at most.
    """
    begin, end = _around(review, room)
    if not review.rows:
        return (begin + end).lstrip("\n")
    table = markdown_of([Table(head=HEAD, rows=())], most=MOST_IN_A_ROW)
    drawn = markdown_of(picture(review.rows), most=MOST_IN_A_ROW)
    left = room - len(begin) - len(end) - len(table) - _ROOM_FOR_NOTES
    if len(drawn) > left // 4:
        drawn = ""
    rows, home = review.rows, home_of(review.rows)
    found = fit(
        rows, room=left - len(drawn), forms=_forms(home), details=_details(home)
    )
    shown = table + "".join(found.rows) if found.rows else ""
    notes = markdown_of(_notes(found, len(rows)), most=MOST_IN_SHORT)
    return "".join([begin, shown, notes, drawn, *found.details, end]).lstrip("\n")


def _around(review: Review, room: int) -> tuple[str, str]:
    """Write what stands before and after the rows in less than half of the room."""
    begin = end = ""
    for most in (MOST_LISTED, 3, 1):
        begin = markdown_of(head(review, most=most), most=MOST_IN_DETAILS)
        end = markdown_of(foot(review, most=most), most=MOST_IN_DETAILS)
        if len(begin) + len(end) <= room // 2:
            return begin, end
    begin = markdown_of(head(review, most=1), most=MOST_IN_SHORT)
    return begin, ""


def _forms(home: str) -> Sequence[Callable[[Row], str]]:
    """Return how a row can be shown: as its name, short, in full."""

    def named(row: Row) -> str:
        return f"{markdown_words(row_name(row), most=MOST_IN_SHORT)}, "

    def short(row: Row) -> str:
        return markdown_row(row_cells(row, IN_SHORT, home=home), most=MOST_IN_SHORT)

    def full(row: Row) -> str:
        return markdown_row(row_cells(row, IN_A_ROW, home=home), most=MOST_IN_A_ROW)

    return named, short, full


def _details(home: str) -> Callable[[Row], str]:
    def details(row: Row) -> str:
        return markdown_of([row_details(row, home=home)], most=MOST_IN_DETAILS)

    return details


def _notes(found: Fit, rows: int) -> Iterator[Block]:
    """Say what is left out."""
    if found.names:
        begin = severity_counts(found.names) + say(" by name only: ")
        names = join(", ", map(row_name, found.names))
        yield Paragraph(words=begin + names)
    if found.left_out:
        counted = number(len(found.left_out)) + say(" of ") + number(rows)
        words = strong("Too long for a comment:") + say(" ") + counted
        words += say(" are left out (") + severity_counts(found.left_out)
        yield Paragraph(words=words + _ALL_OF_IT)
    elif found.names or found.shortened or len(found.details) < rows:
        words = say("Too long for a comment: ") + number(len(found.details))
        words += (
            say(" of ") + number(rows) + say(" are told in full below (all of them")
        )
        yield Paragraph(words=words + _ALL_OF_IT)
