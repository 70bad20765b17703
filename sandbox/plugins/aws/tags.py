"""Tags: a mapping in a program, a list of pairs in AWS's requests and answers.

Source:
    hashicorp/terraform-provider-aws, internal/tags/key_value_tags.go and
    internal/provider/sdkv2/tags_interceptor.go
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sandbox.plugins.values import UNKNOWN, Properties, Value, has_unknown

__all__ = ["TagSettings", "from_list", "tag_changes", "to_list"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TagSettings:
    """What the provider's configuration says of every resource's tags.

    Attributes:
        defaults: Tags that every resource gets (`defaultTags`).
        ignored_keys: Keys that are neither seen nor set (`ignoreTags`).
        ignored_prefixes: Beginnings of such keys.
    """

    defaults: Mapping[str, str] = field(default_factory=dict[str, str])
    ignored_keys: tuple[str, ...] = ()
    ignored_prefixes: tuple[str, ...] = ()

    def everything(self, tags: Value) -> Value:
        """Give `tagsAll`: a resource's own tags over the defaults."""
        if has_unknown(tags):
            return UNKNOWN
        own: Mapping[str, Value] = tags if isinstance(tags, dict) else {}
        return self.visible({**self.defaults, **own})

    def visible(self, tags: Mapping[str, Value]) -> Properties:
        """Leave out what is ignored."""
        return {key: one for key, one in tags.items() if not self._is_ignored(key)}

    def split(self, found: Mapping[str, Value], recorded: Value) -> Properties:
        """Give `tags` and `tagsAll` of what AWS holds.

        Args:
            found: Tags as AWS has them.
            recorded: `tags` on record; a default that stands there too is kept there.
        """
        seen = self.visible(found)
        own = recorded if isinstance(recorded, dict) else {}
        tags: Properties = {
            key: one
            for key, one in seen.items()
            if key in own or self.defaults.get(key) != one
        }
        return {"tags": tags, "tagsAll": seen}

    def _is_ignored(self, key: str) -> bool:
        return key in self.ignored_keys or key.startswith(self.ignored_prefixes)


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
