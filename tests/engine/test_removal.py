"""Removal: an entry takes its own with it, in a safe order, and nothing else."""

import json
import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest
from config_texts import INLINE_POLICY, cluster_13
from hands import Hands
from reliability.faults import NoFault
from workbench import Workbench

from sandbox.aws.clients import administrator
from sandbox.interception import Failure, Request
from sandbox.inventory import Inventory
from sandbox.session import Sandbox

pytestmark = pytest.mark.engine

Benches = Callable[..., Workbench]

BY_HAND: Final = "arn:aws:iam::aws:policy/AmazonDynamoDBReadOnlyAccess"
PAGE: Final = Path(__file__).parents[2] / "docs/operations.md"


def config(*names: str) -> str:
    """Word a ClusterConfig with these entries, all in one namespace."""
    return cluster_13(
        *[f"cluster-13-apps/{name}" for name in names],
        more=f"roleName: NAMESPACE-NAME\nattachPolicy: {INLINE_POLICY}\n",
    )


class Witness(NoFault):
    """Looks at the account of a role whenever something is taken from the role.

    Attributes:
        seen: Name of the role -> each action, and the role the account then had.
    """

    def __init__(self, hands: Hands, *, namespace: str) -> None:
        """Look at the accounts of one namespace."""
        self.seen: defaultdict[str, list[tuple[str, str | None]]] = defaultdict(list)
        self._hands = hands
        self._namespace = namespace

    def before(self, request: Request) -> Failure | None:
        """Look before IAM carries the call out."""
        if not request.action.startswith(("Delete", "Detach")):
            return None
        role = request.target.rpartition("/")[2]
        entry = role.removeprefix(f"{self._namespace}-")
        role_arn = self._hands.role_arn(f"{self._namespace}/{entry}")
        self.seen[role].append((request.action, role_arn))
        return None


def without(inventory: Inventory, *, roles: set[str], accounts: set[str]) -> Inventory:
    """Leave out what is meant to go."""
    return replace(
        inventory,
        roles={
            name: role for name, role in inventory.roles.items() if name not in roles
        },
        service_accounts={
            key: one
            for key, one in inventory.service_accounts.items()
            if key not in accounts
        },
    )


def test_an_entry_takes_its_role_and_its_account_with_it_and_nothing_else(
    bench: Benches, hands: Hands, sandbox: Sandbox
) -> None:
    """Not its neighbours, nor what hands made in the namespace and in IAM."""
    cluster = bench(config=config("a", "a-b", "a2"))
    apps = f"{cluster.cluster}-apps"
    cluster.up()
    hands.make_service_account(f"{apps}/by-hand")
    administrator(sandbox.aws, "iam").create_role(
        RoleName=f"{apps}-by-hand",
        AssumeRolePolicyDocument=json.dumps(
            cluster.inventory().roles[f"{apps}-a"].trust_policy
        ),
    )
    before = cluster.inventory()

    cluster.write(config("a2", "a-b"))
    steps = cluster.up()
    cluster.preview(expect_no_changes=True)

    assert {(step.operation, step.name) for step in steps} == {
        ("delete", f"{apps}/a"),
        ("delete", f"{apps}/a-role"),
        ("delete", f"{apps}/a:aws:policy/AmazonS3ReadOnlyAccess"),
        ("delete", f"{apps}/a:attachPolicy"),
        ("delete", f"{apps}/a-service-account"),
    }
    assert cluster.inventory() == without(
        before, roles={f"{apps}-a"}, accounts={f"{apps}/a"}
    )
    administrator(sandbox.aws, "iam").delete_role(RoleName=f"{apps}-by-hand")


def test_the_annotation_goes_before_policies_and_policies_before_the_role(
    bench: Benches, hands: Hands, sandbox: Sandbox
) -> None:
    """No pod starts with a role that can do less than it should, or is gone."""
    cluster = bench(config=config("owned", "theirs", "kept"))
    apps = f"{cluster.cluster}-apps"
    hands.make_namespace(apps)
    hands.make_service_account(f"{apps}/theirs", labels={"team": "shop"})
    cluster.settings(patchExisting=[f"{apps}/theirs"])
    cluster.up()
    cluster.write(config("kept"))
    witness = Witness(hands, namespace=apps)

    with sandbox.aws.intercepted(witness):
        cluster.up()
    cluster.preview(expect_no_changes=True)

    for entry in ("owned", "theirs"):
        calls = witness.seen[f"{apps}-{entry}"]
        assert sorted(calls[:2]) == [
            ("DeleteRolePolicy", None),
            ("DetachRolePolicy", None),
        ]
        assert calls[2:] == [("DeleteRole", None)]
    assert hands.service_account(f"{apps}/owned") is None
    theirs = hands.service_account(f"{apps}/theirs")
    assert theirs is not None
    assert theirs["metadata"]["labels"] == {"team": "shop"}


def test_what_was_attached_by_hand_does_not_keep_a_role_from_going(
    bench: Benches, sandbox: Sandbox
) -> None:
    """IAM refuses to delete a role that has policies; these go with it."""
    cluster = bench(config=config("a", "kept"))
    apps = f"{cluster.cluster}-apps"
    cluster.up()
    before = cluster.inventory()
    iam = administrator(sandbox.aws, "iam")
    iam.attach_role_policy(RoleName=f"{apps}-a", PolicyArn=BY_HAND)
    iam.put_role_policy(
        RoleName=f"{apps}-a", PolicyName="by-hand", PolicyDocument=INLINE_POLICY
    )

    cluster.write(config("kept"))
    cluster.up()
    cluster.preview(expect_no_changes=True)

    assert cluster.inventory() == without(
        before, roles={f"{apps}-a"}, accounts={f"{apps}/a"}
    )


def test_what_somebody_deleted_already_is_no_error_and_does_not_come_back(
    bench: Benches, hands: Hands, sandbox: Sandbox
) -> None:
    """A role with all its policies, an account; each by hand, before its entry went."""
    cluster = bench(config=config("no-role", "no-account", "kept"))
    apps = f"{cluster.cluster}-apps"
    cluster.up()
    before = cluster.inventory()
    delete_role(sandbox, f"{apps}-no-role")
    hands.delete_service_account(f"{apps}/no-account")

    cluster.write(config("kept"))
    cluster.up()
    cluster.preview(expect_no_changes=True)

    assert cluster.inventory() == without(
        before,
        roles={f"{apps}-no-role", f"{apps}-no-account"},
        accounts={f"{apps}/no-role", f"{apps}/no-account"},
    )


def test_an_overridden_account_somebody_deleted_stays_gone_after_a_refresh(
    bench: Benches, hands: Hands
) -> None:
    """Letting go of keys is an apply: the account would be made anew, bare.

    And where its namespace is gone too, there is nowhere to make it.
    """
    theirs = ("cluster-13-apps/theirs", "cluster-13-gone/theirs")
    name = "roleName: NAMESPACE-NAME"
    cluster = bench(config=cluster_13("cluster-13-apps/kept", *theirs, more=name))
    apps, gone = f"{cluster.cluster}-apps", f"{cluster.cluster}-gone"
    for namespace in (apps, gone):
        hands.make_namespace(namespace)
        hands.make_service_account(f"{namespace}/theirs")
    cluster.settings(patchExisting=["*/theirs"])
    cluster.up()
    before = cluster.inventory()
    hands.delete_service_account(f"{apps}/theirs")
    hands.delete_namespace(gone)

    cluster.write(cluster_13("cluster-13-apps/kept", more=name))
    cluster.up(refresh=True)
    cluster.preview(expect_no_changes=True)

    left = cluster.inventory()
    expected = without(
        before,
        roles={f"{apps}-theirs", f"{gone}-theirs"},
        accounts={f"{apps}/theirs", f"{gone}/theirs"},
    )
    assert (left.roles, left.service_accounts, left.providers) == (
        expected.roles,
        expected.service_accounts,
        expected.providers,
    )
    assert hands.namespace(gone) is None


def targets(key: str) -> list[str]:
    """Give the patterns of docs/operations.md for an entry."""
    console = re.findall(r"```console\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    (command,) = [text for text in console if "up --target" in text]
    patterns = re.findall(r"--target '([^']+)'", command)
    assert all("apps/a" in pattern for pattern in patterns)
    return [pattern.replace("apps/a", key) for pattern in patterns]


def test_targets_mean_one_entry_and_none_whose_name_begins_alike(
    bench: Benches,
) -> None:
    """`a` is meant; `a-b` and `a2` stay, and those called as its resources are."""
    others = ("a-b", "a2", "a-role", "a-service-account")
    cluster = bench(config=config("a", *others))
    apps = f"{cluster.cluster}-apps"
    cluster.up()
    before = cluster.inventory()
    only_a = {"roles": {f"{apps}-a"}, "accounts": {f"{apps}/a"}}
    cluster.settings(
        defaults={"tags": {"team": "shop"}, "managedByLabel": "shop"},
    )

    changed = cluster.up(target=targets(f"{apps}/a"))
    after = cluster.inventory()
    destroyed = cluster.destroy(target=targets(f"{apps}/a"))
    left = cluster.inventory()
    cluster.write(config("new", "a", *others))
    again = cluster.up(target=targets(f"{apps}/a"))
    now = cluster.inventory()
    cluster.write(config("new", *others[1:]))
    removed = cluster.up(target=targets(f"{apps}/a"))
    last = cluster.inventory()
    cluster.up()
    cluster.preview(expect_no_changes=True)

    role = after.roles[f"{apps}-a"].role
    assert {"Key": "team", "Value": "shop"} in role["Tags"]
    assert role["RoleId"] == before.roles[f"{apps}-a"].role["RoleId"]
    labels = after.service_accounts[f"{apps}/a"]["metadata"]["labels"]
    assert labels == {"app.kubernetes.io/managed-by": "shop"}
    assert {(step.operation, step.name) for step in changed} == {
        ("update", f"{apps}/a-role"),
        ("update", f"{apps}/a-service-account"),
    }
    for steps, operation in (
        (destroyed, "delete"),
        (again, "create"),
        (removed, "delete"),
    ):
        assert {(step.operation, step.name) for step in steps} == {
            (operation, f"{apps}/a{suffix}")
            for suffix in (
                "",
                "-role",
                ":aws:policy/AmazonS3ReadOnlyAccess",
                ":attachPolicy",
                "-service-account",
            )
        }
    assert without(after, **only_a) == without(before, **only_a)
    assert left == last == without(before, **only_a)
    assert now.roles.keys() == before.roles.keys()
    assert without(now, **only_a) == left


def delete_role(sandbox: Sandbox, name: str) -> None:
    """Delete a role with all that hangs on it, as the console does."""
    iam = administrator(sandbox.aws, "iam")
    for one in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]:
        iam.detach_role_policy(RoleName=name, PolicyArn=one["PolicyArn"])
    for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]:
        iam.delete_role_policy(RoleName=name, PolicyName=policy)
    iam.delete_role(RoleName=name)
