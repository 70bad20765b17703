"""Previews of a fleet as JSON that `eks-irsa report` reads."""

import json
from typing import cast

__all__ = ["with_error"]


def with_error(preview: str, message: str) -> str:
    """Have a preview say that it failed.

    Args:
        preview: What the engine printed as JSON, whole or not.
        message: The reason.

    Returns:
        The preview as it is where it has an error; else with this one. Where it is no
        JSON, a preview of nothing with this error.
    """
    try:
        found: object = json.loads(preview)
    except ValueError:
        found = None
    nothing: dict[str, object] = {"steps": []}
    root = cast("dict[str, object]", found) if isinstance(found, dict) else nothing
    told = root.get("diagnostics")
    diagnostics = cast("list[object]", told) if isinstance(told, list) else []
    if any(_is_error(one) for one in diagnostics):
        return preview
    error = {"severity": "error", "message": message}
    return json.dumps({**root, "diagnostics": [*diagnostics, error]})


def _is_error(diagnostic: object) -> bool:
    is_map = isinstance(diagnostic, dict)
    return is_map and cast("dict[str, object]", diagnostic).get("severity") == "error"
