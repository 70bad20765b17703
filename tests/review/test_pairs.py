"""Before and after of one service account, and the rows a reviewer gets.

Each file of tests/golden/review/pairs holds the two sides, the rows, and the reason why
these are the right ones; it was judged by hand when it was written, and a row that
changes wants to be judged again.
"""

import json
from pathlib import Path
from typing import Any, Final

import pytest
from golden_files import GoldenFiles
from previews import preview, steps

from eks_irsa.review.markdown import markdown
from eks_irsa.review.preview_reading import read_preview
from eks_irsa.review.reviewing import review
from eks_irsa.review.wording import MARKS

PAIRS: Final = sorted((Path(__file__).parents[1] / "golden/review/pairs").glob("*"))
COLUMNS: Final = ("change", "account", "role", "trust", "gains", "loses", "look")


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
    shown = markdown(review(read_preview(text))).splitlines()
    return [
        {
            column: [line for line in cell.split("<br>") if line]
            for column, cell in zip(COLUMNS, line[2:-2].split(" | "), strict=True)
        }
        for line in shown
        if line.startswith("| ") and not line.startswith(("| | ", "| ---"))
    ]
