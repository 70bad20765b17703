"""Several stacks in one report: which of them change, and what changes in each."""

from collections.abc import Iterator, Sequence
from typing import Final

from eks_irsa.review.forms.blocks import Block, Bullets, Paragraph, Table
from eks_irsa.review.forms.comment import MOST_IN_SHORT, body
from eks_irsa.review.forms.gate_words import gate_blocks
from eks_irsa.review.forms.markdown_form import (
    MOST_IN_A_ROW,
    markdown_details,
    markdown_of,
)
from eks_irsa.review.forms.report_blocks import error_lines
from eks_irsa.review.forms.rows import (
    gravest_look,
    severity_counts,
    severity_words,
)
from eks_irsa.review.forms.wording import folded, row_name
from eks_irsa.review.forms.words import Words, code, join, number, say, strong, told
from eks_irsa.review.model import Review, Row, Severity
from eks_irsa.review.readings import Reading, verdicts_of
from eks_irsa.review.weighing.gate import Acceptance, Verdict
from eks_irsa.review.weighing.severity import SEVERITIES, SEVERITY, is_at_least

__all__ = ["changed", "folded_stacks", "overview", "severity", "stack_title"]

_MOST_NAMES: Final = 3
# Less is too little to say anything about a stack beside its line.
_LEAST_ROOM: Final = 2_000
_ROOM_FOR_A_NOTE: Final = 100


def changed(readings: Sequence[Reading]) -> list[tuple[Review, Verdict | None]]:
    """Return the stacks in which anything changes or may change, the gravest first.

    Args:
        readings: One for each file.

    Returns:
        The review of each, and what a gate says of it.
    """
    found = [
        (one.review, one.verdict)
        for one in readings
        if one.review and (one.review.rows or one.review.providers or _doubts(one))
    ]
    return sorted(found, key=lambda one: _order(one[0]))


def _doubts(reading: Reading) -> bool:
    return reading.review is not None and bool(reading.review.unknowns)


def _order(review: Review) -> tuple[int, str, str]:
    return SEVERITIES.index(severity(review)), review.project, review.stack


def severity(review: Review) -> Severity:
    """Return how grave the gravest row of a stack is, or what is not known of it."""
    gravest: Severity = review.rows[0].severity if review.rows else "none"
    unknown = SEVERITY["unknown"]
    return unknown if review.unknowns and not is_at_least(gravest, unknown) else gravest


def stack_title(review: Review) -> Words:
    """Name a stack, and say how grave what changes in it is."""
    return severity_words(severity(review)) + say(" ") + code(review.stack)


def overview(
    readings: Sequence[Reading], *, most: int, unused: Sequence[Acceptance] = ()
) -> Iterator[Block]:
    """Say what fails, a line for each stack that changes, and how many do not.

    Args:
        readings: One for each file.
        most: As many lines are shown at most of those that fail, of those that change
            and of what a gate stops or was accepted.
        unused: Exceptions that are about nothing here. Default: none.
    """
    unread = sum(one.review is None for one in readings)
    yield from gate_blocks(
        verdicts_of(readings), most=most, unread=unread, unused=unused
    )
    failed = [_failure(one) for one in readings if one.failed]
    if failed:
        count = number(len(failed)) + say(" of ") + number(len(readings))
        words = say("⚠ ") + count + say(" previews ") + strong("failed:")
        yield Paragraph(words=words)
        yield Bullets(items=folded(failed, most))
    found = changed(readings)
    if found:
        head = (say("severity"), say("stack, and what changes in it"))
        yield Table(head=head, rows=[_line(one) for one, _ in found[:most]])
    if len(found) > most:
        left = number(len(found) - most) + say(" more stacks change.")
        yield Paragraph(words=strong("Too long for a comment:") + say(" ") + left)
    yield Paragraph(words=_others(readings, len(found)))


def _others(readings: Sequence[Reading], changing: int) -> Words:
    if not readings:
        return say("No stack was previewed.")
    quiet = sum(not one.failed for one in readings) - sum(
        not one.errors for one, _ in changed(readings)
    )
    if quiet == 0:
        verb = say(" stacks changes.") if changing == 1 else say(" stacks change.")
        return number(changing) + say(" of ") + number(len(readings)) + verb
    if quiet == 1:
        return say("1 stack does not change.")
    return number(quiet) + say(" stacks do not change.")


def _failure(reading: Reading) -> Words:
    if reading.review is None:
        return code(reading.file) + say(": ") + told(reading.problem)
    lines = folded(error_lines(reading.review.errors), _MOST_NAMES)
    return code(reading.review.stack) + say(": ") + join("; ", lines)


def _line(review: Review) -> list[list[Words]]:
    """Write a stack as a row: what is grave in it by name."""
    rows = review.rows
    lines = [code(review.stack)]
    if rows:
        lines.append(severity_counts(rows))
        lines += folded([_named(row) for row in rows], _MOST_NAMES)
    if review.providers:
        lines.append(number(len(review.providers)) + say(" OIDC providers change"))
    if not review.is_complete:
        lines.append(say("⚠ not everything could be told"))
    return [[severity_words(severity(review))], lines]


def _named(row: Row) -> Words:
    words = severity_words(row.severity) + say(": ") + row_name(row)
    look = gravest_look(row)
    return words + say(": ") + look if look else words


def folded_stacks(
    found: Sequence[tuple[Review, Verdict | None]], room: int
) -> Iterator[str]:
    """Write what changes in each stack, folded, each in a fair share of the room.

    Args:
        found: As `changed` returns them.
        room: As many characters all of them have at most.
    """
    texts = [_told_whole(*one, room) for one in found]
    share = _fair_share([len(text) for text in texts], room - _ROOM_FOR_A_NOTE)
    for index, (one, text) in enumerate(zip(found, texts, strict=True)):
        if len(text) <= share:
            yield text
        elif share >= _LEAST_ROOM:
            yield _told_whole(*one, share)
        else:
            words = say("Too long for a comment: what changes in ")
            words += number(len(found) - index) + say(" stacks is left out here.")
            yield markdown_of([Paragraph(words=words)], most=MOST_IN_SHORT)
            return


def _told_whole(review: Review, verdict: Verdict | None, room: int) -> str:
    empty = markdown_details(stack_title(review), "", most=MOST_IN_A_ROW)
    inner = body(review, room=room - len(empty), verdict=verdict)
    return markdown_details(stack_title(review), f"\n{inner}", most=MOST_IN_A_ROW)


def _fair_share(needs: Sequence[int], room: int) -> int:
    """Return what each may have at most, so that all together fit."""
    left = room
    for count, need in zip(range(len(needs), 0, -1), sorted(needs), strict=True):
        if need * count > left:
            return left // count
        left -= need
    return room
