"""Policy documents as the AWS provider normalises and compares them."""

import pytest

from sandbox.plugins.aws.policy_documents import (
    are_equivalent,
    normalised,
    unless_equivalent,
    version_first,
)

ONE = (
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", '
    '"Resource": ["a", "b"], "Condition": {"Bool": {"aws:SecureTransport": true}}}, '
    '{"Effect": "Deny", "Principal": {"AWS": "123456789012"}, "Action": ["a"]}]}'
)
REORDERED = (
    '{"Statement": [{"Effect": "Deny", "Principal": {"AWS": '
    '["arn:aws:iam::123456789012:root"]}, "Action": "a"}, {"Resource": ["b", "a"], '
    '"Condition": {"Bool": {"AWS:SecureTransport": ["true"]}}, "Action": ["s3:*"], '
    '"Effect": "Allow"}], "Version": "2012-10-17"}'
)


def test_documents_mean_the_same_whatever_their_order() -> None:
    """Order, lists of one, account ids and the case of condition keys do not matter."""
    assert are_equivalent(ONE, REORDERED)
    assert unless_equivalent(ONE, REORDERED) == ONE


@pytest.mark.parametrize(
    "other",
    [
        ONE.replace("s3:*", "s3:Get*"),
        ONE.replace("Deny", "Allow"),
        ONE.replace("2012-10-17", "2008-10-17"),
        ONE.replace('"Bool"', '"BoolIfExists"'),
        "{}",
        "no JSON",
    ],
)
def test_documents_that_differ_in_sense_differ(other: str) -> None:
    """One changed word is enough."""
    assert not are_equivalent(ONE, other)
    assert unless_equivalent(ONE, other) == other


def test_documents_are_written_as_go_writes_them() -> None:
    """Keys are sorted, spaces gone, and three characters escaped."""
    assert normalised('{"b": "<&>", "a": [1]}') == (
        '{"a":[1],"b":"\\u003c\\u0026\\u003e"}'
    )
    assert version_first('{"A": 1, "Version": "x"}') == '{"Version":"x","A":1}'
    assert version_first('{"Version": "x"}') == '{"Version":"x"}'
