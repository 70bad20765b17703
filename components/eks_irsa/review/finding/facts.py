"""One role of AWS on one side: who may assume it, what it may do, what bounds it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from eks_irsa.documents.resource_types import ROLES
from eks_irsa.review.finding.claims import RoleOf
from eks_irsa.review.finding.holdings import Holdings
from eks_irsa.review.finding.policies import (
    Policies,
    RolePolicy,
    content_of,
    identity_of,
)
from eks_irsa.review.finding.roles import Role, Roles
from eks_irsa.review.finding.values import text
from eks_irsa.review.model import Content, Value
from eks_irsa.review.preview import (
    SIDES,
    UNKNOWN,
    Held,
    Preview,
    Resource,
    Side,
    Unknown,
)

__all__ = ["Facts", "World"]

# The bridge of Pulumi's AWS provider lists here what it filled in itself, among it a
# name it makes up: `up` makes up another one.
_DEFAULTS: Final = "__defaults"
_BOUNDARY: Final = "permissionsBoundary"
_ELSEWHERE: Final = Unknown("the role is not in this preview")
_READ_ONLY: Final = Unknown("the program only reads the role")


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """A role on one side.

    Attributes:
        arn: Its ARN; None where only its name is known.
        name: Path and name, the path `/` left out; its ARN where no more is known.
        trust: Who may assume it.
        trust_identity: Equal identities mean equal trust, known or not.
        boundary: The policy that bounds it; None for none, or for one that nothing is
            known of because the role is not shown.
        policies: What it has.
        is_shown: The preview has a resource that makes or reads it.
        is_foreign: Nothing in the preview says anything of it.
        aws_account: Of the role, 12 digits; empty where it is not known.
        session: What bounds pods that have it by an association; None for none.
    """

    arn: Value
    name: Value
    trust: Content
    trust_identity: str | None
    boundary: RolePolicy | None
    policies: tuple[RolePolicy, ...]
    is_shown: bool
    is_foreign: bool = False
    aws_account: str = ""
    session: RolePolicy | None = None


class World:
    """What AWS holds before and after.

    Args:
        preview: The preview.
    """

    def __init__(self, preview: Preview) -> None:
        """Read roles and policies."""
        self.roles = Roles(preview)
        self.policies = Policies(preview)
        self.holdings = Holdings(preview, self.roles, self.policies)
        self._made = {one.urn: one for one in self.policies.made}
        self._sources: dict[str, dict[str, Resource]] = {}

    def facts(self, role: RoleOf | None, side: Side) -> Facts | None:
        """Return what is known of a role on one side; None for no role."""
        if role is None:
            return None
        if not role.key:
            return _foreign(role)
        return self.of_role(self.roles[role.key], side, arn=role.arn)

    def of_role(self, role: Role, side: Side, *, arn: Value = None) -> Facts | None:
        """Return what is known of a role of the preview; None where it is not there.

        Args:
            role: The role.
            side: Before or after.
            arn: Its ARN, as far as its service account tells.
        """
        held = role.held(side)
        policies = self.holdings.of_role(role.key, side)
        if not role.is_shown:
            rest = _rest(role.key, _ELSEWHERE)
            return Facts(
                arn=arn,
                name=role.name,
                trust=_ELSEWHERE,
                trust_identity=role.key,
                boundary=None,
                policies=(*policies, rest),
                is_shown=False,
            )
        if held is None:
            return None
        if held.state.external:
            policies.append(_rest(role.key, _READ_ONLY))
        key = ROLES[held.resource.type].trust
        trust = content_of(held.get(key) or UNKNOWN)
        told = self.roles.arn(role.key, side)
        return Facts(
            arn=arn if isinstance(told, Unknown) and arn else told,
            name=_name(held),
            trust=trust,
            trust_identity=identity_of(held, key, trust),
            boundary=self._boundary(held, side),
            policies=tuple(policies),
            is_shown=True,
            aws_account=self.roles.aws_account(role.key),
        )

    def sources(self, role: Role) -> Mapping[str, Resource]:
        """Return all resources that say something of a role, by URN."""
        if role.key not in self._sources:
            self._sources[role.key] = self._found(role)
        return self._sources[role.key]

    def _found(self, role: Role) -> dict[str, Resource]:
        found = self.holdings.sources(role.key)
        found |= {one.urn: one for one in role.resources}
        makers = {
            urn
            for side in SIDES
            for policy in self._mentioned(role, side)
            for urn in policy.makers
        }
        return found | {urn: self._made[urn] for urn in makers}

    def _mentioned(self, role: Role, side: Side) -> Iterator[RolePolicy]:
        yield from self.holdings.of_role(role.key, side)
        held = role.held(side)
        bound = self._boundary(held, side) if held else None
        if bound is not None:
            yield bound

    def _boundary(self, held: Held, side: Side) -> RolePolicy | None:
        given = text(held.get(_BOUNDARY))
        if given is None:
            return None
        policy = self.policies.managed(
            given, held.makers(_BOUNDARY), side=side, name="its boundary"
        )
        if isinstance(given, Unknown) and policy.identity is None:
            identity = identity_of(held, _BOUNDARY, given)
            return RolePolicy(
                slot=policy.slot,
                label=policy.label,
                content=policy.content,
                identity=identity,
                makers=policy.makers,
            )
        return policy


def _foreign(role: RoleOf) -> Facts:
    identity = role.identity or None
    return Facts(
        arn=role.arn,
        name=role.arn,
        trust=_ELSEWHERE,
        trust_identity=identity,
        boundary=None,
        policies=(_rest(identity, _ELSEWHERE),),
        is_shown=False,
        is_foreign=True,
    )


def _rest(identity: str | None, reason: Unknown) -> RolePolicy:
    """Stand for all that a role has and that nothing here says."""
    return RolePolicy(
        slot="the rest",
        label="the role",
        content=reason,
        identity=f"all of {identity}" if identity else None,
    )


def _name(held: Held) -> Value:
    """Return path and name of a role, the path `/` left out."""
    if _is_named_anew(held.resource) and held.planned:
        return Unknown("named by Pulumi in `up`")
    key = ROLES[held.resource.type].name
    name, path = text(held.get(key) or held.told(key)), text(held.get("path"))
    if isinstance(name, Unknown) or isinstance(path, Unknown) or name is None:
        return name if isinstance(name, Unknown) else UNKNOWN
    return f"{'' if path in (None, '/') else path}{name}"


def _is_named_anew(role: Resource) -> bool:
    """Tell whether the name in a preview is made up, and `up` makes up another."""
    if role.after is None or role.operation not in {"create", "replace"}:
        return False
    defaults = role.after.inputs.get(_DEFAULTS)
    return isinstance(defaults, list) and "name" in defaults
