"""What IAM would refuse of a statement of a trust policy, each fault with its path.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final, cast

from eks_irsa.documents.policy_grammar import (
    DocumentFault,
    JsonPath,
    condition_faults,
    effect_faults,
    items,
    kind_of,
    list_faults,
    sid_faults,
    value_faults,
)

__all__ = ["open_to_anyone", "trust_statement_faults"]

_TRUST_STATEMENT_KEYS: Final = (
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Condition",
)
# IAM takes no action of another service in a trust policy.
# Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html
_TRUST_ACTION: Final = re.compile(r"sts:[A-Za-z*?]+", re.ASCII | re.IGNORECASE)
_TRUST_ACTIONS: Final = "'sts:<action>'"


def trust_statement_faults(statements: object) -> Iterator[DocumentFault]:
    """Find everything in statements of a trust policy that IAM would refuse.

    Args:
        statements: A list of statements as JSON values.

    Source:
        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
    """
    yield from value_faults(statements, ())
    for step, statement in items(statements):
        if not isinstance(statement, Mapping):
            message = f"expected a statement, a map, got {kind_of(statement)}"
            yield DocumentFault(step, message)
            continue
        pairs = cast("Mapping[str, object]", statement)
        for fault in _trust_statement_faults(pairs):
            yield fault.below(*step)


def open_to_anyone(statements: object) -> Iterator[JsonPath]:
    """Find statements by which anyone in any AWS account may assume the role.

    Args:
        statements: A list of statements as JSON values.

    Yields:
        The path of each principal that stands for everyone, or for everyone but a few,
        where no condition narrows it.

    Source:
        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-anonymous
    """
    for step, statement in items(statements):
        if not isinstance(statement, Mapping):
            continue
        pairs = cast("Mapping[str, object]", statement)
        if pairs.get("Effect") != "Allow" or pairs.get("Condition"):
            continue
        if "NotPrincipal" in pairs:
            yield (*step, "NotPrincipal")
        principal = pairs.get("Principal")
        if principal == "*":
            yield (*step, "Principal")
        elif isinstance(principal, Mapping):
            for kind, named in cast("Mapping[str, object]", principal).items():
                if any(one == "*" for _, one in items(named)):
                    yield (*step, "Principal", kind)


def _trust_statement_faults(statement: Mapping[str, object]) -> Iterator[DocumentFault]:
    for key in statement:
        if key not in _TRUST_STATEMENT_KEYS:
            message = (
                f"{key!r} is no part of a statement of a trust policy; expected one "
                f"of {', '.join(_TRUST_STATEMENT_KEYS)}"
            )
            yield DocumentFault((key,), message)
    yield from effect_faults(statement)
    yield from sid_faults(statement)
    given = [key for key in ("Principal", "NotPrincipal") if key in statement]
    if len(given) != 1:
        message = "expected Principal or NotPrincipal, exactly one of them"
        yield DocumentFault((given[0],) if given else (), message)
    for key in given:
        principal = statement[key]
        if principal != "*" and not (principal and isinstance(principal, Mapping)):
            message = (
                f"{kind_of(principal)} is no {key}; expected a map, such as "
                "{'AWS': '<ARN>'}"
            )
            yield DocumentFault((key,), message)
    yield from list_faults(statement, "Action", _action_fault, _TRUST_ACTIONS)
    if "Condition" in statement:
        for fault in condition_faults(statement["Condition"]):
            yield fault.below("Condition")


def _action_fault(action: str) -> str | None:
    if _TRUST_ACTION.fullmatch(action):
        return None
    return f"{action!r} is no Action; expected {_TRUST_ACTIONS}"
