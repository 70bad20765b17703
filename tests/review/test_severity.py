"""Each mark has a severity, and more marks never make it less."""

from typing import get_args

from hypothesis import given
from hypothesis import strategies as st

from eks_irsa.review.model import Mark, Severity
from eks_irsa.review.weighing.severity import (
    SEVERITIES,
    SEVERITY,
    is_at_least,
    severity_of,
)

MARKS: tuple[Mark, ...] = get_args(Mark)


def test_every_mark_has_a_severity() -> None:
    """A new mark is weighed where it is made; none is without weight."""
    assert list(SEVERITY) == sorted(MARKS)
    assert "none" not in SEVERITY.values()


def test_every_severity_has_its_rank() -> None:
    """The order is the one of the type."""
    assert get_args(Severity) == SEVERITIES


def test_severity_is_that_of_the_gravest_mark() -> None:
    """The order of marks makes no difference."""
    assert severity_of([]) == "none"
    assert severity_of(["data-read"]) == "low"
    assert severity_of(["data-read", "administrator", "unknown"]) == "critical"
    assert severity_of(["unknown", "data-read"]) == "high"


@given(st.frozensets(st.sampled_from(MARKS)), st.sampled_from(MARKS))
def test_another_mark_never_makes_it_less(
    marks: frozenset[Mark], another: Mark
) -> None:
    """Nothing that is added hides what was there."""
    assert is_at_least(severity_of({*marks, another}), severity_of(marks))
