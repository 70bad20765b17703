"""What the policies of a role allow, before and after, and what of it is not known."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from eks_irsa.documents.aws_managed_policies import AwsManagedPolicy, aws_managed_policy
from eks_irsa.documents.policy_statements import Grant, read_policy
from eks_irsa.errors import PolicyDocumentError
from eks_irsa.review.differences import Difference, difference
from eks_irsa.review.model import Content, Permissions, UnknownPolicy
from eks_irsa.review.parts import Parts
from eks_irsa.review.preview import SECRET, UNKNOWN, Resource, State, Unknown

__all__ = ["Policies", "content_of"]

_NOT_KNOWN_HERE = Unknown("content not known here")
_Side = Literal["before", "after"]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Policy:
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

    def content(self, arn: str, *, side: _Side) -> Content:
        """Return what a managed policy allows; on one side, if the program makes it."""
        known = aws_managed_policy(arn)
        if known is not None:
            self._used[known.name] = known
            return content_of(known.document)
        own = self._of_program.get(arn)
        return _document(own, side) if own else _NOT_KNOWN_HERE

    def permissions(self, parts: Parts) -> Permissions:
        """Compare what the role of *parts* may do before and after."""
        before = [*self._side(parts, "before")]
        after = [*self._side(parts, "after")]
        unknown, unsure_before, unsure_after = _unknown(before, after)
        found = difference(_grants(before), _grants(after))
        return Permissions(
            difference=_without_claims(
                found,
                unsure_before=_grants(unsure_before) - _grants(before, unsure_before),
                unsure_after=_grants(unsure_after) - _grants(after, unsure_after),
            ),
            unknown=unknown,
            policies=_labels(before) | _labels(after),
        )

    def _side(self, parts: Parts, side: _Side) -> Iterator[_Policy]:
        for resource in parts.attachments:
            state = _state(resource, side)
            if state is not None:
                yield self._attached(resource, state, side)
        for resource in parts.inline:
            state = _state(resource, side)
            if state is not None:
                content = _document(resource, side)
                name = state.now("name") if side == "before" else state.inputs["name"]
                label = f"inline policy {name if isinstance(name, str) else '?'}"
                yield _Policy(
                    slot=resource.urn,
                    label=label,
                    content=content,
                    identity=_identity(resource, content),
                )

    def _attached(self, resource: Resource, state: State, side: _Side) -> _Policy:
        arn = state.now("policyArn") if side == "before" else state.inputs["policyArn"]
        if isinstance(arn, str):
            content = self.content(arn, side=side)
            own = self._of_program.get(arn)
            known = aws_managed_policy(arn)
            label = f"managed policy {known.name if known else arn}"
            identity = None if own and own.operation != "same" else arn
        else:
            content, label = self._announced(resource, state, arn)
            identity = None
        return _Policy(
            slot=resource.urn, label=label, content=content, identity=identity
        )

    def _announced(
        self, resource: Resource, state: State, arn: object
    ) -> tuple[Content, str]:
        """Read a policy whose ARN is not told: the program's own, if it is one."""
        makers = state.dependencies.get("policyArn", ())
        own = self._of_program.get(makers[0]) if len(makers) == 1 else None
        if own is not None:
            return _document(own, "after"), f"managed policy {own.name}"
        reason = arn if isinstance(arn, Unknown) else UNKNOWN
        return reason, f"managed policy {resource.name}"


def _state(resource: Resource, side: _Side) -> State | None:
    return resource.before if side == "before" else resource.after


def _document(resource: Resource, side: _Side) -> Content:
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


def _grants(policies: Iterable[_Policy], but: Iterable[_Policy] = ()) -> set[Grant]:
    left_out = [*but]
    return {
        grant
        for policy in policies
        if policy not in left_out and not isinstance(policy.content, Unknown)
        for grant in policy.content
    }


def _unknown(
    before: list[_Policy], after: list[_Policy]
) -> tuple[tuple[UnknownPolicy, ...], list[_Policy], list[_Policy]]:
    """Name what is not known, and the known policies it leaves unsure on each side."""
    old = {policy.slot: policy for policy in before}
    new = {policy.slot: policy for policy in after}
    held_before = {policy.identity for policy in before} - {None}
    held_after = {policy.identity for policy in after} - {None}
    found: list[UnknownPolicy] = []
    unsure_before: list[_Policy] = []
    unsure_after: list[_Policy] = []
    for policy in after:
        if not isinstance(policy.content, Unknown) or policy.identity in held_before:
            continue
        other = old.get(policy.slot)
        changed = other is not None and other.label == policy.label
        change: Literal["changed", "gained"] = "changed" if changed else "gained"
        found.append(_unknown_policy(policy, policy.content, change))
        if other is not None:
            unsure_before.append(other)
    for policy in before:
        if not isinstance(policy.content, Unknown) or policy.identity in held_after:
            continue
        other = new.get(policy.slot)
        if other is None or other.label != policy.label:
            found.append(_unknown_policy(policy, policy.content, "lost"))
        elif not isinstance(other.content, Unknown):
            found.append(_unknown_policy(policy, policy.content, "changed"))
            unsure_after.append(other)
    found.sort(key=lambda one: (one.what, one.change))
    return tuple(found), unsure_before, unsure_after


def _unknown_policy(
    policy: _Policy, content: Unknown, change: Literal["changed", "gained", "lost"]
) -> UnknownPolicy:
    return UnknownPolicy(change=change, what=policy.label, reason=content.reason)


def _without_claims(
    found: Difference, *, unsure_before: set[Grant], unsure_after: set[Grant]
) -> Difference:
    """Take back what hangs on a content that is not known on the other side."""
    return replace(
        found,
        gained=tuple(one for one in found.gained if one.grant not in unsure_after),
        lost=tuple(one for one in found.lost if one.grant not in unsure_before),
        undecided_before=(
            *found.undecided_before,
            *(one.grant for one in found.lost if one.grant in unsure_before),
        ),
        undecided_after=(
            *found.undecided_after,
            *(one.grant for one in found.gained if one.grant in unsure_after),
        ),
    )


def _labels(policies: Iterable[_Policy]) -> dict[Grant, tuple[str, ...]]:
    labels: dict[Grant, tuple[str, ...]] = {}
    for policy in policies:
        if not isinstance(policy.content, Unknown):
            for grant in policy.content:
                names = {*labels.get(grant, ()), policy.label}
                labels[grant] = tuple(sorted(names))
    return labels
