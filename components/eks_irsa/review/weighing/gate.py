"""Whether a review passes the rules that somebody asks for, and what was accepted."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from typing import Final, cast, get_args

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
        row: Pattern of the names of rows, `*` for any text.
        stack: Pattern of the names of stacks.
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

    def covers(self, finding: Finding) -> bool:
        """Tell whether it is about a finding, on whatever day."""
        codes = {NAMES.get(rule, rule) for rule in self.rules}
        return (
            finding.code in codes
            and fnmatchcase(finding.row, self.row)
            and fnmatchcase(finding.stack, self.stack)
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
        by: The first acceptance that is about it.
    """

    failure: Failure
    by: Acceptance


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What a gate says of one review.

    Attributes:
        rules: Those asked for, each once, in their order.
        failures: What stops it, in the order of the rows.
        accepted: What would stop it and was accepted.
        expired: What would have been accepted, had the day not passed.
    """

    rules: tuple[str, ...]
    failures: tuple[Failure, ...]
    accepted: tuple[Accepted, ...] = ()
    expired: tuple[Accepted, ...] = ()

    @property
    def passed(self) -> bool:
        """Tell whether nothing stops it."""
        return not self.failures


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
        about = [one for one in acceptances if one.covers(finding)]
        valid = next((one for one in about if one.until >= today), None)
        if valid is not None:
            accepted.append(Accepted(failure=failure, by=valid))
            continue
        failures.append(failure)
        expired += [Accepted(failure=failure, by=one) for one in about]
    return Verdict(
        rules=asked,
        failures=tuple(failures),
        accepted=tuple(accepted),
        expired=tuple(expired),
    )


def _stops(rule: str, finding: Finding) -> bool:
    if rule in SEVERITIES:
        return is_at_least(finding.severity, rule)
    return NAMES.get(rule, rule) == finding.code
