"""Policies that IAM takes for one, however they are written."""

import json
from collections.abc import Mapping
from typing import cast

__all__ = ["written_alike"]


def written_alike(one: str, other: str) -> bool:
    """Tell whether two policies differ in nothing but order and lists of one.

    The AWS provider of Pulumi makes no update of one into the other.

    Args:
        one: A policy as JSON.
        other: Another.

    Source:
        https://github.com/hashicorp/awspolicyequivalence
    """
    return _form(json.loads(one)) == _form(json.loads(other))


def _form(value: object) -> object:
    if isinstance(value, Mapping):
        pairs = cast("Mapping[str, object]", value)
        return sorted((key, _form(inner)) for key, inner in pairs.items())
    if isinstance(value, list):
        forms = [_form(inner) for inner in cast("list[object]", value)]
        return forms[0] if len(forms) == 1 else sorted({repr(form) for form in forms})
    return str(value).lower() if isinstance(value, bool) else str(value)
