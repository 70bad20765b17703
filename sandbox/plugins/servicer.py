"""The provider protocol's messages, translated into a `Plugin`'s calls and back.

The servicer of Pulumi's SDK (`pulumi.provider.experimental`) is no use here: it writes
a traceback into every refusal and has neither autonaming nor half-done resources.

Source:
    pulumi/pulumi, proto/pulumi/provider.proto
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, Final, NoReturn, TypeVar, cast

import grpc
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import plugin_pb2, provider_pb2, status_pb2
from pulumi.runtime.proto.provider_pb2_grpc import ResourceProviderServicer
from typing_extensions import override

from sandbox.plugins.plugin import (
    Autonaming,
    Change,
    Checked,
    Difference,
    Failure,
    Naming,
    Plugin,
    Subject,
)
from sandbox.plugins.refusal import NotCovered, PartialFailure, Refusal
from sandbox.plugins.values import from_struct, to_struct

__all__ = ["PluginServicer"]

# Without Handshake the engine falls back on what Configure answers; the schemas of the
# real plugins have tens of megabytes.
_UNCOVERED: Final = (
    "Attach",
    "Call",
    "Construct",
    "GetMapping",
    "GetMappings",
    "GetSchema",
    "Handshake",
    "List",
    "Parameterize",
)

_Method = TypeVar("_Method", bound=Callable[..., Any])


def _refusing(method: _Method) -> _Method:
    """Answer what the plugin raises as the engine expects it."""

    @wraps(method)
    def answer(
        self: "PluginServicer", request: object, context: grpc.ServicerContext
    ) -> object:
        try:
            return method(self, request, context)
        except PartialFailure as failure:
            context.set_trailing_metadata(_recorded(failure))
            context.abort(grpc.StatusCode.UNKNOWN, str(failure))
        except (Refusal, ValueError) as refusal:
            context.abort(grpc.StatusCode.UNKNOWN, str(refusal))

    return cast("_Method", answer)


class PluginServicer(ResourceProviderServicer):
    """Serves one plugin; refuses what neither double has by name."""

    def __init__(self, plugin: Plugin) -> None:
        """Serve *plugin*."""
        self._plugin = plugin
        for method in _UNCOVERED:
            setattr(self, method, _uncovered(plugin.name, method))

    @override
    def GetPluginInfo(
        self, request: Empty, context: grpc.ServicerContext
    ) -> plugin_pb2.PluginInfo:
        return plugin_pb2.PluginInfo(version=self._plugin.version)

    @override
    def Cancel(self, request: Empty, context: grpc.ServicerContext) -> Empty:
        """Give up waiting; the engine ends the process when it has heard from all.

        A plugin that were gone by then would be reported as crashed.

        Source:
            pulumi/pulumi, sdk/go/common/resource/plugin/plugin.go (`Close`)
        """
        self._plugin.cancel()
        return Empty()

    @override
    @_refusing
    def CheckConfig(
        self, request: provider_pb2.CheckRequest, context: grpc.ServicerContext
    ) -> provider_pb2.CheckResponse:
        news = from_struct(request.news)
        return _checked(self._plugin.check_config(urn=request.urn, news=news))

    @override
    @_refusing
    def DiffConfig(
        self, request: provider_pb2.DiffRequest, context: grpc.ServicerContext
    ) -> provider_pb2.DiffResponse:
        olds, news = from_struct(request.olds), from_struct(request.news)
        difference = self._plugin.diff_config(olds=olds, news=news)
        return _difference(difference, detailed=bool(difference.changes))

    @override
    @_refusing
    def Configure(
        self, request: provider_pb2.ConfigureRequest, context: grpc.ServicerContext
    ) -> provider_pb2.ConfigureResponse:
        self._plugin.configure(variables=dict(request.variables))
        return provider_pb2.ConfigureResponse(
            acceptSecrets=self._plugin.accepts_secrets,
            supportsPreview=True,
            acceptResources=False,
            acceptOutputs=False,
            supports_autonaming_configuration=True,
        )

    @override
    @_refusing
    def Invoke(
        self, request: provider_pb2.InvokeRequest, context: grpc.ServicerContext
    ) -> provider_pb2.InvokeResponse:
        arguments = from_struct(request.args)
        answer = self._plugin.invoke(token=request.tok, arguments=arguments)
        # "return" is a word of Python's, so the field has no keyword of its own.
        response = provider_pb2.InvokeResponse(failures=_failures(answer.failures))
        getattr(response, "return").CopyFrom(to_struct(answer.result))
        return response

    @override
    @_refusing
    def Check(
        self, request: provider_pb2.CheckRequest, context: grpc.ServicerContext
    ) -> provider_pb2.CheckResponse:
        options = request.autonaming
        checked = self._plugin.check(
            Subject(urn=request.urn),
            olds=from_struct(request.olds),
            news=from_struct(request.news),
            autonaming=Autonaming(
                seed=request.randomSeed,
                naming=Naming(options.mode) if request.HasField("autonaming") else None,
                proposed=options.proposed_name,
            ),
        )
        return _checked(checked)

    @override
    @_refusing
    def Diff(
        self, request: provider_pb2.DiffRequest, context: grpc.ServicerContext
    ) -> provider_pb2.DiffResponse:
        difference = self._plugin.diff(
            Subject(urn=request.urn, resource_id=request.id),
            olds=from_struct(request.olds),
            news=from_struct(request.news),
            ignored=list(request.ignoreChanges),
        )
        return _difference(difference, detailed=True)

    @override
    @_refusing
    def Create(
        self, request: provider_pb2.CreateRequest, context: grpc.ServicerContext
    ) -> provider_pb2.CreateResponse:
        state = self._plugin.create(
            Subject(urn=request.urn),
            inputs=from_struct(request.properties),
            preview=request.preview,
            timeout=request.timeout,
        )
        return provider_pb2.CreateResponse(
            id=state.resource_id, properties=to_struct(state.outputs)
        )

    @override
    @_refusing
    def Read(
        self, request: provider_pb2.ReadRequest, context: grpc.ServicerContext
    ) -> provider_pb2.ReadResponse:
        """Find a resource; an empty answer says that it is gone."""
        state = self._plugin.read(
            Subject(urn=request.urn, resource_id=request.id),
            inputs=from_struct(request.inputs),
            state=from_struct(request.properties),
        )
        if state is None:
            return provider_pb2.ReadResponse()
        return provider_pb2.ReadResponse(
            id=state.resource_id,
            properties=to_struct(state.outputs),
            inputs=to_struct(state.inputs),
        )

    @override
    @_refusing
    def Update(
        self, request: provider_pb2.UpdateRequest, context: grpc.ServicerContext
    ) -> provider_pb2.UpdateResponse:
        outputs = self._plugin.update(
            Subject(urn=request.urn, resource_id=request.id),
            olds=from_struct(request.olds),
            news=from_struct(request.news),
            ignored=list(request.ignoreChanges),
            preview=request.preview,
        )
        return provider_pb2.UpdateResponse(properties=to_struct(outputs))

    @override
    @_refusing
    def Delete(
        self, request: provider_pb2.DeleteRequest, context: grpc.ServicerContext
    ) -> Empty:
        self._plugin.delete(
            Subject(urn=request.urn, resource_id=request.id),
            state=from_struct(request.properties),
            timeout=request.timeout,
        )
        return Empty()


def _uncovered(
    plugin_name: str, method: str
) -> Callable[[Any, grpc.ServicerContext], NoReturn]:
    def refuse(_request: object, context: grpc.ServicerContext) -> NoReturn:
        refusal = NotCovered(plugin=plugin_name, what=method)
        context.abort(grpc.StatusCode.UNIMPLEMENTED, str(refusal))

    return refuse


def _recorded(failure: PartialFailure) -> tuple[tuple[str, bytes], ...]:
    """Attach what the engine is to record, as gRPC's richer errors do.

    Source:
        https://grpc.io/docs/guides/error/#richer-error-model and pulumi/pulumi,
        sdk/go/common/util/rpcutil/rpcerror (`WithDetails`)
    """
    detail = AnyMessage()
    detail.Pack(
        provider_pb2.ErrorResourceInitFailed(
            id=failure.resource_id,
            properties=to_struct(failure.outputs),
            reasons=[str(failure)],
        )
    )
    status = status_pb2.Status(
        code=grpc.StatusCode.UNKNOWN.value[0], message=str(failure), details=[detail]
    )
    return (("grpc-status-details-bin", status.SerializeToString()),)


def _checked(checked: Checked) -> provider_pb2.CheckResponse:
    return provider_pb2.CheckResponse(
        inputs=to_struct(checked.inputs), failures=_failures(checked.failures)
    )


def _failures(failures: tuple[Failure, ...]) -> list[provider_pb2.CheckFailure]:
    return [
        provider_pb2.CheckFailure(property=failure.path, reason=failure.reason)
        for failure in failures
    ]


def _difference(difference: Difference, *, detailed: bool) -> provider_pb2.DiffResponse:
    changes = difference.changes
    some = bool(changes or difference.properties or difference.replaces)
    return provider_pb2.DiffResponse(
        changes=provider_pb2.DiffResponse.DIFF_SOME
        if some
        else provider_pb2.DiffResponse.DIFF_NONE,
        diffs=difference.properties,
        replaces=difference.replaces,
        stables=difference.stables,
        deleteBeforeReplace=difference.delete_before_replace,
        hasDetailedDiff=detailed,
        detailedDiff={
            path: _change(change, of_input=path in difference.input_changes)
            for path, change in changes.items()
        },
    )


def _change(change: Change, *, of_input: bool) -> provider_pb2.PropertyDiff:
    return provider_pb2.PropertyDiff(kind=change.value, inputDiff=of_input)
