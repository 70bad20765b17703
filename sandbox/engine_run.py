"""One command of the engine at the terminal, and what is left of it when interrupted.

The engine has the terminal to itself: its colours, its progress, its errors. Ctrl-C
goes to it too, and it ends what it has begun and writes it down before it stops;
whoever waits for it here must not end before.
"""

import json
import os
import signal
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import IO

from sandbox.session import EngineHome

__all__ = ["EngineRun", "run_engine"]


@dataclass(frozen=True, kw_only=True, slots=True)
class EngineRun:
    """How a command ended.

    Attributes:
        status: Its exit status, as a shell counts it.
        interrupts: How often somebody wanted it to end before.
        unlocked: Whether it left its stack locked, and the lock was taken away.
    """

    status: int
    interrupts: int
    unlocked: bool

    @property
    def stopped_at_once(self) -> bool:
        """Whether it may not have ended, or written down, what it had begun."""
        return self.unlocked or self.interrupts > 1


def run_engine(
    home: EngineHome,
    *arguments: str,
    project: Path,
    output: IO[bytes] | None = None,
) -> EngineRun:
    """Run the engine until it has ended by itself, also when it is interrupted.

    Ctrl-C twice makes the engine stop at once, with its stack locked: the lock is taken
    away then, as `pulumi cancel` does it. SIGTERM counts as Ctrl-C.

    Args:
        home: Where it runs.
        arguments: Of the command.
        project: Working directory, a copied project.
        output: Where standard output goes. Default: where ours goes.
    """
    program = str(home.command_root / "bin" / "pulumi")
    environment = {**os.environ, **home.environment}
    interrupts: list[int] = []
    started: list[subprocess.Popen[bytes]] = []
    with _noted(interrupts, started):
        process = subprocess.Popen(  # noqa: S603 - the sandbox's own engine
            [program, *arguments], cwd=project, env=environment, stdout=output
        )
        started.append(process)
        if interrupts:
            process.send_signal(signal.SIGINT)
        status = process.wait()
    locks = _locks_of(home, process.pid) if interrupts else []
    for lock in locks:
        lock.unlink(missing_ok=True)
    return EngineRun(
        status=status if status >= 0 else 128 - status,
        interrupts=len(interrupts),
        unlocked=bool(locks),
    )


@contextmanager
def _noted(
    interrupts: list[int], started: list[subprocess.Popen[bytes]]
) -> Generator[None]:
    """Note SIGINT, which the terminal gives to both; pass SIGTERM on as that."""

    def note(number: int, _frame: FrameType | None) -> None:
        interrupts.append(number)
        if number == signal.SIGTERM and started:
            started[0].send_signal(signal.SIGINT)

    before = {
        number: signal.signal(number, note)
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _locks_of(home: EngineHome, engine: int) -> list[Path]:
    """Find the locks that an engine left; those of other runs stay.

    Source:
        pulumi/pulumi, pkg/backend/diy/lock.go (`lockContent`)
    """
    locks = (home.directory / "state" / ".pulumi" / "locks").rglob("*.json")
    return [lock for lock in locks if json.loads(lock.read_text())["pid"] == engine]
