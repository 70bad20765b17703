"""What a policy allows, where that is known: of AWS, of the program, or written out."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from eks_irsa.documents.aws_managed_policies import AwsManagedPolicy, aws_managed_policy
from eks_irsa.documents.policy_statements import read_policy
from eks_irsa.documents.resource_types import MANAGED
from eks_irsa.errors import PolicyDocumentError
from eks_irsa.review.finding.values import known_or_unknown, text
from eks_irsa.review.model import Content
from eks_irsa.review.preview import (
    SECRET,
    SIDES,
    Held,
    Preview,
    Resource,
    Side,
    Unknown,
)

__all__ = ["Policies", "RolePolicy", "content_of", "identity_of", "inline_policy"]

_NOT_KNOWN_HERE: Final = Unknown("content not known here")


@dataclass(frozen=True, kw_only=True, slots=True)
class RolePolicy:
    """One policy of a role on one side.

    Attributes:
        slot: What IAM tells it by from others of a role, `managed <ARN>` or `inline
            <name>`.
        label: How a reviewer knows it.
        content: What it allows.
        identity: Policies of equal identity have equal content, known or not; None
            where that cannot be told.
        makers: URNs of resources of the program that its content is from.
    """

    slot: str
    label: str
    content: Content
    identity: str | None = None
    makers: tuple[str, ...] = ()


def content_of(document: object) -> Content:
    """Read a policy, or say why it cannot be read.

    Args:
        document: A policy as text or as JSON values, or an `Unknown` in its place.
    """
    if isinstance(document, Unknown):
        return document
    inner = _unknown_within(document)
    if inner is not None:
        return inner
    try:
        written = document if isinstance(document, str) else json.dumps(document)
    except (TypeError, ValueError, RecursionError) as error:
        return Unknown(f"cannot be read: {error}")
    return _read(written)


def _unknown_within(document: object) -> Unknown | None:
    """Find a value that is not told within a policy that is no text."""
    left = [document]
    while left:
        one = left.pop()
        match one:
            case Unknown():
                return one
            case Mapping():
                left += one.values()  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType] - JSON
            case list():
                left += one  # pyright: ignore[reportUnknownVariableType] - JSON
            case _:
                pass
    return None


# Many roles of a stack have the same policies.
@lru_cache(maxsize=16_384)
def _read(document: str) -> Content:
    try:
        return read_policy(document)
    except PolicyDocumentError as error:
        return Unknown(f"cannot be read: {error}")


def identity_of(held: Held, key: str, content: Content) -> str | None:
    """Tell contents apart that are not known; None where that cannot be done.

    What nothing is done to stays; a secret is the same until it changes; what cannot be
    read is the same as long as its text is.
    """
    if not isinstance(content, Unknown):
        return None
    resource = held.resource
    if resource.is_idle:
        return f"{resource.urn} {key}"
    if content == SECRET:
        stays = resource.before is not None and resource.after is not None
        is_same = stays and key not in resource.changed
        return f"{resource.urn} {key}" if is_same else None
    document = held.get(key)
    return f"text {document}" if isinstance(document, str) else None


def inline_policy(
    name: object, document: object, *, urn: str, identity: str | None = None
) -> RolePolicy:
    """Describe an inline policy.

    Args:
        name: Its name, maybe an `Unknown`.
        document: What it allows, maybe an `Unknown`.
        urn: Of the resource that writes it.
        identity: See `RolePolicy`.
    """
    known = text(name)
    word = known if isinstance(known, str) else "?"
    return RolePolicy(
        slot=f"inline {word}" if isinstance(known, str) else f"inline of {urn}",
        label=f"inline policy {word}",
        content=content_of(document),
        identity=identity,
    )


class Policies:
    """Reads managed policies, and keeps in mind whose content came from data."""

    def __init__(self, preview: Preview) -> None:
        """Find the policies that the program makes; none of AWS's was needed yet."""
        self._used: dict[str, AwsManagedPolicy] = {}
        self._made: dict[str, Resource] = {}
        self._by_arn: dict[str, Resource] = {}
        self._by_tail: dict[str, list[Resource]] = {}
        # With several, a policy's name does not tell its AWS account.
        providers = {_provider(one) for one in preview.resources.values()} - {""}
        self._is_of_one_account = len(providers) <= 1
        for resource in preview.resources.values():
            if resource.type in MANAGED:
                self._made[resource.urn] = resource
                for arn in _arns(resource):
                    if arn.startswith("arn:"):
                        self._by_arn[arn] = resource
                    else:
                        self._by_tail.setdefault(arn, []).append(resource)

    @property
    def used(self) -> tuple[AwsManagedPolicy, ...]:
        """AWS's managed policies that were looked up and found, by name."""
        return tuple(self._used[name] for name in sorted(self._used))

    @property
    def made(self) -> tuple[Resource, ...]:
        """The managed policies that the program makes."""
        return tuple(self._made.values())

    def with_arn(self, arn: str) -> Resource | None:
        """Return the policy of the program with an ARN; None if there is none."""
        tail = arn.rpartition(":")[2]
        of_aws = arn.split(":")[4:5] == ["aws"]
        found = {one.urn: one for one in self._by_tail.get(tail, ())}
        if arn in self._by_arn or of_aws or len(found) != 1:
            return self._by_arn.get(arn)
        return next(iter(found.values())) if self._is_of_one_account else None

    def managed(
        self, given: object, makers: Iterable[str], *, side: Side, name: str
    ) -> RolePolicy:
        """Describe a managed policy.

        Args:
            given: Its ARN, maybe an `Unknown`.
            makers: URNs of what an ARN that is not known is made from.
            side: Its content is that of this side.
            name: What to call it where nothing tells.
        """
        arn = known_or_unknown(given)
        if isinstance(arn, str):
            own = self.with_arn(arn)
            if own is not None:
                return self.of_program(own, side, arn=arn)
            known = aws_managed_policy(arn)
            if known is not None:
                self._used[known.name] = known
            return RolePolicy(
                slot=f"managed {arn}",
                label=f"managed policy {known.name if known else arn}",
                content=content_of(known.document) if known else _NOT_KNOWN_HERE,
                identity=arn,
            )
        made = [self._made[urn] for urn in sorted({*makers}) if urn in self._made]
        if len(made) == 1:  # the ARN depends on this policy and on no other
            return self.of_program(made[0], side)
        label = f"managed policy {name}"
        return RolePolicy(slot=f"managed ? {name}", label=label, content=arn)

    def of_program(self, own: Resource, side: Side, *, arn: str = "") -> RolePolicy:
        """Describe a managed policy that the program makes.

        Args:
            own: Its resource.
            side: Its content is that of this side.
            arn: Its ARN as somebody wrote it. Default: none.
        """
        known = arn or _known_arn(own, side)
        held = own.held(side)
        key = MANAGED[own.type].document
        content = content_of(held.get(key)) if held else _NOT_KNOWN_HERE
        identity = None
        if own.is_idle:
            identity = known or own.urn
        elif held is not None:
            identity = identity_of(held, key, content)
        return RolePolicy(
            slot=f"managed {known or own.urn}",
            label=f"managed policy {known or own.name}",
            content=content,
            identity=identity,
            makers=(own.urn,),
        )


def _provider(resource: Resource) -> str:
    state = resource.after or resource.before
    return state.provider if state and resource.type.startswith("aws") else ""


def _known_arn(policy: Resource, side: Side) -> str:
    held = policy.held(side)
    arn = held.told(MANAGED[policy.type].arn) if held else None
    return arn if isinstance(arn, str) else ""


def _arns(policy: Resource) -> Iterable[str]:
    """Give the ARNs of a policy, and the end of one that AWS has not told yet."""
    names = MANAGED[policy.type]
    for side in SIDES:
        arn, held = _known_arn(policy, side), policy.held(side)
        if arn:
            yield arn
        elif held is not None:
            name, path = text(held.get(names.name)), text(held.get("path")) or "/"
            if isinstance(name, str) and isinstance(path, str):
                yield f"policy{path}{name}"
