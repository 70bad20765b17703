"""Single requests, each decided beforehand by what IAM's guide says."""

from collections.abc import Mapping
from typing import Final

import pytest

from eks_irsa.access.authority import Authority
from eks_irsa.access.evaluation import Outcome, decide
from eks_irsa.access.requests import Request
from eks_irsa.documents.policy_statements import Grant, read_policy

KEY: Final = "arn:aws:s3:::bucket/key"
Values = Mapping[str, tuple[str, ...]]


def grants(*statements: Mapping[str, object]) -> frozenset[Grant]:
    """Read a policy of statements that allow s3:GetObject on everything by default."""
    usual = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    made: list[Mapping[str, object]] = []
    for one in statements:
        left_out = {key.removeprefix("Not") for key in one if key.startswith("Not")}
        made.append({k: v for k, v in usual.items() if k not in left_out} | dict(one))
    return read_policy({"Version": "2012-10-17", "Statement": made})


def outcome(
    *statements: Mapping[str, object],
    boundary: Mapping[str, object] | None = None,
    action: str = "s3:GetObject",
    resource: str = KEY,
    context: Values | None = None,
    known: bool = True,
) -> Outcome:
    """Decide a request; by default every key that is not given is absent."""
    authority = Authority(
        grants(*statements), grants(boundary) if boundary is not None else None
    )
    request = Request(
        action=action, resource=resource, context=context or {}, open=not known
    )
    return decide(authority, request).outcome


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([{"Action": "s3:GetObject"}], "allowed"),
        ([{"Action": "S3:getobject"}], "allowed"),
        ([{"Action": "s3:Get*"}], "allowed"),
        ([{"Action": "s3:Get??????"}], "allowed"),
        ([{"Action": "s3:PutObject"}], "denied"),
        ([{"NotAction": "s3:Put*"}], "allowed"),
        ([{"NotAction": ["s3:Put*", "s3:*"]}], "denied"),
        ([{"Resource": KEY}], "allowed"),
        ([{"Resource": "arn:aws:s3:::bucket/*"}], "allowed"),
        ([{"Resource": "arn:aws:s3:::Bucket/*"}], "denied"),
        ([{"NotResource": "arn:aws:s3:::bucket/*"}], "denied"),
        ([{"NotResource": "arn:aws:s3:::other/*"}], "allowed"),
        ([{"Action": "*"}, {"Effect": "Deny"}], "denied"),
        ([{"Action": "*"}, {"Effect": "Deny", "NotResource": KEY}], "allowed"),
        ([{"Action": "*"}, {"Effect": "Deny", "NotAction": "s3:GetObject"}], "allowed"),
        ([{"Effect": "Deny", "Action": "s3:PutObject"}], "denied"),
    ],
)
def test_request_without_conditions(
    statements: list[Mapping[str, object]], expected: Outcome
) -> None:
    """Actions have no case, resources have; a denial is stronger."""
    assert outcome(*statements) == expected


@pytest.mark.parametrize(
    ("boundary", "expected"),
    [
        ({}, "allowed"),
        ({"Action": "sqs:*"}, "denied"),
        ({"Effect": "Deny", "Action": "sqs:*"}, "denied"),
        ({"Condition": {"Null": {"k": "true"}}}, "allowed"),
        ({"Condition": {"StringEquals": {"k": "x"}}}, "denied"),
    ],
)
def test_boundary_must_allow_it_too(
    boundary: Mapping[str, object], expected: Outcome
) -> None:
    """It grants nothing, and what it does not allow is denied."""
    assert outcome({}, boundary=boundary) == expected
    assert outcome({"Action": "s3:PutObject"}, boundary=boundary) == "denied"


@pytest.mark.parametrize(
    ("operator", "wanted", "met", "not_met", "absent"),
    [
        ("StringEquals", "x", "x", "X", False),
        ("StringEquals", "x*", "x*", "xy", False),
        ("StringEquals", ["x", "y"], "y", "z", False),
        ("StringEqualsIfExists", "x", "x", "y", True),
        ("StringNotEquals", "x", "y", "x", True),
        ("StringNotEquals", ["x", "y"], "z", "y", True),
        ("StringEqualsIgnoreCase", "x", "X", "y", False),
        ("StringNotEqualsIgnoreCase", "x", "y", "X", True),
        ("StringLike", "x*", "xy", "yx", False),
        ("StringLike", "x?", "xy", "x", False),
        ("StringLike", "x${*}", "x*", "xy", False),
        ("StringNotLike", "x*", "y", "xy", True),
        ("NumericEquals", "10", "10.0", "11", False),
        ("NumericNotEquals", "10", "11", "10.0", True),
        ("NumericLessThan", "10", "9.5", "10", False),
        ("NumericLessThanEquals", ["10", "20"], "20", "21", False),
        ("NumericGreaterThan", "10", "10.5", "10", False),
        ("NumericGreaterThanEquals", "10", "10", "9", False),
        (
            "DateEquals",
            "2020-04-01T00:00:00Z",
            "2020-04-01T01:00:00+01:00",
            "2020-04-02T00:00:00Z",
            False,
        ),
        ("DateNotEquals", "2020-04-01", "2020-04-02", "1585699200", True),
        ("DateLessThan", "2020-04-01", "2020-03-31T23:59:59Z", "2020-04-01", False),
        ("DateLessThanEquals", "2020-04-01", "2020-04-01", "2020-04-02", False),
        ("DateGreaterThan", "1585699200", "2020-04-01T00:00:01Z", "2020-04", False),
        ("DateGreaterThanEquals", "2020-04", "2020-04-01", "2020-03-31", False),
        ("Bool", "true", "True", "false", False),
        ("BoolIfExists", "true", "true", "false", True),
        ("BinaryEquals", "QmluYXJ5", "QmluYXJ5", "Qml", False),
        ("IpAddress", "10.0.0.0/8", "10.1.2.3", "11.0.0.1", False),
        ("IpAddress", "10.0.0.7", "10.0.0.7", "10.0.0.8", False),
        ("IpAddress", "2001:db8::/32", "2001:db8::1", "10.0.0.7", False),
        ("NotIpAddress", "10.0.0.0/8", "11.0.0.1", "10.1.2.3", True),
        ("ArnLike", "arn:aws:s3:::b*", "arn:aws:s3:::bc:d", "arn:aws:s3:::c", False),
        (
            "ArnEquals",
            "arn:aws:*:::b",
            "arn:aws:s3:::b",
            "arn:aws:s3:eu-west-1::b",
            False,
        ),
        ("ArnNotLike", "arn:aws:s3:::b*", "arn:aws:s3:::c", "arn:aws:s3:::b", True),
        ("ForAnyValue:StringEquals", "x", "x", "y", False),
        ("ForAllValues:StringEquals", "x", "x", "y", True),
        ("ForAllValues:StringNotEquals", "x", "y", "x", True),
        ("ForAnyValue:StringNotEquals", "x", "y", "x", False),
        ("ForAnyValue:StringEqualsIfExists", "x", "x", "y", True),
    ],
)
def test_operator_over_a_key_that_is_there_and_one_that_is_not(
    operator: str, wanted: object, met: str, not_met: str, *, absent: bool
) -> None:
    """A value that meets it, one that does not, and none."""
    statement = {"Condition": {operator: {"Some:Key": wanted}}}

    found = [
        outcome(statement, context=context)
        for context in ({"some:key": (met,)}, {"some:key": (not_met,)}, {})
    ]

    assert found == ["allowed", "denied", "allowed" if absent else "denied"]
    assert outcome(statement, known=False) == "conditional"


@pytest.mark.parametrize(
    ("operator", "values", "expected"),
    [
        ("ForAllValues:StringEquals", ("x", "y"), "allowed"),
        ("ForAllValues:StringEquals", ("x", "z"), "denied"),
        ("ForAnyValue:StringEquals", ("x", "z"), "allowed"),
        ("ForAnyValue:StringEquals", ("z",), "denied"),
        ("ForAllValues:StringNotEquals", ("z", "w"), "allowed"),
        ("ForAllValues:StringNotEquals", ("x", "z"), "denied"),
        ("ForAnyValue:StringNotEquals", ("x", "z"), "allowed"),
        ("ForAnyValue:StringNotEquals", ("x", "y"), "denied"),
        ("StringEquals", ("x", "y"), "conditional"),
    ],
)
def test_key_with_several_values(
    operator: str, values: tuple[str, ...], expected: Outcome
) -> None:
    """All values, or any; without a quantifier it cannot be told."""
    statement = {"Condition": {operator: {"k": ["x", "y"]}}}

    assert outcome(statement, context={"k": values}) == expected


@pytest.mark.parametrize(
    ("wanted", "context", "expected"),
    [
        ("true", {"k": ("",)}, "denied"),
        ("true", {}, "allowed"),
        ("false", {"k": ("x",)}, "allowed"),
        ("false", {}, "denied"),
        (["true", "false"], {}, "allowed"),
    ],
)
def test_null_tells_whether_a_key_is_there(
    wanted: object, context: Values, expected: Outcome
) -> None:
    """Both answers are enough for every request."""
    statement = {"Condition": {"Null": {"k": wanted}}}

    assert outcome(statement, context=context) == expected
    unknown = outcome(statement, known=False)
    assert unknown == ("allowed" if isinstance(wanted, list) else "conditional")


TAG: Final = "aws:principaltag/team"


@pytest.mark.parametrize(
    ("resource", "context", "expected"),
    [
        ("arn:aws:s3:::bucket/${aws:PrincipalTag/team}", {TAG: ("key",)}, "allowed"),
        ("arn:aws:s3:::bucket/${aws:PrincipalTag/team}", {TAG: ("*",)}, "denied"),
        ("arn:aws:s3:::bucket/${aws:PrincipalTag/team}", {}, "denied"),
        ("arn:aws:s3:::bucket/${aws:PrincipalTag/team, 'key'}", {}, "allowed"),
        ("arn:aws:s3:::bucket/${aws:PrincipalTag/team,'key'}", {}, "allowed"),
        ("arn:aws:s3:::bucket/${aws:PrincipalTag/team, 'no'}", {}, "denied"),
    ],
)
def test_variable_stands_for_the_value_of_its_key(
    resource: str, context: Values, expected: Outcome
) -> None:
    """Nothing in the value is special; without one, nothing is allowed."""
    assert outcome({"Resource": resource}, context=context) == expected


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        ("arn:aws:s3:::bucket/${aws:PrincipalTag/team}", "conditional"),
        ("arn:aws:s3:::${aws:PrincipalTag/team}/key", "conditional"),
        ("arn:aws:s3:::other/${aws:PrincipalTag/team}", "denied"),
    ],
)
def test_variable_that_is_not_known_leaves_it_open(
    resource: str, expected: Outcome
) -> None:
    """But only where some value would do."""
    assert outcome({"Resource": resource}, known=False) == expected
    opposite: dict[Outcome, Outcome] = {
        "denied": "allowed",
        "conditional": "conditional",
    }
    assert outcome({"NotResource": resource}, known=False) == opposite[expected]


def test_variable_without_a_value_makes_a_statement_void() -> None:
    """One that is about everything else is about nothing then, and so is a denial."""
    wanted = "${aws:PrincipalTag/team}"

    assert outcome({"NotResource": wanted}) == "denied"
    assert outcome({}, {"Effect": "Deny", "NotResource": wanted}) == "allowed"
    condition = {"StringNotEquals": {"k": wanted}}
    assert outcome({"Condition": condition}, context={"k": ("x",)}) == "denied"


def test_decision_names_what_decides() -> None:
    """The grants, and the clauses that are open."""
    condition = {"StringEquals": {"k": "x"}, "Bool": {"aws:SecureTransport": "true"}}
    policy = grants({"Condition": condition}, {"Effect": "Deny", "Resource": "b"})
    boundary = grants({"Action": "s3:*"})
    (allow,) = [one for one in policy if one.effect == "Allow"]

    found = decide(
        Authority(policy, boundary),
        Request(action="s3:GetObject", resource=KEY, context={"k": ("x",)}),
    )

    assert found.outcome == "conditional"
    assert found.allowed_by == ()
    assert found.perhaps_allowed_by == (allow,)
    assert found.denied_by == found.perhaps_denied_by == ()
    assert found.let_through_by == tuple(boundary)
    assert not found.bounded


def test_bounded_is_only_what_the_policies_allow() -> None:
    """Where nothing allows, the boundary takes nothing."""
    boundary = grants({"Action": "sqs:*"})
    request = Request(action="s3:GetObject", resource=KEY)
    allowing = grants({"Resource": KEY})
    elsewhere = grants({"Resource": "arn:aws:s3:::other/*"})

    assert decide(Authority(allowing, boundary), request).bounded
    assert not decide(Authority(elsewhere, boundary), request).bounded
    assert not decide(Authority(allowing, allowing), request).bounded


def test_denial_that_may_apply_leaves_it_open() -> None:
    """Only what is certain is called allowed."""
    denial = {"Effect": "Deny", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}

    assert outcome({}, denial, known=False) == "conditional"
    assert outcome({}, denial) == "allowed"


def test_token_of_a_service_account_is_a_request_like_any_other() -> None:
    """Its claims are keys, and its provider is who asks."""
    provider = "arn:aws:iam::123456789012:oidc-provider/oidc.eks.eu-west-1/id/A"
    trust = read_policy(
        {
            "Version": "2012-10-17",
            "Statement": {
                "Effect": "Allow",
                "Principal": {"Federated": provider},
                "Action": "sts:AssumeRoleWithWebIdentity",
                "Condition": {
                    "StringLike": {
                        "oidc.eks.eu-west-1/id/A:sub": "system:serviceaccount:apps:*"
                    }
                },
            },
        }
    )

    def asked(who: str, subject: str) -> Outcome:
        request = Request(
            action="sts:AssumeRoleWithWebIdentity",
            principal=who,
            context={"oidc.eks.eu-west-1/id/a:sub": (subject,)},
        )
        return decide(Authority(trust), request).outcome

    assert asked(f"Federated {provider}", "system:serviceaccount:apps:a") == "allowed"
    assert asked(f"Federated {provider}", "system:serviceaccount:pay:a") == "denied"
    assert asked("Federated other", "system:serviceaccount:apps:a") == "denied"
