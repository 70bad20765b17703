"""Associations of EKS Pod Identity: which role they name, and what they say besides."""

from dataclasses import dataclass
from typing import Final

from eks_irsa.review.finding.policies import RolePolicy, content_of, identity_of
from eks_irsa.review.finding.values import text
from eks_irsa.review.model import Value
from eks_irsa.review.preview import Held

__all__ = ["Association", "association_of"]

_TAGS: Final = "disableSessionTags"
_POLICY: Final = "policy"


@dataclass(frozen=True, kw_only=True, slots=True)
class Association:
    """What an association says of the role of its pods.

    Attributes:
        cluster: Name of its EKS cluster.
        role: ARN of the role that EKS assumes.
        target: ARN of the role that is assumed with it, and that pods end with; None
            for none.
        without_tags: EKS sends no session tags.
        policy: The session policy, which bounds what pods may do; None for none.
        policy_text: The same as it is written.
    """

    cluster: Value
    role: Value
    target: Value
    without_tags: bool
    policy: RolePolicy | None
    policy_text: Value

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
    policy = text(held.get(_POLICY))
    return Association(
        cluster=text(held.get("clusterName")),
        role=text(held.get("roleArn")),
        target=text(held.get("targetRoleArn")),
        without_tags=held.get(_TAGS) is True,
        policy=None if policy is None else _session(held, policy),
        policy_text=policy,
    )


def _session(held: Held, policy: Value) -> RolePolicy:
    content = content_of(policy)
    return RolePolicy(
        slot="session",
        label="session policy",
        content=content,
        identity=identity_of(held, _POLICY, content),
    )
