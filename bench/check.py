"""What `eks-irsa check` costs, beside PyYAML's C loader alone on the same file.

Prints the median CPU time and the median peak memory of whole processes, interpreter
start included, and their ratios. The loader's process does nothing but
`yaml.load(text, Loader=yaml.CSafeLoader)`, so the ratio is what positions, checks,
policies and limits cost on top of reading YAML at all.
"""

import argparse
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Final, NamedTuple

from cluster_configs import cluster_config

_REPOSITORY: Final = Path(__file__).resolve().parent.parent
_SEED_FILE: Final = _REPOSITORY / "stacks" / "cluster-13.yaml"

_CHECK: Final = (
    "import sys; from eks_irsa.cli import main; sys.exit(main(sys.argv[1:]))"
)
_LOAD: Final = (
    "import sys, yaml\n"
    "with open(sys.argv[1], 'rb') as file: yaml.load(file, Loader=yaml.CSafeLoader)"
)
_NOTHING: Final = "pass"
# A process begins its account of memory with the peak of the one that started it, so a
# bare interpreter stands between this one and what is measured.
_LAUNCHER: Final = """\
import os, sys
null = [(os.POSIX_SPAWN_OPEN, out, os.devnull, os.O_WRONLY, 0) for out in (1, 2)]
process = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=null)
_, status, used = os.wait4(process, 0)
code = os.waitstatus_to_exitcode(status)
print(code, used.ru_utime + used.ru_stime, used.ru_maxrss)
"""


class Cost(NamedTuple):
    """What one process took.

    Attributes:
        cpu_seconds: User and system time.
        peak_mebibytes: Largest resident set.
    """

    cpu_seconds: float
    peak_mebibytes: float


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=10_000, help="default: 10000")
    parser.add_argument("--repetitions", type=int, default=7, help="default: 7")
    options = parser.parse_args(arguments)
    sys.stdout.writelines(
        f"{line}\n"
        for line in _report(entries=options.entries, repetitions=options.repetitions)
    )


def _report(*, entries: int, repetitions: int) -> Iterator[str]:
    yield (
        f"Python {platform.python_version()}, PyYAML {version('PyYAML')}, "
        f"pydantic {version('pydantic')}, {os.cpu_count()} cores; medians of "
        f"{repetitions} processes each, interpreter start included"
    )
    with tempfile.TemporaryDirectory() as folder:
        generated = Path(folder) / "generated.yaml"
        generated.write_text(cluster_config(entries), encoding="utf-8")
        for title, file in (
            ("the seed's file", _SEED_FILE),
            (f"{entries:,} entries", generated),
        ):
            yield f"\n{title} ({file.stat().st_size:,} bytes)"
            yield from _table(file, repetitions)


def _table(file: Path, repetitions: int) -> Iterator[str]:
    programs = {
        "python, nothing": (_NOTHING,),
        "yaml.CSafeLoader": (_LOAD, str(file)),
        "eks-irsa check": (_CHECK, "check", str(file)),
    }
    costs: dict[str, list[Cost]] = {name: [] for name in programs}
    # In turns, so that another load on the machine meets all of them.
    for _ in range(repetitions):
        for name, program in programs.items():
            costs[name].append(_cost(program))
    medians = {name: _median(measured) for name, measured in costs.items()}
    loader = medians["yaml.CSafeLoader"]
    yield f"  {'':18}{'CPU s':>8}{'ratio':>8}{'peak MiB':>11}{'ratio':>8}"
    for name, cost in medians.items():
        cpu, peak = cost
        yield (
            f"  {name:18}{cpu:8.3f}{cpu / loader.cpu_seconds:8.2f}"
            f"{peak:11.1f}{peak / loader.peak_mebibytes:8.2f}"
        )


def _cost(program: Sequence[str]) -> Cost:
    """Run a Python program in a process of its own and take its account."""
    launched = subprocess.run(  # noqa: S603 - programs of this module
        [sys.executable, "-I", "-S", "-c", _LAUNCHER, sys.executable, "-c", *program],
        check=True,
        capture_output=True,
        text=True,
    )
    code, cpu_seconds, peak = launched.stdout.split()
    if code != "0":
        msg = f"exit code {code}: {' '.join(program[1:])}"
        raise RuntimeError(msg)
    # Linux counts in KiB, macOS in bytes.
    unit = 1024**2 if sys.platform == "darwin" else 1024
    return Cost(float(cpu_seconds), int(peak) / unit)


def _median(costs: Sequence[Cost]) -> Cost:
    return Cost(
        statistics.median(cost.cpu_seconds for cost in costs),
        statistics.median(cost.peak_mebibytes for cost in costs),
    )


if __name__ == "__main__":
    main()
