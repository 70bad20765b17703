"""Which pods a statement of a trust policy lets in by EKS Pod Identity.

EKS assumes the role for a pod, and tells cluster, namespace and service account as
tags of the session, unless the association says otherwise. What a condition does not
hold to values, any association of the AWS account may bring.

Source:
    https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html
    https://docs.aws.amazon.com/eks/latest/userguide/pod-id-abac.html
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from eks_irsa.documents.conditions import Clause, Condition
from eks_irsa.documents.patterns import Patterns, has_wildcard
from eks_irsa.documents.pins import pinned_values, pins
from eks_irsa.documents.pod_identity import POD_IDENTITY_SERVICE

__all__ = [
    "PARTS",
    "POD_IDENTITY",
    "Part",
    "PodIdentityTrust",
    "assumes",
    "pod_identity_trust",
]

POD_IDENTITY: Final = f"Service {POD_IDENTITY_SERVICE}"
"""The principal as `Grant` has it, in every partition."""

Part = Literal["cluster", "namespace", "service account"]
PARTS: Final[tuple[Part, ...]] = ("cluster", "namespace", "service account")
_PARTS: Final[Mapping[str, Part]] = {
    "aws:requesttag/eks-cluster-arn": "cluster",
    "aws:requesttag/eks-cluster-name": "cluster",
    # What is left where the association has no session tags.
    "aws:sourcearn": "cluster",
    "aws:requesttag/kubernetes-namespace": "namespace",
    "aws:requesttag/kubernetes-service-account": "service account",
}
_ARNS: Final = frozenset({"aws:requesttag/eks-cluster-arn", "aws:sourcearn"})
# Without the tags the role is assumed all the same: an association may go without.
_ACTION: Final = Patterns(frozenset({"sts:assumerole"}))


@dataclass(frozen=True, kw_only=True, slots=True)
class PodIdentityTrust:
    """Pods that may get a role by EKS Pod Identity.

    Attributes:
        clauses: Part -> the clause that holds it to values, of several the one without
            a pattern; a part that is not here may be any of the AWS account.
        rest: What a request must meet besides, in its order.
    """

    clauses: Mapping[Part, Clause]
    rest: tuple[Clause, ...]

    def patterns(self, part: Part) -> tuple[str, ...]:
        """Return what a part is held to, as patterns; none for any.

        Args:
            part: Of the pods.
        """
        clause = self.clauses.get(part)
        return pinned_values(clause) if clause else ()

    def is_plain(self, part: Part) -> bool:
        """Tell whether a part is held to values that are no patterns.

        Args:
            part: Of the pods.
        """
        return part in self.clauses and _is_plain(self.clauses[part])


def pod_identity_trust(condition: Condition) -> PodIdentityTrust:
    """Read the condition of a statement that EKS Pod Identity is the principal of.

    Args:
        condition: Of the statement.
    """
    found: dict[Part, Clause] = {}
    for clause in sorted(condition.clauses, key=_is_plain, reverse=True):
        part = _PARTS.get(clause.key)
        if part and pins(clause) and not _is_open(clause):
            found.setdefault(part, clause)
    taken = [*found.values()]
    rest = tuple(one for one in condition.clauses if one not in taken)
    return PodIdentityTrust(clauses=found, rest=rest)


def assumes(action: Patterns) -> bool:
    """Tell whether a statement about some actions lets EKS assume the role.

    Args:
        action: Of the statement; without `sts:AssumeRole`, `sts:TagSession` is nothing.
    """
    return not action.is_disjoint_from(_ACTION)


def _is_plain(clause: Clause) -> bool:
    return not any(map(has_wildcard, pinned_values(clause)))


def _is_open(clause: Clause) -> bool:
    """Tell whether an ARN names no cluster, but all there are somewhere."""
    return clause.key in _ARNS and any(map(_leaves_name, pinned_values(clause)))


def _leaves_name(pattern: str) -> bool:
    known = pattern.rstrip("*?")
    _, cluster, name = known.rpartition("cluster/")
    return known != pattern and not (cluster and name)
