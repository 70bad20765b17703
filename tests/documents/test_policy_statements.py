"""What a policy says, without how it is written, and what is not understood."""

import json

import pytest

from eks_irsa.documents.policy_statements import read_policy
from eks_irsa.errors import PolicyDocumentError

STATEMENT = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}


def test_way_of_writing_makes_no_difference() -> None:
    """One value or a list, order, repetition, Sid, case of actions, JSON or values."""
    one = {"Version": "2012-10-17", "Statement": [STATEMENT]}
    two = {
        "Statement": {
            "Resource": ["*", "*"],
            "Action": ["S3:getobject"],
            "Sid": "A",
            "Effect": "Allow",
        },
        "Version": "2012-10-17",
    }

    assert read_policy(one) == read_policy(json.dumps(two))


def test_subjects_are_told_apart() -> None:
    """Two subjects in one condition are two who may."""
    trust = {
        "Statement": {
            "Effect": "Allow",
            "Principal": {"Federated": "arn:aws:iam::123456789012:oidc-provider/i"},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {"StringEquals": {"i:sub": ["a", "b"], "i:aud": ["x", "y"]}},
        }
    }

    grants = read_policy(trust)

    subjects = {
        clause.values
        for grant in grants
        for clause in grant.condition.clauses
        if clause.key == "i:sub"
    }
    assert subjects == {("a",), ("b",)}
    assert len(grants) == 2


@pytest.mark.parametrize(
    ("document", "message"),
    [
        pytest.param(
            "{",
            "the policy is not JSON: Expecting property name enclosed in double "
            "quotes: line 1 column 2 (char 1)",
            id="no JSON",
        ),
        pytest.param(
            '{"Statement":[],"Statement":[]}',
            "the policy is not JSON: the key 'Statement' is there twice in one map; "
            "write it once",
            id="key twice",
        ),
        pytest.param("[]", "expected a policy, got a list", id="list"),
        pytest.param(
            {"Version": "2012-10-17"}, "the policy has no statement", id="none"
        ),
        pytest.param(
            {"Statement": ["x"]}, "expected a statement, got 'x'", id="statement"
        ),
        pytest.param(
            {"Statement": {**STATEMENT, "Effect": "Perhaps"}},
            "the Effect is 'Perhaps'",
            id="effect",
        ),
        pytest.param(
            {"Statement": {"Effect": "Allow", "Resource": "*"}},
            "a statement has no Action",
            id="action",
        ),
        pytest.param(
            {"Statement": {**STATEMENT, "NotAction": "a:b"}},
            "a statement has both Action and NotAction",
            id="both",
        ),
        pytest.param(
            {"Statement": {**STATEMENT, "Action": [1]}},
            "expected text in Action, got the value 1",
            id="number",
        ),
        pytest.param(
            {"Statement": {**STATEMENT, "Actoin": "a:b"}},
            "'Actoin' of a statement is not known here",
            id="key",
        ),
        pytest.param(
            {"Statement": STATEMENT, "statement": [STATEMENT]},
            "'statement' of a policy is not known here",
            id="key of the policy",
        ),
        pytest.param(
            {"Statement": {**STATEMENT, "Condition": {"StringEquals": {}}}},
            "StringEquals of a Condition has no key",
            id="condition without a key",
        ),
        pytest.param(
            {"Statement": {**STATEMENT, "Principal": "me"}},
            "expected a map in Principal, got 'me'",
            id="principal",
        ),
        pytest.param(
            {"Statement": {**STATEMENT, "Condition": []}},
            "expected a map in Condition, got a list",
            id="condition",
        ),
        pytest.param(
            {"Statement": {**STATEMENT, "Condition": {"Bool": "x"}}},
            "expected a map in Bool, got 'x'",
            id="operator",
        ),
        pytest.param(
            {"Statement": {**STATEMENT, "Condition": {"Bool": {"k": {}}}}},
            "expected the value of a condition, got a map",
            id="value",
        ),
    ],
)
def test_what_is_not_understood_is_refused(document: object, message: str) -> None:
    """Half a policy would be a wrong one."""
    with pytest.raises(PolicyDocumentError) as refused:
        read_policy(document)

    assert str(refused.value) == message


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"Statement":', "}")])
def test_what_is_nested_5000_levels_is_refused(opening: str, closing: str) -> None:
    """Nobody is shown a traceback."""
    text = opening * 5_000 + "1" + closing * 5_000

    with pytest.raises(PolicyDocumentError) as raised:
        read_policy(text)

    assert str(raised.value) == (
        "the policy is nested too deep to be read; no policy needs ten levels"
    )


def test_value_that_is_nested_5000_levels_is_refused() -> None:
    """Whoever reads JSON may have read it already."""
    nested: object = "a"
    for _ in range(5_000):
        nested = [nested]

    with pytest.raises(PolicyDocumentError, match="expected a statement, got a list"):
        read_policy({"Statement": nested})
