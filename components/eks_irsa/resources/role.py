"""The role of one service account and its policies, as resources."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from eks_irsa.documents.arns import partition_of_arn
from eks_irsa.documents.permission_policy import policy_text
from eks_irsa.identity import parts
from eks_irsa.outputs import known_arn, lift
from eks_irsa.resources.attachments import attachment_aliases, unbroken

__all__ = ["RegisteredRole", "decided", "register_role"]


@dataclass(frozen=True, kw_only=True)
class RegisteredRole:
    """A role that a component registered."""

    arn: pulumi.Output[str]
    """Its ARN, as early as it can be known."""

    name: pulumi.Output[str]
    """Its name."""

    resources: Sequence[pulumi.Resource]
    """The role itself first, then its policies."""


def register_role(
    component: pulumi.ComponentResource,
    name: str,
    inputs: Mapping[str, Any],
    *,
    trust: pulumi.Input[str],
    recorded: Mapping[str, str],
) -> RegisteredRole:
    """Register the role of a component, and its policies.

    Args:
        component: The parent.
        name: Its name.
        inputs: Checked fields of what is asked for, `oidc_provider_arn` among them.
        trust: The trust policy.
        recorded: Attachments before this run, name -> ARN.
    """
    role = aws.iam.Role(
        f"{name}-role",
        name=inputs.get("role_name"),
        path=inputs.get("role_path"),
        description=decided(parts.description, inputs),
        assume_role_policy=trust,
        permissions_boundary=inputs.get("permissions_boundary") or None,
        max_session_duration=decided(parts.whole_seconds, inputs),
        tags=inputs.get("tags"),
        # What was attached by hand does not keep the role from being deleted.
        force_detach_policies=True,
        # A replacement of the same name cannot stand beside what it replaces.
        opts=pulumi.ResourceOptions(parent=component, delete_before_replace=True),
    )
    derived = decided(parts.role_arn, inputs) if "role_name" in inputs else None
    return RegisteredRole(
        arn=known_arn(role, actual=role.arn, derived=derived),
        name=role.name,
        resources=[
            role,
            *_attachments(component, name, inputs, role, recorded),
            *_inline_policies(component, name, inputs, role),
        ],
    )


def decided(part: Callable[..., Any], inputs: Mapping[str, Any]) -> Any:  # noqa: ANN401 - whatever the part is
    """Decide a part: at once from plain inputs, else when they are known."""
    return lift(part, **parts.fields_among(part, inputs))


def _attachments(
    component: pulumi.ComponentResource,
    name: str,
    inputs: Mapping[str, Any],
    role: aws.iam.Role,
    recorded: Mapping[str, str],
) -> list[pulumi.Resource]:
    policies = _in_partition(parts.attachments, inputs)
    registered = frozenset(f"{name}:{key}" for key in policies)
    return [
        aws.iam.RolePolicyAttachment(
            f"{name}:{key}",
            role=role.name,
            policy_arn=unbroken(
                name, key, arn, recorded=recorded, registered=registered
            ),
            opts=pulumi.ResourceOptions(
                parent=component,
                aliases=attachment_aliases(
                    arn, recorded=recorded, registered=registered
                ),
            ),
        )
        for key, arn in policies.items()
    ]


def _inline_policies(
    component: pulumi.ComponentResource,
    name: str,
    inputs: Mapping[str, Any],
    role: aws.iam.Role,
) -> list[pulumi.Resource]:
    return [
        aws.iam.RolePolicy(
            f"{name}:{key}",
            name=key,
            role=role.name,
            policy=lift(policy_text, document=document),
            opts=pulumi.ResourceOptions(parent=component),
        )
        for key, document in _in_partition(parts.inline_policies, inputs).items()
    ]


def _in_partition(
    part: Callable[..., dict[str, Any]], inputs: Mapping[str, Any]
) -> dict[str, Any]:
    """Decide which policies a role has; those by name follow the provider's partition.

    Their names are the same everywhere, so that they are registered also where the
    provider is only known later.
    """
    own = parts.fields_among(part, inputs)
    arn = inputs["oidc_provider_arn"]
    if isinstance(arn, str) and (partition := partition_of_arn(arn)):
        own["partition"] = partition
    policies = part(**own)
    names = inputs.get("well_known_policies", ())
    if "partition" in own or not names:
        return policies

    def of_provider(*, oidc_provider_arn: str, key: str) -> Any:  # noqa: ANN401
        partition = partition_of_arn(oidc_provider_arn)
        return part(well_known_policies=names, partition=partition)[key]

    given = part(**{**own, "well_known_policies": ()})
    return {
        key: policy
        if key in given
        else lift(of_provider, oidc_provider_arn=arn, key=key)
        for key, policy in policies.items()
    }
