"""eksctl's well-known policies: what a role may do, by the name of a controller.

The content is data, one file of `well_known/` per flag of eksctl's
`wellKnownPolicies`, as eksctl grants it, not as the controller's own project
recommends it today; each file names the version of eksctl it was taken from.
"""

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final, TypedDict, cast

from eks_irsa.documents.arns import PARTITIONS

__all__ = [
    "WELL_KNOWN_POLICY_NAMES",
    "InlinePolicy",
    "WellKnownPolicy",
    "well_known_policy",
]

# In the order in which eksctl adds them to a role.
# Source: eksctl, pkg/cfn/builder/iam_helper.go.
WELL_KNOWN_POLICY_NAMES: Final[tuple[str, ...]] = (
    "imageBuilder",
    "autoScaler",
    "awsLoadBalancerController",
    "externalDNS",
    "certManager",
    "ebsCSIController",
    "efsCSIController",
)

# CloudFormation's pseudo parameter, which eksctl uses there too; it is neither a
# partition nor a variable IAM knows, so no policy can mean anything else by it.
_PARTITION_PLACEHOLDER: Final = "${AWS::Partition}"


@dataclass(frozen=True, kw_only=True, slots=True)
class InlinePolicy:
    """A permission policy that is written into the role itself.

    Attributes:
        name: eksctl's id of the policy, such as `PolicyAutoScaling`, 1 to 128
            characters. eksctl's own name puts the CloudFormation stack's before it,
            which grows too long for IAM (eksctl#5614).
        document: `{"Version": "2012-10-17", "Statement": [...]}`, statements and
            actions in eksctl's order; belongs to the caller alone.
    """

    name: str
    document: dict[str, object]


@dataclass(frozen=True, kw_only=True, slots=True)
class WellKnownPolicy:
    """All that one flag of `wellKnownPolicies` grants.

    Attributes:
        name: The flag, one of `WELL_KNOWN_POLICY_NAMES`.
        managed_policy_arns: AWS's managed policies to attach, in eksctl's order;
            may be empty.
        inline_policies: In eksctl's order, names unique over all flags; may be empty.
    """

    name: str
    managed_policy_arns: tuple[str, ...]
    inline_policies: tuple[InlinePolicy, ...]


def well_known_policy(*, name: str, partition: str) -> WellKnownPolicy:
    """Look up what one flag of eksctl's `wellKnownPolicies` grants.

    Args:
        name: One of `WELL_KNOWN_POLICY_NAMES`, in eksctl's spelling.
        partition: The partition all ARNs shall name, a key of `PARTITIONS`. Nothing
            but ARNs depends on it.

    Returns:
        The managed policies by ARN and the inline ones by name, at least one of
        either; fresh policies with each call.

    Raises:
        ValueError: There is no such flag, or no such partition.

    Source:
        https://docs.aws.amazon.com/eks/latest/eksctl/iamserviceaccounts.html
    """
    if name not in WELL_KNOWN_POLICY_NAMES:
        known = ", ".join(WELL_KNOWN_POLICY_NAMES)
        msg = f"{name!r} is not a well-known policy; expected one of {known}"
        raise ValueError(msg)
    if partition not in PARTITIONS:
        msg = (
            f"{partition!r} is not a partition; expected one of {', '.join(PARTITIONS)}"
        )
        raise ValueError(msg)
    text = _text_of(name).replace(f"arn:{_PARTITION_PLACEHOLDER}:", f"arn:{partition}:")
    file = cast("_PolicyFile", json.loads(text))
    return WellKnownPolicy(
        name=name,
        managed_policy_arns=tuple(
            f"arn:{partition}:iam::aws:policy/{managed}"
            for managed in file["managedPolicies"]
        ),
        inline_policies=tuple(
            InlinePolicy(name=inline["name"], document=inline["document"])
            for inline in file["inlinePolicies"]
        ),
    )


class _InlinePolicyEntry(TypedDict):
    name: str
    document: dict[str, object]


class _PolicyFile(TypedDict):
    """The part of a file in `well_known/` that is read here."""

    managedPolicies: list[str]
    inlinePolicies: list[_InlinePolicyEntry]


# The text and not its values: a policy that was handed out may be changed.
@cache
def _text_of(name: str) -> str:
    folder = resources.files("eks_irsa.documents").joinpath("well_known")
    return folder.joinpath(f"{name}.json").read_text(encoding="utf-8")
