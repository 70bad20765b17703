"""Roles for several clusters: whom they trust, and what cannot be trusted."""

import dataclasses
import json
from typing import Any

import pytest
from outside_evaluator import Asked, OutsideEvaluator, Role
from plans import ACCOUNT_ID, CLUSTER, entry, planned, refused, roles

from eks_irsa.cluster_config.reading import parse_cluster_config
from eks_irsa.errors import InvalidInputError
from eks_irsa.plan.model import Plan, Trusted
from eks_irsa.plan.planning import plan
from eks_irsa.plan.provider_ownership import FoundProvider
from eks_irsa.plan.trusted_clusters import provider_fault
from eks_irsa.settings.reading import settings_of_config

ASSUMED = dataclasses.replace(CLUSTER, account_id="0" * 12, assumed=True)
GREEN = Trusted(name="green", region="us-west-2", provider_arn="")
ISSUER = "https://oidc.eks.us-west-2.amazonaws.com/id/GREEN"
OWN = "oidc.eks.us-west-2.amazonaws.com/id/0123456789ABCDEF"
ELSEWHERE = f"arn:aws:iam::{ACCOUNT_ID}:oidc-provider/oidc.example.com/other"
WEST = {"name": "green"}


def trusting(*clusters: object, **settings: object) -> dict[str, object]:
    """Write settings under which every role trusts clusters."""
    return {"defaults": {"trustedClusters": [*clusters]}, **settings}


def looked_up(*entries: dict[str, object], settings: dict[str, object]) -> Plan:
    """Plan entries once green was looked up."""
    config = {
        "apiVersion": "eksctl.io/v1alpha5",
        "kind": "ClusterConfig",
        "metadata": {"name": CLUSTER.name, "region": CLUSTER.region},
        "iam": {"withOIDC": True, "serviceAccounts": entries},
    }
    texts = {f"eks-irsa:{key}": json.dumps(value) for key, value in settings.items()}
    return plan(
        parse_cluster_config(json.dumps(config).encode(), source="shop.yaml"),
        stack_settings=settings_of_config(texts),
        cluster=CLUSTER,
        issuers={GREEN: ISSUER},
    )


def statements(of: Plan) -> list[list[dict[str, Any]]]:
    """Give the statements of each role's trust policy."""
    return [json.loads(role.assume_role_policy)["Statement"] for role in roles(of)]


def statement(issuer: str, subject: str) -> dict[str, Any]:
    """Write the statement that trusts one service account of one cluster."""
    return {
        "Effect": "Allow",
        "Principal": {"Federated": f"arn:aws:iam::{ACCOUNT_ID}:oidc-provider/{issuer}"},
        "Action": ["sts:AssumeRoleWithWebIdentity"],
        "Condition": {
            "StringEquals": {
                f"{issuer}:aud": "sts.amazonaws.com",
                f"{issuer}:sub": f"system:serviceaccount:{subject}",
            }
        },
    }


def test_each_cluster_has_a_statement_with_its_own_issuer_in_every_key() -> None:
    """No key of one issuer stands beside the provider of another."""
    made = looked_up(entry("a/b"), settings=trusting(WEST, {"oidcProvider": ELSEWHERE}))

    assert statements(made) == [
        [
            statement(OWN, "a:b"),
            statement("oidc.eks.us-west-2.amazonaws.com/id/GREEN", "a:b"),
            statement("oidc.example.com/other", "a:b"),
        ]
    ]
    assert made.warnings == ()


def test_order_and_the_stacks_own_cluster_make_no_difference() -> None:
    """One list can be handed to the stack of every cluster in it."""
    clusters = [WEST, {"oidcProvider": ELSEWHERE}]
    own = {"name": CLUSTER.name, "region": CLUSTER.region}

    first = looked_up(entry("a/b"), settings=trusting(*clusters))
    turned = looked_up(entry("a/b"), settings=trusting(own, *reversed(clusters)))

    assert roles(turned) == roles(first)
    assert turned.trusted == first.trusted


def test_an_override_trusts_others_or_none() -> None:
    """What one entry is shared with is said of that entry."""
    made = looked_up(
        entry("a/shared"),
        entry("a/own"),
        entry("b/attached", attachRoleARN=f"arn:aws:iam::{ACCOUNT_ID}:role/r"),
        settings=trusting(WEST, overrides={"a/own": {"trustedClusters": []}}),
    )

    assert [len(one) for one in statements(made)] == [2, 1]
    assert made.trusted == {
        GREEN: f"arn:aws:iam::{ACCOUNT_ID}:oidc-provider/"
        "oidc.eks.us-west-2.amazonaws.com/id/GREEN"
    }


def test_only_clusters_that_a_role_trusts_are_looked_up() -> None:
    """A list that no entry follows asks AWS nothing."""
    made = planned(
        entry("a/b"),
        cluster=ASSUMED,
        settings={"overrides": {"x/*": {"trustedClusters": [WEST]}}},
    )

    assert made.trusted == {}


def test_clusters_that_are_not_looked_up_have_placeholders_that_differ() -> None:
    """Otherwise two would count as one against the limit."""
    made = planned(
        entry("a/b"),
        cluster=ASSUMED,
        settings=trusting(
            WEST, {"name": "red"}, {"name": "green", "region": "eu-west-1"}
        ),
    )

    (found,) = statements(made)
    providers = {one["Principal"]["Federated"] for one in found}
    assert len(providers) == 4
    assert {len(one.rpartition("/id/")[2]) for one in made.trusted.values()} == {32}
    assert made.warnings == ()


def test_an_issuer_that_is_not_known_is_said_where_the_plan_is_printed() -> None:
    """`synth` knows the issuer of its own cluster alone."""
    made = planned(entry("a/b"), settings=trusting(WEST))

    assert [(one.path, one.code, one.message) for one in made.warnings] == [
        (
            "eks-irsa:defaults.trustedClusters[0]",
            "W-ISSUER-ASSUMED",
            (
                "the issuer of the EKS cluster 'green' in us-west-2 is not known here, "
                "and zeros with a number stand in its place; the stack program looks "
                "it up, and oidcProvider in place of the name says it"
            ),
        )
    ]


@pytest.mark.parametrize(
    ("clusters", "place", "code", "message"),
    [
        pytest.param(
            [WEST, {"name": "green", "region": "us-west-2"}],
            "[1]",
            "E-TWICE",
            "the EKS cluster 'green' in us-west-2 is listed already; take one of the "
            "two out",
            id="twice",
        ),
        pytest.param(
            [{"name": "green", "region": "cn-north-1"}],
            "[0].region",
            "E-PARTITION",
            "'cn-north-1' is in another partition than the cluster, and a role trusts "
            "the providers of its own alone; list the cluster by the oidcProvider that "
            "this AWS account has for it",
            id="region of another partition",
        ),
        pytest.param(
            [{"oidcProvider": ELSEWHERE.replace("arn:aws:", "arn:aws-cn:")}],
            "[0].oidcProvider",
            "E-PARTITION",
            f"'arn:aws-cn:iam::{ACCOUNT_ID}:oidc-provider/oidc.example.com/other' is "
            "in another partition than the cluster; expected one of 'aws'",
            id="provider of another partition",
        ),
        pytest.param(
            [{"oidcProvider": ELSEWHERE.replace(ACCOUNT_ID, "444455556666")}],
            "[0].oidcProvider",
            "E-TRUSTED-CLUSTER",
            "'arn:aws:iam::444455556666:oidc-provider/oidc.example.com/other' is not "
            f"of the role's AWS account (arn:aws:iam::{ACCOUNT_ID}); a role trusts the "
            "providers of its own AWS account only, so make one for the other "
            "cluster's issuer there",
            id="provider of another AWS account",
        ),
    ],
)
def test_what_cannot_be_trusted_is_refused_once_for_all_entries(
    clusters: list[object], place: str, code: str, message: str
) -> None:
    """The settings are wrong, and not each entry."""
    with pytest.raises(InvalidInputError) as caught:
        looked_up(entry("a/b"), entry("a/c"), settings=trusting(*clusters))

    assert [(one.path, one.code, one.message) for one in caught.value.problems] == [
        (f"eks-irsa:defaults.trustedClusters{place}", code, message)
    ]


def test_a_provider_of_any_account_is_taken_before_the_account_is_known() -> None:
    """`check` does not know it; the size is the same."""
    there = ELSEWHERE.replace(ACCOUNT_ID, "444455556666")

    made = planned(
        entry("a/b"), cluster=ASSUMED, settings=trusting({"oidcProvider": there})
    )

    assert [*made.trusted.values()] == [ELSEWHERE.replace(ACCOUNT_ID, "0" * 12)]


def test_trusted_clusters_beside_an_existing_role_have_no_effect() -> None:
    """Its trust policy is its owner's."""
    found = refused(
        entry("a/b", attachRoleARN=f"arn:aws:iam::{ACCOUNT_ID}:role/r"),
        cluster=ASSUMED,
        settings={"overrides": {"a/b": {"trustedClusters": [WEST]}}},
    )

    assert found == [
        (
            "eks-irsa:overrides.a/b.trustedClusters",
            "E-ATTACH-ROLE",
            (
                "has no effect beside the role that the file names, which is used "
                "as it is; take one of the two out"
            ),
        )
    ]


def test_too_many_clusters_are_one_error_that_says_how_many_fit() -> None:
    """The list is too long, whatever the number of roles."""
    clusters = [{"name": f"c{index}"} for index in range(4)]
    entries = [entry("a/b"), entry("a/longer-name"), entry("a/c")]

    found = refused(*entries, cluster=ASSUMED, settings=trusting(*clusters))
    fewer = planned(*entries, cluster=ASSUMED, settings=trusting(*clusters[:3]))

    assert found == [
        (
            "eks-irsa:defaults.trustedClusters",
            "E-LIMIT-TRUST-POLICY",
            (
                "2,180 characters of trust policy for 5 clusters (4 fit) at most, as "
                "issuer and AWS account are not known yet; AWS takes 2,048 by default "
                "(if the quota was raised, say so in the setting "
                "limits.trustPolicyCharacters) (the role of 'a/longer-name', the "
                "longest of 3)"
            ),
        )
    ]
    assert fewer.trust_policy_characters <= 2048


def test_a_raised_quota_takes_more_clusters() -> None:
    """AWS raises it to 8,192."""
    clusters = [{"name": f"c{index}"} for index in range(18)]
    limits = {"trustPolicyCharacters": 8192}

    made = planned(
        entry("a/b"), cluster=ASSUMED, settings=trusting(*clusters, limits=limits)
    )

    assert 7000 < made.trust_policy_characters <= made.trust_policy_limit == 8192


@pytest.mark.parametrize(
    ("found", "fault"),
    [
        (FoundProvider(client_ids=["x", "sts.amazonaws.com"], tags={}), None),
        (
            FoundProvider(client_ids=["x"], tags={}),
            (
                f"the IAM OIDC provider {ELSEWHERE} accepts the audiences x, not "
                "sts.amazonaws.com; add the client id to it, or take the cluster out"
            ),
        ),
        (
            None,
            (
                f"there is no IAM OIDC provider {ELSEWHERE}, so that no token of the "
                "cluster is taken; bring up the stack of that cluster first, which "
                "makes it, or take the cluster out"
            ),
        ),
    ],
    ids=["right", "audience", "none"],
)
def test_a_provider_takes_tokens_or_it_is_said_why_not(
    found: FoundProvider | None, fault: str | None
) -> None:
    """A role that trusts a provider which is not there trusts nobody by it."""
    answer = provider_fault(found, provider_arn=ELSEWHERE, audience="sts.amazonaws.com")

    assert answer == fault


def test_no_token_fits_the_statement_of_another_cluster() -> None:
    """An evaluator that is not ours decides each statement by each cluster's tokens."""
    made = looked_up(entry("a/b"), settings=trusting(WEST, {"oidcProvider": ELSEWHERE}))
    (found,) = statements(made)
    issuers = [one["Principal"]["Federated"].partition("/")[2] for one in found]
    claims = [
        ("system:serviceaccount:a:b", "sts.amazonaws.com"),
        ("system:serviceaccount:a:b", "vault"),
        ("system:serviceaccount:b:b", "sts.amazonaws.com"),
        ("system:serviceaccount:a:c", "sts.amazonaws.com"),
    ]
    # The principal is the provider; what the statement demands of a token is left.
    role = f"arn:aws:iam::{ACCOUNT_ID}:role/r"
    demands = [
        {key: one[key] for key in ("Effect", "Action", "Condition")}
        | {"Resource": role}
        for one in found
    ]
    tokens = [
        Asked(
            action="sts:AssumeRoleWithWebIdentity",
            resource=role,
            context={f"{issuer}:sub": sub, f"{issuer}:aud": aud},
        )
        for issuer in issuers
        for sub, aud in claims
    ]

    decided = OutsideEvaluator().allowed(
        (Role(policy={"Version": "2012-10-17", "Statement": [one]}), tokens)
        for one in demands
    )

    right = [index * len(claims) for index in range(len(issuers))]
    assert [
        [index for index, allowed in enumerate(one) if allowed] for one in decided
    ] == [[one] for one in right]


def test_cluster_whose_associations_are_trusted_needs_no_provider() -> None:
    """It is looked up all the same, so that one that is not there stops the run."""
    by_association = looked_up(
        entry("shop/orders"),
        settings={"defaults": {"identity": "podIdentity", "trustedClusters": [WEST]}},
    )
    by_both = looked_up(
        entry("shop/orders"),
        settings={"defaults": {"identity": "both", "trustedClusters": [WEST]}},
    )

    assert [*by_association.trusted] == [*by_both.trusted] == [GREEN]
    assert by_association.providers_needed == frozenset()
    assert by_both.providers_needed == {GREEN}
    ((one,),) = statements(by_association)
    assert one["Condition"]["StringEquals"]["aws:RequestTag/eks-cluster-arn"] == [
        f"arn:aws:eks:us-west-2:{ACCOUNT_ID}:cluster/green",
        CLUSTER.arn,
    ]
