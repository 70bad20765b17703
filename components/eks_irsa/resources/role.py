"""The role of one service account and its policies, as resources."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pulumi
import pulumi_aws as aws

from eks_irsa.documents.arns import partition_of_arn
from eks_irsa.documents.named_policies import grants_inline
from eks_irsa.documents.permission_policy import policy_text
from eks_irsa.identity import parts, role_policies
from eks_irsa.identity.decision import asked_faults
from eks_irsa.outputs import known_arn, lift
from eks_irsa.resources.attachments import attachment_aliases, unbroken
from eks_irsa.resources.inputs import as_asked, raise_faults

__all__ = ["RegisteredRole", "decided", "register_role"]

# What these fields grant follows the partition.
_BY_NAME: Final = ("well_known_policies", "named_policies")


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
        inputs: Checked fields of what is asked for, `oidc_provider_arn` or
            `cluster_arn` among them.
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
        opts=pulumi.ResourceOptions(
            parent=component,
            delete_before_replace=True,
            import_=inputs.get("adopt", {}).get("role"),
        ),
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
    policies = _in_partition(role_policies.attachments, inputs)
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
                import_=_imported(inputs, "attached_policies", arn, "/"),
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
    names = role_policies.names_in_iam(as_asked(inputs))
    return [
        aws.iam.RolePolicy(
            f"{name}:{key}",
            name=names[key],
            role=role.name,
            policy=lift(policy_text, document=document),
            opts=pulumi.ResourceOptions(
                parent=component,
                import_=_imported(inputs, "inline_policies", names[key], ":"),
            ),
        )
        for key, document in {
            **_in_partition(
                role_policies.inline_policies, {**inputs, "named_policies": None}
            ),
            **_named_documents(name, inputs),
        }.items()
    ]


def _imported(
    inputs: Mapping[str, Any], kind: str, policy: object, between: str
) -> str | None:
    """Give the id of a policy of the role that is imported; None for one that is made.

    Args:
        inputs: Checked fields of what is asked for.
        kind: `attached_policies` or `inline_policies`.
        policy: ARN, or name in IAM.
        between: What stands between role and policy in the id.
    """
    if not isinstance(policy, str) or policy not in inputs.get("adopt", {}).get(
        kind, ()
    ):
        return None
    return f"{inputs['role_name']}{between}{policy}"


def _named_documents(
    component: str, inputs: Mapping[str, Any]
) -> dict[str, pulumi.Input[object]]:
    """Write the policies by name; parameters may be known later, and wait alone."""
    return {
        key: lift(
            _checked_document,
            component=component,
            name=key,
            parameters=parameters,
            place=_place(inputs),
        )
        for key, parameters in inputs.get("named_policies", {}).items()
        if grants_inline(key, parameters)
    }


def _checked_document(
    *,
    component: str,
    name: str,
    parameters: Mapping[str, object],
    place: str,
) -> object:
    asked = {name: parameters}
    partition = partition_of_arn(place) or ""
    found = asked_faults({"named_policies": asked}, partition=partition)
    raise_faults(component, found)
    return role_policies.inline_policies(named_policies=asked, partition=partition)[
        name
    ]


def _in_partition(
    part: Callable[..., dict[str, Any]], inputs: Mapping[str, Any]
) -> dict[str, Any]:
    """Decide which policies a role has; those by name follow the cluster's partition.

    Their names are the same everywhere, so that they are registered also where the
    cluster is only known later.
    """
    own = parts.fields_among(part, inputs)
    arn = _place(inputs)
    if isinstance(arn, str) and (partition := partition_of_arn(arn)):
        own["partition"] = partition
    policies = part(**own)
    by_name = {field: own.pop(field) for field in _BY_NAME if own.get(field)}
    if "partition" in own or not by_name:
        return policies

    def of_place(*, place: str, key: str) -> Any:  # noqa: ANN401
        partition = partition_of_arn(place)
        return part(**by_name, partition=partition)[key]

    given = part(**own)
    return {
        key: policy if key in given else lift(of_place, place=arn, key=key)
        for key, policy in policies.items()
    }


def _place(inputs: Mapping[str, Any]) -> pulumi.Input[str]:
    """Give what tells partition and AWS account."""
    place: pulumi.Input[str] = inputs.get(
        "oidc_provider_arn", inputs.get("cluster_arn")
    )
    return place
