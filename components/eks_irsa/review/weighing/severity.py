"""How grave each mark is.

The one place that decides it: what comes first in a report, and what a gate stops. The
degrees are judgements of this package; what each mark is read from has its source in
`marks` and in the data beside it.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from eks_irsa.review.model import Mark, Severity

__all__ = ["SEVERITIES", "SEVERITY", "is_at_least", "severity_of"]

# From the gravest.
SEVERITIES: Final[tuple[Severity, ...]] = ("critical", "high", "medium", "low", "none")
SEVERITY: Final[Mapping[Mark, Severity]] = {
    "administrator": "critical",
    "another-aws-account": "high",
    "anyone": "critical",
    "boundary-removed": "high",
    "boundary-widened": "medium",
    "data-deletion": "medium",
    "data-read": "low",
    "data-sharing": "high",
    "denial-removed": "medium",
    "escalation": "critical",
    "escalation-limited": "medium",
    "every-data-store": "medium",
    "every-secret": "high",
    "kept-in-aws": "low",
    "no-audience": "medium",
    "no-cluster": "medium",
    "no-subject": "high",
    "not-comparable": "medium",
    "pass-any-role": "high",
    "pass-role": "medium",
    "permissions-management": "high",
    "restart-pods": "low",
    "role-replaced": "medium",
    "secrets": "medium",
    "trust-widened": "medium",
    # What cannot be read may be anything; a gate that lets it pass would be open.
    "unknown": "high",
    "widened-condition": "low",
    "wildcard-action": "low",
    "wildcard-resource": "low",
    "wildcard-subject": "medium",
    "write-wildcard-action": "medium",
    "write-wildcard-resource": "medium",
}


def severity_of(marks: Iterable[Mark]) -> Severity:
    """Return how grave the gravest of some marks is; `none` where there is none.

    Args:
        marks: Of a row or of a line, in any order.
    """
    ranks = [_rank(SEVERITY[mark]) for mark in marks]
    return SEVERITIES[min(ranks, default=-1)]


def is_at_least(severity: Severity, other: Severity) -> bool:
    """Tell whether *severity* is as grave as *other* or graver."""
    return _rank(severity) <= _rank(other)


def _rank(severity: Severity) -> int:
    return SEVERITIES.index(severity)
