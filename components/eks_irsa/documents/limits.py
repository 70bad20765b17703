"""How much AWS takes: counts and sizes, each with its source.

An account whose quota AWS raised says so in the stack's settings.
"""

from dataclasses import dataclass

__all__ = ["Limits"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """Quotas of IAM that what we make must stay within.

    Attributes:
        managed_policies_per_role: Policies attached to one role. AWS raises it to 25.
        trust_policy_characters: Size of a trust policy without white space. AWS raises
            it to 8,192.
        inline_policy_characters: Sum of a role's inline policies without white space.
        tags_per_role: Tags on one role.
        annotation_bytes: Sum of the keys and values of an object's annotations;
            a rule of Kubernetes, not of IAM.

    Source:
        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
        https://kubernetes.io/docs/concepts/overview/working-with-objects/annotations/
    """

    managed_policies_per_role: int = 10
    trust_policy_characters: int = 2048
    inline_policy_characters: int = 10_240
    tags_per_role: int = 50
    annotation_bytes: int = 256 * 1024
