"""Associations of EKS Pod Identity: which role they name, and what they say besides."""

from dataclasses import dataclass
from typing import Final

from eks_irsa.review.finding.policies import content_of
from eks_irsa.review.finding.values import text
from eks_irsa.review.model import Content, Value
from eks_irsa.review.preview import Held

__all__ = ["Association", "association_of"]

_TAGS: Final = "disableSessionTags"


@dataclass(frozen=True, kw_only=True, slots=True)
class Association:
    """What an association says of the role of its pods.

    Attributes:
        cluster: Name of its EKS cluster.
        role: ARN of the role that EKS assumes.
        target: ARN of the role that is assumed with it, and that pods end with; None
            for none.
        without_tags: EKS sends no session tags.
        policy: The policy that bounds what pods may do; None for none.
    """

    cluster: Value
    role: Value
    target: Value
    without_tags: bool
    policy: Content | None

    @property
    def last(self) -> str:
        """The property that names the role that pods end with."""
        return "roleArn" if self.target is None else "targetRoleArn"


def association_of(held: Held) -> Association:
    """Read an association.

    Args:
        held: Its resource on one side.

    Source:
        https://docs.aws.amazon.com/eks/latest/APIReference/API_PodIdentityAssociation.html
    """
    policy = text(held.get("policy"))
    return Association(
        cluster=text(held.get("clusterName")),
        role=text(held.get("roleArn")),
        target=text(held.get("targetRoleArn")),
        without_tags=held.get(_TAGS) is True,
        policy=None if policy is None else content_of(policy),
    )
