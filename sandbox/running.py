"""How other commands find the sandbox that `make sandbox` left running.

One a checkout: two clones have a sandbox each and do not meet.
"""

import hashlib
import json
import os
import shlex
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from sandbox.binaries import cache_directory
from sandbox.session import EngineHome

__all__ = ["NotRunningError", "advertised", "attach", "exports"]


class NotRunningError(RuntimeError):
    """No sandbox of this checkout is running."""


@contextmanager
def advertised(home: EngineHome, *, checkout: Path) -> Generator[None]:
    """Let `attach` find a sandbox for as long as it runs.

    Args:
        home: What an engine needs to run against it.
        checkout: Root of the repository it belongs to.

    Raises:
        FileExistsError: This checkout has one running already.
    """
    path = _path(checkout)
    path.parent.mkdir(parents=True, exist_ok=True)
    if _read(path) is not None:
        msg = "a sandbox of this checkout is running already; end that one first"
        raise FileExistsError(msg)
    path.touch(mode=0o600)
    path.write_text(
        json.dumps(
            {
                "process": os.getpid(),
                "directory": str(home.directory),
                "environment": dict(home.environment),
            }
        ),
        encoding="utf-8",
    )
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def attach(*, checkout: Path) -> EngineHome:
    """Find the running sandbox of a checkout.

    Args:
        checkout: Root of the repository.

    Raises:
        NotRunningError: There is none.
    """
    home = _read(_path(checkout))
    if home is None:
        msg = "no sandbox is running; start one with 'make sandbox' in another terminal"
        raise NotRunningError(msg)
    return home


def exports(home: EngineHome) -> list[str]:
    """Give the lines that lead a shell into a running sandbox.

    With them `pulumi`, `kubectl`, the AWS CLI and `eks-irsa` work on it as they would
    on a real one; `aws eks get-token` is the sandbox's.

    Args:
        home: Of the sandbox.

    Returns:
        `export NAME=value`, quoted for a shell, sorted by name.
    """
    programs = (
        home.directory / "bin",
        home.command_root / "bin",
        Path(sys.executable).parent,
    )
    settings = {
        **home.environment,
        "KUBECONFIG": str(home.directory / "kubernetes" / "kubeconfig"),
    }
    del settings["PATH"]
    return [
        *(f"export {name}={shlex.quote(settings[name])}" for name in sorted(settings)),
        f'export PATH={":".join(shlex.quote(str(one)) for one in programs)}:"$PATH"',
    ]


def _path(checkout: Path) -> Path:
    name = hashlib.sha256(str(checkout.resolve()).encode()).hexdigest()[:16]
    return cache_directory() / "running" / f"{name}.json"


def _read(path: Path) -> EngineHome | None:
    try:
        running = json.loads(path.read_text(encoding="utf-8"))
        os.kill(running["process"], 0)
    except (FileNotFoundError, ProcessLookupError):
        return None  # none was started, or it was killed and could not say so
    return EngineHome(
        directory=Path(running["directory"]), environment=running["environment"]
    )
