"""What CloudFormation would put into a policy, put in here."""

import pytest

from eks_irsa.documents.pseudo_parameters import (
    plain_pseudo_parameters,
    resolve_pseudo_parameters,
)


def resolved(document: object) -> object:
    """Resolve for a cluster in China."""
    return resolve_pseudo_parameters(
        document,
        partition="aws-cn",
        region="cn-north-1",
        account_id="111122223333",
    )


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(
            {"Fn::Sub": "arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:q"},
            "arn:aws-cn:sqs:cn-north-1:111122223333:q",
            id="all three",
        ),
        pytest.param({"Fn::Sub": "plain"}, "plain", id="no variable"),
        pytest.param(
            {"Fn::Sub": "home/${!aws:username}/${AWS::Region}"},
            "home/${aws:username}/cn-north-1",
            id="literal policy variable",
        ),
        pytest.param({"Ref": "AWS::AccountId"}, "111122223333", id="Ref"),
        pytest.param(
            ["a", {"Ref": "AWS::Region"}, {"x": {"Ref": "AWS::Partition"}}],
            ["a", "cn-north-1", {"x": "aws-cn"}],
            id="deep inside",
        ),
        pytest.param(
            {"Fn::Sub": "${AWS::StackName}"},
            {"Fn::Sub": "${AWS::StackName}"},
            id="unknown variable",
        ),
        pytest.param(
            {"Fn::Sub": ["${x}", {"x": "y"}]},
            {"Fn::Sub": ["${x}", {"x": "y"}]},
            id="variables of its own",
        ),
        pytest.param({"Ref": "Bucket"}, {"Ref": "Bucket"}, id="Ref to a resource"),
        pytest.param(
            {"Ref": "AWS::Region", "a": "b"},
            {"Ref": "AWS::Region", "a": "b"},
            id="Ref among other keys",
        ),
        pytest.param("${AWS::Region}", "${AWS::Region}", id="text without a function"),
        pytest.param(None, None, id="null"),
        pytest.param(7, 7, id="number"),
    ],
)
def test_functions_over_the_three_parameters_become_text(
    value: object, expected: object
) -> None:
    """Everything else stays as it is, for the grammar to name."""
    assert resolved(value) == expected


def test_a_variable_that_is_not_closed_is_left_to_the_grammar() -> None:
    """CloudFormation refuses it, and so do we, however many there are."""
    value = {"Fn::Sub": "${" * 100_000 + "AWS::Region}"}

    assert resolved(value) == value


def test_pseudo_parameters_in_plain_text_are_found() -> None:
    """A function is no plain text, and a policy variable is IAM's.

    A resource in no partition is refused, so it needs no warning.
    """
    document = {
        "Resource": [
            "arn:${AWS::Partition}:s3:::b",
            "b-${AWS::Region}-${AWS::AccountId}",
            "${aws:username}",
        ],
        "Condition": {"StringLike": {"a:b": "arn:${AWS::Partition}:s3:::b"}},
        "NotResource": [{"Fn::Sub": "${AWS::Region}"}, {"Ref": "AWS::Region"}],
    }

    found = list(plain_pseudo_parameters(document, ("x",)))

    assert found == [
        (("x", "Resource", 1), "${AWS::Region}"),
        (("x", "Condition", "StringLike", "a:b"), "${AWS::Partition}"),
    ]
