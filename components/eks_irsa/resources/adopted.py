"""What an import of a role would delete: the engine replaces what the state has."""

from collections.abc import Mapping
from typing import Any, Final

from eks_irsa.documents.resource_types import COMPONENT
from eks_irsa.identity.adoption_rules import role_lost_by_import
from eks_irsa.identity.model import Fault
from eks_irsa.resources.inputs import raise_faults
from eks_irsa.resources.program import named, recorded_resources

__all__ = ["ROLE", "recorded_roles", "require_importable"]

ROLE: Final = f"{COMPONENT}$aws:iam/role:Role"


def recorded_roles(resources: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Give the roles of service accounts that a state has.

    Args:
        resources: URN -> {`type`, `outputs`}.

    Returns:
        Name of the role -> name of its component, of the stack program
        `<namespace>/<name>`.
    """
    return {
        str(outputs["name"]): name.removesuffix("-role")
        for kind, name, outputs in named(resources)
        if kind.endswith(ROLE) and "name" in outputs
    }


def require_importable(component: str, inputs: Mapping[str, Any]) -> None:
    """Refuse to import a role where another one of the state would be deleted.

    Args:
        component: Name of the component that imports it.
        inputs: Its checked inputs.

    Raises:
        InputError: The component has another role, or the role is another one's.
    """
    role: str | None = inputs.get("adopt", {}).get("role")
    recorded = recorded_roles(recorded_resources()) if role else {}
    lost = role and role_lost_by_import(role, own={component}, recorded=recorded)
    if not lost:
        return
    name, owner = lost
    if owner == component:
        message = (
            f"the component has the role {name!r}, and importing {role!r} would "
            "delete it; take adopt out, or give the role to a component of another name"
        )
    else:
        message = (
            f"the role {role!r} is the one of the component {owner!r} in the state, "
            "with which it would be deleted; take adopt out"
        )
    raise_faults(component, [Fault(("adopt", "role"), "E-ADOPT", message)])
