"""A command of the engine that is interrupted; the engine is a shell script here."""

import json
import os
import signal
import threading
from pathlib import Path

import pytest

from sandbox.engine_run import EngineRun, run_engine
from sandbox.session import EngineHome

LOCKED = """#!/bin/sh
echo "{\\"pid\\": $$}" > "$LOCKS/own.json"
echo locked
trap 'exit 3' INT
echo ready > "$READY"
while :; do sleep 0.05; done
"""


class Machine:
    """A sandbox's folder with an engine, and another run's lock on the same stack."""

    def __init__(self, root: Path) -> None:
        """Make the folder."""
        self.locks = root / "state" / ".pulumi" / "locks" / "organization" / "p" / "dev"
        self.locks.mkdir(parents=True)
        (self.locks / "other.json").write_text(json.dumps({"pid": 1}))
        self.ready = root / "ready"
        os.mkfifo(self.ready)
        environment = {"LOCKS": str(self.locks), "READY": str(self.ready)}
        self.home = EngineHome(directory=root, environment=environment)

    def install(self, script: str) -> None:
        """Write the engine."""
        program = self.home.command_root / "bin" / "pulumi"
        program.parent.mkdir(parents=True)
        program.write_text(script)
        program.chmod(0o755)

    def left(self) -> list[str]:
        """Name the locks that are left."""
        return sorted(path.name for path in self.locks.iterdir())


@pytest.fixture(name="machine")
def _machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_an_engine_that_stops_at_once_leaves_no_lock_of_its_own(
    machine: Machine, tmp_path: Path
) -> None:
    """SIGTERM reaches it as Ctrl-C; the lock of another run stays."""
    machine.install(LOCKED)

    def interrupt() -> None:
        machine.ready.read_text()
        os.kill(os.getpid(), signal.SIGTERM)

    thread = threading.Thread(target=interrupt)
    thread.start()
    ran = run_engine(machine.home, "up", project=tmp_path)
    thread.join()

    assert ran == EngineRun(status=3, interrupts=1, unlocked=True)
    assert ran.stopped_at_once
    assert machine.left() == ["other.json"]


def test_an_engine_that_ends_by_itself_is_not_interrupted(
    machine: Machine, tmp_path: Path
) -> None:
    """Its status and its output are passed on, and no lock is looked at."""
    machine.install('#!/bin/sh\necho "$@ in $PWD"\nexit 7\n')

    with (tmp_path / "output").open("wb") as output:
        ran = run_engine(machine.home, "up", "--diff", project=tmp_path, output=output)

    assert ran == EngineRun(status=7, interrupts=0, unlocked=False)
    assert (tmp_path / "output").read_text() == f"up --diff in {tmp_path}\n"
    assert machine.left() == ["other.json"]


@pytest.mark.parametrize(("interrupts", "at_once"), [(0, False), (1, False), (2, True)])
def test_a_second_interrupt_stops_the_engine_at_once(
    interrupts: int, *, at_once: bool
) -> None:
    """After one it ends what it has begun, also where it unlocks its stack itself."""
    ran = EngineRun(status=1, interrupts=interrupts, unlocked=False)

    assert ran.stopped_at_once == at_once
