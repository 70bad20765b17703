"""Processes of the sandbox end with their owner, however the owner ends.

A pipe that a process inherited reads its end only when the process is gone, and so do
all it started: that is how these tests wait, without a clock.
"""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from sandbox.owned_process import OwnedProcess

ROOT: Final = Path(__file__).parents[2]

OWNER: Final = """
import sys
from sandbox.owned_process import OwnedProcess
process = OwnedProcess(
    command=["sh", "-c", "echo $PPID; sleep 1000 & wait"], output=sys.stdout.buffer
)
process.wait()
"""
"""A process that owns a shell that owns a sleep; the first line is the keeper's id."""


def test_owned_process_gives_output_and_exit_status() -> None:
    """What the program writes and how it ends are seen as if it were a plain child."""
    with OwnedProcess(
        command=["sh", "-c", "echo out; echo err >&2; exit 3"], output=subprocess.PIPE
    ) as process:
        output = process.output.read()
        status = process.wait()

    assert (output, status) == (b"out\nerr\n", 3)


def test_owned_process_says_what_could_not_be_started(tmp_path: Path) -> None:
    """A program that is not there is an exit status of 127 with the reason."""
    program = tmp_path / "absent"

    with OwnedProcess(command=[program], output=subprocess.PIPE) as process:
        output = process.output.read().decode()
        status = process.wait()

    assert (output, status) == (f"{program}: No such file or directory\n", 127)


def test_stop_ends_the_program_and_what_it_started() -> None:
    """After stop nothing of the program's process group is left."""
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as output:
        process = OwnedProcess(
            command=["sh", "-c", "trap '' INT TERM; sleep 1000 & echo started; wait"],
            output=writing,
        )
        os.close(writing)
        output.readline()

        process.stop()

        assert output.read() == b""
    assert process.poll() == 128 + signal.SIGKILL


def test_a_program_with_grace_is_interrupted_first() -> None:
    """With time to put things in order, a program gets SIGINT before anything else."""
    process = OwnedProcess(
        command=["sh", "-c", "trap 'exit 7' INT; echo ready; sleep 1000 & wait"],
        output=subprocess.PIPE,
        grace_seconds=30,
    )
    process.output.readline()

    process.stop()

    assert process.poll() == 7


def test_owned_process_is_in_a_session_of_its_own() -> None:
    """Ctrl-C goes to the terminal's process group, which the program is not in."""
    with OwnedProcess(
        command=["sh", "-c", "echo $$; sleep 1000"], output=subprocess.PIPE
    ) as process:
        started = int(process.output.readline())

        session = os.getsid(started)

    assert session != os.getsid(0)


def test_nothing_is_left_when_the_owner_is_killed() -> None:
    """SIGKILL gives the owner no time to act; its processes end all the same."""
    with subprocess.Popen(  # noqa: S603 (our own script)
        [sys.executable, "-c", OWNER], cwd=ROOT, stdout=subprocess.PIPE
    ) as owner:
        assert owner.stdout is not None
        owner.stdout.readline()

        owner.kill()

        assert owner.stdout.read() == b""


@pytest.mark.skipif(sys.platform != "linux", reason="needs PR_SET_PDEATHSIG")
def test_the_program_ends_when_its_keeper_is_killed() -> None:
    """The keeper is no weak point: the kernel ends the program with it."""
    process = OwnedProcess(
        command=["sh", "-c", "echo $PPID; exec sleep 1000"], output=subprocess.PIPE
    )
    keeper = int(process.output.readline())

    os.kill(keeper, signal.SIGKILL)
    rest = process.output.read()
    process.stop()

    assert (rest, process.poll()) == (b"", -signal.SIGKILL)
