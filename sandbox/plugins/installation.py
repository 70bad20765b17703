"""Put the doubles, or the real plugins, where the engine looks for installed ones.

An executable at `plugins/resource-<name>-v<version>/pulumi-resource-<name>` of the
engine's home counts as installed: no warning, no download. The user's own home and PATH
are left alone.

Source:
    pulumi/pulumi, sdk/go/common/workspace/plugins.go (`PluginInfo.Dir`, `.File`)
"""

import shlex
import shutil
from pathlib import Path
from typing import Final

from sandbox.plugins.versions import AWS_VERSION, KUBERNETES_VERSION

__all__ = [
    "MissingPluginsError",
    "install_language_host",
    "install_plugins",
    "link_real_plugins",
]

_ROOT: Final = Path(__file__).resolve().parents[2]
_VERSIONS: Final = {"aws": AWS_VERSION, "kubernetes": KUBERNETES_VERSION}
_HOST_VERSION: Final = "3.0.0"
"""Any will do: the engine asks for none."""
_ENTRY: Final = (
    "import sys; sys.path.insert(0, sys.argv.pop(1)); from {module} import main; main()"
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
        _install(name=name, pulumi_home=pulumi_home, python=python)
        for name in _VERSIONS
    )


def install_language_host(pulumi_home: Path, python: Path) -> Path:
    """Install the language host of Python into an engine's home.

    One that stands beside the engine's program or on PATH goes before it.

    Args:
        pulumi_home: The `PULUMI_HOME` of the sandbox's engine; made when missing.
        python: Interpreter that has pulumi and what programs need.

    Returns:
        The executable.
    """
    folder = pulumi_home / "plugins" / f"language-python-v{_HOST_VERSION}"
    folder.mkdir(parents=True, exist_ok=True)
    executable = folder / "pulumi-language-python"
    return _write_shim(executable, module="sandbox.python_host", python=python)


class MissingPluginsError(RuntimeError):
    """The real plugins are asked for and not there; the text names each."""


def link_real_plugins(
    pulumi_home: Path, *, user_home: Path, search_path: str
) -> tuple[Path, ...]:
    """Let an engine use the real plugins that the user has; nothing is downloaded.

    Args:
        pulumi_home: The `PULUMI_HOME` of the sandbox's engine; made when missing. Never
            the user's own.
        user_home: The user's `PULUMI_HOME`, whose `plugins` holds what is installed.
        search_path: Folders to look through next, as in PATH.

    Returns:
        The two executables.

    Raises:
        MissingPluginsError: One is in neither place.
    """
    found: dict[str, Path] = {}
    missing: list[str] = []
    for name, version in _VERSIONS.items():
        program = f"pulumi-resource-{name}"
        installed = user_home / "plugins" / f"resource-{name}-v{version}" / program
        on_path = shutil.which(program, path=search_path)
        if installed.is_file():
            found[name] = installed
        elif on_path:
            found[name] = Path(on_path)
        else:
            missing.append(
                f"{program} {version} is neither in {installed.parent} nor on PATH; "
                f"pulumi plugin install resource {name} {version}"
            )
    if missing:
        raise MissingPluginsError("\n".join(missing))
    return tuple(
        _link(executable, name=name, pulumi_home=pulumi_home)
        for name, executable in found.items()
    )


def _link(executable: Path, *, name: str, pulumi_home: Path) -> Path:
    folder = _folder(pulumi_home, name=name)
    link = folder / executable.name
    link.unlink(missing_ok=True)
    link.symlink_to(executable.resolve())
    return link


def _folder(pulumi_home: Path, *, name: str) -> Path:
    folder = pulumi_home / "plugins" / f"resource-{name}-v{_VERSIONS[name]}"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _install(*, name: str, pulumi_home: Path, python: Path) -> Path:
    folder = _folder(pulumi_home, name=name)
    # A plugin whose download was broken off has this mark; ours is whole.
    (folder.parent / f"{folder.name}.partial").unlink(missing_ok=True)
    executable = folder / f"pulumi-resource-{name}"
    module = f"sandbox.plugins.{name}.__main__"
    return _write_shim(executable, module=module, python=python)


def _write_shim(executable: Path, *, module: str, python: Path) -> Path:
    """Write a shim: it becomes Python, so that the engine ends the double itself.

    `-P` keeps the engine's working folder, the user's project, out of the imports.
    """
    command = [str(python), "-P", "-c", _ENTRY.format(module=module), str(_ROOT)]
    executable.write_text(
        f'#!/bin/sh\nexec {shlex.join(command)} "$@"\n', encoding="utf-8"
    )
    executable.chmod(0o755)
    return executable
