"""A preview as resources with a before and an after."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeGuard

__all__ = [
    "SECRET",
    "SIDES",
    "UNKNOWN",
    "Held",
    "Operation",
    "Preview",
    "Resource",
    "Side",
    "State",
    "Unknown",
    "is_urn",
    "name_of",
    "type_of",
]

Operation = Literal["create", "delete", "import", "read", "replace", "same", "update"]
Side = Literal["before", "after"]
SIDES: Final[tuple[Side, Side]] = ("before", "after")


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value that a preview does not tell, with the reason."""

    reason: str


# What the bridge of Pulumi's AWS provider notes for itself among the inputs.
_OF_THE_BRIDGE: Final = frozenset({"__defaults", "tagsAll"})
_URN: Final = re.compile(r"urn:pulumi:[^:]*::[^:]*::.*?::.*", re.DOTALL)
UNKNOWN: Final = Unknown("known only in `up`")
SECRET: Final = Unknown("a secret")


@dataclass(frozen=True, kw_only=True, slots=True)
class State:
    """One side of a resource.

    Attributes:
        inputs: What the program asks for; an `Unknown` where a value is not told.
        outputs: What the world answered, as far as the engine knows it.
        parent: URN of its parent; empty for none.
        dependencies: Input -> URNs of what it was made from.
        retained: The engine forgets it and leaves it where it is.
        external: It is not the stack's, and only read.
        provider: URN of the provider that makes it; empty where that is not told.
        after: URNs of all that is made before it.
    """

    inputs: Mapping[str, object]
    outputs: Mapping[str, object]
    parent: str
    dependencies: Mapping[str, tuple[str, ...]]
    retained: bool
    external: bool
    provider: str = ""
    after: tuple[str, ...] = ()

    @property
    def is_kept(self) -> bool:
        """Tell whether the world keeps it when the engine deletes it."""
        return self.retained or self.external

    def now(self, key: str) -> object:
        """Return a property as the world has it, else as it was asked for."""
        value = self.outputs.get(key)
        return self.inputs.get(key) if value is None else value


@dataclass(frozen=True, kw_only=True, slots=True)
class Resource:
    """One resource and what the engine means to do to it.

    Attributes:
        urn: Its URN, the new one if it was renamed.
        operation: What is done to it.
        before: None if it is new.
        after: None if it goes.
        changed: Properties that differ, by their first name.
        imported: What it is afterwards was there already, and is taken over.
    """

    urn: str
    operation: Operation
    before: State | None
    after: State | None
    changed: frozenset[str] = frozenset()
    imported: bool = False

    @property
    def is_unfinished(self) -> bool:
        """Tell whether an earlier run failed while it changed the resource.

        The engine updates it then without a changed property, and the state holds what
        the failed run asked for, whatever the world has.
        """
        if self.operation != "update" or self.changed:
            return False
        if self.before is None or self.after is None:
            return False
        # A preview of which somebody left out the changed properties is no such thing,
        # nor is a component, of which the engine names none.
        held = self.before.outputs
        if not self.before.inputs.keys() - _OF_THE_BRIDGE <= self.after.inputs.keys():
            return False
        return all(
            _is_same(one, held.get(key))
            for key, one in self.after.inputs.items()
            if key not in _OF_THE_BRIDGE
        )

    @property
    def is_idle(self) -> bool:
        """Tell whether the engine asks nothing of the world but to read it."""
        return self.operation in {"read", "same"}

    def held(self, side: Side) -> "Held | None":
        """Return what the world has of it on one side; None for nothing.

        What is only read, or deleted and kept, is the same on both sides.
        """
        if self.is_idle:
            state = self.before or self.after
            return Held(self, state) if state else None
        if side == "before":
            return Held(self, self.before) if self.before else None
        if self.after is None:
            return self.kept_half
        return Held(self, self.after, planned=True)

    @property
    def kept_half(self) -> "Held | None":
        """What stays in the world of what the engine deletes; None for nothing."""
        goes = self.operation in {"delete", "replace"}
        if not goes or self.before is None or not self.before.is_kept:
            return None
        return Held(self, self.before)

    @property
    def type(self) -> str:
        """Its type token."""
        return type_of(self.urn)

    @property
    def name(self) -> str:
        """Its logical name."""
        return name_of(self.urn)

    @property
    def parent(self) -> str:
        """URN of its parent, the new one if it has both; empty for none."""
        state = self.after or self.before
        return state.parent if state else ""


@dataclass(frozen=True, slots=True)
class Held:
    """One resource as the world has it on one side.

    Attributes:
        resource: The resource.
        state: The half of it that holds then.
        planned: `up` is to write it, so only its inputs tell what it will be.
    """

    resource: Resource
    state: State
    planned: bool = False

    def get(self, key: str) -> object:
        """Return a property; None where it is not there."""
        if not self.planned:
            return self.state.now(key)
        return self.state.inputs.get(key)

    def told(self, key: str) -> object:
        """Return what the world makes up, as an ARN; an `Unknown` before that."""
        value = self.state.outputs.get(key)
        before = self.resource.before
        if value is None and self.resource.operation == "update" and before:
            value = before.outputs.get(key)
        return UNKNOWN if value is None else value

    def makers(self, key: str) -> tuple[str, ...]:
        """Return the URNs of what a property was made from."""
        return self.state.dependencies.get(key, ())


@dataclass(frozen=True, kw_only=True, slots=True)
class Preview:
    """One stack as it is and as it is to be.

    Attributes:
        stack: Name of the stack.
        project: Name of its project.
        resources: By URN, in the engine's order; without the stack itself.
        errors: What stopped the preview, which then is not complete.
    """

    stack: str
    project: str
    resources: Mapping[str, Resource]
    errors: tuple[str, ...] = ()


def is_urn(value: object) -> TypeGuard[str]:
    """Tell whether *value* is `urn:pulumi:<stack>::<project>::<types>::<name>`."""
    return isinstance(value, str) and _URN.fullmatch(value) is not None


def type_of(urn: str) -> str:
    """Return the type token in a URN, the last of those it holds."""
    return urn.split("::", 3)[2].rpartition("$")[2]


def name_of(urn: str) -> str:
    """Return the logical name in a URN, which may itself hold `::`."""
    return urn.split("::", 3)[3]


def _is_same(one: object, other: object) -> bool:
    try:
        return _read(one) == _read(other)
    except RecursionError:
        return one == other


def _read(value: object) -> object:
    """Read a policy, which the world writes in another order."""
    try:
        return json.loads(value) if isinstance(value, str) else value
    except (ValueError, RecursionError):
        return value
