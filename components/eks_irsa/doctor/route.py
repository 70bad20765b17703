"""Which role pods ask for, by which way, and as whom."""

from collections.abc import Mapping
from typing import Final, Literal

from eks_irsa.doctor.model import Facts
from eks_irsa.doctor.pods import containers_of, pods_of, variables_of
from eks_irsa.documents.arns import is_role_arn, partition_of_region
from eks_irsa.documents.trust_policy import DEFAULT_AUDIENCE
from eks_irsa.documents.webhook import (
    AUDIENCE_ANNOTATION,
    ROLE_ARN_ANNOTATION,
    near_annotation,
)
from eks_irsa.live.model import (
    LiveAssociation,
    LiveServiceAccount,
    Read,
    Unread,
    known,
)

__all__ = [
    "ROLE_ARN_VARIABLE",
    "URI_VARIABLE",
    "Way",
    "asked_association",
    "asked_audience",
    "asked_issuer_url",
    "asked_role_arn",
    "asked_subject",
    "asked_way",
    "near_role_annotation",
    "part_of_arn",
    "place_of",
    "role_of_pods",
]

Way = Literal["irsa", "podIdentity", "none"]
ROLE_ARN_VARIABLE: Final = "AWS_ROLE_ARN"
# By which a container gets its role by EKS Pod Identity.
URI_VARIABLE: Final = "AWS_CONTAINER_CREDENTIALS_FULL_URI"


def asked_way(facts: Facts) -> Way:
    """Tell by which way pods that are made now get a role.

    Args:
        facts: What was read.

    Returns:
        `podIdentity` where there is an association, which EKS's webhook prefers;
        `irsa` where an annotation or, if that could not be read, a pod names a role.

    Source:
        https://github.com/aws/amazon-eks-pod-identity-webhook (pkg/handler)
    """
    if asked_association(facts.associations):
        return "podIdentity"
    return "irsa" if _annotated_role(facts) else "none"


def asked_association(
    associations: Read[tuple[LiveAssociation, ...]],
) -> LiveAssociation | None:
    """Return the association of the service account; EKS takes one.

    Args:
        associations: Those of the service account.
    """
    return next(iter(known(associations) or ()), None)


def asked_role_arn(
    service_account: Read[LiveServiceAccount | None],
    associations: Read[tuple[LiveAssociation, ...]],
) -> str | None:
    """Return the ARN of the role that pods get, or were to get.

    Args:
        service_account: As the API server has it.
        associations: Those of the service account.

    Returns:
        That of the association, of the annotation, or of an annotation whose key is
        nearly that, without spaces around it; None if nothing names a role.
    """
    if association := asked_association(associations):
        return association.role_arn or None
    account = known(service_account)
    if account is None:
        return None
    key = near_role_annotation(account.annotations)
    text = account.annotations.get(ROLE_ARN_ANNOTATION, "") or (
        account.annotations[key] if key else ""
    )
    return text.strip() or None


def near_role_annotation(annotations: Mapping[str, str]) -> str | None:
    """Find the key of an annotation that was to name the role.

    Args:
        annotations: Key -> value.

    Returns:
        A misspelt key, one with the ARN of a role first; None if there is none.
    """
    near = [key for key in annotations if near_annotation(key) == ROLE_ARN_ANNOTATION]
    with_arn = [key for key in near if is_role_arn(annotations[key].strip())]
    return next(iter([*with_arn, *near]), None)


def _annotated_role(facts: Facts) -> bool:
    if isinstance(facts.service_account, Unread):
        return any(
            ROLE_ARN_VARIABLE in variables_of(container)
            for pod in pods_of(facts)
            for container in containers_of(pod)
        )
    account = facts.service_account
    return account is not None and ROLE_ARN_ANNOTATION in account.annotations


def asked_audience(service_account: Read[LiveServiceAccount | None]) -> str:
    """Return the audience of the tokens that pods get by IRSA.

    Args:
        service_account: As the API server has it.
    """
    account = known(service_account)
    found = account.annotations.get(AUDIENCE_ANNOTATION) if account else None
    return DEFAULT_AUDIENCE if found is None else found


def asked_issuer_url(facts: Facts) -> str | None:
    """Return the issuer of the cluster's tokens: the token's own, else EKS's word.

    Args:
        facts: What was read.
    """
    issuer = (known(facts.token_claims) or {}).get("iss")
    if isinstance(issuer, str):
        return issuer
    cluster = known(facts.cluster)
    return cluster.issuer_url if cluster else None


def asked_subject(facts: Facts) -> str:
    """Return the subject of the service account's tokens.

    Args:
        facts: What was read.
    """
    subject = (known(facts.token_claims) or {}).get("sub")
    plain = f"system:serviceaccount:{facts.namespace}:{facts.name}"
    return subject if isinstance(subject, str) else plain


def role_of_pods(facts: Facts) -> str | None:
    """Return the one role that pods have by IRSA from when they were made.

    Args:
        facts: What was read.

    Returns:
        None if they have none, or several.
    """
    roles = {
        variables_of(container).get(ROLE_ARN_VARIABLE)
        for pod in pods_of(facts)
        for container in containers_of(pod)
    } - {None}
    return roles.pop() if len(roles) == 1 else None


def place_of(facts: Facts) -> tuple[str | None, str | None]:
    """Return partition and AWS account of the cluster, each None if it is not known.

    Args:
        facts: What was read.
    """
    cluster = known(facts.cluster)
    if cluster:
        return part_of_arn(cluster.arn, 1), part_of_arn(cluster.arn, 4)
    return partition_of_region(facts.region), known(facts.account_id)


def part_of_arn(arn: str, index: int) -> str:
    """Return a part of an ARN: 1 is its partition, 4 its AWS account.

    Args:
        arn: An ARN, or any text.
        index: Of the part.

    Returns:
        Empty if there is none.
    """
    parts = arn.split(":", 5)
    return parts[index] if index < len(parts) else ""
