"""The engine's command as a fleet runs it: one that can be interrupted.

The Automation API keeps the process to itself, and leaves it in the process group of
the terminal, whose Ctrl-C would reach it beside ours: two make the engine stop at once,
and leave the stack locked.
"""

import os
import signal
import subprocess
from collections.abc import Mapping
from contextlib import ExitStack
from copy import copy
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Final, Self

import pulumi.automation as auto
from pulumi.automation.errors import create_command_error

from eks_irsa.fleet.model import Stops

__all__ = ["Engine", "StoppedError"]

_LONG: Final = frozenset({"preview", "up"})
_PAUSE_SECONDS: Final = 0.25


class StoppedError(Exception):
    """Nothing is begun any more, because somebody interrupts the fleet."""


class Engine(auto.PulumiCommand):
    """The `pulumi` on PATH.

    Attributes:
        stops: How often somebody wanted an end.
        log: Where the engine of a stack prints to; None for one that has no stack.
        said: What the last command printed as its messages.
        printed: What it printed as its answer; JSON where that was asked for.
    """

    def __init__(self, stops: Stops) -> None:
        """Find the engine.

        Args:
            stops: Counted by whoever hears the user.

        Raises:
            FileNotFoundError: There is no `pulumi` on PATH.
            pulumi.automation.InvalidVersionError: It is too old.
        """
        super().__init__()
        self.stops = stops
        self.log: Path | None = None
        self.said = self.printed = ""

    def logging_to(self, log: Path) -> Self:
        """Return the same engine for one stack."""
        own = copy(self)
        own.log = log
        return own

    def run(
        self,
        args: list[str],
        cwd: str,
        additional_env: Mapping[str, str],
        on_output: auto.OnOutput | None = None,
        on_error: auto.OnOutput | None = None,
    ) -> auto.CommandResult:
        """Run a command to its end.

        Raises:
            StoppedError: Somebody wants the fleet to end; it is not begun.
            pulumi.automation.CommandError: It failed.
        """
        del on_output, on_error
        is_long = args[0] in _LONG
        if is_long and self.stops.count:
            raise StoppedError
        # The Automation API has no such flag, and a report counts what stays.
        more = ["--show-sames"] if is_long and "--json" in args else []
        with ExitStack() as files:
            said = files.enter_context(self._messages(is_long=is_long))
            apart = not is_long or "--json" in args
            out = files.enter_context(TemporaryFile()) if apart else said
            begin = said.tell()
            # A session of its own: the terminal's Ctrl-C is not for it, and nothing
            # asks a person that is shown to nobody.
            process = subprocess.Popen(  # noqa: S603 - the engine of the user, no shell
                [self.command, "--non-interactive", *args, *more],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=said,
                cwd=cwd,
                env={**os.environ, **additional_env, "PULUMI_AUTOMATION_API": "true"},
                start_new_session=True,
            )
            code = self._end_of(process, spared=0 if is_long else 1)
            self.said = _text(said, begin)
            self.printed = _text(out, 0) if apart else self.said
        result = auto.CommandResult(stdout=self.printed, stderr=self.said, code=code)
        if code:
            raise create_command_error(result)
        return result

    def _messages(self, *, is_long: bool) -> IO[bytes]:
        return self.log.open("a+b") if is_long and self.log else TemporaryFile()

    def _end_of(self, process: "subprocess.Popen[bytes]", *, spared: int) -> int:
        """Wait, and pass on each wish to end but the first *spared* ones."""
        sent = 0
        while True:
            try:
                return process.wait(_PAUSE_SECONDS)
            except subprocess.TimeoutExpired:
                # One at a time: two that are pending together are one.
                if sent < self.stops.count - spared:
                    process.send_signal(signal.SIGINT)
                    sent += 1


def _text(file: IO[bytes], begin: int) -> str:
    file.seek(begin)
    return file.read().decode(errors="backslashreplace")
