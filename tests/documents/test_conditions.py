"""Which condition demands less; where that cannot be told, neither does."""

import pytest

from eks_irsa.documents.conditions import Clause, Condition


def clause(operator: str, *values: str, key: str = "k") -> Clause:
    """Make a clause."""
    return Clause(operator=operator, key=key, values=tuple(sorted(values)))


@pytest.mark.parametrize(
    ("wide", "narrow"),
    [
        pytest.param(
            clause("StringEquals", "a", "b"), clause("StringEquals", "a"), id="subset"
        ),
        pytest.param(
            clause("StringLike", "a*"), clause("StringEquals", "ab"), id="pattern"
        ),
        pytest.param(
            clause("StringLike", "a*"), clause("StringLike", "ab*"), id="patterns"
        ),
        pytest.param(
            clause("StringEqualsIgnoreCase", "A"),
            clause("StringEquals", "a"),
            id="case",
        ),
        pytest.param(
            clause("StringEqualsIfExists", "a"),
            clause("StringEquals", "a"),
            id="if exists",
        ),
        pytest.param(
            clause("StringNotEquals", "a"),
            clause("StringNotEquals", "a", "b"),
            id="more excluded",
        ),
        pytest.param(
            clause("StringNotEquals", "ab"),
            clause("StringNotLike", "a*"),
            id="pattern excluded",
        ),
        pytest.param(
            clause("ForAllValues:StringEquals", "a", "b"),
            clause("ForAllValues:StringEquals", "a"),
            id="all values",
        ),
        pytest.param(
            clause("ArnLike", "arn:aws:iam::*:role/*"),
            clause("ArnEquals", "arn:aws:iam::1:role/y"),
            id="ARNs",
        ),
        pytest.param(
            clause("IpAddress", "10.0.0.0/8"),
            clause("IpAddress", "10.1.2.3"),
            id="network",
        ),
        pytest.param(
            clause("NotIpAddress", "10.1.2.3"),
            clause("NotIpAddress", "10.0.0.0/8"),
            id="network excluded",
        ),
        pytest.param(
            clause("IpAddress", "2001:db8::/32"),
            clause("IpAddress", "2001:db8:1::/48"),
            id="IPv6",
        ),
        pytest.param(
            clause("NumericLessThan", "10"), clause("NumericLessThan", "9"), id="below"
        ),
        pytest.param(
            clause("NumericGreaterThanEquals", "1"),
            clause("NumericGreaterThanEquals", "2"),
            id="above",
        ),
    ],
)
def test_condition_that_demands_less_covers_the_other(
    wide: Clause, narrow: Clause
) -> None:
    """And not the other way round."""
    one, two = Condition((wide,)), Condition((narrow,))

    assert one.covers(two)
    assert not two.covers(one)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        pytest.param(
            clause("StringEquals", "a"), clause("StringEquals", "a", key="l"), id="keys"
        ),
        pytest.param(
            clause("StringEquals", "a"), clause("StringNotEquals", "b"), id="negation"
        ),
        pytest.param(
            clause("StringEquals", "a"),
            clause("ForAnyValue:StringEquals", "a"),
            id="quantifier",
        ),
        pytest.param(
            clause("StringEquals", "a*"), clause("StringLike", "ab"), id="plain star"
        ),
        pytest.param(
            clause("DateLessThan", "2026-01-01"),
            clause("DateLessThan", "2027-01-01"),
            id="dates",
        ),
        pytest.param(clause("Null", "true"), clause("Null", "false"), id="null"),
        pytest.param(clause("Invented", "a"), clause("Invented", "b"), id="unknown"),
        pytest.param(
            clause("NumericLessThan", "x"), clause("NumericLessThan", "1"), id="words"
        ),
        pytest.param(
            clause("IpAddress", "10.0.0.0/8"), clause("IpAddress", "::1"), id="families"
        ),
        pytest.param(
            clause("ArnLike", "arn:aws:*:x"),
            clause("ArnLike", "arn:aws:s3:::x"),
            id="wildcard over colons",
        ),
        pytest.param(
            clause("ArnLike", "arn:aws:*:::x"),
            clause("ArnLike", "arn:aws:s3:r::x"),
            id="other part",
        ),
    ],
)
def test_conditions_without_an_order_do_not_cover(one: Clause, two: Clause) -> None:
    """Nothing is claimed of them."""
    assert not Condition((one,)).covers(Condition((two,)))
    assert not Condition((two,)).covers(Condition((one,)))


def test_each_clause_must_be_met() -> None:
    """More clauses demand more; none demands nothing."""
    one, two = clause("StringEquals", "a"), clause("Bool", "true", key="l")

    assert Condition().covers(Condition((one,)))
    assert Condition((one,)).covers(Condition((one, two)))
    assert not Condition((one, two)).covers(Condition((one,)))
