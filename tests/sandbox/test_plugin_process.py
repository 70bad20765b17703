"""The plugins as processes: what the engine finds, and how they end."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from sandbox.plugins import install_plugins


def test_installed_plugins_are_where_the_engine_looks(tmp_path: Path) -> None:
    """An executable of that name and version counts as an installed plugin."""
    installed = install_plugins(tmp_path, Path(sys.executable))

    assert [str(path.relative_to(tmp_path)) for path in installed] == [
        "plugins/resource-aws-v7.51.1/pulumi-resource-aws",
        "plugins/resource-kubernetes-v4.34.2/pulumi-resource-kubernetes",
    ]
    assert all(path.stat().st_mode & 0o777 == 0o755 for path in installed)


def test_plugins_serve_until_their_engine_is_gone(tmp_path: Path) -> None:
    """They say their port first, answer, and end when their standard input does."""
    plugins = [
        subprocess.Popen(  # noqa: S603 - the plugins under test
            [executable, "-v=9", "127.0.0.1:1"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=tmp_path,
        )
        for executable in install_plugins(tmp_path, Path(sys.executable))
    ]

    told = [_version_and_refusal(_line(plugin)) for plugin in plugins]
    for plugin in plugins:
        plugin.communicate(timeout=10)

    refusal = (
        "GetSchema is not covered by the sandbox's test double of pulumi-resource-"
    )
    assert told == [("7.51.1", f"{refusal}aws"), ("4.34.2", f"{refusal}kubernetes")]
    assert [plugin.returncode for plugin in plugins] == [0, 0]


def _line(process: subprocess.Popen[bytes]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().decode()


def _version_and_refusal(port: str) -> tuple[str, str]:
    with grpc.insecure_channel(f"127.0.0.1:{int(port)}") as channel:
        # The generated stubs leave the types of their calls open.
        plugin: Any = provider_pb2_grpc.ResourceProviderStub(channel)
        version = str(plugin.GetPluginInfo(Empty()).version)
        with pytest.raises(grpc.RpcError) as refused:
            plugin.GetSchema(provider_pb2.GetSchemaRequest())
    refusal: Any = refused.value
    return version, str(refusal.details())
