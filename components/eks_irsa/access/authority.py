"""What decides about the requests of one role."""

from dataclasses import dataclass

from eks_irsa.documents.policy_statements import Grant

__all__ = ["NO_AUTHORITY", "Authority"]


@dataclass(frozen=True, slots=True)
class Authority:
    """What the policies of a role say together, or what its trust policy says.

    A request is allowed if a grant allows it, none denies it, and, where there is a
    boundary, a grant of the boundary allows it and none denies it.

    Attributes:
        grants: Of all its policies.
        boundary: Of its permissions boundary; None for none.

    Source:
        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics.html
    """

    grants: frozenset[Grant]
    boundary: frozenset[Grant] | None = None


NO_AUTHORITY = Authority(frozenset())
