"""The proof of EKS Pod Identity can fail, and says what a trust policy lets in.

No engine is needed here, but the API server that issues tokens for pods.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import pytest
from contract import Contract

from sandbox.aws.clients import administrator
from sandbox.pod_identity_proof import (
    OTHER_CLUSTER,
    agent_identity,
    prove_association,
)
from sandbox.session import Sandbox

pytestmark = pytest.mark.engine

TOKENS_THAT_ARE_WRONG: Final = {
    "another audience": "InvalidTokenException",
    "another issuer": "InvalidTokenException",
    "a broken signature": "InvalidTokenException",
    "an expired token": "ExpiredTokenException",
}
NEIGHBOURS: Final = ("another namespace", "another name")


@pytest.fixture(name="associated")
def _associated(
    contract: Contract, sandbox: Sandbox
) -> Callable[..., Mapping[str, Any]]:
    """Make a role for the service account `reader`, and an association with it."""
    cluster, region = contract.name, sandbox.aws.region
    sandbox.add_cluster(name=cluster, region=region)
    contract.make({})

    def associate(
        condition: object, *, disabled: bool = False, **options: str
    ) -> Mapping[str, Any]:
        iam = administrator(sandbox.aws, "iam")
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "pods.eks.amazonaws.com"},
            "Action": ["sts:AssumeRole", "sts:TagSession"],
            **({"Condition": condition} if condition else {}),
        }
        trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        role = iam.create_role(RoleName=cluster, AssumeRolePolicyDocument=trust)["Role"]
        eks = administrator(sandbox.aws, "eks")
        made: dict[str, Any] = eks.create_pod_identity_association(
            clusterName=cluster,
            namespace=cluster,
            serviceAccount="reader",
            roleArn=role["Arn"],
            disableSessionTags=disabled,
            **options,
        )
        return made["association"]

    return associate


def by_tags(cluster: str, account_id: str) -> dict[str, object]:
    """Bind a role to the service account as the product does."""
    tags = {
        "eks-cluster-arn": f"arn:aws:eks:us-west-2:{account_id}:cluster/{cluster}",
        "kubernetes-namespace": cluster,
        "kubernetes-service-account": "reader",
    }
    return {"StringEquals": {f"aws:RequestTag/{key}": v for key, v in tags.items()}}


def codes(sandbox: Sandbox, association: Mapping[str, Any]) -> dict[str, str]:
    """Give the error's name of every attempt; empty if it got credentials."""
    attempts = prove_association(sandbox, association)
    return {attempt.token: attempt.code for attempt in attempts}


def test_tags_let_in_one_service_account_of_one_cluster(
    associated: Callable[..., Mapping[str, Any]],
    contract: Contract,
    sandbox: Sandbox,
    tmp_path: Path,
) -> None:
    """The neighbours and another cluster are associated too, and refused by IAM."""
    before = sandbox.aws.associations
    association = associated(by_tags(contract.name, sandbox.aws.account_id))

    proof = codes(sandbox, association)
    sdk = agent_identity(sandbox, association, folder=tmp_path)

    denied = dict.fromkeys((*NEIGHBOURS, OTHER_CLUSTER), "AccessDeniedException")
    key = f"us-west-2/{contract.name}/{contract.name}/reader"
    assert proof == {"its own token": "", **denied, **TOKENS_THAT_ARE_WRONG}
    assert sdk.startswith(
        f"arn:aws:sts::{sandbox.aws.account_id}:assumed-role/{contract.name}/eks-"
    )
    assert sandbox.aws.associations.keys() - before.keys() == {key}


def test_role_without_conditions_is_open_to_whoever_may_pass_it(
    associated: Callable[..., Mapping[str, Any]], sandbox: Sandbox
) -> None:
    """As eksctl makes it; only tokens that are wrong are refused."""
    proof = codes(sandbox, associated(None))

    admitted = dict.fromkeys(("its own token", *NEIGHBOURS, OTHER_CLUSTER), "")
    assert proof == {**admitted, **TOKENS_THAT_ARE_WRONG}


def test_without_session_tags_a_role_is_bound_to_its_cluster_only(
    associated: Callable[..., Mapping[str, Any]], contract: Contract, sandbox: Sandbox
) -> None:
    """What is not associated is not found; the other cluster is refused by IAM."""
    arn = f"arn:aws:eks:us-west-2:{sandbox.aws.account_id}:cluster/{contract.name}"
    condition = {
        "ArnEquals": {"aws:SourceArn": arn},
        "StringEquals": {"aws:SourceAccount": sandbox.aws.account_id},
    }

    proof = codes(sandbox, associated(condition, disabled=True))

    absent = dict.fromkeys(NEIGHBOURS, "ResourceNotFoundException")
    denied = {OTHER_CLUSTER: "AccessDeniedException"}
    assert proof == {"its own token": "", **absent, **denied, **TOKENS_THAT_ARE_WRONG}
