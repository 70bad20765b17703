"""The namespace and the service account, as resources."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pulumi
import pulumi_kubernetes as kubernetes

from eks_irsa.documents.names import BUILT_IN_NAMESPACES
from eks_irsa.identity import parts
from eks_irsa.outputs import lift, without_dependencies

__all__ = ["SERVICE_ACCOUNT_TYPE", "register_service_account", "retain_service_account"]

SERVICE_ACCOUNT_TYPE: Final = "kubernetes:core/v1:ServiceAccount"
# Mode -> the resource that stands for it, and the type of the other.
_KINDS: Final = {
    "created": (
        kubernetes.core.v1.ServiceAccount,
        "kubernetes:core/v1:ServiceAccountPatch",
    ),
    "patched": (kubernetes.core.v1.ServiceAccountPatch, SERVICE_ACCOUNT_TYPE),
}


def register_service_account(  # noqa: PLR0913 - keywords, each of its own
    component: pulumi.ComponentResource,
    name: str,
    inputs: Mapping[str, Any],
    *,
    provider: pulumi.ProviderResource | None,
    role_arn: pulumi.Output[str],
    made: Sequence[pulumi.Resource],
) -> list[pulumi.Resource]:
    """Register the annotated service account, and its namespace where it is asked for.

    Args:
        component: The parent.
        name: Its name.
        inputs: Checked fields of what is asked for.
        provider: The Kubernetes provider.
        role_arn: The role that pods get.
        made: Role and policies; empty if the role is not the component's.

    Returns:
        The namespace, if any, and the service account.
    """
    options = pulumi.ResourceOptions(parent=component, provider=provider)
    namespace = inputs.get("namespace", "default")
    namespaces = _namespaces(name, namespace, inputs, options)
    kind, other_type = _KINDS[inputs.get("service_account_mode", "created")]
    # A role that is replaced is no reason to make the service account anew.
    annotated = without_dependencies(role_arn) if made else role_arn
    metadata: Any = {
        "name": inputs["service_account_name"],
        "namespace": namespace,
        "labels": parts.part_of(parts.labels, inputs),
        "annotations": parts.part_of(
            parts.annotations, {**inputs, "role_arn": annotated}
        ),
    }
    service_account = kind(
        f"{name}-service-account",
        metadata=metadata,
        image_pull_secrets=_references(inputs),
        automount_service_account_token=inputs.get("automount_service_account_token"),
        opts=options.merge(
            pulumi.ResourceOptions(
                # Pods may start with it, so its permissions come first.
                depends_on=[*made, *namespaces],
                import_=_imported(inputs),
                # From one to the other the live object is kept, not made anew.
                aliases=[pulumi.Alias(type_=other_type)],
            )
        ),
    )
    return [*namespaces, service_account]


def retain_service_account(
    component: pulumi.ComponentResource,
    name: str,
    inputs: Mapping[str, Any],
    *,
    provider: pulumi.ProviderResource | None,
) -> pulumi.Resource:
    """Read what was created before: the engine forgets it and deletes nothing."""
    return kubernetes.core.v1.ServiceAccount.get(
        f"{name}-service-account",
        id=lift(
            _object_id,
            namespace=inputs.get("namespace", "default"),
            name=inputs["service_account_name"],
        ),
        opts=pulumi.ResourceOptions(parent=component, provider=provider),
    )


def _namespaces(
    name: str,
    namespace: pulumi.Input[str],
    inputs: Mapping[str, Any],
    options: pulumi.ResourceOptions,
) -> list[pulumi.Resource]:
    is_own = isinstance(namespace, str) and namespace not in BUILT_IN_NAMESPACES
    if not inputs.get("create_namespace", is_own):
        return []
    return [
        kubernetes.core.v1.NamespacePatch(
            f"{name}-namespace",
            metadata={"name": namespace},
            opts=options.merge(pulumi.ResourceOptions(retain_on_delete=True)),
        )
    ]


def _imported(inputs: Mapping[str, Any]) -> str | None:
    """Give the id of a service account that is imported; None for one that is made."""
    if not inputs.get("adopt", {}).get("service_account"):
        return None
    return _object_id(
        namespace=inputs.get("namespace", "default"),
        name=inputs["service_account_name"],
    )


def _references(inputs: Mapping[str, Any]) -> Any:  # noqa: ANN401 - an input
    if "image_pull_secrets" not in inputs:
        return None
    return lift(_as_references, names=inputs["image_pull_secrets"])


def _as_references(*, names: Sequence[str]) -> list[dict[str, str]]:
    secrets = parts.pull_secrets(image_pull_secrets=names)
    return [{"name": name} for name in secrets]


def _object_id(*, namespace: str, name: str) -> str:
    return f"{namespace}/{name}"
