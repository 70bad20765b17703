"""Before and after of one service account, and the rows a reviewer gets.

Each file of tests/golden/review/pairs holds the two sides, the rows, and the reason why
these are the right ones; it was judged by hand when it was written, and a row that
changes wants to be judged again.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import pytest
from golden_files import GoldenFiles
from previews import preview, steps

from eks_irsa.review.forms.markdown_form import markdown_words
from eks_irsa.review.forms.report_blocks import home_of
from eks_irsa.review.forms.row_lines import gains, losses
from eks_irsa.review.forms.rows import looks, row_role, row_trust
from eks_irsa.review.forms.wording import IN_FULL, MARKS, row_name
from eks_irsa.review.forms.words import Words
from eks_irsa.review.model import Row
from eks_irsa.review.preview_reading import read_preview
from eks_irsa.review.reviewing import review

PAIRS: Final = sorted((Path(__file__).parents[1] / "golden/review/pairs").glob("*"))


@pytest.mark.parametrize("file", PAIRS, ids=lambda file: file.stem)
def test_difference_is_the_one_judged_by_hand(file: Path, golden: GoldenFiles) -> None:
    """Each row says what the pair's reason says it must."""
    pair: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))

    rows = reviewed(pair)

    golden(f"review/pairs/{file.name}", json.dumps({**pair, "rows": rows}))


def test_every_mark_is_in_a_pair() -> None:
    """What a reviewer is told to look at was judged by hand at least once."""
    rows = [
        row for file in PAIRS for row in json.loads(file.read_text("utf-8"))["rows"]
    ]

    seen = {line for row in rows for line in row["look"]}

    assert [
        mark
        for mark, words in MARKS.items()
        if not any(line.startswith(f"⚠ {words}") for line in seen)
    ] == []


def reviewed(pair: dict[str, Any]) -> list[dict[str, list[str]]]:
    """Give the rows of a pair, the lines of each cell by its column."""
    before, after = pair["before"], pair["after"]
    accounts = [(before, after)]
    if before and after and before.get("account") != after.get("account"):
        accounts = [(before, None), (None, after)]
    text = preview(*(steps(old, new) for old, new in accounts))
    found = review(read_preview(text)).rows
    return [columns(row, home=home_of(found)) for row in found]


def columns(row: Row, *, home: str) -> dict[str, list[str]]:
    """Write all that is said of a row, uncut, what belongs together under one name."""
    return {
        "severity": [row.severity],
        "change": [row.kind],
        "account": words([row_name(row)]),
        "role": words(row_role(row)),
        "trust": words(row_trust(row, IN_FULL, home=home)),
        "gains": words(gains(row, IN_FULL)),
        "loses": words(losses(row, IN_FULL)),
        "look": [
            f"⚠ {one}" if index < len(row.marks) else one
            for index, one in enumerate(words(looks(row)))
        ],
    }


def words(found: Iterable[Words]) -> list[str]:
    """Write lines as Markdown."""
    return [markdown_words(one, most=2_000) for one in found]
