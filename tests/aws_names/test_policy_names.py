"""Names in policies: each message whole, and what is said of AWS's own policies."""

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

import pytest
from golden_files import GoldenFiles

from eks_irsa.aws_names import policy_names
from eks_irsa.aws_names.policy_names import NameFault, name_faults
from eks_irsa.documents.aws_managed_policies import aws_managed_policy
from eks_irsa.documents.aws_managed_policy_names import aws_policy_index

LIST: Final = "on 2026-10-27, the date of our list"
BY_LIST: Final = "by AWS's list of 2026-10-27"
BUCKET: Final = "arn:aws:s3:::shop"


def faults(**statement: object) -> list[tuple[str, str]]:
    """Give code and message of each fault of a statement that allows something."""
    return [(fault.code, fault.message) for fault in found(**statement)]


def found(**statement: object) -> list[NameFault]:
    """Find the faults of a policy of one statement."""
    whole = {"Effect": "Allow", "Action": "*", "Resource": "*", **statement}
    return [*name_faults({"Version": "2012-10-17", "Statement": [whole]})]


@pytest.mark.parametrize(
    ("action", "code", "message"),
    [
        (
            "s3:GetObjects",
            "W-UNKNOWN-ACTION",
            f"AWS had no action 's3:GetObjects' {LIST}; did you mean 's3:GetObject'?",
        ),
        (
            "s3:Zap",
            "W-UNKNOWN-ACTION",
            (
                f"AWS had no action 's3:Zap' {LIST}; look it up among the actions of "
                "'s3'"
            ),
        ),
        (
            "sqs:Recieve*",
            "W-UNKNOWN-ACTION",
            (
                f"AWS had no action 'sqs:Recieve*' {LIST}; look it up among the "
                "actions of 'sqs'"
            ),
        ),
        (
            "dynamodbb:GetItem",
            "W-UNKNOWN-SERVICE",
            f"AWS had no service 'dynamodbb' {LIST}; did you mean 'dynamodb'?",
        ),
        ("qqqqqq:GetItem", "W-UNKNOWN-SERVICE", f"AWS had no service 'qqqqqq' {LIST}"),
    ],
)
def test_action_that_aws_does_not_have_is_named(
    action: str, code: str, message: str
) -> None:
    """Alone, in a list, and where it is left out of what is allowed."""
    assert faults(Action=action) == [(code, message)]
    assert faults(Action=["s3:*", action]) == [(code, message)]
    given = {"Effect": "Deny", "NotAction": action, "Resource": "*"}
    (fault,) = name_faults({"Statement": given})
    assert fault == NameFault(("Statement", "NotAction"), code, message)


def test_place_of_a_fault_is_its_place_in_the_policy() -> None:
    """From the root, whether something is a list or stands alone."""
    condition = {"StringEquals": {"aws:SourceIpp": "x"}}

    assert [(fault.path, fault.at_key) for fault in found(Condition=condition)] == [
        (("Statement", 0, "Condition", "StringEquals", "aws:SourceIpp"), True)
    ]
    assert [fault.path for fault in found(Action=["s3:*", "s3:GetObjects"])] == [
        ("Statement", 0, "Action", 1)
    ]


@pytest.mark.parametrize(
    ("key", "message"),
    [
        (
            "aws:SourceIpp",
            (
                f"AWS had no condition key 'aws:SourceIpp' {LIST}; did you mean "
                "'aws:SourceIp'?"
            ),
        ),
        (
            "s3:prefixx",
            f"AWS had no condition key 's3:prefixx' {LIST}; did you mean 's3:prefix'?",
        ),
        ("aws:q", f"AWS had no condition key 'aws:q' {LIST}"),
    ],
)
def test_condition_key_that_aws_does_not_have_is_named(key: str, message: str) -> None:
    """The key, whatever the operator."""
    for operator in ("StringEquals", "ForAllValues:StringNotLikeIfExists"):
        assert faults(Condition={operator: {key: "x"}}) == [
            ("W-UNKNOWN-CONDITION-KEY", message)
        ]


@pytest.mark.parametrize(
    ("statement", "code", "message"),
    [
        pytest.param(
            {"Action": "s3:GetObject", "Resource": BUCKET},
            "W-ACTION-RESOURCE",
            (
                f"'s3:GetObject' is never about the resources of this statement, "
                f"{BY_LIST}; it takes arn:${{Partition}}:s3:${{Region}}:${{Account}}:"
                "accesspoint/${AccessPointName}/object/${ObjectName} or "
                "arn:${Partition}:s3:::${BucketName}/${ObjectName}"
            ),
            id="the bucket in the place of its objects",
        ),
        pytest.param(
            {"Action": ["sqs:SendMessage"], "Resource": [f"{BUCKET}/*"]},
            "W-ACTION-RESOURCE",
            (
                "'sqs:SendMessage' is never about the resources of this statement, "
                f"{BY_LIST}; it takes "
                "arn:${Partition}:sqs:${Region}:${Account}:${QueueName}"
            ),
            id="another service",
        ),
        pytest.param(
            {
                "Action": "ec2:DescribeInstances",
                "Resource": "arn:aws:ec2:us-west-2:111122223333:instance/i-0",
            },
            "W-ACTION-RESOURCE",
            (
                f"'ec2:DescribeInstances' is about no resource, {BY_LIST}, so that it "
                "is allowed on '*' alone; give it a statement with Resource '*'"
            ),
            id="no resource",
        ),
        pytest.param(
            {
                "Action": ["s3:GetObject", "s3:PutObject"],
                "Condition": {"StringLike": {"s3:prefix": "home/*"}},
            },
            "W-KEY-NEVER-SET",
            (
                f"no action of this statement ever sets 's3:prefix', {BY_LIST}, so "
                "that the condition is never met; take it out, or put it beside an "
                "action that sets it"
            ),
            id="the key of another action",
        ),
    ],
)
def test_what_never_goes_together_is_named(
    statement: Mapping[str, Any], code: str, message: str
) -> None:
    """IAM takes it, and nothing is allowed by it."""
    assert faults(**statement) == [(code, message)]


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param({"Action": ["*", "*:*", "s3:*", "S3:GETobject"]}, id="actions"),
        pytest.param({"Action": ["s*:GetObjects", "s3", "a b:c", ""]}, id="no action"),
        pytest.param({"Action": ["s3:Get?bject", "s3:*Object*"]}, id="patterns"),
        pytest.param({"Action": 1, "Resource": None, "Condition": []}, id="no policy"),
        pytest.param({"Condition": {"StringEquals": "x"}}, id="no condition"),
        pytest.param(
            {
                "Condition": {
                    "StringEquals": {
                        "AWS:sourceip": "1",
                        "aws:PrincipalTag/a/b": "1",
                        "ec2:ResourceTag/Name": "1",
                        "secretsmanager:ResourceTag/team": "1",
                        "elasticloadbalancing:ResourceTag/team": "1",
                        "oidc.eks.eu-west-1.amazonaws.com/id/0:sub": "1",
                        "saml:aud": "1",
                        "lambda:SourceFunctionArn": "1",
                        "${KEY}": "1",
                    }
                }
            },
            id="condition keys",
        ),
        pytest.param(
            {"Action": ["s3:GetObject", "s3:ListBucket"], "Resource": [BUCKET, "*"]},
            id="every resource",
        ),
        pytest.param(
            {
                "Action": ["s3:GetObject", "s3:ListBucket"],
                "Resource": [BUCKET, f"{BUCKET}/*"],
            },
            id="a resource for each",
        ),
        pytest.param(
            {"Action": "s3:GetObject", "Resource": f"{BUCKET}*"}, id="it may fit"
        ),
        pytest.param(
            {"Action": "kms:Decrypt", "Resource": "arn:aws:kms:*"}, id="few parts"
        ),
        pytest.param(
            {
                "Action": "kms:Decrypt",
                "Resource": "arn:aws:kms:*:${aws:PrincipalAccount}:key/*",
            },
            id="a variable with a colon",
        ),
        pytest.param(
            {
                "Action": "elasticloadbalancing:AddTags",
                "Resource": "arn:aws:elasticloadbalancing:*:*:targetgroup/*/*",
            },
            id="what can be tagged is not listed well",
        ),
        pytest.param(
            {
                "Action": "logs:DescribeLogGroups",
                "Resource": "arn:aws:logs:*:111122223333:log-group:*",
            },
            id="all of a kind, where AWS lists none",
        ),
        pytest.param(
            {
                "Action": ["s3:GetObject", "s3:ListBucket"],
                "Condition": {"StringLike": {"s3:prefix": "home/*"}},
            },
            id="one of the actions sets the key",
        ),
        pytest.param(
            {
                "Action": "s3:GetObject",
                "Condition": {
                    "StringNotLike": {"s3:prefix": "x"},
                    "StringLikeIfExists": {"s3:prefix": "x"},
                    "ForAllValues:StringLike": {"s3:prefix": "x"},
                    "Null": {"s3:prefix": "true"},
                },
            },
            id="met without the key",
        ),
        pytest.param(
            {
                "Action": ["s3:GetObject", "*"],
                "Condition": {"StringLike": {"s3:prefix": "x"}},
            },
            id="every action",
        ),
        pytest.param(
            {"NotResource": BUCKET, "Resource": [], "Action": "sqs:SendMessage"},
            id="all resources but one",
        ),
    ],
)
def test_nothing_is_said_of_what_may_mean_something(
    statement: Mapping[str, Any],
) -> None:
    """A warning that is wrong teaches people to read none."""
    assert faults(**statement) == []


@pytest.mark.parametrize("document", [None, "x", [], {}, {"Statement": ["x", None]}])
def test_what_is_no_policy_has_no_names(document: object) -> None:
    """IAM's refusal of it is named elsewhere."""
    assert list(name_faults(document)) == []


def test_nothing_is_said_where_the_list_is_not_installed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The components alone do not need it."""
    monkeypatch.setattr(policy_names, "has_services", lambda: False)

    assert faults(Action="s3:GetObjects") == []


def test_aws_policies_have_the_warnings_that_were_read(golden: GoldenFiles) -> None:
    """Read by service and resource, they tuned the rules.

    Most are retired services and grants that do nothing; the rest are actions that are
    not documented yet, and holes of the reference.
    """
    told: Counter[str] = Counter()
    policies: set[str] = set()
    for name in aws_policy_index().policies:
        policy = aws_managed_policy(f"arn:aws:iam::aws:policy/{name}")
        assert policy is not None
        for fault in name_faults(json.loads(policy.document)):
            told[f"{fault.code} {fault.message}"] += 1
            policies.add(name)

    lines = [f"{len(policies)} of {len(aws_policy_index().policies)} policies"]
    lines += [f"{count} {line}" for line, count in sorted(told.items())]
    golden("aws_names/aws_managed_policies.txt", "".join(f"{x}\n" for x in lines))
