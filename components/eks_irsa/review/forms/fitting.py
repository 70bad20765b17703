"""Which rows of a report fit, and how much of each.

A limit takes details first, then words, then what weighs least: a row of low severity
is left out before a critical one loses anything.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from eks_irsa.review.model import Row

__all__ = ["Fit", "fit"]

# What has at least its name before anything else has a line.
_SEVERE: Final = frozenset({"critical", "high"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Fit:
    """What of each row is shown, each list by weight.

    Attributes:
        rows: Rows of the table, in full or short.
        names: Rows of which only the name is shown.
        left_out: Rows that are counted only.
        details: What is shown below the table.
        shortened: Number of rows that are shown short.
    """

    rows: tuple[str, ...]
    names: tuple[Row, ...]
    left_out: tuple[Row, ...]
    details: tuple[str, ...]
    shortened: int


def fit(
    rows: Sequence[Row],
    *,
    room: int,
    forms: Sequence[Callable[[Row], str]],
    details: Callable[[Row], str],
) -> Fit:
    """Choose what is shown of each row.

    Args:
        rows: The gravest first.
        room: Characters there are for all of them.
        forms: How a row can be shown: as its name, short, in full; each longer than
            the one before.
        details: Writes what stands below the table for a row that is shown in full.
    """
    last = len(forms) - 1
    whole = _in_full(rows, room=room, form=forms[last])
    if whole is None:
        chosen = _as_fits(rows, room=room, forms=forms)
    else:
        chosen = [(last, text) for text in whole]
    left = room - sum(len(text) for _, text in chosen)
    below: list[str] = []
    for row, (form, _) in zip(rows, chosen, strict=True):
        text = details(row) if form == last else ""
        if len(text) > left or form != last:
            break
        below.append(text)
        left -= len(text)
    pairs = [*zip(rows, chosen, strict=True)]
    return Fit(
        rows=tuple(text for form, text in chosen if form > 0),
        names=tuple(row for row, (form, _) in pairs if form == 0),
        left_out=tuple(row for row, (form, _) in pairs if form < 0),
        details=tuple(below),
        shortened=sum(0 < form < last for form, _ in chosen),
    )


def _in_full(
    rows: Sequence[Row], *, room: int, form: Callable[[Row], str]
) -> list[str] | None:
    texts: list[str] = []
    left = room
    for row in rows:
        texts.append(form(row))
        left -= len(texts[-1])
        if left < 0:
            return None
    return texts


def _as_fits(
    rows: Sequence[Row], *, room: int, forms: Sequence[Callable[[Row], str]]
) -> list[tuple[int, str]]:
    """Give severe rows their names, then more; of the others those that fit in full."""
    chosen = [(-1, "")] * len(rows)
    left = room
    severe = [index for index, row in enumerate(rows) if row.severity in _SEVERE]
    others = [index for index, row in enumerate(rows) if row.severity not in _SEVERE]
    last = len(forms) - 1
    passes = [(form, index) for form in range(len(forms)) for index in severe]
    for form, index in (*passes, *((last, index) for index in others)):
        text, old = forms[form](rows[index]), chosen[index][1]
        if len(text) - len(old) > left:
            # What weighs less is not to have what this could not.
            break
        chosen[index] = (form, text)
        left -= len(text) - len(old)
    return chosen
