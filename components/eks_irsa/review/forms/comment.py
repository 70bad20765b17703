"""The body of a comment on a pull request: one review, within the room there is."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Final

from eks_irsa.documents.printable import printable
from eks_irsa.review.forms.blocks import Block, Paragraph, Table
from eks_irsa.review.forms.fitting import Fit, fit
from eks_irsa.review.forms.gate_words import RowVerdicts, gate_blocks, row_verdicts
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
    severity_counts,
)
from eks_irsa.review.forms.wording import IN_A_ROW, IN_SHORT, row_name
from eks_irsa.review.forms.words import code, join, number, say, strong
from eks_irsa.review.model import Review, Row
from eks_irsa.review.weighing.gate import Acceptance, Verdict

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


def body(
    review: Review,
    *,
    room: int,
    verdict: Verdict | None = None,
    unused: Sequence[Acceptance] = (),
) -> str:
    """Write a review without its heading.

    Args:
        review: The review of a preview.
        room: As many characters it has at most.
        verdict: What a gate says of it; Default: nobody asked.
        unused: Exceptions that are about nothing here. Default: none.
    """
    begin, end = _around(review, room, verdict, unused)
    if not review.rows:
        return (begin + end).lstrip("\n")
    table = markdown_of([Table(head=HEAD, rows=())], most=MOST_IN_A_ROW)
    drawn = markdown_of(picture(review.rows), most=MOST_IN_A_ROW)
    left = room - len(begin) - len(end) - len(table) - _ROOM_FOR_NOTES
    if len(drawn) > left // 4:
        drawn = ""
    rows, home = review.rows, home_of(review.rows)
    verdicts = row_verdicts(verdict)
    found = fit(
        rows,
        room=left - len(drawn),
        forms=_forms(home, verdicts),
        details=_details(home, verdicts),
    )
    shown = table + "".join(found.rows) if found.rows else ""
    notes = markdown_of(_notes(found, len(rows)), most=MOST_IN_SHORT)
    return "".join([begin, shown, notes, drawn, *found.details, end]).lstrip("\n")


def _around(
    review: Review,
    room: int,
    verdict: Verdict | None,
    unused: Sequence[Acceptance],
) -> tuple[str, str]:
    """Write what stands before and after the rows in less than half of the room."""
    asked = [verdict] if verdict else []
    begin: list[Block] = []
    for most in (100, 30, MOST_LISTED, 3, 1):
        listed = min(most, MOST_LISTED)
        begin = [
            *gate_blocks(asked, most=most, unused=unused),
            *head(review, most=listed),
        ]
        before = markdown_of(begin, most=MOST_IN_DETAILS)
        after = markdown_of(foot(review, most=listed), most=MOST_IN_DETAILS)
        if len(before) + len(after) <= room // 2:
            return before, after
    return markdown_of(begin, most=MOST_IN_SHORT), ""


def _forms(home: str, verdicts: RowVerdicts) -> Sequence[Callable[[Row], str]]:
    """Return how a row can be shown: as its name, short, in full."""
    cells = partial(row_cells, home=home, verdicts=verdicts)

    def named(row: Row) -> str:
        return f"{markdown_words(row_name(row), most=MOST_IN_SHORT)}, "

    def short(row: Row) -> str:
        return markdown_row(cells(row, IN_SHORT), most=MOST_IN_SHORT)

    def full(row: Row) -> str:
        return markdown_row(cells(row, IN_A_ROW), most=MOST_IN_A_ROW)

    return named, short, full


def _details(home: str, verdicts: RowVerdicts) -> Callable[[Row], str]:
    def details(row: Row) -> str:
        told = row_details(row, home=home, verdicts=verdicts)
        return markdown_of([told], most=MOST_IN_DETAILS)

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
