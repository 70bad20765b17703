"""What a line of a policy says, as plain text on one line."""

from collections.abc import Sequence
from typing import Final

from eks_irsa.documents.conditions import Clause
from eks_irsa.documents.printable import printable
from eks_irsa.review.forms.lines import Line

__all__ = ["permission_words", "trust_words"]

_MOST: Final = 6
_MOST_CHARACTERS: Final = 200


def permission_words(line: Line) -> str:
    """Word what a line of a permission policy allows, or denies.

    Args:
        line: The line; of long lists the first few are named, and the others counted.
    """
    words = _set(line.actions, but=line.all_actions_but)
    words += f" on {_set(line.resources, but=line.all_resources_but)}"
    words += _conditions(line.condition.clauses)
    if line.policies:
        words += f", by {' and '.join(map(_short, line.policies))}"
    return f"denied: {words}" if line.effect == "Deny" else words


def trust_words(line: Line) -> str:
    """Word who may assume a role by a line of its trust policy.

    Args:
        line: The line; of long lists the first few are named, and the others counted.
    """
    words = _set(line.principals, but=line.all_principals_but)
    words += _conditions(line.condition.clauses)
    return f"denied: {words}" if line.effect == "Deny" else words


def _set(texts: Sequence[str], *, but: bool) -> str:
    shown = [*map(_short, texts[:_MOST])]
    if len(texts) > _MOST:
        shown.append(f"{len(texts) - _MOST:,} more")
    joined = ", ".join(shown)
    return f"everything but {joined}" if but else joined


def _conditions(clauses: Sequence[Clause]) -> str:
    if not clauses:
        return ""
    return " if " + " and ".join(
        f"{_short(one.key_as_written or one.key)} {_short(one.operator)} "
        f"{_set(one.values, but=False)}"
        for one in clauses
    )


def _short(text: str) -> str:
    shown = printable(text)
    if len(shown) <= _MOST_CHARACTERS:
        return shown
    half = _MOST_CHARACTERS // 2
    return f"{shown[:half]} ... {shown[-half:]}"
