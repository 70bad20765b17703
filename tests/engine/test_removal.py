"""Removal: an entry takes its own with it, in a safe order, and nothing else."""

import json
import re
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from hands import Hands
from workbench import Workbench

from sandbox.aws.clients import administrator
from sandbox.interception import Failure, Request
from sandbox.inventory import Inventory
from sandbox.reliability.faults import NoFault
from sandbox.session import Sandbox

pytestmark = pytest.mark.engine

Benches = Callable[..., Workbench]

HEAD: Final = (
    "apiVersion: eksctl.io/v1alpha5\nkind: ClusterConfig\n"
    "metadata: {name: cluster-13, region: us-west-2}\n"
    "iam:\n  withOIDC: true\n  serviceAccounts:\n"
)
READ_ONLY: Final = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
BY_HAND: Final = "arn:aws:iam::aws:policy/AmazonDynamoDBReadOnlyAccess"
DOCUMENT: Final = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}
        ],
    }
)
PAGE: Final = Path(__file__).parents[2] / "docs/operations.md"


def config(cluster: str, *names: str, roles: dict[str, str] | None = None) -> str:
    """Word a ClusterConfig with these entries, all in one namespace of the cluster."""
    given = roles or {}
    return HEAD.replace("cluster-13", cluster) + "".join(
        f"  - metadata: {{name: {name}, namespace: {cluster}-apps}}\n"
        f"    roleName: {given.get(name, f'{cluster}-{name}')}\n"
        f"    attachPolicyARNs: [{READ_ONLY}]\n"
        f"    attachPolicy: {DOCUMENT}\n"
        for name in names
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
        entry = role.removeprefix(f"{self._namespace.removesuffix('apps')}")
        role_arn = self._hands.role_arn(f"{self._namespace}/{entry}")
        self.seen[role].append((request.action, role_arn))
        return None


def without(inventory: Inventory, *, roles: set[str], accounts: set[str]) -> Inventory:
    """Leave out what is meant to go."""
    return Inventory(
        providers=inventory.providers,
        roles={
            name: role for name, role in inventory.roles.items() if name not in roles
        },
        namespaces=inventory.namespaces,
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
    cluster = bench(config=config("cluster-13", "a", "a-b", "a2"))
    name, apps = cluster.cluster, f"{cluster.cluster}-apps"
    cluster.up()
    hands.make_service_account(f"{apps}/by-hand")
    administrator(sandbox.aws, "iam").create_role(
        RoleName=f"{name}-by-hand",
        AssumeRolePolicyDocument=json.dumps(
            cluster.inventory().roles[f"{name}-a"].trust_policy
        ),
    )
    before = cluster.inventory()

    cluster.write(config(name, "a2", "a-b"))
    steps = cluster.up()
    cluster.preview(expect_no_changes=True)

    assert {(step.operation, step.name) for step in steps} == {
        ("delete", f"{apps}/a"),
        ("delete", f"{apps}/a-role"),
        ("delete", f"{apps}/a::aws:policy/AmazonS3ReadOnlyAccess"),
        ("delete", f"{apps}/a:attachPolicy"),
        ("delete", f"{apps}/a-service-account"),
    }
    assert cluster.inventory() == without(
        before, roles={f"{name}-a"}, accounts={f"{apps}/a"}
    )
    administrator(sandbox.aws, "iam").delete_role(RoleName=f"{name}-by-hand")


def test_the_annotation_goes_before_policies_and_policies_before_the_role(
    bench: Benches, hands: Hands, sandbox: Sandbox
) -> None:
    """No pod starts with a role that can do less than it should, or is gone."""
    cluster = bench(config=config("cluster-13", "owned", "theirs", "kept"))
    name, apps = cluster.cluster, f"{cluster.cluster}-apps"
    hands.make_namespace(apps)
    hands.make_service_account(f"{apps}/theirs", labels={"team": "shop"})
    cluster.settings(overrideExisting=[f"{apps}/theirs"])
    cluster.up()
    cluster.write(config(name, "kept"))
    witness = Witness(hands, namespace=apps)

    with sandbox.aws.intercepted(witness):
        cluster.up()
    cluster.preview(expect_no_changes=True)

    for entry in ("owned", "theirs"):
        calls = witness.seen[f"{name}-{entry}"]
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
    cluster = bench(config=config("cluster-13", "a", "kept"))
    name, apps = cluster.cluster, f"{cluster.cluster}-apps"
    cluster.up()
    before = cluster.inventory()
    iam = administrator(sandbox.aws, "iam")
    iam.attach_role_policy(RoleName=f"{name}-a", PolicyArn=BY_HAND)
    iam.put_role_policy(
        RoleName=f"{name}-a", PolicyName="by-hand", PolicyDocument=DOCUMENT
    )

    cluster.write(config(name, "kept"))
    cluster.up()
    cluster.preview(expect_no_changes=True)

    assert cluster.inventory() == without(
        before, roles={f"{name}-a"}, accounts={f"{apps}/a"}
    )


def test_what_somebody_deleted_already_is_no_error_and_does_not_come_back(
    bench: Benches, hands: Hands, sandbox: Sandbox
) -> None:
    """A role with all its policies, an account; each by hand, before its entry went."""
    cluster = bench(config=config("cluster-13", "no-role", "no-account", "kept"))
    name, apps = cluster.cluster, f"{cluster.cluster}-apps"
    cluster.up()
    before = cluster.inventory()
    delete_role(sandbox, f"{name}-no-role")
    hands.delete_service_account(f"{apps}/no-account")

    cluster.write(config(name, "kept"))
    cluster.up()
    cluster.preview(expect_no_changes=True)

    assert cluster.inventory() == without(
        before,
        roles={f"{name}-no-role", f"{name}-no-account"},
        accounts={f"{apps}/no-role", f"{apps}/no-account"},
    )


def test_an_overridden_account_somebody_deleted_stays_gone_after_a_refresh(
    bench: Benches, hands: Hands
) -> None:
    """Letting go of keys is an apply, which would make the account anew, bare."""
    cluster = bench(config=config("cluster-13", "theirs", "kept"))
    name, apps = cluster.cluster, f"{cluster.cluster}-apps"
    hands.make_namespace(apps)
    hands.make_service_account(f"{apps}/theirs")
    cluster.settings(overrideExisting=[f"{apps}/theirs"])
    cluster.up()
    before = cluster.inventory()
    hands.delete_service_account(f"{apps}/theirs")

    cluster.write(config(name, "kept"))
    cluster.up(refresh=True)
    cluster.preview(expect_no_changes=True)

    assert cluster.inventory() == without(
        before, roles={f"{name}-theirs"}, accounts={f"{apps}/theirs"}
    )


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
    cluster = bench(config=config("cluster-13", "a", *others))
    name, apps = cluster.cluster, f"{cluster.cluster}-apps"
    cluster.up()
    before = cluster.inventory()
    only_a = {"roles": {f"{name}-a"}, "accounts": {f"{apps}/a"}}
    cluster.settings(
        defaults={"tags": {"team": "shop"}, "managedByLabel": "shop"},
    )

    changed = cluster.up(target=targets(f"{apps}/a"))
    after = cluster.inventory()
    destroyed = cluster.destroy(target=targets(f"{apps}/a"))
    left = cluster.inventory()
    cluster.write(config(name, "new", "a", *others))
    again = cluster.up(target=targets(f"{apps}/a"))

    role = after.roles[f"{name}-a"].role
    assert {"Key": "team", "Value": "shop"} in role["Tags"]
    assert role["RoleId"] == before.roles[f"{name}-a"].role["RoleId"]
    labels = after.service_accounts[f"{apps}/a"]["metadata"]["labels"]
    assert labels == {"app.kubernetes.io/managed-by": "shop"}
    assert {(step.operation, step.name) for step in changed} == {
        ("update", f"{apps}/a"),
        ("update", f"{apps}/a-role"),
        ("update", f"{apps}/a-service-account"),
    }
    assert {step.operation for step in destroyed} == {"delete"}
    assert {step.name for step in destroyed} == {step.name for step in again}
    assert without(after, **only_a) == without(before, **only_a)
    assert left == without(before, **only_a)
    now = cluster.inventory()
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
