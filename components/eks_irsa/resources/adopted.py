"""What an import of a role would delete: the engine replaces what the state has."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from eks_irsa.identity.model import Fault
from eks_irsa.resources.inputs import raise_faults
from eks_irsa.resources.program import recorded_resources

__all__ = ["require_importable"]

_ROLE: Final = "eks-irsa:index:IrsaServiceAccount$aws:iam/role:Role"


def require_importable(component: str, inputs: Mapping[str, Any]) -> None:
    """Refuse to import a role where another one of the state would be deleted.

    Args:
        component: Name of the component that imports it.
        inputs: Its checked inputs.

    Raises:
        InputError: The component has another role, or the role is another one's.
    """
    role: str | None = inputs.get("adopt", {}).get("role")
    if role and (message := _import_fault(component, role)):
        raise_faults(component, [Fault(("adopt", "role"), "E-ADOPT", message)])


def _import_fault(component: str, role: str) -> str | None:
    own = f"{component}-role"
    for name, recorded in _recorded_roles():
        if name == own and recorded != role:
            return (
                f"the component has the role {recorded!r}, and importing {role!r} "
                "would delete it; take adopt out, or give the role to a component of "
                "another name"
            )
        if name != own and recorded.lower() == role.lower():
            return (
                f"the role {role!r} is the one of the component "
                f"{name.removesuffix('-role')!r} in the state, with which it would be "
                "deleted; take adopt out"
            )
    return None


def _recorded_roles() -> Iterator[tuple[str, str]]:
    """Give the roles of components in the state: name of the resource, of the role."""
    for urn, resource in recorded_resources().items():
        # urn:pulumi:<stack>::<project>::<types>::<name>, and a name may hold `::`.
        _, _, kind, name = urn.split("::", 3)
        outputs: dict[str, object] = resource.get("outputs") or {}
        if kind.endswith(_ROLE) and isinstance(outputs.get("name"), str):
            yield name, str(outputs["name"])
