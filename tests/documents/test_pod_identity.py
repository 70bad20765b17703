"""Whom a role trusts with EKS Pod Identity."""

import json
from typing import Any, Final

from eks_irsa.documents.pod_identity import pod_identity_statement, target_trust_policy
from eks_irsa.documents.trust_policy import trust_policy

BLUE: Final = "arn:aws:eks:us-west-2:111122223333:cluster/blue"
GREEN: Final = "arn:aws:eks:us-west-2:111122223333:cluster/green"
ROLE: Final = "arn:aws-cn:iam::111122223333:role/eks/orders"


def statement(*clusters: str, **more: bool) -> dict[str, Any]:
    """Make the statement for shop/orders."""
    return pod_identity_statement(
        cluster_arns=clusters, namespace="shop", service_account="orders", **more
    )


def test_role_is_bound_to_cluster_namespace_and_service_account() -> None:
    """By the tags that EKS sends, both actions allowed.

    Source: https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html
    """
    assert statement(BLUE) == {
        "Effect": "Allow",
        "Principal": {"Service": "pods.eks.amazonaws.com"},
        "Action": ["sts:AssumeRole", "sts:TagSession"],
        "Condition": {
            "StringEquals": {
                "aws:RequestTag/eks-cluster-arn": BLUE,
                "aws:RequestTag/kubernetes-namespace": "shop",
                "aws:RequestTag/kubernetes-service-account": "orders",
            }
        },
    }


def test_several_clusters_are_a_set() -> None:
    """Neither their order nor one that is named twice makes a difference."""
    condition = statement(GREEN, BLUE, GREEN)["Condition"]["StringEquals"]

    assert condition["aws:RequestTag/eks-cluster-arn"] == [BLUE, GREEN]
    assert statement(BLUE, GREEN) == statement(GREEN, BLUE)


def test_without_session_tags_the_cluster_alone_binds_it() -> None:
    """EKS sends none of the tags then."""
    one = statement(BLUE, with_session_tags=False)
    two = statement(GREEN, BLUE, with_session_tags=False)

    assert one["Condition"] == {"ArnEquals": {"aws:SourceArn": BLUE}}
    assert two["Condition"] == {"ArnEquals": {"aws:SourceArn": [BLUE, GREEN]}}


def test_conditions_of_a_program_hold_for_both_ways() -> None:
    """And further statements come last, as they are."""
    policy = json.loads(
        trust_policy(
            provider_arn="arn:aws:iam::111122223333:oidc-provider/oidc.example.com/a",
            namespace="shop",
            service_account="orders",
            pod_identity=statement(BLUE),
            conditions={"StringEquals": {"aws:RequestedRegion": "us-west-2"}},
            statements=[{"Sid": "further"}],
        )
    )

    tokens, association, further = policy["Statement"]
    assert "Federated" in tokens["Principal"]
    for one in (tokens, association):
        assert one["Condition"]["StringEquals"]["aws:RequestedRegion"] == "us-west-2"
    assert len(association["Condition"]["StringEquals"]) == 4
    assert further == {"Sid": "further"}


def test_association_alone_trusts_no_provider() -> None:
    """No token gets the role."""
    policy = json.loads(
        trust_policy(
            provider_arn=None,
            namespace="shop",
            service_account="orders",
            pod_identity=statement(BLUE),
        )
    )

    assert policy["Statement"] == [statement(BLUE)]


def test_target_role_trusts_the_one_role_for_the_one_association() -> None:
    """The tags are transitive; without them there is an external id.

    Source: https://docs.aws.amazon.com/eks/latest/userguide/pod-id-assign-target-role.html
    """
    made: list[dict[str, Any]] = [
        target_trust_policy(
            role_arn=ROLE,
            cluster_arn=BLUE,
            namespace="shop",
            service_account="orders",
            with_session_tags=with_tags,
        )
        for with_tags in (True, False)
    ]
    (tagged,), (plain, tagging) = (one["Statement"] for one in made)

    assert tagged["Principal"] == {"AWS": "arn:aws-cn:iam::111122223333:root"}
    assert tagged["Condition"] == {
        "ArnEquals": {"aws:PrincipalArn": ROLE},
        "StringEquals": statement(BLUE)["Condition"]["StringEquals"],
    }
    assert tagged["Action"] == ["sts:AssumeRole", "sts:TagSession"]
    assert plain["Action"] == ["sts:AssumeRole"]
    assert plain["Condition"]["StringEquals"] == {
        "sts:ExternalId": "us-west-2/111122223333/blue/shop/orders"
    }
    assert tagging["Action"] == ["sts:TagSession"]
    assert tagging["Condition"] == {"ArnEquals": {"aws:PrincipalArn": ROLE}}
