"""Ask a plugin double what an engine would ask, with the protocol's own messages."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn, cast

import grpc
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import provider_pb2, status_pb2

from sandbox.plugins.host import Severity
from sandbox.plugins.plugin import Plugin
from sandbox.plugins.servicer import PluginServicer
from sandbox.plugins.values import Properties, Value, from_struct, to_struct

__all__ = ["Driver", "RefusedError", "Screen"]


class RefusedError(Exception):
    """The plugin refused; the text is what the user reads."""


@dataclass
class Screen:
    """A host that remembers what it was told to show."""

    lines: list[str] = field(default_factory=list[str])

    def show(
        self, *, severity: Severity, urn: str, message: str, passing: bool = False
    ) -> None:
        """Remember a line."""
        del urn, passing
        self.lines.append(f"{severity.name.lower()}: {message}")


class _Context:
    """As much of gRPC's context as a servicer uses."""

    def __init__(self) -> None:
        self.metadata: tuple[tuple[str, bytes], ...] = ()

    def set_trailing_metadata(self, metadata: tuple[tuple[str, bytes], ...]) -> None:
        self.metadata = metadata

    def abort(self, code: grpc.StatusCode, details: str) -> NoReturn:
        message = details if code is grpc.StatusCode.UNKNOWN else f"{code}: {details}"
        raise RefusedError(message)


class Driver:
    """One plugin, asked about resources of one type."""

    def __init__(self, plugin: Plugin, *, token: str = "") -> None:
        """Ask *plugin*; *token* is the type of all resources."""
        self._servicer = PluginServicer(plugin)
        self._token = token
        self.recorded: Properties = {}

    def of(self, token: str) -> "Driver":
        """Ask the same plugin about another type."""
        other = Driver.__new__(Driver)
        other.__dict__.update(self.__dict__ | {"_token": token, "recorded": {}})
        return other

    def urn(self, name: str = "it") -> str:
        """Give the URN of a resource."""
        return f"urn:pulumi:dev::project::parent:index:Type${self._token}::{name}"

    def configure(self, **variables: str) -> provider_pb2.ConfigureResponse:
        """Configure the provider."""
        package = self._servicer.GetPluginInfo(Empty(), self._context())
        del package
        prefix = "aws" if "region" in variables else "kubernetes"
        request = provider_pb2.ConfigureRequest(
            variables={
                f"{prefix}:config:{key}": value for key, value in variables.items()
            }
        )
        return self._servicer.Configure(request, self._context())

    def check_config(self, news: Mapping[str, Value], *, name: str) -> list[str]:
        """Check the provider's configuration and give what is wrong with it."""
        request = provider_pb2.CheckRequest(
            urn=f"urn:pulumi:dev::project::pulumi:providers:aws::{name}",
            news=to_struct(news),
        )
        answer = self._servicer.CheckConfig(request, self._context())
        return [failure.reason for failure in answer.failures]

    def diff_config(
        self, olds: Mapping[str, Value], news: Mapping[str, Value]
    ) -> tuple[list[str], list[str]]:
        """Give what changes in a configuration, and what of it replaces."""
        request = provider_pb2.DiffRequest(olds=to_struct(olds), news=to_struct(news))
        answer = self._servicer.DiffConfig(request, self._context())
        return list(answer.diffs), list(answer.replaces)

    def check(
        self,
        news: Mapping[str, Value],
        *,
        olds: Mapping[str, Value] | None = None,
        name: str = "it",
        **options: Any,  # noqa: ANN401 - fields of the message
    ) -> tuple[Properties, list[str]]:
        """Check inputs and give them as filled in, and what is wrong with them."""
        request = provider_pb2.CheckRequest(
            urn=self.urn(name),
            olds=to_struct(olds or {}),
            news=to_struct(news),
            randomSeed=b"seed",
            **options,
        )
        answer = self._servicer.Check(request, self._context())
        return from_struct(answer.inputs), [one.reason for one in answer.failures]

    def checked(self, news: Mapping[str, Value], *, name: str = "it") -> Properties:
        """Check inputs that must be right."""
        inputs, failures = self.check(news, name=name)
        assert failures == []
        return inputs

    def diff(
        self,
        olds: Mapping[str, Value],
        news: Mapping[str, Value],
        *,
        ignored: tuple[str, ...] = (),
    ) -> dict[str, str]:
        """Give what an update would change: path -> kind of change."""
        answer = self.full_diff(olds, news, ignored=ignored)
        kinds = provider_pb2.PropertyDiff.Kind
        return {
            path: kinds.Name(change.kind)
            for path, change in answer.detailedDiff.items()
        }

    def full_diff(
        self,
        olds: Mapping[str, Value],
        news: Mapping[str, Value],
        *,
        ignored: tuple[str, ...] = (),
    ) -> provider_pb2.DiffResponse:
        """Give the whole answer about an update."""
        request = provider_pb2.DiffRequest(
            id="id",
            urn=self.urn(),
            olds=to_struct(olds),
            news=to_struct(news),
            ignoreChanges=ignored,
        )
        return self._servicer.Diff(request, self._context())

    def create(
        self, inputs: Mapping[str, Value], *, preview: bool = False
    ) -> tuple[str, Properties]:
        """Make a resource and give id and state."""
        request = provider_pb2.CreateRequest(
            urn=self.urn(), properties=to_struct(inputs), preview=preview
        )
        context = _Context()
        try:
            answer = self._servicer.Create(request, _as_grpc(context))
        except RefusedError:
            self.recorded = _recorded(context)
            raise
        return answer.id, from_struct(answer.properties)

    def read(
        self,
        resource_id: str,
        *,
        inputs: Mapping[str, Value] | None = None,
        state: Mapping[str, Value] | None = None,
    ) -> tuple[str, Properties, Properties]:
        """Find a resource and give id, inputs and state."""
        request = provider_pb2.ReadRequest(
            id=resource_id,
            urn=self.urn(),
            inputs=to_struct(inputs or {}),
            properties=to_struct(state or {}),
        )
        answer = self._servicer.Read(request, self._context())
        return answer.id, from_struct(answer.inputs), from_struct(answer.properties)

    def update(
        self,
        resource_id: str,
        olds: Mapping[str, Value],
        news: Mapping[str, Value],
        *,
        preview: bool = False,
    ) -> Properties:
        """Change a resource and give its new state."""
        request = provider_pb2.UpdateRequest(
            id=resource_id,
            urn=self.urn(),
            olds=to_struct(olds),
            news=to_struct(news),
            preview=preview,
        )
        context = _Context()
        try:
            answer = self._servicer.Update(request, _as_grpc(context))
        except RefusedError:
            self.recorded = _recorded(context)
            raise
        return from_struct(answer.properties)

    def delete(self, resource_id: str, state: Mapping[str, Value]) -> None:
        """Remove a resource."""
        request = provider_pb2.DeleteRequest(
            id=resource_id, urn=self.urn(), properties=to_struct(state)
        )
        self._servicer.Delete(request, self._context())

    def invoke(
        self, token: str, arguments: Mapping[str, Value] | None = None
    ) -> tuple[Properties, list[str]]:
        """Run a function and give its result, and what is wrong with its arguments."""
        request = provider_pb2.InvokeRequest(tok=token, args=to_struct(arguments or {}))
        answer = self._servicer.Invoke(request, self._context())
        result = from_struct(getattr(answer, "return"))
        return result, [failure.reason for failure in answer.failures]

    def _context(self) -> grpc.ServicerContext:
        return _as_grpc(_Context())


def _as_grpc(context: _Context) -> grpc.ServicerContext:
    return cast("grpc.ServicerContext", context)


def _recorded(context: _Context) -> Properties:
    """Read what the engine is to record of a resource that is only half done."""
    for key, value in context.metadata:
        if key == "grpc-status-details-bin":
            status = status_pb2.Status.FromString(value)
            detail = provider_pb2.ErrorResourceInitFailed()
            status.details[0].Unpack(detail)
            return from_struct(detail.properties)
    return {}
