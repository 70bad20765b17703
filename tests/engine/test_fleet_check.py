"""What `eks-irsa fleet check` says beforehand, the engine and AWS say afterwards."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
from click.testing import CliRunner
from pulumi.automation import CommandError
from workbench import Workbench

from eks_irsa.cli.commands import commands
from sandbox.aws import iam_rules
from sandbox.aws.clients import administrator
from sandbox.engine import open_stack

pytestmark = pytest.mark.engine

TRUST: Final = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Principal": {"Service": "ec2.amazonaws.com"},
            "Action": "sts:AssumeRole",
        },
    }
)


def problems_of(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch, *arguments: str
) -> list[str]:
    """Give the codes of the errors that the check finds in the project's own stacks."""
    (bench.project / "stacks/Pulumi.dev.yaml").unlink(missing_ok=True)
    monkeypatch.chdir(bench.project)
    ran = CliRunner().invoke(
        commands,
        ["fleet", "check", "--output=json", *arguments],
        catch_exceptions=False,
    )
    found = json.loads(ran.stdout)["problems"]
    return [one["code"] for one in found if one["severity"] == "error"]


def test_entry_of_two_stacks_is_refused_by_the_second_up(
    bench: Callable[..., Workbench], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The role and the service account exist; with `exclude` both stacks come up."""
    first = bench()
    account = first.sandbox.aws.account_id
    first.entries({"shop/orders": {}, "shop/carts": {}})
    first.settings(accountId=account)
    first.settings("second", accountId=account, include=["shop/orders"])
    home = first.sandbox.engine_home()
    second = open_stack(home, project=first.project, stack="second")
    first.up()

    with pytest.raises(CommandError, match="exists"):
        second.up()
    assert problems_of(first, monkeypatch) == ["E-ENTRY-SHARED"]

    first.settings(accountId=account, exclude=["shop/orders"])
    assert problems_of(first, monkeypatch) == []
    first.up()
    second.up()
    second.destroy()


def test_quota_of_roles_is_what_aws_takes(
    bench: Callable[..., Workbench],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """One less than is needed and `up` fails, exactly as much and it does not."""
    stack = bench()
    stack.entries({"shop/orders": {}, "shop/carts": {}})
    iam: Any = administrator(stack.sandbox.aws, "iam")
    iam.create_role(RoleName="others", AssumeRolePolicyDocument=TRUST)
    now = {"Roles": iam.list_roles()["Roles"]}
    inventory = tmp_path / "now.json"
    inventory.write_text(json.dumps(now, default=str), encoding="utf-8")
    enough = len(now["Roles"]) + 2

    def check(limit: int) -> list[str]:
        monkeypatch.setattr(iam_rules, "MAX_ROLES", limit)
        stack.settings(
            accountId=stack.sandbox.aws.account_id, limits={"rolesPerAccount": limit}
        )
        return problems_of(stack, monkeypatch, f"--inventory={inventory}")

    assert check(enough - 1) == ["E-LIMIT-ROLES"]
    with pytest.raises(CommandError, match="LimitExceeded"):
        stack.up()
    assert check(enough) == []
    stack.up()
    iam.delete_role(RoleName="others")
