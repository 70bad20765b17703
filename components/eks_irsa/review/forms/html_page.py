"""A report as one page for a browser, which loads and runs nothing."""

import html
from collections.abc import Iterator, Sequence
from typing import Final

from eks_irsa.documents.printable import printable
from eks_irsa.review.forms.blocks import Block, Details, Heading, Paragraph, Table
from eks_irsa.review.forms.gate_words import gate_blocks, row_verdicts
from eks_irsa.review.forms.html_form import html_of
from eks_irsa.review.forms.picture import picture
from eks_irsa.review.forms.report_blocks import foot, head, home_of
from eks_irsa.review.forms.rows import HEAD, row_cells, row_details
from eks_irsa.review.forms.stacks import changed, overview, stack_title
from eks_irsa.review.forms.wording import IN_A_ROW
from eks_irsa.review.forms.words import code, say
from eks_irsa.review.model import Review
from eks_irsa.review.readings import Reading
from eks_irsa.review.weighing.gate import Acceptance, Verdict

__all__ = ["html_page"]

_MOST_CHARACTERS: Final = 2_000
_MOST_LISTED: Final = 1_000
_STYLE: Final = """\
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 75rem;
  padding: 0 1rem; overflow-wrap: anywhere; }
table { border-collapse: collapse; margin: 1rem 0; }
th, td { border: 1px solid #8884; padding: .4rem .7rem; text-align: left;
  vertical-align: top; }
th, td:first-child { white-space: nowrap; }
code { background: #8882; border-radius: .3rem; font-size: 85%; padding: .1em .35em; }
details { border: 1px solid #8884; border-radius: .4rem; margin: .5rem 0;
  padding: .4rem .8rem; }
summary { cursor: pointer; }
svg { background: #fff; max-width: 100%; }
"""


def html_page(readings: Sequence[Reading], *, unused: Sequence[Acceptance] = ()) -> str:
    """Write one page on one or more previews.

    Args:
        readings: One for each file, in any order.
        unused: Exceptions that are about nothing here. Default: none.

    Returns:
        HTML, nothing of which is loaded from elsewhere; what a comment leaves out for
        its limit is there.
    """
    blocks = [*_blocks(readings, unused)]
    title = "AWS permissions of service accounts"
    if len(readings) == 1 and readings[0].review is not None:
        title += f", stack {printable(readings[0].review.stack)}"
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        # Whatever came in, nothing is run and nothing is loaded.
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'\">\n"
        '<meta name="viewport" content="width=device-width">\n'
        f"<title>{html.escape(title)}</title>\n<style>\n{_STYLE}</style>\n</head>\n"
        f"<body>\n{html_of(blocks, most=_MOST_CHARACTERS)}</body>\n</html>\n"
    )


def _blocks(
    readings: Sequence[Reading], unused: Sequence[Acceptance]
) -> Iterator[Block]:
    title = say("AWS permissions of service accounts")
    if len(readings) == 1 and readings[0].review is not None:
        review = readings[0].review
        yield Heading(words=title + say(", stack ") + code(review.stack))
        yield from _stack(review, readings[0].verdict, unused)
        return
    yield Heading(words=title)
    yield from overview(readings, most=_MOST_LISTED, unused=unused)
    for review, verdict in changed(readings):
        told = [*_stack(review, verdict, ())]
        yield Details(summary=stack_title(review), blocks=told)


def _stack(
    review: Review, verdict: Verdict | None, unused: Sequence[Acceptance]
) -> Iterator[Block]:
    asked = [verdict] if verdict else []
    yield from gate_blocks(asked, most=_MOST_LISTED, unused=unused)
    yield from head(review, most=_MOST_LISTED)
    rows, home = review.rows, home_of(review.rows)
    if rows:
        verdicts = row_verdicts(verdict)
        cells = [row_cells(row, IN_A_ROW, home=home, verdicts=verdicts) for row in rows]
        yield Table(head=HEAD, rows=cells)
        yield from picture(rows)
        yield Paragraph(words=say("In full:"))
        yield from (row_details(row, home=home, verdicts=verdicts) for row in rows)
    yield from foot(review, most=_MOST_LISTED)
