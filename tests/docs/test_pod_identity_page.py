"""docs/pod-identity.md: what it shows is what is made."""

import json
import re
from pathlib import Path
from typing import Any, Final

import yaml

from eks_irsa.cluster_config.reading import parse_cluster_config
from eks_irsa.plan.model import Cluster
from eks_irsa.plan.planning import plan
from eks_irsa.settings.reading import settings_of_config
from eks_irsa.testing import deploy

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = (ROOT / "docs/pod-identity.md").read_text(encoding="utf-8")
FILE: Final = b"""
apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig
metadata: {name: production, region: us-west-2}
iam:
  withOIDC: true
  serviceAccounts:
  - {metadata: {name: orders, namespace: shop}, wellKnownPolicies: {autoScaler: true}}
  - {metadata: {name: nightly, namespace: batch}, wellKnownPolicies: {autoScaler: true}}
  - {metadata: {name: mailer, namespace: mail}, wellKnownPolicies: {autoScaler: true}}
"""


def block(language: str) -> str:
    """Give the page's first block of a language."""
    found = re.search(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    assert found
    return found[1]


def test_settings_choose_as_the_page_says() -> None:
    """A full name wins over a glob, a glob over the default."""
    config: dict[str, Any] = yaml.safe_load(block("yaml"))["config"]
    texts = {
        f"eks-irsa:{key}": value if isinstance(value, str) else json.dumps(value)
        for key, value in config.items()
    }
    file = parse_cluster_config(FILE, source="production.yaml")
    cluster = Cluster(
        name="production",
        region="us-west-2",
        partition="aws",
        account_id="111122223333",
        issuer_url="https://oidc.eks.us-west-2.amazonaws.com/id/A",
    )

    made = plan(
        file,
        stack_settings=settings_of_config(texts, project="eks-irsa"),
        cluster=cluster,
    )

    assert {entry.key: entry.identity for entry in made.service_accounts} == {
        "shop/orders": "podIdentity",
        "batch/nightly": "irsa",
        "mail/mailer": "both",
    }
    (orders,) = [one for one in made.service_accounts if one.key == "shop/orders"]
    assert orders.role
    policy = json.loads(orders.role.assume_role_policy)
    assert policy["Statement"] == [json.loads(block("json"))]
    assert "eks.amazonaws.com/role-arn" not in orders.annotations


def test_program_of_the_page_makes_an_association() -> None:
    """And no OIDC provider."""
    program = compile(block("python"), "page", "exec")

    made = deploy(lambda: exec(program, {}))  # noqa: S102 - our own page

    association = made.only(":PodIdentityAssociation")
    assert association.inputs["serviceAccount"] == "orders"
    assert made.of_type(":OpenIdConnectProvider") == []
