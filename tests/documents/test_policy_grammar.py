"""What IAM would refuse of a permission document: each fault, place and words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eks_irsa.documents.policy_grammar import DocumentFault, document_faults
from eks_irsa.documents.policy_partitions import partition_faults

UNSUPPORTED = (
    "is not supported here; write the value itself, or Fn::Sub over "
    "${AWS::Partition}, ${AWS::Region} and ${AWS::AccountId}"
)
NO_STATEMENT = "the policy has no statement, so it would grant nothing; add one"
ARN = "arn:<partition>:<service>:<region>:<AWS account>:<resource>"
DATE = "<year>-<month>-<day>T<hours>:<minutes>:<seconds>Z, or seconds since 1970"


def statement(**changes: object) -> dict[str, object]:
    """Return a right statement with *changes*; None takes a key out."""
    right: dict[str, object] = {
        "Effect": "Allow",
        "Action": "s3:GetObject",
        "Resource": "*",
    }
    return {key: value for key, value in (right | changes).items() if value != "OUT"}


def policy(*statements: object) -> dict[str, object]:
    """Return a policy of *statements*."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(policy(statement()), id="one statement"),
        pytest.param({"Statement": statement()}, id="no list, no version"),
        pytest.param(
            {"Version": "2008-10-17", "Id": "x", "Statement": [statement()]},
            id="old version and id",
        ),
        pytest.param(policy(statement(Sid="A1"), statement(Sid="B")), id="sids"),
        pytest.param(policy(statement(Sid=""), statement(Sid="")), id="empty sids"),
        pytest.param(
            policy(statement(Action=["*", "s3:Get*", "iam:?etRole"])), id="wildcards"
        ),
        pytest.param(
            policy(statement(Action="OUT", NotAction="iam:*")), id="NotAction"
        ),
        pytest.param(
            policy(statement(Resource="OUT", NotResource=["arn:aws:s3:::x"])),
            id="NotResource",
        ),
        pytest.param(
            policy(
                statement(
                    Effect="Deny",
                    Condition={
                        "Bool": {"aws:MultiFactorAuthPresent": True},
                        "StringLike": {"s3:prefix": ["a/*", ""]},
                        "NumericLessThan": {"s3:max-keys": 10},
                    },
                )
            ),
            id="conditions",
        ),
        pytest.param(
            policy(
                statement(
                    Action=["*:*", "a.b:c"],
                    Resource=[
                        "arn:*:s3:::b",
                        "arn:aws:iam:::role/x",
                        "arn:aws:iam::aws:policy/x",
                    ],
                )
            ),
            id="any partition, any service, no account and AWS's",
        ),
        pytest.param(
            policy(
                statement(
                    Condition={
                        "DateGreaterThanIfExists": {"aws:CurrentTime": []},
                        "DateLessThan": {"aws:CurrentTime": ["2030-01-01", 0]},
                        "x": {},
                    }
                )
            ),
            id="conditions that demand nothing, and dates",
        ),
        pytest.param(
            policy(statement(Resource="arn:aws:s3:::home/${aws:username}/*")),
            id="policy variable",
        ),
    ],
)
def test_document_iam_takes_has_no_fault(document: object) -> None:
    """Only what IAM surely refuses is a fault."""
    assert list(document_faults(document)) == []


@pytest.mark.parametrize(
    ("document", "faults"),
    [
        pytest.param(
            ["a"], [((), "expected a policy, got a list")], id="list for a policy"
        ),
        pytest.param(None, [((), "expected a policy, got nothing")], id="nothing"),
        pytest.param("x", [((), "expected a policy, got 'x'")], id="text"),
        pytest.param({}, [((), NO_STATEMENT)], id="empty"),
        pytest.param(
            {"Statement": []}, [(("Statement",), NO_STATEMENT)], id="no statements"
        ),
        pytest.param(
            {"Statement": "x"},
            [(("Statement",), "expected a statement, a map, got 'x'")],
            id="text for a statement",
        ),
        pytest.param(
            policy(statement(), 7),
            [(("Statement", 1), "expected a statement, a map, got the value 7")],
            id="number for a statement",
        ),
        pytest.param(
            {"version": "2012-10-17", "Statement": statement()},
            [
                (
                    (),
                    ("IAM reads its own spelling alone; write 'Version' for 'version'"),
                )
            ],
            id="misspelt key of the policy",
        ),
        pytest.param(
            {"Version": "2012-10-18", "Statement": statement()},
            [
                (
                    ("Version",),
                    "'2012-10-18' is not a version; write '2012-10-17', quoted",
                )
            ],
            id="unknown version",
        ),
        pytest.param(
            {"Version": ["2012-10-17"], "Statement": statement()},
            [
                (
                    ("Version",),
                    "['2012-10-17'] is not a version; write '2012-10-17', quoted",
                )
            ],
            id="list of versions",
        ),
        pytest.param(
            {"Id": 7, "Statement": statement()},
            [(("Id",), "expected text, got the value 7; quote it")],
            id="number for an id",
        ),
        pytest.param(
            policy(statement(Efect="Allow")),
            [
                (
                    ("Statement", 0, "Efect"),
                    (
                        "'Efect' is no part of a statement; expected "
                        "Sid, Effect, Action, NotAction, Resource, NotResource or "
                        "Condition"
                    ),
                )
            ],
            id="misspelt key of a statement",
        ),
        pytest.param(
            policy(statement(Principal="*")),
            [
                (
                    ("Statement", 0, "Principal"),
                    (
                        "Principal has no place in what a role may do; who may assume "
                        "the role is written by eks-irsa"
                    ),
                )
            ],
            id="principal",
        ),
        pytest.param(
            policy(statement(Effect="allow")),
            [
                (
                    ("Statement", 0, "Effect"),
                    "Effect is 'allow'; write 'Allow' or 'Deny'",
                )
            ],
            id="effect in lower case",
        ),
        pytest.param(
            policy(statement(Effect=["Allow"])),
            [
                (
                    ("Statement", 0, "Effect"),
                    "Effect is a list; write 'Allow' or 'Deny'",
                )
            ],
            id="list of effects",
        ),
        pytest.param(
            policy(statement(Effect="OUT")),
            [(("Statement", 0), "Effect is nothing; write 'Allow' or 'Deny'")],
            id="no effect",
        ),
        pytest.param(
            policy(statement(Sid="a-b")),
            [
                (
                    ("Statement", 0, "Sid"),
                    "the Sid is 'a-b'; expected letters and digits alone",
                )
            ],
            id="dash in a sid",
        ),
        pytest.param(
            policy(statement(Sid="A"), statement(Sid="A")),
            [
                (
                    ("Statement", 1, "Sid"),
                    "the Sid 'A' is used twice; each is unique in a policy",
                )
            ],
            id="sid twice",
        ),
        pytest.param(
            policy(statement(Action="OUT")),
            [
                (
                    ("Statement", 0),
                    "expected Action or NotAction, exactly one of them, in a statement",
                )
            ],
            id="no action",
        ),
        pytest.param(
            policy(statement(NotResource="*")),
            [
                (
                    ("Statement", 0, "Resource"),
                    (
                        "expected Resource or NotResource, exactly one of them, in a "
                        "statement"
                    ),
                )
            ],
            id="both kinds of resource",
        ),
        pytest.param(
            policy(statement(Action=[])),
            [
                (
                    ("Statement", 0, "Action"),
                    "Action is empty; expected '<service>:<action>' or '*'",
                )
            ],
            id="empty list of actions",
        ),
        pytest.param(
            policy(statement(Action=["s3:GetObject", "GetObject", ["s3:*"], None])),
            [
                (
                    ("Statement", 0, "Action", 1),
                    "'GetObject' is no Action; expected '<service>:<action>' or '*'",
                ),
                (
                    ("Statement", 0, "Action", 2),
                    "a list is no Action; expected '<service>:<action>' or '*'",
                ),
                (
                    ("Statement", 0, "Action", 3),
                    "nothing is no Action; expected '<service>:<action>' or '*'",
                ),
            ],
            id="what is no action",
        ),
        pytest.param(
            policy(statement(Resource="my-bucket")),
            [
                (
                    ("Statement", 0, "Resource"),
                    "'my-bucket' is no Resource; expected an ARN or '*'",
                )
            ],
            id="name for a resource",
        ),
        pytest.param(
            policy(statement(Action=["s3:*", "s*:Get"])),
            [
                (
                    ("Statement", 0, "Action", 1),
                    (
                        "'s*:Get' has a wildcard in the service 's*'; expected "
                        "'<service>:<action>' or '*', an entry for each service"
                    ),
                )
            ],
            id="wildcard in a service",
        ),
        pytest.param(
            policy(
                statement(
                    Resource=[
                        "arn:aws:s3::bucket/*",
                        "arn:aws::::b/*",
                        "*bucket*",
                        "arn:aws:iam::111122223333:my-role",
                        "arn:aws:iam:us-west-2:111122223333:role/x",
                    ]
                )
            ),
            [
                (
                    ("Statement", 0, "Resource", 0),
                    (
                        "'arn:aws:s3::bucket/*' has 5 parts of an ARN's six; expected "
                        f"{ARN}, where region and AWS account may be empty"
                    ),
                ),
                (
                    ("Statement", 0, "Resource", 1),
                    f"'arn:aws::::b/*' names no service; expected {ARN}",
                ),
                (
                    ("Statement", 0, "Resource", 2),
                    "'*bucket*' is no Resource; expected an ARN or '*'",
                ),
                (
                    ("Statement", 0, "Resource", 3),
                    (
                        "'arn:aws:iam::111122223333:my-role' has the resource "
                        "'my-role', which is no kind of IAM's; expected '*' or one of "
                        "access-report/, delegation-request/, federated-user/, group/, "
                        "instance-profile/, mfa/, oidc-provider/, policy/, report/, "
                        "role/, role-template/, saml-provider/, server-certificate/, "
                        "sms-mfa/, user/ before the name"
                    ),
                ),
                (
                    ("Statement", 0, "Resource", 4),
                    (
                        "'arn:aws:iam:us-west-2:111122223333:role/x' has the region "
                        "'us-west-2', and such a resource has none; expected "
                        "'arn:aws:iam::111122223333:role/x'"
                    ),
                ),
            ],
            id="ARNs IAM does not take",
        ),
        pytest.param(
            policy(
                statement(
                    Condition={
                        "StringEqual": {"aws:userid": "x"},
                        "DateGreaterThan": {"aws:CurrentTime": "yesterday"},
                        "DateLessThan": {"aws:CurrentTime": ["2030-01-01", True, None]},
                    }
                )
            ),
            [
                (
                    ("Statement", 0, "Condition", "StringEqual"),
                    (
                        "'StringEqual' is no operator of a condition; did you mean "
                        "'StringEquals'?"
                    ),
                ),
                (
                    (
                        *("Statement", 0, "Condition"),
                        *("DateGreaterThan", "aws:CurrentTime"),
                    ),
                    f"'yesterday' is no date; expected {DATE}",
                ),
                (
                    (
                        *("Statement", 0, "Condition"),
                        *("DateLessThan", "aws:CurrentTime", 1),
                    ),
                    f"True is no date; expected {DATE}",
                ),
                (
                    (
                        *("Statement", 0, "Condition"),
                        *("DateLessThan", "aws:CurrentTime", 2),
                    ),
                    "expected the value of a condition, got nothing",
                ),
            ],
            id="operators and dates IAM does not take",
        ),
        pytest.param(
            policy(statement(Condition=None)),
            [
                (
                    ("Statement", 0, "Condition"),
                    "expected a map of operators, got nothing",
                )
            ],
            id="no condition",
        ),
        pytest.param(
            policy(statement(Condition={"StringEquals": ["a"]})),
            [
                (
                    ("Statement", 0, "Condition", "StringEquals"),
                    "expected a map of condition keys, got a list",
                )
            ],
            id="list of condition keys",
        ),
        pytest.param(
            policy(
                statement(Condition={"StringEquals": {"a": None, "b": [{"c": "d"}]}})
            ),
            [
                (
                    ("Statement", 0, "Condition", "StringEquals", "a"),
                    "expected the value of a condition, got nothing",
                ),
                (
                    ("Statement", 0, "Condition", "StringEquals", "b", 0),
                    "expected the value of a condition, got a map",
                ),
            ],
            id="values of conditions",
        ),
        pytest.param(
            policy(statement(Resource={"Fn::GetAtt": ["a", "Arn"]})),
            [
                (
                    ("Statement", 0, "Resource", "Fn::GetAtt"),
                    f"CloudFormation's Fn::GetAtt {UNSUPPORTED}",
                )
            ],
            id="function as a resource",
        ),
        pytest.param(
            policy({"Fn::If": ["a", "b", "c"]}),
            [
                (
                    ("Statement", 0, "Fn::If"),
                    f"CloudFormation's Fn::If {UNSUPPORTED}",
                )
            ],
            id="function as a statement",
        ),
        pytest.param(
            policy(statement(Condition={"StringEquals": {"a": {"Ref": "B"}}})),
            [
                (
                    ("Statement", 0, "Condition", "StringEquals", "a", "Ref"),
                    f"CloudFormation's Ref {UNSUPPORTED}",
                )
            ],
            id="function in a condition",
        ),
        pytest.param(
            policy(statement(Resource="arn:aws:s3:::日本")),
            [
                (
                    ("Statement", 0, "Resource"),
                    (
                        "'arn:aws:s3:::日本' holds a character that IAM refuses; "
                        "expected printable characters up to U+00FF"
                    ),
                )
            ],
            id="character IAM refuses",
        ),
        pytest.param(
            policy(statement(Condition={"NumericLessThan": {"a": float("inf")}})),
            [
                (
                    ("Statement", 0, "Condition", "NumericLessThan", "a"),
                    "inf is no number in JSON; write it as text",
                )
            ],
            id="infinite number",
        ),
    ],
)
def test_fault_is_named_with_its_place(
    document: object, faults: list[tuple[tuple[str | int, ...], str]]
) -> None:
    """Each fault says where it is, the rule, the value and what to write."""
    assert list(document_faults(document)) == [
        DocumentFault(path, message) for path, message in faults
    ]


def test_resources_of_another_partition_are_named() -> None:
    """IAM refuses ARNs of a partition that is not its own."""
    document = policy(
        statement(Resource=["arn:aws:s3:::a", "arn:aws-cn:s3:::b", "*", {"Ref": "x"}]),
        statement(Resource="OUT", NotResource="arn:aws-us-gov:s3:::c"),
    )

    faults = list(partition_faults(document, partition="aws-cn"))

    assert faults == [
        DocumentFault(
            ("Statement", 0, "Resource", 0),
            "'arn:aws:s3:::a' is in another partition than the cluster; expected "
            "'arn:aws-cn:s3:::a'",
        ),
        DocumentFault(
            ("Statement", 1, "NotResource"),
            "'arn:aws-us-gov:s3:::c' is in another partition than the cluster; "
            "expected 'arn:aws-cn:s3:::c'",
        ),
    ]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "Version",
                    "Id",
                    "Statement",
                    "Effect",
                    "Action",
                    "Sid",
                    "Condition",
                    "Resource",
                    "NotAction",
                    "Fn::Sub",
                    "Ref",
                    "x",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(document=JSON)
def test_any_json_value_is_judged_without_an_exception(document: object) -> None:
    """Whatever somebody writes is a list of faults, empty or not."""
    faults = [
        *document_faults(document),
        *partition_faults(document, partition="aws"),
    ]

    assert all(fault.message for fault in faults)
