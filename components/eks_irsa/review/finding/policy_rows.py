"""Managed policies that change while no role of the preview has them."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from eks_irsa.access.differences import Difference
from eks_irsa.review.finding.comparisons import authority_of, permissions_of
from eks_irsa.review.finding.facts import Facts, World
from eks_irsa.review.model import Mark, Row, Sides, Trust, UnknownPolicy
from eks_irsa.review.preview import Resource, Side, Unknown
from eks_irsa.review.weighing.marks import permission_marks
from eks_irsa.review.weighing.severity import severity_of

__all__ = ["policy_rows"]

_WHO: Final = Unknown("which roles have this policy is not in this preview")
_UNKNOWN: Final = UnknownPolicy(change="changed", what="the role", reason=_WHO.reason)


def policy_rows(world: World) -> Iterator[Row]:
    """Compare each policy that no role shown has, for whoever has it.

    A policy that is new is had by nobody yet.
    """
    had = {urn for role in world.roles for urn in world.sources(role)}
    for policy in world.policies.made:
        stays = policy.before is not None and policy.after is not None
        if policy.urn not in had and stays and not policy.is_idle:
            row = _row(policy, world)
            if row.permissions.difference or len(row.permissions.unknown) > 1:
                yield row


def _row(policy: Resource, world: World) -> Row:
    before, after = _facts(policy, "before", world), _facts(policy, "after", world)
    found = permissions_of(before, after)
    found = replace(found, unknown=(*found.unknown, _UNKNOWN))
    marks: set[Mark] = {*permission_marks(found, after=authority_of(after))}
    (label,) = {one.label for one in before.policies}
    return Row(
        urn=policy.urn,
        name=f"roles with {label}",
        kind="changed",
        role=Sides(before=None, after=None),
        foreign_role=False,
        role_shown=False,
        trust=Trust(
            sides=Sides(before=None, after=None),
            difference=Difference(),
            comparable=True,
        ),
        permissions=found,
        boundary=None,
        others=(),
        restart="",
        marks=tuple(sorted(marks)),
        severity=severity_of(marks),
        subject="role",
        steps=(policy.urn,),
    )


def _facts(policy: Resource, side: Side, world: World) -> Facts:
    """Stand for a role that has the policy and nothing else."""
    return Facts(
        arn=None,
        name=None,
        trust=_WHO,
        trust_identity="any",
        boundary=None,
        policies=(world.policies.of_program(policy, side),),
        is_shown=False,
    )
