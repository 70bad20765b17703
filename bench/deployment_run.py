"""One program on a sandbox that runs already: up, preview without change, destroy.

A process of its own, so that its CPU time is that of the program alone: the engine and
the plugins are other processes, AWS and Kubernetes run in that of the caller. All
that the program imports is imported before the clock starts. Reads what to do as JSON
from standard input, prints what it took as JSON.
"""

import json
import os
import re
import resource
import sys
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
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
_WATCH_SECONDS: Final = 0.2


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
    if task.get("destroy", True):
        stack.destroy()
    resources = len(deployment["resources"])
    sys.stdout.write(json.dumps({**took, "peak": memory, "resources": resources}))


def _measured(run: Callable[[], object]) -> dict[str, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    with _engines_watched() as engines:
        run()
    return {
        "wall": time.perf_counter() - wall,
        "cpu": time.process_time() - cpu,
        "engine_cpu": sum(seconds for seconds, _ in engines.values()),
        "engine_peak": max((peak for _, peak in engines.values()), default=0.0),
    }


@contextmanager
def _engines_watched() -> Generator[dict[int, tuple[float, float]]]:
    """Watch the engines that this process starts; only where there is a `/proc`.

    Their plugins are processes of their own, so that neither counts.

    Yields:
        Process -> CPU seconds and largest resident set in MiB, as they grow.
    """
    engines: dict[int, tuple[float, float]] = {}
    done = threading.Event()

    def watch() -> None:
        while not done.wait(_WATCH_SECONDS):
            engines.update(_engines())

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    yield engines
    done.set()
    watcher.join()


def _engines() -> dict[int, tuple[float, float]]:
    found: dict[int, tuple[float, float]] = {}
    for task in Path("/proc/self/task").glob("*/children"):
        # A thread, or a process, may end while it is looked at.
        with suppress(OSError, ValueError):
            for process in task.read_text(encoding="utf-8").split():
                _, name, rest = re.split(
                    r"[()]", Path("/proc", process, "stat").read_text(encoding="utf-8")
                )
                user, system = rest.split()[11:13]
                seconds = (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")
                if name == "pulumi":
                    found[int(process)] = seconds, _peak_mebibytes(process)
    return found


def _peak_mebibytes(process: str = "self") -> float:
    status = Path("/proc", process, "status")
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
