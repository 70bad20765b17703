"""One service account or role: a row of a table, and all of it below."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, LiteralString

from eks_irsa.review.forms.blocks import Block, Bullets, Details, Paragraph
from eks_irsa.review.forms.gate_words import RowVerdicts, row_gate_lines
from eks_irsa.review.forms.row_lines import (
    gains,
    is_trusted_as_usual,
    losses,
    trusts,
)
from eks_irsa.review.forms.way_words import way_lines
from eks_irsa.review.forms.wording import (
    IN_FULL,
    MARKS,
    Measure,
    folded,
    row_name,
    value_words,
)
from eks_irsa.review.forms.words import Words, code, join, number, say, strong, told
from eks_irsa.review.model import Mark, Row, Severity, Sides, Value
from eks_irsa.review.weighing.severity import SEVERITIES, SEVERITY

__all__ = [
    "HEAD",
    "gravest_look",
    "looks",
    "row_cells",
    "row_details",
    "row_role",
    "row_trust",
    "severity_counts",
    "severity_words",
]

HEAD: Final = (say("severity"), say("service account, and what changes for it"))
_GAINED: Final = say("+ ")
_LOST: Final = say("\N{MINUS SIGN} ")
_LOOK: Final = say("\N{WARNING SIGN} ")
_NO_VERDICTS: Final[RowVerdicts] = {}
_NOTHING: Final = say("nothing that this report can tell")
_COLOURS: Final[dict[Severity, LiteralString]] = {
    "critical": "🔴",
    "high": "🟠",
    "medium": "🟡",
    "low": "🔵",
    "none": "⚪",
}
# What an administrator may do besides. In a row it would bury what is news of its own:
# a boundary that goes, another role, pods that must restart.
_OF_ADMINISTRATORS: Final[frozenset[Mark]] = frozenset(
    {
        "data-deletion",
        "data-read",
        "data-sharing",
        "escalation",
        "escalation-limited",
        "every-data-store",
        "every-secret",
        "pass-any-role",
        "pass-role",
        "permissions-management",
        "secrets",
        "wildcard-action",
        "wildcard-resource",
        "write-wildcard-action",
        "write-wildcard-resource",
    }
)


def severity_words(severity: Severity) -> Words:
    """Name a severity, with its colour."""
    return say(_COLOURS[severity]) + say(" ") + say(severity)


def severity_counts(rows: Iterable[Row]) -> Words:
    """Say how many rows have which severity, the gravest first.

    Args:
        rows: At least one.
    """
    counts = Counter(row.severity for row in rows)
    return join(
        ", ",
        [
            say(_COLOURS[one]) + say(" ") + number(counts[one]) + say(" ") + say(one)
            for one in SEVERITIES
            if counts[one]
        ],
    )


def row_cells(
    row: Row, measure: Measure, *, home: str, verdicts: RowVerdicts = _NO_VERDICTS
) -> list[list[Words]]:
    """Write the cells of `HEAD` for one row.

    Args:
        row: With a difference.
        measure: How much of each list is shown.
        home: The issuer that goes without saying; empty for none.
        verdicts: What a gate says of the rows. Default: nobody asked.
    """
    return [
        [severity_words(row.severity)],
        [
            row_name(row) + say(" ") + strong(row.kind),
            *row_gate_lines(row, verdicts, measure),
            *([*_changes(row, measure, home=home)] or [_NOTHING]),
        ],
    ]


def row_details(
    row: Row, *, home: str, verdicts: RowVerdicts = _NO_VERDICTS
) -> Details:
    """Write all there is to say of one row, for whoever wants to look closer.

    Args:
        row: With a difference.
        home: The issuer that goes without saying; empty for none.
        verdicts: What a gate says of the rows. Default: nobody asked.
    """
    sections: tuple[tuple[LiteralString, list[Words]], ...] = (
        ("gate", [*row_gate_lines(row, verdicts, IN_FULL)]),
        ("look at", looks(row)),
        ("gains", gains(row, IN_FULL)),
        ("loses", losses(row, IN_FULL)),
        ("role", [*row_role(row), *way_lines(row, in_full=True)]),
        ("who may assume it", [*row_trust(row, IN_FULL, home=home)]),
    )
    blocks: list[Block] = []
    for title, found in sections:
        if found:
            blocks += [Paragraph(words=strong(title)), Bullets(items=found)]
    summary = severity_words(row.severity) + say(" ") + row_name(row)
    return Details(summary=summary, blocks=blocks)


def looks(row: Row) -> list[Words]:
    """Return what a reviewer must not miss, the gravest first, and other changes."""
    found = [_mark_words(mark, row) for mark in _by_weight(row.marks)]
    for one in row.others:
        before, after = map(_text, (one.sides.before, one.sides.after))
        found.append(code(one.what) + say(": ") + before + say(" → ") + after)
    return found


def gravest_look(row: Row) -> Words:
    """Return the gravest of what a reviewer must not miss; nothing for no mark."""
    return say(MARKS[_by_weight(row.marks)[0]]) if row.marks else Words()


def _by_weight(marks: Sequence[Mark]) -> list[Mark]:
    return sorted(marks, key=lambda mark: SEVERITIES.index(SEVERITY[mark]))


def _mark_words(mark: Mark, row: Row) -> Words:
    words = say(MARKS[mark])
    return words + say(": ") + told(row.restart) if mark == "restart-pods" else words


def _text(text: str) -> Words:
    return code(text) if text else say("none")


def _changes(row: Row, measure: Measure, *, home: str) -> Iterator[Words]:
    marks = _looks_of_a_row(row)
    if marks:
        yield _LOOK + join("; ", marks)
    yield from _signed(_GAINED, gains(row, measure))
    yield from _trust_changes(row, measure, home=home)
    yield from _signed(_LOST, losses(row, measure))
    if row.foreign_role:
        yield from row_role(row)
    elif row.role.differ:
        yield say("role ") + _change(row.role)
    elif row.role_arns.differ:
        yield say("role ") + _change(row.role_arns)
    yield from way_lines(row, in_full=False)
    if row.boundary is not None and row.boundary.sides.differ:
        yield say("bounded by ") + _change(row.boundary.sides)
    yield from folded(looks(row)[len(row.marks) :], measure.lines)


def _looks_of_a_row(row: Row) -> list[Words]:
    """Word the marks of a row; those that an administrator has anyway are a number."""
    marks = _by_weight(row.marks)
    if "administrator" not in marks:
        return [_mark_words(mark, row) for mark in marks]
    words: dict[Mark, Words] = {
        mark: _mark_words(mark, row) for mark in marks if mark not in _OF_ADMINISTRATORS
    }
    if left := len(marks) - len(words):
        implied = say(" more mark)") if left == 1 else say(" more marks)")
        words["administrator"] += say(" (which implies ") + number(left) + implied
    return [*words.values()]


def _signed(sign: Words, found: Sequence[Words]) -> Iterator[Words]:
    for one in found:
        yield sign + one


def row_role(row: Row) -> Iterator[Words]:
    """Word the role of a row, before and after, and what bounds it."""
    sides = row.role
    if row.foreign_role:
        yield say("somebody else's: ") + _change(sides)
        yield strong("unknown") + say(": who may assume it and what it may do")
    elif sides.before is None and sides.after is None:
        yield say("as it is (not in this preview)")
    elif sides != row.role_arns:
        yield _change(sides)
    if row.role_arns.before is not None or row.role_arns.after is not None:
        yield _change(row.role_arns)
    if row.boundary is not None and not row.foreign_role:
        yield say("bounded by ") + _change(row.boundary.sides)


def _change(sides: Sides[Value]) -> Words:
    if sides.before is None or not sides.differ:
        return value_words(sides.after)
    if sides.after is None:
        return value_words(sides.before)
    return value_words(sides.before) + say(" → ") + value_words(sides.after)


def row_trust(row: Row, measure: Measure, *, home: str) -> Iterator[Words]:
    """Word who may assume the role: what comes, what goes and what stays."""
    if row.foreign_role:
        return
    found = trusts(row.trust, measure, home=home)
    if row.trust.sides.before is None or row.trust.sides.after is None:
        yield from folded(found.come or found.gone, measure.lines)
        return
    yield from folded([_GAINED + one for one in found.come], measure.lines)
    yield from folded([_LOST + one for one in found.gone], measure.lines)
    yield from folded(found.stay, measure.lines)


def _trust_changes(row: Row, measure: Measure, *, home: str) -> Iterator[Words]:
    """Word who may assume the role if that is not what every row of its kind has."""
    if row.foreign_role or row.kind == "removed":
        return
    if is_trusted_as_usual(row, home=home):
        return
    found = trusts(row.trust, measure, home=home)
    for sign, lines in ((_GAINED, found.come), (_LOST, found.gone)):
        said = [say("may be assumed by ") + one for one in lines]
        yield from _signed(sign, folded(said, measure.lines))
