"""What a plugin may tell the engine besides its answers: lines on the screen."""

from enum import Enum
from functools import cached_property
from typing import Protocol

import grpc
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc

__all__ = ["EngineHost", "Host", "Severity"]


class Severity(Enum):
    """How loudly a line is shown."""

    INFO = engine_pb2.INFO
    WARNING = engine_pb2.WARNING
    ERROR = engine_pb2.ERROR


class Host(Protocol):
    """Whoever shows the lines."""

    def show(
        self, *, severity: Severity, urn: str, message: str, passing: bool = False
    ) -> None:
        """Show a line beside a resource.

        Args:
            severity: How loudly.
            urn: The resource's URN, or empty for the whole run.
            message: The line.
            passing: Whether it is only shown until the next one replaces it.
        """
        ...


class EngineHost:
    """The engine that started this plugin."""

    def __init__(self, *, address: str) -> None:
        """Remember where the engine listens; nothing is sent yet.

        Args:
            address: `<host>:<port>`.
        """
        self._address = address

    def show(
        self, *, severity: Severity, urn: str, message: str, passing: bool = False
    ) -> None:
        """Show a line beside a resource; see `Host`."""
        self._engine.Log(  # pyright: ignore[reportUnknownMemberType] (the stub of the generated code leaves it open)
            engine_pb2.LogRequest(
                severity=severity.value,
                message=message,
                urn=urn,
                ephemeral=passing,
            )
        )

    @cached_property
    def _engine(self) -> engine_pb2_grpc.EngineStub:
        return engine_pb2_grpc.EngineStub(grpc.insecure_channel(self._address))
