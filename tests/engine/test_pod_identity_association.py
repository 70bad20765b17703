"""A Pod Identity association under a real engine: the double's whole life of one."""

import json
from collections.abc import Callable
from typing import Any, Final

import pulumi
import pulumi.automation as auto
import pulumi_aws as aws
import pytest
from contract import Contract

from sandbox.aws.clients import administrator
from sandbox.session import Sandbox

pytestmark = pytest.mark.engine

TRUST: Final = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "pods.eks.amazonaws.com"},
                "Action": ["sts:AssumeRole", "sts:TagSession"],
            }
        ],
    }
)


def program(
    cluster: str,
    *,
    role: str = "one",
    namespace: str = "apps",
    names: tuple[str, ...] = ("it",),
    tags: dict[str, str] | None = None,
    **options: Any,  # noqa: ANN401 - of the resource, as the SDK takes them
) -> Callable[[], None]:
    """Write a program of two roles, and an association of one service account."""

    def run() -> None:
        roles = {
            name: aws.iam.Role(name, name=f"{cluster}-{name}", assume_role_policy=TRUST)
            for name in ("one", "two")
        }
        for name in names:
            aws.eks.PodIdentityAssociation(
                name,
                cluster_name=cluster,
                namespace=namespace,
                service_account="reader",
                role_arn=roles[role].arn,
                tags=tags,
                opts=pulumi.ResourceOptions(**options),
            )

    return run


def test_association_lives_as_its_program_says(
    contract: Contract, sandbox: Sandbox
) -> None:
    """Made, changed, mended, replaced, let go, taken in again and removed."""
    cluster = contract.name
    sandbox.add_cluster(name=cluster, region=sandbox.aws.region)
    eks = administrator(sandbox.aws, "eks")

    def held() -> list[dict[str, Any]]:
        listed = eks.list_pod_identity_associations(clusterName=cluster)
        return [
            eks.describe_pod_identity_association(
                clusterName=cluster, associationId=one["associationId"]
            )["association"]
            for one in listed["associations"]
        ]

    planned = contract.preview(program(cluster))
    made = contract.up(program(cluster))
    (first,) = held()
    changed = contract.up(program(cluster, role="two", tags={"a": "1"}))
    (second,) = held()
    eks.update_pod_identity_association(
        clusterName=cluster,
        associationId=second["associationId"],
        roleArn=first["roleArn"],
    )
    contract.refresh()
    mended = contract.up(program(cluster, role="two", tags={"a": "1"}))
    (third,) = held()
    kept = program(cluster, role="two", namespace="other", retain_on_delete=True)
    replaced = contract.up(kept)
    with pytest.raises(auto.CommandError):
        contract.up(program(cluster, namespace="other", names=("again",)))
    refused = contract.said
    (fourth,) = held()
    identifier = f"{cluster},{fourth['associationId']}"
    again = program(
        cluster, role="two", namespace="other", names=("again",), import_=identifier
    )
    imported = contract.up(again)
    unchanged = contract.preview(again)
    (fifth,) = held()
    contract.destroy()

    assert planned == made == {"one": "create", "two": "create", "it": "create"}
    assert (changed, mended) == ({"it": "update"}, {"it": "update"})
    assert first["associationId"] == second["associationId"]
    assert second["roleArn"].endswith(f"/{cluster}-two")
    assert (second["tags"], third["tags"]) == ({"a": "1"}, {"a": "1"})
    assert third["roleArn"] == second["roleArn"]
    assert replaced == {"it": "delete-replaced"}
    assert any("Association already exists: a-" in line for line in refused)
    assert fourth["associationId"] != third["associationId"]
    assert imported["again"] == "import"
    assert (unchanged, fifth) == ({}, fourth)
    assert held() == []
