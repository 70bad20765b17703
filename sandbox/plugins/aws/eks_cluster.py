"""`aws:eks/getCluster:getCluster`, and how a cluster is described.

Source:
    hashicorp/terraform-provider-aws, internal/service/eks/cluster_data_source.go
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from sandbox.plugins.aws.account import Account, failed
from sandbox.plugins.aws.resource_type import text
from sandbox.plugins.values import Properties, Value

__all__ = ["NO_CLUSTER", "cluster_problems", "describe_cluster", "find_cluster"]

# Source: hashicorp/terraform-provider-aws, internal/service/eks/validate.go
_CLUSTER_NAME: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]*", re.ASCII)
_LONGEST_CLUSTER_NAME: Final = 100
NO_CLUSTER: Final = "ResourceNotFoundException"
"""EKS's code for a cluster that is not there."""


def cluster_problems(given: Properties) -> Iterator[str]:
    """Say what is wrong with the arguments."""
    name = text(given, "name")
    if "name" not in given:
        yield "Missing required property 'name'"
    elif not 1 <= len(name) <= _LONGEST_CLUSTER_NAME:
        yield (
            "expected length of name to be in the range "
            f"(1 - {_LONGEST_CLUSTER_NAME}), got {name}"
        )
    elif not _CLUSTER_NAME.fullmatch(name):
        yield (
            "invalid value for name (must begin with an alphanumeric character and "
            "contain only alphanumeric characters, dashes and underscores)"
        )


def describe_cluster(account: Account, given: Properties) -> Properties:
    """Describe a cluster of the given region, else of the provider's.

    Raises:
        Refusal: There is no such cluster, or AWS refused.
    """
    name = text(given, "name")
    found = find_cluster(account, name, region=text(given, "region") or account.region)
    if found is None:
        message = f"reading EKS Cluster ({name}): couldn't find resource"
        raise failed(message)
    return _not_described() | found


def find_cluster(account: Account, name: str, *, region: str) -> Properties | None:
    """Describe a cluster as the function and the resource share it; None if it is gone.

    Raises:
        Refusal: AWS refused.
    """
    found = account.attempt(
        f"reading EKS Cluster ({name})",
        "eks",
        "DescribeCluster",
        unless=NO_CLUSTER,
        region=region,
        name=name,
    )
    if not found:
        return None
    cluster: Mapping[str, Any] = found["cluster"]
    issuer: Value = cluster.get("identity", {}).get("oidc", {}).get("issuer", "")
    authority: Value = cluster.get("certificateAuthority", {}).get("data", "")
    tags: Properties = {key: str(one) for key, one in cluster.get("tags", {}).items()}
    return {
        "arn": str(cluster["arn"]),
        "certificateAuthorities": [{"data": authority}],
        "computeConfigs": [_compute(cluster.get("computeConfig", {}))],
        "createdAt": _go_time(cluster["createdAt"]),
        "enabledClusterLogTypes": [*_log_types(cluster)],
        "endpoint": str(cluster.get("endpoint", "")),
        "id": name,
        "identities": [{"oidcs": [{"issuer": issuer}] if issuer else []}],
        "kubernetesNetworkConfigs": [_network(cluster)],
        "name": name,
        "platformVersion": str(cluster.get("platformVersion", "")),
        "region": region,
        "roleArn": str(cluster.get("roleArn", "")),
        "status": str(cluster.get("status", "")),
        "tags": tags,
        "version": str(cluster.get("version", "")),
        "vpcConfig": _vpc(cluster.get("resourcesVpcConfig", {})),
    }


def _not_described() -> Properties:
    """Give what the double never fills in, as empty as an old cluster has it."""
    lists = (
        "accessConfigs",
        "controlPlaneScalingConfigs",
        "kubeApiServerConfigs",
        "kubeControllerManagerConfigs",
        "kubeSchedulerConfigs",
        "outpostConfigs",
        "remoteNetworkConfigs",
        "storageConfigs",
        "upgradePolicies",
        "zonalShiftConfigs",
    )
    return {
        "clusterId": "",
        "deletionProtection": False,
        **{name: [] for name in lists},
    }


def _compute(found: Mapping[str, Any]) -> Properties:
    return {
        "enabled": bool(found.get("enabled", False)),
        "nodePools": [str(one) for one in found.get("nodePools", [])],
        "nodeRoleArn": str(found.get("nodeRoleArn", "")),
    }


def _log_types(cluster: Mapping[str, Any]) -> list[str]:
    return [
        str(kind)
        for entry in cluster.get("logging", {}).get("clusterLogging", [])
        if entry.get("enabled")
        for kind in entry.get("types", [])
    ]


def _network(cluster: Mapping[str, Any]) -> Properties:
    found = cluster.get("kubernetesNetworkConfig", {})
    return {
        "elasticLoadBalancings": [],
        "ipFamily": str(found.get("ipFamily", "")),
        "serviceIpv4Cidr": str(found.get("serviceIpv4Cidr", "")),
        "serviceIpv6Cidr": str(found.get("serviceIpv6Cidr", "")),
    }


def _vpc(found: Mapping[str, Any]) -> Properties:
    return {
        "clusterSecurityGroupId": str(found.get("clusterSecurityGroupId", "")),
        "endpointPrivateAccess": bool(found.get("endpointPrivateAccess", False)),
        "endpointPublicAccess": bool(found.get("endpointPublicAccess", False)),
        "publicAccessCidrs": [str(one) for one in found.get("publicAccessCidrs", [])],
        "securityGroupIds": [str(one) for one in found.get("securityGroupIds", [])],
        "subnetIds": [str(one) for one in found.get("subnetIds", [])],
        "vpcId": str(found.get("vpcId", "")),
    }


def _go_time(moment: object) -> str:
    """Write a time as Go's `Time.String` does."""
    if not isinstance(moment, datetime):
        return str(moment)
    fraction = f".{moment.microsecond:06d}".rstrip("0").rstrip(".")
    return f"{moment:%Y-%m-%d %H:%M:%S}{fraction} {moment:%z} UTC"
