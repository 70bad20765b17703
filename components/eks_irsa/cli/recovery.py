"""From a stack's state to an import file of what a killed run made and lost sight of.

The engine notes each creation in the state before it begins. A killed run leaves such
notes behind, and they hold all that an import needs: the type, the parent, the provider
and the inputs, from which the id follows.

Source:
    pulumi/pulumi, pkg/backend/snapshot.go (pending operations) and
    pkg/cmd/pulumi/operations/import.go (`importFile`)
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from eks_irsa.documents import arns

__all__ = ["Recovery", "recovery_of"]

State = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Recovery:
    """What can be brought in, and what cannot.

    Attributes:
        import_file: What `pulumi import --file` reads: "nameTable" and "resources".
        found: Type and name of each resource in it, in the order of the state.
        unknown: Names of those whose id does not follow from the state.
    """

    import_file: dict[str, Any]
    found: tuple[tuple[str, str], ...]
    unknown: tuple[str, ...]


def recovery_of(export: Mapping[str, Any]) -> Recovery:
    """Find the creations that were under way when a run was killed.

    Only what cannot simply be made again is taken: roles, OIDC providers and service
    accounts that are owned. Everything else the next `pulumi up` converges by itself.

    Args:
        export: What `pulumi stack export` prints, as JSON values.

    Raises:
        ValueError: *export* is something else.
    """
    if "deployment" not in export:
        msg = "it has no 'deployment'"
        raise ValueError(msg)
    deployment: State = export["deployment"]
    resources = {one["urn"]: one for one in _listed(deployment, "resources")}
    pending: dict[str, State] = {
        one["resource"]["urn"]: one["resource"]
        for one in _listed(deployment, "pending_operations")
        if one["type"] == "creating" and one["resource"]["type"] in _IDS
    }
    names: dict[str, str] = {}
    rows: list[dict[str, str]] = []
    unknown: list[str] = []
    for urn, state in pending.items():
        if urn in resources:
            continue
        # urn:pulumi:<stack>::<project>::<types>::<name>, and a name may hold `::`.
        name = urn.split("::", 3)[3]
        parent, provider = state["parent"], state["provider"].rpartition("::")[0]
        resource_id = _IDS[state["type"]](state["inputs"], resources.get(parent, {}))
        if resource_id is None:
            unknown.append(name)
            continue
        # A name that stands for a URN may be anything that nothing else is called.
        names |= {parent: parent, provider: provider}
        rows.append(
            {
                "type": state["type"],
                "name": name,
                "id": resource_id,
                "parent": parent,
                "provider": provider,
            }
        )
    return Recovery(
        import_file={"nameTable": names, "resources": rows},
        found=tuple((row["type"], row["name"]) for row in rows),
        unknown=tuple(unknown),
    )


def _listed(deployment: State, key: str) -> list[State]:
    """Read a list that is left out, or null, where it is empty."""
    return cast("list[State] | None", deployment.get(key)) or []


def _role_id(inputs: State, parent: State) -> str | None:
    del parent
    return inputs.get("name")


def _provider_id(inputs: State, parent: State) -> str | None:
    """Derive the provider's ARN, for which the component must know the cluster's."""
    given: State = parent.get("inputs", {})
    # A component that another language uses has its inputs in that spelling.
    cluster_arn = given.get("cluster_arn") or given.get("clusterArn")
    if not isinstance(cluster_arn, str):
        return None
    cluster = arns.parse_cluster_arn(cluster_arn)
    return arns.provider_arn(
        partition=cluster.partition,
        account_id=cluster.account_id,
        issuer_url=inputs["url"],
    )


def _service_account_id(inputs: State, parent: State) -> str | None:
    del parent
    metadata: State = inputs["metadata"]
    return f"{metadata.get('namespace', 'default')}/{metadata['name']}"


# Source: https://www.pulumi.com/registry/packages/aws/api-docs/iam/role/#import and the
# same section of the other two
_IDS: Final[Mapping[str, Callable[[State, State], str | None]]] = {
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": _provider_id,
    "aws:iam/role:Role": _role_id,
    "kubernetes:core/v1:ServiceAccount": _service_account_id,
}
