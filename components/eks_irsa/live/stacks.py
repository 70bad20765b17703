"""CloudFormation stacks, and which of them eksctl made for a service account."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from eks_irsa.live.model import LiveStack

__all__ = [
    "CLUSTER_TAG",
    "SERVICE_ACCOUNT_TAG",
    "listed_stacks",
    "live_stack",
    "service_account_stacks",
    "stack_names",
    "tagged_entry",
]

# Source: eksctl, pkg/apis/eksctl.io/v1alpha5/types.go (ClusterNameTag,
# IAMServiceAccountNameTag, PodIdentityAssociationNameTag), pkg/cfn/manager/iam.go and
# pkg/actions/podidentityassociation (the names of stacks).
CLUSTER_TAG: Final = "alpha.eksctl.io/cluster-name"
SERVICE_ACCOUNT_TAG: Final = "alpha.eksctl.io/iamserviceaccount-name"
_ASSOCIATION_TAG: Final = "alpha.eksctl.io/podidentityassociation-name"
_KINDS: Final = ("addon-iamserviceaccount", "podidentityrole")


def listed_stacks(client: Any) -> tuple[LiveStack, ...]:  # noqa: ANN401 - without types
    """List the stacks of the region, but for those that are deleted.

    Args:
        client: A client of CloudFormation.

    Raises:
        Exception: Of botocore: `cloudformation:DescribeStacks` is not allowed, or AWS
            cannot be reached.
    """
    pages = client.get_paginator("describe_stacks").paginate()
    return tuple(live_stack(one) for page in pages for one in page.get("Stacks") or ())


def live_stack(document: Mapping[str, Any]) -> LiveStack:
    """Read one stack.

    Args:
        document: As DescribeStacks describes it.

    Raises:
        KeyError: It has no name.

    Source:
        https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_Stack.html
    """
    outputs = document.get("Outputs") or ()
    return LiveStack(
        name=document["StackName"],
        id=document.get("StackId", ""),
        status=document.get("StackStatus", ""),
        tags={one["Key"]: one["Value"] for one in document.get("Tags") or ()},
        outputs={one["OutputKey"]: one["OutputValue"] for one in outputs},
    )


def service_account_stacks(
    stacks: Iterable[LiveStack], *, cluster: str
) -> dict[str, list[LiveStack]]:
    """Find the stacks that eksctl made for the service accounts of a cluster.

    Args:
        stacks: Stacks of the region.
        cluster: Name of the EKS cluster.

    Returns:
        `<namespace>/<name>` -> stacks: of a role by IRSA, of one by EKS Pod Identity,
        or both, sorted by name. They are told by their tags: two service accounts may
        have stacks of one name in turn (`a-b/c` and `a/b-c`).
    """
    prefixes = tuple(f"{one}-" for one in _prefixes(cluster))
    found: dict[str, list[LiveStack]] = {}
    for one in sorted(stacks, key=lambda one: one.name):
        key = tagged_entry(one.tags)
        is_clusters = one.tags.get(CLUSTER_TAG) == cluster
        is_there = one.status != "DELETE_COMPLETE"
        if key and is_clusters and is_there and one.name.startswith(prefixes):
            found.setdefault(key, []).append(one)
    return found


def tagged_entry(tags: Mapping[str, str]) -> str:
    """Tell whose a role or stack of eksctl's is.

    A role by IRSA that eksctl moved to EKS Pod Identity may have the second tag alone.

    Args:
        tags: Of the role or stack.

    Returns:
        `<namespace>/<name>` of the service account; empty if the tags do not tell.
    """
    return tags.get(SERVICE_ACCOUNT_TAG) or tags.get(_ASSOCIATION_TAG, "")


def stack_names(cluster: str, key: str) -> list[str]:
    """Name the stacks that eksctl would make for a service account.

    Args:
        cluster: Name of the EKS cluster.
        key: `<namespace>/<name>`.
    """
    return [f"{one}-{key.replace('/', '-')}" for one in _prefixes(cluster)]


def _prefixes(cluster: str) -> list[str]:
    return [f"eksctl-{cluster}-{kind}" for kind in _KINDS]
