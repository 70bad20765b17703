"""One program on a sandbox that runs already: up, preview without change, destroy.

A process of its own, so that its CPU time is that of the program alone: the engine and
the plugins are other processes, AWS and Kubernetes run in that of `deployments.py`. All
that the program imports is imported before the clock starts. Reads what to do as JSON
from standard input, prints what it took as JSON.
"""

import json
import resource
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from sandbox.engine import open_stack
from sandbox.session import EngineHome

_IMPORTED: Final = (
    "eks_irsa.stack",
    "pulumi_aws.iam",
    "pulumi_aws.eks",
    "pulumi_kubernetes.core.v1",
)
_HIGH_WATER: Final = "VmHWM:"


def main() -> None:
    """Run and measure."""
    task: dict[str, Any] = json.load(sys.stdin)
    home = EngineHome(
        directory=Path(task["directory"]), environment=task["environment"]
    )
    stack = open_stack(home, project=Path(task["project"]), stack=task["stack"])
    for module in _IMPORTED:
        for name in dir(import_module(module)):
            getattr(import_module(module), name)
    took = {
        "up": _measured(stack.up),
        "preview": _measured(lambda: stack.preview(expect_no_changes=True)),
    }
    deployment = stack.export_stack().deployment or {}
    memory = _peak_mebibytes()
    stack.destroy()
    resources = len(deployment["resources"])
    sys.stdout.write(json.dumps({**took, "peak": memory, "resources": resources}))


def _measured(run: Callable[[], object]) -> dict[str, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    run()
    return {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}


def _peak_mebibytes() -> float:
    status = Path("/proc/self/status")
    if status.exists():
        # Not `ru_maxrss`, which begins with the peak of whoever started the process.
        (line,) = [
            one
            for one in status.read_text(encoding="utf-8").splitlines()
            if one.startswith(_HIGH_WATER)
        ]
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2


if __name__ == "__main__":
    main()
