"""The roles of a preview, and which of them a name, an ARN or a reference means.

IAM knows a role by its name, whoever made it; so does this.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from eks_irsa.documents.resource_types import COMPONENT, ROLES
from eks_irsa.review.finding.values import known_or_unknown, text
from eks_irsa.review.model import Value
from eks_irsa.review.preview import (
    SIDES,
    Held,
    Preview,
    Resource,
    Side,
    Unknown,
    name_of,
    type_of,
)

__all__ = ["Role", "Roles", "Target"]

_Words = Callable[[Held], Iterator[str]]
_OIDC_ACCOUNT: Final = re.compile(r"arn:[^:\"]*:iam::(\d{12}):oidc-provider/")


@dataclass(frozen=True, kw_only=True, slots=True)
class Role:
    """One role of AWS.

    Attributes:
        key: Tells it from others; the URN of its resource where it has one.
        name: As somebody calls it, where no resource of the preview makes it.
        resources: What makes it; two where one takes over the name of another.
        before: None where there is none.
        after: What stays in AWS when its resource goes, too; None for nothing.
    """

    key: str
    name: str = ""
    resources: tuple[Resource, ...] = ()
    before: Held | None = None
    after: Held | None = None

    @property
    def is_shown(self) -> bool:
        """Tell whether the preview has a resource that makes it."""
        return bool(self.resources)

    @property
    def goes(self) -> bool:
        """Tell whether the program has it no more, be it kept in AWS or not."""
        if not self.is_shown:
            return False
        return all(one.operation == "delete" for one in self.resources)

    @property
    def keeps_name(self) -> bool:
        """Tell whether its name is the same on both sides, as far as is known."""
        if self.before is None or self.after is None:
            return True
        return [*_names(self.before)] == [*_names(self.after)]

    def held(self, side: Side) -> Held | None:
        """Return what AWS has of it on one side."""
        return self.before if side == "before" else self.after


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """The role somebody means.

    Attributes:
        keys: Of the role; of all it may be if that cannot be told; empty for none.
        reason: Why it cannot be told; empty if it can.
    """

    keys: tuple[str, ...] = ()
    reason: str = ""


class Roles:
    """Every role that the resources of a preview make or name."""

    def __init__(self, preview: Preview) -> None:
        """Find the roles that have a resource."""
        made = [one for one in preview.resources.values() if one.type in ROLES]
        self._roles = {role.key: role for role in _paired(made)}
        self._by_urn = {
            resource.urn: role.key
            for role in self._roles.values()
            for resource in role.resources
        }
        self._by_component = {
            one.parent: self._by_urn[one.urn] for one in made if _is_own(one)
        }
        self._by_name: dict[Side, dict[str, list[str]]] = {}
        self._by_arn: dict[Side, dict[str, list[str]]] = {}
        for side in SIDES:
            self._by_name[side] = self._indexed(side, _names)
            self._by_arn[side] = self._indexed(side, _arns)

    def __getitem__(self, key: str) -> Role:
        """Return a role by its key."""
        return self._roles[key]

    def __iter__(self) -> Iterator[Role]:
        """Give all roles, also those that are only named."""
        return iter([*self._roles.values()])

    def _indexed(self, side: Side, words: _Words) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for role in self._roles.values():
            held = role.held(side)
            for word in words(held) if held else ():
                found.setdefault(word, []).append(role.key)
        return found

    def of_component(self, urn: str) -> str | None:
        """Return the key of a component's own role; None where it is not shown."""
        return self._by_component.get(urn)

    def named(self, given: object, held: Held, property_: str, side: Side) -> Target:
        """Find the role that a resource names.

        Args:
            given: Its name or ARN as the resource has it, maybe an `Unknown`.
            held: The resource.
            property_: Where it names it; tells of what an `Unknown` is made.
            side: Names are those of this side.
        """
        name = known_or_unknown(given)
        if not isinstance(name, str):
            return self.made_by(held.makers(property_), name.reason)
        return self._called(name.rpartition("/")[2], held.state.provider, side)

    def _called(self, name: str, provider: str, side: Side) -> Target:
        folded = name.casefold()
        keys = self._by_name[side].get(folded, [])
        if len(keys) > 1:
            near = [key for key in keys if self._provider(key, side) == provider]
            keys = near if len(near) == 1 else keys
        if len(keys) > 1:
            return Target(
                keys=tuple(keys), reason=f"several roles have the name {name}"
            )
        if keys:
            return Target(keys=tuple(keys))
        if side == "after" and self._goes(self._by_name["before"].get(folded, [])):
            return Target()  # a role that goes, and all it has with it
        key = f"role {folded}"
        self._roles.setdefault(key, Role(key=key, name=name))
        return Target(keys=(key,))

    def _goes(self, keys: Iterable[str]) -> bool:
        """Tell whether no role of some is kept in AWS under the name it had."""
        olds = [one for key in keys for one in self._roles[key].resources]
        return bool(olds) and not any(one.kept_half for one in olds)

    def _provider(self, key: str, side: Side) -> str:
        held = self._roles[key].held(side)
        return held.state.provider if held else ""

    def made_by(self, makers: Iterable[str], reason: str) -> Target:
        """Find the role that is among the resources a value is made from."""
        keys = {
            key
            for urn in makers
            if (key := self._by_urn.get(urn) or self._by_component.get(urn))
        }
        if len(keys) == 1:
            return Target(keys=tuple(keys))
        return Target(keys=tuple(sorted(keys)), reason=reason)

    def with_arn(self, arn: str, side: Side) -> str | None:
        """Return the key of the role with an ARN; None for one that is not known."""
        keys = self._by_arn[side].get(arn, [])
        if not keys:
            tail = arn.rpartition(":")[2]
            keys = [
                key
                for key in self._by_arn[side].get(tail, [])
                if self._account(key) in (None, arn.split(":")[4:5] or None)
            ]
        if keys:
            return keys[0] if len(keys) == 1 else None
        key = f"role {arn.rpartition('/')[2].casefold()}"
        return key if key in self._roles else None

    def arn(self, key: str, side: Side) -> Value:
        """Return the ARN of a role on one side; None for one that is only named."""
        held = self._roles[key].held(side)
        return known_or_unknown(held.told("arn")) if held else None

    def awaits_arn(self, key: str) -> bool:
        """Tell whether the ARN of a role is known only in `up`."""
        return isinstance(self.arn(key, "after"), Unknown)

    def aws_account(self, key: str) -> str:
        """Return the AWS account of a role, as far as anything tells; else nothing."""
        return "".join(self._account(key) or ())

    def _account(self, key: str) -> list[str] | None:
        role = self._roles[key]
        for held in (role.before, role.after):
            arn = held.told("arn") if held else None
            if isinstance(arn, str):
                return arn.split(":")[4:5]
        for held in (role.before, role.after):
            trust = held.get(ROLES[held.resource.type].trust) if held else None
            found = _OIDC_ACCOUNT.search(_as_text(trust))
            if found:
                return [found[1]]
        return None


def _paired(made: Iterable[Resource]) -> Iterator[Role]:
    """Make a role of each resource, and one of two where a name changes hands."""
    resources = [*made]
    going, coming = _by_name(resources, "delete"), _by_name(resources, "create")
    for name, found in _by_name(resources, "import").items():
        coming.setdefault(name, []).extend(found)
    partners: dict[str, Resource] = {}
    for name, (*others, new) in coming.items():
        old = going.get(name, [])
        if not others and len(old) == 1:
            partners |= {new.urn: old[0], old[0].urn: new}
    for one in resources:
        other = partners.get(one.urn)
        if other is None:
            yield Role(
                key=one.urn,
                resources=(one,),
                before=one.held("before"),
                after=one.held("after"),
            )
        elif one.operation != "delete":
            yield Role(
                key=one.urn,
                resources=(one, other),
                before=other.held("before"),
                after=one.held("after"),
            )


def _by_name(
    resources: Iterable[Resource], operation: str
) -> dict[str, list[Resource]]:
    found: dict[str, list[Resource]] = {}
    for one in resources:
        held = one.held("before") or one.held("after")
        if one.operation == operation and held:
            for name in _names(held):
                found.setdefault(name, []).append(one)
    return found


def _is_own(role: Resource) -> bool:
    """Tell whether a role is the one that its component makes for itself."""
    parent = role.parent
    return (
        bool(parent)
        and type_of(parent) == COMPONENT
        and role.name == f"{name_of(parent)}-role"
    )


def _names(held: Held) -> Iterator[str]:
    """Give the name of a role as IAM tells names apart: without case.

    Source:
        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
    """
    key = ROLES[held.resource.type].name
    for given in (held.get(key), held.told(key)):
        name = text(given)
        if isinstance(name, str):
            yield name.casefold()
            return


def _arns(held: Held) -> Iterator[str]:
    """Give the ARN of a role, or the end of it where AWS has not told it yet."""
    arn = held.told("arn")
    if isinstance(arn, str):
        yield arn
        return
    name = text(held.get(ROLES[held.resource.type].name))
    path = text(held.get("path")) or "/"
    if isinstance(name, str) and isinstance(path, str):
        yield f"role{path}{name}"


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, default=str)
