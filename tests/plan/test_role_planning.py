"""The role of an entry: documents in order, each policy once, names and tags."""

import dataclasses
import json

import pytest
from plans import CLUSTER, READ_ONLY, entry, planned, roles

from eks_irsa.documents.well_known_policies import (
    WELL_KNOWN_POLICY_NAMES,
    well_known_policy,
)
from eks_irsa.identity.model import Role
from eks_irsa.plan.model import Cluster

ISSUER = "oidc.eks.us-west-2.amazonaws.com/id/0123456789ABCDEF"
PROVIDER = f"arn:aws:iam::111122223333:oidc-provider/{ISSUER}"
STATEMENT = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
CHINA = Cluster(
    name="shop",
    region="cn-north-1",
    partition="aws-cn",
    account_id="111122223333",
    issuer_url="https://oidc.eks.cn-north-1.amazonaws.com.cn/id/0123",
)


def trust(conditions: dict[str, object]) -> str:
    """Write the trust policy with these conditions."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": PROVIDER},
        "Action": ["sts:AssumeRoleWithWebIdentity"],
        "Condition": conditions,
    }
    document = {"Version": "2012-10-17", "Statement": [statement]}
    return json.dumps(document, separators=(",", ":"))


def test_role_of_an_entry_as_a_whole() -> None:
    """Every field, for an entry that names all it can."""
    (role,) = roles(
        planned(
            entry(
                "shop/orders",
                roleName="orders",
                attachPolicyARNs=[READ_ONLY],
                attachPolicy={"Statement": [STATEMENT], "Version": "2012-10-17"},
                subjectPattern="orders-*",
                permissionsBoundary=READ_ONLY,
                tags={"team": "shop"},
            )
        )
    )

    document, tags = role.inline_policies[0].document, dict(role.tags)
    assert role == Role(
        name="orders",
        name_given=True,
        path="/",
        arn="arn:aws:iam::111122223333:role/orders",
        description=(
            "IRSA: system:serviceaccount:shop:orders of EKS cluster shop in us-west-2"
        ),
        permissions_boundary=READ_ONLY,
        managed_policy_arns=(READ_ONLY,),
        inline_policies=role.inline_policies,
        assume_role_policy=trust(
            {
                "StringEquals": {f"{ISSUER}:aud": "sts.amazonaws.com"},
                "StringLike": {f"{ISSUER}:sub": "system:serviceaccount:shop:orders-*"},
            }
        ),
        tags=role.tags,
        max_session_duration_seconds=3600,
    )
    assert [one.name for one in role.inline_policies] == ["attachPolicy"]
    assert document == (
        '{"Version":"2012-10-17","Statement":'
        '[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}'
    )
    assert tags == {
        "eks-irsa/cluster": "arn:aws:eks:us-west-2:111122223333:cluster/shop",
        "eks-irsa/namespace": "shop",
        "eks-irsa/service-account": "orders",
        "team": "shop",
    }


def test_name_is_derived_where_none_is_given() -> None:
    """An empty roleName is none, as in eksctl."""
    plan = planned(entry("a/b"), entry("a/c", roleName=""))

    assert [(one.name, one.name_given) for one in roles(plan)] == [
        ("shop-a-b-1e2e4ae5", False),
        ("shop-a-c-70784d29", False),
    ]


def test_role_trusts_exactly_its_account_without_a_pattern() -> None:
    """An empty subjectPattern is none; the stack's audience is the one trusted."""
    plan = planned(
        entry("a/b"), entry("a/c", subjectPattern=""), settings={"audience": "vault"}
    )

    assert [one.assume_role_policy for one in roles(plan)] == [
        trust(
            {
                "StringEquals": {
                    f"{ISSUER}:aud": "vault",
                    f"{ISSUER}:sub": f"system:serviceaccount:a:{name}",
                }
            }
        )
        for name in ("b", "c")
    ]


def test_managed_policies_keep_their_order_and_come_once() -> None:
    """The entry's own first, then those of the well-known policies."""
    ecr = "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPowerUser"
    own = "arn:aws:iam::111122223333:policy/z"
    plan = planned(
        entry(
            "a/b",
            attachPolicyARNs=[own, READ_ONLY, own],
            wellKnownPolicies={"imageBuilder": True},
        ),
        entry(
            "a/c",
            attachPolicyARNs=[ecr, own],
            wellKnownPolicies={"imageBuilder": True},
        ),
    )

    assert [one.managed_policy_arns for one in roles(plan)] == [
        (own, READ_ONLY, ecr),
        (ecr, own),
    ]


@pytest.mark.parametrize("cluster", [CLUSTER, CHINA], ids=["aws", "aws-cn"])
def test_all_sources_of_policies_stand_together(cluster: Cluster) -> None:
    """The own policy first, then the well-known ones in eksctl's order."""
    chosen = dict.fromkeys(reversed(WELL_KNOWN_POLICY_NAMES), True)
    (role,) = roles(
        planned(
            entry(
                "a/b",
                attachPolicy={"Version": "2012-10-17", "Statement": [STATEMENT]},
                wellKnownPolicies=chosen,
            ),
            cluster=cluster,
            settings={"limits": {"inlinePolicyCharacters": 20_000}},
        )
    )

    known = [
        well_known_policy(name=name, partition=cluster.partition)
        for name in WELL_KNOWN_POLICY_NAMES
    ]
    inline = [(one.name, one.document) for of in known for one in of.inline_policies]
    assert [(one.name, json.loads(one.document)) for one in role.inline_policies] == [
        ("attachPolicy", {"Version": "2012-10-17", "Statement": [STATEMENT]}),
        *inline,
    ]
    assert list(role.managed_policy_arns) == [
        arn for of in known for arn in of.managed_policy_arns
    ]


def test_flag_that_is_false_grants_nothing() -> None:
    """Only what is true is taken."""
    (role,) = roles(
        planned(
            entry(
                "a/b",
                attachPolicyARNs=[READ_ONLY],
                wellKnownPolicies={"autoScaler": False, "certManager": None},
            )
        )
    )

    assert role.managed_policy_arns == (READ_ONLY,)
    assert role.inline_policies == ()


def test_pseudo_parameters_are_the_clusters() -> None:
    """What CloudFormation would put in for eksctl."""
    sub = (
        "arn:${AWS::Partition}:s3:::x-${AWS::Region}-${AWS::AccountId}/${!aws:username}"
    )
    resources = [{"Fn::Sub": sub}, "*"]
    (role,) = roles(
        planned(
            entry(
                "a/b",
                attachPolicy={
                    "Version": "2012-10-17",
                    "Statement": [{**STATEMENT, "Resource": resources}],
                },
            ),
            cluster=CHINA,
        )
    )

    (policy,) = role.inline_policies
    assert json.loads(policy.document)["Statement"] == [
        {
            **STATEMENT,
            "Resource": [
                "arn:aws-cn:s3:::x-cn-north-1-111122223333/${aws:username}",
                "*",
            ],
        }
    ]


def test_white_space_and_order_of_a_policy_change_nothing() -> None:
    """One text stands for each document, so a preview shows no change."""
    statements = [STATEMENT, dict(reversed(STATEMENT.items()))]
    plan = planned(
        *(
            entry(
                f"a/b{index}",
                attachPolicy={"Statement": [one], "Version": "2012-10-17"},
            )
            for index, one in enumerate(statements)
        )
    )

    first, second = (one.inline_policies for one in roles(plan))
    assert first == second


def test_role_of_another_cluster_has_another_name() -> None:
    """Two clusters of one name in two regions share an account."""
    east = dataclasses.replace(CLUSTER, region="us-east-1")

    names = {
        one.name
        for cluster in (CLUSTER, east)
        for one in roles(planned(entry("a/b"), cluster=cluster))
    }

    assert len(names) == 2
