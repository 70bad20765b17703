"""The service accounts of a preview: what all that speaks of each says of it."""

from collections.abc import Iterable, Mapping

from eks_irsa.review.finding.claims import RoleOf, claims, owner, role_with_arn
from eks_irsa.review.finding.components import Component, components
from eks_irsa.review.finding.joining import Key, Said, keys_of
from eks_irsa.review.finding.roles import Roles
from eks_irsa.review.finding.service_account import ServiceAccount
from eks_irsa.review.preview import SIDES, Preview, Resource, Side, name_of

__all__ = ["service_accounts"]


def service_accounts(
    preview: Preview, roles: Roles, named: Mapping[tuple[str, Side], str]
) -> list[ServiceAccount]:
    """Find every service account that a preview says something of.

    Args:
        preview: The preview.
        roles: Its roles.
        named: Component and side -> key of the role its own policies name.
    """
    found: dict[Key, ServiceAccount] = {}
    own: dict[tuple[str, Side], Key] = {}
    said: list[Said] = [
        (owner(resource), side, claim)
        for resource in preview.resources.values()
        for side, claim in claims(resource, roles)
    ]
    keys = keys_of(said)
    crowded = _crowded(said, keys)
    for (component, side, claim), plain in zip(said, keys, strict=True):
        key = (*plain, component) if plain in crowded else plain
        resource = claim.held.resource
        title = claim.title or _title(resource)
        account = found.setdefault(key, ServiceAccount(title=title))
        account.claims[side].append(claim)
        account.resources[resource.urn] = resource
        if component:
            account.component = component
            own[component, side] = key
    by_title = _by_title(found)
    for one in components(preview):
        for side in one.sides:
            key = _key_of(one, side, own, by_title)
            account = found.setdefault(key, ServiceAccount(title=one.title(side)))
            _declare(one, account, side, roles, named)
    return [*found.values()]


def _title(resource: Resource) -> str:
    """Name a service account whose name is not known, as no other is named."""
    is_path = "/" in resource.name
    return f"service account {resource.name}" if is_path else resource.name


def _crowded(said: Iterable[Said], keys: Iterable[Key]) -> set[Key]:
    """Return what several components call their own: they are on several clusters."""
    owners: dict[tuple[Key, Side], set[str]] = {}
    for (component, side, _), key in zip(said, keys, strict=True):
        if component:
            owners.setdefault((key, side), set()).add(component)
    return {key for (key, _), found in owners.items() if len(found) > 1}


def _by_title(found: Mapping[Key, ServiceAccount]) -> dict[str, list[Key]]:
    keys: dict[str, list[Key]] = {}
    for key, account in found.items():
        keys.setdefault(account.title, []).append(key)
    return keys


def _key_of(
    component: Component,
    side: Side,
    own: Mapping[tuple[str, Side], Key],
    by_title: Mapping[str, list[Key]],
) -> Key:
    """Return the key of the service account a component speaks of on one side."""
    if (component.urn, side) in own:
        return own[component.urn, side]
    title = component.title(side)
    for other in SIDES:
        key = own.get((component.urn, other))
        if key is not None and title in (component.title(other), "/".join(key[-2:])):
            return key
    keys = by_title.get(title, [])
    is_named = title != name_of(component.urn) or "/" in title
    if len(keys) == 1 and is_named:
        return keys[0]
    return ("component", component.urn, title)


def _declare(
    component: Component,
    account: ServiceAccount,
    side: Side,
    roles: Roles,
    named: Mapping[tuple[str, Side], str],
) -> None:
    """Note that a component has the service account, and what role it says it has."""
    account.component = account.component or component.urn
    account.declared.add(side)
    if component.resource is not None:
        account.resources[component.urn] = component.resource
        account.ways[side] = component.way(side)
    arn = component.role_arn(side)
    if isinstance(arn, str):
        account.by_component[side] = role_with_arn(arn, roles, side)
        return
    key = roles.of_component(component.urn)
    if arn is not None:
        made = roles.made_by(component.makers("role_arn", side), arn.reason)
        key = made.keys[0] if len(made.keys) == 1 else ""
        account.by_component[side] = RoleOf(arn=arn, key=key, identity=key)
    elif key is not None:
        if roles[key].held(side) is not None:
            role_arn = roles.arn(key, side)
            account.by_component[side] = RoleOf(arn=role_arn, key=key, identity=key)
    elif (key := _named(component.urn, side, roles, named)) is not None:
        account.by_component[side] = RoleOf(arn=None, key=key, identity=key)


def _named(
    component: str,
    side: Side,
    roles: Roles,
    named: Mapping[tuple[str, Side], str],
) -> str | None:
    """Return the role that a component's own policies name; it stays if not shown."""
    key = named.get((component, side))
    if key is None:
        others = {named.get((component, one)) for one in SIDES} - {None}
        key = next(iter(others), None)
        if key is not None and roles[key].is_shown:
            return None
    return key
