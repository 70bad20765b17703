"""What a component of this package says of its own service account."""

from dataclasses import dataclass

from eks_irsa.documents.resource_types import COMPONENT
from eks_irsa.review.finding.values import shown, text
from eks_irsa.review.model import Value
from eks_irsa.review.preview import (
    SIDES,
    Preview,
    Resource,
    Side,
    State,
    name_of,
    type_of,
)

__all__ = ["Component", "components"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Component:
    """One component, shown or only named by its children.

    Attributes:
        urn: Its URN.
        resource: None where it is not shown.
    """

    urn: str
    resource: Resource | None

    @property
    def sides(self) -> tuple[Side, ...]:
        """The sides on which it stands; both where it is not shown, for it stays."""
        if self.resource is None or self.resource.is_idle:
            return SIDES
        return tuple(side for side in SIDES if self._state(side) is not None)

    def title(self, side: Side) -> str:
        """Name its service account `<namespace>/<name>`, else as it is called."""
        name = self._input("service_account_name", side)
        if not isinstance(name, str):
            return name_of(self.urn)
        namespace = self._input("namespace", side) or "default"
        return f"{shown(namespace)}/{name}"

    def role_arn(self, side: Side) -> Value:
        """Return the ARN of a role that is not its own; None for its own."""
        return self._input("role_arn", side)

    def way(self, side: Side) -> str:
        """Tell by which way its pods get the role; `irsa` where it says nothing."""
        return shown(self._input("identity", side)) or "irsa"

    def _state(self, side: Side) -> State | None:
        if self.resource is None:
            return None
        before, after = self.resource.before, self.resource.after
        if self.resource.is_idle:
            return before or after
        return before if side == "before" else after

    def _input(self, name: str, side: Side) -> Value:
        """Return an input, as Python or another language spells it."""
        state = self._state(side)
        if state is None:
            return None
        head, *rest = name.split("_")
        camel = head + "".join(map(str.capitalize, rest))
        return text(state.inputs.get(name, state.inputs.get(camel)))

    def makers(self, name: str, side: Side) -> tuple[str, ...]:
        """Return the URNs of what an input is made from."""
        state = self._state(side)
        if state is None:
            return ()
        head, *rest = name.split("_")
        camel = head + "".join(map(str.capitalize, rest))
        return (*state.dependencies.get(name, ()), *state.dependencies.get(camel, ()))


def components(preview: Preview) -> list[Component]:
    """Find all components, also those that only their children name."""
    urns: dict[str, None] = {}
    for one in preview.resources.values():
        if one.type == COMPONENT:
            urns[one.urn] = None
        elif one.parent and type_of(one.parent) == COMPONENT:
            urns[one.parent] = None
    return [Component(urn=urn, resource=preview.resources.get(urn)) for urn in urns]
