"""All that a program's resources say of a role: what is attached, what is written."""

from collections.abc import Iterator, Sequence
from typing import Final

from pulumi_policy import PolicyResource

from eks_irsa.documents.arns import is_role_arn, role_name_of
from eks_irsa.documents.resource_types import (
    ATTACHMENTS,
    COMPONENT,
    EXCLUSIVE_ATTACHMENTS,
    OF_ROLES,
    POD_IDENTITIES,
    POLICY_ATTACHMENT,
    SERVICE_ACCOUNTS,
)
from eks_irsa.documents.webhook import ROLE_ARN_ANNOTATION
from eks_irsa.house_rules.model import Given, RoleFacts
from eks_irsa.identity.model import LATER, Later
from eks_irsa.policy_pack.properties import Properties
from eks_irsa.policy_pack.roles import ROLE, ProgramRole, program_role

__all__ = ["StackRoles"]

_POLICY: Final = "aws:iam/policy:Policy"
# Type -> the properties that name the roles, and the managed policies.
_ATTACHMENTS: Final = {
    **ATTACHMENTS,
    **{one: OF_ROLES[one] for one in (POLICY_ATTACHMENT, EXCLUSIVE_ATTACHMENTS)},
}
_INLINE: Final = "aws:iam/rolePolicy:RolePolicy"


class StackRoles:
    """The roles of a stack that service accounts may have.

    Attributes:
        roles: URN -> a role that is certainly one of them.
        unknown: What decides something, and a preview does not tell.
    """

    def __init__(self, resources: Sequence[PolicyResource]) -> None:
        """Read the resources of a stack."""
        self._resources = resources
        self._read = {one.urn: Properties(one.props) for one in resources}
        self.roles: dict[str, ProgramRole] = {}
        self.unknown: list[Exception] = []
        self._names: dict[str, str] = {}
        self._components: set[str] = set()
        self._policies: dict[str, PolicyResource] = {}
        for one in resources:
            if one.resource_type == ROLE:
                self._names |= dict.fromkeys(self._names_of(one), one.urn)
                self._take(one)
            elif one.resource_type == _POLICY:
                self._policies |= dict.fromkeys(self._names_of(one), one)
        for one in resources:
            if one.resource_type in POD_IDENTITIES:
                self._take_targets(one)

    def policies(self) -> Iterator[tuple[str, Given]]:
        """Give every policy that a resource gives a role, with the role's URN."""
        for urn, role in self.roles.items():
            for given in role.policies():
                yield urn, given
        for one in self._resources:
            if one.resource_type == _INLINE:
                of_roles, content = "role", self._content(one, None)
                attached = [content] if content else []
            elif one.resource_type in _ATTACHMENTS:
                names = _ATTACHMENTS[one.resource_type]
                of_roles = names.role
                attached = [*self._attached(one, names.policy)]
            else:
                continue
            for urn in self._roles_of(one, of_roles):
                for given in attached:
                    yield urn, given

    def existing(self) -> Iterator[tuple[str, RoleFacts]]:
        """Give each service account whose role is not of this program, with its URN."""
        for one in self._resources:
            read = self._read[one.urn]
            if one.resource_type in POD_IDENTITIES:
                namespace, name = read.text("namespace"), read.text("serviceAccount")
                arns = [self._named(one, "roleArn"), read.text("targetRoleArn")]
            elif one.resource_type in SERVICE_ACCOUNTS:
                namespace = read.text("metadata", "namespace") or "default"
                name = read.text("metadata", "name") or one.name
                arns = [
                    self._named(one, "metadata", "annotations", ROLE_ARN_ANNOTATION)
                ]
            else:
                continue
            for arn in arns:
                if isinstance(arn, str) and self._is_foreign(arn):
                    key = f"{namespace}/{name}"
                    yield one.urn, RoleFacts(service_accounts=(key,), existing_arn=arn)

    def _named(self, one: PolicyResource, *path: str) -> str | Later | None:
        """Give the ARN of a role; note one that may be of anybody."""
        read = self._read[one.urn]
        arn = read.text(*path)
        if isinstance(arn, Later) and not self._is_made(one, path[0]):
            self.unknown.append(read.unknown[-1])
        return arn

    def _is_foreign(self, arn: str) -> bool:
        return is_role_arn(arn) and self._made(arn) is None

    def _made(self, arn: str) -> str | None:
        """Find the role of this program that an ARN is of, as far as it tells."""
        urn = self._names.get(arn) or self._names.get(role_name_of(arn))
        told = self._read[urn].text("arn") if urn else None
        return None if isinstance(told, str) and told != arn else urn

    def _take_targets(self, one: PolicyResource) -> None:
        """Take in the role that pods of an association end with, whatever it trusts."""
        arn = self._read[one.urn].text("targetRoleArn")
        urns = {self._made(arn)} if isinstance(arn, str) else set[str | None]()
        if isinstance(arn, Later):
            depends = self._depends(one, "targetRoleArn", ROLE)
            urns |= {other.urn for other in depends}
            if not depends:
                self.unknown.append(self._read[one.urn].unknown[-1])
        for role in self._resources:
            if role.urn in urns and role.urn not in self.roles:
                found = program_role(role.props, of_component=True)
                if found is not None:
                    self.roles[role.urn] = found

    def _take(self, one: PolicyResource) -> None:
        parent = one.parent
        of_component = parent is not None and parent.resource_type == COMPONENT
        if parent and of_component:
            self._components.add(parent.urn)
        role = program_role(one.props, of_component=of_component)
        if role is None:
            return
        if role.certain:
            self.roles[one.urn] = role
        if not role.whose:
            self.unknown += role.properties.unknown[:1]  # its trust policy

    def _is_made(self, one: PolicyResource, key: str) -> bool:
        """Tell whether the role of a service account is certainly of this program."""
        made = one.parent.urn if one.parent else ""
        return made in self._components or bool(self._depends(one, key, ROLE))

    def _names_of(self, one: PolicyResource) -> Iterator[str]:
        """Give what other resources call a role or a policy by, as far as known."""
        for key in ("name", "id", "arn"):
            text = self._read[one.urn].text(key)
            if isinstance(text, str):
                yield text

    def _roles_of(self, one: PolicyResource, key: str) -> Iterator[str]:
        """Find the roles that a property names, by text or by what it depends on."""
        read = self._read[one.urn]
        single = read.text(key)
        listed = [single] if single else read.texts(key)
        urns = {
            self._names[text]
            for text in listed
            if isinstance(text, str) and text in self._names
        }
        if LATER in listed:
            depends = self._depends(one, key, ROLE)
            urns |= {other.urn for other in depends}
            if not depends:
                self.unknown.append(read.unknown[-1])
        yield from sorted(urns & self.roles.keys())

    def _attached(self, one: PolicyResource, key: str) -> Iterator[Given]:
        """Give the managed policies that a property names, with what they say."""
        read = self._read[one.urn]
        single = read.text(key)
        for arn in [single] if single else read.texts(key):
            if isinstance(arn, str) and arn not in self._policies:
                yield Given((), repr(arn), arn)
                continue
            made = (
                [self._policies[arn]]
                if isinstance(arn, str)
                else self._depends(one, key, _POLICY)
            )
            if not made:
                self.unknown.append(read.unknown[-1])
            for policy in made:
                if given := self._content(policy, arn):
                    yield given

    def _content(self, one: PolicyResource, arn: str | Later | None) -> Given | None:
        """Give a policy with its content; None where that is not known yet."""
        read = self._read[one.urn]
        document = read.text("policy")
        if isinstance(document, str):
            return Given((), f"the policy {one.name!r}", arn, document=document)
        if isinstance(document, Later):
            self.unknown.append(read.unknown[-1])
        return None

    @staticmethod
    def _depends(
        one: PolicyResource, key: str, resource_type: str
    ) -> list[PolicyResource]:
        """List the resources of a type that a property depends on."""
        depends = one.property_dependencies.get(key, [])
        return [other for other in depends if other.resource_type == resource_type]
