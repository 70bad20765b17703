"""What the stack program costs, beside a hand-written one of the same resources.

For each number of service accounts the stack program, the hand-written one and the same
with a bare component for each service account run on one sandbox, in turns: `up`, a
preview without change, `destroy`. Prints the program's CPU time for each account and
the ratio to the hand-written one, the wall time of `up` and of the preview, and the
program's peak memory. The engine's state is written at the end of a run only
(`PULUMI_SKIP_CHECKPOINTS`): with a folder as backend, writing it at every step takes
time that grows with the square of the stack, whatever the program is.
"""

import argparse
import json
import os
import platform
import shutil
import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Final

import yaml
from cluster_configs import cluster_config
from measured_runs import Run, run_apart

from eks_irsa import kubeconfig
from eks_irsa.cluster_config.reading import parse_cluster_config
from eks_irsa.plan.model import Cluster
from eks_irsa.plan.planning import plan
from eks_irsa.settings.reading import default_settings
from eks_irsa.synthesis import plan_document
from sandbox.binaries import find_or_build
from sandbox.engine import copy_project
from sandbox.session import (
    Sandbox,
    forget_user_settings,
    issuer_url_of,
    open_sandbox,
)

_BENCH: Final = Path(__file__).resolve().parent
_REGION: Final = "us-west-2"
_PROGRAMS: Final = ("components", "grouped", "hand-written")
# A larger stack takes minutes, and says enough the first time.
_REPEATED: Final = 200


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", default="50,200,800", help="default: 50,200,800")
    parser.add_argument(
        "--repetitions", type=int, default=3, help="up to 200 accounts; default: 3"
    )
    options = parser.parse_args(arguments)
    sizes = [int(size) for size in options.accounts.split(",")]
    for line in _report(sizes, repetitions=options.repetitions):
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()


def _report(sizes: Sequence[int], *, repetitions: int) -> Iterator[str]:
    yield (
        f"Python {platform.python_version()}, pulumi {version('pulumi')}, "
        f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the start; medians, "
        "state written at the end of a run"
    )
    forget_user_settings()
    with (
        tempfile.TemporaryDirectory() as folder,
        open_sandbox(
            directory=Path(folder) / "sandbox",
            binaries=find_or_build(report=_unsaid),
            issuer_url=issuer_url_of(cluster="bench", region=_REGION),
            report=_unsaid,
            region=_REGION,
        ) as sandbox,
    ):
        for size in sizes:
            yield from _table(sandbox, Path(folder), size, repetitions)


def _unsaid(line: str) -> None:
    del line


def _table(
    sandbox: Sandbox, folder: Path, size: int, repetitions: int
) -> Iterator[str]:
    cluster = f"bench-{size}"
    issuer = issuer_url_of(cluster=cluster, region=_REGION)
    arn = sandbox.add_cluster(name=cluster, region=_REGION, issuer_url=issuer)
    projects = {
        "components": _stack_program(folder / f"components-{size}", cluster, size),
    }
    for grouped in (True, False):
        name = "grouped" if grouped else "hand-written"
        projects[name] = _hand_written(
            folder / f"{name}-{size}", sandbox, arn, size, grouped=grouped
        )
    repetitions = repetitions if size <= _REPEATED else 1
    runs: dict[str, list[Run]] = {name: [] for name in _PROGRAMS}
    # In turns, so that another load on the machine meets both of them.
    for _ in range(repetitions):
        for name in _PROGRAMS:
            runs[name].append(run_apart(sandbox, projects[name], f"bench-{size}"))
    yield f"\n{size} service accounts, {repetitions} run(s) of each program"
    yield (
        f"  {'':13}{'resources':>10}{'CPU ms/account':>16}{'ratio':>7}{'up s':>8}"
        f"{'preview s':>11}{'its CPU':>9}{'ratio':>7}{'peak MiB':>10}"
    )
    floor = runs["hand-written"]
    for name in _PROGRAMS:
        cpu, preview = (
            _median(runs[name], "up", "cpu"),
            _median(runs[name], "preview", "cpu"),
        )
        yield (
            f"  {name:13}{runs[name][0]['resources']:10}{1000 * cpu / size:16.1f}"
            f"{cpu / _median(floor, 'up', 'cpu'):7.2f}"
            f"{_median(runs[name], 'up', 'wall'):8.1f}"
            f"{_median(runs[name], 'preview', 'wall'):11.1f}"
            f"{1000 * preview / size:9.1f}"
            f"{preview / _median(floor, 'preview', 'cpu'):7.2f}"
            f"{statistics.median(run['peak'] for run in runs[name]):10.0f}"
        )


def _stack_program(folder: Path, cluster: str, size: int) -> Path:
    copy_project(folder)
    config = folder / "stacks" / "bench.yaml"
    config.write_text(cluster_config(size, name=cluster), encoding="utf-8")
    settings = {"aws:region": _REGION, "eks-irsa:clusterConfig": "stacks/bench.yaml"}
    (folder / "stacks" / f"Pulumi.bench-{size}.yaml").write_text(
        yaml.safe_dump({"config": settings}), encoding="utf-8"
    )
    return folder


def _hand_written(
    folder: Path, sandbox: Sandbox, arn: str, size: int, *, grouped: bool
) -> Path:
    cluster = f"bench-{size}"
    shutil.copytree(_BENCH / "hand_written", folder)
    settings = {"aws:region": _REGION, "hand-written:grouped": grouped}
    (folder / f"Pulumi.bench-{size}.yaml").write_text(
        yaml.safe_dump({"config": settings}), encoding="utf-8"
    )
    decided = plan(
        parse_cluster_config(
            cluster_config(size, name=cluster).encode(), source="bench.yaml"
        ),
        stack_settings=default_settings(),
        cluster=Cluster(
            name=cluster,
            region=_REGION,
            partition="aws",
            account_id=sandbox.aws.account_id,
            issuer_url=issuer_url_of(cluster=cluster, region=_REGION),
        ),
        stack=f"organization/hand-written/bench-{size}",
    )
    plane = sandbox.control_plane
    way = kubeconfig(
        cluster_arn=arn,
        endpoint=plane.endpoint,
        certificate_authority=plane.ca_pem_base64,
    )
    document = {**plan_document(decided), "kubeconfig": way}
    (folder / "plan.json").write_text(json.dumps(document), encoding="utf-8")
    return folder


def _median(runs: Sequence[Run], step: str, what: str) -> float:
    return statistics.median(run[step][what] for run in runs)


if __name__ == "__main__":
    main()
