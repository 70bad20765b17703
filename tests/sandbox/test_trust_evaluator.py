"""Who may assume a role: the evaluator on correct trust policies and published defects.

The documents are written out as their authors' tools write them; nothing of ours made
them, and the evaluator sees JSON only.
"""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from sandbox.aws.trust_evaluator import (
    Decision,
    Principal,
    UnsupportedPolicyError,
    may_assume,
    may_assume_directly,
)

ISSUER = "oidc.eks.us-west-2.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE"
PROVIDER = f"arn:aws:iam::123456789012:oidc-provider/{ISSUER}"
SUBJECT = "system:serviceaccount:backend-apps:s3-reader"
CLAIMS = {"sub": SUBJECT, "aud": "sts.amazonaws.com"}


def _statement(condition: object, **changes: object) -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Principal": {"Federated": PROVIDER},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": condition,
        **changes,
    }


def _policy(*statements: object) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def _equals(claims: Mapping[str, object]) -> dict[str, object]:
    return {"StringEquals": {f"{ISSUER}:{claim}": v for claim, v in claims.items()}}


CORRECT = _policy(_statement(_equals(CLAIMS)))


def _allowed(policy: str, **claims: str) -> bool:
    return may_assume(
        policy, provider_arn=PROVIDER, claims={**CLAIMS, **claims}
    ).allowed


def test_correct_policy_admits_its_service_account() -> None:
    """Issuer, subject and audience as pinned are let in."""
    decision = may_assume(CORRECT, provider_arn=PROVIDER, claims=CLAIMS)

    assert decision == Decision(allowed=True, reason="statement 1 allows it")


@pytest.mark.parametrize(
    ("claim", "value"),
    [
        pytest.param("sub", "system:serviceaccount:other:s3-reader", id="namespace"),
        pytest.param("sub", "system:serviceaccount:backend-apps:other", id="name"),
        pytest.param("sub", SUBJECT.upper(), id="case"),
        pytest.param("aud", "vault", id="audience"),
    ],
)
def test_correct_policy_keeps_everybody_else_out(claim: str, value: str) -> None:
    """One claim that differs is enough, and the reason names key and values."""
    decision = may_assume(
        CORRECT, provider_arn=PROVIDER, claims={**CLAIMS, claim: value}
    )

    wanted = CLAIMS[claim]
    assert decision == Decision(
        allowed=False,
        reason=(
            f"statement 1: StringEquals wants {wanted}, but {ISSUER}:{claim} is {value}"
        ),
    )


def test_pattern_under_string_like_admits_the_names_it_means() -> None:
    """A name with a wildcard is a choice, and only under StringLike."""
    pattern = "system:serviceaccount:backend-apps:s3-*"
    policy = _policy(
        _statement(
            {
                **_equals({"aud": "sts.amazonaws.com"}),
                "StringLike": {f"{ISSUER}:sub": pattern},
            }
        )
    )

    assert _allowed(policy)
    assert not _allowed(policy, sub="system:serviceaccount:backend-apps:cache")
    assert not _allowed(policy, sub="system:serviceaccount:other:s3-reader")


@pytest.mark.parametrize(
    "prefix",
    [
        pytest.param("arn:aws:iam::123456789012:oidc-provider/", id="arn"),
        pytest.param("https://", id="scheme"),
    ],
)
def test_key_that_is_more_than_the_issuer_matches_nobody(
    prefix: str,
) -> None:
    """pulumi-aws-iam (ARN) and others (scheme): the prefix was not stripped."""
    keys = [f"{prefix}{ISSUER}:sub", f"{prefix}{ISSUER}:aud"]
    condition = {"StringEquals": dict(zip(keys, CLAIMS.values(), strict=True))}
    policy = _policy(_statement(condition))

    assert not _allowed(policy)


def test_hard_coded_partition_trusts_nobody_in_china() -> None:
    """mitodl/ol-infrastructure: `arn:aws:` where the provider is in aws-cn."""
    in_china = PROVIDER.replace("arn:aws:", "arn:aws-cn:")

    decision = may_assume(CORRECT, provider_arn=in_china, claims=CLAIMS)

    assert decision == Decision(
        allowed=False, reason=f"statement 1: the principal is not {in_china}"
    )


def test_string_like_opens_the_cluster_to_a_wildcard_namespace() -> None:
    """Cloud Toolkit's Irsa: `StringLike` with a wildcard for the namespace."""
    everybody = "system:serviceaccount:*"
    policy = _policy(
        _statement(
            {
                **_equals({"aud": "sts.amazonaws.com"}),
                "StringLike": {f"{ISSUER}:sub": everybody},
            }
        )
    )

    assert _allowed(policy, sub="system:serviceaccount:kube-system:anybody")


def test_wildcard_under_string_equals_matches_nobody() -> None:
    """StringEquals takes an asterisk for an asterisk."""
    pattern = "system:serviceaccount:backend-apps:*"
    policy = _policy(_statement(_equals({"sub": pattern, "aud": "sts.amazonaws.com"})))

    assert not _allowed(policy)


@pytest.mark.parametrize(
    "operator", ["StringEqualsIfExists", "ForAllValues:StringEquals", "StringNotEquals"]
)
def test_operator_that_a_missing_claim_satisfies_pins_nothing(operator: str) -> None:
    """A condition that holds without the claim is no pin."""
    condition = {
        **_equals({"aud": "sts.amazonaws.com"}),
        operator: {f"{ISSUER}:sub": SUBJECT},
    }
    policy = _policy(_statement(condition))
    claims = {"aud": "sts.amazonaws.com"}

    assert may_assume(policy, provider_arn=PROVIDER, claims=claims).allowed


def test_deny_wins_over_allow() -> None:
    """A statement that denies decides, wherever it stands."""
    deny = _statement(_equals({"sub": SUBJECT}), Effect="Deny")
    policy = _policy(_statement(_equals(CLAIMS)), deny)

    decision = may_assume(policy, provider_arn=PROVIDER, claims=CLAIMS)

    assert decision == Decision(allowed=False, reason="statement 2 denies it")


def test_one_statement_of_several_is_enough() -> None:
    """A role for two clusters has a statement for each."""
    other = f"{PROVIDER}2"
    first = _statement(_equals(CLAIMS), Principal={"Federated": other})
    policy = _policy(first, _statement(_equals(CLAIMS)))

    assert _allowed(policy)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        pytest.param(_equals({"sub": ["x", SUBJECT]}), True, id="any of the values"),
        pytest.param(_equals({"sub": []}), False, id="no values"),
        pytest.param({"StringNotEquals": {f"{ISSUER}:sub": "x"}}, True, id="not equal"),
        pytest.param(
            {"StringNotEquals": {f"{ISSUER}:sub": ["x", SUBJECT]}},
            False,
            id="not equal to any",
        ),
        pytest.param(
            {"StringEqualsIgnoreCase": {f"{ISSUER}:sub": SUBJECT.upper()}},
            True,
            id="without case",
        ),
        pytest.param(
            {"StringNotEqualsIgnoreCase": {f"{ISSUER}:sub": SUBJECT.upper()}},
            False,
            id="not without case",
        ),
        pytest.param({"StringLike": {f"{ISSUER}:sub": "*:s?-reader"}}, True, id="like"),
        pytest.param({"StringNotLike": {f"{ISSUER}:sub": "*"}}, False, id="not like"),
        pytest.param(
            {"ForAnyValue:StringLike": {f"{ISSUER}:amr": "a*"}}, False, id="any, absent"
        ),
        pytest.param(
            {"ForAllValues:StringLike": {f"{ISSUER}:amr": "a*"}}, True, id="all, absent"
        ),
        pytest.param(
            {"StringEqualsIfExists": {f"{ISSUER}:amr": "a"}}, True, id="if exists"
        ),
        pytest.param({"StringEquals": {f"{ISSUER}:amr": "a"}}, False, id="absent"),
        pytest.param({"Null": {f"{ISSUER}:amr": "true"}}, True, id="null, absent"),
        pytest.param({"Null": {f"{ISSUER}:sub": "true"}}, False, id="null, present"),
        pytest.param({"Null": {f"{ISSUER}:sub": "false"}}, True, id="not null"),
        pytest.param(
            {"StringEquals": {f"{ISSUER}:SUB".upper(): SUBJECT}}, True, id="key's case"
        ),
        pytest.param(
            {"StringEquals": {"aws:FederatedProvider": PROVIDER}}, True, id="provider"
        ),
    ],
)
def test_operator_is_evaluated_as_iam_does(
    condition: object, *, expected: bool
) -> None:
    """Each operator, on the claims of one service account."""
    assert _allowed(_policy(_statement(condition))) is expected


@pytest.mark.parametrize(
    ("operator", "expected"),
    [("ForAnyValue:StringEquals", True), ("ForAllValues:StringEquals", False)],
)
def test_claim_with_several_values_needs_a_quantifier(
    operator: str, *, expected: bool
) -> None:
    """One of two values matches."""
    policy = _policy(_statement({operator: {f"{ISSUER}:amr": "mfa"}}))

    decision = may_assume(
        policy, provider_arn=PROVIDER, claims={"amr": ["mfa", "password"]}
    )

    assert decision.allowed is expected


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("sts:*", True),
        ("STS:assumerolewithwebidentity", True),
        (["sts:TagSession", "sts:AssumeRoleWith*"], True),
        ("sts:AssumeRole", False),
    ],
)
def test_action_matches_without_case_and_with_wildcards(
    action: object, *, expected: bool
) -> None:
    """Actions are names with wildcards, in any case."""
    policy = _policy(_statement(_equals(CLAIMS), Action=action))

    assert _allowed(policy) is expected


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        pytest.param(
            {"Condition": {"DateLessThan": {"aws:CurrentTime": "2030-01-01"}}},
            "the operator 'DateLessThan' is not implemented",
            id="operator",
        ),
        pytest.param(
            {"Condition": {"StringEquals": {"aws:SourceVpc": "vpc-1"}}},
            "the condition key 'aws:SourceVpc' is not implemented",
            id="request key",
        ),
        pytest.param(
            {"Condition": {"StringEquals": {f"{ISSUER}:sub": "${aws:username}"}}},
            "the policy variable in '${aws:username}' is not implemented",
            id="policy variable",
        ),
        pytest.param(
            {"NotAction": "sts:AssumeRole"},
            "the element 'NotAction' is not implemented",
            id="element",
        ),
        pytest.param(
            {"Principal": "*"}, "the principal '*' is not implemented", id="principal"
        ),
    ],
)
def test_what_is_not_implemented_is_refused_by_name(
    changes: Mapping[str, object], message: str
) -> None:
    """The evaluator does not guess."""
    policy = _policy({**_statement(_equals(CLAIMS)), **changes})

    with pytest.raises(UnsupportedPolicyError) as refusal:
        may_assume(policy, provider_arn=PROVIDER, claims=CLAIMS)

    assert str(refusal.value) == message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[]", "a trust policy is a JSON object"),
        ("{}", "a trust policy has at least one statement, each a JSON object"),
        (
            '{"Statement":[{"Effect":"Allow","Effect":"Deny"}]}',
            "a key of the policy is there twice: Effect",
        ),
    ],
)
def test_what_is_no_policy_is_an_error(text: str, message: str) -> None:
    """A text that is not a policy is the caller's mistake."""
    with pytest.raises(ValueError, match=r".") as error:
        may_assume(text, provider_arn=PROVIDER, claims=CLAIMS)

    assert str(error.value) == message


CLUSTER = "arn:aws:eks:us-west-2:123456789012:cluster/blue"
PODS = Principal(kind="Service", names=("pods.eks.amazonaws.com",))


def _direct(condition: object, **request: str) -> bool:
    statement = _statement(
        condition,
        Principal={"Service": ["ec2.amazonaws.com", "pods.eks.amazonaws.com"]},
        Action="sts:AssumeRole",
    )
    keys = {f"aws:{key}": value for key, value in request.items()}
    return may_assume_directly(
        _policy(statement), principal=PODS, tags={}, request=keys
    ).allowed


@pytest.mark.parametrize(
    ("operator", "pattern", "allowed"),
    [
        ("ArnEquals", CLUSTER, True),
        ("ArnEquals", "arn:aws:eks:*:123456789012:cluster/*", True),
        ("ArnLike", "arn:aws:eks:us-west-2:123456789012:cluster/b???", True),
        ("ArnLike", "arn:aws:eks:us-west-2:123456789012:cluster/green", False),
        ("ArnLike", "arn:aws:*", False),
        ("ArnLike", "arn:aws:*:cluster/blue", False),
        ("ArnNotLike", "arn:aws:eks:*:*:cluster/green", True),
        ("ArnNotEquals", CLUSTER, False),
        ("StringEquals", "arn:aws:eks:*:123456789012:cluster/*", False),
    ],
)
def test_arns_are_matched_section_by_section(
    operator: str,
    pattern: str,
    allowed: bool,  # noqa: FBT001 - a parameter of the table
) -> None:
    """A wildcard does not reach over a colon."""
    condition = {operator: {"aws:SourceArn": pattern}}

    assert _direct(condition, sourceArn=CLUSTER) is allowed


def test_key_that_a_request_lacks_is_no_match() -> None:
    """But for a negated operator, as everywhere; the reason says that it is absent."""
    equals = {"ArnEquals": {"aws:SourceArn": CLUSTER}}
    decision = may_assume(
        _policy(_statement(equals)), provider_arn=PROVIDER, claims=CLAIMS
    )

    assert not _direct(equals)
    assert _direct({"ArnNotEquals": {"aws:SourceArn": CLUSTER}})
    assert decision.reason == (
        f"statement 1: ArnEquals wants {CLUSTER}, but aws:SourceArn is not in the "
        "request"
    )


@pytest.mark.parametrize(
    ("action", "tagged", "untagged"),
    [
        (["sts:AssumeRole", "sts:TagSession"], True, True),
        ("sts:*", True, True),
        ("sts:AssumeRole", False, True),
        ("sts:TagSession", False, False),
        ("sts:AssumeRoleWithWebIdentity", False, False),
    ],
)
def test_session_tags_are_an_action_of_their_own(
    action: object,
    tagged: bool,  # noqa: FBT001 - a parameter of the table
    untagged: bool,  # noqa: FBT001 - as above
) -> None:
    """Which has to be allowed only where there are some."""
    principal = {"Service": "pods.eks.amazonaws.com"}
    policy = _policy(_statement({}, Principal=principal, Action=action))
    decisions = [
        may_assume_directly(policy, principal=PODS, tags=tags, request={})
        for tags in ({"a": "1"}, {})
    ]

    assert [decision.allowed for decision in decisions] == [tagged, untagged]


@pytest.mark.parametrize("named", ["role", "root", "123456789012"])
def test_role_is_known_by_its_arn_and_by_its_account(named: str) -> None:
    """A name counts for its own kind of principal only."""
    account = "arn:aws:iam::123456789012"
    names = {"role": f"{account}:role/one", "root": f"{account}:root"}
    principal = {"AWS": names.get(named, named)}
    role = Principal(kind="AWS", names=(*names.values(), "123456789012"))
    policy = _policy(_statement({}, Principal=principal, Action="sts:AssumeRole"))

    others = (
        PODS,
        Principal(kind="AWS", names=(f"{account}:role/two",)),
        Principal(kind="Service", names=role.names),
    )
    decisions = [
        may_assume_directly(policy, principal=one, tags={}, request={})
        for one in (role, *others)
    ]

    assert [decision.allowed for decision in decisions] == [True, False, False, False]
