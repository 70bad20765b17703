"""Find or build every program, and print where it is."""

import argparse
import sys
from dataclasses import asdict
from pathlib import Path

from sandbox.binaries import BinariesError, find_or_build


def main() -> int:
    """Run the command and give its exit status: 0, 1 on an error, 130 on Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m sandbox.binaries")
    parser.description = __doc__
    parser.add_argument("--cache", type=Path, help="where built programs are kept")
    parser.add_argument(
        "--ignore-path", action="store_true", help="do not use programs on PATH"
    )
    parser.add_argument(
        "--go-caches", type=Path, help="folder for Go's own caches (from nothing)"
    )
    arguments = parser.parse_args()
    try:
        binaries = find_or_build(
            report=_report,
            cache=arguments.cache,
            use_path=False if arguments.ignore_path else None,
            go_caches=arguments.go_caches,
        )
    except BinariesError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("interrupted; the same command goes on from here\n")
        return 130
    for name, path in asdict(binaries).items():
        sys.stdout.write(f"{name.replace('_', '-')}: {path}\n")
    return 0


def _report(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
