"""What changes in place, what replaces a role, and what a rename keeps."""

import json
from collections.abc import Callable
from typing import Any, Final

import pytest
from hands import Hands
from workbench import READ_ONLY, Step, Workbench

pytestmark = pytest.mark.engine

Benches = Callable[..., Workbench]

AWS: Final = "arn:aws:iam::aws:policy"
BOUNDARY: Final = f"{AWS}/PowerUserAccess"


def policy(action: str) -> dict[str, Any]:
    """Word a permission policy."""
    statement = {"Effect": "Allow", "Action": [action], "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [statement]}


class Changed:
    """The entry that is changed, beside two that are not."""

    def __init__(self, bench: Workbench, hands: Hands) -> None:
        """Bring three entries up."""
        self.bench = bench
        self.namespace = f"{bench.cluster}-apps"
        self.key = f"{self.namespace}/changed"
        self._hands = hands
        self.to({"attachPolicy": policy("s3:GetObject"), "tags": {"a": "1"}})
        bench.up()

    def to(self, given: dict[str, Any]) -> None:
        """Write the file with the entry between its neighbours."""
        self.bench.entries(
            {
                f"{self.namespace}/before": {},
                self.key: given,
                f"{self.namespace}/behind": {},
            }
        )

    def up(self) -> list[tuple[str, str]]:
        """Bring up, see that a second preview has no change, and give the steps."""
        steps = self.bench.up()
        self.bench.preview(expect_no_changes=True)
        return operations(steps, but="IrsaServiceAccount")

    def role(self, key: str | None = None) -> dict[str, Any]:
        """Give what GetRole answers."""
        made = self.bench.outputs()["serviceAccounts"][key or self.key]
        return dict(self.bench.inventory().roles[made["roleName"]].role)

    @property
    def uid(self) -> str:
        """Identity of the service account."""
        found = self._hands.service_account(self.key)
        assert found is not None
        return str(found["metadata"]["uid"])

    @property
    def neighbours(self) -> list[object]:
        """Give roles and accounts of the neighbours, whole."""
        made, names = self.bench.inventory(), self.bench.outputs()["serviceAccounts"]
        keys = [f"{self.namespace}/{name}" for name in ("before", "behind")]
        return [
            (made.roles[names[key]["roleName"]], made.service_accounts[key])
            for key in keys
        ]


def operations(steps: list[Step], *, but: str = "") -> list[tuple[str, str]]:
    """Give operation and type of each step, sorted, less components."""
    return sorted(
        (step.operation, step.type.rpartition(":")[2])
        for step in steps
        if step.type.rpartition(":")[2] != but
    )


@pytest.fixture(name="changed")
def _changed(bench: Benches, hands: Hands) -> Changed:
    return Changed(bench(), hands)


def test_everything_but_name_and_path_changes_in_place(changed: Changed) -> None:
    """The role's unique id and the account's uid stay, so no trust elsewhere breaks."""
    role, uid, neighbours = changed.role(), changed.uid, changed.neighbours

    changed.to(
        {
            "attachPolicy": policy("s3:PutObject"),
            "attachPolicyARNs": [READ_ONLY],
            "permissionsBoundary": BOUNDARY,
            "tags": {"a": "2", "b": "1"},
            "subjectPattern": "chang*",
            "metadata": {"labels": {"x": "1"}, "annotations": {"y": "1"}},
        }
    )
    changed.bench.settings(overrides={changed.key: {"maxSessionDurationSeconds": 7200}})
    steps = changed.up()

    after = changed.role()
    assert steps == [
        ("create", "RolePolicyAttachment"),
        ("update", "Role"),
        ("update", "RolePolicy"),
        ("update", "ServiceAccount"),
    ]
    assert (after["RoleId"], after["Arn"]) == (role["RoleId"], role["Arn"])
    assert after["MaxSessionDuration"] == 7200
    assert after["PermissionsBoundary"]["PermissionsBoundaryArn"] == BOUNDARY
    tags = {tag["Key"]: tag["Value"] for tag in after["Tags"]}
    assert (tags["a"], tags["b"]) == ("2", "1")
    assert changed.uid == uid
    assert changed.neighbours == neighbours


def test_what_is_taken_away_goes_in_place_too(changed: Changed) -> None:
    """Policies, boundary and tags leave the role, and the role stays."""
    changed.to(
        {
            "attachPolicyARNs": [READ_ONLY, f"{AWS}/AmazonSQSReadOnlyAccess"],
            "permissionsBoundary": BOUNDARY,
            "tags": {"a": "1"},
        }
    )
    changed.up()
    role, neighbours = changed.role(), changed.neighbours

    changed.to({"attachPolicyARNs": [READ_ONLY]})
    steps = changed.up()

    after = changed.role()
    assert steps == [("delete", "RolePolicyAttachment"), ("update", "Role")]
    assert after["RoleId"] == role["RoleId"]
    assert "PermissionsBoundary" not in after
    assert "a" not in {tag["Key"] for tag in after["Tags"]}
    assert changed.neighbours == neighbours


def test_reordering_entries_and_policies_changes_nothing(changed: Changed) -> None:
    """Identity is a name, never a position."""
    both = [READ_ONLY, f"{AWS}/AmazonSQSReadOnlyAccess"]
    entries: dict[str, dict[str, Any]] = {
        f"{changed.namespace}/{name}": {} for name in ("behind", "before")
    }
    changed.to({"attachPolicyARNs": both})
    changed.up()

    changed.bench.entries({changed.key: {"attachPolicyARNs": both[::-1]}, **entries})

    changed.bench.preview(expect_no_changes=True)


@pytest.mark.parametrize("what", ["name", "path"])
def test_only_a_new_name_or_path_replaces_the_role_and_says_so_before(
    changed: Changed, what: str
) -> None:
    """The preview names both roles and the pods that must restart."""
    role, uid, neighbours = changed.role(), changed.uid, changed.neighbours
    given: dict[str, Any] = {
        "attachPolicy": policy("s3:GetObject"),
        "tags": {"a": "1"},
    }
    if what == "name":
        changed.to({**given, "roleName": f"{changed.bench.cluster}-new"})
    else:
        changed.bench.settings(overrides={changed.key: {"rolePath": "/eks/"}})

    planned = changed.bench.preview()
    said = "\n".join(changed.bench.output)
    changed.up()

    after = changed.role()
    assert {step.name for step in planned if step.operation == "replace"} >= {
        f"{changed.key}-role"
    }
    assert (
        f"{changed.key}: the role {role['Arn']} is replaced by {after['Arn']}, as a "
        "role's name and path cannot change; restart the pods of this service account"
    ) in said
    assert after["RoleId"] != role["RoleId"]
    assert changed.uid == uid
    assert changed.neighbours == neighbours


def test_a_declared_rename_keeps_the_role_and_its_name(
    changed: Changed, hands: Hands
) -> None:
    """The account is a new one, and the old one goes; taking it back replaces."""
    role, neighbours = changed.role(), changed.neighbours
    entries: dict[str, dict[str, Any]] = {
        f"{changed.namespace}/{name}": {} for name in ("before", "behind")
    }
    given = {"attachPolicy": policy("s3:GetObject"), "tags": {"a": "1"}}
    renamed = f"{changed.namespace}/renamed"

    changed.bench.entries({**entries, renamed: given})
    changed.bench.settings(renames={changed.key: renamed})
    changed.up()

    after = changed.role(renamed)
    assert (after["RoleId"], after["Arn"]) == (role["RoleId"], role["Arn"])
    trust = json.dumps(after["AssumeRolePolicyDocument"])
    assert f"system:serviceaccount:{changed.namespace}:renamed" in trust
    assert hands.service_account(changed.key) is None
    made = hands.service_account(renamed)
    assert made is not None
    annotation = made["metadata"]["annotations"]["eks.amazonaws.com/role-arn"]
    assert annotation == role["Arn"]
    assert changed.neighbours == neighbours

    changed.bench.settings()
    planned = changed.bench.preview()

    replaced = {step.name for step in planned if step.operation == "replace"}
    assert f"{renamed}-role" in replaced
