"""The way in: from a preview to what a reviewer is told."""

from collections.abc import Iterable, Iterator

from eks_irsa.documents.aws_managed_policies import AwsManagedPolicy
from eks_irsa.documents.resource_types import (
    PROVIDER_COMPONENT,
    PROVIDERS,
    SERVICE_ACCOUNT_LIST,
)
from eks_irsa.review.finding.facts import World
from eks_irsa.review.finding.policies import Policies
from eks_irsa.review.finding.policy_rows import policy_rows
from eks_irsa.review.finding.providers import provider_reviews
from eks_irsa.review.finding.roles import Role
from eks_irsa.review.finding.service_account import ServiceAccount
from eks_irsa.review.finding.service_accounts import service_accounts
from eks_irsa.review.finding.subject_rows import is_shown, role_row, service_account_row
from eks_irsa.review.finding.unread import unread
from eks_irsa.review.finding.values import items
from eks_irsa.review.model import Elsewhere, Review, Row
from eks_irsa.review.preview import SIDES, Preview, Resource, Unknown, type_of
from eks_irsa.review.weighing.severity import SEVERITIES

__all__ = ["review"]


def review(preview: Preview) -> Review:
    """Tell what a preview changes for service accounts and roles.

    Args:
        preview: Any program's; it need not use anything else of this package.

    Returns:
        A row for every service account whose pods have another role than before, or
        whose role changes in meaning; one for every other role that does; every OIDC
        provider that changes.
    """
    world = World(preview)
    accounts = service_accounts(preview, world.roles, world.holdings.of_components)
    found: list[Row] = []
    unchanged = 0
    for account in accounts:
        if _is_touched(account, world):
            found.append(service_account_row(account, world))
        else:
            unchanged += 1
    covered = _covered(accounts, world)
    for role in world.roles:
        if role.key in covered:
            continue
        if all(one.is_idle for one in world.sources(role).values()):
            unchanged += 1
        else:
            found.append(role_row(role, world))
    policies = [*policy_rows(world)]
    rows = [row for row in (*found, *policies) if is_shown(row)]
    return Review(
        stack=preview.stack,
        project=preview.project,
        rows=tuple(sorted(rows, key=_order)),
        providers=provider_reviews(preview),
        errors=preview.errors,
        partial=_is_partial(preview, rows),
        managed_policies=tuple(_mentioned(rows, world.policies)),
        elsewhere=_elsewhere(preview, accounts, policies, world),
        unknowns=(
            *world.holdings.unknowns,
            *_unknown_boundaries(rows, world),
            *_unknown_rest(rows),
            *unread(preview),
            *_unknown_service_accounts(preview),
        ),
        unchanged=unchanged + sum(not is_shown(row) for row in found),
    )


def _order(row: Row) -> tuple[int, str, str]:
    return SEVERITIES.index(row.severity), row.name, row.urn


def _roles_of(account: ServiceAccount, world: World) -> Iterator[Role]:
    for side in SIDES:
        role = account.role(side)
        if role is not None and role.key:
            yield world.roles[role.key]


def _is_touched(account: ServiceAccount, world: World) -> bool:
    """Tell whether anything is done to a service account or its roles."""
    if not all(one.is_idle for one in account.resources.values()):
        return True
    return any(
        not one.is_idle
        for role in _roles_of(account, world)
        for one in world.sources(role).values()
    )


def _covered(accounts: Iterable[ServiceAccount], world: World) -> set[str]:
    """Return the keys of roles of which the row of a service account tells all."""
    covered: set[str] = set()
    for account in accounts:
        before, after = account.role("before"), account.role("after")
        old, new = before.key if before else "", after.key if after else ""
        for role in _roles_of(account, world):
            was = old == role.key or (role.is_shown and role.before is None)
            will = new == role.key or role.goes
            if was and will:
                covered.add(role.key)
    return covered


def _is_partial(preview: Preview, rows: Iterable[Row]) -> bool:
    """Tell whether what stays as it is was left out, and would count."""
    if any(one.operation == "same" for one in preview.resources.values()):
        return False
    if _leaves_out(preview):
        return any(row.kind != "new" or not row.role_shown for row in rows)
    return any(not (row.role_shown or row.foreign_role) for row in rows)


def _leaves_out(preview: Preview) -> bool:
    """Tell whether the parent or the provider of a resource is not shown."""
    states = [one.after or one.before for one in preview.resources.values()]
    return any(
        urn and urn not in preview.resources and type_of(urn) != "pulumi:pulumi:Stack"
        for state in states
        if state is not None
        for urn in (state.parent, state.provider)
    )


def _unknown_rest(rows: Iterable[Row]) -> Iterator[str]:
    """Name the roles of which nothing is shown but what is given to them."""
    for row in rows:
        if not (row.role_shown or row.foreign_role or "unknown" in row.marks):
            yield f"what the role of {row.name} has besides: it is not in this preview"


def _unknown_service_accounts(preview: Preview) -> Iterator[str]:
    """Name the lists of service accounts of which one is not known."""
    for one in preview.resources.values():
        held = None if one.is_idle else one.held("after")
        if held is None or one.type != SERVICE_ACCOUNT_LIST:
            continue
        for item in items(held.state.inputs.get("items")):
            if isinstance(item, Unknown):
                yield f"a service account of {one.name}: {item.reason}"


def _unknown_boundaries(rows: Iterable[Row], world: World) -> Iterator[str]:
    """Say of which gain it is not known whether the boundary lets it through."""
    for row in rows:
        boundary = row.boundary
        if boundary is None or not row.permissions.difference.gained:
            continue
        arn = boundary.sides.after
        if isinstance(arn, str):
            content = world.policies.managed(arn, (), side="after", name="").content
            if isinstance(content, Unknown):
                yield (
                    f"what the boundary {arn} of {row.name} lets through of what it "
                    f"gains: {content.reason}"
                )


def _mentioned(rows: Iterable[Row], policies: Policies) -> Iterator[AwsManagedPolicy]:
    """Give AWS's policies whose content is in a difference."""
    names: set[str] = set()
    for row in rows:
        found, labels = row.permissions.difference, row.permissions.policies
        grants = {*found.undecided_before, *found.undecided_after}
        for change in (*found.gained, *found.lost):
            grants |= {change.grant, *change.instead_of}
        names |= {label for grant in grants for label in labels.get(grant, ())}
        if row.boundary:
            sides = row.boundary.sides
            names |= {str(sides.before), str(sides.after)}
    for policy in policies.used:
        if f"managed policy {policy.name}" in names or policy.arn in names:
            yield policy


def _elsewhere(
    preview: Preview,
    accounts: Iterable[ServiceAccount],
    policies: Iterable[Row],
    world: World,
) -> tuple[Elsewhere, ...]:
    """Name what changes and is in no role, no service account and no other row."""
    told = {urn for account in accounts for urn in account.resources}
    told |= {urn for role in world.roles for urn in world.sources(role)}
    told |= world.holdings.unplaced
    told |= {urn for row in policies for urn in row.steps}
    return tuple(
        Elsewhere(urn=one.urn, type=one.type, operation=one.operation)
        for one in sorted(preview.resources.values(), key=lambda one: one.urn)
        if not (one.urn in told or one.is_idle or _is_of_provider(one))
    )


def _is_of_provider(resource: Resource) -> bool:
    return resource.type in PROVIDERS or resource.type == PROVIDER_COMPONENT
