"""The gate of `eks-irsa report`: its options, and what it says of what it stops."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Final

import click

from eks_irsa.cli.exceptions import acceptances
from eks_irsa.documents.printable import printable
from eks_irsa.review.model import Review
from eks_irsa.review.weighing.gate import RULES, Acceptance, Failure, Verdict, verdict
from eks_irsa.review.weighing.severity import SEVERITIES
from eks_irsa.source.structure import nearest

__all__ = ["Gate", "Rules", "gate_of", "gate_text"]

_MOST_LINES: Final = 5
# What the entry to paste proposes; whoever pastes it may take another day.
_PROPOSED: Final = timedelta(days=90)


class Rules(click.ParamType[tuple[str, ...]]):
    """Rules of a gate, with commas between them."""

    name = "rules"

    def convert(
        self,
        value: str | tuple[str, ...],
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> tuple[str, ...]:
        """Return the rules, each one that there is.

        Raises:
            BadParameter: There is no such rule.
        """
        if isinstance(value, tuple):
            return value
        rules = tuple(one.strip() for one in value.split(","))
        for rule in rules:
            if rule not in RULES:
                near = nearest(rule, RULES)
                remedy = f"did you mean {near!r}?" if near else f"{', '.join(RULES)}"
                said = remedy if near else f"expected of {remedy}"
                self.fail(f"there is no rule {rule!r}; {said}", param, ctx)
        return rules


@dataclass(frozen=True, kw_only=True, slots=True)
class Gate:
    """What a report is held against.

    Attributes:
        rules: Of `RULES`.
        acceptances: What people decided to let pass.
        today: The day on which it is judged.
    """

    rules: tuple[str, ...]
    acceptances: tuple[Acceptance, ...]
    today: date

    def verdicts(self, reviews: Sequence[Review]) -> tuple[Verdict, ...]:
        """Judge each review."""
        return tuple(
            verdict(
                one,
                rules=self.rules,
                acceptances=self.acceptances,
                today=self.today,
            )
            for one in reviews
        )


def gate_of(rules: Iterable[str], exceptions: Path | None) -> Gate:
    """Make the gate that somebody asks for today, in UTC.

    Args:
        rules: Of `RULES`.
        exceptions: The file of what was accepted; None for none.

    Raises:
        InvalidInputError: Something in the file is wrong; holds every problem.
    """
    today = datetime.now(UTC).date()
    accepted = acceptances(exceptions, today=today) if exceptions else ()
    return Gate(rules=tuple(rules), acceptances=accepted, today=today)


def gate_text(gate: Gate, reviews: Sequence[Review]) -> str:
    """Write what stops a report, and what to do about it, for people.

    Args:
        gate: What it is held against.
        reviews: What it is about.

    Returns:
        Lines; empty if there is nothing to say.
    """
    verdicts = gate.verdicts(reviews)
    failures = [one for each in verdicts for one in each.failures]
    parts = [*_failures(failures), *_expired(verdicts)]
    parts += _unused(verdicts, gate.acceptances, {one.stack for one in reviews})
    if failures:
        parts += _remedy(failures, gate.today)
    return "".join(f"{line}\n" for line in parts)


def _failures(failures: Iterable[Failure]) -> Iterator[str]:
    for one in sorted(failures, key=_rank):
        finding = one.finding
        name = printable(f"{finding.stack}: {finding.row}")
        rules = ", ".join(rule for rule in one.rules if rule != finding.code)
        asked = f" [--fail-on {rules}]" if rules else ""
        yield (
            f"gate: {name}: {finding.code} ({finding.severity}): {finding.words}{asked}"
        )
        lines = finding.lines()
        yield from (f"    {printable(line)}" for line in lines[:_MOST_LINES])
        if len(lines) > _MOST_LINES:
            yield f"    and {len(lines) - _MOST_LINES:,} more"


def _rank(failure: Failure) -> int:
    return SEVERITIES.index(failure.finding.severity)


def _expired(verdicts: Iterable[Verdict]) -> Iterator[str]:
    told = {
        (one.by.place, one.by.until): None for each in verdicts for one in each.expired
    }
    for place, until in told:
        yield f"{printable(place)}: the exception ended on {until}; it has no effect"


def _unused(
    verdicts: Iterable[Verdict], acceptances: Iterable[Acceptance], stacks: set[str]
) -> Iterator[str]:
    used = {
        one.by.place for each in verdicts for one in (*each.accepted, *each.expired)
    }
    for one in acceptances:
        elsewhere = "*" not in one.stack and one.stack not in stacks
        if one.place not in used and not elsewhere:
            yield (
                f"{printable(one.place)}: warning: the exception is about nothing that "
                "would be stopped here; take it out when it is about nothing any more"
            )


def _remedy(failures: Sequence[Failure], today: date) -> Iterator[str]:
    """Give the entries that would accept what was found."""
    yield ""
    yield "Change it; or, where it is right, say why in the file of --exceptions:"
    yield ""
    yield "exceptions:"
    by_row = groupby(failures, key=lambda one: (one.finding.stack, one.finding.row))
    for (stack, row), found in by_row:
        codes = dict.fromkeys(one.finding.code for one in found)
        yield f"- row: {json.dumps(row)}"
        yield f"  stack: {json.dumps(stack)}"
        yield f"  rule: [{', '.join(codes)}]"
        yield '  reason: ""'
        yield f"  until: {today + _PROPOSED}"
