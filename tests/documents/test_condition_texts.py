"""What IAM refuses of operators and dates: each text with its whole message."""

import pytest

from eks_irsa.documents.condition_texts import date_fault, operator_fault
from eks_irsa.documents.conditions import BASE_OPERATORS

OPERATORS = (
    "ArnEquals, ArnLike, ArnNotEquals, ArnNotLike, BinaryEquals, Bool, DateEquals, "
    "DateGreaterThan, DateGreaterThanEquals, DateLessThan, DateLessThanEquals, "
    "DateNotEquals, IpAddress, NotIpAddress, Null, NumericEquals, NumericGreaterThan, "
    "NumericGreaterThanEquals, NumericLessThan, NumericLessThanEquals, "
    "NumericNotEquals, StringEquals, StringEqualsIgnoreCase, StringLike, "
    "StringNotEquals, StringNotEqualsIgnoreCase, StringNotLike"
)


@pytest.mark.parametrize("base", sorted(BASE_OPERATORS))
@pytest.mark.parametrize("quantifier", ["", "ForAllValues:", "ForAnyValue:"])
@pytest.mark.parametrize("if_exists", ["", "IfExists"])
def test_operator_iam_knows_has_no_fault(
    quantifier: str, base: str, if_exists: str
) -> None:
    """Each operator may have a quantifier before it and IfExists behind it."""
    assert operator_fault(f"{quantifier}{base}{if_exists}") is None


@pytest.mark.parametrize(
    ("operator", "fault"),
    [
        (
            "StringEqual",
            "'StringEqual' is no operator of a condition; did you mean 'StringEquals'?",
        ),
        ("bool", "'bool' is no operator of a condition; did you mean 'Bool'?"),
        (
            "ForAnyValue:StringLikesIfExists",
            (
                "'ForAnyValue:StringLikesIfExists' is no operator of a condition; did "
                "you mean 'ForAnyValue:StringLikeIfExists'?"
            ),
        ),
        ("x", f"'x' is no operator of a condition; expected one of {OPERATORS}"),
        ("", f"'' is no operator of a condition; expected one of {OPERATORS}"),
    ],
)
def test_operator_iam_does_not_know_is_named(operator: str, fault: str) -> None:
    """The nearest operator is offered, or all of them."""
    assert operator_fault(operator) == fault


@pytest.mark.parametrize(
    "date",
    [
        "2030-01-01T00:00:00Z",
        "2030-01-01T00:00:00-07:00",
        "2016-12-13T21:20:37.593194+00:00",
        "2016-12-13t2:00:00.593194+23",
        "2030-12-31",
        "2030-01",
        "2030",
        "01T",
        "-292275054",
        "292278993-12-31T23:59:59z",
        "0",
        "9223372036854775807",
        1_700_000_000,
        2**63 - 1,
    ],
)
def test_date_iam_takes_has_no_fault(date: object) -> None:
    """IAM takes more than the standard does: parts of one digit, and fewer of them."""
    assert date_fault(date) is None


@pytest.mark.parametrize(
    "date",
    [
        "yesterday",
        "",
        "T10:00:00Z",
        "2030-00-01",
        "2030-13-01",
        "2030-01-00",
        "2030-01-32",
        "2030-01-01-01",
        "2030-01-01 00:00:00",
        "2030-01-01T24:00:00Z",
        "2030-01-01T00:60:00Z",
        "2030-01-01T00:00:60Z",
        "2030-01-01T00:00:00+24:00",
        "2030-01-01T00:00:00+00:60",
        "2016-12-13t2:00:00.593194+1",
        "2016-12-13t2:00:00.1999999999+10:59",
        "-292275055",
        "292278994-01",
        "9223372036854775808",
        "٢٠٣٠",
        "${aws:CurrentTime}",
        True,
        -1,
        2**63,
        1.5,
    ],
)
def test_date_iam_refuses_is_named(date: object) -> None:
    """The message names the value and the two ways to write a date."""
    assert date_fault(date) == (
        f"{date!r} is no date; expected <year>-<month>-<day>T<hours>:<minutes>:"
        "<seconds>Z, or seconds since 1970"
    )
