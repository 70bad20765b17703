"""Run one program that ends when its owner ends, however the owner ends.

Started as a script of its own by `sandbox.owned_process`, one per program, with the
standard library alone. Its standard input is the lifeline: the owner holds the other
end of the pipe and never writes to it, so that reading its end means that the owner
closed it, or died, by whatever signal. The lifeline works the same on Linux and macOS
and does not mind which thread of the owner started the program; that is why it is the
first line, and Linux's parent-death signal, which follows the *thread*, only the
second one, for the case that the keeper itself is killed.
"""

import ctypes
import os
import select
import signal
import subprocess
import sys
from contextlib import suppress
from typing import Final

__all__ = ["keep"]

PR_SET_PDEATHSIG: Final = 1
"""Source: https://man7.org/linux/man-pages/man2/PR_SET_PDEATHSIG.2const.html"""

EXIT_STATUS_NOT_STARTED: Final = 127
"""A shell's status for a command that cannot be run.

Source: https://pubs.opengroup.org/onlinepubs/9699919799/utilities/V3_chap02.html
"""


def keep(*, command: list[str], grace_seconds: float) -> int:
    """Run *command* in a process group of its own until it or the lifeline ends.

    Args:
        command: Program and arguments; never empty.
        grace_seconds: How long the program has, once the lifeline ended and the whole
            group got SIGINT, before the group is killed; 0: it is killed at once.

    Returns:
        Exit status of the program, 128 plus the signal's number when one ended it,
        127 when it could not be started (the reason is on standard error).
    """
    wake = _wake_on_signals()
    keeper = os.getpid()
    try:
        child = subprocess.Popen(  # noqa: S603 (the owner chose the command)
            command,
            stdin=subprocess.DEVNULL,
            process_group=0,
            preexec_fn=lambda: _end_with(keeper),  # noqa: PLW1509 (one thread only)
        )
    except OSError as error:
        sys.stderr.write(f"{command[0]}: {error.strerror}\n")
        return EXIT_STATUS_NOT_STARTED
    while child.poll() is None:
        ready, _, _ = select.select([0, wake], [], [])
        if wake in ready and set(os.read(wake, 64)) == {signal.SIGCHLD}:
            continue
        if grace_seconds > 0:
            _signal_group(child.pid, signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                child.wait(grace_seconds)
        break
    _signal_group(child.pid, signal.SIGKILL)
    status = child.wait()
    return status if status >= 0 else 128 - status


def _wake_on_signals() -> int:
    """Turn the signals that matter into bytes on a pipe, and give its reading end."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    signal.set_wakeup_fd(writing)
    for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda _number, _frame: None)
    return reading


def _end_with(keeper: int) -> None:
    """Let the kernel kill this process when the keeper dies; Linux only."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != keeper:
        os.kill(os.getpid(), signal.SIGKILL)


def _signal_group(group: int, number: int) -> None:
    """Signal every process of the group that is still there."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


if __name__ == "__main__":
    sys.exit(keep(command=sys.argv[2:], grace_seconds=float(sys.argv[1])))
