"""The parts of the provider protocol that neither double has, refused by name."""

from typing import NoReturn

import grpc
from pulumi.runtime.proto import plugin_pb2, provider_pb2
from pulumi.runtime.proto.provider_pb2_grpc import ResourceProviderServicer
from typing_extensions import override

from sandbox.plugins.refusal import NotCovered

__all__ = ["UncoveredServicer"]


class UncoveredServicer(ResourceProviderServicer):
    """Refuses what a sandbox does not need; the engine falls back where it can."""

    def __init__(self, *, plugin_name: str) -> None:
        """Refuse in the name of *plugin_name*."""
        self._plugin_name = plugin_name

    @override
    def Handshake(
        self,
        request: provider_pb2.ProviderHandshakeRequest,
        context: grpc.ServicerContext,
    ) -> NoReturn:
        """Refuse, so that the engine falls back on what `Configure` answers."""
        del request
        self._refuse("Handshake", context)

    @override
    def GetSchema(
        self, request: provider_pb2.GetSchemaRequest, context: grpc.ServicerContext
    ) -> NoReturn:
        """Refuse: the schemas of the real plugins have tens of megabytes."""
        del request
        self._refuse("GetSchema", context)

    @override
    def Parameterize(
        self, request: provider_pb2.ParameterizeRequest, context: grpc.ServicerContext
    ) -> NoReturn:
        """Refuse."""
        del request
        self._refuse("Parameterize", context)

    @override
    def Construct(
        self, request: provider_pb2.ConstructRequest, context: grpc.ServicerContext
    ) -> NoReturn:
        """Refuse."""
        del request
        self._refuse("Construct", context)

    @override
    def Call(
        self, request: provider_pb2.CallRequest, context: grpc.ServicerContext
    ) -> NoReturn:
        """Refuse."""
        del request
        self._refuse("Call", context)

    @override
    def Attach(
        self, request: plugin_pb2.PluginAttach, context: grpc.ServicerContext
    ) -> NoReturn:
        """Refuse."""
        del request
        self._refuse("Attach", context)

    @override
    def List(
        self, request: provider_pb2.ListRequest, context: grpc.ServicerContext
    ) -> NoReturn:
        """Refuse."""
        del request
        self._refuse("List", context)

    @override
    def GetMapping(
        self, request: provider_pb2.GetMappingRequest, context: grpc.ServicerContext
    ) -> NoReturn:
        """Refuse."""
        del request
        self._refuse("GetMapping", context)

    @override
    def GetMappings(
        self, request: provider_pb2.GetMappingsRequest, context: grpc.ServicerContext
    ) -> NoReturn:
        """Refuse."""
        del request
        self._refuse("GetMappings", context)

    def _refuse(self, what: str, context: grpc.ServicerContext) -> NoReturn:
        refusal = NotCovered(plugin=self._plugin_name, what=what)
        context.abort(grpc.StatusCode.UNIMPLEMENTED, str(refusal))
