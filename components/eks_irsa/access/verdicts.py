"""Answers that may be missing: yes, no, or None where it cannot be told."""

from collections.abc import Iterable

__all__ = ["Verdict", "both", "either", "opposite"]

Verdict = bool | None


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
    missing = False
    for one in verdicts:
        if one:
            return True
        missing = missing or one is None
    return None if missing else False


def opposite(verdict: Verdict) -> Verdict:
    """Turn yes into no; what cannot be told stays so."""
    return None if verdict is None else not verdict
