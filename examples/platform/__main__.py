"""Roles for the controllers a new cluster needs first, and Helm values that name them.

The charts make their own service accounts, so there is a role for each and nothing in
the cluster; the values say which role an account is annotated with.
"""

from collections.abc import Sequence
from typing import Any

import policies
import pulumi
import pulumi_aws as aws

from eks_irsa import (
    EksOidcProvider,
    IrsaServiceAccount,
    IrsaServiceAccountArgs,
    ServiceAccountMode,
)

config = pulumi.Config()
cluster = config.require("cluster")
partition = aws.get_partition().partition
zone_arns = [
    f"arn:{partition}:route53:::hostedzone/{zone}"
    for zone in config.require_object("hostedZones")
]

provider = EksOidcProvider(cluster, {"cluster_name": cluster})


def role(
    name: str,
    namespace: str,
    *,
    inline: dict[str, Any] | None = None,
    attached: Sequence[str] = (),
) -> pulumi.Output[str]:
    """Make the role of one controller and give its ARN, which a preview shows."""
    args: IrsaServiceAccountArgs = {
        "oidc_provider_arn": provider.provider_arn,
        "namespace": namespace,
        "service_account_name": name,
        "role_name": f"{cluster}-{name}",
        "inline_policies": inline or {},
        "attach_policy_arns": attached,
        "service_account_mode": ServiceAccountMode.NOT_MANAGED,
    }
    return IrsaServiceAccount(name, args).role_arn


def account(name: str, role_arn: pulumi.Output[str]) -> dict[str, object]:
    """Write what nearly every chart takes as `serviceAccount`."""
    annotations = {"eks.amazonaws.com/role-arn": role_arn}
    return {"create": True, "name": name, "annotations": annotations}


load_balancers = role(
    "aws-load-balancer-controller",
    "kube-system",
    inline={
        "load-balancers": policies.load_balancer_controller(
            partition=partition, cluster=cluster
        )
    },
)
dns = role(
    "external-dns",
    "external-dns",
    inline={"zones": policies.external_dns(zone_arns=zone_arns)},
)
autoscaler = role(
    "cluster-autoscaler",
    "kube-system",
    inline={"groups": policies.cluster_autoscaler(cluster=cluster)},
)
certificates = role(
    "cert-manager",
    "cert-manager",
    inline={"zones": policies.cert_manager(partition=partition, zone_arns=zone_arns)},
)
volumes = role(
    "ebs-csi-controller-sa",
    "kube-system",
    # AWS's own, which asks for the driver's tag on what it changes.
    attached=[f"arn:{partition}:iam::aws:policy/service-role/AmazonEBSCSIDriverPolicy"],
)

pulumi.export(
    "helmValues",
    {
        "aws-load-balancer-controller": {
            "clusterName": cluster,
            "serviceAccount": account("aws-load-balancer-controller", load_balancers),
        },
        "external-dns": {
            "txtOwnerId": cluster,
            "serviceAccount": account("external-dns", dns),
        },
        "cluster-autoscaler": {
            "autoDiscovery": {"clusterName": cluster},
            "awsRegion": aws.get_region().region,
            "rbac": {"serviceAccount": account("cluster-autoscaler", autoscaler)},
        },
        "cert-manager": {"serviceAccount": account("cert-manager", certificates)},
        "aws-ebs-csi-driver": {
            "controller": {"serviceAccount": account("ebs-csi-controller-sa", volumes)}
        },
    },
)
