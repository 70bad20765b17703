"""Property values on their way between engine and plugin.

The helpers of `pulumi.runtime.rpc` turn `Output`s into messages inside an event loop
and turn unknowns back into `Output`s; a plugin has neither, so only their wire
constants are used here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final, TypeAlias, Union

from google.protobuf.struct_pb2 import ListValue, NullValue, Struct
from google.protobuf.struct_pb2 import Value as Wire

__all__ = [
    "UNKNOWN",
    "Properties",
    "Secret",
    "Unknown",
    "Value",
    "from_struct",
    "has_secret",
    "has_unknown",
    "text_or",
    "to_struct",
    "without_secrets",
]

# Source: pulumi/pulumi, sdk/python/lib/pulumi/runtime/rpc.py (the same constants as in
# sdk/go/common/resource/plugin/rpc.go)
_UNKNOWN_SIGNATURES: Final = frozenset(
    {
        "04da6b54-80e4-46f7-96ec-b56ff0331ba9",  # string, and the SDKs' only one
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",  # bool
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",  # number
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",  # array
        "030794c1-ac77-496b-92df-f27374a8bd58",  # asset
        "e48ece36-62e2-4504-bad9-02848725956a",  # archive
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",  # object
    }
)
_UNKNOWN_ON_THE_WIRE: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_SIGNATURE_KEY: Final = "4dabf18193072939515e22adb298388d"
_SECRET_SIGNATURE: Final = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 (a public constant of the wire format, not a secret)


class Unknown(Enum):
    """The one value that is not known before the resources it comes from exist."""

    UNKNOWN = "unknown"


UNKNOWN: Final = Unknown.UNKNOWN


@dataclass(frozen=True, slots=True)
class Secret:
    """A value the engine encrypts in its state and hides on the screen."""

    value: "Value"


# `|` takes no text, and the alias names itself.
Value: TypeAlias = Union[
    bool, int, float, str, Unknown, Secret, "list[Value]", "dict[str, Value]", None
]
Properties: TypeAlias = dict[str, Value]


def from_struct(struct: Struct) -> Properties:
    """Read the properties of a message; nulls are left out, as the real plugins do.

    Returns:
        Whole numbers as int, unknowns as `UNKNOWN`, secrets as `Secret`.

    Raises:
        ValueError: The message holds an asset, an archive or a resource reference.

    Source:
        pulumi/pulumi, sdk/go/common/resource/plugin/rpc.go (`SkipNulls`)
    """
    found = {key: _from_wire(value) for key, value in struct.fields.items()}
    return {key: value for key, value in found.items() if value is not None}


def to_struct(properties: Mapping[str, Value]) -> Struct:
    """Write properties into a message; None is left out."""
    return Struct(
        fields={
            key: _to_wire(value)
            for key, value in properties.items()
            if value is not None
        }
    )


def without_secrets(value: Value) -> Value:
    """Give the value itself wherever a secret was, at any depth."""
    match value:
        case Secret():
            return without_secrets(value.value)
        case list():
            return [without_secrets(item) for item in value]
        case dict():
            return {key: without_secrets(item) for key, item in value.items()}
        case _:
            return value


def has_unknown(value: Value) -> bool:
    """Tell whether anything in the value is unknown, at any depth."""
    return any(item is UNKNOWN for item in _walk(value))


def has_secret(value: Value) -> bool:
    """Tell whether anything in the value is a secret, at any depth."""
    return any(isinstance(item, Secret) for item in _walk(value))


def text_or(value: Value, otherwise: str) -> str:
    """Give the value if it is a text, else *otherwise*."""
    return value if isinstance(value, str) else otherwise


def _walk(value: Value) -> Iterator[Value]:
    yield value
    match value:
        case Secret():
            yield from _walk(value.value)
        case list():
            for item in value:
                yield from _walk(item)
        case dict():
            for item in value.values():
                yield from _walk(item)
        case _:
            pass


def _from_wire(wire: Wire) -> Value:
    match wire.WhichOneof("kind"):
        case "bool_value":
            return wire.bool_value
        case "number_value":
            number = wire.number_value
            return int(number) if number.is_integer() else number
        case "string_value":
            text = wire.string_value
            return UNKNOWN if text in _UNKNOWN_SIGNATURES else text
        case "list_value":
            return [_from_wire(item) for item in wire.list_value.values]
        case "struct_value":
            return _from_object(wire.struct_value)
        case _:
            return None


def _from_object(struct: Struct) -> Value:
    if _SIGNATURE_KEY not in struct.fields:
        return from_struct(struct)
    signature = struct.fields[_SIGNATURE_KEY].string_value
    if signature != _SECRET_SIGNATURE:
        message = f"values with the signature {signature!r} are not covered"
        raise ValueError(message)
    return Secret(_from_wire(struct.fields["value"]))


def _to_wire(value: Value) -> Wire:
    match value:
        case Secret():
            held = {
                _SIGNATURE_KEY: Wire(string_value=_SECRET_SIGNATURE),
                "value": _to_wire(value.value),
            }
            return Wire(struct_value=Struct(fields=held))
        case list():
            return Wire(list_value=ListValue(values=[_to_wire(item) for item in value]))
        case dict():
            return Wire(struct_value=to_struct(value))
        case _:
            return _scalar_to_wire(value)


def _scalar_to_wire(value: bool | float | str | Unknown | None) -> Wire:  # noqa: FBT001 (a value to be written, no flag)
    match value:
        case None:
            return Wire(null_value=NullValue.NULL_VALUE)
        case Unknown():
            return Wire(string_value=_UNKNOWN_ON_THE_WIRE)
        case bool():
            return Wire(bool_value=value)
        case str():
            return Wire(string_value=value)
        case _:
            return Wire(number_value=value)
