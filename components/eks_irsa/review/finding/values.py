"""Values of a preview, whatever stands there, as the kind that is expected."""

from collections.abc import Mapping
from typing import cast

from eks_irsa.review.model import Value
from eks_irsa.review.preview import UNKNOWN, Unknown

__all__ = ["items", "known_or_unknown", "pairs", "shown", "text"]


def text(given: object) -> Value:
    """Return a text, an `Unknown`, or None for nothing and for the empty text."""
    if isinstance(given, Unknown):
        return given
    return given if isinstance(given, str) and given else None


def items(given: object) -> list[object]:
    """Return a list's items; one `Unknown` for a list that is not known."""
    if isinstance(given, list):
        return cast("list[object]", given)
    return [given] if isinstance(given, Unknown) else []


def pairs(given: object) -> Mapping[str, object]:
    """Return a map; an empty one for anything else."""
    return cast("Mapping[str, object]", given) if isinstance(given, Mapping) else {}


def shown(given: object) -> str:
    """Word a value; the reason in brackets where it is not known."""
    if isinstance(given, Unknown):
        return f"({given.reason})"
    return "" if given is None else str(given)


def known_or_unknown(given: object) -> str | Unknown:
    """Return a text, or an `Unknown` for anything else."""
    value = text(given)
    return UNKNOWN if value is None else value
