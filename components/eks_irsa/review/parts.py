"""Which resources of a preview make up one service account.

Found by the component they are children of, and, for what a program attaches to a
component's role itself, by the role.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from eks_irsa.review.preview import Preview, Resource, type_of

__all__ = ["PROVIDER_COMPONENT", "Parts", "is_provider", "parts_of", "program_policies"]

COMPONENT: Final = "eks-irsa:index:IrsaServiceAccount"
PROVIDER_COMPONENT: Final = "eks-irsa:index:EksOidcProvider"
_ROLE: Final = "aws:iam/role:Role"
_ATTACHMENT: Final = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
_INLINE: Final = "aws:iam/rolePolicy:RolePolicy"
_POLICY: Final = "aws:iam/policy:Policy"
_PROVIDER: Final = "aws:iam/openIdConnectProvider:OpenIdConnectProvider"
_ACCOUNT: Final = "kubernetes:core/v1:ServiceAccount"
_ACCOUNT_PATCH: Final = "kubernetes:core/v1:ServiceAccountPatch"


@dataclass(kw_only=True, slots=True)
class Parts:
    """The resources of one service account, as far as the preview shows them.

    Attributes:
        urn: Of the component.
        component: The component itself.
        role: Its role.
        account: The service account, made or patched.
        attachments: Managed policies of the role.
        inline: Inline policies of the role.
    """

    urn: str
    component: Resource | None = None
    role: Resource | None = None
    account: Resource | None = None
    attachments: list[Resource] = field(default_factory=list[Resource])
    inline: list[Resource] = field(default_factory=list[Resource])

    @property
    def account_is_patched(self) -> bool:
        """Tell whether the service account is somebody else's, with our keys on it."""
        return self.account is not None and self.account.type == _ACCOUNT_PATCH

    def members(self) -> Iterator[Resource]:
        """Give all resources but the component."""
        yield from (one for one in (self.role, self.account) if one)
        yield from self.attachments
        yield from self.inline


def parts_of(preview: Preview) -> list[Parts]:
    """Sort the resources of a preview by the service accounts they belong to."""
    found: dict[str, Parts] = {}
    others: list[Resource] = []
    for resource in preview.resources.values():
        owner = resource.urn if resource.type == COMPONENT else resource.parent
        if owner and type_of(owner) == COMPONENT:
            _put(found.setdefault(owner, Parts(urn=owner)), resource)
        elif resource.type in {_ATTACHMENT, _INLINE}:
            others.append(resource)
    for resource in others:
        for parts in found.values():
            if parts.role and _is_about(resource, parts.role):
                _put(parts, resource)
    return list(found.values())


def program_policies(preview: Preview) -> Mapping[str, Resource]:
    """Return the managed policies that the program itself makes, by URN and by ARN."""
    policies: dict[str, Resource] = {}
    for resource in preview.resources.values():
        if resource.type == _POLICY:
            policies[resource.urn] = resource
            for state in (resource.before, resource.after):
                arn = state.outputs.get("arn") if state else None
                if isinstance(arn, str):
                    policies[arn] = resource
    return policies


def is_provider(resource: Resource) -> bool:
    """Tell whether a resource is the IAM OIDC provider of an `EksOidcProvider`."""
    parent = resource.parent
    return (
        resource.type == _PROVIDER
        and bool(parent)
        and type_of(parent) == PROVIDER_COMPONENT
    )


def _put(parts: Parts, resource: Resource) -> None:
    if resource.type == COMPONENT:
        parts.component = resource
    elif resource.type == _ROLE:
        parts.role = resource
    elif resource.type == _ATTACHMENT:
        parts.attachments.append(resource)
    elif resource.type == _INLINE:
        parts.inline.append(resource)
    elif resource.type in {_ACCOUNT, _ACCOUNT_PATCH}:
        _put_account(parts, resource)


def _put_account(parts: Parts, resource: Resource) -> None:
    """Keep the service account that stays, where another one goes."""
    if parts.account is None or parts.account.after is None:
        parts.account = resource


def _is_about(resource: Resource, role: Resource) -> bool:
    """Tell whether a policy that is no child of the component is its role's."""
    state = resource.after or resource.before
    role_state = role.after or role.before
    if state is None or role_state is None:
        return False
    name = state.inputs.get("role")
    if isinstance(name, str):
        return name == role_state.now("name")
    return role.urn in state.dependencies.get("role", ())
