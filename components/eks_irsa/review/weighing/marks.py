"""What a reviewer must not miss."""

from collections.abc import Iterable, Iterator

from eks_irsa.access.authority import NO_AUTHORITY, Authority
from eks_irsa.access.differences import Change
from eks_irsa.documents.policy_statements import Grant
from eks_irsa.review.model import (
    Boundary,
    Content,
    Mark,
    Permissions,
    Sides,
    Trust,
    Value,
)
from eks_irsa.review.preview import Unknown
from eks_irsa.review.weighing.escalation import escalations
from eks_irsa.review.weighing.risks import (
    has_no_choice,
    is_everywhere,
    is_wild,
    levels_of,
    risks,
)
from eks_irsa.review.weighing.trust_risks import aws_account_in, trust_risks

__all__ = [
    "boundary_marks",
    "change_marks",
    "permission_marks",
    "role_marks",
    "trust_change_marks",
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
            known, and then it is taken from the identity providers that it trusts.
    """
    found, before, after = trust.difference, trust.sides.before, trust.sides.after
    home = aws_account or _account_of_providers(before) or _account_of_providers(after)
    if not trust.comparable:
        yield "unknown"
    if found.undecided_before or found.undecided_after:
        yield "not-comparable"
    new = [*found.undecided_after]
    if isinstance(before, Unknown) and not (
        after is None or isinstance(after, Unknown)
    ):
        new += after  # what was there is not known, so none of it is old
    for grant in new:
        yield from trust_risks(grant, aws_account=home)
    for change in found.gained:
        yield from trust_change_marks(change, aws_account=home)
    if before is not None:
        if any(one.grant.effect == "Allow" for one in found.gained):
            yield "trust-widened"
        if _denial_goes(found.gained):
            yield "denial-removed"
            yield "trust-widened"


def trust_change_marks(change: Change, *, aws_account: str = "") -> Iterator[Mark]:
    """Mark one statement of a trust policy that was not there before.

    Args:
        change: Gained.
        aws_account: As for `trust_marks`.
    """
    yield from trust_risks(change.grant, aws_account=aws_account)


def _account_of_providers(content: Content | None) -> str:
    """Return the AWS account of the identity providers of a trust policy.

    IAM takes those of the role's own AWS account alone.
    """
    if content is None or isinstance(content, Unknown):
        return ""
    accounts = {
        aws_account_in(principal.partition(" ")[2])
        for grant in content
        if not grant.principal.inverted
        for principal in grant.principal.texts
        if principal.startswith("Federated arn:")
    }
    return accounts.pop() if len(accounts) == 1 else ""


def permission_marks(
    permissions: Permissions, *, after: Authority = NO_AUTHORITY
) -> Iterator[Mark]:
    """Mark what a role may do and should not without a second look.

    Args:
        permissions: Of one role, before and after.
        after: What its policies say afterwards, for what only grants together are,
            such as a way to more permissions. Default: nothing but what is gained.
    """
    found = permissions.difference
    if permissions.unknown:
        yield "unknown"
    if found.undecided_before or found.undecided_after:
        yield "not-comparable"
    gained = [*found.gained]
    # Nobody can tell that it is not gained.
    gained += [
        Change(grant=grant, instead_of=found.undecided_before)
        for grant in found.undecided_after
        if grant.effect == "Allow"
    ]
    for change in gained:
        yield from change_marks(change)
    for one in escalations(gained, after):
        yield "escalation" if one.everywhere else "escalation-limited"
    if _denial_goes(found.gained):
        yield "denial-removed"


def change_marks(change: Change) -> Iterator[Mark]:
    """Mark one gained permission: what it may be used for, and how wide it is.

    Args:
        change: Of what a role gains; a denial that comes has no marks.
    """
    grant, old = change.grant, change.instead_of
    if change.because == "denial":
        yield "denial-removed"
    elif grant.effect == "Deny":
        return
    yield from risks(grant, had=old)
    for one in escalations([change], NO_AUTHORITY):
        yield "escalation" if one.everywhere else "escalation-limited"
    if not change.only_condition:
        yield from _wildcard_marks(grant, old)
    if any(
        (one.action, one.resource) == (grant.action, grant.resource)
        and one.condition != grant.condition
        for one in change.instead_of
    ):
        yield "widened-condition"


def _wildcard_marks(grant: Grant, old: Iterable[Grant]) -> Iterator[Mark]:
    writes = bool(levels_of(grant.action))
    if is_wild(grant.action) and all(one.action != grant.action for one in old):
        yield "wildcard-action"
        if writes:
            yield "write-wildcard-action"
    if is_wild(grant.resource) and all(one.resource != grant.resource for one in old):
        yield "wildcard-resource"
        if writes and is_everywhere(grant) and not has_no_choice(grant):
            yield "write-wildcard-resource"


def boundary_marks(boundary: Boundary | None) -> Iterator[Mark]:
    """Mark a boundary that goes, lets more through, or of which nothing is known."""
    if boundary is None:
        return
    sides, found = boundary.sides, boundary.difference
    if sides.differ and sides.after is None:
        yield "boundary-removed"
    elif sides.before is not None and found is None:
        yield "unknown"
    if found is None:
        return
    if found.undecided_before or found.undecided_after:
        yield "not-comparable"
    if found.gained:
        yield "boundary-widened"


def _denial_goes(gained: Iterable[Change]) -> bool:
    return any(one.because == "denial" for one in gained)
