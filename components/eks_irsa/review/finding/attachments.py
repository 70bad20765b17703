"""Every resource that gives a role a policy, and which role and policy these are."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from eks_irsa.documents.resource_types import (
    ATTACHMENTS,
    EXCLUSIVE_ATTACHMENTS,
    INLINE,
    MANAGED,
    OF_ROLES,
    POLICY_ATTACHMENT,
    ROLES,
)
from eks_irsa.review.finding.policies import (
    Policies,
    RolePolicy,
    identity_of,
    inline_policy,
)
from eks_irsa.review.finding.roles import Roles, Target
from eks_irsa.review.finding.values import items, pairs
from eks_irsa.review.preview import UNKNOWN, Held, Side, Unknown

__all__ = ["GIVING", "Attachments", "Given"]

# Types of resources that give policies to roles.
GIVING: Final = frozenset(
    {*ATTACHMENTS, *INLINE, *MANAGED, *ROLES, POLICY_ATTACHMENT, EXCLUSIVE_ATTACHMENTS}
)
_MANAGED_ARNS: Final = "managedPolicyArns"


@dataclass(frozen=True, kw_only=True, slots=True)
class Given:
    """One policy that a resource gives to a role on one side.

    Attributes:
        held: The resource.
        target: The role.
        policy: The policy.
        written: `up` writes it in this run.
    """

    held: Held
    target: Target
    policy: RolePolicy
    written: bool


class Attachments:
    """Reads resources that give policies to roles.

    Args:
        roles: Every role of the preview.
        policies: Every managed policy of it.
    """

    def __init__(self, roles: Roles, policies: Policies) -> None:
        """Hold both; nothing was read yet."""
        self._roles = roles
        self._policies = policies
        readers: list[tuple[Iterable[str], _Reader]] = [
            (ATTACHMENTS, self._attachment),
            (INLINE, self._inline),
            (MANAGED, self._managed_policy),
            (ROLES, self._role),
            ([POLICY_ATTACHMENT], self._policy_attachment),
            ([EXCLUSIVE_ATTACHMENTS], self._exclusive),
        ]
        self._readers = {token: read for tokens, read in readers for token in tokens}

    def given(self, held: Held, side: Side) -> Iterator[Given]:
        """Give what a resource gives on one side.

        Args:
            held: Any resource; nothing comes of one that gives no policy.
            side: Names and contents are those of this side.
        """
        read = self._readers.get(held.resource.type)
        for target, policy in read(held, side) if read else ():
            if target.reason:
                # Which policy a role may have is as unknown as what it would allow.
                policy = _maybe(policy, target)  # noqa: PLW2901 - the same policy
            yield Given(held=held, target=target, policy=policy, written=held.planned)
        if held.resource.type in ROLES:
            target = self._roles.made_by([held.resource.urn], "")
            for policy in self._recorded(held, side):
                yield Given(held=held, target=target, policy=policy, written=False)

    def allowed(self, held: Held, key: str, side: Side) -> frozenset[str] | None:
        """Return the managed policies of a list that allows no others.

        Args:
            held: What has the list.
            key: Its property.
            side: Contents are those of this side.

        Returns:
            Slots; None where one of them is not known.
        """
        found = [*self._listed(held, key, side)]
        if any(one.slot.startswith("managed ?") for one in found):
            return None
        return frozenset(one.slot for one in found)

    def targets(self, held: Held, key: str, side: Side) -> list[Target]:
        """Find the roles of a list of names."""
        given = items(held.get(key))
        known = [one for one in given if not isinstance(one, Unknown)]
        found = [self._roles.named(one, held, key, side) for one in known]
        left = len(given) - len(known)
        if not left:
            return found
        named = {name for target in found for name in target.keys}
        made = self._roles.made_by(held.makers(key), UNKNOWN.reason).keys
        others = [one for one in made if one not in named]
        if isinstance(held.get(key), list) and len(others) == left:
            return [*found, *(Target(keys=(one,)) for one in others)]
        return [*found, Target(keys=tuple(others), reason=UNKNOWN.reason)]

    def _attachment(self, held: Held, side: Side) -> "_Pairs":
        names = ATTACHMENTS[held.resource.type]
        target = self._roles.named(held.get(names.role), held, names.role, side)
        yield target, self.policy(held, names.policy, side)

    def policy(self, held: Held, key: str, side: Side) -> RolePolicy:
        """Return the managed policy whose ARN a resource has under a key."""
        return self._policies.managed(
            held.get(key), held.makers(key), side=side, name=held.resource.name
        )

    def _inline(self, held: Held, side: Side) -> "_Pairs":
        names = INLINE[held.resource.type]
        target = self._roles.named(held.get(names.role), held, names.role, side)
        policy = inline_policy(
            held.get(names.name), held.get(names.document), urn=held.resource.urn
        )
        identity = identity_of(held, names.document, policy.content)
        yield target, replace(policy, identity=identity)

    def _managed_policy(self, held: Held, side: Side) -> "_Pairs":
        key = MANAGED[held.resource.type].roles
        for target in self.targets(held, key, side) if key else ():
            yield target, self._policies.of_program(held.resource, side)

    def _policy_attachment(self, held: Held, side: Side) -> "_Pairs":
        names = OF_ROLES[held.resource.type]
        for target in self.targets(held, names.role, side):
            yield target, self.policy(held, names.policy, side)

    def _exclusive(self, held: Held, side: Side) -> "_Pairs":
        names = OF_ROLES[held.resource.type]
        target = self._roles.named(held.get(names.role), held, names.role, side)
        for policy in self._listed(held, names.policy, side):
            yield target, policy

    def _listed(self, held: Held, key: str, side: Side) -> Iterator[RolePolicy]:
        """Give the managed policies of a list of ARNs."""
        # A role's outputs name also what others attached to it.
        given = items(held.state.inputs.get(key))
        unknown = [one for one in given if isinstance(one, Unknown)]
        makers, name = held.makers(key), held.resource.name
        for one in given:
            if not isinstance(one, Unknown):
                yield self._policies.managed(one, (), side=side, name=name)
        if len(unknown) == 1:
            yield self._policies.managed(unknown[0], makers, side=side, name=name)
        elif unknown:
            made = [one for one in self._policies.made if one.urn in makers]
            for one in made:
                yield self._policies.of_program(one, side)
            if len(made) < len(unknown):
                yield self._policies.managed(UNKNOWN, (), side=side, name=name)

    def _role(self, held: Held, side: Side) -> "_Pairs":
        """Give what the role itself lists."""
        names = ROLES[held.resource.type]
        target = self._roles.made_by([held.resource.urn], "")
        for key in (_MANAGED_ARNS, names.inline):
            for policy in self._own(_as_left(held, key), key, side):
                yield target, policy

    def _recorded(self, held: Held, side: Side) -> Iterator[RolePolicy]:
        """Give what a role had when it was read last, where its content changes.

        Whoever attached it may not be shown. What does not change is left out, for it
        may have been detached since.
        """
        before = held.resource.before
        for arn in items(before.outputs.get(_MANAGED_ARNS)) if before else ():
            own = self._policies.with_arn(arn) if isinstance(arn, str) else None
            if own is not None and not own.is_idle:
                yield self._policies.managed(arn, (), side=side, name=own.name)

    def _own(self, held: Held, key: str, side: Side) -> Iterator[RolePolicy]:
        if key == _MANAGED_ARNS:
            yield from self._listed(held, key, side)
            return
        names = ROLES[held.resource.type]
        for one in items(held.state.inputs.get(key)):
            document = one
            if not isinstance(one, Unknown):
                document = pairs(one).get(names.inline_policy)
                if document is None:
                    continue  # an empty one: there are to be none
            policy = inline_policy(
                pairs(one).get(names.inline_name), document, urn=held.resource.urn
            )
            identity = identity_of(held, key, policy.content)
            yield replace(policy, identity=identity)


_Pairs = Iterator[tuple[Target, RolePolicy]]
_Reader = Callable[[Held, Side], _Pairs]


def _as_left(held: Held, key: str) -> Held:
    """Return the state whose list AWS has: one that is left out is not looked at."""
    resource = held.resource
    left = held.planned and key not in held.state.inputs
    if not (left and ROLES[resource.type].exclusive) or resource.before is None:
        return held
    if key in resource.changed or resource.operation == "replace":
        return held
    return Held(resource, resource.before)


def _maybe(policy: RolePolicy, target: Target) -> RolePolicy:
    return RolePolicy(
        slot=f"maybe {policy.slot}",
        label=policy.label,
        content=Unknown(f"whose role is not known: {target.reason}"),
        identity=None,
    )
