"""What the controllers of the example `platform` may do, and where."""

import json
import runpy
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

POLICIES: Final[dict[str, Any]] = runpy.run_path(
    str(Path(__file__).parents[2] / "examples/platform/policies.py")
)
ZONES: Final = ["arn:aws:route53:::hostedzone/Z1"]


def tag_conditions(policy: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Give operator, key and value of each condition on the cluster's tag."""
    for statement in policy["Statement"]:
        for operator, pairs in statement.get("Condition", {}).items():
            for key, value in pairs.items():
                if key.endswith("elbv2.k8s.aws/cluster"):
                    yield operator, key.partition("/")[0], value


def test_load_balancers_of_other_clusters_are_out_of_reach() -> None:
    """Where the well-known policy asks for any cluster's tag, it names this cluster."""
    policy = POLICIES["load_balancer_controller"](partition="aws", cluster="blue")

    assert list(tag_conditions(policy)) == [
        ("StringEquals", "aws:RequestTag", "blue"),
        ("StringEquals", "aws:ResourceTag", "blue"),
        ("Null", "aws:RequestTag", "true"),
        ("StringEquals", "aws:ResourceTag", "blue"),
        ("StringEquals", "aws:RequestTag", "blue"),
        ("StringEquals", "aws:ResourceTag", "blue"),
        ("Null", "aws:RequestTag", "true"),
        ("StringEquals", "aws:ResourceTag", "blue"),
        ("StringEquals", "aws:RequestTag", "blue"),
    ]


@pytest.mark.parametrize(
    ("policy", "arguments"),
    [
        ("external_dns", {"zone_arns": ZONES}),
        ("cert_manager", {"partition": "aws", "zone_arns": ZONES}),
    ],
)
def test_records_of_other_zones_are_out_of_reach(
    policy: str, arguments: dict[str, Any]
) -> None:
    """Only reading the list of zones is left for all of them."""
    statements = POLICIES[policy](**arguments)["Statement"]

    everywhere = [
        action
        for statement in statements
        if statement["Resource"] == "*"
        for action in statement["Action"]
    ]
    changing = [one for one in statements if "Change" in json.dumps(one["Action"])]
    assert all(action.startswith("route53:ListHostedZones") for action in everywhere)
    assert [one["Resource"] for one in changing if one["Resource"] != ZONES] in (
        [],
        ["arn:aws:route53:::change/*"],
    )


def test_node_groups_of_other_clusters_are_out_of_reach() -> None:
    """The autoscaler changes groups that are tagged as this cluster's own."""
    policy = POLICIES["cluster_autoscaler"](cluster="blue")

    (changing,) = [one for one in policy["Statement"] if "Condition" in one]
    assert changing["Condition"] == {
        "StringEquals": {
            "aws:ResourceTag/k8s.io/cluster-autoscaler/enabled": "true",
            "aws:ResourceTag/k8s.io/cluster-autoscaler/blue": "owned",
        }
    }
