"""YAML scalars as eksctl's library reads them, which is not how PyYAML does.

A date or `12:30` stays text, `y` and `on` are booleans, `1_000` and `0o17` integers.

Source: resolve.go of go-yaml v2, on which sigs.k8s.io/yaml stands.
"""

import math
import re
from typing import Final

__all__ = ["UnfitTagError", "key_of", "scalar"]

_TAG_PREFIX: Final = "tag:yaml.org,2002:"
_TYPES: Final = {"null": type(None), "bool": bool, "int": int, "float": float}

_WORDS: Final[dict[str, object]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES"), True),
    **dict.fromkeys(("true", "True", "TRUE", "on", "On", "ON"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO"), False),
    **dict.fromkeys(("false", "False", "FALSE", "off", "Off", "OFF"), False),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), math.nan),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), math.inf),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), -math.inf),
}
_FIRST_OF_NUMBERS: Final = frozenset("+-.0123456789")
# As Go's ParseInt reads them with base 0; underscores are gone by then.
_INTEGERS: Final = (
    (re.compile(r"[-+]?0[xX][0-9a-fA-F]+", re.ASCII), 16),
    (re.compile(r"[-+]?0[bB][01]+", re.ASCII), 2),
    (re.compile(r"[-+]?0[oO][0-7]+", re.ASCII), 8),
    (re.compile(r"[-+]?0[0-7]+", re.ASCII), 8),
    (re.compile(r"[-+]?(0|[1-9][0-9]*)", re.ASCII), 10),
)
_INT64_MIN: Final = -(2**63)
_UINT64_MAX: Final = 2**64 - 1
# Digits that surely do not fit into 64 bits, in any of the bases.
_MAX_INTEGER_LENGTH: Final = 70
_FLOAT: Final = re.compile(
    r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", re.ASCII
)


class UnfitTagError(ValueError):
    """A tag is unknown, or the scalar is not what the tag says; the text says why."""


def scalar(text: str, *, tag: str | None, quoted: bool) -> tuple[object, str | None]:
    """Read a scalar.

    Args:
        text: The scalar without its quotes.
        tag: Its tag in full, `!` for one without a name, or None.
        quoted: It stands in quotes or in a block, so that it is text without a tag.

    Returns:
        The value, a string, boolean, integer, float or None; and *text* once more
        if the value is no string.

    Raises:
        UnfitTagError: The tag is unknown, or *text* is not what it says.
    """
    if tag is None:
        if quoted:
            return text, None
        value = _plain(text)
    else:
        value = _tagged(text, tag)
    return value, None if isinstance(value, str) else text


def key_of(value: object, written: str | None) -> tuple[str, str | None]:
    """Turn a scalar that is a key into text, as it is written.

    Args:
        value: The scalar.
        written: How it is written, if it is no string.

    Returns:
        The key; and *written* once more if eksctl would make another text of it (`on`
        becomes `true`), or refuse it.
    """
    if isinstance(value, str):
        return value, None
    key = written or ""
    in_eksctl = str(value).lower() if isinstance(value, bool) else str(value)
    is_kept = isinstance(value, int) and in_eksctl == key
    return key, None if is_kept else key


def _tagged(text: str, tag: str) -> object:
    name = tag.removeprefix(_TAG_PREFIX)
    if name in {"str", "!"}:
        return text
    if name not in _TYPES or name == tag:
        msg = (
            f"the YAML tag {tag} is not supported; write the value itself, or in an "
            "inline policy the long form, such as {'Fn::Sub': '...'}"
        )
        raise UnfitTagError(msg)
    value = _plain(text)
    if name == "float" and type(value) is int:
        value = float(value)
    if type(value) is not _TYPES[name]:
        msg = f"{text!r} is not what the YAML tag !!{name} says; take the tag out"
        raise UnfitTagError(msg)
    return value


def _plain(text: str) -> object:
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _FIRST_OF_NUMBERS:
        return text
    digits = text.replace("_", "")
    integer = _integer(digits)
    return _float(digits, text) if integer is None else integer


def _integer(digits: str) -> int | None:
    if len(digits) > _MAX_INTEGER_LENGTH:
        return None
    for shape, base in _INTEGERS:
        if shape.fullmatch(digits):
            value = int(digits, base)
            # Go reads a sign only into the signed type.
            top = 2**63 - 1 if digits[0] in "+-" else _UINT64_MAX
            return value if _INT64_MIN <= value <= top else None
    return None


def _float(digits: str, text: str) -> object:
    if not _FLOAT.fullmatch(digits):
        return text
    value = float(digits)
    # Go refuses what is too large for a float, so that it stays text.
    return text if math.isinf(value) else value
