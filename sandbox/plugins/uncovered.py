"""The parts of the provider protocol that neither double has, refused by name."""

from collections.abc import Callable
from typing import Any, Final, NoReturn

import grpc
from pulumi.runtime.proto.provider_pb2_grpc import ResourceProviderServicer

from sandbox.plugins.refusal import NotCovered

__all__ = ["UncoveredServicer"]

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


class UncoveredServicer(ResourceProviderServicer):
    """Refuses what a sandbox does not need; the engine falls back where it can."""

    def __init__(self, *, plugin_name: str) -> None:
        """Refuse in the name of *plugin_name*."""
        for method in _UNCOVERED:
            setattr(self, method, _refusing(plugin_name, method))


def _refusing(
    plugin_name: str, method: str
) -> Callable[[Any, grpc.ServicerContext], NoReturn]:
    def refuse(request: object, context: grpc.ServicerContext) -> NoReturn:
        del request
        refusal = NotCovered(plugin=plugin_name, what=method)
        context.abort(grpc.StatusCode.UNIMPLEMENTED, str(refusal))

    return refuse
