"""EKS Pod Identity: whom a role trusts so that pods get it without an OIDC provider.

An association in EKS names cluster, service account and role. An agent on the node
takes the pod's token to EKS, and EKS assumes the role with tags that say whose it is.
"""

from collections.abc import Iterable, Sequence
from typing import Final

__all__ = [
    "AGENT_ADD_ON",
    "POD_IDENTITY_SERVICE",
    "external_id",
    "other_cluster_fault",
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
            service account of the cluster from another. Default: true.

    Returns:
        A statement of a trust policy.

    Source:
        https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html; that
        `aws:SourceArn` is the cluster's is no page's, and was seen by users:
        https://github.com/terraform-aws-modules/terraform-aws-eks/issues/3743
    """
    condition = (
        {"StringEquals": _tags(cluster_arns, namespace, service_account)}
        if with_session_tags
        else {"ArnEquals": {"aws:SourceArn": _one_or_all(cluster_arns)}}
    )
    return {
        "Effect": "Allow",
        "Principal": {"Service": POD_IDENTITY_SERVICE},
        "Action": [*_ACTIONS],
        "Condition": condition,
    }


def other_cluster_fault(other: str, *, cluster_arn: str) -> str | None:
    """Say why a role cannot be given out in another cluster besides its own.

    Args:
        other: ARN of the other EKS cluster.
        cluster_arn: ARN of the first, of the role's AWS account.

    Returns:
        The rule, the value and the remedy; None if it can be.

    Source:
        https://docs.aws.amazon.com/eks/latest/userguide/pod-id-assign-target-role.html
    """
    if other.split(":")[1::3] == cluster_arn.split(":")[1::3]:
        return None
    return (
        f"{other!r} is not of the role's AWS account, and EKS Pod Identity gives out "
        "roles of the cluster's own alone; make this role the target role of one there"
    )


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
    # A role as principal is kept as its unique id, and must exist; its ARN as a
    # condition need not, and stays right when the role is made anew.
    principal = {"AWS": f"{role_arn.partition(':role/')[0]}:root"}
    same_role = {"ArnEquals": {"aws:PrincipalArn": role_arn}}

    def statement(actions: Sequence[str], **condition: object) -> dict[str, object]:
        return {
            "Effect": "Allow",
            "Principal": principal,
            "Action": [*actions],
            "Condition": {**same_role, **condition},
        }

    if with_session_tags:
        tags = _tags([cluster_arn], namespace, service_account)
        statements = [statement(_ACTIONS, StringEquals=tags)]
    else:
        identity = external_id(
            cluster_arn=cluster_arn,
            namespace=namespace,
            service_account=service_account,
        )
        by_id = {"sts:ExternalId": identity}
        statements = [
            statement(_ACTIONS[:1], StringEquals=by_id),
            statement(_ACTIONS[1:]),
        ]
    return {"Version": "2012-10-17", "Statement": statements}


def external_id(*, cluster_arn: str, namespace: str, service_account: str) -> str:
    """Return the external id that EKS sends where it sends no session tags.

    Args:
        cluster_arn: ARN of the EKS cluster.
        namespace: Namespace of the service account.
        service_account: Its name.

    Returns:
        `<region>/<account id>/<cluster>/<namespace>/<service account>`.

    Source:
        https://docs.aws.amazon.com/eks/latest/userguide/pod-id-assign-target-role.html
    """
    _, _, _, region, account_id, resource = cluster_arn.split(":", 5)
    place = (region, account_id, resource.removeprefix("cluster/"))
    return "/".join((*place, namespace, service_account))


def _tags(
    cluster_arns: Iterable[str], namespace: str, service_account: str
) -> dict[str, object]:
    return {
        _CLUSTER: _one_or_all(cluster_arns),
        _NAMESPACE: namespace,
        _SERVICE_ACCOUNT: service_account,
    }


def _one_or_all(cluster_arns: Iterable[str]) -> object:
    clusters = sorted({*cluster_arns})
    return clusters[0] if len(clusters) == 1 else clusters
