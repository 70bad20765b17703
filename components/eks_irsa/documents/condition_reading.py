"""What a statement's `Condition` says, without how it is written."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final, cast

from eks_irsa.documents.conditions import Clause, Condition
from eks_irsa.documents.policy_grammar import items, kind_of
from eks_irsa.errors import PolicyDocumentError

__all__ = ["conditions_of", "pattern_of"]

# Operators under which one value of several is enough.
_ALTERNATIVES: Final = frozenset({"StringEquals", "StringLike"})


def pattern_of(text: str, *, variables: bool) -> str:
    """Return a text of a policy as a pattern.

    Args:
        text: As it is written.
        variables: Whether `${...}` is a variable; if not, it is plain text.
    """
    return text if variables else text.replace("${", "${$}{")


def conditions_of(given: object, *, variables: bool) -> Iterator[Condition]:
    """Read a condition, one for each subject: those are told apart one by one.

    Args:
        given: The value of a statement's `Condition`.
        variables: Whether `${...}` is a variable, which only one version knows.

    Raises:
        PolicyDocumentError: It is no condition.
    """
    clauses = sorted(_clauses(given, variables=variables))
    subjects = [
        clause
        for clause in clauses
        if clause.key.endswith(":sub") and clause.operator in _ALTERNATIVES
    ]
    if len(subjects) != 1:
        yield Condition(tuple(clauses))
        return
    (subject,) = subjects
    rest = [clause for clause in clauses if clause is not subject]
    for value in subject.values:
        one = replace(subject, values=(value,))
        yield Condition(tuple(sorted([*rest, one])))


def _clauses(given: object, *, variables: bool) -> Iterator[Clause]:
    if not isinstance(given, Mapping):
        msg = f"expected a map in Condition, got {kind_of(given)}"
        raise PolicyDocumentError(msg)
    for operator, keys in cast("Mapping[str, object]", given).items():
        if not isinstance(keys, Mapping):
            msg = f"expected a map in {operator}, got {kind_of(keys)}"
            raise PolicyDocumentError(msg)
        if not keys:
            msg = f"{operator} of a Condition has no key"
            raise PolicyDocumentError(msg)
        for key, value in cast("Mapping[str, object]", keys).items():
            texts = {_value(inner, variables=variables) for _, inner in items(value)}
            yield Clause(
                operator=operator,
                key=key.lower(),
                values=tuple(sorted(texts)),
                key_as_written=key,
            )


def _value(value: object, *, variables: bool) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if not isinstance(value, str):
        msg = f"expected the value of a condition, got {kind_of(value)}"
        raise PolicyDocumentError(msg)
    return pattern_of(value, variables=variables)
