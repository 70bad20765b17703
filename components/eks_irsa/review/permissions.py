"""What a role may do before and after, and what of the difference is not known."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Literal

from eks_irsa.access.differences import Difference, difference
from eks_irsa.documents.policy_statements import Grant
from eks_irsa.review.model import Permissions, UnknownPolicy
from eks_irsa.review.policies import RolePolicy
from eks_irsa.review.preview import Unknown

__all__ = ["permissions"]


def permissions(before: list[RolePolicy], after: list[RolePolicy]) -> Permissions:
    """Compare what the policies of a role allow, all of a side taken together."""
    unknown, unsure_before, unsure_after = _unknown(before, after)
    return Permissions(
        difference=_without_claims(
            difference(_grants(before), _grants(after)),
            unsure_before=_grants(unsure_before) - _grants(before, unsure_before),
            unsure_after=_grants(unsure_after) - _grants(after, unsure_after),
        ),
        unknown=unknown,
        policies=_labels(before) | _labels(after),
    )


def _grants(
    policies: Iterable[RolePolicy], but: Iterable[RolePolicy] = ()
) -> set[Grant]:
    left_out = [*but]
    return {
        grant
        for policy in policies
        if policy not in left_out and not isinstance(policy.content, Unknown)
        for grant in policy.content
    }


def _unknown(
    before: list[RolePolicy], after: list[RolePolicy]
) -> tuple[tuple[UnknownPolicy, ...], list[RolePolicy], list[RolePolicy]]:
    """Name what is not known, and the known policies it leaves unsure on each side."""
    old = {policy.slot: policy for policy in before}
    new = {policy.slot: policy for policy in after}
    held_before = {policy.identity for policy in before} - {None}
    held_after = {policy.identity for policy in after} - {None}
    found: list[UnknownPolicy] = []
    unsure_before: list[RolePolicy] = []
    unsure_after: list[RolePolicy] = []
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
    policy: RolePolicy, content: Unknown, change: Literal["changed", "gained", "lost"]
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


def _labels(policies: Iterable[RolePolicy]) -> dict[Grant, tuple[str, ...]]:
    labels: dict[Grant, tuple[str, ...]] = {}
    for policy in policies:
        if not isinstance(policy.content, Unknown):
            for grant in policy.content:
                names = {*labels.get(grant, ()), policy.label}
                labels[grant] = tuple(sorted(names))
    return labels
