"""What the control plane says and leaves when a server does not do its part.

The servers here are shell scripts; `tests/engine` runs the real ones.
"""

import fcntl
import stat
from pathlib import Path

import pytest

from sandbox.binaries import Binaries
from sandbox.control_plane import ControlPlane, ControlPlaneError
from sandbox.control_plane.credentials import credentials_in

ISSUER_URL = "https://oidc.eks.us-west-2.amazonaws.com/id/0123456789ABCDEF"


def test_a_server_that_ends_is_named_with_the_end_of_its_log(tmp_path: Path) -> None:
    """The error holds status, place and last lines of the log, not a time-out."""
    etcd = tmp_path / "etcd"
    etcd.write_text("#!/bin/sh\nseq 1 20; echo 'no space left' >&2; exit 3\n")
    etcd.chmod(0o755)
    directory = tmp_path / "control-plane"

    with pytest.raises(ControlPlaneError) as raised:
        _start(directory, etcd=etcd)

    assert str(raised.value).splitlines() == [
        "etcd ended with status 3.",
        f"The end of {directory}/etcd.log:",
        *(f"  {number}" for number in range(7, 21)),
        "  no space left",
    ]


def test_a_program_that_is_not_there_is_named(tmp_path: Path) -> None:
    """A wrong path is an error of the control plane like any other."""
    absent = tmp_path / "absent"

    with pytest.raises(ControlPlaneError) as raised:
        _start(tmp_path, etcd=absent)

    assert str(raised.value).splitlines() == [
        "etcd ended with status 127.",
        f"The end of {tmp_path}/etcd.log:",
        f"  {absent}: No such file or directory",
    ]


def test_a_failed_start_lets_go_of_the_directory(tmp_path: Path) -> None:
    """After an error the next attempt meets the same error, and no lock."""
    absent = tmp_path / "absent"

    errors = [_error_of_start(tmp_path, etcd=absent) for _ in range(2)]

    assert errors[0] == errors[1]


def test_a_directory_in_use_is_refused(tmp_path: Path) -> None:
    """Two API servers on one etcd's data would be no two clusters."""
    with (tmp_path / "lock").open("w") as lock:
        fcntl.flock(lock.fileno(), fcntl.LOCK_EX)

        error = _error_of_start(tmp_path, etcd=tmp_path / "absent")

    assert error == (
        f"another process has the control plane in {tmp_path} open; end that one "
        "first, or take another directory"
    )


def test_credentials_are_made_once_and_readable_by_their_owner_only(
    tmp_path: Path,
) -> None:
    """A control plane that comes back on its directory is the same cluster."""
    first = credentials_in(tmp_path)
    second = credentials_in(tmp_path)

    assert first == second
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}


def _start(directory: Path, *, etcd: Path) -> None:
    ControlPlane(
        binaries=Binaries(
            pulumi=etcd, etcd=etcd, kube_apiserver=etcd, kube_controller_manager=etcd
        ),
        directory=directory,
        issuer_url=ISSUER_URL,
        report=lambda _line: None,
    ).close()


def _error_of_start(directory: Path, *, etcd: Path) -> str:
    with pytest.raises(ControlPlaneError) as raised:
        _start(directory, etcd=etcd)
    return str(raised.value)
