"""Clusters that the settings trust are looked up before anything is registered."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pulumi
import pytest
from stack_program import entry, program

from eks_irsa.testing.mock_aws import ACCOUNT_ID, Invokes, described_cluster

GET_CLUSTER: Final = "aws:eks/getCluster:getCluster"
GET_PROVIDER: Final = "aws:iam/getOpenIdConnectProvider:getOpenIdConnectProvider"
ABSENT: Final = "reading: couldn't find resource"
PLACE: Final = "stack settings: eks-irsa:defaults.trustedClusters"
TRUSTED: Final[Mapping[str, object]] = {
    "trustedClusters": [{"name": "green"}, {"name": "red", "region": "eu-west-1"}]
}


def provider_arn(name: str, region: str = "us-west-2") -> str:
    """Give the ARN of a cluster's provider."""
    issuer = f"oidc.eks.{region}.amazonaws.com/id/{name}"
    return f"arn:aws:iam::{ACCOUNT_ID}:oidc-provider/{issuer}"


def account(
    *, clusters: Mapping[str, str] | None = None, providers: Mapping[str, object] = {}
) -> Invokes:
    """Answer for an AWS account whose clusters each have an issuer of their own.

    Args:
        clusters: Name -> the text that describing it fails with.
        providers: ARN -> its client ids, or the text that reading it fails with.
            Default: one that takes our audience.
    """

    def cluster(asked: Mapping[str, Any]) -> dict[str, Any] | str:
        if fault := (clusters or {}).get(asked["name"]):
            return fault
        found = described_cluster(asked)
        issuer = f"https://oidc.eks.{asked['region']}.amazonaws.com/id/{asked['name']}"
        return found | {"identities": [{"oidcs": [{"issuer": issuer}]}]}

    def provider(asked: Mapping[str, Any]) -> dict[str, Any] | str:
        answer = providers.get(asked["arn"], ["sts.amazonaws.com"])
        return answer if isinstance(answer, str) else _with_client_ids(answer)

    return {GET_CLUSTER: cluster, GET_PROVIDER: provider}


def _with_client_ids(client_ids: object) -> dict[str, Any]:
    return {"clientIdLists": client_ids, "tags": {}}


def refusal(folder: Path, answers: Invokes) -> list[str]:
    """Run a stack that trusts green and red; give the lines of its refusal."""
    with pytest.raises(pulumi.RunError) as caught:
        program(folder, text=entry("reader"), answers=answers, defaults=TRUSTED)
    return str(caught.value).splitlines()


def test_a_role_trusts_the_issuers_that_eks_describes(tmp_path: Path) -> None:
    """Each in its own region, in the order of their ARNs."""
    made = program(tmp_path, text=entry("reader"), answers=account(), defaults=TRUSTED)

    (role,) = made.of_type(":Role")
    statements = json.loads(role.inputs["assumeRolePolicy"])["Statement"]
    assert [one["Principal"]["Federated"] for one in statements] == [
        provider_arn("red", "eu-west-1"),
        provider_arn("cluster-13"),
        provider_arn("green"),
    ]
    assert [
        sorted(key.partition(":")[0] for key in one["Condition"]["StringEquals"])
        for one in statements
    ] == [[one["Principal"]["Federated"].partition("/")[2]] * 2 for one in statements]


def test_clusters_that_are_not_there_are_named_at_once(tmp_path: Path) -> None:
    """Each with its place in the settings, before anything is registered."""
    answers = account(clusters={"green": ABSENT, "red": "AccessDenied"})

    assert refusal(tmp_path, answers) == [
        (
            f"{PLACE}[0]: there is no EKS cluster 'green' in us-west-2; correct its "
            "name and region, or take the cluster out"
        ),
        (
            f"{PLACE}[1]: cannot look up the EKS cluster 'red' in eu-west-1: invoke of "
            f"{GET_CLUSTER} failed: AccessDenied; it is not known whether the cluster "
            "exists; allow eks:DescribeCluster, or correct the credentials"
        ),
    ]


def test_providers_that_take_no_token_are_named_at_once(tmp_path: Path) -> None:
    """A role would trust nobody by them."""
    answers = account(
        providers={
            provider_arn("green"): ABSENT,
            provider_arn("red", "eu-west-1"): ["vault"],
        }
    )

    assert refusal(tmp_path, answers) == [
        (
            f"{PLACE}[0]: there is no IAM OIDC provider {provider_arn('green')}, so "
            "that no token of the cluster is taken; bring up the stack of that cluster "
            "first, which makes it, or take the cluster out"
        ),
        (
            f"{PLACE}[1]: the IAM OIDC provider {provider_arn('red', 'eu-west-1')} "
            "accepts the audiences vault, not sts.amazonaws.com; add the client id to "
            "it, or take the cluster out"
        ),
    ]


def test_a_provider_that_may_not_be_read_stops_the_run(tmp_path: Path) -> None:
    """It is not known whether the role would trust anybody."""
    answers = account(providers={provider_arn("green"): "AccessDenied"})

    (line,) = refusal(tmp_path, answers)

    assert line.startswith(f"{PLACE}[0]: cannot look up the IAM OIDC provider ")
    assert "allow iam:GetOpenIDConnectProvider" in line


def test_a_cluster_given_by_its_provider_is_not_described(tmp_path: Path) -> None:
    """EKS of this AWS account does not know it."""
    there = f"arn:aws:iam::{ACCOUNT_ID}:oidc-provider/oidc.example.com/there"
    answers = account(clusters={"there": "described"})

    made = program(
        tmp_path,
        text=entry("reader"),
        answers=answers,
        defaults={"trustedClusters": [{"oidcProvider": there}]},
    )

    (role,) = made.of_type(":Role")
    assert f'"{there}"' in role.inputs["assumeRolePolicy"]


def test_clusters_that_no_role_trusts_are_not_looked_up(tmp_path: Path) -> None:
    """They may be gone."""
    made = program(
        tmp_path,
        text=entry("reader"),
        answers=account(clusters={"green": ABSENT, "red": ABSENT}),
        overrides={"apps/reader": {"trustedClusters": []}},
        defaults=TRUSTED,
    )

    assert len(made.of_type(":Role")) == 1
