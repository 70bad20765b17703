"""The conditions of a trust policy, as IAM evaluates them.

Source:
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, cast

__all__ = [
    "Claims",
    "Condition",
    "UnsupportedPolicyError",
    "failed_condition",
    "read_conditions",
    "wildcard_match",
]

Claims = tuple[str, ...]

_ANY: Final = "ForAnyValue:"
_ALL: Final = "ForAllValues:"
_IF_EXISTS: Final = "IfExists"
# Keys of the request rather than of the token. Nothing here knows the values of others
# than these, which a request may lack.
_REQUEST_KEYS: Final = ("aws:", "sts:")
_KNOWN_REQUEST_KEYS: Final = frozenset(
    {
        "aws:federatedprovider",
        "aws:principalarn",
        "aws:sourceaccount",
        "aws:sourcearn",
        "sts:externalid",
    }
)
_REQUEST_TAG: Final = "aws:requesttag/"
_ARN_SECTIONS: Final = 6


class UnsupportedPolicyError(Exception):
    """The policy uses something that is not implemented here; the text names it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Condition:
    """One key of one operator.

    Attributes:
        operator: As written, with its prefix and suffix.
        base: The operator without them, a key of the table below, or `Null`.
        quantifier: `ForAnyValue:`, `ForAllValues:` or empty.
        if_exists: Whether a missing key satisfies it.
        key: As written.
        values: Any one of them satisfies a positive operator.
    """

    operator: str
    base: str
    quantifier: str
    if_exists: bool
    key: str
    values: tuple[str, ...]

    def holds(self, context: Mapping[str, Claims]) -> bool:
        """Tell whether the token meets it; keys are compared without case."""
        found = context.get(self.key.lower())
        if self.base == "Null":
            return (found is None) == (self.values == ("true",))
        negated = self.base in _NEGATIONS
        if found is None:
            return self.if_exists or negated or self.quantifier == _ALL
        quantifier = self.quantifier
        if not quantifier and len(found) > 1:
            msg = f"{self.operator} on {self.key}, which has several values"
            raise UnsupportedPolicyError(msg)
        matches = _MATCHERS[_NEGATIONS.get(self.base, self.base)]
        verdicts = [
            any(matches(value, text=text) for value in self.values) is not negated
            for text in found
        ]
        return any(verdicts) if quantifier == _ANY else all(verdicts)


def wildcard_match(pattern: str, *, text: str) -> bool:
    """Match IAM's wildcards: `*` any text, `?` one character, all else itself."""
    expression = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.fullmatch(expression, text, re.DOTALL) is not None


def read_conditions(block: object) -> tuple[Condition, ...]:
    """Read a `Condition` element.

    Raises:
        ValueError: It is not one.
        UnsupportedPolicyError: An operator, a key or a policy variable is not
            implemented.
    """
    if not isinstance(block, dict):
        msg = f"a condition is a JSON object, not {block!r}"
        raise ValueError(msg)  # noqa: TRY004 - the text is wrong, not a type of ours
    return tuple(
        _condition(operator, key, value)
        for operator, keys in cast("dict[str, dict[str, object]]", block).items()
        for key, value in keys.items()
    )


def failed_condition(
    conditions: Iterable[Condition], *, context: Mapping[str, Claims]
) -> str:
    """Name the first condition the token does not meet; empty if it meets all."""
    for condition in conditions:
        if not condition.holds(context):
            found = context.get(condition.key.lower())
            absent = (
                "is not in the request"
                if condition.key.lower().startswith(_REQUEST_KEYS)
                else "is no claim of the token"
            )
            got = absent if found is None else f"is {', '.join(found)}"
            wanted = " or ".join(condition.values)
            return f"{condition.operator} wants {wanted}, but {condition.key} {got}"
    return ""


def _condition(operator: str, key: str, value: object) -> Condition:
    quantifier = next((q for q in (_ANY, _ALL) if operator.startswith(q)), "")
    rest = operator.removeprefix(quantifier)
    base = rest.removesuffix(_IF_EXISTS)
    if base not in _MATCHERS and base not in _NEGATIONS and operator != "Null":
        msg = f"the operator {operator!r} is not implemented"
        raise UnsupportedPolicyError(msg)
    lower = key.lower()
    known = lower in _KNOWN_REQUEST_KEYS or lower.startswith(_REQUEST_TAG)
    if lower.startswith(_REQUEST_KEYS) and not known:
        msg = f"the condition key {key!r} is not implemented"
        raise UnsupportedPolicyError(msg)
    items = cast("list[object]", value if isinstance(value, list) else [value])
    if not all(isinstance(item, str) for item in items):
        msg = f"the value {value!r} of {key!r} is not implemented"
        raise UnsupportedPolicyError(msg)
    values = tuple(cast("list[str]", items))
    if variable := next((text for text in values if "${" in text), None):
        msg = f"the policy variable in {variable!r} is not implemented"
        raise UnsupportedPolicyError(msg)
    return Condition(
        operator=operator,
        base=base,
        quantifier=quantifier,
        if_exists=rest != base,
        key=key,
        values=values,
    )


def _equals(value: str, *, text: str) -> bool:
    return value == text


def _equals_ignoring_case(value: str, *, text: str) -> bool:
    return value.lower() == text.lower()


def _arn_matches(value: str, *, text: str) -> bool:
    """Match an ARN section by section: a wildcard does not reach over a colon.

    Source:
        as the module's, "Amazon Resource Name (ARN) condition operators", which says
        that ArnEquals and ArnLike are the same
    """
    sections = text.split(":", _ARN_SECTIONS - 1)
    patterns = value.split(":", _ARN_SECTIONS - 1)
    return len(sections) == len(patterns) == _ARN_SECTIONS and all(
        wildcard_match(pattern, text=section)
        for pattern, section in zip(patterns, sections, strict=True)
    )


_MATCHERS: Final[Mapping[str, Callable[..., bool]]] = MappingProxyType(
    {
        "ArnEquals": _arn_matches,
        "ArnLike": _arn_matches,
        "StringEquals": _equals,
        "StringEqualsIgnoreCase": _equals_ignoring_case,
        "StringLike": wildcard_match,
    }
)
_NEGATIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "ArnNotEquals": "ArnEquals",
        "ArnNotLike": "ArnLike",
        "StringNotEquals": "StringEquals",
        "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
        "StringNotLike": "StringLike",
    }
)
