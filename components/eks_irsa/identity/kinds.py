"""The kinds of values that fields take, and what is said of another kind."""

from collections.abc import Iterator, Mapping
from typing import Final, cast

from eks_irsa.documents.policy_grammar import kind_of
from eks_irsa.identity.model import LATER, Fault

__all__ = [
    "ADOPTION",
    "CONDITIONS",
    "FLAG",
    "NAMED_POLICIES",
    "POLICIES",
    "POLICY",
    "STATEMENTS",
    "TEXT",
    "TEXTS",
    "TEXT_MAP",
    "WHOLE",
    "holds_later",
    "kind_faults",
]

TEXT: Final = "text"
FLAG: Final = "true or false"
WHOLE: Final = "a whole number"
TEXTS: Final = "a list of texts"
TEXT_MAP: Final = "a map of texts"
POLICY: Final = "a policy, a map or JSON"
POLICIES: Final = "a map of policies, name -> policy"
NAMED_POLICIES: Final = "a map of policies by name, name -> parameters"
STATEMENTS: Final = "a list of statements"
ADOPTION: Final = "a map of what exists"
CONDITIONS: Final = "a map of conditions, operator -> key -> value"


def holds_later(value: object) -> bool:
    """Tell whether *value* is, or holds, what only becomes known later."""
    if isinstance(value, Mapping):
        return any(map(holds_later, cast("Mapping[str, object]", value).values()))
    if isinstance(value, list | tuple):
        return any(map(holds_later, cast("list[object]", value)))
    return value is LATER


def kind_faults(field: str, value: object, expected: str) -> Iterator[Fault]:
    """Find what is of another kind than a field takes.

    Args:
        field: Name of the field.
        value: What was given; values that are LATER, or hold it, are not looked at.
        expected: The kind in words, one of the constants of this module.

    Yields:
        `E-TYPE` for the value, or for each of its items.
    """
    if value is LATER:
        return
    if expected in {TEXTS, STATEMENTS}:
        yield from _list_faults(field, value, expected)
    elif expected in {TEXT_MAP, POLICIES, CONDITIONS, NAMED_POLICIES}:
        yield from _map_faults(field, value, expected)
    elif not _fits(value, expected):
        yield Fault((field,), "E-TYPE", f"expected {expected}, got {kind_of(value)}")


def _list_faults(field: str, value: object, expected: str) -> Iterator[Fault]:
    if not isinstance(value, list | tuple):
        remedy = f"; write [{value!r}]" if isinstance(value, str) else ""
        message = f"expected {expected}, got {kind_of(value)}{remedy}"
        yield Fault((field,), "E-TYPE", message)
        return
    kind = TEXT if expected == TEXTS else "a statement, a map"
    for index, item in enumerate(cast("list[object]", value)):
        if not _fits(item, kind):
            message = f"expected {kind}, got {kind_of(item)}"
            yield Fault((field, index), "E-TYPE", message)


def _map_faults(field: str, value: object, expected: str) -> Iterator[Fault]:
    if not isinstance(value, Mapping):
        message = f"expected {expected}, got {kind_of(value)}"
        yield Fault((field,), "E-TYPE", message)
        return
    for key, item in cast("Mapping[object, object]", value).items():
        if not isinstance(key, str):
            message = f"expected text as a key, got {kind_of(key)}"
            yield Fault((field, str(key)), "E-TYPE", message, at_key=True)
        elif expected == TEXT_MAP and not _fits(item, TEXT):
            message = f"expected text, got {kind_of(item)}"
            yield Fault((field, key), "E-TYPE", message)
        elif expected == NAMED_POLICIES and not _fits(item, expected):
            message = (
                f"expected a map of parameters, {{}} for none, got {kind_of(item)}"
            )
            yield Fault((field, key), "E-TYPE", message)


def _fits(value: object, expected: str) -> bool:
    if value is LATER:
        return True
    if expected == WHOLE:
        # Other languages hand every number over as a float.
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        return float(value).is_integer()
    return isinstance(value, _TYPES.get(expected, (Mapping,)))


_TYPES: Final[Mapping[str, tuple[type, ...]]] = {
    TEXT: (str,),
    FLAG: (bool,),
    POLICY: (str, Mapping),
}
