"""Tags: a mapping in a program, a list of pairs in AWS's requests and answers."""

from collections.abc import Mapping, Sequence
from typing import Any

from sandbox.plugins.values import Properties, Value

__all__ = ["from_list", "tag_changes", "to_list"]


def to_list(tags: Value) -> list[dict[str, str]]:
    """Write tags as AWS's requests have them, sorted by key."""
    if not isinstance(tags, dict):
        return []
    return [{"Key": key, "Value": str(tags[key])} for key in sorted(tags)]


def from_list(tags: Sequence[Mapping[str, Any]]) -> Properties:
    """Read tags as AWS's answers have them, without AWS's own.

    Source:
        hashicorp/terraform-provider-aws, internal/tags/key_value_tags.go (`IgnoreAWS`)
    """
    return {
        str(tag["Key"]): str(tag["Value"])
        for tag in tags
        if not str(tag["Key"]).startswith("aws:")
    }


def tag_changes(old: Value, new: Value) -> tuple[list[str], list[dict[str, str]]]:
    """Tell which keys to take away and which tags to set."""
    before = old if isinstance(old, dict) else {}
    after = new if isinstance(new, dict) else {}
    changed: Properties = {
        key: value for key, value in after.items() if before.get(key) != value
    }
    return sorted(before.keys() - after.keys()), to_list(changed)
