"""The commands behind `make demo` and `make sandbox`, as people run them.

Each runs in a process of its own, with its temporary files in the test's folder: what
is left of it, files or processes, is found there.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

from sandbox.binaries import Binaries

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("binaries")]

ROOT: Final = Path(__file__).parents[2]
DEADLINE_SECONDS: Final = 180.0


@contextmanager
def command(*arguments: str, folder: Path) -> Generator[subprocess.Popen[str]]:
    """Run `python -m sandbox ...` in a process group of its own."""
    process = subprocess.Popen(  # noqa: S603 - our own module
        [sys.executable, "-u", "-m", "sandbox", *arguments],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        with process:
            yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)


def read_until(process: subprocess.Popen[str], text: str) -> str:
    """Read what a command prints until a line holds *text*."""
    assert process.stdout is not None
    seen = ""
    for line in process.stdout:
        seen += line
        if text in line:
            return seen
    message = f"the command ended without printing {text!r}:\n{seen}"
    raise AssertionError(message)


def processes_in(folder: Path) -> list[str]:
    """List the command lines of running processes that name *folder*."""
    found: list[str] = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue  # ended meanwhile
        if str(folder) in line:
            found.append(line)
    return found


def gone(folder: Path) -> bool:
    """Wait until no process of a folder is left, for as long as ending may take."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while processes_in(folder):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def tree() -> str:
    """Say what git sees changed in the repository."""
    done = subprocess.run(
        ["git", "status", "--porcelain"],  # noqa: S607 - git is on PATH
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_the_demo_proves_its_point_and_leaves_nothing(tmp_path: Path) -> None:
    """It ends well, with no process, no file and no change in the tree left."""
    before = tree()

    with command("demo", folder=tmp_path) as process:
        output, _ = process.communicate(timeout=DEADLINE_SECONDS)

    assert process.returncode == 0, output
    assert output.count("1 admitted, 6 refused") == 3
    assert "18 unchanged" in output
    assert "roles: none" in output
    assert gone(tmp_path)
    assert list(tmp_path.iterdir()) == []
    assert tree() == before


def test_the_demo_leaves_nothing_after_ctrl_c(tmp_path: Path) -> None:
    """Interrupted in the middle of `up`, it puts everything away and says so."""
    with command("demo", folder=tmp_path) as process:
        read_until(process, "2. up")
        os.killpg(process.pid, signal.SIGINT)
        output, _ = process.communicate(timeout=DEADLINE_SECONDS)

    assert process.returncode == 130, output
    assert output.rstrip().endswith("interrupted; everything was put away")
    assert gone(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_two_demos_run_side_by_side(tmp_path: Path) -> None:
    """No port and no folder is shared."""
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    two.mkdir()

    with command("demo", folder=one) as first, command("demo", folder=two) as second:
        outputs = [process.communicate()[0] for process in (first, second)]

    assert (first.returncode, second.returncode) == (0, 0), outputs


def test_stacks_run_on_a_sandbox_that_was_left_running(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, binaries: Binaries
) -> None:
    """The state of a stack lasts from one command to the next."""
    cache = tmp_path / "cache"
    cache.mkdir()
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    monkeypatch.delenv("EKS_IRSA_CACHE", raising=False)
    found = os.pathsep.join(
        str(path.parent)
        for path in (
            binaries.pulumi,
            binaries.etcd,
            binaries.kube_apiserver,
            binaries.kube_controller_manager,
        )
    )
    monkeypatch.setenv("PATH", found + os.pathsep + os.environ["PATH"])
    shown: dict[str, str] = {}

    with command("start", folder=tmp_path) as sandbox:
        settings = read_until(sandbox, "Ctrl-C ends it")
        for verb in ("preview", "up", "preview", "destroy"):
            with command(verb, folder=tmp_path) as process:
                shown[verb] = process.communicate(timeout=DEADLINE_SECONDS)[0]
            assert process.returncode == 0, shown[verb]
        os.killpg(sandbox.pid, signal.SIGINT)
        sandbox.communicate(timeout=DEADLINE_SECONDS)

    assert "export KUBECONFIG=" in settings
    assert "export AWS_ENDPOINT_URL=http://127.0.0.1:" in settings
    assert "18 created" in shown["up"]
    assert "18 unchanged" in shown["preview"]
    assert "18 deleted" in shown["destroy"]
    assert sandbox.returncode == 130
    with command("preview", folder=tmp_path) as late:
        output = late.communicate(timeout=DEADLINE_SECONDS)[0]
    assert late.returncode == 1
    assert output == (
        "error: no sandbox is running; start one with 'make sandbox' in another "
        "terminal\n"
    )
