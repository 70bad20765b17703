"""Pictures of the pages: each is shown with words for who does not see it."""

import re
import runpy
from pathlib import Path
from typing import Any, Final

import pytest

ROOT: Final = Path(__file__).parents[2]
# The logo is the registry's.
IMAGES: Final = sorted(
    {*(ROOT / "docs/images").iterdir()} - {ROOT / "docs/images/logo.svg"}
)
SCRIPT: Final[dict[str, Any]] = runpy.run_path(str(ROOT / "website/screenshots.py"))
PAGES: Final = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]
SHOWN: Final = re.compile(r"!\[([^\]]*)\]\(\S*images/([\w.-]+)\)")
ELSEWHERE: Final = re.compile(r"(?:href|src|url)\s*[=(]\s*['\"]?https?:", re.IGNORECASE)


@pytest.mark.parametrize("image", IMAGES, ids=lambda image: image.name)
def test_every_picture_is_shown_and_described(image: Path) -> None:
    """By a page, in some words; and it fetches nothing."""
    texts = [page.read_text(encoding="utf-8") for page in PAGES]
    described = {name: words for text in texts for words, name in SHOWN.findall(text)}

    assert len(described[image.name].split()) >= 8
    if image.suffix == ".svg":
        assert ELSEWHERE.findall(image.read_text(encoding="utf-8")) == []


def test_picture_of_a_terminal_shows_the_part_that_is_asked_for() -> None:
    """From its heading to the next, with nothing of a browser's fonts."""
    shown = "1. one\n\x1b[1m2. two\x1b[0m\n  <right>\n3. three\n"

    part = SCRIPT["part_of"](shown, first="2. two", after="3. three")
    svg = SCRIPT["picture"](part, title="a title")

    assert part.plain == "2. two\n  <right>"
    assert "&lt;right&gt;" in svg
    assert "a&#160;title" in svg
    assert "font-face" not in svg
    assert "three" not in svg


def test_demo_without_the_part_is_refused() -> None:
    """A picture of nothing would be kept otherwise."""
    with pytest.raises(ValueError, match="unpack"):
        SCRIPT["part_of"]("1. one\n2. two\n", first="2. two", after="3. three")


def test_the_kept_picture_of_the_demo_shows_the_proof() -> None:
    """Of each service account, with what the demo tries."""
    text = (ROOT / "docs/images/demo.svg").read_text(encoding="utf-8")
    words = text.replace("&#160;", " ")

    names = ("backend-apps/cache-access", "backend-apps/s3-reader")
    for name in (*names, "kube-system/cluster-autoscaler"):
        assert name in words
    assert words.count("InvalidIdentityToken: Incorrect token audience") == 3
