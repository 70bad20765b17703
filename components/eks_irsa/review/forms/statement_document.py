"""What two sides of a policy say, in the form other tools read: JSON."""

from collections.abc import Callable, Iterable, Mapping

from eks_irsa.access.differences import Change, Difference
from eks_irsa.documents.conditions import Condition
from eks_irsa.documents.policy_statements import Grant
from eks_irsa.review.forms.lines import Line, lines, lines_of_changes
from eks_irsa.review.model import Content, Mark, Value
from eks_irsa.review.preview import Unknown
from eks_irsa.review.weighing.severity import severity_of

__all__ = ["content_document", "difference_document", "value_document"]

_Policies = Mapping[Grant, tuple[str, ...]]
_Marks = Callable[[Change], Iterable[Mark]]


def value_document(value: Value) -> object:
    """Return a text as it is, an unknown one as {`unknown`: the reason}, or null."""
    return {"unknown": value.reason} if isinstance(value, Unknown) else value


def content_document(content: Content | None) -> object:
    """Return the statements of a policy, or as `value_document` does."""
    if content is None or isinstance(content, Unknown):
        return value_document(content)
    return _statements(lines(sorted(content, key=lambda grant: grant.sort_key)))


def difference_document(
    found: Difference, *, policies: _Policies | None = None, marks: _Marks
) -> dict[str, object]:
    """Return {`gained`, `lost`, `notComparable` {`before`, `after`}}.

    Args:
        found: The difference.
        policies: The policies that grants come from. Default: none.
        marks: What marks a change that is gained.
    """
    given = policies or {}
    return {
        "gained": _changes(found.gained, policies=given, marks=marks),
        "lost": _changes(found.lost, policies=given, marks=_no_marks),
        "notComparable": {
            "before": _statements(lines(found.undecided_before)),
            "after": _statements(lines(found.undecided_after)),
        },
    }


def _no_marks(change: Change) -> tuple[Mark, ...]:
    del change
    return ()


def _changes(
    changes: Iterable[Change], *, policies: _Policies, marks: _Marks
) -> list[object]:
    groups: dict[tuple[str, tuple[Mark, ...]], list[Change]] = {}
    for change in changes:
        given: set[Mark] = {*marks(change)}
        key = (change.because, tuple(sorted(given)))
        groups.setdefault(key, []).append(change)
    return [
        {
            **_statement(line),
            "because": because,
            "marks": list(marked),
            "severity": severity_of(marked),
        }
        for (because, marked), found in groups.items()
        for line in lines_of_changes(found, policies=policies)
    ]


def _statements(found: Iterable[Line]) -> list[object]:
    return [_statement(line) for line in found]


def _statement(line: Line) -> dict[str, object]:
    actions, resources = list(line.actions), list(line.resources)
    principals = list(line.principals)
    return {
        "effect": line.effect,
        "actions": [] if line.all_actions_but else actions,
        "notActions": actions if line.all_actions_but else [],
        "resources": [] if line.all_resources_but else resources,
        "notResources": resources if line.all_resources_but else [],
        "principals": [] if line.all_principals_but else principals,
        "notPrincipals": principals if line.all_principals_but else [],
        "condition": _condition(line.condition),
        "policies": list(line.policies),
        "insteadOf": _statements(line.instead_of),
        "marks": list(line.marks),
        "severity": severity_of(line.marks),
    }


def _condition(condition: Condition) -> dict[str, dict[str, list[str]]]:
    found: dict[str, dict[str, list[str]]] = {}
    for clause in condition.clauses:
        key = clause.key_as_written or clause.key
        found.setdefault(clause.operator, {})[key] = list(clause.values)
    return found
