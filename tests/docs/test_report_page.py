"""The page about the report: its example is the engine's, and its words are its own."""

import re
from pathlib import Path
from typing import Final

import pytest
from golden_files import GoldenFiles

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = (ROOT / "docs/report.md").read_text(encoding="utf-8")
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


@pytest.mark.parametrize("page", ["report.md", "pull-requests.md"])
def test_every_link_of_the_page_leads_somewhere(page: str) -> None:
    """No file was renamed behind its back."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)#:]+)\)", text)

    assert [link for link in links if not (ROOT / "docs" / link).exists()] == []
