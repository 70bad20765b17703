"""Which conditions hold a key of a request to values, and to which."""

import re
from typing import Final

from eks_irsa.documents.conditions import Clause, operator_parts

__all__ = ["is_pattern", "pinned_values", "pins"]

# Under a key that is not there, or one of several values, others are met by nothing.
_PINNING: Final = frozenset(
    {
        "ArnEquals",
        "ArnLike",
        "StringEquals",
        "StringEqualsIgnoreCase",
        "StringLike",
    }
)
# Stands for whatever a request brings: `${<key>}` under the same key is met by all.
_VARIABLE: Final = re.compile(r"\$\{[^}*?$][^}]*\}")


def pins(clause: Clause) -> bool:
    """Tell whether a clause demands that a key is there and is one of some values.

    Args:
        clause: Of a condition.
    """
    quantifier, base, if_exists = operator_parts(clause.operator)
    if quantifier == "ForAllValues" or if_exists or base not in _PINNING:
        return False
    return all(one.strip("*?") for one in pinned_values(clause))


def pinned_values(clause: Clause) -> tuple[str, ...]:
    """Return the values of a clause as patterns, a variable as any text.

    Args:
        clause: Of a condition.
    """
    texts = clause.values
    if not is_pattern(clause):
        texts = tuple(
            text.replace("*", "${*}").replace("?", "${?}") for text in clause.values
        )
    return tuple(_VARIABLE.sub("*", text) for text in texts)


def is_pattern(clause: Clause) -> bool:
    """Tell whether wildcards in the values of a clause are wildcards.

    Args:
        clause: Of a condition.
    """
    base = operator_parts(clause.operator)[1]
    return base == "StringLike" or base.startswith("Arn")
