"""Boxes and arrows, as a flowchart of Mermaid and as a drawing of its own.

Source:
    https://mermaid.js.org/syntax/flowchart.html
"""

import html
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, Literal

from eks_irsa.review.forms.words import shortened

__all__ = ["MOST_TEXT", "Drawing", "Edge", "Look", "mermaid", "svg"]

MOST_TEXT: Final = 48
_PLAIN: Final = re.compile(r"[A-Za-z0-9 /_]")

Look = Literal["same", "new", "removed"]
_ARROWS: Final[dict[Look, str]] = {"same": "-->", "new": "==>", "removed": "-.->"}
_LABELS: Final[dict[Look, str]] = {"same": "", "new": "new", "removed": "removed"}
_STROKES: Final[dict[Look, str]] = {
    "same": 'stroke-width="1"',
    "new": 'stroke-width="4"',
    "removed": 'stroke-width="1" stroke-dasharray="4 4"',
}
# In pixels: of a column, a row, a box; letters are of a fixed width.
_COLUMN: Final = 650
_ROW: Final = 48
_LABEL: Final = 16
_BOX: Final = (370, 32)


@dataclass(frozen=True, kw_only=True, slots=True)
class Edge:
    """One node reaches another.

    Attributes:
        start: Index of the first node.
        end: Index of the other.
        look: Whether it comes, goes or stays.
        label: What it is about, a text of the input; empty for none.
    """

    start: int
    end: int
    look: Look
    label: str = ""

    @property
    def words(self) -> str:
        """What stands on it; empty for nothing."""
        return ": ".join(one for one in (_LABELS[self.look], self.label) if one)


@dataclass(kw_only=True, slots=True)
class Drawing:
    """Nodes and edges.

    Attributes:
        nodes: (column, text): 0 who assumes, 1 a role, 2 a resource.
        edges: Each once.
    """

    nodes: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])
    edges: list[Edge] = field(default_factory=list[Edge])

    def node(self, column: int, text: str) -> int:
        """Return the index of a node, which is made if it is not there."""
        key = (column, shortened(text, MOST_TEXT))
        if key not in self.nodes:
            self.nodes.append(key)
        return self.nodes.index(key)


def mermaid(drawn: Drawing) -> str:
    """Write nodes and edges as a flowchart of Mermaid, every text escaped."""
    lines = ["graph LR"]
    for index, (column, text) in enumerate(drawn.nodes):
        left, right = (("([", "])"), ("[[", "]]"), ("[", "]"))[column]
        lines.append(f'  n{index}{left}"{_escaped(text)}"{right}')
    for edge in drawn.edges:
        label = f'|"{_escaped(edge.words)}"|' if edge.words else ""
        lines.append(f"  n{edge.start} {_ARROWS[edge.look]}{label} n{edge.end}")
    return "".join(f"{line}\n" for line in lines)


def _escaped(text: str) -> str:
    """Write what is not a letter, digit, space, slash or underscore by its number."""
    return "".join(one if _PLAIN.fullmatch(one) else f"#{ord(one)};" for one in text)


def svg(drawn: Drawing) -> str:
    """Draw nodes and edges for a page that loads nothing, in three columns."""
    places: list[tuple[int, int]] = []
    ends = [0, 0, 0]
    for index, (column, _) in enumerate(drawn.nodes):
        places.append((column * _COLUMN, ends[column]))
        labels = sum(edge.start == index for edge in drawn.edges)
        ends[column] += max(_ROW, (labels + 1) * _LABEL)
    width, height = 2 * _COLUMN + _BOX[0], max(ends)
    shapes = [*_lines(drawn, places), *_boxes(drawn, places)]
    return (
        f'<svg viewBox="-4 -4 {width + 8} {height + 8}" font-size="12" '
        f'font-family="monospace" stroke="#444" role="img">{"".join(shapes)}</svg>\n'
    )


def _lines(drawn: Drawing, places: list[tuple[int, int]]) -> Iterator[str]:
    labels = Counter[int]()
    for edge in drawn.edges:
        (x1, y1), (x2, y2) = places[edge.start], places[edge.end]
        left, middle = x1 + _BOX[0], _BOX[1] // 2
        yield (
            f'<line x1="{left}" y1="{y1 + middle}" x2="{x2}" y2="{y2 + middle}" '
            f"{_STROKES[edge.look]}/>"
        )
        # Beside the box where it begins, one below the other.
        y = y1 + 12 + labels[edge.start] * _LABEL
        labels[edge.start] += 1
        # On white, so that no line runs through it.
        look = 'stroke="#fff" stroke-width="4" paint-order="stroke"'
        text = html.escape(shortened(edge.words, MOST_TEXT - 10))
        yield f'<text {look} x="{left + 6}" y="{y}">{text}</text>'


def _boxes(drawn: Drawing, places: list[tuple[int, int]]) -> Iterator[str]:
    for (column, text), (x, y) in zip(drawn.nodes, places, strict=True):
        fill = ("#e7f0ff", "#fff3d6", "#eaf7ea")[column]
        yield (
            f'<rect x="{x}" y="{y}" width="{_BOX[0]}" height="{_BOX[1]}" rx="6" '
            f'fill="{fill}"/><text stroke="none" x="{x + 8}" y="{y + 20}">'
            f"{html.escape(text)}</text>"
        )
