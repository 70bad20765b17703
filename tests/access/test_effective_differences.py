"""What is gained and lost in the end, each case judged beforehand."""

from collections.abc import Mapping, Sequence
from typing import Final

import pytest

from eks_irsa.access.authority import NO_AUTHORITY, Authority
from eks_irsa.access.differences import Change, Difference, effective_difference
from eks_irsa.access.evaluation import decide
from eks_irsa.documents.aws_managed_policies import aws_managed_policy
from eks_irsa.documents.policy_statements import Grant, read_policy

Statement = Mapping[str, object]
BUCKET: Final = "arn:aws:s3:::pay/*"


def grants(*statements: Statement) -> frozenset[Grant]:
    """Read statements that allow s3:GetObject on a bucket by default."""
    usual = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": BUCKET}
    made: list[Statement] = []
    for one in statements:
        left_out = {key.removeprefix("Not") for key in one if key.startswith("Not")}
        made.append({k: v for k, v in usual.items() if k not in left_out} | dict(one))
    return read_policy({"Version": "2012-10-17", "Statement": made})


def role(
    *statements: Statement, bounds: Sequence[Statement] | None = None
) -> Authority:
    """Make a role of statements, bounded by others."""
    return Authority(grants(*statements), None if bounds is None else grants(*bounds))


def allow(action: str = "s3:GetObject", resource: str = BUCKET) -> Statement:
    """Write a statement that allows."""
    return {"Action": action, "Resource": resource}


def deny(action: str = "s3:GetObject", resource: str = BUCKET) -> Statement:
    """Write a statement that denies."""
    return {"Effect": "Deny", "Action": action, "Resource": resource}


def when(operator: str, *values: str, key: str = "k") -> Statement:
    """Write a statement with a condition."""
    return {"Condition": {operator: {key: [*values]}}}


def told(changes: Sequence[Change]) -> list[tuple[str, str, str, str]]:
    """Shorten changes to effect, action, resource and what makes them."""
    return [
        (
            one.grant.effect,
            " ".join(one.grant.actions_as_written),
            " ".join(sorted(one.grant.resource.texts)),
            one.because,
        )
        for one in changes
    ]


def assert_shown(found: Difference, before: Authority, after: Authority) -> None:
    """Expect that each change has an example that the evaluator decides so."""
    for changes, less, more in (
        (found.gained, before, after),
        (found.lost, after, before),
    ):
        for change in changes:
            assert change.example is not None
            assert decide(less, change.example).outcome == "denied"
            assert decide(more, change.example).outcome == "allowed"


def compared(before: Authority, after: Authority) -> Difference:
    """Compare both ways round, and check what has to hold of every difference."""
    there = effective_difference(before, after)
    back = effective_difference(after, before)
    assert [one.grant for one in there.gained] == [one.grant for one in back.lost]
    assert [one.grant for one in there.lost] == [one.grant for one in back.gained]
    assert there.undecided_after == back.undecided_before
    assert_shown(there, before, after)
    return there


GAINED: Final = ("Allow", "s3:GetObject", BUCKET)


@pytest.mark.parametrize(
    ("before", "after", "gained"),
    [
        pytest.param(
            role(deny()),
            role(deny(), allow()),
            [],
            id="allow-comes-under-a-denial",
        ),
        pytest.param(
            role(deny(action="s3:Put*"), allow()),
            role(allow()),
            [],
            id="denial-goes-with-nothing-under-it",
        ),
        pytest.param(
            role(deny(), allow()),
            role(allow()),
            [("Deny", "s3:GetObject", BUCKET, "denial")],
            id="denial-goes-with-an-allow-under-it",
        ),
        pytest.param(
            role(deny(), deny(action="s3:*"), allow()),
            role(deny(action="s3:*"), allow()),
            [],
            id="denial-goes-and-another-stays",
        ),
        pytest.param(
            role(deny(), allow(action="s3:*")),
            role(deny(resource="arn:aws:s3:::pay/a*"), allow(action="s3:*")),
            [("Deny", "s3:GetObject", BUCKET, "denial")],
            id="denial-becomes-narrower",
        ),
        pytest.param(
            role(allow(), bounds=[allow(action="sqs:*")]),
            role(allow(), allow(action="s3:PutObject"), bounds=[allow("sqs:*")]),
            [],
            id="allow-comes-outside-the-boundary",
        ),
        pytest.param(
            role(allow(action="s3:*"), bounds=[allow()]),
            role(allow(action="s3:*"), bounds=[allow(), allow(action="s3:PutObject")]),
            [("Allow", "s3:PutObject", BUCKET, "boundary")],
            id="boundary-widens-within-a-grant",
        ),
        pytest.param(
            role(allow(), bounds=[allow(action="sqs:*")]),
            role(allow(), bounds=[allow(action="s3:*", resource="*")]),
            [(*GAINED, "boundary")],
            id="boundary-widens-around-a-grant",
        ),
        pytest.param(
            role(allow(), bounds=[allow(action="sqs:*")]),
            role(allow(), bounds=[allow(action="sqs:*"), allow(action="sns:*")]),
            [],
            id="boundary-widens-elsewhere",
        ),
        pytest.param(
            role(allow(), allow(action="sqs:*"), bounds=[allow()]),
            role(allow(), allow(action="sqs:*")),
            [("Allow", "sqs:*", BUCKET, "boundary")],
            id="boundary-goes",
        ),
        pytest.param(
            role(allow(action="s3:*"), bounds=[allow("*", "*"), deny()]),
            role(allow(action="s3:*"), bounds=[allow("*", "*")]),
            [(*GAINED, "boundary")],
            id="denial-of-the-boundary-goes",
        ),
        pytest.param(
            role(deny(), allow(), bounds=[allow()]),
            role(deny(), allow(), bounds=[allow("*", "*")]),
            [],
            id="boundary-widens-where-it-is-denied",
        ),
        pytest.param(
            role({"NotResource": "arn:aws:s3:::pay*"}, allow(action="s3:Get*")),
            role(
                {"NotResource": "arn:aws:s3:::pay*"},
                allow(action="s3:Get*"),
                {"Resource": "arn:aws:s3:::*"},
            ),
            [("Allow", "s3:GetObject", "arn:aws:s3:::*", "statement")],
            id="more-than-two-others-hold",
        ),
        pytest.param(
            role({"NotResource": "arn:aws:s3:::pay/a*"}, allow(action="s3:Get*")),
            role(
                {"NotResource": "arn:aws:s3:::pay/a*"},
                allow(action="s3:Get*"),
                {"Resource": "*"},
            ),
            [],
            id="no-more-than-two-others-hold",
        ),
        pytest.param(
            role(allow(action="sqs:*"), bounds=[allow()]),
            role(allow(action="*", resource="*"), bounds=[allow()]),
            [(*GAINED, "statement")],
            id="everything-comes-within-a-boundary",
        ),
    ],
)
def test_what_is_gained_is_what_comes_through_in_the_end(
    before: Authority, after: Authority, gained: list[tuple[str, str, str, str]]
) -> None:
    """Denials and the boundary decide on both sides."""
    assert told(compared(before, after).gained) == gained


def test_what_a_boundary_leaves_of_a_grant_names_the_grant() -> None:
    """So that the policy it comes from can be told."""
    after = role(allow(action="*", resource="*"), bounds=[allow()])
    (own,) = grants(allow(action="*", resource="*"))

    (change,) = effective_difference(NO_AUTHORITY, after).gained

    assert change.part_of == own


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(
            [when("IpAddress", "10.0.0.0/8")],
            [when("IpAddress", "10.0.0.0/9", "10.128.0.0/9")],
            id="halves-of-a-block",
        ),
        pytest.param(
            [when("IpAddress", "10.0.0.0/8")],
            [when("IpAddress", "10.0.0.0/9"), when("IpAddress", "10.128.0.0/9")],
            id="halves-of-a-block-in-two-statements",
        ),
        pytest.param(
            [when("StringEquals", "a", "b")],
            [when("StringEquals", "a"), when("StringLike", "b")],
            id="values-in-two-statements",
        ),
        pytest.param(
            [allow()],
            [when("StringEquals", "a"), when("StringNotEquals", "a")],
            id="a-value-and-every-other",
        ),
        pytest.param(
            [when("Null", "false")],
            [when("Bool", "true"), when("Bool", "false")],
            id="both-answers",
        ),
        pytest.param(
            [when("Null", "false")],
            [when("NumericLessThan", "10"), when("NumericGreaterThanEquals", "10.0")],
            id="numbers-below-and-above",
        ),
        pytest.param(
            [when("DateGreaterThan", "2024-01-01T00:00:00Z")],
            [
                when("DateGreaterThan", "2025-01-01T00:00:00Z"),
                {
                    "Condition": {
                        "DateGreaterThan": {"k": "2024-01-01"},
                        "DateLessThanEquals": {"k": "2025-01-01T01:00:00+01:00"},
                    }
                },
            ],
            id="dates-in-a-row",
        ),
        pytest.param(
            [allow(action="s3:*Acl")],
            [allow(action="s3:*Acl"), allow(action="s3:Get*Acl")],
            id="narrower-beside-wider",
        ),
        pytest.param(
            [allow()],
            [
                allow(resource="arn:aws:s3:::pay/"),
                allow(resource="arn:aws:s3:::pay/?*"),
            ],
            id="nothing-and-something",
        ),
        pytest.param(
            [allow(), deny(resource="arn:aws:s3:::pay/a*")],
            [
                allow(),
                deny(resource="arn:aws:s3:::pay/a*"),
                allow(resource="arn:aws:s3:::pay/ab"),
            ],
            id="allow-under-a-denial",
        ),
        pytest.param(
            [when("ArnLike", "arn:aws:iam::*:role/a*")],
            [when("ArnEquals", "arn:aws:iam::*:role/a*")],
            id="two-names-of-one-operator",
        ),
        pytest.param(
            [when("StringEqualsIgnoreCase", "Team")],
            [when("StringEqualsIgnoreCase", "tEAM")],
            id="no-case",
        ),
        pytest.param(
            [when("ForAnyValue:StringEquals", "a", "b")],
            [
                when("ForAnyValue:StringEquals", "a"),
                when("ForAnyValue:StringLike", "b"),
            ],
            id="any-of-several",
        ),
        pytest.param(
            [allow(resource="arn:aws:s3:::pay/${aws:username}/*")],
            [
                allow(resource="arn:aws:s3:::pay/${aws:username}/*"),
                allow(resource="arn:aws:s3:::pay/${aws:username}/a"),
            ],
            id="variables",
        ),
    ],
)
def test_what_means_the_same_differs_in_nothing(
    one: list[Statement], other: list[Statement]
) -> None:
    """Together, statements hold what none of them holds alone."""
    assert not compared(role(*one), role(*other))


@pytest.mark.parametrize(
    ("narrow", "wide"),
    [
        (when("IpAddress", "10.0.0.0/9"), when("IpAddress", "10.0.0.0/8")),
        (when("IpAddress", "10.0.0.0/8"), when("IpAddress", "10.0.0.0/8", "::/0")),
        (
            when("DateLessThan", "2024-01-01"),
            when("DateLessThan", "2024-01-01T00:00:01Z"),
        ),
        (
            when("DateLessThan", "2024-01-01"),
            when("DateLessThanEquals", "2024-01-01"),
        ),
        (when("NumericLessThan", "9.5"), when("NumericLessThan", "9.50", "10")),
        (when("NumericEquals", "7"), when("NumericLessThan", "10")),
        (when("StringEquals", "a"), when("StringEqualsIfExists", "a")),
        (when("StringLike", "a?"), when("StringLike", "a?", "b")),
        (when("StringNotEquals", "a", "b"), when("StringNotEquals", "a")),
        (when("StringNotLike", "a*"), when("StringNotEquals", "a")),
        (when("Bool", "true"), when("Null", "false")),
        (when("ForAllValues:StringEquals", "a"), when("ForAllValues:StringLike", "a*")),
        (
            when("ForAnyValue:StringEquals", "a"),
            when("ForAnyValue:StringEquals", "a", "b"),
        ),
        (
            when("ArnLike", "arn:aws:iam::1:role/a"),
            when("ArnLike", "arn:aws:iam::*:role/*"),
        ),
    ],
)
def test_condition_that_demands_less_is_gained(
    narrow: Statement, wide: Statement
) -> None:
    """And nothing is lost."""
    found = compared(role(narrow), role(wide))

    assert [one.grant for one in found.gained] == [*grants(wide)]
    assert [one.instead_of for one in found.gained if one.only_condition] != []
    assert found.lost == found.undecided_before == found.undecided_after == ()


@pytest.mark.parametrize(
    "values",
    [("10.0.0.0/33",), ("10.0.0.0/8", "everywhere")],
    ids=["no-block", "a-block-and-a-word"],
)
def test_value_that_is_none_leaves_it_undecided(values: tuple[str, ...]) -> None:
    """What IAM makes of it is not known here."""
    role_of_values = role(when("IpAddress", *values))

    found = effective_difference(NO_AUTHORITY, role_of_values)

    assert (found.gained, found.lost) == ((), ())
    assert {*found.undecided_after} == role_of_values.grants


def test_denial_of_a_boundary_that_is_not_understood_leaves_it_undecided() -> None:
    """What it took of the policies is not known, on whichever side it is."""
    everything = allow("*", "*")
    unclear = {"Effect": "Deny", **when("IpAddress", "everywhere")}
    before = role(allow(), bounds=[everything, unclear])
    after = role(allow(), bounds=[everything])

    found = effective_difference(before, after)

    assert (found.gained, found.lost) == ((), ())
    assert {*found.undecided_after} == grants(allow())
    assert effective_difference(after, before).undecided_before == (
        found.undecided_after
    )


def test_denial_that_is_not_understood_leaves_itself_undecided() -> None:
    """It goes, and nobody knows what it took."""
    unclear = {"Effect": "Deny", **when("IpAddress", "everywhere")}

    found = effective_difference(role(allow(), unclear), role(allow()))

    assert (found.gained, found.lost) == ((), ())
    assert {*found.undecided_before} == grants(unclear)


def test_what_another_gain_holds_is_not_told_twice() -> None:
    """Of two that hold each other, one stays."""
    whole, part = allow(action="s3:*"), allow()

    gained = effective_difference(NO_AUTHORITY, role(whole, part)).gained
    equal = effective_difference(
        NO_AUTHORITY,
        role(when("ArnLike", "arn:a:b:c:d:e"), when("ArnEquals", "arn:a:b:c:d:e")),
    ).gained

    assert told(gained) == [("Allow", "s3:*", BUCKET, "statement")]
    assert len(equal) == 1


def test_what_was_there_within_a_gain_is_named() -> None:
    """But not what its condition is not known to hold."""
    before = role(
        allow(), allow(action="sqs:*"), {"Action": "s3:Put*", **when("Bool", "true")}
    )
    wide = {"Action": "s3:*", **when("Null", "false")}

    (change,) = effective_difference(before, role(wide)).gained

    assert change.instead_of == ()
    (change,) = effective_difference(before, role(allow(action="s3:*"))).gained
    assert [one.actions_as_written for one in change.instead_of] == [
        ("s3:GetObject",),
        ("s3:Put*",),
    ]


def test_allow_beside_one_that_is_not_understood_is_undecided() -> None:
    """The other may hold all of it."""
    before = role(when("IpAddressIfExists", "everywhere"))

    found = effective_difference(before, role(allow()))

    assert found.gained == ()
    assert {*found.undecided_after} == grants(allow())


def test_everything_but_a_variable_holds_nothing_without_its_value() -> None:
    """So an allow of everything is more than that and the rest."""
    team = "arn:aws:s3:::pay/${aws:PrincipalTag/team}"
    before = role({"NotResource": team}, allow())

    found = effective_difference(before, role(allow(resource="*")))

    assert told(found.gained) == [("Allow", "s3:GetObject", "*", "statement")]


def test_variable_compares_with_itself_and_with_what_it_may_be() -> None:
    """A folder of one's own is less than all folders, and may be any of them."""
    own = allow(resource="arn:aws:s3:::pay/${aws:username}/*")
    every = allow(resource="arn:aws:s3:::pay/*")
    bob = allow(resource="arn:aws:s3:::pay/bob/*")

    assert told(compared(role(own), role(every)).gained) == [(*GAINED, "statement")]
    assert compared(role(every), role(own)).gained == ()
    assert len(compared(role(bob), role(own)).gained) == 1
    assert len(compared(role(own), role(bob)).gained) == 1


WILD: Final = [f"*{letter}{number}*" for number in range(7) for letter in "abcdefg"]


@pytest.mark.parametrize(
    "after",
    [
        pytest.param((WILD, WILD[:-1], ""), id="fewer"),
        pytest.param(([f"{one}z*" for one in WILD], WILD, ""), id="narrower"),
        pytest.param(([one[:-1] for one in WILD], WILD, ""), id="other"),
        pytest.param((WILD, WILD, "Bool"), id="under-a-condition"),
        pytest.param((["*"], ["*"], ""), id="everything"),
    ],
)
def test_policy_of_2401_wildcard_grants_is_compared(
    after: tuple[list[str], list[str], str],
) -> None:
    """A policy of 49 actions and 49 resources; `bench/access.py` says how fast."""
    actions, resources, operator = after
    condition = {operator: {"k": "true"}} if operator else {}

    before = role({"Action": [f"s3:{one}" for one in WILD], "Resource": WILD})
    new = {"Action": [f"s3:{one}" for one in actions], "Resource": resources}
    there = effective_difference(before, role({**new, "Condition": condition}))
    back = effective_difference(role({**new, "Condition": condition}), before)

    assert len(before.grants) == 2401
    assert (there.undecided_before, there.undecided_after) == ((), ())
    assert bool(there.gained) is bool(back.lost)


def test_large_managed_policy_is_compared() -> None:
    """ReadOnlyAccess, which has some thousand actions, against a small policy."""
    managed = aws_managed_policy("arn:aws:iam::aws:policy/ReadOnlyAccess")
    assert managed is not None

    found = effective_difference(
        role(allow(), allow(action="s3:Put*")),
        Authority(grants(allow()) | read_policy(managed.document)),
    )

    assert len(found.gained) > 1_000
    assert told(found.lost) == [("Allow", "s3:Put*", BUCKET, "statement")]


def test_boundary_exchanged_under_a_large_policy_is_compared() -> None:
    """Each of some thousand permissions is asked of two boundaries of hundreds."""
    policies = {
        name: read_policy(managed.document)
        for name in ("ReadOnlyAccess", "job-function/ViewOnlyAccess", "SecurityAudit")
        if (managed := aws_managed_policy(f"arn:aws:iam::aws:policy/{name}"))
    }
    everything, small, large = policies.values()

    found = effective_difference(
        Authority(everything, small), Authority(everything, large)
    )

    assert len(found.gained) > 500
    assert (found.undecided_before, found.undecided_after) == ((), ())
