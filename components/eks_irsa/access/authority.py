"""What decides about the requests of one role."""

from dataclasses import dataclass

from eks_irsa.documents.policy_statements import Grant

__all__ = ["NO_AUTHORITY", "Authority"]


@dataclass(frozen=True, slots=True)
class Authority:
    """What the policies of a role say together, or what its trust policy says.

    A request is allowed if a grant allows it, none denies it, and, where there is a
    boundary or a session policy, a grant of each allows it and none denies it.

    Attributes:
        grants: Of all its policies.
        boundary: Of its permissions boundary; None for none.
        session: Of the policy of the session; None for none.

    Source:
        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics.html
    """

    grants: frozenset[Grant]
    boundary: frozenset[Grant] | None = None
    session: frozenset[Grant] | None = None

    @property
    def bounds(self) -> tuple[frozenset[Grant], ...]:
        """What each must let a request through besides."""
        both = (self.boundary, self.session)
        return tuple(one for one in both if one is not None)


NO_AUTHORITY = Authority(frozenset())
