"""Runs of a program on a sandbox, each measured in a process of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from sandbox.session import Sandbox

__all__ = ["SKIP", "Run", "run_apart"]

SKIP: Final = {"PULUMI_SKIP_CHECKPOINTS": "true"}
"""The state is written once, at the end."""

Run = Mapping[str, Any]
"""What `deployment_run.py` prints."""

_BENCH: Final = Path(__file__).resolve().parent


def run_apart(
    sandbox: Sandbox,
    project: Path,
    stack: str,
    *,
    skip: bool = True,
    destroy: bool = True,
) -> Run:
    """Bring a stack up, preview it without change, and measure both.

    Args:
        sandbox: Where it runs.
        project: Folder of Pulumi.yaml.
        stack: Name of the stack.
        skip: The state is written at the end, not at every step. Default: so.
        destroy: The stack is destroyed afterwards, unmeasured. Default: so.

    Raises:
        RuntimeError: It failed; the text is what it printed.
    """
    home = sandbox.engine_home()
    task = {
        "directory": str(home.directory),
        "environment": {**home.environment, **(SKIP if skip else {})},
        "project": str(project),
        "stack": stack,
        "destroy": destroy,
    }
    done = subprocess.run(  # noqa: S603 - a program of this folder
        [sys.executable, str(_BENCH / "deployment_run.py")],
        input=json.dumps(task),
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(_BENCH.parent)},
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    return json.loads(done.stdout)
