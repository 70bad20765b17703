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
]

# Source: eksctl, pkg/apis/eksctl.io/v1alpha5/types.go (ClusterNameTag,
# IAMServiceAccountNameTag) and pkg/cfn/manager/iam.go (the names of stacks).
CLUSTER_TAG: Final = "alpha.eksctl.io/cluster-name"
SERVICE_ACCOUNT_TAG: Final = "alpha.eksctl.io/iamserviceaccount-name"


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
        protected=bool(document.get("EnableTerminationProtection")),
    )


def service_account_stacks(
    stacks: Iterable[LiveStack], *, cluster: str
) -> dict[str, LiveStack]:
    """Find the stacks that eksctl made for the service accounts of a cluster.

    Args:
        stacks: Stacks of the region.
        cluster: Name of the EKS cluster.

    Returns:
        `<namespace>/<name>` -> stack. It is told by its tags: two service accounts may
        have stacks of one name in turn (`a-b/c` and `a/b-c`).
    """
    prefix = f"eksctl-{cluster}-addon-iamserviceaccount-"
    return {
        one.tags[SERVICE_ACCOUNT_TAG]: one
        for one in sorted(stacks, key=lambda one: one.name)
        if one.name.startswith(prefix)
        and one.tags.get(CLUSTER_TAG) == cluster
        and SERVICE_ACCOUNT_TAG in one.tags
        and one.status != "DELETE_COMPLETE"
    }
