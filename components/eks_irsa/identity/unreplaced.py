"""Placeholders that would reach AWS or Kubernetes: the cause of a fault, or a warning.

A rule that refuses such a text blames its length or its shape; the placeholder is what
is wrong, so its message takes the place of the rule's.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, cast

from eks_irsa.documents.placeholders import unreplaced_fault
from eks_irsa.identity.model import Fault

__all__ = ["with_unreplaced"]

# Fields that hold policies or parts of them, in which IAM replaces its own variables.
_POLICIES: Final = frozenset(
    {"inline_policies", "trust_conditions", "trust_statements"}
)


def with_unreplaced(
    field: str, value: object, faults: Iterable[Fault]
) -> Iterator[Fault]:
    """Name the placeholders in a value, each once, beside its other faults.

    Args:
        field: Name of the field, the first step of every path.
        value: What was given; what is LATER is not looked at.
        faults: What the rule of the field found.

    Yields:
        The faults, those that a placeholder caused in its words, and `W-NOT-REPLACED`
        for each placeholder that no rule refuses.
    """
    found = dict(_found(field, value))
    for fault in faults:
        # A tag is refused at its key, for its value too.
        at = (fault.path, fault.at_key)
        if fault.code == "E-TAG" and at not in found:
            at = (fault.path, False)
        message = found.pop(at, None)
        yield fault._replace(message=message) if message else fault
    for (path, at_key), message in found.items():
        yield Fault(path, "W-NOT-REPLACED", message, "warning", at_key)


def _found(
    field: str, value: object
) -> Iterator[tuple[tuple[tuple[str | int, ...], bool], str]]:
    in_policy = field in _POLICIES
    for path, text, at_key in _texts(value, (field,), parses=in_policy):
        if message := unreplaced_fault(text, in_policy=in_policy):
            yield (path, at_key), message


def _texts(
    value: object, path: tuple[str | int, ...], *, parses: bool
) -> Iterator[tuple[tuple[str | int, ...], str, bool]]:
    """Yield every key and text at any depth with its path; a policy may be JSON."""
    if isinstance(value, Mapping):
        for key, inner in cast("Mapping[str, object]", value).items():
            if key.startswith("Fn::"):
                continue  # a function of CloudFormation, which is refused as a whole
            yield (*path, key), key, True
            yield from _texts(inner, (*path, key), parses=parses)
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(cast("list[object]", value)):
            yield from _texts(inner, (*path, index), parses=parses)
    elif isinstance(value, str):
        document = _document(value) if parses else None
        if document is None:
            yield path, value, False
        else:
            yield from _texts(document, path, parses=False)


def _document(text: str) -> Mapping[str, object] | None:
    if not text.lstrip().startswith("{"):
        return None
    try:
        document = cast("object", json.loads(text))
    except (ValueError, RecursionError):
        return None
    return (
        cast("Mapping[str, object]", document) if isinstance(document, dict) else None
    )
