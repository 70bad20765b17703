"""Pairs of roles with policies, denials, boundaries and conditions, made by a seed.

Few actions, resources, keys and values, so that statements meet; every operator that
compares, each with values of its kind.
"""

from dataclasses import dataclass
from random import Random
from typing import Any, Final

from outside_evaluator import Asked, Role

__all__ = ["Pair", "pairs"]

ACTIONS: Final = (
    "s3:GetObject",
    "s3:GetObjectAcl",
    "s3:PutObject",
    "s3:ListBucket",
    "sqs:SendMessage",
    "sqs:GetQueueUrl",
)
ACTION_PATTERNS: Final = (
    *ACTIONS,
    "s3:*",
    "s3:Get*",
    "s3:*Object",
    "s3:GetObject*",
    "s3:??tObject",
    "sqs:*",
    "sqs:Get*",
    "*",
)
BUCKETS: Final = ("a", "ab", "b", "ba")
KEYS: Final = ("x", "xy", "y/x")
RESOURCES: Final = tuple(
    f"arn:aws:s3:::{bucket}/{key}" for bucket in BUCKETS for key in KEYS
)
RESOURCE_PATTERNS: Final = (
    *(f"arn:aws:s3:::{one}/*" for one in BUCKETS),
    *RESOURCES[:4],
    "arn:aws:s3:::*",
    "arn:aws:s3:::a*",
    "arn:aws:s3:::*/x",
    "arn:aws:s3:::?/x*",
    "arn:aws:s3:::a*/y/*",
    "arn:aws:s3:::${aws:PrincipalTag/team}/*",
    "*",
)
TEAM: Final = "aws:PrincipalTag/team"


@dataclass(frozen=True)
class Kind:
    """A key, the operators over it, what they compare it with, and what it may be."""

    key: str
    operators: tuple[str, ...]
    wanted: tuple[str, ...]
    given: tuple[str, ...]
    several: bool = False


def _with_variants(*operators: str) -> tuple[str, ...]:
    return (*operators, *operators, *(f"{one}IfExists" for one in operators))


TEXT: Final = _with_variants(
    "StringEquals",
    "StringNotEquals",
    "StringLike",
    "StringNotLike",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
)
RELATIONS: Final = (
    "Equals",
    "NotEquals",
    "LessThan",
    "LessThanEquals",
    "GreaterThan",
    "GreaterThanEquals",
)
KINDS: Final = (
    Kind(TEAM, TEXT, ("a", "ab", "a*", "*b", "B", "?"), ("a", "ab", "b", "B", "ba")),
    Kind(
        "aws:username",
        TEXT,
        ("a", "x*", "*", "${aws:PrincipalTag/team}"),
        ("a", "x", "ab"),
    ),
    Kind(
        "s3:max-keys",
        _with_variants(*(f"Numeric{one}" for one in RELATIONS)),
        ("5", "10", "20"),
        ("4", "5", "7", "10", "15", "20", "30"),
    ),
    Kind(
        "aws:CurrentTime",
        _with_variants(*(f"Date{one}" for one in RELATIONS)),
        ("2024-01-01T00:00:00Z", "2025-01-01T00:00:00Z", "2026-06-01T12:00:00Z"),
        (
            "2023-06-01T00:00:00Z",
            "2024-01-01T00:00:00Z",
            "2024-06-01T00:00:00Z",
            "2025-01-01T00:00:00Z",
            "2027-01-01T00:00:00Z",
        ),
    ),
    Kind(
        "aws:SourceIp",
        _with_variants("IpAddress", "NotIpAddress"),
        # One address goes as a block: the outside evaluator takes an address of the
        # other version for one that `NotIpAddress` is not met by.
        ("10.0.0.0/8", "10.0.0.0/9", "10.128.0.0/9", "192.0.2.7/32", "2001:db8::/32"),
        ("10.1.2.3", "10.200.0.1", "192.0.2.7", "192.0.2.8", "2001:db8::1"),
    ),
    Kind(
        "aws:SecureTransport",
        _with_variants("Bool"),
        ("true", "false"),
        ("true", "false"),
    ),
    Kind(
        "aws:PrincipalArn",
        _with_variants("ArnEquals", "ArnNotEquals", "ArnLike", "ArnNotLike"),
        (
            "arn:aws:iam::123456789012:role/a",
            "arn:aws:iam::123456789012:role/*",
            "arn:aws:iam::*:role/a*",
            "arn:aws:iam::*:*",
        ),
        ("arn:aws:iam::123456789012:role/a", "arn:aws:iam::210987654321:role/ab"),
    ),
    Kind(
        "aws:TagKeys",
        tuple(
            f"{quantifier}:{one}"
            for quantifier in ("ForAllValues", "ForAnyValue")
            for one in ("StringEquals", "StringNotEquals", "StringLike")
        ),
        ("a", "ab", "a*"),
        ("a", "ab", "b"),
        several=True,
    ),
)


@dataclass(frozen=True, kw_only=True)
class Pair:
    """A role before and after, and requests that are near to both."""

    before: Role
    after: Role
    asked: tuple[Asked, ...]


def pairs(count: int, *, seed: int, requests: int) -> list[Pair]:
    """Make pairs; equal arguments give equal pairs."""
    chance = Random(seed)  # noqa: S311 - no secret
    return [_pair(chance, requests) for _ in range(count)]


def _pair(chance: Random, requests: int) -> Pair:
    before = [_statement(chance) for _ in range(chance.randint(1, 4))]
    after = (
        [_statement(chance) for _ in range(chance.randint(1, 4))]
        if chance.random() < 0.3
        else _changed(chance, before)
    )
    bounds = _boundaries(chance)
    return Pair(
        before=Role(policy=_policy(before), boundary=bounds[0]),
        after=Role(policy=_policy(after), boundary=bounds[1]),
        asked=tuple(_asked(chance) for _ in range(requests)),
    )


def _boundaries(chance: Random) -> tuple[Any, Any]:
    """Give two boundaries, often none or the same."""
    one = [_statement(chance) for _ in range(chance.randint(1, 3))]
    another = _changed(chance, one)
    return chance.choice(
        [
            (None, None),
            (None, None),
            (_policy(one), _policy(one)),
            (_policy(one), _policy(another)),
            (_policy(one), None),
            (None, _policy(one)),
        ]
    )


def _policy(statements: list[dict[str, Any]]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": statements}


def _changed(chance: Random, statements: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Take something away, add something, or change a part of a statement."""
    changed = [dict(one) for one in statements]
    for _ in range(chance.randint(1, 2)):
        at = chance.randrange(len(changed))
        how = chance.randrange(4)
        if how == 0 and len(changed) > 1:
            changed.pop(at)
        elif how == 1:
            changed.append(_statement(chance))
        elif how == 2:
            other = _statement(chance)
            key = chance.choice(["Action", "Resource"])
            for name in (key, f"Not{key}"):
                changed[at].pop(name, None)
                if name in other:
                    changed[at][name] = other[name]
        else:
            changed[at]["Condition"] = _condition(chance)
    return changed


def _statement(chance: Random) -> dict[str, Any]:
    return {
        "Effect": chance.choice(["Allow", "Allow", "Allow", "Deny"]),
        _name(chance, "Action"): _some(chance, ACTION_PATTERNS),
        **_resources(chance),
        "Condition": _condition(chance),
    }


def _resources(chance: Random) -> dict[str, list[str]]:
    """Give resources; a variable is about nothing without a value, if not inverted.

    What is inverted is void then as IAM's guide has it, but the outside evaluator
    compares the parts before the variable first.
    """
    name = _name(chance, "Resource")
    some = _some(chance, RESOURCE_PATTERNS)
    if name == "NotResource":
        some = [one for one in some if "$" not in one] or ["*"]
    return {name: some}


def _name(chance: Random, name: str) -> str:
    return f"Not{name}" if chance.random() < 0.15 else name


def _some(chance: Random, values: tuple[str, ...]) -> list[str]:
    return sorted(set(chance.choices(values, k=chance.choice([1, 1, 2, 3]))))


def _condition(chance: Random) -> dict[str, dict[str, list[str]]]:
    condition: dict[str, dict[str, list[str]]] = {}
    for _ in range(chance.choice([0, 0, 1, 1, 2])):
        kind = chance.choice(KINDS)
        if chance.random() < 0.08:
            values = [chance.choice(["true", "false"])]
            condition.setdefault("Null", {})[kind.key] = values
        else:
            operator = chance.choice(kind.operators)
            condition.setdefault(operator, {})[kind.key] = _some(chance, kind.wanted)
    return condition


def _asked(chance: Random) -> Asked:
    context: dict[str, str | list[str]] = {}
    for kind in KINDS:
        if chance.random() < 0.3:
            continue
        if kind.several:
            context[kind.key] = _some(chance, kind.given)
        else:
            context[kind.key] = chance.choice(kind.given)
    return Asked(
        action=chance.choice(ACTIONS),
        resource=chance.choice(RESOURCES),
        context=context,
    )
