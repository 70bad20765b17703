"""What kind of value each field takes, and what is said of another kind."""

from collections.abc import Iterator, Mapping
from typing import Final, cast

from eks_irsa.documents.policy_grammar import kind_of
from eks_irsa.identity.model import LATER, Fault

__all__ = ["SHAPES", "holds_later", "shape_faults"]

_TEXT: Final = "text"
_FLAG: Final = "true or false"
_WHOLE: Final = "a whole number"
_TEXTS: Final = "a list of texts"
_TEXT_MAP: Final = "a map of texts"
_POLICIES: Final = "a map of policies, name -> policy"
_STATEMENTS: Final = "a list of statements"
_CONDITIONS: Final = "a map of conditions, operator -> key -> value"

SHAPES: Final[Mapping[str, str]] = {
    "annotations": _TEXT_MAP,
    "attach_policies": _TEXT_MAP,
    "attach_policy_arns": _TEXTS,
    "audience": _TEXT,
    "automount_service_account_token": _FLAG,
    "client_ids": _TEXTS,
    "cluster_arn": _TEXT,
    "cluster_name": _TEXT,
    "cluster_region": _TEXT,
    "create_namespace": _FLAG,
    "image_pull_secrets": _TEXTS,
    "import_arn": _TEXT,
    "inline_policies": _POLICIES,
    "issuer_url": _TEXT,
    "labels": _TEXT_MAP,
    "max_session_duration_seconds": _WHOLE,
    "mode": _TEXT,
    "namespace": _TEXT,
    "oidc_provider_arn": _TEXT,
    "permissions_boundary": _TEXT,
    "provider_credential_opts": _TEXT_MAP,
    "role_arn": _TEXT,
    "role_description": _TEXT,
    "role_name": _TEXT,
    "role_path": _TEXT,
    "service_account_mode": _TEXT,
    "service_account_name": _TEXT,
    "sts_regional_endpoints": _FLAG,
    "subject_pattern": _TEXT,
    "subjects": _TEXTS,
    "tags": _TEXT_MAP,
    "thumbprints": _TEXTS,
    "token_expiration_seconds": _WHOLE,
    "trust_conditions": _CONDITIONS,
    "trust_statements": _STATEMENTS,
    "trusted_provider_arns": _TEXTS,
    "well_known_policies": _TEXTS,
}
"""Field -> what it takes; a field that is not here does not exist."""


def holds_later(value: object) -> bool:
    """Tell whether *value* is, or holds, what only becomes known later."""
    if isinstance(value, Mapping):
        return any(map(holds_later, cast("Mapping[str, object]", value).values()))
    if isinstance(value, list | tuple):
        return any(map(holds_later, cast("list[object]", value)))
    return value is LATER


def shape_faults(field: str, value: object) -> Iterator[Fault]:
    """Find what is of another kind than the field takes.

    Args:
        field: A key of `SHAPES`.
        value: What was given; values that are LATER, or hold it, are not looked at.

    Yields:
        `E-TYPE` for the value, or for each of its items.
    """
    expected = SHAPES[field]
    if value is LATER:
        return
    if expected in {_TEXTS, _STATEMENTS}:
        yield from _list_faults(field, value, expected)
    elif expected in {_TEXT_MAP, _POLICIES, _CONDITIONS}:
        yield from _map_faults(field, value, expected)
    elif not _fits(value, expected):
        yield Fault((field,), "E-TYPE", f"expected {expected}, got {kind_of(value)}")


def _list_faults(field: str, value: object, expected: str) -> Iterator[Fault]:
    if not isinstance(value, list | tuple):
        remedy = f"; write [{value!r}]" if isinstance(value, str) else ""
        message = f"expected {expected}, got {kind_of(value)}{remedy}"
        yield Fault((field,), "E-TYPE", message)
        return
    kind = _TEXT if expected == _TEXTS else "a statement, a map"
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
        elif expected == _TEXT_MAP and not _fits(item, _TEXT):
            message = f"expected text, got {kind_of(item)}"
            yield Fault((field, key), "E-TYPE", message)


def _fits(value: object, expected: str) -> bool:
    if value is LATER:
        return True
    match expected:
        case "text":
            return isinstance(value, str)
        case "true or false":
            return isinstance(value, bool)
        case "a whole number":
            # Other languages hand every number over as a float.
            if isinstance(value, bool) or not isinstance(value, int | float):
                return False
            return float(value).is_integer()
        case _:
            return isinstance(value, Mapping)
