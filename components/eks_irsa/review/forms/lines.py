"""Grants put together again, so that what belongs together is one line to read."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from eks_irsa.access.differences import Change
from eks_irsa.documents.conditions import Condition
from eks_irsa.documents.patterns import Patterns
from eks_irsa.documents.policy_statements import Grant
from eks_irsa.review.model import Mark
from eks_irsa.review.weighing.marks import change_marks

__all__ = ["Line", "lines", "lines_of_changes"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """Grants that differ in their actions, resources or principals alone.

    Attributes:
        effect: `Allow` or `Deny`.
        actions: As written, sorted; those left out if `all_actions_but`.
        all_actions_but: It is about every action but these.
        resources: Patterns, sorted; those left out if `all_resources_but`.
        all_resources_but: It is about every resource but these.
        principals: `<kind> <value>`, sorted; those left out if `all_principals_but`.
        all_principals_but: It is about everybody but these.
        condition: What a request must meet besides.
        policies: The policies it comes from, sorted; empty for a trust policy.
        instead_of: What the other side has of it.
        marks: What a reviewer must not miss in it, sorted.
    """

    effect: Literal["Allow", "Deny"]
    actions: tuple[str, ...]
    all_actions_but: bool
    resources: tuple[str, ...]
    all_resources_but: bool
    principals: tuple[str, ...]
    all_principals_but: bool
    condition: Condition
    policies: tuple[str, ...] = ()
    instead_of: tuple["Line", ...] = ()
    marks: tuple[Mark, ...] = ()


def lines_of_changes(
    changes: Iterable[Change],
    *,
    policies: Mapping[Grant, tuple[str, ...]],
    marked: bool = False,
) -> tuple[Line, ...]:
    """Put changes together to lines.

    Args:
        changes: What is gained, or what is lost.
        policies: The policies that grants come from.
        marked: Mark what is new and wide; for what is gained.
    """
    groups: dict[object, list[Change]] = {}
    for change in changes:
        grant = change.grant
        marks = tuple(sorted(set(change_marks(change)))) if marked else ()
        key = (
            grant.effect,
            grant.principal,
            grant.resource,
            grant.condition,
            grant.action if grant.action.inverted or change.instead_of else None,
            policies.get(grant, ()),
            change.instead_of,
            marks,
        )
        groups.setdefault(key, []).append(change)
    made = [_line(group, policies=policies, marked=marked) for group in groups.values()]
    return tuple(_by_resource(made))


def lines(grants: Iterable[Grant]) -> tuple[Line, ...]:
    """Put grants together to lines, without policies and marks."""
    return lines_of_changes([Change(grant=grant) for grant in grants], policies={})


def _line(
    group: list[Change], *, policies: Mapping[Grant, tuple[str, ...]], marked: bool
) -> Line:
    first = group[0]
    grant = first.grant
    actions = {text for change in group for text in _actions(change.grant)}
    return Line(
        effect=grant.effect,
        actions=tuple(sorted(actions, key=str.lower)),
        all_actions_but=grant.action.inverted,
        resources=_texts(grant.resource),
        all_resources_but=grant.resource.inverted,
        principals=_texts(grant.principal),
        all_principals_but=grant.principal.inverted,
        condition=grant.condition,
        policies=policies.get(grant, ()),
        instead_of=lines(first.instead_of),
        marks=tuple(sorted(set(change_marks(first)))) if marked else (),
    )


def _by_resource(made: list[Line]) -> list[Line]:
    """Put lines together that differ in their resources alone."""
    groups: dict[object, list[Line]] = {}
    for line in made:
        key = (
            line.effect,
            line.actions,
            line.all_actions_but,
            line.resources if line.all_resources_but else None,
            line.principals,
            line.all_principals_but,
            line.condition,
            line.policies,
            line.instead_of,
            line.marks,
        )
        groups.setdefault(key, []).append(line)
    return [
        replace(group[0], resources=tuple(sorted(_all_resources(group))))
        for group in groups.values()
    ]


def _all_resources(group: list[Line]) -> set[str]:
    return {text for line in group for text in line.resources}


def _actions(grant: Grant) -> tuple[str, ...]:
    written = grant.actions_as_written
    return written or _texts(grant.action)


def _texts(patterns: Patterns) -> tuple[str, ...]:
    return tuple(sorted(patterns.texts))
