"""What resources say of service accounts: names, keys, the role of their pods."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from eks_irsa.documents.resource_types import (
    COMPONENT,
    POD_IDENTITIES,
    SERVICE_ACCOUNT_LIST,
    SERVICE_ACCOUNTS,
)
from eks_irsa.documents.webhook import ROLE_ARN_ANNOTATION
from eks_irsa.review.finding.associations import Association, association_of
from eks_irsa.review.finding.roles import Roles
from eks_irsa.review.finding.values import items, pairs, shown, text
from eks_irsa.review.model import Value
from eks_irsa.review.preview import (
    SIDES,
    Held,
    Resource,
    Side,
    Unknown,
    name_of,
    type_of,
)

__all__ = ["Claim", "RoleOf", "claims", "owner", "role_with_arn"]

# The engine's name of a provider that the program does not make, with its version.
_DEFAULT: Final = re.compile(r"default(_\d+_\d+_\d+.*)?")


@dataclass(frozen=True, kw_only=True, slots=True)
class RoleOf:
    """The role that pods have.

    Attributes:
        arn: Its ARN, as far as it is told.
        key: Of the role among those of the preview; empty for another one.
        identity: Roles of equal identity are one, told or not; empty where that
            cannot be said.
    """

    arn: Value
    key: str = ""
    identity: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """What one resource says of a service account on one side.

    Attributes:
        held: The resource.
        cluster: Tells its cluster from others, as far as the preview does.
        namespace: Its namespace.
        name: Its name.
        annotations: As written.
        labels: As written.
        role: The last one that pods get by it; None for none.
        association: What is said, if it is an association that says it.
    """

    held: Held
    cluster: str
    namespace: Value
    name: Value
    annotations: Mapping[str, object]
    labels: Mapping[str, object]
    role: RoleOf | None
    association: Association | None = None

    @property
    def title(self) -> str:
        """`<namespace>/<name>`; empty where the name is not known."""
        if not isinstance(self.name, str):
            return ""
        return f"{shown(self.namespace or 'default')}/{self.name}"

    @property
    def identity(self) -> tuple[str, ...]:
        """What tells the service account from others."""
        if not isinstance(self.name, str) or isinstance(self.namespace, Unknown):
            return (self.held.resource.urn,)
        return (self.cluster, self.namespace or "default", self.name)


def claims(resource: Resource, roles: Roles) -> Iterator[tuple[Side, Claim]]:
    """Give what a resource says of service accounts, with the side it says it of."""
    for side in SIDES:
        held = resource.held(side)
        if held is None:
            continue
        if resource.type in SERVICE_ACCOUNTS:
            yield side, _claim(held, held.state.inputs, roles, side)
        elif resource.type in POD_IDENTITIES:
            yield side, _pod_identity(held, roles, side)
        elif resource.type == SERVICE_ACCOUNT_LIST:
            for one in items(held.state.inputs.get("items")):
                if not isinstance(one, Unknown):
                    yield side, _claim(held, pairs(one), roles, side)


def owner(resource: Resource) -> str:
    """Return the component whose own service account a resource is about, or none."""
    parent = resource.parent
    if not parent or type_of(parent) != COMPONENT:
        return ""
    is_association = resource.type in POD_IDENTITIES
    suffix = "association" if is_association else "service-account"
    return parent if resource.name == f"{name_of(parent)}-{suffix}" else ""


def role_with_arn(arn: str, roles: Roles, side: Side) -> RoleOf:
    """Find the role with an ARN, also one that goes."""
    key = roles.with_arn(arn, side)
    if key is None and side == "after":
        key = roles.with_arn(arn, "before")
    return RoleOf(arn=arn, key=key or "", identity=arn)


def _claim(held: Held, given: Mapping[str, object], roles: Roles, side: Side) -> Claim:
    # What we asked for: a live object holds much that is others'.
    whole = given.get("metadata") or held.state.outputs.get("metadata")
    metadata = pairs(whole)
    annotations = whole if isinstance(whole, Unknown) else metadata.get("annotations")
    arn = annotations
    if not isinstance(annotations, Unknown):
        arn = text(pairs(annotations).get(ROLE_ARN_ANNOTATION))
    prop = "items" if held.resource.type == SERVICE_ACCOUNT_LIST else "metadata"
    return Claim(
        held=held,
        cluster=_cluster(held.resource),
        namespace=text(metadata.get("namespace")),
        name=text(metadata.get("name")),
        annotations=pairs(annotations),
        labels=pairs(metadata.get("labels")),
        role=_role(arn, held, prop, roles, side),
    )


def _pod_identity(held: Held, roles: Roles, side: Side) -> Claim:
    said = association_of(held)
    return Claim(
        held=held,
        cluster=f"EKS cluster {shown(said.cluster)}",
        namespace=text(held.get("namespace")),
        name=text(held.get("serviceAccount")),
        annotations={},
        labels={},
        role=_role(text(held.get(said.last)), held, said.last, roles, side),
        association=said,
    )


def _role(
    arn: object, held: Held, prop: str, roles: Roles, side: Side
) -> RoleOf | None:
    if isinstance(arn, str):
        return role_with_arn(arn, roles, side)
    return _unnamed_role(arn, held, prop, roles) if isinstance(arn, Unknown) else None


def _unnamed_role(arn: Unknown, held: Held, prop: str, roles: Roles) -> RoleOf:
    resource = held.resource
    makers = held.makers(prop)
    target = roles.made_by(makers, arn.reason)
    if len(target.keys) == 1:
        return RoleOf(arn=arn, key=target.keys[0], identity=target.keys[0])
    # A component keeps it from depending on its own role, whose ARN is not there yet.
    own = roles.of_component(owner(resource))
    if own is not None and not target.keys and roles.awaits_arn(own):
        return RoleOf(arn=arn, key=own, identity=own)
    # A secret is the same until it changes.
    stays = resource.before is not None and prop not in resource.changed
    return RoleOf(arn=arn, identity=f"{resource.urn} {prop}" if stays else "")


def _cluster(resource: Resource) -> str:
    state = resource.after or resource.before
    provider = state.provider if state else ""
    is_default = provider and _DEFAULT.fullmatch(name_of(provider))
    return "default" if is_default else provider
