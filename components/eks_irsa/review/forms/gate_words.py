"""What a gate says, in words: of a whole report, and of each row."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final, TypeVar

from eks_irsa.review.forms.blocks import Block, Bullets, Paragraph
from eks_irsa.review.forms.wording import Measure, folded, row_name
from eks_irsa.review.forms.words import Words, code, join, number, say, strong, told
from eks_irsa.review.model import Row
from eks_irsa.review.weighing.findings import THE_PREVIEW, Finding
from eks_irsa.review.weighing.gate import Acceptance, Accepted, Failure, Verdict
from eks_irsa.review.weighing.severity import SEVERITIES

__all__ = ["RowVerdicts", "gate_blocks", "row_gate_lines", "row_verdicts"]

T = TypeVar("T", Failure, Accepted)

# Name and URN of a row -> what the gate says of it alone.
RowVerdicts = Mapping[tuple[str, str], Verdict]
_STOPPED: Final = say("⛔ ")
_PASSED: Final = say("✅ ")
_MOST_CODES: Final = 6
# As long before an exception ends as a team needs to decide anew.
_SOON_DAYS: Final = 14


def row_verdicts(verdict: Verdict | None) -> RowVerdicts:
    """Sort what a gate says of a review by its rows; empty where nobody asked."""
    if verdict is None:
        return {}
    empty = Verdict(rules=verdict.rules, failures=())
    found: dict[tuple[str, str], Verdict] = {}
    for failure in verdict.failures:
        key = failure.finding.row, failure.finding.urn
        old = found.get(key, empty)
        found[key] = replace(old, failures=(*old.failures, failure))
    for one in verdict.accepted:
        key = one.failure.finding.row, one.failure.finding.urn
        old = found.get(key, empty)
        found[key] = replace(old, accepted=(*old.accepted, one))
    return found


def row_gate_lines(
    row: Row, verdicts: RowVerdicts, measure: Measure
) -> Iterator[Words]:
    """Word what of a row the gate stops, and what of it was accepted until when.

    Args:
        row: With a difference.
        verdicts: Of the rows of its review.
        measure: How much of each list is shown.
    """
    found = verdicts.get((row.name, row.urn))
    if found is None:
        return
    if found.failures:
        codes = _codes(found.failures, measure.items)
        yield _STOPPED + strong("stopped by the gate") + say(": ") + codes
    for same in _grouped(found.accepted, _exception):
        codes = _codes([one.failure for one in same], measure.items)
        yield _PASSED + strong("accepted") + say(": ") + codes + _by(same[0])


def gate_blocks(
    verdicts: Sequence[Verdict],
    *,
    most: int,
    unread: int = 0,
    unused: Sequence[Acceptance] = (),
) -> Iterator[Block]:
    """Say what a gate decides, what it stops, and what was accepted.

    Args:
        verdicts: One for each stack; empty where nobody asked.
        most: As many items of a list are shown.
        unread: Number of previews that cannot be read. Default: none.
        unused: What was accepted and is about nothing here.
    """
    if not verdicts:
        return
    named = len(verdicts) + unread > 1
    failures = [failure for one in verdicts for failure in one.failures]
    accepted = [each for one in verdicts for each in one.accepted]
    broken = unread + sum(not one.whole for one in verdicts)
    yield Paragraph(words=_decision(verdicts, broken=broken))
    if failures:
        yield Bullets(items=folded(_failure_lines(failures, named=named), most))
    if accepted:
        yield Paragraph(words=strong("Accepted:"))
        yield Bullets(items=folded(_accepted_lines(accepted, named=named), most))
    yield from _exceptions(verdicts, unused, most)


def _decision(verdicts: Sequence[Verdict], *, broken: int) -> Words:
    rules = folded([code(rule) for rule in verdicts[0].rules], _MOST_CODES)
    asked = say(" (") + join(", ", rules) + say(")")
    stopped = any(one.failures for one in verdicts)
    if stopped:
        words = _STOPPED + strong("The gate stops this") + asked
        return words + say(":")
    if broken:
        because = say(": what is not whole never passes.")
        return _STOPPED + strong("The gate cannot let this pass") + asked + because
    return _PASSED + strong("The gate lets this pass") + asked + say(".")


def _failure_lines(failures: Iterable[Failure], *, named: bool) -> list[Words]:
    groups = _grouped(failures, lambda one: _row_of(one.finding))
    groups.sort(key=lambda group: min(map(_rank, group)))
    return [
        _name(same[0].finding, named=named) + say(": ") + _codes(same, _MOST_CODES)
        for same in groups
    ]


def _accepted_lines(accepted: Iterable[Accepted], *, named: bool) -> list[Words]:
    groups = _grouped(
        accepted, lambda one: (_row_of(one.failure.finding), _exception(one))
    )
    groups.sort(key=lambda group: min(_rank(one.failure) for one in group))
    return [
        _name(same[0].failure.finding, named=named)
        + say(": ")
        + _codes([one.failure for one in same], _MOST_CODES)
        + _by(same[0])
        for same in groups
    ]


def _exceptions(
    verdicts: Iterable[Verdict], unused: Sequence[Acceptance], most: int
) -> Iterator[Block]:
    expired = {one.by: None for each in verdicts for one in each.expired}
    if expired:
        ended = [
            code(one.place) + say(" ended on ") + code(one.until.isoformat())
            for one in expired
        ]
        words = say("Exceptions without effect: ") + join(", ", folded(ended, most))
        yield Paragraph(words=words + say("."))
    if unused:
        places = join(", ", folded([code(one.place) for one in unused], most))
        yield Paragraph(
            words=say("Exceptions about nothing here: ") + places + say(".")
        )


def _by(one: Accepted) -> Words:
    """Word until when something was accepted, why, and where that stands."""
    words = say(", until ") + code(one.by.until.isoformat())
    if one.days_left <= _SOON_DAYS:
        words += say(" (⚠ days left: ") + number(one.days_left) + say(")")
    return (
        words
        + say(": ")
        + told(one.by.reason)
        + say(" (")
        + code(one.by.place)
        + say(")")
    )


def _name(finding: Finding, *, named: bool) -> Words:
    about = finding.about
    row = row_name(about) if isinstance(about, Row) else say(THE_PREVIEW)
    return code(finding.stack) + say(": ") + row if named else row


def _codes(failures: Iterable[Failure], most: int) -> Words:
    ordered = sorted(failures, key=_rank)
    codes = dict.fromkeys(one.finding.code for one in ordered)
    return join(", ", folded([code(one) for one in codes], most))


def _rank(failure: Failure) -> int:
    return SEVERITIES.index(failure.finding.severity)


def _row_of(finding: Finding) -> Hashable:
    return finding.stack, finding.row, finding.urn


def _exception(one: Accepted) -> Hashable:
    return one.by.place


def _grouped(found: Iterable[T], key: Callable[[T], Hashable]) -> list[list[T]]:
    """Put together what has the same key, in the order of the first of each."""
    groups: dict[Hashable, list[T]] = {}
    for one in found:
        groups.setdefault(key(one), []).append(one)
    return list(groups.values())
