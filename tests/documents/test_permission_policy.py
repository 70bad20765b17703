"""The one text that stands for a permission document, and its size."""

import json

import pytest

from eks_irsa.documents.permission_policy import (
    canonical_json,
    document_characters,
    policy_faults,
    policy_text,
)

DOCUMENT = {
    "Statement": [
        {
            "Resource": ["b", "a"],
            "Action": "s3:GetObject",
            "Effect": "Allow",
            "Condition": {"StringLike": {"z": "é", "a": ["2", "1"]}},
            "Sid": "One",
        }
    ],
    "Version": "2012-10-17",
}
CANONICAL = (
    '{"Version":"2012-10-17","Statement":[{"Sid":"One","Effect":"Allow","Action":'
    '"s3:GetObject","Resource":["b","a"],"Condition":{"StringLike":{"a":["2","1"],'
    '"z":"é"}}}]}'
)


def test_keys_have_a_fixed_order_and_lists_keep_theirs() -> None:
    """Equal documents are equal text, however they were written."""
    assert canonical_json(DOCUMENT) == CANONICAL
    assert canonical_json(json.loads(CANONICAL)) == CANONICAL


def test_mapping_and_json_give_the_same_policy() -> None:
    """A component may be given either."""
    document = {
        "Statement": [{"Resource": "*", "Action": "s3:*", "Effect": "Allow"}],
        "Version": "2012-10-17",
    }
    expected = (
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*",'
        '"Resource":"*"}]}'
    )

    assert policy_text(document) == expected
    assert policy_text(json.dumps(document, indent=4)) == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "Expecting property name enclosed in double quotes: line 1 column 2"),
        ("[" * 100_000, "maximum recursion depth exceeded"),
    ],
    ids=["broken", "nested without end"],
)
def test_text_that_is_no_json_is_refused(text: str, reason: str) -> None:
    """The fault says where the text breaks."""
    (fault,) = policy_faults(text)

    assert fault.path == ()
    assert fault.message.startswith(f"not JSON: {reason}")


def test_size_is_counted_as_iam_counts() -> None:
    """White space does not count, in values neither, and characters are not bytes."""
    assert document_characters('{ "a":\n\t"é b" }') == 10
