"""`aws:eks/getAddon:getAddon`.

Source:
    hashicorp/terraform-provider-aws, internal/service/eks/addon_data_source.go
"""

from collections.abc import Iterator

from sandbox.plugins.aws.account import NOT_FOUND, Account, failed
from sandbox.plugins.aws.eks_cluster import NO_CLUSTER
from sandbox.plugins.aws.resource_type import text
from sandbox.plugins.values import Properties

__all__ = ["addon_problems", "describe_addon"]


def addon_problems(given: Properties) -> Iterator[str]:
    """Say what is wrong with the arguments."""
    for name in ("addonName", "clusterName"):
        if not text(given, name):
            yield f"Missing required property '{name}'"


def describe_addon(account: Account, given: Properties) -> Properties:
    """Describe an add-on of a cluster of the given region, else of the provider's.

    Raises:
        Refusal: There is no such cluster or add-on, or AWS refused.
    """
    cluster, name = text(given, "clusterName"), text(given, "addonName")
    region = text(given, "region") or account.region
    what = f"reading EKS Add-On ({cluster}:{name})"
    answer = account.attempt(
        what,
        "eks",
        "DescribeAddon",
        unless=NO_CLUSTER,
        region=region,
        clusterName=cluster,
        addonName=name,
    )
    if not answer:
        message = f"{what}: {NOT_FOUND}"
        raise failed(message)
    found = answer["addon"]
    return {
        "addonName": name,
        "addonVersion": str(found["addonVersion"]),
        "arn": str(found["addonArn"]),
        "clusterName": cluster,
        "configurationValues": str(found.get("configurationValues", "")),
        "createdAt": found["createdAt"].isoformat(),
        "id": f"{cluster}:{name}",
        "modifiedAt": found["modifiedAt"].isoformat(),
        "podIdentityAssociations": [],
        "region": region,
        "serviceAccountRoleArn": str(found.get("serviceAccountRoleArn", "")),
        "tags": {str(key): str(one) for key, one in found.get("tags", {}).items()},
    }
