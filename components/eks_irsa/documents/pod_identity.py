"""EKS Pod Identity: whom a role trusts so that pods get it without an OIDC provider.

An association in EKS names cluster, service account and role. An agent on the node
takes the pod's token to EKS, and EKS assumes the role with tags that say whose it is.
"""

from collections.abc import Iterable
from typing import Final

__all__ = [
    "AGENT_ADD_ON",
    "POD_IDENTITY_SERVICE",
    "pod_identity_statement",
    "target_trust_policy",
]

# The same in every partition.
# Source: https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html
POD_IDENTITY_SERVICE: Final = "pods.eks.amazonaws.com"
# Name of the EKS add-on whose pods hand out the credentials.
# Source: https://docs.aws.amazon.com/eks/latest/userguide/pod-id-agent-setup.html
AGENT_ADD_ON: Final = "eks-pod-identity-agent"
# Tags of the session that EKS makes; there are three more, of the pod and the
# cluster's name.
# Source: https://docs.aws.amazon.com/eks/latest/userguide/pod-id-abac.html
_CLUSTER: Final = "aws:RequestTag/eks-cluster-arn"
_NAMESPACE: Final = "aws:RequestTag/kubernetes-namespace"
_SERVICE_ACCOUNT: Final = "aws:RequestTag/kubernetes-service-account"
_ACTIONS: Final = ("sts:AssumeRole", "sts:TagSession")


def pod_identity_statement(
    *,
    cluster_arns: Iterable[str],
    namespace: str,
    service_account: str,
    with_session_tags: bool = True,
) -> dict[str, object]:
    """Let EKS assume a role for the pods of one service account, and for no others.

    Without these conditions any association of the AWS account could use the role.

    Args:
        cluster_arns: ARNs of the EKS clusters whose associations may use the role. They
            count as a set.
        namespace: Namespace of the service account.
        service_account: Its name.
        with_session_tags: EKS sends the session tags. Without them nothing tells one
            service account from another, and the statement says none. Default: true.

    Returns:
        A statement of a trust policy.

    Source:
        https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html
    """
    statement: dict[str, object] = {
        "Effect": "Allow",
        "Principal": {"Service": POD_IDENTITY_SERVICE},
        "Action": [*_ACTIONS],
    }
    if with_session_tags:
        statement["Condition"] = {
            "StringEquals": _tags(cluster_arns, namespace, service_account)
        }
    return statement


def target_trust_policy(
    *,
    role_arn: str,
    cluster_arn: str,
    namespace: str,
    service_account: str,
    with_session_tags: bool = True,
) -> dict[str, object]:
    """Let the role of an association, and no other, assume its target role.

    The session tags are transitive, so that the target role sees them too; without
    them EKS sends an external id that names the association.

    Args:
        role_arn: ARN of the role of the association.
        cluster_arn: ARN of the EKS cluster.
        namespace: Namespace of the service account.
        service_account: Its name.
        with_session_tags: EKS sends the session tags. Default: true.

    Returns:
        The trust policy that the target role needs.

    Source:
        https://docs.aws.amazon.com/eks/latest/userguide/pod-id-assign-target-role.html
    """
    _, _, _, region, account_id, resource = cluster_arn.split(":", 5)
    cluster = resource.removeprefix("cluster/")
    external_id = (region, account_id, cluster, namespace, service_account)
    conditions = (
        _tags([cluster_arn], namespace, service_account)
        if with_session_tags
        else {"sts:ExternalId": "/".join(external_id)}
    )
    # A role as principal is kept as its unique id, and must exist; its ARN as a
    # condition need not, and stays right when the role is made anew.
    account = role_arn.partition(":role/")[0]
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": f"{account}:root"},
        "Action": [*_ACTIONS] if with_session_tags else ["sts:AssumeRole"],
        "Condition": {
            "ArnEquals": {"aws:PrincipalArn": role_arn},
            "StringEquals": conditions,
        },
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


def _tags(
    cluster_arns: Iterable[str], namespace: str, service_account: str
) -> dict[str, object]:
    clusters = sorted({*cluster_arns})
    return {
        _CLUSTER: clusters[0] if len(clusters) == 1 else clusters,
        _NAMESPACE: namespace,
        _SERVICE_ACCOUNT: service_account,
    }
