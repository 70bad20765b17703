"""Rows out of two worlds: one for a service account, one for a role."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from eks_irsa.documents.policy_statements import Grant
from eks_irsa.documents.resource_types import ROLES
from eks_irsa.review.finding.comparisons import (
    authority_of,
    boundary_of,
    permissions_of,
    trust_of,
)
from eks_irsa.review.finding.facts import Facts, World
from eks_irsa.review.finding.other_changes import (
    changes_of_association,
    changes_of_role,
    changes_of_service_account,
)
from eks_irsa.review.finding.policies import RolePolicy
from eks_irsa.review.finding.restarts import restart_reason
from eks_irsa.review.finding.roles import Role
from eks_irsa.review.finding.service_account import ServiceAccount
from eks_irsa.review.model import (
    Kind,
    Mark,
    OtherChange,
    Permissions,
    Row,
    Sides,
    Subject,
    UnknownPolicy,
    Value,
)
from eks_irsa.review.preview import Resource, Unknown
from eks_irsa.review.weighing.marks import (
    boundary_marks,
    permission_marks,
    role_marks,
    trust_marks,
)
from eks_irsa.review.weighing.severity import severity_of

__all__ = ["is_shown", "role_row", "service_account_row"]

_UNFINISHED: Final = UnknownPolicy(
    change="changed",
    what="the role",
    reason="an earlier run failed here; run `pulumi up --refresh`",
)
_OIDC: Final = ":oidc-provider/"


def service_account_row(account: ServiceAccount, world: World) -> Row:
    """Compare what the pods of a service account have before and after.

    Args:
        account: The service account.
        world: What AWS holds.
    """
    old, new = account.role("before"), account.role("after")
    before = _bound(world.facts(old, "before"), account.session("before"))
    after = _bound(world.facts(new, "after"), account.session("after"))
    roles = [world.roles[one.key] for one in (old, new) if one and one.key]
    if after is None and old and old.key and world.roles[old.key].goes:
        after = world.facts(old, "after")  # kept in AWS with all it may do
    sources = dict(account.resources)
    for role in roles:
        sources |= world.sources(role)
    kind = _kind(
        is_before=account.is_there("before"),
        is_after=account.is_there("after"),
        made=[*account.objects, *account.associated_by, *_made(roles)],
    )
    role_sides = _names(before, after)
    row = _row(kind, "service account", before, after, sources)
    pod_role = Sides(before=account.pod_role("before"), after=account.pod_role("after"))
    restart = restart_reason(account, role_sides, pod_role)
    last = [*account.claims["after"], *account.claims["before"]]
    marks: set[Mark] = {*row.marks, *role_marks(row.role_arns)}
    if restart:
        marks.add("restart-pods")
    row = replace(
        row,
        urn=account.urn,
        name=account.title,
        namespace=last[0].namespace or "default" if last else None,
        others=tuple(_others(account, roles)),
        restart=restart,
        pod_role=pod_role,
    )
    return _marked(row, marks)


def _others(account: ServiceAccount, roles: list[Role]) -> Iterator[OtherChange]:
    if len({role.key for role in roles}) == 1:
        yield from changes_of_role(roles[0])
    yield from changes_of_association(
        account.associated("before"), account.associated("after")
    )
    yield from changes_of_service_account(
        account.claim("before"), account.claim("after")
    )


def _bound(facts: Facts | None, session: RolePolicy | None) -> Facts | None:
    return replace(facts, session=session) if facts and session else facts


def role_row(role: Role, world: World) -> Row:
    """Compare a role before and after.

    Args:
        role: The role.
        world: What AWS holds.
    """
    before, after = world.of_role(role, "before"), world.of_role(role, "after")
    kind = _kind(
        is_before=before is not None,
        is_after=after is not None and not role.goes,
        made=role.resources,
    )
    sources = world.sources(role)
    row = _row(kind, "role", before, after, sources)
    names = [one.name for one in (after, before) if one and isinstance(one.name, str)]
    named = role.resources[0].name if role.resources else role.name
    if "/" in named:
        named = f"role {named}"  # no service account has such a name
    if any(one.operation == "replace" and one.kept_half for one in role.resources):
        row = _without_losses(row)
    return replace(
        row,
        urn=role.resources[0].urn if role.resources else min(sources, default=""),
        name=names[0] if names else named,
        others=tuple(changes_of_role(role)),
    )


def is_shown(row: Row) -> bool:
    """Tell whether there is anything to say of a row."""
    boundary = row.boundary
    return bool(
        row.kind != "changed"
        or row.role.differ
        or row.role_arns.differ
        or row.pod_role.differ
        or row.trust.difference
        or not row.trust.comparable
        or row.permissions.difference
        or row.permissions.unknown
        or (boundary and (boundary.sides.differ or boundary.difference))
        or row.others
        or row.restart
    )


def _row(
    kind: Kind,
    subject: Subject,
    before: Facts | None,
    after: Facts | None,
    sources: Mapping[str, Resource],
) -> Row:
    """Compare two sides; what tells the row from others is still to be filled in."""
    trust, may = trust_of(before, after), permissions_of(before, after)
    boundary = boundary_of(before, after)
    unfinished = any(one.is_unfinished for one in sources.values())
    if unfinished:
        may = replace(may, unknown=(*may.unknown, _UNFINISHED))
    both = [one for one in (before, after) if one is not None]
    row = Row(
        urn="",
        name="",
        kind=kind,
        role=_names(before, after),
        foreign_role=any(one.is_foreign for one in both),
        role_shown=any(one.is_shown for one in both),
        trust=trust,
        permissions=may,
        boundary=boundary,
        others=(),
        restart="",
        marks=(),
        unfinished=unfinished,
        unseen=any(_is_unseen(one) for one in sources.values()),
        subject=subject,
        cluster=_cluster(before, after),
        role_arns=_arns(before, after),
        steps=tuple(sorted(urn for urn, one in sources.items() if not one.is_idle)),
    )
    marks: set[Mark] = {*_marks(row, after)}
    if any(_is_kept(one) for one in sources.values()):
        marks.add("kept-in-aws")
    return _marked(row, marks)


def _marked(row: Row, marks: set[Mark]) -> Row:
    return replace(row, marks=tuple(sorted(marks)), severity=severity_of(marks))


def _marks(row: Row, after: Facts | None) -> Iterator[Mark]:
    """Give what a reviewer must not miss of what a row compares."""
    if row.kind != "removed" or after is not None:
        yield from trust_marks(
            row.trust, aws_account=after.aws_account if after else ""
        )
        yield from permission_marks(row.permissions, after=authority_of(after))
        yield from boundary_marks(row.boundary)
    if row.unseen or (row.foreign_role and row.role_arns.differ):
        yield "unknown"


def _kind(*, is_before: bool, is_after: bool, made: Iterable[Resource]) -> Kind:
    resources = [*made]
    operations = {one.operation for one in resources}
    if any(one.imported for one in resources):
        return "imported"
    if not is_before:
        return "new"
    if not is_after:
        return "removed"
    return "replaced" if "replace" in operations else "changed"


def _made(roles: list[Role]) -> Iterator[Resource]:
    """Give the resources of a role that is the same on both sides."""
    if len({role.key for role in roles}) == 1:
        yield from roles[0].resources


def _names(before: Facts | None, after: Facts | None) -> Sides[Value]:
    """Name the role of each side; by ARN where one of them is not known here."""
    both = [one for one in (before, after) if one is not None]
    if any(one.is_foreign for one in both):
        return _arns(before, after)
    return Sides(
        before=before.name if before else None, after=after.name if after else None
    )


def _arns(before: Facts | None, after: Facts | None) -> Sides[Value]:
    return Sides(
        before=before.arn if before else None, after=after.arn if after else None
    )


def _is_kept(resource: Resource) -> bool:
    goes = resource.operation in {"delete", "replace"}
    is_aws = resource.type.startswith(("aws:", "aws-native:"))
    return goes and is_aws and resource.before is not None and resource.before.retained


def _is_unseen(resource: Resource) -> bool:
    """Tell whether a role is imported of which the preview shows nothing."""
    # An update of what is imported shows what was read.
    is_read = resource.operation == "update" and resource.before is not None
    return resource.type in ROLES and resource.imported and not is_read


def _cluster(before: Facts | None, after: Facts | None) -> Value:
    """Return the one issuer whose service accounts a role trusts."""
    for facts in (after, before):
        if facts is None:
            continue
        if isinstance(facts.trust, Unknown):
            return facts.trust if facts.is_shown else None
        issuers = {one for grant in facts.trust for one in _issuers(grant)}
        return next(iter(issuers)) if len(issuers) == 1 else None
    return None


def _issuers(grant: Grant) -> Iterator[str]:
    if grant.effect == "Allow" and not grant.principal.inverted:
        for one in grant.principal.texts:
            if _OIDC in one:
                yield one.rpartition(_OIDC)[2]


def _without_losses(row: Row) -> Row:
    """Leave out what the old half of the role keeps, which stays in AWS."""
    trust, may = row.trust, row.permissions
    return replace(
        row,
        trust=replace(trust, difference=replace(trust.difference, lost=())),
        permissions=Permissions(
            difference=replace(may.difference, lost=()),
            unknown=may.unknown,
            policies=may.policies,
        ),
    )
