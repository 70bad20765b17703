"""`IrsaServiceAccount` in a program of one's own, on a real engine."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from own_program import Program
from pulumi.automation.errors import CommandError

from sandbox.inventory import take_inventory
from sandbox.session import Sandbox, issuer_url_of

pytestmark = pytest.mark.engine

REGION = "us-west-2"


@pytest.fixture(name="cluster")
def _cluster(sandbox: Sandbox, numbers: Iterator[int]) -> str:
    """Give a cluster of its own, by name."""
    name = f"own-{next(numbers)}"
    issuer = issuer_url_of(cluster=name, region=REGION)
    sandbox.add_cluster(name=name, region=REGION, issuer_url=issuer)
    return name


def test_given_the_clusters_name_one_component_makes_all_five_parts(
    sandbox: Sandbox, cluster: str, tmp_path: Path
) -> None:
    """Provider, role, attachment, namespace and account, and all but it goes again."""
    own = Program(
        sandbox,
        tmp_path / cluster,
        f"""
import pulumi
from eks_irsa import IrsaServiceAccount

reader = IrsaServiceAccount(
    "reader",
    {{
        "cluster_name": "{cluster}",
        "namespace": "{cluster}-apps",
        "service_account_name": "reader",
        "attach_policy_arns": ["arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"],
    }},
)
for output in ("role_arn", "role_name", "oidc_provider_arn", "subject"):
    pulumi.export(output, getattr(reader, output))
""",
    )
    before = take_inventory(sandbox)

    outputs = {key: one.value for key, one in own.stack.up().outputs.items()}
    made = take_inventory(sandbox)
    own.stack.preview(expect_no_changes=True)
    own.stack.destroy()
    left = take_inventory(sandbox)

    account = made.service_accounts[f"{cluster}-apps/reader"]
    role = made.roles[outputs["role_name"]]
    assert outputs["subject"] == f"system:serviceaccount:{cluster}-apps:reader"
    assert role.subjects == (outputs["subject"],)
    assert role.managed_policy_arns == (
        "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess",
    )
    assert made.providers.keys() - before.providers.keys() == {
        outputs["oidc_provider_arn"]
    }
    assert account["metadata"]["annotations"] == {
        "eks.amazonaws.com/role-arn": outputs["role_arn"]
    }
    assert (left.providers, left.roles) == (before.providers, before.roles)
    assert left.service_accounts == before.service_accounts
    assert left.namespaces.keys() - before.namespaces.keys() == {f"{cluster}-apps"}


def test_without_a_provider_the_current_kubeconfig_context_is_not_used(
    sandbox: Sandbox, cluster: str, tmp_path: Path
) -> None:
    """The engine is told what to pass, and nothing reaches a cluster by accident."""
    issuer = issuer_url_of(cluster=cluster, region=REGION)
    own = Program(
        sandbox,
        tmp_path / cluster,
        f"""
from eks_irsa import IrsaServiceAccount

IrsaServiceAccount(
    "reader", {{"issuer_url": "{issuer}", "service_account_name": "reader"}}
)
""",
    )

    with pytest.raises(CommandError, match="no Kubernetes provider"):
        own.stack.preview()


def test_many_components_share_one_provider_that_is_given_by_its_arn(
    sandbox: Sandbox, cluster: str, tmp_path: Path
) -> None:
    """One `EksOidcProvider`, and roles that trust it, known by its issuer URL alone."""
    issuer = issuer_url_of(cluster=cluster, region=REGION)
    own = Program(
        sandbox,
        tmp_path / cluster,
        f"""
import pulumi
from eks_irsa import EksOidcProvider, IrsaServiceAccount

provider = EksOidcProvider("{cluster}", {{"issuer_url": "{issuer}"}})
for name in ("one", "two"):
    account = IrsaServiceAccount(
        name,
        {{
            "oidc_provider_arn": provider.provider_arn,
            "service_account_name": name,
            "role_name": f"{cluster}-{{name}}",
            "service_account_mode": "notManaged",
        }},
    )
    pulumi.export(name, account.role_arn)
""",
    )

    outputs = own.stack.up().outputs
    made = take_inventory(sandbox)
    own.stack.preview(expect_no_changes=True)
    own.stack.destroy()

    arn = f"arn:aws:iam::{sandbox.aws.account_id}:role/{cluster}"
    assert {key: one.value for key, one in outputs.items()} == {
        "one": f"{arn}-one",
        "two": f"{arn}-two",
    }
    assert made.roles[f"{cluster}-one"].subjects == (
        "system:serviceaccount:default:one",
    )
