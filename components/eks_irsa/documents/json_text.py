"""JSON as policies are written in: each key of a map once, and nothing lost."""

import json
from typing import cast

__all__ = ["parse_json"]


def parse_json(text: str) -> object:
    """Read JSON; a map that has a key twice is refused, for one value would be lost.

    Args:
        text: JSON.

    Returns:
        The value.

    Raises:
        ValueError: *text* is not JSON, or has a key twice.
        RecursionError: It is nested too deep.
    """
    return cast("object", json.loads(text, object_pairs_hook=_each_once))


def _each_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    value: dict[str, object] = {}
    for key, inner in pairs:
        if key in value:
            msg = f"the key {key!r} is there twice in one map; write it once"
            raise ValueError(msg)
        value[key] = inner
    return value
