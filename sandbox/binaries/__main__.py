"""Find or build every program, and print where it is."""

import sys
from dataclasses import asdict

from sandbox.binaries import BinariesError, find_or_build


def main() -> int:
    """Run the command and give its exit status: 0, 1 on an error, 130 on Ctrl-C."""
    try:
        binaries = find_or_build(report=_report)
    except BinariesError as error:
        _report(str(error))
        return 1
    except KeyboardInterrupt:
        _report("interrupted; the same command goes on from here")
        return 130
    for name, path in asdict(binaries).items():
        sys.stdout.write(f"{name.replace('_', '-')}: {path}\n")
    return 0


def _report(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
