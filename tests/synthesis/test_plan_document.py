"""A plan as JSON: nothing of it is lost, and every name is as the issue gives it."""

import json
from collections.abc import Callable

from golden_files import GoldenFiles

from eks_irsa.errors import Problem
from eks_irsa.plan.model import Plan
from eks_irsa.synthesis import plan_document, problem_document

Planned = Callable[..., Plan]


def test_entry_of_each_kind(planned: Planned, golden: GoldenFiles) -> None:
    """Made, patched, bound to an existing role, or without an account."""
    plan = planned(patchExisting=["kube-system/aws-node"])

    document = plan_document(plan)

    golden("synthesis/entry_of_each_kind.json", json.dumps(document))


def test_file_without_accounts_has_an_empty_plan(planned: Planned) -> None:
    """Nothing is asked for, so nothing is there: no provider, no entries."""
    plan = planned(
        "apiVersion: eksctl.io/v1alpha5\n"
        "kind: ClusterConfig\n"
        "metadata: {name: shop, region: cn-north-1}\n"
    )

    document = plan_document(plan)

    assert document == {
        "cluster": {
            "name": "shop",
            "region": "cn-north-1",
            "partition": "aws-cn",
            "accountId": "111122223333",
            "issuerUrl": "https://oidc.eks.cn-north-1.amazonaws.com.cn:443/id/0123",
        },
        "oidcProvider": None,
        "trustedClusters": None,
        "namespaces": [],
        "warnings": [],
        "serviceAccounts": [],
    }


def test_provider_accepts_the_audience_of_the_settings(planned: Planned) -> None:
    """Provider, roles and accounts speak of one audience."""
    plan = planned(audience="shop.example")

    document = plan_document(plan)

    assert document["oidcProvider"] == {
        "arn": "arn:aws-cn:iam::111122223333:oidc-provider/"
        "oidc.eks.cn-north-1.amazonaws.com.cn/id/0123",
        "url": "https://oidc.eks.cn-north-1.amazonaws.com.cn/id/0123",
        "clientIds": ["shop.example"],
    }


def test_problem_keeps_everything_it_knows() -> None:
    """A tool gets the parts that the printed line joins."""
    problem = Problem(
        source="a.yaml",
        line=3,
        column=7,
        path="metadata.name",
        code="E-CLUSTER-NAME",
        severity="error",
        message="no name",
    )

    document = problem_document(problem)

    assert document == {
        "file": "a.yaml",
        "line": 3,
        "column": 7,
        "path": "metadata.name",
        "code": "E-CLUSTER-NAME",
        "severity": "error",
        "message": "no name",
    }
