"""Outputs: what a Helm value or another stack needs, by `<namespace>/<name>`."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest
from own_program import Program
from workbench import Workbench

from sandbox.session import Sandbox

pytestmark = pytest.mark.engine

Benches = Callable[..., Workbench]

CONFIG: Final = """\
apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig
metadata: {name: cluster-13, region: us-west-2}
iam:
  withOIDC: true
  serviceAccounts:
  - metadata: {name: reader, namespace: cluster-13-apps}
    attachPolicyARNs: [arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess]
  - metadata: {name: chart, namespace: cluster-13-apps}
    roleOnly: true
    roleName: cluster-13-chart
    attachPolicyARNs: [arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess]
  - metadata: {name: theirs, namespace: cluster-13-apps}
    attachRoleARN: arn:aws:iam::123456789012:role/team/theirs
"""


def test_every_entry_is_found_by_its_key_with_role_subject_and_account(
    bench: Benches,
) -> None:
    """Made, roleOnly or with a role that was there: all that others build upon."""
    cluster = bench(config=CONFIG)
    name, apps = cluster.cluster, f"{cluster.cluster}-apps"

    cluster.up()
    cluster.preview(expect_no_changes=True)

    issuer = cluster.issuer_url.removeprefix("https://")
    live = cluster.inventory()
    (made,) = [
        one
        for role, one in live.roles.items()
        if role.startswith(f"{name}-{name}-apps")
    ]
    outputs = cluster.outputs()
    assert outputs == {
        "accountId": cluster.sandbox.aws.account_id,
        "oidcProviderArn": f"arn:aws:iam::123456789012:oidc-provider/{issuer}",
        "serviceAccounts": {
            f"{apps}/reader": {
                "namespace": apps,
                "name": "reader",
                "roleArn": made.role["Arn"],
                "roleName": made.role["RoleName"],
                "subject": f"system:serviceaccount:{apps}:reader",
                "identity": "irsa",
            },
            f"{apps}/chart": {
                "namespace": apps,
                "name": "chart",
                "roleArn": f"arn:aws:iam::123456789012:role/{name}-chart",
                "roleName": f"{name}-chart",
                "subject": f"system:serviceaccount:{apps}:chart",
                "identity": "irsa",
            },
            f"{apps}/theirs": {
                "namespace": apps,
                "name": "theirs",
                "roleArn": "arn:aws:iam::123456789012:role/team/theirs",
                "roleName": "theirs",
                "subject": f"system:serviceaccount:{apps}:theirs",
                "identity": "irsa",
            },
        },
    }
    assert outputs["oidcProviderArn"] in live.providers
    printed = cluster.pulumi("stack", "output", "serviceAccounts", "--json")
    assert json.loads(printed) == outputs["serviceAccounts"]


def test_another_stack_reads_them_and_this_one_is_not_changed(
    bench: Benches, sandbox: Sandbox, numbers: Iterator[int], tmp_path: Path
) -> None:
    """A StackReference addresses the entry, as docs/operations.md shows."""
    cluster = bench(config=CONFIG, kubernetes="off")
    cluster.up()
    before, state = cluster.inventory(), cluster.resources()
    apps = f"{cluster.cluster}-apps"
    other = Program(
        sandbox,
        tmp_path / f"own-{next(numbers)}",
        f"""
import pulumi

irsa = pulumi.StackReference("organization/eks-irsa/{cluster.stack.name}")
accounts = irsa.require_output("serviceAccounts")
pulumi.export("chart", accounts["{apps}/chart"]["roleArn"])
pulumi.export("provider", irsa.require_output("oidcProviderArn"))
""",
    )

    read = {key: one.value for key, one in other.stack.up().outputs.items()}
    other.stack.preview(expect_no_changes=True)
    other.stack.destroy()

    issuer = cluster.issuer_url.removeprefix("https://")
    assert read == {
        "chart": f"arn:aws:iam::123456789012:role/{cluster.cluster}-chart",
        "provider": f"arn:aws:iam::123456789012:oidc-provider/{issuer}",
    }
    assert cluster.inventory() == before
    assert cluster.resources() == state
    cluster.preview(expect_no_changes=True)


def test_the_outputs_of_an_entry_that_leaves_go_and_the_others_stay(
    bench: Benches,
) -> None:
    """A stack that reads one that is gone fails instead of keeping a stale ARN."""
    cluster = bench(config=CONFIG, kubernetes="off")
    cluster.up()
    before = cluster.outputs()
    kept, _, _ = CONFIG.partition("  - metadata: {name: chart")

    cluster.write(kept)
    cluster.up()
    cluster.preview(expect_no_changes=True)

    key = f"{cluster.cluster}-apps/reader"
    accounts = before["serviceAccounts"]
    assert cluster.outputs() == before | {"serviceAccounts": {key: accounts[key]}}
