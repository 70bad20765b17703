"""What of a review a gate can be asked for: one finding for each mark of each row."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final, Literal, cast

from eks_irsa.access.differences import Change
from eks_irsa.review.forms.lines import Line, lines, lines_of_changes
from eks_irsa.review.forms.plain_words import permission_words, trust_words
from eks_irsa.review.forms.wording import MARKS
from eks_irsa.review.model import Mark, Review, Row, Severity, Value
from eks_irsa.review.preview import Unknown
from eks_irsa.review.weighing.action_data import known_actions, paths_with
from eks_irsa.review.weighing.marks import change_marks, trust_change_marks
from eks_irsa.review.weighing.severity import SEVERITY

__all__ = ["FACTS", "THE_PREVIEW", "Code", "Finding", "findings"]

Fact = Literal["boundary-missing", "incomplete"]
Code = Mark | Fact
# The row of what is about no service account or role.
THE_PREVIEW: Final = "the preview"
# What is no mark, for it says nothing in a report where nobody asks: code -> severity,
# words.
FACTS: Final[dict[Fact, tuple[Severity, str]]] = {
    "boundary-missing": ("low", "the role is made, and nothing bounds it"),
    "incomplete": ("low", "the preview leaves out what stays as it is"),
}
_ABOUT_TRUST: Final[frozenset[Mark]] = frozenset(
    {
        "another-aws-account",
        "anyone",
        "no-audience",
        "no-cluster",
        "no-subject",
        "trust-widened",
        "wildcard-subject",
    }
)
_ESCALATIONS: Final[frozenset[Mark]] = frozenset({"escalation", "escalation-limited"})
_MADE: Final = frozenset({"new", "imported", "replaced"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One thing that somebody may want to stop.

    Attributes:
        stack: Name of the stack.
        row: Name of the row, or `THE_PREVIEW`.
        urn: Of the row; empty for the preview.
        code: What it is.
        severity: How grave.
        words: What it is, in words.
        about: The row itself; of what is not known of any, the sentence; else empty.
        cluster: Issuer of the row, without scheme; empty for none, for several and for
            one that is not known.
    """

    stack: str
    row: str
    urn: str
    code: Code
    severity: Severity
    words: str
    about: Row | str = ""
    cluster: str = ""

    @property
    def key(self) -> tuple[str, str, str]:
        """Tell it from others of its preview."""
        return self.row, self.urn, self.code

    def lines(self) -> tuple[str, ...]:
        """Return the statements that make it so, in words; empty where no one does."""
        if isinstance(self.about, str):
            return (self.about,) if self.about else ()
        if self.code in FACTS:
            return ()
        return tuple(_words(self.about, cast("Mark", self.code)))


def findings(review: Review) -> Iterator[Finding]:
    """Give all that a gate can be asked for, in the order of the rows.

    Args:
        review: Of a preview.
    """
    for row in review.rows:
        for mark in row.marks:
            yield Finding(
                stack=review.stack,
                row=row.name,
                urn=row.urn,
                code=mark,
                severity=SEVERITY[mark],
                words=MARKS[mark],
                about=row,
                cluster=_cluster(row),
            )
        if _is_unbounded(row):
            yield replace(
                _fact("boundary-missing", review),
                row=row.name,
                urn=row.urn,
                about=row,
                cluster=_cluster(row),
            )
    for text in review.unknowns:
        yield Finding(
            stack=review.stack,
            row=THE_PREVIEW,
            urn="",
            code="unknown",
            severity=SEVERITY["unknown"],
            words=MARKS["unknown"],
            about=text,
        )
    if review.partial:
        yield _fact("incomplete", review)


def _cluster(row: Row) -> str:
    return row.cluster if isinstance(row.cluster, str) else ""


def _fact(code: Fact, review: Review) -> Finding:
    severity, words = FACTS[code]
    return Finding(
        stack=review.stack,
        row=THE_PREVIEW,
        urn="",
        code=code,
        severity=severity,
        words=words,
    )


def _is_unbounded(row: Row) -> bool:
    """Tell whether a role is made, and has no boundary."""
    made = row.kind in _MADE and row.role_shown and not row.foreign_role
    return made and (row.boundary is None or row.boundary.sides.after is None)


def _words(row: Row, mark: Mark) -> Iterator[str]:
    """Word the statements that a row has a mark for."""
    if mark in _ABOUT_TRUST:
        found = row.trust.difference.gained
        marked = _having(mark, found, trust_change_marks)
        told = lines_of_changes(marked or found, policies={})
        yield from map(trust_words, told or _trusted(row))
        return
    if mark == "unknown":
        yield from _unknown_words(row)
    if mark == "restart-pods":
        yield row.restart
    if mark == "role-replaced":
        before, after = row.role_arns.before, row.role_arns.after
        yield f"{_text(before)} becomes {_text(after)}"
    if mark in {"boundary-removed", "boundary-widened"} and row.boundary:
        sides = row.boundary.sides
        yield f"{_text(sides.before)} becomes {_text(sides.after)}"
    found = row.permissions.difference.gained
    marked = _having(mark, found, change_marks)
    if not marked and mark in _ESCALATIONS:
        marked = [one for one in found if _is_part_of_a_path(one)]
    policies = row.permissions.policies
    yield from map(permission_words, lines_of_changes(marked, policies=policies))


def _unknown_words(row: Row) -> Iterator[str]:
    """Word what of a row is not known."""
    for one in row.permissions.unknown:
        yield f"{one.what}: {one.reason}"
    trust = row.trust.sides
    for when, content in (("before", trust.before), ("after", trust.after)):
        if isinstance(content, Unknown) and not row.foreign_role:
            yield f"who may assume the role {when}: {content.reason}"
    boundary = row.boundary
    if boundary and boundary.sides.after is not None and boundary.difference is None:
        yield f"what the boundary {_text(boundary.sides.after)} lets through"
    if row.unseen:
        yield "what the role has in AWS, where it is imported from"


def _text(value: Value) -> str:
    if isinstance(value, Unknown):
        return f"unknown ({value.reason})"
    return "none" if value is None else value


def _having(
    mark: Mark, found: Iterable[Change], marks: Callable[[Change], Iterable[Mark]]
) -> list[Change]:
    return [one for one in found if mark in {*marks(one)}]


def _is_part_of_a_path(change: Change) -> bool:
    return any(map(paths_with, known_actions(change.grant.action)))


def _trusted(row: Row) -> tuple[Line, ...]:
    """Return who may assume a role, where nobody can tell what of it is new."""
    after = row.trust.sides.after
    if not isinstance(after, frozenset):
        return ()
    return lines(sorted(after, key=lambda grant: grant.sort_key))
