"""One service account of a preview, and the role that its pods have.

What counts is the association of EKS Pod Identity; where there is none, the annotation
in the cluster, whoever writes it; where neither is shown, what a component says of its
own service account.

Source:
    https://github.com/aws/amazon-eks-pod-identity-webhook (which of both counts)
"""

from dataclasses import dataclass, field
from typing import Final

from eks_irsa.documents.resource_types import SERVICE_ACCOUNT_PATCHES
from eks_irsa.review.finding.claims import Claim, RoleOf
from eks_irsa.review.finding.policies import RolePolicy
from eks_irsa.review.pod_role import PodRole
from eks_irsa.review.preview import SIDES, Resource, Side, Unknown

__all__ = ["ServiceAccount"]

_NOT_SHOWN: Final = Unknown("not in this preview")


@dataclass(kw_only=True, slots=True)
class ServiceAccount:
    """One service account of one cluster.

    Attributes:
        title: `<namespace>/<name>`, or what its resource or component is called.
        component: URN of the component it is the own one of; empty for none.
        claims: What resources say of it.
        by_component: Roles that the component says it has; used where no claim is.
        ways: By which way the component says pods get them; none where it is not shown.
        declared: Sides on which the component stands.
        resources: The component and all that have a claim, by URN.
    """

    title: str
    component: str = ""
    claims: dict[Side, list[Claim]] = field(
        default_factory=lambda: {"before": [], "after": []}
    )
    by_component: dict[Side, RoleOf] = field(default_factory=dict[Side, RoleOf])
    ways: dict[Side, str] = field(default_factory=dict[Side, str])
    declared: set[Side] = field(default_factory=set[Side])
    resources: dict[str, Resource] = field(default_factory=dict[str, Resource])

    @property
    def urn(self) -> str:
        """URN of its component; of its resource where it has none."""
        return self.component or min(self.resources, default="")

    @property
    def objects(self) -> tuple[Resource, ...]:
        """The resources that stand for it in the cluster."""
        return self._resources(associations=False)

    @property
    def associated_by(self) -> tuple[Resource, ...]:
        """The associations that name it."""
        return self._resources(associations=True)

    def _resources(self, *, associations: bool) -> tuple[Resource, ...]:
        found = {
            one.held.resource.urn: one.held.resource
            for side in SIDES
            for one in self.claims[side]
            if bool(one.association) == associations
        }
        return tuple(found.values())

    @property
    def is_patched(self) -> bool:
        """Tell whether it is somebody else's, with our keys on it."""
        return any(one.type in SERVICE_ACCOUNT_PATCHES for one in self.objects)

    def is_there(self, side: Side) -> bool:
        """Tell whether the program has it on one side, as far as is shown."""
        if side in self.declared:
            return True
        return any(
            side == "before" or one.held.resource.operation != "delete"
            for one in self.claims[side]
        )

    def annotated(self, side: Side) -> list[Claim]:
        """Return what is said of the service account itself on one side."""
        return [one for one in self.claims[side] if not one.association]

    def associated(self, side: Side) -> list[Claim]:
        """Return the associations that name it on one side."""
        return [one for one in self.claims[side] if one.association]

    def claim(self, side: Side) -> Claim | None:
        """Return what is said of it on one side, by the one that says most."""
        return max(
            self.annotated(side),
            key=lambda one: (one.role is not None, one.held.resource.urn),
            default=None,
        )

    def role(self, side: Side) -> RoleOf | None:
        """Return the role that its pods have on one side; None for none."""
        said = self.associated(side)
        if said:
            return self._one(said, side, "associate it with other roles each")
        if self._is_associated_unseen(side):
            return self.by_component.get(side)
        return self._by_annotation(side)

    def pod_role(self, side: Side) -> PodRole | None:
        """Tell by which way its pods have the role; None for no role."""
        role, annotated = self.role(side), self._by_annotation(side)
        if role is None:
            return None
        said = self.associated(side)
        by_association = bool(said) or self._is_associated_unseen(side)
        way: str | Unknown = "podIdentity" if by_association else "irsa"
        if by_association and annotated:
            way = "both"
        if not self.claims[side] and side not in self.ways:
            way = _NOT_SHOWN
        association = said[0].association if said else None
        return PodRole(
            way=way,
            annotation=annotated.arn if annotated else None,
            association=association.role if association else None,
            target=association.target if association else None,
            cluster=association.cluster if association else None,
        )

    def session(self, side: Side) -> RolePolicy | None:
        """Return what bounds its pods besides their role; None for nothing.

        With an annotation too it bounds those alone that use the association, and of
        a target role nothing says whether it does.
        """
        pod_role, said = self.pod_role(side), self.associated(side)
        association = said[0].association if len(said) == 1 else None
        if not (pod_role and association) or pod_role.way != "podIdentity":
            return None
        return association.policy if association.target is None else None

    def _is_associated_unseen(self, side: Side) -> bool:
        """Tell whether the component says so of an association that is not shown."""
        return not self.associated_by and self.ways.get(side) in {"podIdentity", "both"}

    def _by_annotation(self, side: Side) -> RoleOf | None:
        said = self.annotated(side)
        found = self._one(said, side, "annotate it differently")
        if found is not None:
            return found
        # What is only read may have an annotation that is not shown.
        told = any(not claim.held.state.external for claim in said)
        if told or self.ways.get(side) == "podIdentity":
            return None
        if self.associated(side) and side not in self.ways:
            return None  # nothing says that there is an annotation too
        return self.by_component.get(side)

    def _one(self, said: list[Claim], side: Side, words: str) -> RoleOf | None:
        # What is written in this run takes the place of what stays.
        written = [one for one in said if side == "after" and self._is_new(one)]
        found = {one.role: None for one in written or said if one.role is not None}
        if len(found) > 1:
            names = " and ".join(sorted({one.held.resource.name for one in said}))
            identity = " ".join(sorted(one.identity for one in found))
            return RoleOf(arn=Unknown(f"{names} {words}"), identity=identity)
        return next(iter(found), None)

    def _is_new(self, claim: Claim) -> bool:
        """Tell whether a resource writes another annotation than it had."""
        urn = claim.held.resource.urn
        had = {
            one.role for one in self.claims["before"] if one.held.resource.urn == urn
        }
        return claim.held.planned and claim.role is not None and claim.role not in had
