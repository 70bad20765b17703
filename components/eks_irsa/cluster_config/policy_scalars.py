"""Scalars of an inline policy that YAML reads as something else than they look like.

Nothing in a policy says which type is wanted but the operator of a condition: `yes` is
true to `Bool`, and a text that eksctl loses without a word to `StringEquals`.
"""

from collections.abc import Iterator
from typing import Final

from eks_irsa.source.document import Items, Pairs
from eks_irsa.source.findings import Finding, Path

__all__ = ["policy_scalar_findings"]

# Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
_OF_BOOLEANS: Final = frozenset({"Bool", "Null"})
_OF_NUMBERS: Final = "Numeric"


def policy_scalar_findings(
    value: object, path: Path, *, operator: str = ""
) -> Iterator[Finding]:
    """Name every scalar that would change its meaning without a word.

    Args:
        value: The policy or a part of it, as it was read.
        path: Where that stands.
        operator: Operator of the condition it is a value of, without what qualifies
            it, such as `StringEquals`; empty elsewhere.
    """
    if isinstance(value, Pairs):
        for key, inner in value.items():
            at = (*path, key)
            below = operator or (_base(key) if path[-1:] == ("Condition",) else "")
            written = value.value_places[key].written
            yield from _scalar_findings(inner, written, at, below)
            yield from policy_scalar_findings(inner, at, operator=below)
    elif isinstance(value, Items):
        for index, inner in enumerate(value):
            at = (*path, index)
            written = value.places[index].written
            yield from _scalar_findings(inner, written, at, operator)
            yield from policy_scalar_findings(inner, at, operator=operator)


def _base(operator: str) -> str:
    """Take `ForAnyValue:` and `IfExists` off an operator."""
    return operator.rpartition(":")[2].removesuffix("IfExists")


def _scalar_findings(
    value: object, written: str | None, path: Path, operator: str
) -> Iterator[Finding]:
    if value is None or written is None or _is_meant(value, written, operator):
        return
    read = str(value).lower() if isinstance(value, bool) else str(value)
    if read != written:
        message = f'YAML reads {written} as {read}; quote it: "{written}"'
        yield Finding(path, "E-TYPE", message)


def _is_meant(value: object, written: str, operator: str) -> bool:
    """Tell whether the operator takes the value as what a reader takes it for."""
    if isinstance(value, bool):
        return operator in _OF_BOOLEANS
    if not operator.startswith(_OF_NUMBERS):
        return False
    try:
        return float(written) == value  # `010` is 8 to YAML
    except ValueError:
        return False
