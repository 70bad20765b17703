"""`eks-irsa preview` with the real engine: a new stack is previewed and not made."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from config_texts import cluster_13
from workbench import Workbench

from sandbox.aws.clients import administrator

pytestmark = pytest.mark.engine


def eks_irsa(
    bench: Workbench, *arguments: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run the command in the project, with the engine of the tests on PATH."""
    home = bench.sandbox.engine_home()
    variables = {**os.environ, **home.environment, **environment}
    path = f"{home.command_root / 'bin'}{os.pathsep}{variables['PATH']}"
    return subprocess.run(  # noqa: S603 - ours
        [Path(sys.executable).with_name("eks-irsa"), *arguments],
        cwd=bench.project,
        env={**variables, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )


def stacks(bench: Workbench) -> set[str]:
    """Name the stacks that the backend has."""
    found = json.loads(bench.pulumi("stack", "ls", "--json"))
    return {one["name"] for one in found}


def test_new_stack_is_previewed_and_leaves_nothing(
    bench: Callable[..., Workbench],
) -> None:
    """Every resource is new; the backend, the files and AWS are as before."""
    there = bench()
    file = there.project / "stacks/Pulumi.beside.yaml"
    file.write_text(
        f"config:\n  aws:region: {there.region}\n"
        "  eks-irsa:clusterConfig: stacks/under-test.yaml\n",
        encoding="utf-8",
    )
    before = stacks(there), file.read_text(encoding="utf-8"), there.inventory()

    ran = eks_irsa(there, "preview", "beside")

    printed = json.loads(ran.stdout)
    assert (ran.returncode, ran.stderr) == (
        0,
        (
            "error: no stack named 'beside' found\n"
            "eks-irsa: so it is previewed as a new one\n"
        ),
    )
    assert printed["changeSummary"].keys() <= {"create", "read"}
    assert any(one["urn"].endswith("-role") for one in printed["steps"])
    after = stacks(there), file.read_text(encoding="utf-8"), there.inventory()
    assert after == before


def test_drift_is_told_by_the_exit_code(bench: Callable[..., Workbench]) -> None:
    """What is as the program says is 0, what somebody changed by hand 7."""
    there = bench(config=cluster_13("shop/pay", more=""))
    there.up()
    name = there.stack.name
    options = ("--refresh", "--expect-no-changes")

    clean = eks_irsa(there, "preview", *options, name)
    role = next(one for one in there.inventory().roles if "-shop-pay-" in one)
    administrator(there.sandbox.aws, "iam").attach_role_policy(
        RoleName=role, PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess"
    )
    attached = eks_irsa(there, "preview", *options, name)
    administrator(there.sandbox.aws, "iam").update_role(
        RoleName=role, MaxSessionDuration=7200
    )
    changed = eks_irsa(there, "preview", *options, name)

    assert (clean.returncode, changed.returncode) == (0, 7)
    assert set(json.loads(clean.stdout)["changeSummary"]) == {"same"}
    # Who attaches something outside of the stack is not seen: no resource says it.
    assert attached.returncode == 0
