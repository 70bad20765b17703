"""Which policies a role has in AWS, before and after.

Several resources may say something of one policy of one role; IAM holds it once. The
engine writes first and deletes last, so that what one resource deletes is gone,
whatever another one wrote or holds.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from eks_irsa.documents.resource_types import (
    COMPONENT,
    EXCLUSIVE_ATTACHMENTS,
    INLINE,
)
from eks_irsa.review.finding.attachments import GIVING, Attachments, Given
from eks_irsa.review.finding.exclusions import Exclusions
from eks_irsa.review.finding.policies import Policies, RolePolicy
from eks_irsa.review.finding.roles import Roles
from eks_irsa.review.model import Content
from eks_irsa.review.preview import (
    SIDES,
    UNKNOWN,
    Held,
    Preview,
    Resource,
    Side,
    Unknown,
    name_of,
    type_of,
)

__all__ = ["Holdings"]

_Slots = dict[str, list[Given]]


class Holdings:
    """The policies of every role of a preview.

    Args:
        preview: The preview.
        roles: Its roles.
        policies: Its managed policies.
    """

    def __init__(self, preview: Preview, roles: Roles, policies: Policies) -> None:
        """Read every resource that says something of a policy of a role."""
        self._roles = roles
        self._policies = policies
        self._attachments = Attachments(roles, policies)
        self._given: dict[Side, dict[str, _Slots]] = {"before": {}, "after": {}}
        self._deleted: dict[tuple[str, str], list[Resource]] = {}
        self._exclusions = Exclusions(roles, self._attachments)
        self._unknowns: dict[str, None] = {}
        self._unplaced: set[str] = set()
        self._of_components: dict[tuple[str, Side], set[str]] = {}
        for resource in preview.resources.values():
            if resource.type in GIVING:
                self._read(resource)
            self._exclusions.read(resource)

    @property
    def unknowns(self) -> tuple[str, ...]:
        """What cannot be told of any role, each a sentence, sorted."""
        return tuple(sorted({*self._unknowns, *self._doubts()}))

    @property
    def unplaced(self) -> frozenset[str]:
        """URNs of the resources that `unknowns` are of."""
        return frozenset(self._unplaced)

    @property
    def of_components(self) -> dict[tuple[str, Side], str]:
        """Component and side -> the one role that the component's own policies name."""
        return {
            place: next(iter(keys))
            for place, keys in self._of_components.items()
            if len(keys) == 1
        }

    def sources(self, key: str) -> dict[str, Resource]:
        """Return all resources that say what policies a role has, by URN."""
        found = [
            one.held.resource
            for side in SIDES
            for given in self._given[side].get(key, {}).values()
            for one in given
        ]
        found += self._exclusions.sources(key, self._given["before"].get(key, {}))
        return {one.urn: one for one in found}

    def of_role(self, key: str, side: Side) -> list[RolePolicy]:
        """Return the policies a role has on one side, sorted by slot."""
        slots = self._given[side].get(key, {})
        found: list[RolePolicy] = []
        for slot in sorted(slots):
            left = slots[slot]
            if side == "after":
                left, doubt = self._left(key, slot, left)
                found += doubt
            found += _one_of(slot, left)
        return found

    def _doubts(self) -> Iterator[str]:
        """Name the denials of which nothing tells whether a list takes them away."""
        for key, slots in self._given["before"].items():
            for slot, given in slots.items():
                if not any(_may_deny(one.policy.content) for one in given):
                    continue
                for held in self._exclusions.doubts(key, slot):
                    label, name = given[0].policy.label, held.resource.name
                    yield (
                        f"whether {name} takes {label} from {self._name(key)}: "
                        f"{UNKNOWN.reason}"
                    )

    def _read(self, resource: Resource) -> None:
        for side in SIDES:
            for held in _held(resource, side):
                for given in self._attachments.given(held, side):
                    self._put(given, side)
        if resource.operation in {"delete", "replace"}:
            self._read_deleted(resource)

    def _put(self, given: Given, side: Side) -> None:
        for key in given.target.keys:
            slots = self._given[side].setdefault(key, {})
            slots.setdefault(given.policy.slot, []).append(given)
            component = _owner(given.held.resource)
            if component:
                self._of_components.setdefault((component, side), set()).add(key)
        if given.target.reason and given.written:
            may_be = ", ".join(map(self._name, given.target.keys)) or "any role"
            self._unknowns[
                f"{given.policy.label} is given to {may_be} by "
                f"{given.held.resource.name}: {given.target.reason}"
            ] = None
            self._unplaced.add(given.held.resource.urn)

    def _name(self, key: str) -> str:
        role = self._roles[key]
        return role.resources[0].name if role.resources else role.name

    def _read_deleted(self, resource: Resource) -> None:
        """Note what goes with a resource, or with the old half of one."""
        old = resource.before
        if old is None or old.is_kept or resource.type == EXCLUSIVE_ATTACHMENTS:
            return
        new = resource.held("after")
        stays = {
            (key, one.policy.slot)
            for one in (self._attachments.given(new, "after") if new else ())
            for key in one.target.keys
        }
        for one in self._attachments.given(Held(resource, old), "before"):
            for key in one.target.keys:
                if (key, one.policy.slot) not in stays:
                    gone = self._deleted.setdefault((key, one.policy.slot), [])
                    gone.append(resource)

    def _left(
        self, key: str, slot: str, given: Iterable[Given]
    ) -> tuple[list[Given], list[RolePolicy]]:
        """Take out what another resource deletes, and say where that cannot be told."""
        left = [
            one
            for one in given
            if one.written
            or not self._exclusions.take_away(key, slot, by_others_than=one.held)
        ]
        deleters = [
            one
            for one in self._deleted.get((key, slot), ())
            if any(one.urn != other.held.resource.urn for other in left)
        ]
        if not deleters or not self._roles[key].keeps_name:
            return left, []  # it goes from the role of the old name
        # The old half of an attachment goes before the new one comes, not at the end.
        early = all(
            one.operation == "replace" and one.type not in INLINE for one in deleters
        )
        written = [one for one in left if one.written]
        if not early or not written:
            return [], []
        reason = f"{deleters[0].name} takes it away in the same run, before or after"
        return written, [_doubt(written[0].policy, reason)]


def _may_deny(content: Content) -> bool:
    if isinstance(content, Unknown):
        return True
    return any(grant.effect == "Deny" for grant in content)


def _owner(resource: Resource) -> str:
    """Return the component whose own policy a resource is; empty for none."""
    parent = resource.parent
    if not parent or type_of(parent) != COMPONENT:
        return ""
    return parent if resource.name.startswith(f"{name_of(parent)}:") else ""


def _held(resource: Resource, side: Side) -> Iterator[Held]:
    """Give what AWS has of a resource on one side, with what stays of its old half."""
    held = resource.held(side)
    if held is not None:
        yield held
    if side == "before":
        return
    if resource.operation == "replace" and resource.kept_half is not None:
        yield resource.kept_half
    # It only watches over policies; when it goes, they stay.
    goes = resource.operation in {"delete", "replace"} and resource.before
    if resource.type == EXCLUSIVE_ATTACHMENTS and goes and not resource.kept_half:
        yield Held(resource, goes)


def _one_of(slot: str, given: list[Given]) -> list[RolePolicy]:
    """Return what IAM holds of one policy that several resources may write."""
    written = [one for one in given if one.written]
    pool = written or given
    contents = {one.policy.identity or one.policy.content for one in pool}
    if len(contents) <= 1:
        return [one.policy for one in pool[:1]]
    last = _last(pool) if written else None
    if last is not None:
        return [last.policy]
    urns = sorted(one.held.resource.urn for one in pool)
    names = " and ".join(sorted({one.held.resource.name for one in pool}))
    reason = f"{names} write it, and nothing tells which of them last"
    doubt = _doubt(pool[0].policy, reason)
    if not written:
        return [replace(doubt, identity=f"{slot} of {' '.join(urns)}")]
    policies = [replace(one.policy, slot=f"{slot} {n}") for n, one in enumerate(pool)]
    return [doubt, *policies]


def _last(written: list[Given]) -> Given | None:
    """Return the one that is made from all others, so that it is written last."""
    for one in written:
        makers = {
            urn for urns in one.held.state.dependencies.values() for urn in urns
        } | {*one.held.state.after}
        others = {other.held.resource.urn for other in written} - {
            one.held.resource.urn
        }
        if others <= makers:
            return one
    return None


def _doubt(policy: RolePolicy, reason: str) -> RolePolicy:
    return RolePolicy(
        slot=f"{policy.slot} ?", label=policy.label, content=Unknown(reason)
    )
