"""What EKS Pod Identity cannot do, and what has no effect without it."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, cast

from eks_irsa.documents.arns import is_role_arn
from eks_irsa.documents.webhook import AUDIENCE_ANNOTATION
from eks_irsa.identity import parts
from eks_irsa.identity.model import Fault

__all__ = ["pod_identity_faults", "role_account_faults"]

# What says something of an association.
_OF_ASSOCIATIONS: Final = (
    "association_id",
    "disable_session_tags",
    "session_policy",
    "target_role_arn",
    "trusted_cluster_arns",
)
_OF_TOKENS: Final = (
    "audience",
    "subject_pattern",
    "subjects",
    "trusted_provider_arns",
)
# With both ways, pods that get the role by a token have more than the others.
_NARROWING: Final = ("session_policy", "target_role_arn")
_SUBJECTS: Final = frozenset({"subject_pattern", "subjects"})


def pod_identity_faults(asked: Mapping[str, Any]) -> Iterator[Fault]:
    """Find what contradicts the way by which pods get the role.

    Args:
        asked: Fields of the kinds that `FIELDS` has; a value may be LATER.

    Source:
        https://docs.aws.amazon.com/eks/latest/userguide/pod-identities.html
    """
    if not parts.part_of(parts.by_association, asked):
        for field in _OF_ASSOCIATIONS:
            if asked.get(field):
                message = (
                    "has no effect without EKS Pod Identity; set identity to "
                    "podIdentity or both, or take it out"
                )
                yield Fault((field,), "E-POD-IDENTITY", message, at_key=True)
        return
    without_tags = asked.get("disable_session_tags") is True
    if asked.get("session_policy") and not without_tags:
        message = (
            "EKS takes a policy of an association only where it sends no session tags; "
            "set disable_session_tags (disableSessionTags in a file) to true, or take "
            "the policy out"
        )
        yield Fault(("session_policy",), "E-SESSION-POLICY", message, at_key=True)
    if without_tags and "role_arn" not in asked:
        message = (
            "without session tags the trust policy cannot name the service account, so "
            "that every association of the cluster may use the role"
        )
        at = ("disable_session_tags",)
        yield Fault(at, "W-NO-SESSION-TAGS", message, "warning", at_key=True)
    yield from _token_faults(asked, alone=not parts.part_of(parts.by_tokens, asked))


def role_account_faults(role_arn: str, *, cluster_arn: str) -> Iterator[Fault]:
    """Find an existing role that EKS cannot pass to pods.

    Args:
        role_arn: ARN of the role.
        cluster_arn: ARN of the EKS cluster.

    Source:
        https://docs.aws.amazon.com/eks/latest/userguide/pod-id-assign-target-role.html
    """
    account_id = cluster_arn.split(":")[4]
    if is_role_arn(role_arn) and role_arn.split(":")[4] != account_id:
        message = (
            f"{role_arn!r} is not of the cluster's AWS account {account_id}, and EKS "
            "Pod Identity gives out roles of that one alone; give a role of it here, "
            "and this one as target_role_arn (targetRoleARN in a file)"
        )
        yield Fault(("role_arn",), "E-POD-IDENTITY", message)


def _token_faults(asked: Mapping[str, Any], *, alone: bool) -> Iterator[Fault]:
    """Find what only tokens of the OIDC provider can do."""
    for field in _OF_TOKENS:
        if not asked.get(field):
            continue
        if alone:
            message = (
                "has no effect with EKS Pod Identity alone, which gives a role to one "
                "service account by its name; set identity to irsa or both, or take it "
                "out"
            )
            yield Fault((field,), "E-POD-IDENTITY", message, at_key=True)
        elif field in _SUBJECTS:
            message = (
                "counts for tokens of the OIDC provider alone; the association is of "
                "the one service account"
            )
            yield Fault((field,), "W-POD-IDENTITY", message, "warning", at_key=True)
    if not alone:
        for field in _NARROWING:
            if asked.get(field):
                message = (
                    "does not count for pods that get the role with a token of the "
                    "OIDC provider; set identity to podIdentity once no pod does"
                )
                yield Fault((field,), "W-POD-IDENTITY", message, "warning", at_key=True)
    annotations = cast("object", asked.get("annotations"))
    if isinstance(annotations, Mapping) and AUDIENCE_ANNOTATION in annotations:
        message = (
            "has no effect on pods with EKS Pod Identity, whose tokens are always for "
            "pods.eks.amazonaws.com; take it out"
        )
        at = ("annotations", AUDIENCE_ANNOTATION)
        yield Fault(at, "W-POD-IDENTITY", message, "warning", at_key=True)
