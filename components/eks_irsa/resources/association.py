"""The EKS Pod Identity association of a service account, as a resource."""

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
import pulumi_aws as aws

from eks_irsa.identity import parts
from eks_irsa.identity.pod_identity_rules import role_account_faults
from eks_irsa.outputs import lift
from eks_irsa.resources.inputs import raise_faults
from eks_irsa.resources.role import decided

__all__ = ["register_association"]


def register_association(
    component: pulumi.ComponentResource,
    name: str,
    inputs: Mapping[str, Any],
    *,
    role_arn: pulumi.Input[str],
    made: Sequence[pulumi.Resource],
) -> aws.eks.PodIdentityAssociation:
    """Register the association of a component.

    Args:
        component: The parent.
        name: Its name.
        inputs: Checked fields of what is asked for, `cluster_name` among them.
        role_arn: The role that pods get.
        made: Role and policies; empty if the role is not the component's.
    """
    cluster_name, association_id = inputs["cluster_name"], inputs.get("association_id")
    if "role_arn" in inputs:
        role_arn = lift(
            _of_the_account,
            component=name,
            role_arn=inputs["role_arn"],
            cluster_arn=inputs["cluster_arn"],
        )
    return aws.eks.PodIdentityAssociation(
        f"{name}-association",
        cluster_name=cluster_name,
        region=inputs.get("cluster_region"),
        namespace=inputs.get("namespace", "default"),
        service_account=inputs["service_account_name"],
        role_arn=role_arn,
        target_role_arn=inputs.get("target_role_arn"),
        disable_session_tags=inputs.get("disable_session_tags"),
        policy=decided(parts.session_policy, inputs),
        tags=inputs.get("tags"),
        opts=pulumi.ResourceOptions(
            parent=component,
            # The provider does not send what is taken away, so that EKS would keep it.
            # Source: resourcePodIdentityAssociation.Update of terraform-provider-aws.
            replace_on_changes=["policy", "targetRoleArn"],
            # EKS has one association for a service account.
            delete_before_replace=True,
            # A pod may start with it, so its permissions come first.
            depends_on=[*made],
            import_=f"{cluster_name},{association_id}" if association_id else None,
        ),
    )


def _of_the_account(*, component: str, role_arn: str, cluster_arn: str) -> str:
    raise_faults(component, role_account_faults(role_arn, cluster_arn=cluster_arn))
    return role_arn
