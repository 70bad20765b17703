"""By which way the pods of a service account get their role."""

from dataclasses import dataclass

from eks_irsa.review.preview import Unknown

__all__ = ["PodRole"]


@dataclass(frozen=True, kw_only=True, slots=True)
class PodRole:
    """How pods get a role; where both ways are there, the association counts.

    Attributes:
        way: `irsa`, `podIdentity` or `both`; an `Unknown` where nothing tells.
        annotation: ARN that the service account is annotated with; None for none.
        association: ARN of the role of its association; None for none.
        target: ARN of the role that is assumed with that one; None for none.
        cluster: Name of the EKS cluster that has the association; None for none.

    Source:
        https://docs.aws.amazon.com/eks/latest/userguide/pod-id-minimum-sdk.html
    """

    way: str | Unknown
    annotation: str | Unknown | None = None
    association: str | Unknown | None = None
    target: str | Unknown | None = None
    cluster: str | Unknown | None = None

    @property
    def differ(self) -> bool:
        """Tell whether annotation and association name different roles for certain."""
        texts = (self.annotation, self.association)
        known = all(isinstance(one, str) for one in texts)
        return known and self.annotation != self.association
