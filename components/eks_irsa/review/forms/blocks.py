"""What a report is built of, before it is Markdown or HTML."""

from collections.abc import Sequence
from dataclasses import dataclass

from eks_irsa.review.forms.drawing import Drawing
from eks_irsa.review.forms.words import Words

__all__ = ["Block", "Bullets", "Details", "Heading", "Paragraph", "Picture", "Table"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Heading:
    """A heading."""

    words: Words


@dataclass(frozen=True, kw_only=True, slots=True)
class Paragraph:
    """A paragraph."""

    words: Words


@dataclass(frozen=True, kw_only=True, slots=True)
class Bullets:
    """A list, an item a line.

    Attributes:
        items: Never empty.
    """

    items: Sequence[Words]


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """A table.

    Attributes:
        head: Names of the columns.
        rows: Cells, each of lines; as many in each row as in the head.
    """

    head: Sequence[Words]
    rows: Sequence[Sequence[Sequence[Words]]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Picture:
    """A drawing, which a forge makes of the text of a flowchart."""

    drawing: Drawing


@dataclass(frozen=True, kw_only=True, slots=True)
class Details:
    """Blocks that a reader unfolds.

    Attributes:
        summary: What is shown of it before that.
        blocks: What is in it.
    """

    summary: Words
    blocks: Sequence["Block"]


Block = Heading | Paragraph | Bullets | Table | Picture | Details
