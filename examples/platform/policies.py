"""What each controller may do, narrowed to one cluster and to its hosted zones."""

from collections.abc import Sequence
from typing import Any

from eks_irsa import well_known_policy

CLUSTER_TAG = "elbv2.k8s.aws/cluster"


def document(*statements: dict[str, Any]) -> dict[str, Any]:
    """Write a policy of these statements, all of which allow."""
    allowed = [{"Effect": "Allow", **statement} for statement in statements]
    return {"Version": "2012-10-17", "Statement": allowed}


def load_balancer_controller(*, partition: str, cluster: str) -> dict[str, Any]:
    """Narrow the well-known policy to load balancers of this cluster.

    It asks of what the controller makes only that it is tagged with some cluster; here
    the tag must name this one.
    """
    known = well_known_policy(name="awsLoadBalancerController", partition=partition)
    policy: dict[str, Any] = known.inline_policies[0].document
    for statement in policy["Statement"]:
        condition: dict[str, Any] = statement.get("Condition", {})
        absent: dict[str, str] = condition.pop("Null", {})
        tags = [
            key
            for key, text in absent.items()
            if CLUSTER_TAG in key and text == "false"
        ]
        if tags:
            named = dict.fromkeys(tags, cluster)
            condition["StringEquals"] = condition.get("StringEquals", {}) | named
        if rest := {key: text for key, text in absent.items() if key not in tags}:
            condition["Null"] = rest
    return policy


def external_dns(*, zone_arns: Sequence[str]) -> dict[str, Any]:
    """Let it write records in these zones.

    Source:
        https://kubernetes-sigs.github.io/external-dns/latest/docs/tutorials/aws/
    """
    return document(
        {
            "Action": [
                "route53:ChangeResourceRecordSets",
                "route53:ListResourceRecordSets",
                "route53:ListTagsForResources",
            ],
            "Resource": zone_arns,
        },
        {"Action": ["route53:ListHostedZones"], "Resource": "*"},
    )


def cert_manager(*, partition: str, zone_arns: Sequence[str]) -> dict[str, Any]:
    """Let it answer DNS01 challenges, which are TXT records, in these zones.

    Source:
        https://cert-manager.io/docs/configuration/acme/dns01/route53/
    """
    only_txt = {"route53:ChangeResourceRecordSetsRecordTypes": ["TXT"]}
    return document(
        {
            "Action": ["route53:GetChange"],
            "Resource": f"arn:{partition}:route53:::change/*",
        },
        {
            "Action": ["route53:ChangeResourceRecordSets"],
            "Resource": zone_arns,
            "Condition": {"ForAllValues:StringEquals": only_txt},
        },
        {"Action": ["route53:ListResourceRecordSets"], "Resource": zone_arns},
        {"Action": ["route53:ListHostedZonesByName"], "Resource": "*"},
    )


def cluster_autoscaler(*, cluster: str) -> dict[str, Any]:
    """Let it resize the groups that are tagged with this cluster.

    Source:
        https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/cloudprovider/aws/README.md
    """
    prefix = "aws:ResourceTag/k8s.io/cluster-autoscaler"
    of_this_cluster = {f"{prefix}/enabled": "true", f"{prefix}/{cluster}": "owned"}
    return document(
        {
            "Action": [
                "autoscaling:DescribeAutoScalingGroups",
                "autoscaling:DescribeAutoScalingInstances",
                "autoscaling:DescribeLaunchConfigurations",
                "autoscaling:DescribeScalingActivities",
                "ec2:DescribeImages",
                "ec2:DescribeInstanceTypes",
                "ec2:DescribeLaunchTemplateVersions",
                "ec2:GetInstanceTypesFromInstanceRequirements",
                "eks:DescribeNodegroup",
            ],
            "Resource": "*",
        },
        {
            "Action": [
                "autoscaling:SetDesiredCapacity",
                "autoscaling:TerminateInstanceInAutoScalingGroup",
            ],
            "Resource": "*",
            "Condition": {"StringEquals": of_this_cluster},
        },
    )
