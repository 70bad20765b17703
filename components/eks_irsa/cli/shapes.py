"""JSON of another program held against what it is expected to look like."""

import json
import re
from collections.abc import Mapping
from typing import Final, cast

__all__ = ["UNIQUE_NAME", "Shape", "UnexpectedError", "in_shape"]

# `str` and `dict` stand for themselves, a pattern for a text that matches, a list of
# one shape for a list of such values, and a mapping for a map with these keys; one that
# ends in `?` may be missing or null.
Shape = type | re.Pattern[str] | list["Shape"] | Mapping[str, "Shape"]

# Source: https://www.pulumi.com/docs/iac/concepts/resources/names/#urns
UNIQUE_NAME: Final = re.compile(r"urn:pulumi:.*?::.*?::.*?::.*", re.DOTALL)


class UnexpectedError(ValueError):
    """A text is not what it is expected to be; says where, and what was expected."""


def in_shape(text: str, shape: Mapping[str, Shape]) -> dict[str, object]:
    """Read a JSON text that has a shape.

    Args:
        text: What another program printed.
        shape: What is used of it; other keys are left alone.

    Raises:
        UnexpectedError: It is empty, no JSON, or has another shape.
    """
    if not text.strip():
        msg = "it is empty"
        raise UnexpectedError(msg)
    try:
        value: object = json.loads(text)
    except json.JSONDecodeError as error:
        msg = f"not JSON at line {error.lineno}, column {error.colno}: {error.msg}"
        raise UnexpectedError(msg) from None
    except RecursionError:
        msg = "it is nested too deeply"
        raise UnexpectedError(msg) from None
    _hold(value, shape, "")
    return cast("dict[str, object]", value)


def _hold(value: object, shape: Shape, place: str) -> None:
    """Compare a value with its shape.

    Raises:
        UnexpectedError: They differ.
    """
    where = f"{place}: " if place else ""
    if not isinstance(value, _type_of(shape)):
        msg = f"{where}expected {_NAMES[_type_of(shape)]}, got {_kind(value)}"
        raise UnexpectedError(msg)
    if isinstance(shape, re.Pattern) and not shape.fullmatch(str(value)):
        msg = f"{where}expected a URN, got {value!r}"
        raise UnexpectedError(msg)
    if isinstance(shape, list):
        for index, item in enumerate(cast("list[object]", value)):
            _hold(item, shape[0], f"{place}[{index}]")
    elif isinstance(shape, Mapping):
        held = cast("Mapping[str, object]", value)
        for key, inner in shape.items():
            name = key.removesuffix("?")
            if held.get(name) is not None:
                _hold(held[name], inner, f"{place}.{name}".lstrip("."))
            elif name == key:
                msg = f"{where}expected the key {name!r}, which is missing"
                raise UnexpectedError(msg)


def _type_of(shape: Shape) -> type:
    if isinstance(shape, type):
        return shape
    if isinstance(shape, re.Pattern):
        return str
    return list if isinstance(shape, list) else dict


_NAMES: Final[dict[type, str]] = {dict: "a map", list: "a list", str: "text"}


def _kind(value: object) -> str:
    if value is None:
        return "null"
    return _NAMES.get(type(value)) or f"the {type(value).__name__} {value!r}"
