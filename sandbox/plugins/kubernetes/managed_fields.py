"""Which manager owns which field, and how creation's fields change hands.

Source:
    pulumi/pulumi-kubernetes, provider/pkg/await/await.go (`fixCSAFieldManagers`);
    fluxcd/pkg, ssa/patch.go (`PatchReplaceFieldsManagers`)
"""

from collections.abc import Mapping
from typing import Any, Final

__all__ = ["CREATOR", "is_of_creation", "take_over"]

CREATOR: Final = "pulumi-kubernetes"
"""The manager of every creation; later applies have a manager per resource."""
_CREATORS: Final = frozenset(
    {CREATOR, "pulumi-kubernetes.exe", "pulumi-resource-kubernetes"}
)
_ADOPTED: Final = (
    ("kubectl", "Apply"),
    ("kubectl", "Update"),
    ("before-first-apply", "Update"),
    ("pulumi-kubernetes", "Update"),
    ("pulumi-resource-kubernetes", "Update"),
)
"""Beginnings of managers, `kubectl-annotate` too, whose fields an update takes over."""


def is_of_creation(live: Mapping[str, Any]) -> bool:
    """Tell whether a creation still owns fields of an object."""
    return any(
        entry.get("operation") == "Update" and entry.get("manager") in _CREATORS
        for entry in _managed_fields(live)
    )


def take_over(live: Mapping[str, Any], *, manager: str) -> list[dict[str, Any]]:
    """Move what a creation, or kubectl, owns to a resource's own manager.

    Args:
        live: The live object.
        manager: The manager that gets the fields.

    Returns:
        A JSON patch; empty where there is nothing to move.
    """
    entries = _managed_fields(live)
    adopted = [one for one in entries if _is_adopted(one)]
    if not adopted:
        return []
    own = [one for one in entries if _is_own(one, manager)]
    merged = dict(own[0] if own else adopted[0])
    merged |= {"manager": manager, "operation": "Apply"}
    for one in adopted:
        merged["fieldsV1"] = _merged(
            merged.get("fieldsV1") or {}, one.get("fieldsV1") or {}
        )
    kept = [one for one in entries if one not in adopted and one not in own]
    return [
        _replacing("/metadata/managedFields", [*kept, merged]),
        _replacing("/metadata/resourceVersion", live["metadata"]["resourceVersion"]),
    ]


def _replacing(path: str, value: object) -> dict[str, Any]:
    return {"op": "replace", "path": path, "value": value}


def _is_own(entry: Mapping[str, Any], manager: str) -> bool:
    return entry.get("manager") == manager and entry.get("operation") == "Apply"


def _is_adopted(entry: Mapping[str, Any]) -> bool:
    return not entry.get("subresource") and any(
        str(entry.get("manager")).startswith(beginning)
        and entry.get("operation") == operation
        for beginning, operation in _ADOPTED
    )


def _managed_fields(live: Mapping[str, Any]) -> list[dict[str, Any]]:
    return live.get("metadata", {}).get("managedFields") or []


def _merged(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    both = dict(one)
    for key, value in other.items():
        both[key] = _merged(both[key], value) if key in both else value
    return both
