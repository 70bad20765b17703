"""Kill an engine at one precise call: it is carried out, and its answer never heard."""

import os
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from sandbox.interception import Failure, Request

__all__ = ["Killer", "kill_engine"]

_ENGINE: Final = "pulumi"
_PROCESSES: Final = Path("/proc")
# Nobody is left to read it.
_UNHEARD: Final = Failure(
    status=503, code="ServiceUnavailable", message="the engine was killed"
)


class Killer:
    """An interceptor that kills the engine once at each call that changes something.

    Attributes:
        killed: The call of each kill, in order.
    """

    def __init__(
        self, *, at: Callable[[Request], bool] = lambda request: request.changes
    ) -> None:
        """Begin disarmed: every call goes through.

        Args:
            at: Which calls. Default: every one that changes something.
        """
        self.killed: list[Request] = []
        self._at = at
        self._armed = False
        self._lock = threading.Lock()

    def arm(self) -> None:
        """Kill the engine at the next call that it was not killed at before."""
        with self._lock:
            self._armed = True

    def disarm(self) -> None:
        """Let every call through from now on."""
        with self._lock:
            self._armed = False

    def before(self, request: Request) -> Failure | None:
        """Let every request be carried out."""
        del request

    def after(self, request: Request) -> Failure | None:
        """Kill the engine if it is armed and this call is a new one."""
        with self._lock:
            if not self._armed or not self._at(request) or request in self.killed:
                return None
            self._armed = False
            self.killed.append(request)
            kill_engine()
            return _UNHEARD


def kill_engine() -> None:
    """Kill every engine this process started, and the plugins of each, with SIGKILL.

    The plugins go too, as they do when a machine or a container ends: what they had
    under way is carried out or not, and nobody reports it.

    Raises:
        RuntimeError: No engine is running, or this machine has no `/proc`.
    """
    engines = [
        child
        for child in _children(os.getpid())
        if (_PROCESSES / str(child) / "comm").read_text().strip() == _ENGINE
    ]
    if not engines:
        message = "there is no engine to kill (one is found under Linux's /proc only)"
        raise RuntimeError(message)
    for engine in engines:
        plugins = _children(engine)
        for process in (engine, *plugins):
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)


def _children(process: int) -> list[int]:
    """List the processes a process started, whichever of its threads did.

    Source: https://man7.org/linux/man-pages/man5/proc_tid_children.5.html
    """
    found: list[int] = []
    for path in (_PROCESSES / str(process) / "task").glob("*/children"):
        with suppress(OSError):  # the thread has ended meanwhile
            found += [int(child) for child in path.read_text().split()]
    return found
