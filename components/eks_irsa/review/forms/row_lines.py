"""What one row gains and loses, line by line, the gravest first.

In words, each list as long as a measure allows: what is left out is always what weighs
least, never what somebody wrote last.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from eks_irsa.access.differences import Change, Difference
from eks_irsa.documents.patterns import has_wildcard
from eks_irsa.documents.pod_identity_trust import PARTS, pod_identity_trust
from eks_irsa.documents.policy_statements import ANYONE, Grant
from eks_irsa.review.forms.lines import Line, lines, lines_of_changes
from eks_irsa.review.forms.wording import (
    IN_FULL,
    Measure,
    folded,
    is_pod_identity,
    is_usual,
    issuers_of,
    policy_words,
    statement,
    trusted,
    value_words,
)
from eks_irsa.review.forms.words import Words, code, join, say, strong, told
from eks_irsa.review.model import Content, Row, Severity, Trust, UnknownPolicy
from eks_irsa.review.preview import Unknown
from eks_irsa.review.weighing.severity import SEVERITIES, SEVERITY, severity_of

__all__ = [
    "TrustLines",
    "gains",
    "is_trusted_as_usual",
    "issuers",
    "losses",
    "trusts",
]

_BEFORE: Final = say("before")
_LEFT: Final = say("still")
_NO_POLICIES: Final[Mapping[Grant, tuple[str, ...]]] = {}
# What makes the difference, and whether access is gained -> how the line begins, and
# how the other side is called.
_WORDS: Final[Mapping[tuple[str, bool], tuple[Words, Words]]] = {
    ("Allow", True): (Words(), _BEFORE),
    ("Allow", False): (Words(), _LEFT),
    ("Deny", True): (say("no longer denied: "), _LEFT),
    ("Deny", False): (say("denied: "), _BEFORE),
    ("boundary", True): (say("let through by the boundary now: "), _BEFORE),
    ("boundary", False): (say("not let through by the boundary: "), _LEFT),
    ("session", True): (say("let through by the session policy now: "), _BEFORE),
    ("session", False): (say("not let through by the session policy: "), _LEFT),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class _Line:
    words: Words
    severity: Severity = "none"


@dataclass(frozen=True, kw_only=True, slots=True)
class TrustLines:
    """Who may assume a role, the gravest first in each list."""

    gone: list[Words]
    come: list[Words]
    stay: list[Words]


def gains(row: Row, measure: Measure) -> list[Words]:
    """Return what a row gains: permissions, denials that go, what is not known."""
    return _by_weight(_gains(row, measure), measure)


def losses(row: Row, measure: Measure) -> list[Words]:
    """Return what a row loses: permissions, and what is denied from now on."""
    return _by_weight(_losses(row, measure), measure)


def trusts(trust: Trust, measure: Measure, *, home: str) -> TrustLines:
    """Return who may assume a role, by what of it comes and goes.

    Args:
        trust: Both sides; what is the same on both is compared whole, not as it is cut.
        measure: How much of each list is shown.
        home: The issuer that goes without saying; empty for none.
    """

    def words(found: Iterable[Line | Unknown]) -> list[Words]:
        return [
            value_words(one)
            if isinstance(one, Unknown)
            else trusted(one, measure, home=home)
            for one in found
        ]

    old, new = _trust_lines(trust.sides.before), _trust_lines(trust.sides.after)
    return TrustLines(
        gone=words(one for one in old if one not in new),
        come=words(one for one in new if one not in old),
        stay=words(one for one in new if one in old),
    )


def is_trusted_as_usual(row: Row, *, home: str) -> bool:
    """Tell whether a new role is trusted by its own service account alone.

    Args:
        row: Of a service account or role.
        home: The issuer that goes without saying; empty for none.
    """
    if row.trust.sides.before is not None:
        return False
    subject = code(f"system:serviceaccount:{row.name.replace('/', ':')}")
    found = _trust_lines(row.trust.sides.after)
    return bool(found) and all(
        not isinstance(one, Unknown)
        and (
            _is_of_own_association(one, row)
            or trusted(one, IN_FULL, home=home) == subject
        )
        for one in found
    )


def _is_of_own_association(line: Line, row: Row) -> bool:
    """Tell whether a line lets in the pods of the row's own association, as usual."""
    pod_role = row.pod_role.after
    if not is_pod_identity(line) or pod_role is None:
        return False
    trust = pod_identity_trust(line.condition)
    who = [trust.patterns(part) for part in ("namespace", "service account")]
    where = "".join(trust.patterns("cluster")).rpartition(":cluster/")[2]
    return (
        line.effect == "Allow"
        and is_usual(line)
        and not trust.rest
        and who == [(one,) for one in row.name.split("/")]
        and where == pod_role.cluster
    )


def _trust_lines(content: Content | None) -> list[Line | Unknown]:
    if isinstance(content, Unknown):
        return [content]
    return [*sorted(_lines_of(content), key=_trust_weight)]


def issuers(rows: Iterable[Row]) -> frozenset[str]:
    """Return every issuer whose identities the roles trust, before or after."""
    return frozenset(
        issuer
        for row in rows
        for content in (row.trust.sides.before, row.trust.sides.after)
        for line in _lines_of(content)
        for issuer in issuers_of(line)
    )


def _trust_weight(line: Line) -> int:
    """Order who may assume a role: anyone first, then what is no service account."""
    if line.effect == "Deny":
        return 4
    if line.all_principals_but or ANYONE in line.principals:
        return 0
    if is_pod_identity(line):
        trust = pod_identity_trust(line.condition)
        return 3 if all(map(trust.is_plain, PARTS)) else 2
    if not issuers_of(line):
        return 1
    values = [value for clause in line.condition.clauses for value in clause.values]
    return 2 if not values or any(map(has_wildcard, values)) else 3


def _by_weight(found: Iterable[_Line], measure: Measure) -> list[Words]:
    ordered = sorted(found, key=lambda one: SEVERITIES.index(one.severity))
    return folded([one.words for one in ordered], measure.lines)


def _lines_of(content: Content | None) -> tuple[Line, ...]:
    if content is None or isinstance(content, Unknown):
        return ()
    return lines(sorted(content, key=lambda grant: grant.sort_key))


def _gains(row: Row, measure: Measure) -> Iterator[_Line]:
    may = row.permissions
    gained = may.difference.gained
    yield from _told(gained, measure, policies=may.policies, gained=True)
    yield from _unknown(may.unknown, {"gained", "changed"})
    yield from _undecided(may.difference, measure)
    boundary = row.boundary
    if boundary is None:
        return
    sides, found = boundary.sides, boundary.difference
    if sides.differ and sides.after is None and row.kind != "removed":
        words = say("what ") + value_words(sides.before) + say(" did not let through")
        yield _Line(words=words, severity=SEVERITY["boundary-removed"])
    if sides.before is not None and sides.after is not None and found is None:
        words = strong("unknown") + say(": what the other boundary lets through")
        yield _Line(words=words, severity=SEVERITY["unknown"])
    if found is not None:
        lines = [
            *_told(found.gained, measure, gained=True),
            *_undecided(found, measure),
        ]
        weight: Severity = SEVERITY["boundary-widened"]
        yield from _through_boundary(lines, at_least=weight)


def _losses(row: Row, measure: Measure) -> Iterator[_Line]:
    may = row.permissions
    lost = may.difference.lost
    yield from _told(lost, measure, policies=may.policies, gained=False)
    yield from _unknown(may.unknown, {"lost"})
    boundary = row.boundary
    if boundary is None:
        return
    sides, found = boundary.sides, boundary.difference
    if sides.differ and sides.before is None and row.kind != "new":
        after = value_words(sides.after)
        yield _Line(words=say("what ") + after + say(" does not let through"))
    if found is not None:
        yield from _through_boundary(_told(found.lost, measure, gained=False))


def _told(
    changes: Iterable[Change],
    measure: Measure,
    *,
    gained: bool,
    policies: Mapping[Grant, tuple[str, ...]] = _NO_POLICIES,
) -> Iterator[_Line]:
    groups: dict[str, list[Change]] = {}
    for change in changes:
        bounded = change.because in {"boundary", "session"}
        key: str = change.because if bounded else change.grant.effect
        groups.setdefault(key, []).append(change)
    for key, found in groups.items():
        head, other = _WORDS[key, gained]
        marked = gained and key != "Deny"
        for line in lines_of_changes(found, policies=policies, marked=marked):
            severity = severity_of(line.marks)
            if gained and key == "Deny":
                severity = SEVERITY["denial-removed"]
            words = statement(line, measure, other_side=other)
            yield _Line(words=head + words, severity=severity)


def _unknown(found: Iterable[UnknownPolicy], kinds: set[str]) -> Iterator[_Line]:
    for one in found:
        if one.change in kinds:
            changed = one.change == "changed"
            what = say("the new content of") if changed else say("what it has by")
            policy = say(" ") + policy_words(one.what) + say(" (")
            words = strong("unknown") + say(": ") + what + policy
            words += told(one.reason) + say(")")
            yield _Line(words=words, severity=SEVERITY["unknown"])


def _undecided(found: Difference, measure: Measure) -> Iterator[_Line]:
    """Word what cannot be compared: both sides on one line, so that they stay near."""
    old, new = found.undecided_before, found.undecided_after
    if not (old or new):
        return
    sides = [_grants(grants, measure) for grants in (old, new)]
    words = strong("cannot be compared") + say(": before ") + sides[0]
    words += say("; after ") + sides[1]
    yield _Line(words=words, severity=SEVERITY["not-comparable"])


def _grants(grants: Iterable[Grant], measure: Measure) -> Words:
    shown = [
        (say("denied: ") if line.effect == "Deny" else Words())
        + statement(line, measure, other_side=_BEFORE)
        for line in lines(grants)
    ]
    return join(" and ", folded(shown, measure.lines)) if shown else say("nothing")


def _through_boundary(
    found: Iterable[_Line], *, at_least: Severity = "none"
) -> Iterator[_Line]:
    for line in found:
        ranks = [SEVERITIES.index(one) for one in (line.severity, at_least)]
        words = say("through the boundary: ") + line.words
        yield _Line(words=words, severity=SEVERITIES[min(ranks)])
