"""The way in: from a preview to what a reviewer is told."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final, cast

from eks_irsa.access.differences import Difference, difference
from eks_irsa.documents.aws_managed_policies import AwsManagedPolicy
from eks_irsa.review.marks import boundary_marks, permission_marks, trust_marks
from eks_irsa.review.model import (
    Boundary,
    Elsewhere,
    Mark,
    ProviderKind,
    ProviderReview,
    Review,
    Row,
    Sides,
    UnknownPolicy,
    Value,
)
from eks_irsa.review.parts import (
    PROVIDER_COMPONENT,
    Parts,
    is_provider,
    parts_of,
    program_policies,
)
from eks_irsa.review.permissions import permissions
from eks_irsa.review.policies import Policies
from eks_irsa.review.preview import Preview, Resource, State, Unknown
from eks_irsa.review.restarts import restart_reason
from eks_irsa.review.sides import (
    account_name,
    is_foreign,
    kind_of_change,
    other_changes,
    role_of,
    trust_of,
    value,
)

__all__ = ["review"]

_UNFINISHED: Final = UnknownPolicy(
    change="changed",
    what="the role",
    reason="an earlier run failed here; run `pulumi up --refresh`",
)
_NOTHING: Final = frozenset({"same", "read"})
_PROVIDER_KINDS: Final[dict[str, ProviderKind]] = {
    "create": "new",
    "delete": "removed",
    "import": "imported",
    "replace": "replaced",
    "update": "changed",
}


def review(preview: Preview) -> Review:
    """Tell what a preview changes for the service accounts of a program.

    Args:
        preview: Any program's; it need not use anything else of this package.

    Returns:
        Every service account of an `IrsaServiceAccount` and every OIDC provider of an
        `EksOidcProvider` whose preview shows a difference in meaning.
    """
    policies = Policies(program_policies(preview))
    all_parts = parts_of(preview)
    reviewed = [_account(parts, policies) for parts in all_parts]
    accounts = [one for one in reviewed if _is_shown(one)]
    providers = [
        provider
        for resource in preview.resources.values()
        if is_provider(resource) and (provider := _provider(resource))
    ]
    ours = {parts.urn for parts in all_parts}
    ours |= {member.urn for parts in all_parts for member in parts.members()}
    return Review(
        stack=preview.stack,
        project=preview.project,
        rows=tuple(sorted(accounts, key=lambda one: (one.name, one.urn))),
        providers=tuple(sorted(providers, key=lambda one: (str(one.issuer), one.urn))),
        errors=preview.errors,
        partial=any(not (one.role_shown or one.foreign_role) for one in accounts),
        managed_policies=tuple(_mentioned(accounts, policies)),
        elsewhere=_elsewhere(preview, ours),
    )


def _account(parts: Parts, policies: Policies) -> Row:
    trust = trust_of(parts.role)
    may = permissions(
        [*policies.of_role(parts, side="before")],
        [*policies.of_role(parts, side="after")],
    )
    boundary = _boundary(parts.role, policies)
    restart = restart_reason(parts)
    foreign = is_foreign(parts)
    sides, kind = role_of(parts), kind_of_change(parts)
    unfinished = any(one.is_unfinished for one in parts.members())
    if unfinished:
        may = replace(may, unknown=(*may.unknown, _UNFINISHED))
    marks: set[Mark] = set()
    if kind != "removed":
        marks |= {*trust_marks(trust), *permission_marks(may)}
        marks |= {*boundary_marks(boundary)}
    if restart:
        marks.add("restart-pods")
    if kind == "imported" or (foreign and sides.differ):
        marks.add("unknown")
    role = parts.role
    if role and role.operation == "delete" and role.before and role.before.retained:
        marks.add("kept-in-aws")
    return Row(
        urn=parts.urn,
        name=account_name(parts),
        kind=kind,
        role=sides,
        foreign_role=foreign,
        role_shown=role is not None,
        trust=trust,
        permissions=may,
        boundary=boundary,
        others=other_changes(parts),
        restart=restart,
        marks=tuple(sorted(marks)),
        unfinished=unfinished,
    )


def _is_shown(account: Row) -> bool:
    """Tell whether there is anything to say of a service account."""
    return bool(
        account.kind != "changed"
        or account.role.differ
        or account.trust.difference
        or not account.trust.comparable
        or account.permissions.difference
        or account.permissions.unknown
        or (account.boundary and account.boundary.sides.differ)
        or account.others
        or account.restart
    )


def _boundary(role: Resource | None, policies: Policies) -> Boundary | None:
    key = "permissionsBoundary"
    if role is None:
        return None
    before = value(role.before.now(key)) if role.before else None
    after = value(role.after.inputs.get(key)) if role.after else None
    if before is None and after is None:
        return None
    sides: Sides[Value] = Sides(before=before, after=after)
    if not (isinstance(before, str) and isinstance(after, str)):
        return Boundary(sides=sides, difference=None)
    if before == after:
        return Boundary(sides=sides, difference=Difference())
    old = policies.content(before, side="before")
    new = policies.content(after, side="after")
    if isinstance(old, Unknown) or isinstance(new, Unknown):
        return Boundary(sides=sides, difference=None)
    return Boundary(sides=sides, difference=difference(old, new))


def _provider(resource: Resource) -> ProviderReview | None:
    kind = _provider_kind(resource)
    before, after = (
        _audiences(resource.before, "before"),
        _audiences(resource.after, "after"),
    )
    if kind is None or (kind == "changed" and before == after):
        return None
    state = resource.after or resource.before
    url = value(state.now("url")) if state else None
    issuer = url.removeprefix("https://") if isinstance(url, str) else url
    return ProviderReview(
        urn=resource.urn,
        kind=kind,
        issuer=issuer,
        audiences=Sides(before=before, after=after),
    )


def _provider_kind(resource: Resource) -> ProviderKind | None:
    before = resource.before
    if resource.operation == "delete" and before and before.retained:
        return "released"
    if resource.operation == "read" and before and not before.external:
        return "released"
    return _PROVIDER_KINDS.get(resource.operation)


def _audiences(state: State | None, side: str) -> tuple[str, ...]:
    if state is None:
        return ()
    key = "clientIdLists"
    given = state.now(key) if side == "before" else state.inputs.get(key)
    if not isinstance(given, list):
        return ()
    return tuple(
        sorted(
            one if isinstance(one, str) else "(known only in `up`)"
            for one in cast("list[object]", given)
        )
    )


def _mentioned(
    accounts: Iterable[Row], policies: Policies
) -> Iterator[AwsManagedPolicy]:
    """Give AWS's policies whose content is in a difference."""
    names: set[str] = set()
    for account in accounts:
        found, labels = account.permissions.difference, account.permissions.policies
        grants = {*found.undecided_before, *found.undecided_after}
        for change in (*found.gained, *found.lost):
            grants |= {change.grant, *change.instead_of}
        names |= {label for grant in grants for label in labels.get(grant, ())}
        if account.boundary and account.boundary.sides.differ:
            sides = account.boundary.sides
            names |= {str(sides.before), str(sides.after)}
    for policy in policies.used:
        if f"managed policy {policy.name}" in names or policy.arn in names:
            yield policy


def _elsewhere(preview: Preview, ours: set[str]) -> tuple[Elsewhere, ...]:
    return tuple(
        Elsewhere(urn=resource.urn, type=resource.type, operation=resource.operation)
        for resource in preview.resources.values()
        if resource.urn not in ours
        and not is_provider(resource)
        and resource.type != PROVIDER_COMPONENT
        and resource.operation not in _NOTHING
    )
