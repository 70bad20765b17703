"""The gate of `eks-irsa report`: its options, and what it says of what it stops."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

import click

from eks_irsa.cli.exceptions import acceptances
from eks_irsa.documents.globs import literal
from eks_irsa.documents.printable import printable
from eks_irsa.review.readings import Reading, reviews, verdicts_of
from eks_irsa.review.weighing.gate import (
    RULES,
    Acceptance,
    Failure,
    Verdict,
    unused,
    verdict,
)
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

    def judged(self, readings: Iterable[Reading]) -> tuple[Reading, ...]:
        """Judge each preview that can be read."""
        return tuple(replace(one, verdict=self._verdict(one)) for one in readings)

    def _verdict(self, reading: Reading) -> Verdict | None:
        if reading.review is None:
            return None
        return verdict(
            reading.review,
            rules=self.rules,
            acceptances=self.acceptances,
            today=self.today,
        )

    def unused(self, readings: Sequence[Reading]) -> tuple[Acceptance, ...]:
        """Return the exceptions that are about nothing in previews it judged."""
        return unused(
            self.acceptances,
            verdicts_of(readings),
            stacks={one.stack for one in reviews(readings)},
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


def gate_text(gate: Gate, readings: Sequence[Reading]) -> str:
    """Write what stops a report, and what to do about it, for people.

    Args:
        gate: What it is held against.
        readings: What it is about, judged by the gate.

    Returns:
        Lines; empty if there is nothing to say.
    """
    verdicts = verdicts_of(readings)
    failures = [one for each in verdicts for one in each.failures]
    parts = [*_failures(failures), *_expired(verdicts)]
    parts += _unused(gate.unused(readings))
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


def _unused(acceptances: Iterable[Acceptance]) -> Iterator[str]:
    for one in acceptances:
        yield (
            f"{printable(one.place)}: warning: the exception is about nothing that "
            "would be stopped here; take it out when it is about nothing any more"
        )


def _remedy(failures: Sequence[Failure], today: date) -> Iterator[str]:
    """Give the entries that would accept what was found, and nothing besides."""
    yield ""
    yield "Change it; or, where it is right, say why in the file of --exceptions:"
    yield ""
    yield "exceptions:"
    rows: dict[tuple[str, str], dict[str, dict[str, None]]] = {}
    for one in (failure.finding for failure in failures):
        clusters = rows.setdefault((one.stack, one.row), {})
        clusters.setdefault(one.cluster, {})[one.code] = None
    for (stack, row), clusters in rows.items():
        alone = len(clusters) == 1
        for cluster, codes in clusters.items():
            if not (cluster or alone):
                yield (
                    f"# no entry for {json.dumps(row)} of {json.dumps(stack)} where no "
                    "one cluster is known: it would accept the rows of that name in "
                    "all clusters"
                )
                continue
            yield f"- row: {_pattern(row)}"
            yield f"  stack: {_pattern(stack)}"
            if not alone:
                yield f"  cluster: {_pattern(cluster)}"
            yield f"  rule: [{', '.join(codes)}]"
            yield '  reason: ""'
            yield f"  until: {today + _PROPOSED}"


def _pattern(name: str) -> str:
    """Write a name as an exception has it: a pattern, in quotes of YAML."""
    return json.dumps(literal(name))
