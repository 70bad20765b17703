"""JSON that policies are given in."""

import pytest

from eks_irsa.documents.json_text import parse_json
from eks_irsa.documents.permission_policy import policy_faults
from eks_irsa.documents.policy_grammar import DocumentFault


def test_value_is_read() -> None:
    """The same key may be there again, in another map."""
    assert parse_json('{"a": [{"b": 1}, {"b": 2}], "b": null}') == {
        "a": [{"b": 1}, {"b": 2}],
        "b": None,
    }


def test_key_that_is_there_twice_is_a_fault_of_a_policy() -> None:
    """Of two conditions one would be lost, and the policy would allow more."""
    faults = policy_faults(
        '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", '
        '"Resource": "*", "Condition": {"Bool": {"aws:ViaAWSService": true}}, '
        '"Condition": {"Null": {"aws:TokenIssueTime": true}}}}'
    )

    assert list(faults) == [
        DocumentFault(
            (), "not JSON: the key 'Condition' is there twice in one map; write it once"
        )
    ]


@pytest.mark.parametrize("text", ["", "{", "[1,]", "nul"])
def test_what_is_no_json_is_refused(text: str) -> None:
    """The reader's own words stay."""
    with pytest.raises(ValueError, match=r"Expecting|Illegal"):
        parse_json(text)
