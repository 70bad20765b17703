"""What can go wrong while the programs are looked for.

BinariesError
├── MissingProgramsError   neither there nor to be built: no Go
└── BuildError             Go could not build one
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

from sandbox.binaries.programs import GO_MINIMUM, Program

__all__ = ["BinariesError", "BuildError", "MissingProgramsError"]


class BinariesError(RuntimeError):
    """A program of the sandbox cannot be had; the message says what to do."""


class MissingProgramsError(BinariesError):
    """Programs are missing and Go, which would build them, is missing too."""

    def __init__(
        self, *, missing: Sequence[tuple[Program, str]], cache: Path, go: str
    ) -> None:
        """Word what is missing and both ways out.

        Args:
            missing: Each program and why the one on PATH is not used; never empty.
            cache: The folder that was searched.
            go: Why there is no Go to build with.
        """
        programs = "\n".join(
            f"  {program.name} {program.minimum} or newer: {reason}"
            for program, reason in missing
        )
        sources = "\n".join(
            f"  {program.name}: {program.homepage}" for program, _ in missing
        )
        minutes = sum(program.build_minutes for program, _ in missing)
        super().__init__(
            f"The sandbox needs these programs:\n{programs}\n"
            f"They are not in the cache either ({cache}), and they cannot be built: "
            f"{go}.\n"
            "Do one of these and run the same command again:\n"
            f"- install Go {GO_MINIMUM} or newer, from your distribution or from "
            "https://go.dev/dl/; the programs are then built once, in about "
            f"{minutes} minutes on two cores;\n"
            f"- or install the programs and put them on PATH:\n{sources}"
        )


class BuildError(BinariesError):
    """Go ended without the program."""

    def __init__(
        self, *, program: str, command: str, status: int, output: Iterable[str]
    ) -> None:
        """Word what Go said last.

        Args:
            program: Name and version.
            command: `go list` or `go build`.
            status: Exit status.
            output: The last lines it wrote.
        """
        lines = "\n".join(f"  {line}" for line in output)
        super().__init__(
            f"{program} could not be built: {command} ended with status {status}. "
            f"Its last lines:\n{lines or '  (none)'}\n"
            "Go needs its module proxy (GOPROXY, HTTPS_PROXY), about 7 GB of disk for "
            "its caches (GOMODCACHE, GOCACHE) and, for a newer Go than the installed "
            "one, GOTOOLCHAIN=auto. The same command goes on where this one stopped."
        )
