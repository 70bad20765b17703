# pyright: reportUnknownMemberType=false
"""What a program registered, as plain values that a test compares."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi
from pulumi.runtime.proto import resource_pb2

__all__ = ["Deployment", "Registration", "plain", "registrations", "short_name"]


@dataclass(frozen=True, kw_only=True)
class Registration:
    """One resource as the program registered it.

    Attributes:
        type: Its token, such as `aws:iam/role:Role`.
        name: Name in the program.
        parent: Name of the resource it belongs to; empty for the stack.
        inputs: By the names that the provider has for them, such as
            `assumeRolePolicy`; what is not known yet is a `pulumi.output.Unknown`.
        provider: Name of its provider; empty for the default one.
        depends_on: Names of what it waits for, sorted.
        retain_on_delete: Left behind when the stack lets go of it.
        delete_before_replace: As the option of that name.
        read: Only read, as by `get`; *inputs* is its `id` then.
        hooks: Names of the hooks before and after an update.
    """

    type: str
    name: str
    parent: str
    inputs: Mapping[str, Any]
    provider: str = ""
    depends_on: tuple[str, ...] = ()
    retain_on_delete: bool = False
    delete_before_replace: bool = False
    read: bool = False
    hooks: tuple[str, ...] = ()


@dataclass(kw_only=True)
class Deployment:
    """Everything a program registered, sorted by type and name, and its outputs.

    Attributes:
        registrations: The resources, the stack itself left out.
        outputs: Outputs of the stack.
        logs: Messages from the weight of a warning on.
        requests: Everything that was sent to the engine, whole: `RegisterResource`,
            `ReadResource`, `RegisterResourceOutputs`, `Invoke`, `Log`.
        state: What `readStackResourceOutputs` would return in the next run.
        error: What the program raised; None after `deploy`, which raises it.
    """

    registrations: list[Registration]
    outputs: Mapping[str, Any] = field(default_factory=dict[str, Any])
    logs: list[str] = field(default_factory=list[str])
    requests: list[Any] = field(default_factory=list[Any])
    state: Mapping[str, object] = field(default_factory=dict[str, object])
    error: Exception | None = None

    def of_type(self, suffix: str) -> list[Registration]:
        """Return the registrations whose type ends in *suffix*, such as `:Role`."""
        return [one for one in self.registrations if one.type.endswith(suffix)]

    def only(self, suffix: str) -> Registration:
        """Return the one registration whose type ends in *suffix*.

        Raises:
            AssertionError: There is none, or several.
        """
        found = self.of_type(suffix)
        if len(found) != 1:
            names = ", ".join(f"{one.type} {one.name!r}" for one in self.registrations)
            msg = f"{len(found)} resources end in {suffix!r}; registered were: {names}"
            raise AssertionError(msg)
        return found[0]


def short_name(urn: str) -> str:
    """Return the name in a URN, which may itself hold `::`."""
    return urn.split("::", 3)[3] if urn else ""


def registrations(requests: Iterable[Any]) -> list[Registration]:
    """Read what was registered or read from what was sent to the engine."""
    found: list[Registration] = []
    for request in requests:
        if isinstance(request, resource_pb2.ReadResourceRequest):
            one = Registration(
                type=request.type,
                name=request.name,
                parent=short_name(request.parent),
                inputs={"id": request.id},
                read=True,
            )
            found.append(one)
        elif isinstance(request, resource_pb2.RegisterResourceRequest):
            one = Registration(
                type=request.type,
                name=request.name,
                parent=short_name(request.parent),
                inputs=plain(request.object),
                # A reference to a provider ends in its id.
                provider=short_name(request.provider).rpartition("::")[0],
                depends_on=tuple(sorted(map(short_name, request.dependencies))),
                retain_on_delete=request.retainOnDelete,
                delete_before_replace=request.deleteBeforeReplace,
                hooks=(*request.hooks.before_update, *request.hooks.after_update),
            )
            found += [one] if request.type != "pulumi:pulumi:Stack" else []
    return sorted(found, key=lambda one: (one.type, one.name))


def plain(values: Any) -> dict[str, Any]:  # noqa: ANN401 - a Struct of protobuf
    """Return the properties in a message as plain values, unknowns kept."""
    return dict(pulumi.runtime.rpc.deserialize_properties(values, keep_unknowns=True))
