"""What is asked: context, actions, and what nobody can ask about."""

import pytest

from eks_irsa.answers.questions import Question, context_of, doubts, faults
from eks_irsa.answers.subjects import near_keys


def test_context_has_values_by_key_in_small_letters() -> None:
    """Several values of a key, an absent key, and an equals sign in a value."""
    pairs = ["aws:TagKeys=a", "AWS:tagkeys=b", "aws:SourceVpc=", "a:b=c=d"]

    assert context_of(pairs) == {
        "aws:tagkeys": ("a", "b"),
        "aws:sourcevpc": (),
        "a:b": ("c=d",),
    }


@pytest.mark.parametrize(
    "pairs", [["a"], ["=b"], [""], ["a=", "a=b"], ["a=b", "A="], ["a=", "a="]]
)
def test_what_is_no_context_is_refused(pairs: list[str]) -> None:
    """A key that is there and absent too."""
    with pytest.raises(
        ValueError, match=r"KEY=VALUE|cannot have a value and be absent"
    ):
        context_of(pairs)


def test_actions_of_a_pattern_are_those_of_the_service() -> None:
    """Whatever the case; a pattern of several services has none."""
    tables = "arn:aws:dynamodb:us-west-2:111122223333:table/t"

    assert Question(action="SQS:Send*").actions() == ("sqs:SendMessage",)
    assert Question(action="s3:GetObject").actions() == ("s3:GetObject",)
    assert Question(action="*").actions() == ()
    assert Question(action="nosuchservice:*").actions() == ()
    assert "dynamodb:ListTables" in Question(action="dynamodb:List*").actions()
    assert Question(action="dynamodb:ListTa*", resource=tables).actions() == (
        "dynamodb:ListTagsOfResource",
    )


def test_question_without_a_wildcard_is_about_one_request() -> None:
    """And so is one about no resource at all."""
    about_one = {
        one.resource: one.is_about_one(one.action)
        for one in (
            Question(action="s3:GetObject", resource="arn:aws:s3:::b/k"),
            Question(action="s3:GetObject", resource="arn:aws:s3:::b/*"),
            Question(action="s3:GetObject"),
        )
    }

    assert about_one == {
        "arn:aws:s3:::b/k": True,
        "arn:aws:s3:::b/*": False,
        "*": False,
    }
    assert Question(action="sts:GetCallerIdentity").is_about_one(
        "sts:GetCallerIdentity"
    )


def test_nothing_but_wildcards_is_special_in_a_question() -> None:
    """A variable is one of policies alone."""
    asked = Question(action="s3:GetObject", resource="arn:aws:s3:::${aws:userid}/*")

    assert asked.resource_set.texts == {"arn:aws:s3:::${$}{aws:userid}/*"}


def test_faults_name_the_argument() -> None:
    """As check words them."""
    wrong = Question(action="GetObject", resource="bucket")

    assert [where for where, _ in faults(wrong)] == ["ACTION", "RESOURCE"]
    assert [*faults(Question(action="s3:*", resource="arn:aws:s3:::b"))] == []


def test_doubts_are_those_of_check() -> None:
    """An action beside a resource, and a context key; an action is no doubt."""
    codes = [
        [(where, code) for where, code, _ in doubts(one)]
        for one in (
            Question(action="s33:GetObject"),
            Question(action="s3:GetObject", resource="arn:aws:sqs:us-west-2:1:q"),
            Question(action="s3:GetObject", context={"aws:sourceipp": ("1",)}),
            Question(action="s3:GetObject", context={"s3:prefix": ("1",)}),
        )
    ]

    assert codes == [
        [],
        [("ACTION", "W-ACTION-RESOURCE")],
        [("--context", "W-UNKNOWN-CONDITION-KEY")],
        [],
    ]


def test_near_keys_are_slips_and_other_namespaces() -> None:
    """At most three, the nearest first."""
    keys = ["apps/reader", "web/reader", "apps/writer", "a/x", "b/x", "c/x", "d/x"]

    assert near_keys(keys, "apps/raeder") == ("apps/reader",)
    assert near_keys(keys, "default/reader") == ("apps/reader", "web/reader")
    assert near_keys(keys, "e/x") == ("a/x", "b/x", "c/x")
    assert near_keys(keys, "e/y") == ()
