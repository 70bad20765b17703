"""Whether a review passes the rules that somebody asks for, and what was accepted."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, cast, get_args

from eks_irsa.documents.globs import matches
from eks_irsa.review.model import Mark, Review
from eks_irsa.review.weighing.findings import FACTS, Code, Finding, findings
from eks_irsa.review.weighing.severity import SEVERITIES, is_at_least

__all__ = [
    "CODES",
    "NAMES",
    "RULES",
    "Acceptance",
    "Accepted",
    "Failure",
    "Verdict",
    "unused",
    "verdict",
]

# Names under which a gate is often asked for a mark.
NAMES: Final[Mapping[str, Code]] = {
    "new-administrator": "administrator",
    "new-wildcard-action": "write-wildcard-action",
    "new-wildcard-resource": "write-wildcard-resource",
}
# What an exception can accept, besides `NAMES`.
CODES: Final[tuple[Code, ...]] = tuple(
    sorted((*cast("tuple[Code, ...]", get_args(Mark)), *FACTS))
)
# What can be asked for: severities, each with all that is graver, and rules by name.
RULES: Final[tuple[str, ...]] = (*SEVERITIES[:-1], *sorted({*CODES, *NAMES}))


@dataclass(frozen=True, kw_only=True, slots=True)
class Acceptance:
    """What people decided to let pass.

    Attributes:
        row: Pattern of the names of rows, as `documents.globs` reads it.
        stack: Pattern of the names of stacks, likewise.
        cluster: Pattern of the issuers of clusters, likewise; `*` also for no issuer,
            or one that is not known.
        rules: Codes or names of rules.
        reason: Why.
        until: The last day on which it has an effect.
        place: Where it stands, `<file>:<line>`.
    """

    row: str
    stack: str
    rules: tuple[str, ...]
    reason: str
    until: date
    place: str
    cluster: str = "*"

    def covers(self, finding: Finding) -> bool:
        """Tell whether it is about a finding, on whatever day."""
        codes = {NAMES.get(rule, rule) for rule in self.rules}
        return (
            finding.code in codes
            and matches(self.row, finding.row)
            and matches(self.stack, finding.stack)
            and matches(self.cluster, finding.cluster)
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Failure:
    """A finding that a rule stops.

    Attributes:
        finding: What was found.
        rules: Those of the rules asked for that stop it, in their order.
    """

    finding: Finding
    rules: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Accepted:
    """A finding that a rule would stop, and what lets it pass.

    Attributes:
        failure: What would stop.
        by: An acceptance that is about it.
        days_left: Days until the last one; negative if that has passed.
    """

    failure: Failure
    by: Acceptance
    days_left: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What a gate says of one review.

    Attributes:
        rules: Those asked for, each once, in their order.
        failures: What stops it, in the order of the rows.
        accepted: What would stop it and was accepted.
        expired: What would have been accepted, had the day not passed.
        whole: The preview did not stop.
    """

    rules: tuple[str, ...]
    failures: tuple[Failure, ...]
    accepted: tuple[Accepted, ...] = ()
    expired: tuple[Accepted, ...] = ()
    whole: bool = True

    @property
    def passed(self) -> bool:
        """Tell whether nothing stops it, of a preview that is whole."""
        return self.whole and not self.failures


def verdict(
    review: Review,
    *,
    rules: Iterable[str],
    acceptances: Sequence[Acceptance] = (),
    today: date,
) -> Verdict:
    """Judge a review by rules.

    Args:
        review: Of a preview.
        rules: Of `RULES`.
        acceptances: What people decided to let pass.
        today: The day on which it is judged.
    """
    asked = tuple(dict.fromkeys(rules))
    failures: list[Failure] = []
    accepted: list[Accepted] = []
    expired: list[Accepted] = []
    for finding in findings(review):
        broken = tuple(rule for rule in asked if _stops(rule, finding))
        if not broken:
            continue
        failure = Failure(finding=finding, rules=broken)
        found = [
            Accepted(failure=failure, by=one, days_left=(one.until - today).days)
            for one in acceptances
            if one.covers(finding)
        ]
        valid = next((one for one in found if one.days_left >= 0), None)
        if valid is not None:
            accepted.append(valid)
            continue
        failures.append(failure)
        expired += found
    return Verdict(
        rules=asked,
        failures=tuple(failures),
        accepted=tuple(accepted),
        expired=tuple(expired),
        whole=not review.errors,
    )


def unused(
    acceptances: Iterable[Acceptance],
    verdicts: Iterable[Verdict],
    *,
    stacks: Collection[str],
) -> tuple[Acceptance, ...]:
    """Return what was accepted and is about nothing that would be stopped.

    Args:
        acceptances: What people decided to let pass.
        verdicts: Of the reviews they were given for.
        stacks: Names of the stacks of these; what is about none of them is left out.
    """
    used = {one.by for each in verdicts for one in (*each.accepted, *each.expired)}
    return tuple(
        one
        for one in acceptances
        if one not in used and any(matches(one.stack, stack) for stack in stacks)
    )


def _stops(rule: str, finding: Finding) -> bool:
    if rule in SEVERITIES:
        return is_at_least(finding.severity, rule)
    return NAMES.get(rule, rule) == finding.code
