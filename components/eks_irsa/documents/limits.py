"""How much AWS takes: counts and sizes, each with its source.

A quota that AWS raised for an AWS account is a setting of the stack.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Final, Self

__all__ = ["ASSOCIATIONS_PER_CLUSTER", "Limits"]

ASSOCIATIONS_PER_CLUSTER: Final = 5000
"""EKS Pod Identity associations in a cluster. AWS does not raise it.

Source:
    https://docs.aws.amazon.com/eks/latest/userguide/pod-identities.html
    https://docs.aws.amazon.com/eks/latest/userguide/service-quotas.html
"""


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
        roles_per_account: Roles in an AWS account. AWS raises it to 10,000.
        oidc_providers_per_account: OIDC providers in an AWS account. AWS raises it to
            700.

    Source:
        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
        https://kubernetes.io/docs/concepts/overview/working-with-objects/annotations/
    """

    managed_policies_per_role: int = 10
    trust_policy_characters: int = 2048
    inline_policy_characters: int = 10_240
    tags_per_role: int = 50
    annotation_bytes: int = 256 * 1024
    roles_per_account: int = 1000
    oidc_providers_per_account: int = 100

    @classmethod
    def of_settings(cls, settings: Mapping[str, object]) -> Self:
        """Return the limits that a stack's setting `limits` sets.

        Args:
            settings: Name of a limit, such as `managedPoliciesPerRole`, -> how much.

        Raises:
            ValueError: There is no such limit, or it is no whole number above 0.
        """
        names = {_setting(field.name): field.name for field in fields(cls)}
        given: dict[str, int] = {}
        for name, value in settings.items():
            if name not in names:
                msg = f"{name!r} is no limit; expected one of {', '.join(names)}"
                raise ValueError(msg)
            if type(value) is not int or value < 1:
                msg = f"{name}: expected a whole number above 0, got {value!r}"
                raise ValueError(msg)
            given[names[name]] = value
        return cls(**given)


def _setting(field: str) -> str:
    first, *others = field.split("_")
    return first + "".join(word.capitalize() for word in others)
