# ruff: noqa: ANN401 - what gRPC hands over has no types
# pyright: reportUnknownMemberType=false
"""What a program sent to the engine, as text: one line a property.

Nothing is chosen: every field of a request that is set has its lines, so that an
option that nobody thought of is seen too. Left out is only what depends on the machine
or is the same in every request (`_OMITTED`).
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, cast

from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime import rpc
from pulumi.runtime.proto import engine_pb2, resource_pb2

from eks_irsa.testing.deployment import Deployment, short_name

__all__ = ["registration_text"]

_IN_THE_HEADING: Final = frozenset(
    {"custom", "message", "name", "severity", "tok", "type"}
)
_OMITTED: Final = frozenset(
    {
        # Versions and places of the code that runs.
        "packageRef",
        "parentStackTraceHandle",
        "snippetId",
        "sourcePosition",
        "stackTrace",
        "version",
        # What the SDK is able to do.
        "acceptResources",
        "acceptSecrets",
        "accept_output_values",
        "accepts_byte_string",
        "aliasSpecs",
        "supportsPartialValues",
        "supportsResultReporting",
        # The SDK's numbering of messages.
        "streamId",
    }
)
# Lists whose order says nothing, and is another in each run.
_SETS: Final = frozenset({"dependencies", "urns"})
# Marks of the wire format.
_SECRET: Final = {
    "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"
}
# What the SDK puts before the error of a value that is known later.
_LATE: Final = "Error has risen: "
_URN: Final = re.compile(r"urn:pulumi:\S+")


def registration_text(made: Deployment) -> str:
    """Word everything a program sent to the engine.

    Args:
        made: What was recorded.

    Returns:
        What the program raised, if it did, and no more if it was for a value that was
        known later; then a block for each warning, invoke and
        resource, sorted, a heading and indented lines `<path>: <value>`. A resource is
        named by its type and name, also where another refers to it. JSON that is
        written compactly is unfolded after `(JSON)`.
    """
    if made.error and _LATE in str(made.error):
        # How far the others came by then is another in each run.
        return (
            f"fails when known: {str(made.error).splitlines()[-1].split(_LATE)[-1]}\n"
        )
    blocks = sorted(block for block in _blocks(made.requests) if block)
    error = (
        [f"raises {type(made.error).__name__}: {made.error}\n"] if made.error else []
    )
    return "\n".join([*error, *blocks])


def _blocks(requests: list[Any]) -> Iterator[str]:
    outputs = {
        request.urn: [*_lines(request.outputs, "outputs")]
        for request in requests
        if isinstance(request, resource_pb2.RegisterResourceOutputsRequest)
    }
    for request in requests:
        if isinstance(request, resource_pb2.RegisterResourceRequest):
            lines = [*_lines(request, ""), *outputs.pop(_own_urn(request, outputs), [])]
            yield _block(f"{request.type} {request.name}", lines)
        elif isinstance(request, resource_pb2.ReadResourceRequest):
            yield _block(f"{request.type} {request.name} (read)", _lines(request, ""))
        elif isinstance(request, resource_pb2.ResourceInvokeRequest):
            yield _block(f"invoke {request.tok}", _lines(request, ""))
        elif isinstance(request, engine_pb2.LogRequest):
            weight = engine_pb2.LogSeverity.Name(request.severity).lower()
            yield _block(f"{weight}: {request.message}", _lines(request, ""))


def _own_urn(request: Any, urns: Mapping[str, object]) -> str:
    """Find the URN of a registered resource among those that have outputs."""
    for urn in urns:
        kind = urn.split("::", 3)[2].rpartition("$")[2]
        if (kind, short_name(urn)) == (request.type, request.name):
            return urn
    return ""


def _block(heading: str, lines: Iterator[str] | list[str]) -> str:
    return "".join([heading, "\n", *(f"  {line}\n" for line in lines)])


def _lines(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, Struct):
        # The wire has no order of keys; a text with JSON in it has.
        in_order = json.loads(json.dumps(MessageToDict(value), sort_keys=True))
        yield from _value_lines(in_order, path)
    elif isinstance(value, Message):
        for field, inner in value.ListFields():
            # An alias has a name and a type too.
            in_heading = not path and field.name in _IN_THE_HEADING
            if field.name not in _OMITTED and not in_heading:
                yield from _lines(inner, _below(path, field.name))
    elif isinstance(value, str):
        yield f"{path}: {_reference(value)}"
    elif isinstance(value, Mapping):
        for key, inner in sorted(cast("Mapping[str, Any]", value).items()):
            yield from _lines(inner, _below(path, key))
    elif hasattr(value, "__len__"):
        inner_lines = [line for inner in value for line in _lines(inner, path)]
        is_set = path.rpartition(".")[2] in _SETS
        yield from sorted(inner_lines) if is_set else inner_lines
    else:
        yield f"{path}: {json.dumps(value)}"


def _value_lines(value: Any, path: str) -> Iterator[str]:
    """Word a value of an input or output."""
    if value == rpc.UNKNOWN:
        yield f"{path}: unknown"
    elif isinstance(value, Mapping) and _SECRET.items() <= value.items():
        yield from _value_lines(value["value"], f"{path} (secret)")
    elif isinstance(value, Mapping) and value:
        for key, inner in cast("Mapping[str, Any]", value).items():
            yield from _value_lines(inner, _below(path, key))
    elif isinstance(value, list) and value:
        for index, inner in enumerate(cast("list[Any]", value)):
            yield from _value_lines(inner, f"{path}[{index}]")
    elif isinstance(value, str) and (unfolded := _unfolded(value)) is not None:
        yield from _value_lines(unfolded, f"{path} (JSON)")
    else:
        yield f"{path}: {json.dumps(_whole(value))}"


def _whole(value: Any) -> Any:
    """Write a number without fraction as an integer; the wire knows floats only."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _below(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _reference(text: str) -> str:
    """Shorten a URN to type and name."""
    if not _URN.match(text):
        return json.dumps(text)
    return f"{text.split('::', 3)[2].rpartition('$')[2]} {short_name(text)}"


def _unfolded(text: str) -> Any:
    """Parse a text that is a JSON object, if writing it gives the same text again."""
    if not text.startswith("{"):
        return None
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return value if json.dumps(value, separators=(",", ":")) == text else None
