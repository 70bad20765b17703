"""Pages of docs/: their links lead somewhere, and what they promise is complete."""

import re
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
# All that website/pages.py lays out, and the registry's.
PAGES: Final = sorted(
    [
        *ROOT.glob("*.md"),
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / "examples").rglob("*.md"),
        ROOT / "components/README.md",
        ROOT / "tests/recordings/README.md",
    ]
)
LINK: Final = re.compile(r"\]\((?!https?:)([^)\s#]*)(?:#([^)\s]+))?\)")
HELD: Final = re.compile(r"`(tests/[\w/]+\.py)`")

# Every command and flag of eksctl's page on accounts with roles, as it was when this
# project began: https://eksctl.io/usage/iamserviceaccounts/
COMMANDS: Final = (
    "eksctl utils associate-iam-oidc-provider",
    "eksctl create iamserviceaccount",
    "eksctl delete iamserviceaccount",
    "eksctl create cluster",
)
FLAGS: Final = (
    "--attach-policy-arn",
    "--cluster",
    "--config-file",
    "--exclude",
    "--include",
    "--name",
    "--namespace",
    "--only-missing",
    "--override-existing-serviceaccounts",
)


def anchors(page: Path) -> set[str]:
    """Give the anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", one.lower()).replace(" ", "-") for one in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_to_pages_and_headings_that_are_there(page: Path) -> None:
    """A reader who follows one arrives."""
    broken: list[str] = []
    for target, anchor in LINK.findall(page.read_text(encoding="utf-8")):
        at = page.parent / target if target else page
        if not at.exists() or (anchor and anchor not in anchors(at)):
            broken.append(f"{target}#{anchor}")

    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_what_a_page_says_is_held_by_a_test_that_is_there(page: Path) -> None:
    """A promise without its test would be a guess."""
    text = page.read_text(encoding="utf-8")

    assert [one for one in HELD.findall(text) if not (ROOT / one).exists()] == []


def test_every_case_of_troubleshooting_names_its_test() -> None:
    """Each is provoked and cured."""
    text = (ROOT / "docs/troubleshooting.md").read_text(encoding="utf-8")
    cases = (ROOT / "tests/engine/test_troubleshooting.py").read_text(encoding="utf-8")
    _, *sections = re.split(r"^## ", text, flags=re.MULTILINE)

    assert len(sections) == 10
    for section in sections:
        named = re.findall(r"`(test_\w+)`", section)
        assert named or HELD.findall(section), section
        assert all(f"def {name}(" in cases for name in named), section


@pytest.mark.parametrize("word", [*COMMANDS, *FLAGS])
def test_everything_of_eksctls_page_has_an_answer(word: str) -> None:
    """Whoever comes from there finds what to do here."""
    text = (ROOT / "docs/from-eksctl.md").read_text(encoding="utf-8")
    first_cells = [row.split("|")[1] for row in text.splitlines() if "|" in row]

    assert any(f"`{word}" in cell for cell in first_cells)
