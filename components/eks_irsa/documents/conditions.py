"""What a statement's `Condition` demands, and which of two demands more.

A condition covers another if every request that meets the other certainly meets it;
where that cannot be told, neither covers the other.

Source:
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from eks_irsa.documents.condition_values import arn_parts, block
from eks_irsa.documents.patterns import Patterns, covers, literal

__all__ = ["BASE_OPERATORS", "Clause", "Condition", "operator_parts"]

_QUANTIFIERS: Final = ("ForAllValues", "ForAnyValue")
_IF_EXISTS: Final = "IfExists"
# Base operator -> the operator whose values are compared alike, and whether it denies.
_TEXT_OPERATORS: Final[Mapping[str, tuple[str, bool]]] = {
    "StringEquals": ("literal", False),
    "StringNotEquals": ("literal", True),
    "StringEqualsIgnoreCase": ("caseless", False),
    "StringNotEqualsIgnoreCase": ("caseless", True),
    "StringLike": ("pattern", False),
    "StringNotLike": ("pattern", True),
    # Both take wildcards and mean the same.
    "ArnEquals": ("arn", False),
    "ArnLike": ("arn", False),
    "ArnNotEquals": ("arn", True),
    "ArnNotLike": ("arn", True),
    "Bool": ("literal", False),
    "NumericEquals": ("literal", False),
    "NumericNotEquals": ("literal", True),
    "DateEquals": ("literal", False),
    "DateNotEquals": ("literal", True),
    "BinaryEquals": ("literal", False),
    "IpAddress": ("network", False),
    "NotIpAddress": ("network", True),
}
_BOUNDS: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "NumericLessThan": lambda wide, narrow: narrow <= wide,
    "NumericLessThanEquals": lambda wide, narrow: narrow <= wide,
    "NumericGreaterThan": lambda wide, narrow: narrow >= wide,
    "NumericGreaterThanEquals": lambda wide, narrow: narrow >= wide,
}
# Every operator IAM knows, without quantifier and `IfExists`.
BASE_OPERATORS: Final = frozenset(
    {
        *_TEXT_OPERATORS,
        *_BOUNDS,
        "DateGreaterThan",
        "DateGreaterThanEquals",
        "DateLessThan",
        "DateLessThanEquals",
        "Null",
    }
)


@dataclass(frozen=True, order=True, kw_only=True, slots=True)
class Clause:
    """One operator over one key.

    Attributes:
        operator: In IAM's spelling, quantifier and `IfExists` included.
        key: In small letters, for keys have no case.
        values: As text, sorted, each once; one that fits is enough.
        key_as_written: The key in the policy's own spelling.
    """

    operator: str
    key: str
    values: tuple[str, ...]
    key_as_written: str = field(default="", compare=False)

    def covers(self, other: "Clause") -> bool:
        """Tell whether everything that meets *other* certainly meets this."""
        quantifier, base, if_exists = operator_parts(self.operator)
        other_quantifier, other_base, other_if_exists = operator_parts(other.operator)
        if (self.key, quantifier) != (other.key, other_quantifier):
            return False
        if other_if_exists and not if_exists:
            return False
        if base == other_base and self.values == other.values:
            return True
        if base == other_base and base in _BOUNDS:
            return _bound_covers(_BOUNDS[base], self.values, other.values)
        return _alike(base, other_base) and _texts_cover(
            base, self.values, other_base, other.values
        )


@dataclass(frozen=True, slots=True)
class Condition:
    """Everything a statement demands at once; empty demands nothing.

    Attributes:
        clauses: Sorted, each once.
    """

    clauses: tuple[Clause, ...] = ()

    def covers(self, other: "Condition") -> bool:
        """Tell whether everything that meets *other* certainly meets this."""
        return all(
            any(clause.covers(one) for one in other.clauses) for clause in self.clauses
        )


def operator_parts(operator: str) -> tuple[str, str, bool]:
    """Take an operator apart: quantifier or empty, base operator, `IfExists` or not."""
    quantifier, colon, base = operator.partition(":")
    if not colon or quantifier not in _QUANTIFIERS:
        quantifier, base = "", operator
    return quantifier, base.removesuffix(_IF_EXISTS), base.endswith(_IF_EXISTS)


def _alike(one: str, two: str) -> bool:
    """Tell whether the values of two operators can be compared at all."""
    if one not in _TEXT_OPERATORS or two not in _TEXT_OPERATORS:
        return False
    if _TEXT_OPERATORS[one][1] != _TEXT_OPERATORS[two][1]:
        return False
    families = ("String", "Arn")
    return one == two or any(
        one.startswith(family) and two.startswith(family) for family in families
    )


def _texts_cover(
    base: str, values: tuple[str, ...], other_base: str, other_values: tuple[str, ...]
) -> bool:
    kind, denies = _TEXT_OPERATORS[base]
    other_kind, _ = _TEXT_OPERATORS[other_base]
    if denies:  # then the one that names more demands more
        return _values_cover(other_kind, other_values, kind, values)
    return _values_cover(kind, values, other_kind, other_values)


def _bound_covers(
    holds: Callable[[float, float], bool],
    wide: tuple[str, ...],
    narrow: tuple[str, ...],
) -> bool:
    try:
        bounds, others = list(map(float, wide)), list(map(float, narrow))
    except ValueError:
        return False
    # One value that fits is enough.
    return all(any(holds(bound, other) for bound in bounds) for other in others)


def _values_cover(
    kind: str, wide: tuple[str, ...], other_kind: str, narrow: tuple[str, ...]
) -> bool:
    """Tell whether each value of *narrow* is within one of *wide*."""
    if kind == "arn":
        return all(any(_arn_covers(one, two) for one in wide) for two in narrow)
    if kind == "network":
        return all(any(_contains(net, one) for net in wide) for one in narrow)
    if kind == "caseless":
        if other_kind == "pattern":
            return False
        return {one.casefold() for one in narrow} <= {one.casefold() for one in wide}
    if other_kind == "caseless":
        return False
    return Patterns(_as_patterns(kind, wide)).covers(
        Patterns(_as_patterns(other_kind, narrow))
    )


def _as_patterns(kind: str, values: tuple[str, ...]) -> frozenset[str]:
    if kind == "pattern":
        return frozenset(values)
    # Variables count in every operator over texts, wildcards in few.
    return frozenset(literal(value, variables=True) for value in values)


def _arn_covers(wide: str, narrow: str) -> bool:
    """Compare part by part: no wildcard reaches over a colon but in the last one."""
    one, two = arn_parts(wide), arn_parts(narrow)
    if one is None or two is None:
        return wide == narrow
    return all(map(covers, one, two))


def _contains(wide: str, narrow: str) -> bool:
    one, two = block(wide), block(narrow)
    if one is None or two is None:
        return wide == narrow
    same = one.version == two.version
    return same and one.first <= two.first and two.last <= one.last
