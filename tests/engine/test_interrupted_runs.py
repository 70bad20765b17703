"""8: interrupted runs, a sample. `make reliability` does every step."""

from collections.abc import Iterator
from pathlib import Path

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
