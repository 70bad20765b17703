"""Answers that may be missing: yes, no, or None where it cannot be told."""

from collections.abc import Iterable
from typing import Literal, TypeVar

__all__ = ["Verdict", "both", "either", "first", "opposite"]

Verdict = bool | None
T = TypeVar("T")


def both(verdicts: Iterable[Verdict]) -> Verdict:
    """Tell whether all are true; one that is false is enough for no."""
    missing = False
    for one in verdicts:
        if one is False:
            return False
        missing = missing or one is None
    return None if missing else True


def either(verdicts: Iterable[Verdict]) -> Verdict:
    """Tell whether one is true; one that is true is enough for yes."""
    return first(verdicts)


def first(answers: Iterable[T | Literal[False] | None]) -> T | Literal[False] | None:
    """Return the first that is a yes; None if there is none, and one is missing."""
    missing = False
    for one in answers:
        if one:
            return one
        missing = missing or one is None
    return None if missing else False


def opposite(verdict: Verdict) -> Verdict:
    """Turn yes into no; what cannot be told stays so."""
    return None if verdict is None else not verdict
