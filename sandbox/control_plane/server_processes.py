"""The servers as processes: started with a log each, watched while they get ready."""

import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Final, Self

from sandbox.owned_process import OwnedProcess

__all__ = ["ControlPlaneError", "ServerProcesses"]

READY_TIMEOUT_SECONDS: Final = 120.0
"""Ready takes seconds; the bound is for machines that do much else."""

POLL_SECONDS: Final = 0.05
REPORT_EVERY_SECONDS: Final = 5.0
LOG_LINES_SHOWN: Final = 15


class ControlPlaneError(RuntimeError):
    """The control plane did not become ready, or answered what it should not."""


class ServerProcesses:
    """Processes that write `<name>.log` in one directory and end together."""

    def __init__(self, *, directory: Path) -> None:
        """Begin with none.

        Args:
            directory: Working directory of the servers, and the place of their logs.
        """
        self._directory = directory
        self._processes: dict[str, OwnedProcess] = {}
        self._open = ExitStack()

    def __enter__(self) -> Self:
        """Give the processes."""
        return self

    def __exit__(self, *_error: object) -> None:
        """End them, the last one first."""
        self._open.close()

    def start(self, name: str, command: list[str]) -> None:
        """Start one server in an empty environment."""
        with self._log(name).open("wb") as log:
            process = OwnedProcess(
                command=command, output=log, directory=self._directory, environment={}
            )
        self._processes[name] = self._open.enter_context(process)

    def check(self) -> None:
        """Make sure that every server is still running.

        Raises:
            ControlPlaneError: One has ended; the message holds the end of its log.
        """
        for name, process in self._processes.items():
            status = process.poll()
            if status is not None:
                message = (
                    f"{name} ended with status {status}.\n{self._end_of_log(name)}"
                )
                raise ControlPlaneError(message)

    def wait_for(
        self,
        what: str,
        obstacle: Callable[[], str | None],
        report: Callable[[str], None],
    ) -> None:
        """Wait until *obstacle* names none.

        Args:
            what: What is waited for, such as `etcd`.
            obstacle: Says what stands in the way; None: nothing.
            report: Gets a line every five seconds.

        Raises:
            ControlPlaneError: A server ended, or two minutes went by; the message holds
                the last obstacle and the end of the logs.
        """
        started = reported = time.monotonic()
        while (last := obstacle()) is not None:
            self.check()
            now = time.monotonic()
            if now - started > READY_TIMEOUT_SECONDS:
                raise ControlPlaneError(self._not_ready(what, last))
            if now - reported > REPORT_EVERY_SECONDS:
                reported = now
                report(f"waiting for {what} ({now - started:.0f} s)")
            time.sleep(POLL_SECONDS)

    def _not_ready(self, what: str, last: str) -> str:
        """Word that it took too long."""
        return "\n".join(
            [
                f"{what} not ready in {READY_TIMEOUT_SECONDS:.0f} seconds; {last}",
                *(self._end_of_log(name) for name in self._processes),
            ]
        )

    def _log(self, name: str) -> Path:
        return self._directory / f"{name}.log"

    def _end_of_log(self, name: str) -> str:
        """Give the last lines that a server wrote, headed by where they are."""
        log = self._log(name)
        lines = log.read_text(errors="replace").splitlines()[-LOG_LINES_SHOWN:]
        return "\n".join([f"The end of {log}:", *(f"  {line}" for line in lines)])
