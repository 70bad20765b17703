"""The AWS provider must not hide the tags by which a stack knows what is its own."""

import json
from collections.abc import Iterator, Mapping
from typing import Final, cast

from eks_irsa.errors import Problem

__all__ = ["ignored_tag_problems"]

_SETTING: Final = "aws:ignoreTags"
_OURS: Final = "eks-irsa/"


def ignored_tag_problems(config: Mapping[str, str]) -> Iterator[Problem]:
    """Find what the setting `aws:ignoreTags` hides of the stack's own tags.

    Args:
        config: Pulumi's configuration, `<namespace>:<key>` -> text; maps as JSON. What
            is no map is the AWS provider's to refuse.
    """
    try:
        value: object = json.loads(config.get(_SETTING) or "{}")
    except (ValueError, RecursionError):
        return
    if not isinstance(value, dict):
        return
    ignored = cast("Mapping[str, object]", value)
    prefixes, keys = _texts(ignored.get("keyPrefixes")), _texts(ignored.get("keys"))
    hidden = [
        *(one for one in prefixes if one.startswith(_OURS) or _OURS.startswith(one)),
        *(one for one in keys if one.startswith(_OURS)),
    ]
    if hidden:
        message = (
            f"hides the tags {_OURS}..., by which the stack knows its OIDC provider "
            f"and its roles ({', '.join(map(repr, hidden))}); name other tags"
        )
        yield Problem(
            source="stack settings",
            path=_SETTING,
            code="E-AWS-IGNORE-TAGS",
            severity="error",
            message=message,
        )


def _texts(value: object) -> list[str]:
    if not isinstance(value, list):
        return []
    return [one for one in cast("list[object]", value) if isinstance(one, str)]
