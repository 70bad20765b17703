"""What a reviewer must not miss."""

from collections.abc import Iterable, Iterator

from eks_irsa.access.differences import Change
from eks_irsa.documents.patterns import Patterns, has_wildcard
from eks_irsa.documents.policy_statements import ANYONE, Grant
from eks_irsa.review.model import Boundary, Mark, Permissions, Sides, Trust, Value

__all__ = [
    "boundary_marks",
    "change_marks",
    "permission_marks",
    "role_marks",
    "trust_marks",
]


def role_marks(role_arns: Sides[Value]) -> Iterator[Mark]:
    """Mark a service account whose pods get another role than before.

    Args:
        role_arns: The ARN of the role on either side; None for none.
    """
    if role_arns.differ and None not in (role_arns.before, role_arns.after):
        yield "role-replaced"


def trust_marks(trust: Trust, *, aws_account: str = "") -> Iterator[Mark]:
    """Mark who may assume a role and should not without a second look.

    Args:
        trust: Of one role, before and after.
        aws_account: The AWS account of the role, 12 digits; empty where it is not
            known.
    """
    del aws_account
    found = trust.difference
    if not trust.comparable:
        yield "unknown"
    if found.undecided_before or found.undecided_after:
        yield "not-comparable"
    for grant in (*(change.grant for change in found.gained), *found.undecided_after):
        yield from _newly_trusted(grant)
    if trust.sides.before is not None:
        if any(change.grant.effect == "Allow" for change in found.gained):
            yield "trust-widened"
        if any(change.grant.effect == "Deny" for change in found.lost):
            yield "denial-removed"


def _newly_trusted(grant: Grant) -> Iterator[Mark]:
    if grant.effect == "Deny":
        return
    if ANYONE in grant.principal.texts or grant.principal.inverted:
        yield "anyone"
    claims = {
        clause.key.rpartition(":")[2]: clause for clause in grant.condition.clauses
    }
    if not grant.principal.inverted and any(
        ":oidc-provider/" in text for text in grant.principal.texts
    ):
        if "sub" not in claims:
            yield "no-subject"
        if "aud" not in claims:
            yield "no-audience"
    subject = claims.get("sub")
    if (
        subject
        and "Like" in subject.operator
        and any(map(has_wildcard, subject.values))
    ):
        yield "wildcard-subject"


def permission_marks(
    permissions: Permissions, *, after: Iterable[Grant] = ()
) -> Iterator[Mark]:
    """Mark what a role may do and should not without a second look.

    Args:
        permissions: Of one role, before and after.
        after: All that its policies grant afterwards, for what only grants together
            are, such as a way to more permissions.
    """
    del after
    found = permissions.difference
    if permissions.unknown:
        yield "unknown"
    if found.undecided_before or found.undecided_after:
        yield "not-comparable"
    for change in found.gained:
        yield from change_marks(change)
    for change in found.lost:
        if change.grant.effect == "Deny":
            yield "denial-removed"


def change_marks(change: Change) -> Iterator[Mark]:
    """Mark one gained permission: a wildcard, or a condition that demands less."""
    grant = change.grant
    if grant.effect == "Deny":
        return
    old = change.instead_of
    if not change.only_condition:
        if _is_wild(grant.action) and all(one.action != grant.action for one in old):
            yield "wildcard-action"
        if _is_wild(grant.resource) and all(
            one.resource != grant.resource for one in old
        ):
            yield "wildcard-resource"
    if any(
        (one.action, one.resource) == (grant.action, grant.resource)
        and one.condition != grant.condition
        for one in change.instead_of
    ):
        yield "widened-condition"


def _is_wild(patterns: Patterns) -> bool:
    """Tell whether a set has a wildcard, or is everything but something."""
    return patterns.inverted or any(map(has_wildcard, patterns.texts))


def boundary_marks(boundary: Boundary | None) -> Iterator[Mark]:
    """Mark a boundary that goes, lets more through, or of which nothing is known."""
    if boundary is None:
        return
    sides = boundary.sides
    if sides.after is None and sides.before is not None:
        yield "boundary-removed"
    elif sides.before is not None and boundary.difference is None:
        yield "unknown"
    found = boundary.difference
    if found is None:
        return
    if found.undecided_before or found.undecided_after:
        yield "not-comparable"
    if any(one.grant.effect == "Allow" for one in found.gained) or any(
        one.grant.effect == "Deny" for one in found.lost
    ):
        yield "boundary-widened"
