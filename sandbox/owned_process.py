"""A program that belongs to this process: it ends when we stop it or when we end.

Ctrl-C in the terminal does not reach it, because it runs in a session of its own: the
owner decides, and `OwnedProcess.stop` acts.
"""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Final, Self

__all__ = ["OwnedProcess"]

KEEPER: Final = Path(__file__).with_name("keeper.py")

MARGIN_SECONDS: Final = 10.0
"""How long the keeper itself may take over its work before it is killed."""


class OwnedProcess:
    """One running program and its keeper (`sandbox.keeper`)."""

    def __init__(
        self,
        *,
        command: Sequence[str | Path],
        output: int | IO[bytes],
        directory: Path | None = None,
        environment: Mapping[str, str] | None = None,
        grace_seconds: float = 0.0,
    ) -> None:
        """Start *command*.

        Args:
            command: Program (a path, or a name on PATH) and its arguments.
            output: Where standard output and standard error go, together: an open
                file, or `subprocess.PIPE` to read them from `output`.
            directory: Working directory. Default: ours.
            environment: The whole environment. Default: ours.
            grace_seconds: How long the program and all it started have to put things
                in order, after SIGINT, before they are killed. Default: 0, killed at
                once.
        """
        self._grace_seconds = grace_seconds
        self._keeper = subprocess.Popen(  # noqa: S603 (our own script)
            [
                # -I -S: the keeper needs neither site-packages nor our environment,
                # and starts in a third of the time.
                *(sys.executable, "-I", "-S", str(KEEPER)),
                str(grace_seconds),
                *(str(part) for part in command),
            ],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=directory,
            env=None if environment is None else dict(environment),
            start_new_session=True,
        )

    def __enter__(self) -> Self:
        """Give the running process."""
        return self

    def __exit__(self, *_error: object) -> None:
        """Stop the process."""
        self.stop()

    @property
    def output(self) -> IO[bytes]:
        """What the program writes, when it was started with `subprocess.PIPE`.

        Raises:
            ValueError: The process was started with a file.
        """
        if self._keeper.stdout is None:
            message = "the output of this process goes to a file"
            raise ValueError(message)
        return self._keeper.stdout

    def poll(self) -> int | None:
        """Give the exit status, None while the program runs.

        A status of 128 and above means that a signal ended it; 127, that it could not
        be started.
        """
        return self._keeper.poll()

    def wait(self) -> int:
        """Wait for the program to end by itself and give its exit status."""
        return self._keeper.wait()

    def stop(self) -> None:
        """End the program and all that it started, and wait until they are gone.

        Stopping twice, or what has ended by itself, does nothing.
        """
        if self._keeper.stdin is not None:
            self._keeper.stdin.close()
        try:
            self._keeper.wait(self._grace_seconds + MARGIN_SECONDS)
        except subprocess.TimeoutExpired:
            self._keeper.kill()
            self._keeper.wait()
        if self._keeper.stdout is not None:
            self._keeper.stdout.close()
