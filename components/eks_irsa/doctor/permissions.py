"""What may the role do, once the pods have it?

Policies of organizations and of resources are not looked at.
"""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from eks_irsa.access.authority import Authority
from eks_irsa.doctor.asked_action import action_findings
from eks_irsa.doctor.model import Facts, Finding
from eks_irsa.doctor.notes import SKIPPED, Gap, Notes, command, finding
from eks_irsa.doctor.pods import pods_of
from eks_irsa.doctor.workloads import restarts
from eks_irsa.documents.policy_statements import Grant, read_policy
from eks_irsa.errors import PolicyDocumentError
from eks_irsa.live.model import NOT_LOOKED_UP, LiveRole, Unread

__all__ = ["permissions_notes"]

_REVOKED: Final = "; so sessions were revoked, and pods need new ones"


class _Policy(NamedTuple):
    """One policy of the role.

    Attributes:
        label: How a reader knows it.
        grants: What it says.
        reading: The command that shows it; whether it goes is for people to say.
        bounds: It is the permissions boundary.
    """

    label: str
    grants: frozenset[Grant]
    reading: str
    bounds: bool = False


def permissions_notes(facts: Facts) -> Notes:
    """Look at the policies of the role.

    Args:
        facts: What was read.
    """
    role = facts.role
    if isinstance(role, Unread) or role is None:
        yield Gap("its policies", role) if isinstance(role, Unread) else SKIPPED
        return
    notes = [*_policies(facts, role)]
    policies = [one for one in notes if isinstance(one, _Policy)]
    others = [one for one in notes if not isinstance(one, _Policy)]
    others += [Gap("further policies", one) for one in facts.policies_unread]
    yield from others
    boundary = [one for one in policies if one.bounds]
    own = [one for one in policies if not one.bounds]
    if not _allowed(own) and not others:
        yield finding(
            "D-PERMISSIONS-NONE",
            f"the role {role.arn!r} has no policy that allows anything; pods get it, "
            "and may do nothing but what policies of resources allow it",
        )
    yield from _denials(facts, policies)
    yield from _bounds(role, own, boundary)
    if facts.asked_action and not others:
        yield from action_findings(
            Authority(_grants(own), boundary=_grants(boundary) if boundary else None),
            action=facts.asked_action,
            resource=facts.asked_resource,
        )
    yield finding(
        "D-SCP-UNSEEN",
        "not looked at: policies of the organization (SCP, RCP), of resources and of "
        "VPC endpoints, which can deny more",
    )


def _grants(policies: Sequence[_Policy]) -> frozenset[Grant]:
    return frozenset(grant for policy in policies for grant in policy.grants)


def _policies(facts: Facts, role: LiveRole) -> Iterator[_Policy | Finding | Gap]:
    words = ("--role-name", role.name)
    for name, inline in role.inline_policies.items():
        reading = command(
            "aws", "iam", "get-role-policy", *words, "--policy-name", name
        )
        yield _read(f"the inline policy {name!r}", inline, reading)
    for arn in role.managed_policy_arns:
        text = facts.policies.get(arn, NOT_LOOKED_UP)
        if isinstance(text, Unread):
            yield Gap(f"the policy {arn!r}", text)
            continue
        yield _read(f"the policy {arn!r}", text, _shown(arn))
    if not role.permissions_boundary:
        return
    label = f"the permissions boundary {role.permissions_boundary!r}"
    if isinstance(facts.boundary, Unread) or facts.boundary is None:
        yield Gap(label, facts.boundary or NOT_LOOKED_UP)
        return
    reading = _shown(role.permissions_boundary)
    yield _read(label, facts.boundary, reading, bounds=True)


def _shown(policy_arn: str) -> str:
    return command("aws", "iam", "get-policy", "--policy-arn", policy_arn)


def _read(
    label: str, text: str, reading: str, *, bounds: bool = False
) -> _Policy | Finding:
    try:
        return _Policy(label, read_policy(text), reading, bounds)
    except PolicyDocumentError as error:
        return finding("D-PERMISSIONS-UNREAD", f"{label} cannot be understood: {error}")


def _denials(facts: Facts, policies: Sequence[_Policy]) -> Iterator[Finding]:
    """Find what denies everything, ever or under a condition."""
    for policy in policies:
        denied = _denials_of_all(policy)
        if _denies_all(policy):
            yield finding(
                "D-DENY-EVERYTHING",
                f"{policy.label} of the role denies everything, which is stronger than "
                "whatever allows; it may be there on purpose, such as a quarantine, so "
                "ask whoever put it there before it goes",
                policy.reading,
            )
            continue
        keys = sorted(
            {
                clause.key_as_written
                for one in denied
                for clause in one.condition.clauses
            }
        )
        if keys:
            revoked = "aws:tokenissuetime" in map(str.lower, keys)
            yield finding(
                "D-DENY-SESSIONS",
                f"{policy.label} of the role denies everything where a condition on "
                f"{', '.join(map(repr, keys))} is met{_REVOKED if revoked else ''}",
                *(restarts(pods_of(facts)) if revoked else ()),
                severity=None if revoked else "unknown",
            )


def _denials_of_all(policy: _Policy) -> list[Grant]:
    return [
        one
        for one in policy.grants
        if one.effect == "Deny" and one.covers(_everything(one))
    ]


def _denies_all(policy: _Policy) -> bool:
    return any(not one.condition.clauses for one in _denials_of_all(policy))


def _everything(grant: Grant) -> Grant:
    """Return the grant of that effect and condition about everything."""
    return Grant(
        effect=grant.effect,
        action=_ALL.action,
        resource=_ALL.resource,
        condition=grant.condition,
    )


(_ALL,) = read_policy(
    {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
)


def _bounds(
    role: LiveRole, own: Sequence[_Policy], boundary: Sequence[_Policy]
) -> Iterator[Finding]:
    """Find a boundary that has nothing in common with what the policies allow."""
    allowed = _allowed(own)
    for bound in boundary:
        meets = any(
            not one.action.is_disjoint_from(two.action)
            and not one.resource.is_disjoint_from(two.resource)
            for one in allowed
            for two in _allowed([bound])
        )
        if allowed and not meets and not _denies_all(bound):
            yield finding(
                "D-BOUNDARY-EVERYTHING",
                f"{bound.label} allows nothing of what the policies of {role.arn!r} "
                "allow, so that the role may do nothing; a boundary is what others "
                "hold this role to, so whoever set it has to widen it",
                bound.reading,
            )


def _allowed(policies: Sequence[_Policy]) -> list[Grant]:
    return [
        one for policy in policies for one in policy.grants if one.effect == "Allow"
    ]
