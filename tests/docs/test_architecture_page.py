"""The picture of the house shows every room, and a person can read it."""

import re
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

ROOT: Final = Path(__file__).parents[2]
PICTURE: Final = ROOT / "docs/images/architecture.svg"
PAGE: Final = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
# Every room stands on them; the page says so.
BELOW: Final = {"errors", "codes"}
SVG: Final = "{http://www.w3.org/2000/svg}"


def test_every_room_is_in_the_picture_and_on_the_page() -> None:
    """A room that is new or gone is drawn or taken out."""
    rooms = {
        path.stem
        for path in (ROOT / "components/eks_irsa").iterdir()
        if not path.stem.startswith("_") and (path.is_dir() or path.suffix == ".py")
    }
    root = ET.parse(PICTURE).getroot()  # noqa: S314 - our own file
    texts = " ".join(text.text or "" for text in root.iter(f"{SVG}text"))
    drawn = set(re.findall(r"\w+", texts))

    assert rooms - drawn == BELOW
    assert {room for room in BELOW if f"`{room}`" not in PAGE} == set()


def test_texts_of_the_picture_are_inside_it() -> None:
    """Each begins within its borders, and nothing is loaded from elsewhere."""
    source = PICTURE.read_text(encoding="utf-8")
    root = ET.fromstring(source)  # noqa: S314 - our own file
    width, height = float(root.attrib["width"]), float(root.attrib["height"])

    for text in root.iter(f"{SVG}text"):
        assert 0 < float(text.attrib["x"]) < width
        assert 0 < float(text.attrib["y"]) < height
    assert re.findall(r"https?://[^\s\"']+", source) == ["http://www.w3.org/2000/svg"]
