"""What AWS holds of one EKS cluster: itself, its OIDC provider, its associations."""

from collections.abc import Mapping
from typing import Any, Final

from eks_irsa.live.model import (
    LiveAssociation,
    LiveCluster,
    LiveProvider,
    Read,
    Unread,
)
from eks_irsa.live.refusals import found, read

__all__ = [
    "associations_of",
    "described_association",
    "described_cluster",
    "has_agent",
    "listed_associations",
    "listed_providers",
    "live_association",
    "live_cluster",
    "provider_of",
]

# Source: https://docs.aws.amazon.com/eks/latest/userguide/pod-id-agent-setup.html
_AGENT: Final = "eks-pod-identity-agent"


def described_cluster(
    eks: Any,  # noqa: ANN401 - without types
    name: str,
) -> "tuple[Read[LiveCluster | None], bool]":
    """Describe a cluster.

    Args:
        eks: A client of EKS, in the region of the cluster.
        name: Name of the cluster.

    Returns:
        The cluster, None if there is none of that name; and whether it is one of EKS
        Auto Mode.
    """
    held = found(
        "eks:DescribeCluster", lambda: eks.describe_cluster(name=name)["cluster"]
    )
    if held is None or isinstance(held, Unread):
        return held, False
    return live_cluster(held), bool(held.get("computeConfig", {}).get("enabled"))


def live_cluster(document: Mapping[str, Any]) -> LiveCluster:
    """Read a cluster.

    Args:
        document: As DescribeCluster describes it.

    Raises:
        KeyError: It has no ARN.
    """
    return LiveCluster(
        arn=document["arn"],
        issuer_url=document.get("identity", {}).get("oidc", {}).get("issuer"),
        endpoint=document.get("endpoint", ""),
        certificate_authority=document.get("certificateAuthority", {}).get("data", ""),
    )


def has_agent(
    eks: Any,  # noqa: ANN401 - without types
    name: str,
) -> Read[bool]:
    """Tell whether a cluster has the add-on of the EKS Pod Identity agent.

    Args:
        eks: A client of EKS, in the region of the cluster.
        name: Name of the cluster.
    """
    held = found(
        "eks:DescribeAddon",
        lambda: eks.describe_addon(clusterName=name, addonName=_AGENT)["addon"],
    )
    return held if isinstance(held, Unread) else held is not None


def listed_associations(
    eks: Any,  # noqa: ANN401 - without types
    name: str,
    **only: str,
) -> "Read[tuple[LiveAssociation, ...]]":
    """List the associations of a cluster, without their roles.

    Args:
        eks: A client of EKS, in the region of the cluster.
        name: Name of the cluster.
        only: `namespace` and `serviceAccount`, to list those of one alone.
    """
    return read(
        "eks:ListPodIdentityAssociations",
        lambda: associations_of(eks, name, **only),
    )


def associations_of(
    eks: Any,  # noqa: ANN401 - without types
    name: str,
    **only: str,
) -> tuple[LiveAssociation, ...]:
    """List the associations of a cluster, as `listed_associations` does.

    Raises:
        Exception: Of botocore.
    """
    pages = eks.get_paginator("list_pod_identity_associations")
    return tuple(
        live_association(one)
        for page in pages.paginate(clusterName=name, **only)
        for one in page["associations"]
    )


def described_association(
    eks: Any,  # noqa: ANN401 - without types
    name: str,
    listed: LiveAssociation,
) -> "Read[LiveAssociation]":
    """Describe an association that was listed.

    Args:
        eks: A client of EKS, in the region of the cluster.
        name: Name of the cluster.
        listed: The association.
    """
    return read(
        "eks:DescribePodIdentityAssociation",
        lambda: live_association(
            eks.describe_pod_identity_association(
                clusterName=name, associationId=listed.id
            )["association"]
        ),
    )


def live_association(document: Mapping[str, Any]) -> LiveAssociation:
    """Read an association.

    Args:
        document: As DescribePodIdentityAssociation describes it; as
            ListPodIdentityAssociations does, it has no role.

    Raises:
        KeyError: It has no id, namespace or service account.

    Source:
        https://docs.aws.amazon.com/eks/latest/APIReference/API_PodIdentityAssociation.html
    """
    return LiveAssociation(
        id=document["associationId"],
        namespace=document["namespace"],
        service_account=document["serviceAccount"],
        role_arn=document.get("roleArn", ""),
        target_role_arn=document.get("targetRoleArn"),
        owner=document.get("ownerArn"),
        disable_session_tags=bool(document.get("disableSessionTags")),
        policy=document.get("policy"),
        tags=document.get("tags", {}),
    )


def listed_providers(
    iam: Any,  # noqa: ANN401 - without types
) -> "Read[tuple[str, ...]]":
    """List the ARNs of all IAM OIDC providers of the AWS account, sorted.

    Args:
        iam: A client of IAM.
    """
    return read(
        "iam:ListOpenIDConnectProviders",
        lambda: tuple(
            sorted(
                one["Arn"]
                for one in iam.list_open_id_connect_providers()[
                    "OpenIDConnectProviderList"
                ]
            )
        ),
    )


def provider_of(
    iam: Any,  # noqa: ANN401 - without types
    arn: str,
) -> "Read[LiveProvider | None]":
    """Read an IAM OIDC provider; None if there is none.

    Args:
        iam: A client of IAM, of the AWS account of the provider.
        arn: ARN of the provider.
    """
    held = found(
        "iam:GetOpenIDConnectProvider",
        lambda: iam.get_open_id_connect_provider(OpenIDConnectProviderArn=arn),
    )
    if held is None or isinstance(held, Unread):
        return held
    return LiveProvider(
        arn=arn,
        client_ids=tuple(held.get("ClientIDList", ())),
        tags={one["Key"]: one["Value"] for one in held.get("Tags", ())},
    )
