"""How the stack program grows: one large stack, a checkpointed one, a fleet.

Prints three tables. The first: stacks of several sizes, `up` and a preview without
change, with the CPU time and the peak memory of the program and of the engine; the
state is written at the end (`PULUMISKIP_CHECKPOINTS`). The second: the same with the
state written at every step, as a folder or a bucket as backend does it, beside the two
ways out, no checkpoints and several stacks with `include`. The third: fleets of stacks
of 50 service accounts each, so many at a time. Each measurement has a sandbox of its
own, so that none finds what the one before made.
"""

import argparse
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Final

import yaml
from cluster_configs import cluster_config
from measured_runs import SKIP, Run, run_apart

from sandbox.aws import iam_rules, oidc_rules
from sandbox.binaries import find_or_build
from sandbox.engine import copy_project
from sandbox.session import (
    Sandbox,
    forget_user_settings,
    issuer_url_of,
    open_sandbox,
)

_REGION: Final = "us-west-2"
_PER_NAMESPACE: Final = 100
_PER_STACK: Final = 50


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name, default in (
        ("entries", "500,1000,2500,5000"),
        ("checkpointed", "100,200,400"),
        ("stacks", "10,20,40,200"),
    ):
        parser.add_argument(
            f"--{name}", default=default, help=f"sizes; default: {default}; '' for none"
        )
    options = parser.parse_args(arguments)
    forget_user_settings()
    # What AWS raises these quotas to.
    iam_rules.MAX_ROLES = 10_000  # type: ignore[misc]
    oidc_rules.MAX_PROVIDERS = 700  # type: ignore[misc]
    _say(
        f"Python {platform.python_version()}, pulumi {version('pulumi')}, "
        f"{os.cpu_count()} cores"
    )
    for table, sizes in (
        (_large, options.entries),
        (_checkpointed, options.checkpointed),
        (_fleets, options.stacks),
    ):
        for line in table([int(size) for size in sizes.split(",") if size]):
            _say(line)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _large(sizes: Sequence[int]) -> Iterator[str]:
    yield (
        f"\n{'':>8}{'':>10} | up: ms CPU for each      | preview: ms CPU for each | "
        "peak MiB\n"
        f"{'entries':>8}{'resources':>10} | program  engine  wall s | program  engine  "
        "wall s | program  engine (up, preview) | load"
    )
    for size in sizes:
        with _sandbox() as (sandbox, folder):
            (run,) = _runs(sandbox, folder, size, skip=True)
        up, preview = run["up"], run["preview"]
        yield (
            f"{size:8}{run['resources']:10} |"
            f"{1000 * up['cpu'] / size:8.1f}{1000 * up['engine_cpu'] / size:8.1f}"
            f"{up['wall']:8.0f} |"
            f"{1000 * preview['cpu'] / size:8.1f}"
            f"{1000 * preview['engine_cpu'] / size:8.1f}{preview['wall']:8.0f} |"
            f"{run['peak']:8.0f}{up['engine_peak']:8.0f}{preview['engine_peak']:8.0f} |"
            f"{os.getloadavg()[1]:5.1f}"
        )


def _checkpointed(sizes: Sequence[int]) -> Iterator[str]:
    yield (
        f"\n{'entries':>8}  {'state written':28}{'stacks':>7}{'up: wall s':>12}"
        f"{'engine CPU s':>14}{'of each, ms':>13}{'load':>6}"
    )
    for size in sizes:
        ways = {
            "at every step": {"skip": False},
            "at the end": {"skip": True},
        }
        if size > _PER_NAMESPACE:
            ways["at every step, by namespace"] = {"skip": False, "by_namespace": True}
        for way, how in ways.items():
            with _sandbox() as (sandbox, folder):
                runs = [*_runs(sandbox, folder, size, **how)]
            cpu = sum(run["up"]["engine_cpu"] for run in runs)
            yield (
                f"{size:8}  {way:28}{len(runs):7}"
                f"{sum(run['up']['wall'] for run in runs):12.1f}"
                f"{cpu:14.1f}{1000 * cpu / size:13.0f}{os.getloadavg()[0]:6.1f}"
            )


def _fleets(sizes: Sequence[int]) -> Iterator[str]:
    yield (
        f"\n{'stacks':>8}{'entries':>9}{'roles':>8}{'up: wall s':>12}{'CPU s':>8}"
        f"{'of each stack':>15}{'largest process, MiB':>22}{'load':>6}"
    )
    for size in sizes:
        with _sandbox() as (sandbox, folder):
            used, wall = _fleet_up(sandbox, folder, size)
            roles = sum(one.action == "CreateRole" for one in sandbox.aws.calls)
        cpu = used.ru_utime + used.ru_stime
        yield (
            f"{size:8}{size * _PER_STACK:9}{roles:8}{wall:12.0f}{cpu:8.0f}"
            f"{cpu / size:15.2f}{used.ru_maxrss / 1024:22.0f}{os.getloadavg()[0]:6.1f}"
        )


def _fleet_up(
    sandbox: Sandbox, folder: Path, size: int
) -> tuple[resource.struct_rusage, float]:
    """Bring a fleet up; give what all processes took that the command started."""
    project = copy_project(folder / "project")
    (project / "stacks" / "Pulumi.dev.yaml").unlink()
    for number in range(size):
        name = f"bench-{number}"
        issuer = issuer_url_of(cluster=name, region=_REGION)
        sandbox.add_cluster(name=name, region=_REGION, issuer_url=issuer)
        # All clusters are one API server, so each has namespaces of its own.
        text = cluster_config(_PER_STACK, name=name).replace("team-", f"team-{number}-")
        (project / "stacks" / f"{name}.yaml").write_text(text, encoding="utf-8")
        settings = {
            "aws:region": _REGION,
            "eks-irsa:clusterConfig": f"stacks/{name}.yaml",
            "eks-irsa:accountId": sandbox.aws.account_id,
        }
        file = project / "stacks" / f"Pulumi.{name}.yaml"
        file.write_text(yaml.safe_dump({"config": settings}), encoding="utf-8")
    home = sandbox.engine_home()
    variables = {**os.environ, **home.environment, **SKIP}
    path = f"{home.command_root / 'bin'}{os.pathsep}{variables['PATH']}"
    command = [str(Path(sys.executable).with_name("eks-irsa")), "fleet", "up"]
    began = time.perf_counter()
    process = subprocess.Popen(  # noqa: S603 - ours
        [*command, "--create", "--yes"],
        cwd=project,
        env={**variables, "PATH": path},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    if code := os.waitstatus_to_exitcode(status):
        msg = f"eks-irsa fleet up ended with {code}"
        raise RuntimeError(msg)
    process.returncode = 0
    return used, wall


@contextmanager
def _sandbox() -> Generator[tuple[Sandbox, Path]]:
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
        yield sandbox, Path(folder)


def _unsaid(line: str) -> None:
    del line


def _runs(
    sandbox: Sandbox,
    folder: Path,
    size: int,
    *,
    skip: bool,
    by_namespace: bool = False,
) -> Iterator[Run]:
    """Run a ClusterConfig as one stack, or as one for each of its namespaces."""
    issuer = issuer_url_of(cluster="bench", region=_REGION)
    sandbox.add_cluster(name="bench", region=_REGION, issuer_url=issuer)
    project = copy_project(folder / "project")
    text = cluster_config(size)
    (project / "stacks" / "bench.yaml").write_text(text, encoding="utf-8")
    stacks: dict[str, list[str]] = {"bench": []}
    if by_namespace:
        teams = range(size // _PER_NAMESPACE)
        stacks = {f"bench-{team}": [f"team-{team}/*"] for team in teams}
    for stack, include in stacks.items():
        settings = {
            "aws:region": _REGION,
            "eks-irsa:clusterConfig": "stacks/bench.yaml",
            "eks-irsa:include": include,
        }
        file = project / "stacks" / f"Pulumi.{stack}.yaml"
        file.write_text(yaml.safe_dump({"config": settings}), encoding="utf-8")
        yield run_apart(sandbox, project, stack, skip=skip, destroy=False)


if __name__ == "__main__":
    main()
