"""The pages for Pulumi's registry say what the package's own page says."""

import re
import runpy
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from golden_files import GoldenFiles

ROOT: Final = Path(__file__).parents[2]
README: Final = (ROOT / "components/README.md").read_text(encoding="utf-8")
SCRIPT: Final = runpy.run_path(str(ROOT / "website/registry.py"))
PAGES: Final[dict[str, str]] = SCRIPT["registry_pages"](README)


@pytest.mark.parametrize("name", PAGES)
def test_the_kept_page_is_made_of_the_packages_own(
    name: str, request: pytest.FixtureRequest
) -> None:
    """`make golden` writes it."""
    files = GoldenFiles(
        folder=ROOT / "docs",
        test=request.node.nodeid,
        update=bool(request.config.getoption("--update-golden")),
    )

    files(name, PAGES[name])


@pytest.mark.parametrize("name", PAGES)
def test_the_registry_can_show_the_page(name: str) -> None:
    """It has the head that the registry reads, and every shortcode is closed."""
    _, head, text = PAGES[name].split("---\n", 2)
    opened = re.findall(r"\{\{[<%] (\w+)", text)
    closed = re.findall(r"\{\{[<%] /(\w+)", text)

    front: dict[str, Any] = yaml.safe_load(head)
    assert front.keys() == {"title", "meta_desc", "layout"}
    assert front["layout"] == "package"
    assert sorted(opened) == sorted(closed)
    # What is beside it in the repository is not there.
    assert re.findall(r"\]\((?!https:)", text) == []


def test_every_language_of_the_package_is_shown() -> None:
    """In the order in which the page chooses."""
    languages = re.findall(r"choosable language (\w+)", PAGES["_index.md"])

    assert f'"{",".join(languages)}"' in PAGES["_index.md"]
    assert set(languages) <= set(re.findall(r"^```(\w+)$", README, re.MULTILINE))
    assert len(languages) == 6


def test_a_page_without_a_program_in_a_language_is_refused() -> None:
    """Nothing is left out without a word."""
    with pytest.raises(ValueError, match="has no program in java"):
        SCRIPT["registry_pages"](README.replace("```java", "```text"))
