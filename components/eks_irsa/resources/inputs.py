"""What a caller gave a component: refused in a sentence, or checked and plain."""

import difflib
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from enum import Enum
from typing import (
    TYPE_CHECKING,
    Any,
    Final,
    NotRequired,
    Self,
    cast,
    get_args,
    get_origin,
)

import pulumi

from eks_irsa.documents.permission_policy import shown_path
from eks_irsa.documents.policy_grammar import kind_of
from eks_irsa.errors import EksIrsaError
from eks_irsa.identity.decision import asked_faults
from eks_irsa.identity.kinds import NAMED_POLICIES, POLICIES, TEXT_MAP
from eks_irsa.identity.model import LATER, Fault
from eks_irsa.identity.rules import FIELDS
from eks_irsa.outputs import is_plain, lift

__all__ = [
    "Component",
    "InputError",
    "as_asked",
    "checked_later",
    "given",
    "raise_faults",
    "unknown_inputs",
]

_PARAMETERS: Final = frozenset({"name", "args", "asked", "opts", "provider_arn"})
# Items are checked one by one, so that each keeps its own dependencies.
_ITEMS: Final = frozenset({TEXT_MAP, POLICIES})
# Always plain, and what other inputs mean hangs on them.
_CHOOSING: Final = ("identity", "disable_session_tags")


class InputError(EksIrsaError, ValueError, pulumi.RunError):
    """An input of a component cannot be used; one line for each, with its name.

    Pulumi prints it without a stack trace, as it is the program's data that is wrong.
    """

    codes: tuple[str, ...] = ()
    """Name of the rule of each line, `E-...`; empty where the call is wrong."""


class Component(pulumi.ComponentResource):
    """A component whose inputs are one mapping, and that says so."""

    if not TYPE_CHECKING:  # which names what is wrong by itself

        def __new__(cls, *args: object, **keywords: object) -> Self:
            """Refuse inputs as keyword arguments, as other SDKs take them.

            Raises:
                InputError: There are such.
            """
            if unknown := [key for key in keywords if key not in _PARAMETERS]:
                name = keywords.get("name", args[0] if args else "?")
                msg = (
                    f"{name}: the inputs are one mapping, {cls.__name__}Args, as the "
                    f"second argument; got the keyword arguments {', '.join(unknown)}"
                )
                raise InputError(msg)
            return super().__new__(cls)


def given(name: object, kind: type[Any], args: object) -> dict[str, Any]:
    """Take the inputs of a component, and refuse what its class does not know.

    A type checker sees the same in Python; programs without one and other languages
    meet it here.

    Args:
        name: Name of the component, for the message.
        kind: The class of the inputs, a TypedDict.
        args: The inputs.

    Returns:
        The inputs without those that are None, which count as missing, as they do in
        every other language; enums as their text.

    Raises:
        InputError: The inputs are no mapping, an input does not exist, or it is an
            Output where the program must know the value to decide what it registers.
    """
    if not isinstance(name, str) or not name or "::" in name:
        msg = f"a component's name is text without '::', got {kind_of(name)}"
        raise InputError(msg)
    if not isinstance(args, Mapping):
        got = "a str" if isinstance(args, str) else kind_of(args)
        msg = (
            f"{name}: the inputs are one mapping, {kind.__name__}, as the second "
            f"argument; got {got}"
        )
        raise InputError(msg)
    inputs = cast("Mapping[str, object]", args)
    annotations = kind.__annotations__
    if fault := unknown_inputs(inputs, annotations):
        msg = f"{name}: {fault}"
        raise InputError(msg)
    late = [
        key
        for key, value in inputs.items()
        if isinstance(value, pulumi.Output) and not _takes_outputs(annotations[key])
    ]
    if late:
        msg = (
            f"{name}: {' and '.join(late)} must be known when the program runs, and "
            "got an Output; in a mapping, the values may be Outputs and the keys not"
        )
        raise InputError(msg)
    return {
        key: value.value if isinstance(value, Enum) else value
        for key, value in inputs.items()
        if value is not None
    }


def unknown_inputs(inputs: Iterable[str], known: Iterable[str]) -> str | None:
    """Word which of *inputs* do not exist, and which may have been meant; else None."""
    faults: list[str] = []
    names = [*known]
    for name in inputs:
        if name not in names:
            close = difflib.get_close_matches(str(name), names, n=1)
            meant = f"; did you mean {close[0]!r}?" if close else ""
            faults.append(f"there is no input {name!r}{meant}")
    return ", ".join(faults) or None


def _takes_outputs(annotation: object) -> bool:
    optional: object = get_origin(annotation)
    if optional is NotRequired:
        (annotation,) = get_args(annotation)
    # pulumi.Input[T] is a union of T, Awaitable[T] and Output[T].
    members: list[object] = [get_origin(member) for member in get_args(annotation)]
    return Awaitable in members


def as_asked(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Put LATER in the place of every Output, wherever it stands in the inputs."""
    return {key: _plain_view(value) for key, value in inputs.items()}


def _plain_view(value: object) -> object:
    if isinstance(value, Mapping):
        pairs = cast("Mapping[str, object]", value)
        return {key: _plain_view(inner) for key, inner in pairs.items()}
    if isinstance(value, list | tuple):
        return [_plain_view(inner) for inner in cast("list[object]", value)]
    return LATER if isinstance(value, pulumi.Output | Awaitable) else value


def checked_later(name: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Have every input that is known later checked when it is.

    Args:
        name: Name of the component, for the message.
        inputs: Inputs of which the plain ones are checked already.

    Returns:
        The same inputs; what is known later fails the run with an InputError that
        names component, input and value, before anything is made from it.
    """
    choice = {field: inputs[field] for field in _CHOOSING if field in inputs}
    return {
        field: _gated(name, field, value, choice) for field, value in inputs.items()
    }


def _gated(
    name: str,
    field: str,
    value: Any,  # noqa: ANN401 - any input
    choice: Mapping[str, Any],
) -> Any:  # noqa: ANN401 - the same input
    if field not in FIELDS or is_plain(value):
        return value
    if FIELDS[field][0] == NAMED_POLICIES:
        return value  # checked as a whole policy each, where it is written
    if FIELDS[field][0] in _ITEMS and isinstance(value, Mapping):
        items = cast("Mapping[str, object]", value)
        return {
            key: item
            if is_plain(item)
            else lift(_checker(name, field, choice, key), known=item)
            for key, item in items.items()
        }
    return lift(_checker(name, field, choice), known=value)


def _checker(
    name: str, field: str, choice: Mapping[str, Any], key: str | None = None
) -> Callable[..., Any]:
    def check(*, known: Any) -> Any:  # noqa: ANN401 - any input
        if known is None:
            return known  # of a resource that this run does not make
        asked = {**choice, field: known if key is None else {key: known}}
        found = [one for one in asked_faults(asked) if one.path[:1] == (field,)]
        for warning in raise_faults(name, found):
            pulumi.log.warn(f"{name}: {warning}")
        return known

    return check


def raise_faults(name: str, faults: Iterable[Fault]) -> list[str]:
    """Refuse what is wrong, all of it at once.

    Args:
        name: Name of the component.
        faults: What was found.

    Returns:
        The warnings, as sentences that begin with the input.

    Raises:
        InputError: There are errors.
    """
    found = [*faults]
    errors = [fault for fault in found if fault.severity == "error"]
    if errors:
        refused = InputError("\n".join(f"{name}: {line}" for line in _lines(errors)))
        refused.codes = tuple(fault.code for fault in errors)
        raise refused
    return [*_lines(found)]


def _lines(faults: Iterable[Fault]) -> Iterator[str]:
    for fault in faults:
        path = shown_path(fault.path)
        yield f"{path}: {fault.message}" if path else fault.message
