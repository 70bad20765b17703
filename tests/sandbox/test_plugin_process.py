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
from sandbox.plugins.installation import (
    MissingPluginsError,
    link_real_plugins,
    real_plugins_in,
)


def test_installed_plugins_are_where_the_engine_looks(tmp_path: Path) -> None:
    """An executable of that name and version counts as an installed plugin."""
    installed = install_plugins(tmp_path, Path(sys.executable))

    assert [str(path.relative_to(tmp_path)) for path in installed] == [
        "plugins/resource-aws-v7.51.1/pulumi-resource-aws",
        "plugins/resource-kubernetes-v4.34.2/pulumi-resource-kubernetes",
    ]
    assert all(path.stat().st_mode & 0o777 == 0o755 for path in installed)


def _executable(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o755)
    return path


def test_real_plugins_come_from_the_users_home_or_from_path(tmp_path: Path) -> None:
    """What is installed in the version the SDK wants goes before what is on PATH."""
    home, on_path, used = (tmp_path / name for name in ("home", "bin", "used"))
    installed = _executable(home / "plugins/resource-aws-v7.51.1/pulumi-resource-aws")
    other = _executable(on_path / "pulumi-resource-kubernetes")
    _executable(on_path / "pulumi-resource-aws")

    linked = link_real_plugins(
        used, names=("aws", "kubernetes"), user_home=home, search_path=str(on_path)
    )

    assert [path.resolve() for path in linked] == [installed, other]
    assert [str(path.relative_to(used)) for path in linked] == [
        "plugins/resource-aws-v7.51.1/pulumi-resource-aws",
        "plugins/resource-kubernetes-v4.34.2/pulumi-resource-kubernetes",
    ]


def test_real_plugins_that_are_missing_are_named(tmp_path: Path) -> None:
    """Each with where it was looked for, and how to get it."""
    with pytest.raises(MissingPluginsError) as missing:
        link_real_plugins(
            tmp_path / "used",
            names=("aws", "kubernetes"),
            user_home=tmp_path,
            search_path="",
        )

    assert str(missing.value).splitlines() == [
        f"pulumi-resource-{name} {version} is neither in "
        f"{tmp_path}/plugins/resource-{name}-v{version} nor on PATH; "
        f"pulumi plugin install resource {name} {version}"
        for name, version in (("aws", "7.51.1"), ("kubernetes", "4.34.2"))
    ]
    assert not (tmp_path / "used").exists()


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


@pytest.mark.parametrize(
    ("choice", "real"),
    [
        ("double", set[str]()),
        ("real", {"aws", "kubernetes"}),
        ("aws=real", {"aws"}),
        ("aws=double,kubernetes=real", {"kubernetes"}),
    ],
)
def test_each_plugin_is_chosen_by_itself(choice: str, real: set[str]) -> None:
    """A plugin that is not named is a double."""
    assert real_plugins_in(choice) == real


@pytest.mark.parametrize("choice", ["", "unreal", "gcp=real", "aws"])
def test_other_choice_of_plugins_is_refused(choice: str) -> None:
    """The sentence lists what may be chosen."""
    with pytest.raises(ValueError, match="is no choice of plugins; double, real, "):
        real_plugins_in(choice)
