"""8: interrupted runs, a sample. `make reliability` does every step."""

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from reliability.experiments import (
    CONVERGED,
    PHASES,
    REFUSED,
    fail_each,
    kill_at_each,
)
from reliability.faults import AWS_FAULTS, KUBERNETES_FAULTS
from reliability.killing import Killer
from reliability.rig import Rig, open_rig

from sandbox.interception import Request
from sandbox.inventory import Inventory
from sandbox.session import Sandbox

pytestmark = [
    pytest.mark.engine,
    # What the Automation API says of an engine that was killed.
    pytest.mark.filterwarnings("ignore:Error in event stream"),
]

CREATE, _, DELETE = PHASES
ROLE_ARN = "eks.amazonaws.com/role-arn"
PAGE: Final = (Path(__file__).parents[2] / "docs/reliability.md").read_text("utf-8")


@pytest.fixture(name="rig")
def _rig(sandbox: Sandbox, numbers: Iterator[int], tmp_path: Path) -> Iterator[Rig]:
    cluster = f"interrupted-{next(numbers)}"
    folder = tmp_path / "project"
    # One step at a time: the engine is not killed while it writes another one down.
    with open_rig(sandbox, folder=folder, cluster=cluster, parallel=1) as rig:
        yield rig


def found_of(rig: Rig, before: Inventory) -> tuple[dict[str, str], dict[str, str]]:
    """Give the stack's roles and annotated service accounts -> IAM's and uids.

    Args:
        rig: What runs the stack.
        before: What was there already, such as what other tests let go.
    """
    inventory = rig.inventory()
    roles = {
        name: one.role["RoleId"]
        for name, one in inventory.roles.items()
        if name.startswith(f"{rig.cluster}-")
    }
    annotated, others = (
        {
            (key, one["metadata"]["annotations"][ROLE_ARN]): one["metadata"]["uid"]
            for key, one in inventory.service_accounts.items()
            if ROLE_ARN in one["metadata"].get("annotations", {})
        }
        for inventory in (inventory, before)
    )
    ours = annotated.keys() - others.keys()
    return roles, {key: annotated[key, arn] for key, arn in ours}


def test_8_killed_runs_lose_nothing_and_double_nothing(rig: Rig) -> None:
    """Killed while it makes a role, an account, an attachment; and while it deletes."""
    before = rig.inventory()
    calls = {
        "CreateRole": "-apps-writer-",
        "create serviceaccounts": "apps/reader",
        "AttachRolePolicy": "-apps-bounded-",
        "DeleteRole": "-data-loader-",
    }

    def one_of_each(call: Request) -> bool:
        return call.action in calls and calls[call.action] in call.target

    made = kill_at_each(rig, CREATE, killer=Killer(at=one_of_each))
    planned, found = rig.preview(), found_of(rig, before)
    again = rig.up()
    kept = found_of(rig, before)
    gone = kill_at_each(rig, DELETE, killer=Killer(at=one_of_each))
    left = rig.inventory()

    assert {step.call.action: step.outcome for step in made} == {
        "CreateRole": REFUSED,
        "create serviceaccounts": REFUSED,
        "AttachRolePolicy": CONVERGED,
    }
    assert {step.call.action: step.outcome for step in gone} == {
        "DeleteRole": CONVERGED
    }
    assert (planned.failed, planned.steps, again.steps) == (False, (), ())
    # One entry has somebody else's role, and one is roleOnly.
    assert [len(part) for part in found] == [9, 9]
    assert found == kept
    assert (left.roles, left.providers) == (before.roles, before.providers)
    assert left.service_accounts.keys() == before.service_accounts.keys()


def test_8_throttled_calls_converge_by_themselves(rig: Rig) -> None:
    """Each call to AWS is throttled once, then each to the API server."""
    before = rig.inventory()

    made = fail_each(
        rig,
        CREATE,
        failure=AWS_FAULTS["Throttling"],
        concerns=lambda call: call.service != "kubernetes",
    )
    found = found_of(rig, before)
    gone = fail_each(
        rig,
        DELETE,
        failure=KUBERNETES_FAULTS["429"],
        concerns=lambda call: call.service == "kubernetes",
    )
    left = rig.inventory()

    assert [runs for _, runs in (made, gone)] == [1, 1]
    assert min(calls for calls, _ in (made, gone)) > 10
    assert [len(part) for part in found] == [9, 9]
    assert (left.roles, left.providers) == (before.roles, before.providers)
    assert left.service_accounts.keys() == before.service_accounts.keys()


def test_a_kill_between_two_steps_of_a_write_is_mended(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """What it leaves in a folder stops every command, until the page's command."""
    home = sandbox.engine_home()
    programs = f"{home.command_root / 'bin'}{os.pathsep}{home.environment['PATH']}"
    variables = {**os.environ, **home.environment, "PATH": programs}
    url = tmp_path.as_uri()

    def run(command: str, url: str = url) -> tuple[int, str]:
        done = subprocess.run(  # noqa: S602 - the page's own words
            command,
            shell=True,
            cwd=tmp_path,
            env={**variables, "PULUMI_BACKEND_URL": url},
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    (tmp_path / "Pulumi.yaml").write_text("name: p\nruntime: python\n")
    (mend,) = re.findall(r"^find .*", PAGE, re.MULTILINE)
    begun = [run(f"pulumi stack init {name}") for name in ("killed", "other")]
    (tmp_path / ".pulumi/stacks/p/killed.json.attrs").write_text("")
    broken = [run("pulumi cancel --yes --stack killed"), run("pulumi stack ls")]
    mended = run(mend)
    again = [run("pulumi cancel --yes --stack killed"), run("pulumi stack ls")]
    run("pulumi stack init third", f"{url}?metadata=skip")
    notes = {path.name for path in tmp_path.rglob("*.attrs")}

    assert [status for status, _ in [*begun, mended, *again]] == [0] * 5
    assert [text for status, text in broken if status] == [
        "error: failed to load checkpoint: EOF\n",
        "error: EOF\n",
    ]
    assert "killed.json.attrs" not in notes
    assert "other.json.attrs" in notes
    assert "third.json.attrs" not in notes
