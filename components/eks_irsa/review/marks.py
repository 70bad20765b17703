"""What a reviewer must not miss."""

from collections.abc import Iterator

from eks_irsa.access.differences import Change
from eks_irsa.documents.patterns import Patterns, has_wildcard
from eks_irsa.documents.policy_statements import ANYONE, Grant
from eks_irsa.review.model import Boundary, Mark, Permissions, Trust

__all__ = [
    "boundary_marks",
    "change_marks",
    "permission_marks",
    "trust_marks",
]


def trust_marks(trust: Trust) -> Iterator[Mark]:
    """Mark who may assume a role and should not without a second look."""
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


def permission_marks(permissions: Permissions) -> Iterator[Mark]:
    """Mark what a role may do and should not without a second look."""
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
    """Mark a boundary that goes, or of which nothing is known."""
    if boundary is None or not boundary.sides.differ:
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
