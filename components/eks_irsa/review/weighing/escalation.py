"""Ways to more permissions than a role has: what only several grants together are."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

from eks_irsa.access.authority import Authority
from eks_irsa.access.differences import Change
from eks_irsa.documents.conditions import operator_parts
from eks_irsa.documents.patterns import Patterns
from eks_irsa.documents.policy_statements import Grant
from eks_irsa.review.weighing.action_data import EscalationPath, paths_with
from eks_irsa.review.weighing.risks import actions_of, is_everywhere, new_actions

__all__ = ["Escalation", "escalations"]

_HAND_OVER: Final = "iam:passrole"
_PASSED_TO: Final = "iam:passedtoservice"
# Service of an action -> how it is called in `iam:PassedToService`, if otherwise.
_PRINCIPALS: Final[dict[str, tuple[str, ...]]] = {
    "apprunner": ("tasks.apprunner", "build.apprunner"),
    "batch": ("ecs-tasks", "batch"),
    "cognito-identity": ("cognito-identity",),
    "ecs": ("ecs-tasks", "ecs"),
    "elasticmapreduce": ("elasticmapreduce", "ec2"),
    "imagebuilder": ("imagebuilder", "ec2"),
}


class Escalation(NamedTuple):
    """A published path that a role can take, and could not before.

    Attributes:
        path: The path.
        gained: The changes that complete it, of those given.
        everywhere: It is about every resource of its kinds; if not, only about some
            that are named.
    """

    path: EscalationPath
    gained: tuple[Change, ...]
    everywhere: bool


def escalations(gained: Sequence[Change], after: Authority) -> Iterator[Escalation]:
    """Give the paths that what is gained completes.

    Args:
        gained: What a role may do and could not before.
        after: All it may do afterwards; what is gained may be left out.
    """
    by_action: dict[str, list[Change]] = {}
    for change in gained:
        for action in new_actions(change.grant, had=change.instead_of):
            by_action.setdefault(action, []).append(change)
    paths = {path: None for action in by_action for path in paths_with(action)}
    if not paths:
        return
    held = _held(after, {action for path in paths for action in path.actions})
    have = by_action.keys() | held.keys()
    for path in paths:
        if not have >= {*path.actions}:
            continue
        new = {
            action: [
                change
                for change in by_action.get(action, ())
                if _passes_to(change.grant, action, path)
            ]
            for action in path.actions
        }
        steps = [
            [*(change.grant for change in new[action])]
            + [one for one in held.get(action, ()) if _passes_to(one, action, path)]
            for action in path.actions
        ]
        completed = tuple(change for changes in new.values() for change in changes)
        if completed and all(steps):
            everywhere = all(any(map(is_everywhere, step)) for step in steps)
            yield Escalation(path, completed, everywhere)


def _held(after: Authority, wanted: set[str]) -> Mapping[str, list[Grant]]:
    """Sort what is allowed by action, what is denied or out of bounds left out."""
    denied: dict[str, list[Grant]] = {}
    for grant in after.grants:
        if grant.effect == "Deny":
            for action in actions_of(grant) & wanted:
                denied.setdefault(action, []).append(grant)
    bounds = [_bounds(one) for one in after.bounds]
    held: dict[str, list[Grant]] = {}
    for grant in after.grants:
        if grant.effect == "Deny":
            continue
        for action in actions_of(grant) & wanted:
            if any(action not in bound for bound in bounds):
                continue
            one = replace(grant, effect="Deny", action=Patterns(frozenset({action})))
            if not any(denial.covers(one) for denial in denied.get(action, ())):
                held.setdefault(action, []).append(grant)
    return held


def _bounds(boundary: Iterable[Grant]) -> frozenset[str]:
    """Return the known actions that a boundary lets through on any resource."""
    allowed = (actions_of(grant) for grant in boundary if grant.effect == "Allow")
    return frozenset[str]().union(*allowed)


def _passes_to(grant: Grant, action: str, path: EscalationPath) -> bool:
    """Tell whether a grant lets a role be passed to the service of a path."""
    if action != _HAND_OVER:
        return True
    service = path.actions[-1].partition(":")[0]
    # In China they end with `.cn`.
    principals = [
        f"{name}.amazonaws.com*" for name in _PRINCIPALS.get(service, (service,))
    ]
    for clause in grant.condition.clauses:
        quantifier, base, _ = operator_parts(clause.operator)
        if clause.key != _PASSED_TO or quantifier == "ForAllValues":
            continue
        if base in {"StringEquals", "StringLike"}:
            values = Patterns(frozenset(clause.values))
            return any(
                not values.is_disjoint_from(Patterns(frozenset({one})))
                for one in principals
            )
    return True
