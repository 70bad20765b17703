"""What a permission may be used for, by what is known of its actions.

Of one grant alone; what grants are together is in `escalation`.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final

from eks_irsa.aws_names.access_levels import (
    AccessLevel,
    access_levels,
    access_levels_but,
    needs_every_resource,
)
from eks_irsa.documents.conditions import Clause, operator_parts
from eks_irsa.documents.patterns import Patterns, has_wildcard
from eks_irsa.documents.policy_statements import Grant
from eks_irsa.review.model import Mark
from eks_irsa.review.weighing.action_data import known_actions, weights

__all__ = [
    "actions_of",
    "has_no_choice",
    "is_everywhere",
    "is_wild",
    "levels_of",
    "new_actions",
    "risks",
]

# What an administrator may do, and whoever may do it can become one.
_IAM_ESSENTIALS: Final = frozenset(
    {"iam:attachrolepolicy", "iam:createpolicyversion", "iam:putrolepolicy"}
)
_HAND_OVER: Final = "iam:passrole"
# Marks that are another one where a grant is about every resource.
_EVERYWHERE: Final[dict[Mark, Mark]] = {
    "data-read": "every-data-store",
    "secrets": "every-secret",
}
# Services whose actions are about resources of another service, beside their own.
_OF_OTHERS: Final[dict[str, frozenset[str]]] = {
    "ec2": frozenset({"ebs", "ec2-instance-connect", "ssm"}),
    "iam": frozenset({"sts"}),
    "rds": frozenset({"rds-data"}),
    "dbqms": frozenset({"rds-data"}),
}
# Their ARNs name no type before the resource: what stands first is its name.
_WITHOUT_TYPE: Final = frozenset({"codecommit", "execute-api", "s3", "sns", "sqs"})
_ARN_PARTS: Final = 6
# With one character of a name, some forty patterns name every resource of a kind.
_INITIAL: Final = 1
_POSITIVE: Final = frozenset(
    {
        "ArnEquals",
        "ArnLike",
        "StringEquals",
        "StringEqualsIgnoreCase",
        "StringLike",
    }
)


def risks(grant: Grant, *, had: Iterable[Grant] = ()) -> Iterator[Mark]:
    """Mark what a permission may be used for.

    Args:
        grant: What a role may do; its effect makes no difference, for where a denial
            goes, what it denied is what the role may do.
        had: What of it the role could do before, which is no news.
    """
    old = _of_the_same(grant, had)
    everywhere, new = is_everywhere(grant), new_actions(grant, had=old)
    if everywhere and actions_of(grant) >= _IAM_ESSENTIALS and new & _IAM_ESSENTIALS:
        yield "administrator"
    level: AccessLevel = "Permissions management"
    if level in levels_of(grant.action) and not any(
        level in levels_of(one.action) for one in old
    ):
        yield "permissions-management"
    for action in new:
        for weight in weights().get(action, ()):
            if everywhere or not weight.everywhere:
                mark = weight.mark
                yield _EVERYWHERE.get(mark, mark) if everywhere else mark
    if _HAND_OVER in new:
        yield "pass-any-role" if everywhere else "pass-role"


def actions_of(grant: Grant) -> frozenset[str]:
    """Return the known actions that a grant is about, in small letters.

    An action is left out where the grant's resources are of another service.
    """
    found = known_actions(grant.action)
    services = _services(grant.resource)
    if services is None:
        return found
    return frozenset(one for one in found if one.partition(":")[0] in services)


def new_actions(grant: Grant, *, had: Iterable[Grant]) -> frozenset[str]:
    """Return the known actions of a grant that are news, in small letters.

    Args:
        grant: What a role may do.
        had: What it could do before.
    """
    old = map(actions_of, _of_the_same(grant, had))
    return actions_of(grant).difference(*old)


def _of_the_same(grant: Grant, had: Iterable[Grant]) -> list[Grant]:
    """Return what was allowed of at least the same resources, as freely."""
    return [
        one
        for one in had
        if one.resource.covers(grant.resource) and one.condition.covers(grant.condition)
    ]


def levels_of(actions: Patterns) -> frozenset[AccessLevel]:
    """Return AWS's levels of access above reading of a grant's actions."""
    if actions.inverted:
        return access_levels_but(actions.texts)
    return frozenset[AccessLevel]().union(*map(access_levels, actions.texts))


def is_wild(patterns: Patterns) -> bool:
    """Tell whether a set has a wildcard, or is everything but something."""
    return patterns.inverted or any(map(has_wildcard, patterns.texts))


def is_everywhere(grant: Grant) -> bool:
    """Tell whether neither a name nor a tag says which resources a grant is about."""
    if any(map(_pins_resource, grant.condition.clauses)):
        return False
    return grant.resource.inverted or any(map(_is_every_resource, grant.resource.texts))


def has_no_choice(grant: Grant) -> bool:
    """Tell whether AWS lets a grant's action be allowed on `*` alone."""
    return not is_wild(grant.action) and all(
        map(needs_every_resource, grant.action.texts)
    )


@lru_cache(maxsize=65_536)
def _is_every_resource(pattern: str) -> bool:
    """Tell whether a pattern names no resource, as `*`, `arn:...:role/*` or `...:*`."""
    parts = pattern.split(":", _ARN_PARTS - 1)
    if len(parts) < _ARN_PARTS:
        return pattern.startswith(("*", "?")) or "*" in parts[-1]
    service, name = parts[2], parts[5].lstrip("/")
    head = name.replace("?", "*").partition("*")[0]
    if head == name:
        return False
    if service in _WITHOUT_TYPE:
        return len(head) <= _INITIAL
    # What is left is a type, or the beginning of one, with at most an initial.
    return not any(mark in head[: -1 - _INITIAL] for mark in "/:")


def _services(resource: Patterns) -> frozenset[str] | None:
    """Return the services whose actions can be about some resources; None for any."""
    if resource.inverted:
        return None
    found: set[str] = set()
    for text in resource.texts:
        parts = text.split(":")
        if len(parts) < _ARN_PARTS or has_wildcard(parts[2]) or "$" in parts[2]:
            return None
        found |= {parts[2], *_OF_OTHERS.get(parts[2], ())}
    return frozenset(found)


def _pins_resource(clause: Clause) -> bool:
    """Tell whether a clause demands a tag of the resource."""
    quantifier, base, if_exists = operator_parts(clause.operator)
    if quantifier == "ForAllValues" or if_exists or base not in _POSITIVE:
        return False
    if all(not value.strip("*?") for value in clause.values):
        return False
    return "resourcetag/" in clause.key or "existingobjecttag/" in clause.key
