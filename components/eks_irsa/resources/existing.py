"""What can be known of a cluster's OIDC provider while the program is still written.

Whether a provider is made or read decides what is registered, so it must be known at
once; it can be where cluster or issuer are plain text.
"""

import pulumi
import pulumi_aws as aws

from eks_irsa.documents import arns
from eks_irsa.documents.resource_types import COMPONENT, PROVIDER_COMPONENT
from eks_irsa.resources.program import recorded_resources

__all__ = ["derived_plainly", "is_recorded", "recorded_within_components"]


def derived_plainly(
    component: pulumi.Resource,
    issuer_url: pulumi.Input[str],
    cluster_arn: pulumi.Input[str] | None,
) -> str | None:
    """Derive the ARN of the provider at once.

    Args:
        component: Whose AWS provider tells AWS account and partition, if it must.
        issuer_url: `https://<host>[/<path>]` of the cluster's issuer.
        cluster_arn: ARN of the EKS cluster, or None.

    Returns:
        The ARN; None if the cluster is only known later.
    """
    if not isinstance(issuer_url, str):
        return None
    if isinstance(cluster_arn, str):
        cluster = arns.parse_cluster_arn(cluster_arn)
        partition, account_id = cluster.partition, cluster.account_id
    elif cluster_arn is None:
        options = pulumi.InvokeOptions(parent=component)
        partition = aws.get_partition(opts=options).partition
        account_id = aws.get_caller_identity(opts=options).account_id
    else:
        return None
    return arns.provider_arn(
        partition=partition, account_id=account_id, issuer_url=issuer_url
    )


def recorded_within_components(provider_arn: str) -> list[str]:
    """Find where service accounts had a provider of their own, as the first versions.

    Args:
        provider_arn: ARN of the provider.

    Returns:
        The URN of each such `EksOidcProvider` in the state.
    """
    within = f"{COMPONENT}${PROVIDER_COMPONENT}"
    found: list[str] = []
    for urn, resource in recorded_resources().items():
        outputs: dict[str, object] = resource.get("outputs") or {}
        is_within = urn.split("::", 3)[2].endswith(within)
        if is_within and outputs.get("provider_arn") == provider_arn:
            found.append(urn)
    return found


def is_recorded(provider_arn: str) -> bool:
    """Tell whether this stack's state has the provider as one that it manages."""
    for resource in recorded_resources().values():
        if resource.get("type") == PROVIDER_COMPONENT:
            outputs: dict[str, object] = resource.get("outputs") or {}
            recorded = (outputs.get("managed"), outputs.get("provider_arn"))
            if recorded == (True, provider_arn):
                return True
    return False
