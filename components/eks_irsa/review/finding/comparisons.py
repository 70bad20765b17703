"""What changes between two sides of a role, and what of it is not known."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Literal

from eks_irsa.access.authority import NO_AUTHORITY, Authority
from eks_irsa.access.differences import (
    Change,
    Difference,
    difference,
    effective_difference,
)
from eks_irsa.documents.policy_statements import Grant
from eks_irsa.review.finding.facts import Facts
from eks_irsa.review.finding.policies import RolePolicy
from eks_irsa.review.model import (
    Boundary,
    Content,
    Permissions,
    Sides,
    Trust,
    UnknownPolicy,
    Value,
)
from eks_irsa.review.preview import UNKNOWN, Unknown

__all__ = ["authority_of", "boundary_of", "permissions_of", "trust_of"]

_Grants = frozenset[Grant]
_NO_POLICIES: tuple[RolePolicy, ...] = ()


def trust_of(before: Facts | None, after: Facts | None) -> Trust:
    """Compare who may assume the role of one side and that of the other."""
    old = before.trust if before else None
    new = after.trust if after else None
    if before and after and _are_one(before.trust_identity, after.trust_identity):
        is_told = before.is_shown and after.is_shown
        sides: Sides[Content | None] = Sides(
            before=old if is_told else None, after=new if is_told else None
        )
        return Trust(sides=sides, difference=Difference(), comparable=True)
    sides = Sides(before=old, after=new)
    known = [one for one in (old, new) if isinstance(one, frozenset)]
    if isinstance(new, frozenset):
        # What a side that is not known trusted is not known to be less than this.
        one = old if isinstance(old, frozenset) else frozenset[Grant]()
        found = _compared(Authority(one), Authority(new))
    elif new is None and known:
        found = _compared(Authority(known[0]), NO_AUTHORITY)
    else:
        found = Difference()
    comparable = not (isinstance(old, Unknown) or isinstance(new, Unknown))
    return Trust(sides=sides, difference=found, comparable=comparable)


def boundary_of(before: Facts | None, after: Facts | None) -> Boundary | None:
    """Compare what bounds the role of one side and that of the other."""
    old = before.boundary if before else None
    new = after.boundary if after else None
    if old is None and new is None:
        return None
    sides = Sides(before=_arn(old), after=_arn(new))
    if old is None or new is None:
        return Boundary(sides=sides, difference=None)
    if _are_one(old.identity, new.identity):
        return Boundary(sides=sides, difference=Difference())
    if isinstance(old.content, Unknown) or isinstance(new.content, Unknown):
        return Boundary(sides=sides, difference=None)
    return Boundary(sides=sides, difference=_differing(old.content, new.content))


def permissions_of(before: Facts | None, after: Facts | None) -> Permissions:
    """Compare what the role of one side may do with that of the other.

    What is not known to be allowed on one side is taken as not allowed there, and what
    a boundary that is not known would let through as let through.
    """
    old = before.policies if before else _NO_POLICIES
    new = after.policies if after else _NO_POLICIES
    unknown, unsure = _unknown(old, new)
    one, other = _authorities(before, after)
    found = _compared(one, other)
    if any(policy.label == "the role" for policy in new) and not any(
        policy.label == "the role" for policy in old
    ):
        # Of the role that pods get nothing is known, so that nothing is lost for sure.
        unsure = [policy for policy in old if not isinstance(policy.content, Unknown)]
    return Permissions(
        difference=_without_claims(
            found, unsure=_grants(unsure) - _grants(old, unsure)
        ),
        unknown=tuple(
            sorted(
                [*unknown, *_of_boundary(before, after), *_of_session(before, after)],
                key=_order,
            )
        ),
        policies=_with_parts(found, _labels(old) | _labels(new)),
    )


def authority_of(facts: Facts | None) -> Authority:
    """Return what is known to decide about the requests of a role."""
    return Authority(_granted(facts), _known(_bound(facts)), _known(_session(facts)))


def _granted(facts: Facts | None) -> frozenset[Grant]:
    return _grants(facts.policies if facts else _NO_POLICIES)


# Many roles of a program change in the same way.
@lru_cache(maxsize=4_096)
def _compared(before: Authority, after: Authority) -> Difference:
    return effective_difference(before, after)


@lru_cache(maxsize=4_096)
def _differing(before: _Grants, after: _Grants) -> Difference:
    """Compare two contents, each change where it gives more access, or less."""
    found = difference(before, after)
    allowed, gone = _by_effect(found.gained), _by_effect(found.lost)
    return replace(
        found,
        gained=(*allowed["Allow"], *gone["Deny"]),
        lost=(*gone["Allow"], *allowed["Deny"]),
    )


def _by_effect(changes: Iterable[Change]) -> dict[str, list[Change]]:
    """Sort changes; a denial that comes or goes is the reason by itself."""
    found: dict[str, list[Change]] = {"Allow": [], "Deny": []}
    for one in changes:
        denies = one.grant.effect == "Deny"
        found[one.grant.effect].append(
            replace(one, because="denial") if denies else one
        )
    return found


def _authorities(
    before: Facts | None, after: Facts | None
) -> tuple[Authority, Authority]:
    old, new = _bound(before), _bound(after)
    if isinstance(old, Unknown) or isinstance(new, Unknown):
        # What the other would let through decides alone; nothing is masked by guesses.
        known = new if isinstance(old, Unknown) else None
        known = known if isinstance(known, frozenset) else None
        old = new = known
    one, other = _session(before), _session(after)
    if isinstance(one, Unknown) or isinstance(other, Unknown):
        one = other = None  # likewise
    return (
        Authority(_granted(before), old, one),
        Authority(_granted(after), new, other),
    )


def _known(content: Content | None) -> _Grants | None:
    return None if isinstance(content, Unknown) else content


def _bound(facts: Facts | None) -> Content | None:
    return facts.boundary.content if facts and facts.boundary else None


def _session(facts: Facts | None) -> Content | None:
    return facts.session.content if facts and facts.session else None


def _of_session(before: Facts | None, after: Facts | None) -> Iterator[UnknownPolicy]:
    """Name a session policy whose content may be another, and is not told."""
    old = before.session if before else None
    new = after.session if after else None
    known = all(not isinstance(_session(one), Unknown) for one in (before, after))
    if known or (old and new and _are_one(old.identity, new.identity)):
        return
    for policy in (new, old):
        if policy is not None and isinstance(policy.content, Unknown):
            yield _unknown_policy(policy, policy.content, "changed")
            return


def _of_boundary(
    before: Facts | None, after: Facts | None
) -> tuple[UnknownPolicy, ...]:
    """Name a boundary whose content may change in a way that is not told."""
    old = before.boundary if before else None
    new = after.boundary if after else None
    if old is None or new is None or _are_one(old.identity, new.identity):
        return ()
    if _arn(old) != _arn(new) or not isinstance(new.content, Unknown):
        return ()
    reason = f"it bounds the role; {new.content.reason}"
    return (UnknownPolicy(change="changed", what=new.label, reason=reason),)


def _arn(boundary: RolePolicy | None) -> Value:
    if boundary is None:
        return None
    arn = boundary.slot.removeprefix("managed ")
    if arn.startswith("arn:"):
        return arn
    return boundary.content if isinstance(boundary.content, Unknown) else UNKNOWN


def _are_one(one: str | None, two: str | None) -> bool:
    return one is not None and one == two


def _grants(policies: Iterable[RolePolicy], but: Iterable[RolePolicy] = ()) -> _Grants:
    left_out = [*but]
    return frozenset(
        grant
        for policy in policies
        if policy not in left_out and not isinstance(policy.content, Unknown)
        for grant in policy.content
    )


def _unknown(
    before: Iterable[RolePolicy], after: Iterable[RolePolicy]
) -> tuple[list[UnknownPolicy], list[RolePolicy]]:
    """Name what is not known, and the policies of before it leaves unsure."""
    old = {policy.slot: policy for policy in before}
    new = {policy.slot: policy for policy in after}
    had = {policy.identity for policy in old.values()} - {None}
    has = {policy.identity for policy in new.values()} - {None}
    found: list[UnknownPolicy] = []
    unsure: list[RolePolicy] = []
    for policy in new.values():
        if isinstance(policy.content, Unknown) and policy.identity not in had:
            other = old.get(policy.slot)
            change: _Change = "changed" if other else "gained"
            found.append(_unknown_policy(policy, policy.content, change))
            unsure += [other] if other else []
    for policy in old.values():
        if isinstance(policy.content, Unknown) and policy.identity not in has:
            other = new.get(policy.slot)
            if other is None:
                found.append(_unknown_policy(policy, policy.content, "lost"))
            elif not isinstance(other.content, Unknown):
                found.append(_unknown_policy(policy, policy.content, "changed"))
    return found, unsure


_Change = Literal["changed", "gained", "lost"]


def _unknown_policy(
    policy: RolePolicy, content: Unknown, change: _Change
) -> UnknownPolicy:
    return UnknownPolicy(change=change, what=policy.label, reason=content.reason)


def _order(one: UnknownPolicy) -> tuple[str, str, str]:
    return one.what, one.change, one.reason


def _without_claims(found: Difference, *, unsure: _Grants) -> Difference:
    """Take back losses that hang on a content that is not known after."""
    return replace(
        found,
        lost=tuple(one for one in found.lost if _own(one) not in unsure),
        undecided_before=(
            *found.undecided_before,
            *(one.grant for one in found.lost if _own(one) in unsure),
        ),
    )


def _own(change: Change) -> Grant:
    """Return the grant of a role's policy that a change is, or is a part of."""
    return change.part_of or change.grant


def _with_parts(
    found: Difference, labels: dict[Grant, tuple[str, ...]]
) -> dict[Grant, tuple[str, ...]]:
    """Add where the parts of grants come from that a boundary leaves."""
    parts = {
        one.grant: labels[one.part_of]
        for one in (*found.gained, *found.lost)
        if one.part_of in labels
    }
    return parts | labels


def _labels(policies: Iterable[RolePolicy]) -> dict[Grant, tuple[str, ...]]:
    labels: dict[Grant, tuple[str, ...]] = {}
    for policy in policies:
        if not isinstance(policy.content, Unknown):
            for grant in policy.content:
                names = {*labels.get(grant, ()), policy.label}
                labels[grant] = tuple(sorted(names))
    return labels
