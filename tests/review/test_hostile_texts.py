"""No text of the input is markup: what a person sees is what the report says.

Renderers that are not ours read the Markdown: GitHub's own (cmark-gfm) and one of
CommonMark; Python's parser of HTML reads what they make of it, and our page.
"""

import random
import re
from collections.abc import Callable, Sequence
from datetime import date
from html.parser import HTMLParser
from typing import Final

import pytest
from github_markdown import github_html
from hostile_previews import hostile_preview, hostile_text
from markdown_it import MarkdownIt

from eks_irsa.documents.printable import printable
from eks_irsa.review.forms.gate_words import row_verdicts
from eks_irsa.review.forms.html_page import html_page
from eks_irsa.review.forms.markdown import markdown
from eks_irsa.review.forms.markdown_form import MOST_IN_A_ROW
from eks_irsa.review.forms.report_blocks import home_of
from eks_irsa.review.forms.rows import row_cells
from eks_irsa.review.forms.wording import IN_A_ROW
from eks_irsa.review.forms.words import Words, shortened
from eks_irsa.review.model import Review
from eks_irsa.review.preview_reading import read_preview
from eks_irsa.review.readings import Reading
from eks_irsa.review.reviewing import review
from eks_irsa.review.weighing.gate import CODES, Acceptance, Verdict, verdict

# What the report itself is made of; an image, a link or a script is somebody else's.
TAGS: Final = {
    *("br", "code", "details", "h3", "li", "p", "pre", "strong", "summary", "table"),
    *("tbody", "td", "th", "thead", "tr", "ul"),
}
PAGE_TAGS: Final = TAGS - {"h3", "pre"} | {
    *("body", "h2", "head", "html", "meta", "style", "title"),
    *("g", "line", "rect", "svg", "text"),
}
# What GitHub and GitLab make links or signs of, wherever it is not code.
# Source: https://docs.github.com/en/get-started/writing-on-github/working-with-advanced-formatting/autolinked-references-and-urls,
# https://docs.gitlab.com/user/markdown/
LIVE: Final = re.compile(
    r"[@#!~$&%]\w|\bGH-\d|\b[0-9a-f]{7,40}\b|://|www\.|\w@\w|:\w+:|\[\[|\w/\w"
)
RENDERERS: Final[dict[str, Callable[[str], str]]] = {
    "cmark-gfm": github_html,
    "commonmark": MarkdownIt("commonmark", {"html": True}).enable("table").render,
}


class Seen(HTMLParser):
    """What a page shows: tables, and everything that is not text."""

    def __init__(self, text: str) -> None:
        """Read a page."""
        super().__init__()
        self.rows: list[list[str]] = []
        self.tags: set[str] = set()
        self.comments: list[str] = []
        self.attributes: set[tuple[str, str | None]] = set()
        self.unguarded = ""
        self._in_cell = False
        self._in_code = 0
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag, and begin a row or a cell."""
        self.tags.add(tag)
        self.attributes |= {*attrs}
        self._in_code += tag == "code"
        if tag == "tr":
            self.rows.append([])
        elif tag in {"td", "th"}:
            self.rows[-1].append("")
            self._in_cell = True
        elif tag == "br" and self._in_cell:
            self.rows[-1][-1] += "\n"

    def handle_endtag(self, tag: str) -> None:
        """End a cell or a code."""
        self._in_code -= tag == "code"
        if tag in {"td", "th"}:
            self._in_cell = False

    def handle_data(self, data: str) -> None:
        """Add to a cell, and to what a forge looks through for mentions."""
        if not self._in_code:
            self.unguarded += f"{data} "
        if self._in_cell:
            self.rows[-1][-1] += data

    def handle_comment(self, data: str) -> None:
        """Note a comment."""
        self.comments.append(data)


def said(words: Words) -> str:
    """Give a line as it is to be seen in a table."""
    return "".join(
        # A pipe after a backslash is shown by its number, for renderers differ.
        shortened(part.text, MOST_IN_A_ROW).replace("\\|", "\\\\x7c")
        if part.kind == "code"
        else part.text
        for part in words.parts
    )


def judged(found: Review, seed: int) -> Verdict:
    """Ask a gate, of whose exceptions every text is hostile too."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    accepted = Acceptance(
        row="*",
        stack="*",
        rules=tuple(chance.sample(CODES, len(CODES) // 2)),
        reason=hostile_text(chance),
        until=date(2026, 12, 1),
        place=hostile_text(chance),
    )
    return verdict(
        found, rules=["low"], acceptances=[accepted], today=date(2026, 11, 30)
    )


def rows_of(found: Review, given: Verdict) -> list[list[str]]:
    """Give the cells of the table as they are to be seen."""
    home, verdicts = home_of(found.rows), row_verdicts(given)
    cells = [
        row_cells(row, IN_A_ROW, home=home, verdicts=verdicts) for row in found.rows
    ]
    return [["\n".join(map(said, cell)) for cell in row] for row in cells]


def assert_only_text(rows: Sequence[Sequence[str]], seen: Seen) -> None:
    """Hold what is seen to what was said."""
    shown = [row for row in seen.rows if row[0] != "severity" and len(row) == 2]
    assert shown == rows
    assert seen.tags <= TAGS
    assert len(seen.comments) == 1
    assert LIVE.search(seen.unguarded) is None
    assert {name for name, _ in seen.attributes} <= {"class", "lang"}


def assert_every_text_stays_text(seeds: range) -> None:
    """Render the report on each preview, and read what a person sees."""
    for seed in seeds:
        found = review(read_preview(hostile_preview(seed)))
        given = judged(found, seed)
        text = markdown(found, max_characters=10**6, verdict=given)
        rows = rows_of(found, given)

        assert all(line.isprintable() for line in text.splitlines())
        assert text.count("\r") == 0
        for render in RENDERERS.values():
            assert_only_text(rows, Seen(render(text)))
        page = Seen(html_page([Reading(file="x", review=found, verdict=given)]))
        assert page.tags <= PAGE_TAGS
        assert page.comments == []
        names = {printable(row.name)[:20] for row in found.rows}
        cells = "\n".join(cell for row in page.rows for cell in row)
        assert [name for name in names if name not in cells] == []


def test_hostile_texts_stay_text() -> None:
    """The first few of those below, for the fast suite."""
    assert_every_text_stays_text(range(60))


@pytest.mark.thorough
@pytest.mark.parametrize("part", range(10))
def test_ten_thousand_hostile_texts_stay_text(part: int) -> None:
    """No image, no link, no script; every row is there, with its text in its cell."""
    assert_every_text_stays_text(range(part * 1_000, (part + 1) * 1_000))
