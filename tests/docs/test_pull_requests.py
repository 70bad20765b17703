"""The report in the documents: the example is the engine's, and marks are explained."""

import re
from pathlib import Path
from typing import Final

from golden_files import GoldenFiles

from eks_irsa.review.wording import MARKS

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = (ROOT / "docs/pull-requests.md").read_text(encoding="utf-8")
README: Final = (ROOT / "README.md").read_text(encoding="utf-8")


def test_example_of_the_page_is_what_the_engines_preview_gives(
    golden: GoldenFiles,
) -> None:
    """The golden file is compared with a live preview in tests/engine."""
    begin = PAGE.index("<!-- eks-irsa report")
    shown = PAGE[begin : PAGE.index("\n\n---\n")]

    golden("review/example.md", f"{shown}\n")


def test_rows_of_the_readme_are_those_of_the_page() -> None:
    """It shows less, and nothing else."""
    section = README.partition("### In a pull request\n")[2].partition("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("|")]

    assert len(rows) == 4
    assert [row for row in rows if row not in PAGE.splitlines()] == []


def test_every_mark_is_explained() -> None:
    """Code and words as the report gives them."""
    table = PAGE.partition("| code | in words |\n")[2].partition("\n\n")[0]

    rows = re.findall(r"^\| `([a-z-]+)` \| (.*) \|$", table, re.MULTILINE)

    assert dict(rows) == MARKS


def test_every_link_of_the_page_leads_somewhere() -> None:
    """No file was renamed behind its back."""
    links = re.findall(r"\]\(([^)#:]+)\)", PAGE)

    assert [link for link in links if not (ROOT / "docs" / link).exists()] == []
