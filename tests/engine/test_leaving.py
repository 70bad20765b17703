"""Leaving: Pulumi forgets, and IAM and the cluster stay as they are.

The commands are those of docs/leaving.md, word for word but for the names.
"""

import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from config_texts import cluster_13
from pulumi.automation.errors import CommandError
from workbench import Workbench

from sandbox.aws.clients import administrator
from sandbox.inventory import Inventory
from sandbox.session import Sandbox

pytestmark = pytest.mark.engine

Benches = Callable[..., Workbench]

PAGE: Final = (Path(__file__).parents[2] / "docs/leaving.md").read_text("utf-8")


def command(bench: Workbench, beginning: str) -> list[str]:
    """Give the page's one command that begins so, for a stack and its entry a."""
    lines = re.findall(r"^pulumi .*$", PAGE, re.MULTILINE)
    (line,) = [line for line in lines if line.startswith(f"pulumi {beginning}")]
    line = line.replace("prod", bench.stack.name)
    return shlex.split(line.replace("apps/a", f"{bench.cluster}-apps/a"))[1:]


def test_a_stack_is_forgotten_and_everything_it_made_stays(bench: Benches) -> None:
    """Roles, policies, provider, namespace and accounts; and there is a way back."""
    cluster = bench(config=cluster_13("cluster-13-apps/b"))
    cluster.up()
    before, state = cluster.inventory(), cluster.resources()

    cluster.pulumi(*command(cluster, "stack export"))
    cluster.pulumi(*command(cluster, "stack rm"))
    known = cluster.pulumi("stack", "ls", "--json")
    forgotten = cluster.inventory()
    cluster.pulumi(*command(cluster, "stack init"))
    cluster.pulumi(*command(cluster, "stack import"))

    assert cluster.stack.name not in known
    assert forgotten == before
    assert cluster.resources() == state
    cluster.preview(expect_no_changes=True)
    assert cluster.inventory() == before


def test_one_entry_is_forgotten_and_everything_it_had_stays(
    bench: Benches, sandbox: Sandbox
) -> None:
    """The others go on as before, and `destroy` leaves what was forgotten."""
    cluster = bench(config=cluster_13("cluster-13-apps/a", "cluster-13-apps/b"))
    others = cluster.inventory()
    cluster.up()
    before = cluster.inventory()

    cluster.pulumi(*command(cluster, "state delete"))
    with pytest.raises(CommandError, match="with the tag of this stack"):
        cluster.up()
    cluster.write(cluster_13("cluster-13-apps/b"))
    cluster.up()
    cluster.preview(expect_no_changes=True)
    forgotten = cluster.inventory()
    cluster.destroy()

    key = f"{cluster.cluster}-apps/a"
    left = cluster.inventory()
    assert forgotten == before
    assert left.providers == others.providers
    assert left.service_accounts == {
        **others.service_accounts,
        key: before.service_accounts[key],
    }
    (role,) = left.roles.keys() - others.roles.keys()
    assert left.roles[role] == before.roles[role]
    assert left.roles[role].subjects == (
        f"system:serviceaccount:{key.replace('/', ':')}",
    )
    remove(cluster, sandbox, left)


def remove(bench: Workbench, sandbox: Sandbox, left: Inventory) -> None:
    """Clean up what the engine does not know any more."""
    iam = administrator(sandbox.aws, "iam")
    for name, role in left.roles.items():
        if bench.cluster in name:
            for arn in role.managed_policy_arns:
                iam.detach_role_policy(RoleName=name, PolicyArn=arn)
            iam.delete_role(RoleName=name)
    for arn, provider in left.providers.items():
        if provider["Url"] == bench.issuer_url.removeprefix("https://"):
            iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=arn)
