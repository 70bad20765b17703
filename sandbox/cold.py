"""`make demo COLD=1`: set up from empty caches, run, run again, print both times.

Runs before there is a virtual environment, so the standard library must do. Programs
on PATH are left aside: the point is what a machine without them takes.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path


def main() -> int:
    """Run and time the steps; give the first failing one's exit status."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--make", default="make")
    parser.add_argument("--stack", default="dev")
    arguments = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="eks-irsa-cold-"))
    steps = {
        "cold: virtual environment": "setup",
        "cold: engine and servers": "build",
        "cold: demo": "demo",
        "warm: demo": "demo",
    }
    times: dict[str, float] = {}
    try:
        for title, verb in steps.items():
            command = [arguments.make, verb, "COLD=", f"STACK={arguments.stack}"]
            command.append(f"VENV={folder / 'venv'}")
            started = time.monotonic()
            done = subprocess.run(  # noqa: S603 - our own Makefile
                command, env=_environment(folder), check=False
            )
            if done.returncode:
                return done.returncode
            times[title] = time.monotonic() - started
    except KeyboardInterrupt:
        return 130
    finally:
        shutil.rmtree(folder)
    _print(times)
    return 0


def _environment(folder: Path) -> Mapping[str, str]:
    """Give an environment whose every cache is empty and inside *folder*."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in {"GOPATH", "GOBIN", "MAKEFLAGS", "MAKELEVEL", "MFLAGS"}
    }
    (folder / "home").mkdir(exist_ok=True)
    return {
        **kept,
        "EKS_IRSA_CACHE": str(folder / "cache"),
        "EKS_IRSA_IGNORE_PATH": "1",
        "GOCACHE": str(folder / "go-build"),
        # Go's module cache is read-only otherwise, and cannot be removed.
        "GOFLAGS": "-modcacherw",
        "GOMODCACHE": str(folder / "go-mod"),
        "HOME": str(folder / "home"),
        "PIP_NO_CACHE_DIR": "1",
        "XDG_CACHE_HOME": str(folder / "home" / ".cache"),
    }


def _print(times: Mapping[str, float]) -> None:
    sys.stdout.write(f"\ntimes on {os.cpu_count()} cores:\n")
    for title, seconds in times.items():
        sys.stdout.write(f"  {title:28} {seconds:7.1f} s\n")


if __name__ == "__main__":
    sys.exit(main())
