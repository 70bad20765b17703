"""Where built programs are kept, and how two builds stay out of each other's way."""

import hashlib
import os
import platform
import shutil
import sys
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from sandbox.binaries.programs import Program

__all__ = [
    "cache_directory",
    "cached_path",
    "finished_in_one_step",
    "locked",
    "scratch_directory",
]

DIGEST_CHARACTERS: Final = 12
REPORT_EVERY_SECONDS: Final = 10.0


def cache_directory(environment: Mapping[str, str] = os.environ) -> Path:
    """Give the cache's folder, which need not exist.

    Args:
        environment: Environment variables. Default: this process's.

    Returns:
        `$EKS_IRSA_CACHE`, else `$XDG_CACHE_HOME/eks-irsa`, else `~/.cache/eks-irsa`.

    Source:
        https://specifications.freedesktop.org/basedir-spec/latest/ (a relative
        XDG_CACHE_HOME counts as none).
    """
    own = environment.get("EKS_IRSA_CACHE")
    if own:
        return Path(own).absolute()
    shared = Path(environment.get("XDG_CACHE_HOME", ""))
    if not shared.is_absolute():
        shared = Path.home() / ".cache"
    return shared / "eks-irsa"


def cached_path(*, program: Program, cache: Path) -> Path:
    """Give the path of a built program, whether it is there or not.

    The folder's name holds the version and a digest of all that decides what is built
    (go.mod, go.sum, our own Go, linker flags, platform), so that a changed pin builds
    anew and several checkouts share what they have in common.
    """
    digest = hashlib.sha256()
    for name in ("go.mod", "go.sum"):
        digest.update((program.folder / name).read_bytes())
    for path in sorted(program.folder.glob("*.go")):
        digest.update(path.read_bytes())
    decisive = (program.linker_flags, sys.platform, platform.machine())
    digest.update("\n".join(decisive).encode())
    key = digest.hexdigest()[:DIGEST_CHARACTERS]
    return cache / f"{program.name}-{program.pinned}-{key}" / program.name


@contextmanager
def locked(path: Path, *, what: str, report: Callable[[str], None]) -> Generator[None]:
    """Hold the lock of *path*; while another process holds it, wait and say so.

    The lock goes with the process that holds it, however that one ends.

    Args:
        path: What is protected; the lock is a file beside it.
        what: What the other process does, such as `building etcd 3.6.4`.
        report: Gets a line when the waiting begins and every ten seconds.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path.with_name(f"{path.name}.lock"), thread_local=False)
    started = time.monotonic()
    wait_seconds = 0.0
    while True:
        try:
            lock.acquire(timeout=wait_seconds)
            break
        except Timeout:
            waited = time.monotonic() - started
            report(f"another process is {what}; waiting ({waited:.0f} s)")
            wait_seconds = REPORT_EVERY_SECONDS
    try:
        yield
    finally:
        lock.release()


@contextmanager
def finished_in_one_step(path: Path) -> Generator[Path]:
    """Give a path to write to that becomes *path* when the block ends well.

    Whoever looks at *path* sees all of it or nothing. Leftovers of a killed
    predecessor are removed; hold the lock.
    """
    partial = path.with_name(f"{path.name}.partial")
    partial.unlink(missing_ok=True)
    try:
        yield partial
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def scratch_directory(path: Path) -> Generator[Path]:
    """Give an empty folder beside *path* that is removed when the block ends.

    What a killed predecessor left is removed first; hold the lock.
    """
    scratch = path.with_name(f"{path.name}.work")
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    try:
        yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
