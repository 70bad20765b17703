"""Actions beside resources and condition keys that they never go together with."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Final, cast

from eks_irsa.aws_names.catalog import Action, list_date, matching_key, service
from eks_irsa.documents.patterns import Patterns
from eks_irsa.documents.policy_grammar import JsonPath, items

__all__ = ["combination_faults"]

_FREE: Final = re.compile(r"\$\{[^}]*\}")
# Names of buckets, queues and topics, which have no slash.
_ONE_NAME: Final = re.compile(r"(?:[^:]*:){5}\$\{\w*Name\}")
# Wildcards, and what tags: the lists of what can be tagged have holes.
_LOOSE: Final = re.compile(r"[*?]|tag", re.IGNORECASE)
_PARTS_OF_ARN: Final = 6
_SHOWN: Final = 3
# Operators under which a key that is not there is no hindrance.
# Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
_MET_WITHOUT: Final = re.compile(r"ForAllValues:.*|.*IfExists|.*Not.*|Null")


def combination_faults(
    statement: Mapping[str, object],
) -> Iterator[tuple[JsonPath, str, str]]:
    """Find what never goes together in a statement.

    Args:
        statement: A statement of a permission policy.

    Yields:
        The path in the statement, the code and the message.
    """
    actions = [
        (("Action", *step), text)
        for step, text in items(statement.get("Action"))
        if isinstance(text, str)
    ]
    resources = _texts(statement.get("Resource"))
    if resources and not any(set(one) <= {"*"} for one in resources):
        for path, text in actions:
            if message := _resource_fault(text, resources):
                yield path, "W-ACTION-RESOURCE", message
    texts = tuple(text for _, text in actions)
    for operator, key in _keys_to_look_at(statement.get("Condition")):
        if _is_never_set(key, texts):
            message = (
                f"no action of this statement ever sets {key!r}, by AWS's list of "
                f"{list_date()}, so that the condition is never met; take it out, or "
                "put it beside an action that sets it"
            )
            yield ("Condition", operator, key), "W-KEY-NEVER-SET", message


@cache
def _actions(text: str) -> tuple[Action, ...]:
    """Give the actions that one in a policy stands for; none if it is not known."""
    prefix, _, name = text.partition(":")
    known = service(prefix)
    return tuple(known.action(one) for one in known.matching(name)) if known else ()


def _texts(value: object) -> tuple[str, ...]:
    texts = [inner for _, inner in items(value)]
    return tuple(text for text in texts if isinstance(text, str))


def _resource_fault(text: str, resources: tuple[str, ...]) -> str | None:
    """Say that an action is about none of the resources beside it."""
    matching = _actions(text)
    if len(matching) != 1 or _LOOSE.search(text):
        return None  # several, of which some may fit, or none that is known
    (action,) = matching
    shapes = action.arns
    if not shapes and any("*" in one for one in resources):
        return None  # some are asked about all resources of a kind together
    if any(_may_be(shape, one) for one in resources for shape in shapes):
        return None
    dated = f"by AWS's list of {list_date()}"
    if not shapes:
        return (
            f"{text!r} is about no resource, {dated}, so that it is allowed on '*' "
            "alone; give it a statement with Resource '*'"
        )
    more = f" or {len(shapes) - _SHOWN} more" if len(shapes) > _SHOWN else ""
    return (
        f"{text!r} is never about the resources of this statement, {dated}; it takes "
        f"{' or '.join(shapes[:_SHOWN])}{more}"
    )


@cache
def _may_be(shape: str, resource: str) -> bool:
    """Tell whether a resource of a policy may be an ARN of a shape."""
    # A variable of the policy, such as `${aws:PrincipalAccount}`, is any text.
    parts, others = (_FREE.sub("*", arn).split(":", 5) for arn in (shape, resource))
    if len(parts) != _PARTS_OF_ARN or len(others) != _PARTS_OF_ARN:
        return True  # a wildcard that may stand for several parts
    if _ONE_NAME.fullmatch(shape) and "/" in others[5]:
        return False  # such as an object, which is no bucket
    return not any(
        _pattern(part).is_disjoint_from(_pattern(other))
        for part, other in zip(parts, others, strict=True)
    )


@cache
def _pattern(text: str) -> Patterns:
    return Patterns(frozenset({text}))


def _keys_to_look_at(condition: object) -> Iterator[tuple[str, str]]:
    """Give operator and key where a request without the key does not meet them."""
    if not isinstance(condition, Mapping):
        return
    for operator, keys in cast("Mapping[str, object]", condition).items():
        if isinstance(keys, Mapping) and not _MET_WITHOUT.fullmatch(operator):
            for key in cast("Mapping[str, object]", keys):
                known = service(key.partition(":")[0])
                # Of one that nobody has `policy_names` speaks.
                if known and matching_key(key, known.condition_keys()):
                    yield operator, key


def _is_never_set(key: str, texts: tuple[str, ...]) -> bool:
    """Tell whether no request of these actions has a condition key of one service."""
    if matching_key(key) or not all(_actions(text) for text in texts):
        return False
    keys = (one.keys for text in texts for one in _actions(text))
    return bool(texts) and not any(matching_key(key, tuple(some)) for some in keys)
