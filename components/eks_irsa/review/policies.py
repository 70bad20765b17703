"""The policies of a role, one by one: what each allows, where that is known."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal, cast

from eks_irsa.documents.aws_managed_policies import AwsManagedPolicy, aws_managed_policy
from eks_irsa.documents.policy_statements import read_policy
from eks_irsa.errors import PolicyDocumentError
from eks_irsa.review.model import Content
from eks_irsa.review.parts import Parts
from eks_irsa.review.preview import SECRET, UNKNOWN, Resource, State, Unknown

__all__ = ["Policies", "RolePolicy", "Side", "content_of"]

Side = Literal["before", "after"]
_NOT_KNOWN_HERE: Final = Unknown("content not known here")


@dataclass(frozen=True, kw_only=True, slots=True)
class RolePolicy:
    """One policy of a role on one side.

    Attributes:
        slot: What stays the same when its content changes.
        label: How a reviewer knows it.
        content: What it allows.
        identity: Policies of equal identity have equal content, known or not; None
            where that cannot be told.
    """

    slot: str
    label: str
    content: Content
    identity: str | None


def content_of(document: object) -> Content:
    """Read a policy, or say why it cannot be read.

    Args:
        document: A policy as text, or an `Unknown` in its place.
    """
    if isinstance(document, Unknown):
        return document
    return _read(document if isinstance(document, str) else json.dumps(document))


# Many roles of a stack have the same policies.
@lru_cache(maxsize=1_024)
def _read(document: str) -> Content:
    try:
        return read_policy(document)
    except PolicyDocumentError as error:
        return Unknown(f"cannot be read: {error}")


class Policies:
    """Reads the policies of roles, and keeps in mind whose content came from data.

    Args:
        of_program: The managed policies that the program itself makes, by URN and ARN.
    """

    def __init__(self, of_program: Mapping[str, Resource]) -> None:
        """Hold the program's policies; no managed policy was needed yet."""
        self._of_program = of_program
        self._used: dict[str, AwsManagedPolicy] = {}

    @property
    def used(self) -> tuple[AwsManagedPolicy, ...]:
        """AWS's managed policies that were looked up and found, by name."""
        return tuple(self._used[name] for name in sorted(self._used))

    def content(self, arn: str, *, side: Side) -> Content:
        """Return what a managed policy allows; on one side, if the program makes it."""
        known = aws_managed_policy(arn)
        if known is not None:
            self._used[known.name] = known
            return content_of(known.document)
        own = self._of_program.get(arn)
        return _document(own, side) if own else _NOT_KNOWN_HERE

    def of_role(self, parts: Parts, *, side: Side) -> Iterator[RolePolicy]:
        """Give every policy the role of *parts* has on one side, as far as shown."""
        for resource in parts.attachments:
            state = _state(resource, side)
            if state is not None:
                yield self._attached(resource, state, side)
        for resource in parts.inline:
            state = _state(resource, side)
            if state is not None:
                content = _document(resource, side)
                name = state.now("name") if side == "before" else None
                yield RolePolicy(
                    slot=resource.urn,
                    label=_inline_label(name or state.inputs.get("name")),
                    content=content,
                    identity=_identity(resource, content),
                )
        state = _state(parts.role, side) if parts.role else None
        if state is not None:
            yield from self._within(state, side)

    def _within(self, role: State, side: Side) -> Iterator[RolePolicy]:
        """Give what the role itself lists, as a transform of a program may make it."""
        for arn in _listed(role.inputs.get("managedPolicyArns")):
            yield self._managed(arn, side, slot=f"role {arn}")
        for one in _listed(role.inputs.get("inlinePolicies")):
            pairs = cast(
                "Mapping[str, object]", one if isinstance(one, Mapping) else {}
            )
            label = _inline_label(pairs.get("name"))
            document = one if isinstance(one, Unknown) else pairs.get("policy")
            yield RolePolicy(
                slot=f"role {label}",
                label=label,
                content=content_of(document),
                identity=None,
            )

    def _attached(self, resource: Resource, state: State, side: Side) -> RolePolicy:
        arn = state.now("policyArn") if side == "before" else None
        arn = arn or state.inputs.get("policyArn")
        makers = state.dependencies.get("policyArn", ())
        own = self._of_program.get(makers[0]) if len(makers) == 1 else None
        if isinstance(arn, str) or own is None:
            return self._managed(arn, side, slot=resource.urn, name=resource.name)
        # The ARN is not there yet; it depends on this policy and on nothing else.
        return RolePolicy(
            slot=resource.urn,
            label=f"managed policy {own.name}",
            content=_document(own, side),
            identity=None,
        )

    def _managed(
        self, arn: object, side: Side, *, slot: str, name: str = "?"
    ) -> RolePolicy:
        if not isinstance(arn, str):
            reason = arn if isinstance(arn, Unknown) else UNKNOWN
            label = f"managed policy {name}"
            return RolePolicy(slot=slot, label=label, content=reason, identity=None)
        own, known = self._of_program.get(arn), aws_managed_policy(arn)
        return RolePolicy(
            slot=slot,
            label=f"managed policy {known.name if known else arn}",
            content=self.content(arn, side=side),
            identity=None if own and own.operation != "same" else arn,
        )


def _inline_label(name: object) -> str:
    return f"inline policy {name if isinstance(name, str) else '?'}"


def _listed(value: object) -> list[object]:
    if isinstance(value, list):
        return cast("list[object]", value)
    return [value] if isinstance(value, Unknown) else []


def _state(resource: Resource, side: Side) -> State | None:
    return resource.before if side == "before" else resource.after


def _document(resource: Resource, side: Side) -> Content:
    state = _state(resource, side)
    if state is None:
        return _NOT_KNOWN_HERE
    key = "policy"
    return content_of(state.now(key) if side == "before" else state.inputs.get(key))


def _identity(resource: Resource, content: Content) -> str | None:
    """Tell contents apart that are not shown: a secret is the same until it changes."""
    if content != SECRET or "policy" in resource.changed:
        return None
    return resource.urn if resource.operation in {"same", "update"} else None
