"""What the stack's state holds since the last run."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

from eks_irsa.documents.resource_types import COMPONENT, PROVIDER_COMPONENT
from eks_irsa.identity.model import IdentityMode, Mode
from eks_irsa.plan.model import Cluster
from eks_irsa.plan.provider_ownership import CLUSTER_TAG
from eks_irsa.plan.transitions import Recorded
from eks_irsa.resources.adopted import ROLE
from eks_irsa.resources.program import named

__all__ = [
    "Resources",
    "has_kubernetes_provider",
    "managed_providers",
    "recorded_entries",
    "recorded_providers",
    "trusted_providers",
]

Resources: TypeAlias = Mapping[str, Mapping[str, Any]]
"""URN -> {`type`, `outputs`}."""

_OIDC_PROVIDER: Final = (
    f"{PROVIDER_COMPONENT}$aws:iam/openIdConnectProvider:OpenIdConnectProvider"
)
_ASSOCIATION: Final = (
    f"{COMPONENT}$aws:eks/podIdentityAssociation:PodIdentityAssociation"
)
_MODES: Final[Mapping[str, Mode]] = {
    f"{COMPONENT}$kubernetes:core/v1:ServiceAccount": "created",
    f"{COMPONENT}$kubernetes:core/v1:ServiceAccountPatch": "patched",
}
_PROVIDER_ARN: Final = re.compile(r'"(arn:[^"]+:oidc-provider/[^"]+)"')
# The second is what a state written before the first release says.
_RETAINED: Final = frozenset({"retained", "released"})


def has_kubernetes_provider(resources: Resources, name: str) -> bool:
    """Tell whether the state has a Kubernetes provider of that name."""
    kind = "pulumi:providers:kubernetes"
    return any((one, found) == (kind, name) for one, found, _ in named(resources))


def managed_providers(resources: Resources) -> frozenset[str]:
    """Give the ARNs of the OIDC providers that are the stack's to change and delete."""
    return frozenset(
        outputs["provider_arn"]
        for kind, _, outputs in named(resources)
        if kind == PROVIDER_COMPONENT and outputs.get("managed") is True
    )


def recorded_providers(resources: Resources) -> frozenset[str]:
    """Give the ARNs of the OIDC providers that the state has as made by the stack.

    Those that are only read are not among them; those of a run that stopped before the
    component said which it is, are.
    """
    read = {
        outputs["provider_arn"]
        for kind, _, outputs in named(resources)
        if kind == PROVIDER_COMPONENT and outputs.get("managed") is False
    }
    return frozenset(
        outputs["arn"]
        for kind, _, outputs in named(resources)
        if kind == _OIDC_PROVIDER and "arn" in outputs and outputs["arn"] not in read
    )


def trusted_providers(resources: Resources, cluster: Cluster) -> frozenset[str]:
    """Give the ARNs of the OIDC providers that the roles made for a cluster trust.

    Args:
        resources: The stack's state.
        cluster: The roles are those that have its ARN as a tag.
    """
    return frozenset(
        arn
        for kind, _, outputs in named(resources)
        if kind == ROLE and outputs.get("tags", {}).get(CLUSTER_TAG) == cluster.arn
        for arn in _PROVIDER_ARN.findall(outputs.get("assumeRolePolicy") or "")
    )


def recorded_entries(resources: Resources) -> dict[str, Recorded]:
    """Give the stack's entries as the state holds them, by `<namespace>/<name>`."""
    arns: dict[str, str] = {}
    associations: dict[str, Mapping[str, Any]] = {}
    identities: dict[str, IdentityMode] = {}
    modes: dict[str, Mode] = {}
    let_go: set[str] = set()
    of_eksctl: set[str] = set()
    for kind, name, outputs in named(resources):
        if kind == COMPONENT:
            modes.setdefault(name, "notManaged")
            identities[name] = outputs.get("identity") or "irsa"
            if outputs.get("service_account_mode") in _RETAINED:
                let_go.add(name)
        elif kind == ROLE and "arn" in outputs:
            arns[name.removesuffix("-role")] = outputs["arn"]
        elif kind == _ASSOCIATION and "associationId" in outputs:
            associations[name.removesuffix("-association")] = outputs
        elif kind in _MODES:
            key = name.removesuffix("-service-account")
            modes[key] = _MODES[kind]
            if _is_eksctls(outputs):
                of_eksctl.add(key)
    return {
        key: Recorded(
            mode="notManaged" if key in let_go else mode,
            role_arn=arns.get(key),
            identity=_had(identities.get(key, "irsa"), key in associations),
            association_id=associations.get(key, {}).get("associationId"),
            association_cluster=associations.get(key, {}).get("clusterName", ""),
            of_eksctl=key in of_eksctl,
        )
        for key, mode in modes.items()
    }


def _is_eksctls(outputs: Mapping[str, Any]) -> bool:
    """Tell whether eksctl is a field manager of a service account."""
    metadata: Mapping[str, Any] = outputs.get("metadata") or {}
    managers: Sequence[Mapping[str, Any]] = metadata.get("managedFields") or ()
    return any(one.get("manager") == "eksctl" for one in managers)


def _had(said: IdentityMode, has_association: bool) -> IdentityMode:  # noqa: FBT001 - private
    """Tell by which way pods got the role, also after a run that stopped half-way."""
    if has_association:
        return "both" if said == "irsa" else said
    return "irsa" if said == "both" else said
