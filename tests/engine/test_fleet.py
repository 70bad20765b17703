"""`eks-irsa fleet` with forty stacks: every verb, a broken one, and Ctrl-C between.

The stacks are small, and all but one of them make nothing in Kubernetes, so that what
is measured is the fleet.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from sandbox.aws.clients import administrator
from sandbox.engine import copy_project
from sandbox.inventory import take_inventory
from sandbox.session import Sandbox, issuer_url_of

pytestmark = pytest.mark.engine

REGION: Final = "us-west-2"
COUNT: Final = 40
NAMES: Final = [f"fleet-{number:02}" for number in range(COUNT)]
BROKEN: Final = "fleet-07"
IN_KUBERNETES: Final = "fleet-00"
DEADLINE_SECONDS: Final = 900.0
# Whatever a command starts inherits it, and is found by it.
MARK: Final = "EKS_IRSA_TEST_OF_FLEET"


@dataclass(kw_only=True)
class Project:
    """A project of forty stacks, each with a cluster of its own."""

    sandbox: Sandbox
    folder: Path

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `eks-irsa fleet` to its end."""
        with self.started(*arguments) as process:
            out, err = process.communicate(timeout=DEADLINE_SECONDS)
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def started(self, *arguments: str) -> subprocess.Popen[str]:
        """Start `eks-irsa fleet` in a process group of its own, as a shell does."""
        home = self.sandbox.engine_home()
        variables = {**os.environ, **home.environment, MARK: str(self.folder)}
        path = f"{home.command_root / 'bin'}{os.pathsep}{variables['PATH']}"
        return subprocess.Popen(  # noqa: S603 - ours
            [Path(sys.executable).with_name("eks-irsa"), "fleet", *arguments],
            cwd=self.folder,
            env={**variables, "PATH": path},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def write(self, name: str, *entries: str) -> None:
        """Write the ClusterConfig of a stack."""
        config = {
            "apiVersion": "eksctl.io/v1alpha5",
            "kind": "ClusterConfig",
            "metadata": {"name": name, "region": REGION},
            "iam": {
                "withOIDC": True,
                "serviceAccounts": [
                    {
                        "metadata": {"name": entry, "namespace": name},
                        "attachPolicyARNs": [
                            "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
                        ],
                    }
                    for entry in entries
                ],
            },
        }
        (self.folder / f"stacks/{name}.yaml").write_text(json.dumps(config))

    def record(self) -> dict[str, str]:
        """Read what is noted of the last `up`."""
        text = (self.folder / ".eks-irsa/fleet-up.json").read_text()
        states: dict[str, str] = json.loads(text)["stacks"]
        return states

    def locks(self) -> list[str]:
        """List the locks in the backend."""
        folder = self.sandbox.directory / "state/.pulumi/locks/organization/eks-irsa"
        return [str(one) for one in folder.glob("fleet-*/*.json")]

    def processes(self) -> list[str]:
        """List what runs of what the commands started, once it had time to end."""
        deadline = time.monotonic() + 10
        while (found := self._processes()) and time.monotonic() < deadline:
            time.sleep(0.2)
        return found

    def _processes(self) -> list[str]:
        mark = f"{MARK}={self.folder}".encode()
        found: list[str] = []
        for path in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):  # ended meanwhile, or another user's
                if mark in (path / "environ").read_bytes().split(b"\0"):
                    found.append((path / "cmdline").read_text())
        return found


@pytest.fixture(name="project")
def _project(sandbox: Sandbox, tmp_path: Path) -> Iterator[Project]:
    """Make the project; what it made in IAM is deleted by hand, which is quick."""
    made = Project(sandbox=sandbox, folder=copy_project(tmp_path / "project"))
    for file in (made.folder / "stacks").iterdir():
        file.unlink()
    for name in NAMES:
        issuer_url = issuer_url_of(cluster=name, region=REGION)
        sandbox.add_cluster(name=name, region=REGION, issuer_url=issuer_url)
        made.write(name, "reader", "writer")
        kubernetes = "on" if name == IN_KUBERNETES else "off"
        (made.folder / f"stacks/Pulumi.{name}.yaml").write_text(
            f"config:\n  aws:region: {REGION}\n"
            f"  eks-irsa:clusterConfig: stacks/{name}.yaml\n"
            f'  eks-irsa:kubernetes: "{kubernetes}"\n'
        )
    (made.folder / f"stacks/{BROKEN}.yaml").write_text("iam: [")
    yield made
    assert made.processes() == []
    _forget(sandbox)


def _forget(sandbox: Sandbox) -> None:
    iam = administrator(sandbox.aws, "iam")
    for role in take_inventory(sandbox, region=REGION).roles:
        if role.startswith("fleet-"):
            for one in iam.list_attached_role_policies(RoleName=role)[
                "AttachedPolicies"
            ]:
                iam.detach_role_policy(RoleName=role, PolicyArn=one["PolicyArn"])
            iam.delete_role(RoleName=role)


def states(document: Mapping[str, Any]) -> Counter[str]:
    """Count the stacks in each state, from the list of them."""
    return Counter(one["state"] for one in document["stacks"])


def interrupted_after(
    process: subprocess.Popen[str], count: int, *, group: bool
) -> str:
    """Interrupt a command once so many stacks are up; give what it told."""
    assert process.stderr is not None
    told: list[str] = []
    for line in process.stderr:
        told.append(line)
        if sum(": up in " in one for one in told) == count:
            break
    if group:  # what a terminal does with Ctrl-C
        os.killpg(process.pid, signal.SIGINT)
    else:  # what a pipeline does that is cancelled
        process.send_signal(signal.SIGTERM)
    out, rest = process.communicate(timeout=DEADLINE_SECONDS)
    assert process.returncode == 130, rest
    return f"{out}{''.join(told)}{rest}"


def test_fleet_goes_on_where_it_was_interrupted(project: Project) -> None:
    """Forty stacks, one broken; Ctrl-C twice on the way, and each is up in the end."""
    previewed = project.run("preview", "--output", "json")
    before = (
        project.locks(),
        (project.folder / f"stacks/Pulumi.{NAMES[1]}.yaml").read_text(),
    )

    preview = json.loads(previewed.stdout)
    assert (previewed.returncode, states(preview)) == (
        1,
        {"done": COUNT - 1, "failed": 1},
    )
    assert all(one["new"] for one in preview["stacks"])
    (broken,) = (one for one in preview["stacks"] if one["state"] == "failed")
    assert (broken["stack"], broken["error"]) == (
        BROKEN,
        f"stacks/{BROKEN}.yaml:2:1: not YAML: did not find expected node content",
    )
    assert "encryptionsalt" not in before[1]

    first = project.started("up", "--yes", "--create")
    told = interrupted_after(first, COUNT // 5, group=True)
    assert "each running stack ends with the step it is at" in told
    assert (project.locks(), project.processes()) == ([], [])
    noted = Counter(project.record().values())
    assert noted["done"] >= COUNT // 5
    assert noted["not begun"] >= COUNT // 4
    done = {name for name, state in project.record().items() if state == "done"}

    second = project.started("up", "--yes", "--create", "--resume")
    told = interrupted_after(second, COUNT // 5, group=False)
    assert not any(f"{name}: up begun" in told for name in done)
    assert (project.locks(), project.processes()) == ([], [])

    third = project.run("up", "--yes", "--create", "--resume", "--output", "json")
    assert third.returncode == 1
    assert states(json.loads(third.stdout)).keys() == {"done", "failed"}
    assert {name for name, one in project.record().items() if one != "done"} == {BROKEN}

    project.write(BROKEN, "reader", "writer")
    fourth = project.run("up", "--yes", "--create", "--resume")
    assert fourth.returncode == 0, fourth.stderr
    assert fourth.stdout.startswith("up of 1 stack in ")
    roles = take_inventory(project.sandbox, region=REGION).roles
    assert sum(one.startswith("fleet-") for one in roles) == 2 * COUNT

    status = project.run("status", "--output", "json")
    found = json.loads(status.stdout)
    assert status.returncode == 0
    assert [one["stack"] for one in found["stacks"]] == NAMES
    assert {
        (
            one["exists"],
            one["result"],
            one["pending"],
            one["locked"],
            one["checkErrors"],
        )
        for one in found["stacks"]
    } == {(True, "succeeded", 0, False, 0)}

    project.write(NAMES[3], "reader")
    reported = project.run("report", "--stacks", "fleet-0[0-4]", "--output", "json")
    report = json.loads(reported.stdout)
    assert reported.returncode == 0, reported.stderr
    assert len(report["stacks"]) == 5
