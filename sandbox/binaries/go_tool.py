"""The Go command: found, and told to build one program with progress."""

import os
import re
import selectors
import shutil
import subprocess
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Final

from sandbox.binaries.errors import BuildError
from sandbox.binaries.programs import GO_MINIMUM, Program, Version
from sandbox.owned_process import OwnedProcess

__all__ = ["Go", "find_go"]

REPORT_EVERY_SECONDS: Final = 5.0
LINES_KEPT: Final = 20
GRACE_SECONDS: Final = 5.0
"""Time for Go, once interrupted, to remove its temporary folders."""

BUILD_FLAGS: Final = ("-mod=readonly", "-trimpath", "-buildvcs=false")
"""On the command line, where they win over the user's GOFLAGS."""

STALE_MARK: Final = "to compile: "
DOWNLOAD_MARK: Final = "go: downloading "


@dataclass(frozen=True, slots=True, kw_only=True)
class Go:
    """A Go command that is new enough, and the environment it runs in."""

    path: Path
    environment: Mapping[str, str]

    def with_scratch(self, folder: Path) -> "Go":
        """Give the same Go with its temporary files, some hundred MB, in *folder*.

        The system's own folder may be small, or forbid execution, and keeps what a
        killed build leaves.
        """
        return replace(self, environment={**self.environment, "GOTMPDIR": str(folder)})

    def build(
        self, *, program: Program, target: Path, report: Callable[[str], None]
    ) -> None:
        """Build *program* into the file *target*.

        Interrupted, it leaves no process behind, and Go's caches keep what was done.

        Args:
            program: What to build.
            target: The executable to write; its folder exists.
            report: Gets a line every five seconds.

        Raises:
            BuildError: Go failed.
        """
        stale = _Progress(mark=STALE_MARK)
        self._run(
            program,
            "list",
            (
                "-deps",
                "-f",
                f"{{{{if .Stale}}}}{STALE_MARK}{{{{.ImportPath}}}}{{{{end}}}}",
            ),
            stale,
            report,
        )
        # -v names each package when its compilation ends, the program's own one last.
        building = _Progress(mark="", total=stale.count, last=program.package)
        flags = ("-v", f"-ldflags={program.linker_flags}", "-o", str(target))
        self._run(program, "build", flags, building, report)

    def _run(
        self,
        program: Program,
        verb: str,
        flags: tuple[str, ...],
        progress: "_Progress",
        report: Callable[[str], None],
    ) -> None:
        """Run one Go command in the module's folder, and follow what it says."""
        with OwnedProcess(
            command=[self.path, verb, *BUILD_FLAGS, *flags, program.package],
            output=subprocess.PIPE,
            directory=program.folder,
            environment=self.environment,
            grace_seconds=GRACE_SECONDS,
        ) as process:
            _follow(
                process.output,
                progress.read,
                lambda: report(f"{program.name}: {progress}"),
            )
            status = process.wait()
        if status != 0:
            raise BuildError(
                program=f"{program.name} {program.pinned}",
                command=f"go {verb}",
                status=status,
                output=progress.output,
            )


def find_go(environment: Mapping[str, str]) -> Go | str:
    """Find a Go command that can build the programs.

    Args:
        environment: The environment variables that count, PATH among them.

    Returns:
        The command, or the reason why there is none.
    """
    found = shutil.which("go", path=environment.get("PATH", ""))
    if found is None:
        return "Go is not on PATH"
    answer = subprocess.run(  # noqa: S603 (the user's own Go)
        [found, "version"],
        # Not the Go that some go.mod or GOTOOLCHAIN asks for, which is a download.
        env={**environment, "GOTOOLCHAIN": "local"},
        cwd="/",
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    match = re.search(r"\bgo(\d+\.\d+\S*)", answer.stdout)
    version = match and Version.first_in(match.group(1))
    if version is None:
        return f"{found} does not answer `go version`"
    if version < GO_MINIMUM:
        return f"{found} is Go {version}, older than {GO_MINIMUM}"
    return Go(path=Path(found), environment=_environment_of(environment))


def _environment_of(environment: Mapping[str, str]) -> dict[str, str]:
    """Give Go what the build needs and take away what would change its result."""
    kept = {
        name: value
        for name, value in environment.items()
        if name not in {"GOOS", "GOARCH", "GOWORK"}
    }
    kept.update(CGO_ENABLED="0", GO111MODULE="on", GOWORK="off")
    kept.setdefault("HOME", os.path.expanduser("~"))  # noqa: PTH111 (a string)
    # Some distributions ship Go with GOTOOLCHAIN=local, and then it cannot fetch the
    # Go that go.mod asks for. What the user set in the environment counts.
    kept.setdefault("GOTOOLCHAIN", "auto")
    return kept


class _Progress:
    """What Go has said so far, and how far it has come by that."""

    def __init__(self, *, mark: str, total: int | None = None, last: str = "") -> None:
        """Begin at nothing.

        Args:
            mark: How a line begins that counts as one step.
            total: How many steps there are, about. Default: unknown.
            last: The line after which only linking is left. Default: none.
        """
        self.count = 0
        self.output: deque[str] = deque(maxlen=LINES_KEPT)
        self._mark = mark
        self._total = total
        self._last = last
        self._downloads = 0
        self._linking = False
        self._started = time.monotonic()

    def read(self, line: str) -> None:
        """Take in one line."""
        if line.startswith(DOWNLOAD_MARK):
            self._downloads += 1
        elif line.startswith(self._mark) and " " not in line.removeprefix(self._mark):
            self.count += 1
            self._linking = line == self._last
        else:
            self.output.append(line)

    def __str__(self) -> str:
        """Say how far it is, and since when."""
        if self._linking or (self._total is not None and self._total <= 1):
            # Of one stale package, only the program itself, nothing is compiled.
            done = "linking"
        elif self._total:
            share = min(100 * self.count // self._total, 99)
            done = f"compiling, {self.count} packages, {share} %"
        elif self._downloads:
            done = f"downloading, {self._downloads} modules so far"
        else:
            done = "working"
        return f"{done} ({time.monotonic() - self._started:.0f} s)"


def _follow(
    stream: IO[bytes], read: Callable[[str], None], tick: Callable[[], None]
) -> None:
    """Give each line of *stream* to *read* until it ends; call *tick* regularly."""
    rest = b""
    ticked = time.monotonic()
    with selectors.DefaultSelector() as selector:
        selector.register(stream, selectors.EVENT_READ)
        while True:
            ready = selector.select(REPORT_EVERY_SECONDS)
            if ready:
                received = os.read(stream.fileno(), 65536)
                if not received:
                    break
                *lines, rest = (rest + received).split(b"\n")
                for line in lines:
                    read(line.decode(errors="replace"))
            if time.monotonic() - ticked >= REPORT_EVERY_SECONDS:
                ticked = time.monotonic()
                tick()
    if rest:
        read(rest.decode(errors="replace"))
