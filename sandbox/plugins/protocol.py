"""Serve a plugin to the engine that started this process, and never outlive it.

Source:
    pulumi/pulumi, sdk/go/common/resource/plugin/plugin.go: the first argument is the
    engine's address, the first line on standard output the port.
"""

import os
import select
import signal
import stat
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import FrameType
from typing import Final

import grpc
from pulumi.runtime.proto.provider_pb2_grpc import (
    add_ResourceProviderServicer_to_server,
)

from sandbox.plugins.host import EngineHost, Host
from sandbox.plugins.plugin import Plugin
from sandbox.plugins.servicer import PluginServicer

__all__ = ["serve", "serve_plugin"]

# Source: pulumi/pulumi, sdk/go/common/util/rpcutil/serve.go (`maxRPCMessageSize`)
_LARGEST_MESSAGE_BYTES: Final = 400 * 1024 * 1024
_REQUESTS_AT_A_TIME: Final = 64
_SECONDS_BETWEEN_LOOKS: Final = 1.0
_GRACE_SECONDS: Final = 2.0


def serve_plugin(make_plugin: Callable[[Host], Plugin]) -> None:
    """Serve a provider plugin; see `serve`.

    Args:
        make_plugin: Makes the plugin, given the engine that shows its lines.
    """

    def add(server: grpc.Server, engine_address: str) -> None:
        plugin = make_plugin(EngineHost(address=engine_address))
        add_ResourceProviderServicer_to_server(PluginServicer(plugin), server)

    serve(add)


def serve(add_servicer: Callable[[grpc.Server, str], None]) -> None:
    """Serve until the engine ends this process, or is itself gone.

    Args:
        add_servicer: Adds what is served, given the engine's address.
    """
    ended = threading.Event()
    _end_on_signals(ended)
    threading.Thread(target=_end_with_engine, args=(ended,), daemon=True).start()
    server = _started_server(add_servicer)
    ended.wait()
    server.stop(_GRACE_SECONDS)
    # Requests that still wait for something must not keep the process.
    os._exit(0)


def _engine_address() -> str:
    """Find the engine's address among the arguments; flags come before or after it."""
    addresses = [one for one in sys.argv[1:] if not one.startswith("-") and ":" in one]
    if not addresses:
        sys.exit("fatal: could not connect to host RPC; missing argument")
    return addresses[0]


def _started_server(
    add_servicer: Callable[[grpc.Server, str], None],
) -> grpc.Server:
    server = grpc.server(
        ThreadPoolExecutor(max_workers=_REQUESTS_AT_A_TIME),
        options=[
            ("grpc.max_receive_message_length", _LARGEST_MESSAGE_BYTES),
            ("grpc.max_send_message_length", _LARGEST_MESSAGE_BYTES),
        ],
    )
    add_servicer(server, _engine_address())
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    return server


def _end_on_signals(ended: threading.Event) -> None:
    def end(number: int, frame: FrameType | None) -> None:
        del number, frame
        ended.set()

    signal.signal(signal.SIGINT, end)
    signal.signal(signal.SIGTERM, end)


def _end_with_engine(ended: threading.Event) -> None:
    """End when the engine is gone: its end of standard input closed, or orphaned.

    Standard input is only listened to where it is the pipe the engine makes; started
    by hand it may be anything.
    """
    engine = os.getppid()
    piped = stat.S_ISFIFO(os.fstat(0).st_mode)
    while os.getppid() == engine:
        if not piped:
            if ended.wait(_SECONDS_BETWEEN_LOOKS):
                return
            continue
        ready, _, _ = select.select([0], [], [], _SECONDS_BETWEEN_LOOKS)
        if ready and not os.read(0, 1024):
            break
    ended.set()
