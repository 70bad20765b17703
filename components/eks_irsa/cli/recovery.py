"""From what Pulumi says of a stack to an import file of what exists and it has lost.

The engine notes each creation in the state before it begins. A killed run leaves such
notes behind, and they hold all that an import needs: the type, the parent, the provider
and the inputs, from which the id follows. A preview says the same of what it would
create; there it takes a person to say which of it exists.

Source:
    pulumi/pulumi, pkg/backend/snapshot.go (pending operations), pkg/display/json.go
    (`PreviewDigest`) and pkg/cmd/pulumi/operations/import.go (`importFile`)
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from eks_irsa.cli.shapes import UNIQUE_NAME, Shape, in_shape
from eks_irsa.documents import arns
from eks_irsa.plan.provider_ownership import CLUSTER_TAG

__all__ = ["Recovery", "lost_by_a_kill", "planned_by_name"]

State = Mapping[str, Any]

_ASSOCIATION: Final = "aws:eks/podIdentityAssociation:PodIdentityAssociation"

# What is used of a resource, of a state and of a preview.
_RESOURCE: Final[Shape] = {
    "urn": UNIQUE_NAME,
    "type": str,
    "inputs?": dict,
    "parent?": UNIQUE_NAME,
    "provider?": str,
}
_EXPORT: Final[Mapping[str, Shape]] = {
    "deployment": {
        "resources?": [{"urn": UNIQUE_NAME, "inputs?": dict}],
        "pending_operations?": [{"type": str, "resource": _RESOURCE}],
    }
}
_PREVIEW: Final[Mapping[str, Shape]] = {
    "steps": [{"op": str, "urn": UNIQUE_NAME, "newState?": _RESOURCE}]
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Recovery:
    """What can be brought in, and what cannot.

    Attributes:
        import_file: What `pulumi import --file` reads: "nameTable" and "resources".
        found: Type and name of each resource in it, in the order of the document.
        unknown: Names of those whose id does not follow from the document.
    """

    import_file: dict[str, Any]
    found: tuple[tuple[str, str], ...]
    unknown: tuple[str, ...]


def lost_by_a_kill(export: str) -> Recovery:
    """Find the creations that were under way when a run was killed.

    Only what cannot simply be made again is taken: roles, OIDC providers, associations
    and created service accounts. Everything else the next `pulumi up` converges by
    itself.

    Args:
        export: What `pulumi stack export` prints.

    Raises:
        UnexpectedError: *export* is something else.
    """
    deployment = cast("State", in_shape(export, _EXPORT)["deployment"])
    known = {one["urn"]: one for one in _listed(deployment, "resources")}
    pending = {
        one["resource"]["urn"]: one["resource"]
        for one in _listed(deployment, "pending_operations")
        if one["type"] == "creating"
    }
    lost = [state for urn, state in pending.items() if urn not in known]
    return _recovery(lost, parents=known)


def planned_by_name(preview: str, *, names: Collection[str]) -> Recovery:
    """Find what a preview would create, although it exists.

    Args:
        preview: What `pulumi preview --json` prints.
        names: Names of the resources that exist, as the engine shows them; that of an
            association is followed by `=` and its id, which only EKS knows.

    Raises:
        UnexpectedError: *preview* is something else.
    """
    steps = cast("list[State]", in_shape(preview, _PREVIEW)["steps"])
    planned: dict[str, State] = {
        one["urn"]: one["newState"]
        for one in steps
        if one["op"] == "create" and one.get("newState")
    }
    ids = dict(one.split("=", 1) for one in names if "=" in one)
    named = [state for urn, state in planned.items() if _name(urn) in names]
    named += [
        {**state, "inputs": {**state.get("inputs", {}), "associationId": ids[name]}}
        for urn, state in planned.items()
        if state["type"] == _ASSOCIATION and (name := _name(urn)) in ids
    ]
    return _recovery(named, parents=planned)


def _recovery(states: Iterable[State], *, parents: Mapping[str, State]) -> Recovery:
    table: dict[str, str] = {}
    rows: list[dict[str, str]] = []
    unknown: list[str] = []
    for state in states:
        if state["type"] not in _IDS:
            continue
        name, parent = _name(state["urn"]), state.get("parent")
        given: State = state.get("inputs") or {}
        resource_id = _IDS[state["type"]](given, parents.get(parent or "", {}))
        provider = (state.get("provider") or "").rpartition("::")[0]
        if not (resource_id and parent and provider):
            unknown.append(name)
            continue
        # A name that stands for a URN may be anything that nothing else is called.
        table |= {parent: parent, provider: provider}
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
        import_file={"nameTable": table, "resources": rows},
        found=tuple((row["type"], row["name"]) for row in rows),
        unknown=tuple(unknown),
    )


def _name(urn: str) -> str:
    # urn:pulumi:<stack>::<project>::<types>::<name>, and a name may hold `::`.
    return urn.split("::", 3)[3]


def _listed(deployment: State, key: str) -> list[State]:
    """Read a list that is left out, or null, where it is empty."""
    return cast("list[State] | None", deployment.get(key)) or []


def _role_id(inputs: State, parent: State) -> str | None:
    del parent
    return inputs.get("name")


def _provider_id(inputs: State, parent: State) -> str | None:
    """Derive the provider's ARN, for which its tags or its component name a cluster."""
    tags: State = inputs.get("tags") or {}
    given: State = parent.get("inputs") or {}
    # A component that another language uses has its inputs in that spelling.
    cluster_arn = (
        tags.get(CLUSTER_TAG) or given.get("cluster_arn") or given.get("clusterArn")
    )
    try:
        cluster = arns.parse_cluster_arn(str(cluster_arn))
        return arns.provider_arn(
            partition=cluster.partition,
            account_id=cluster.account_id,
            issuer_url=str(inputs.get("url")),
        )
    except ValueError:
        return None


def _service_account_id(inputs: State, parent: State) -> str | None:
    del parent
    metadata: State = inputs.get("metadata") or {}
    name = metadata.get("name")
    return f"{metadata.get('namespace', 'default')}/{name}" if name else None


def _association_id(inputs: State, parent: State) -> str | None:
    del parent
    found = inputs.get("associationId")
    return f"{inputs.get('clusterName')},{found}" if found else None


# Source: https://www.pulumi.com/registry/packages/aws/api-docs/iam/role/#import and the
# same section of the others
_IDS: Final[Mapping[str, Callable[[State, State], str | None]]] = {
    _ASSOCIATION: _association_id,
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": _provider_id,
    "aws:iam/role:Role": _role_id,
    "kubernetes:core/v1:ServiceAccount": _service_account_id,
}
