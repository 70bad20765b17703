"""Put the doubles where the engine looks for installed plugins.

An executable at `plugins/resource-<name>-v<version>/pulumi-resource-<name>` of the
engine's home counts as installed: no warning, no download. The user's own home and PATH
are left alone.

Source:
    pulumi/pulumi, sdk/go/common/workspace/plugins.go (`PluginInfo.Dir`, `.File`)
"""

import shlex
from pathlib import Path
from typing import Final

from sandbox.plugins.versions import AWS_VERSION, KUBERNETES_VERSION

__all__ = ["install_plugins"]

_ROOT: Final = Path(__file__).resolve().parents[2]
_VERSIONS: Final = {"aws": AWS_VERSION, "kubernetes": KUBERNETES_VERSION}
_ENTRY: Final = (
    "import sys; sys.path.insert(0, sys.argv.pop(1)); "
    "from sandbox.plugins.{name}.__main__ import main; main()"
)


def install_plugins(pulumi_home: Path, python: Path) -> tuple[Path, ...]:
    """Install both doubles into an engine's home; what was there is replaced.

    Args:
        pulumi_home: The `PULUMI_HOME` of the sandbox's engine; made when missing. Never
            the user's own.
        python: Interpreter that has pulumi, grpcio, boto3, urllib3 and PyYAML.

    Returns:
        The two executables.
    """
    return tuple(
        _install(name=name, version=version, pulumi_home=pulumi_home, python=python)
        for name, version in _VERSIONS.items()
    )


def _install(*, name: str, version: str, pulumi_home: Path, python: Path) -> Path:
    folder = pulumi_home / "plugins" / f"resource-{name}-v{version}"
    folder.mkdir(parents=True, exist_ok=True)
    # A plugin whose download was broken off has this mark; ours is whole.
    (folder.parent / f"{folder.name}.partial").unlink(missing_ok=True)
    executable = folder / f"pulumi-resource-{name}"
    executable.write_text(_shim(name=name, python=python), encoding="utf-8")
    executable.chmod(0o755)
    return executable


def _shim(*, name: str, python: Path) -> str:
    """Word the shim: it becomes Python, so that the engine ends the double itself.

    `-P` keeps the engine's working folder, the user's project, out of the imports.
    """
    command = [str(python), "-P", "-c", _ENTRY.format(name=name), str(_ROOT)]
    return f'#!/bin/sh\nexec {shlex.join(command)} "$@"\n'
