"""Take the picture of the demo that the pages show, from a run of it.

`make screenshots` runs this, and the test that takes the picture of the report.
"""

import io
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.text import Text

__all__ = ["part_of", "picture"]

ROOT: Final = Path(__file__).parents[1]
WIDTH: Final = 125
# Of rich, which would have a browser fetch fonts.
FONTS: Final = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)


def picture(lines: Text, *, title: str) -> str:
    """Draw a terminal as SVG.

    Args:
        lines: What it shows; what is longer than the terminal is wide is cut.
        title: What stands in the bar above.
    """
    console = Console(record=True, width=WIDTH, file=io.StringIO())
    console.print(lines, no_wrap=True, overflow="ellipsis")
    return FONTS.sub("", console.export_svg(title=title, unique_id="terminal"))


def part_of(shown: str, *, first: str, after: str) -> Text:
    """Cut a part out of what a terminal showed, colours and all.

    Args:
        shown: All of it.
        first: How the first line of the part begins.
        after: How the line behind it begins.

    Raises:
        ValueError: One of the two is not there.
    """
    lines = Text.from_ansi(shown).split("\n")
    begin, end = (
        index
        for index, line in enumerate(lines)
        if line.plain.startswith((first, after))
    )
    return Text("\n").join(lines[begin:end])


if __name__ == "__main__":
    whole = subprocess.check_output(
        [sys.executable, "-m", "sandbox", "demo"],
        cwd=ROOT,
        env={**os.environ, "FORCE_COLOR": "1", "COLUMNS": str(WIDTH)},
        text=True,
    )
    proof = part_of(whole, first="5. the proof", after="6. the same roles")
    text = picture(proof, title="make demo")
    (ROOT / "docs/images/demo.svg").write_text(text, encoding="utf-8")
