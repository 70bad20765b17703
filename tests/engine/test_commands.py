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


def test_two_demos_prove_their_point_side_by_side_and_leave_nothing(
    tmp_path: Path,
) -> None:
    """Each ends well, each ARN whole on a line; no process, file or change is left.

    No port and no folder is shared.
    """
    before = tree()
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    two.mkdir()

    with command("demo", folder=one) as first, command("demo", folder=two) as second:
        outputs = [process.communicate()[0] for process in (first, second)]

    assert (first.returncode, second.returncode) == (0, 0), outputs
    for output in outputs:
        assert_proven(output)
    assert gone(tmp_path)
    assert [list(folder.iterdir()) for folder in (one, two)] == [[], []]
    assert tree() == before


def assert_proven(output: str) -> None:
    """Find in what a demo prints all that it promises."""
    for way in (
        "irsa, by IRSA: 1 admitted, 6 refused; the AWS SDK too",
        "both, by IRSA: 1 admitted, 6 refused; the AWS SDK too",
        "both, by EKS Pod Identity: 1 admitted, 7 refused; the AWS SDK too",
        "podIdentity, by EKS Pod Identity: 1 admitted, 7 refused; the AWS SDK too",
    ):
        assert output.count(way) == 3
    assert "18 unchanged" in output
    assert "roles: none" in output
    assert "\x1b" not in output
    assert [line for line in result_of(output) if ":role/" in line] == [
        f"  arn:aws:iam::123456789012:role/cluster-13-{name}"
        for name in (
            "backend-apps-cache-access-0a4beff6",
            "backend-apps-s3-reader-8f279609",
            "kube-system-cluster-autoscaler-9cbbea9f",
        )
    ]
    assert "| `backend-apps/s3-reader` **new**<br>" in output


def result_of(output: str) -> list[str]:
    """Give the lines that the demo shows of each service account at its end."""
    after = output.partition("\nResult ")[2].partition("\n")[2]
    return after.partition("\nThe access report")[0].splitlines()


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


@pytest.fixture(name="running")
def _running(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, binaries: Binaries
) -> Generator[str]:
    """Leave a sandbox of two clusters running, and give what it says."""
    cache = tmp_path / "cache"
    cache.mkdir()
    # Where a running sandbox is found; another one may run for this checkout.
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    monkeypatch.delenv("EKS_IRSA_CACHE", raising=False)
    found = [
        str(path.parent)
        for path in (
            binaries.pulumi,
            binaries.etcd,
            binaries.kube_apiserver,
            binaries.kube_controller_manager,
        )
    ]
    monkeypatch.setenv("PATH", os.pathsep.join([*found, os.environ["PATH"]]))
    with command("start", "--clusters", "2", folder=tmp_path) as sandbox:
        yield read_until(sandbox, "Ctrl-C ends it")
        os.killpg(sandbox.pid, signal.SIGINT)
        sandbox.communicate(timeout=DEADLINE_SECONDS)
    assert sandbox.returncode == 130


def ended(*arguments: str, folder: Path) -> tuple[int, str]:
    """Run a command to its end: its status, and what it printed."""
    with command(*arguments, folder=folder) as process:
        output, _ = process.communicate(timeout=DEADLINE_SECONDS)
    return process.returncode, output


def test_the_verbs_are_the_engines_own_on_a_sandbox_that_was_left_running(
    tmp_path: Path, running: str
) -> None:
    """State lasts from one to the next, arguments and errors are the engine's."""
    commands = {
        "diff": ("preview", "--diff"),
        "report": ("report",),
        "up": ("up",),
        "unchanged": ("preview", "--expect-no-changes"),
        "cancel": ("cancel",),
        "unknown": ("up", "--stack", "unknown"),
        "destroy": ("destroy",),
    }

    shown = {
        name: ended(*arguments, folder=tmp_path) for name, arguments in commands.items()
    }

    assert "Beside it: cluster-13-2, KUBECONFIG=" in running
    assert [name for name, (status, _) in shown.items() if status] == ["unknown"]
    assert "assumeRolePolicy" in shown["diff"][1]
    assert "| `backend-apps/s3-reader` **new**<br>" in shown["report"][1]
    assert "18 created" in shown["up"][1]
    assert "18 unchanged" in shown["unchanged"][1]
    assert "no stack named 'unknown' found" in shown["unknown"][1]
    assert "18 deleted" in shown["destroy"][1]


def test_ctrl_c_while_a_stack_is_destroyed_leaves_no_lock(
    tmp_path: Path, running: str
) -> None:
    """The engine ends what it has begun, and the next run goes on from there."""
    del running
    made, _ = ended("up", folder=tmp_path)

    with command("destroy", folder=tmp_path) as process:
        read_until(process, "deleting")
        os.killpg(process.pid, signal.SIGINT)
        output, _ = process.communicate(timeout=DEADLINE_SECONDS)
    again = ended("destroy", folder=tmp_path)

    assert (made, process.returncode, again[0]) == (0, 130, 0), output
    assert output.rstrip().endswith(
        "interrupted: the engine ended what it had begun and wrote it down. dev is not "
        "locked; the same command goes on."
    )
    assert "^C received; cancelling" in output
    assert "deleted" in again[1]


def test_a_shell_with_the_printed_settings_works_on_the_sandbox(
    tmp_path: Path, running: str
) -> None:
    """The engine runs the project by itself there, and kubectl's way is open."""
    lines = [
        line for line in running.splitlines() if line.startswith(("export ", "cd "))
    ]
    script = "\n".join(
        [
            *lines,
            "pulumi up --yes --skip-preview && pulumi stack export | eks-irsa recover",
            'test -f "$KUBECONFIG" && aws eks get-token --cluster-name cluster-13',
            "pulumi destroy --yes --skip-preview",
        ]
    )

    done = subprocess.run(  # noqa: S603 - what the sandbox says
        ["/bin/sh", "-c", script],
        env={"HOME": str(tmp_path), "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    status, printed = ended("env", folder=tmp_path)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "18 created" in done.stdout
    assert '"kind": "ExecCredential"' in done.stdout
    assert "18 deleted" in done.stdout
    assert (status, printed.splitlines()) == (0, lines[:-1])


def test_without_a_running_sandbox_a_verb_says_how_to_start_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It ends with a status of its own, without a traceback."""
    monkeypatch.setenv("EKS_IRSA_CACHE", str(tmp_path))

    status, output = ended("preview", folder=tmp_path)

    assert status == 1
    assert output == (
        "error: no sandbox is running; start one with 'make sandbox' in another "
        "terminal\n"
    )
