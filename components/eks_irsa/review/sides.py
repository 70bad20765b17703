"""Single facts of a service account before and after: names, trust, pods, the rest."""

from collections.abc import Iterator, Mapping
from typing import Final, cast

from eks_irsa.access.differences import Difference, difference
from eks_irsa.documents.webhook import ROLE_ARN_ANNOTATION
from eks_irsa.review.model import Content, Kind, OtherChange, Sides, Trust, Value
from eks_irsa.review.parts import Parts
from eks_irsa.review.policies import content_of
from eks_irsa.review.preview import UNKNOWN, Resource, State, Unknown

__all__ = [
    "account_name",
    "annotations_of",
    "is_foreign",
    "kind_of_change",
    "other_changes",
    "role_of",
    "trust_of",
    "value",
]

# The bridge of Pulumi's AWS provider lists here what it filled in itself, among it a
# name it makes up: `up` makes up another one.
_DEFAULTS: Final = "__defaults"


def value(given: object) -> Value:
    """Return a text, an `Unknown`, or None for nothing and for the empty text."""
    if isinstance(given, Unknown):
        return given
    return given if isinstance(given, str) and given else None


def account_name(parts: Parts) -> str:
    """Name a service account `<namespace>/<name>`, else as its component is named."""
    for state in _states(parts.account):
        metadata = _map(state.inputs.get("metadata"))
        name, namespace = value(metadata.get("name")), value(metadata.get("namespace"))
        if isinstance(name, str):
            return f"{_shown(namespace or 'default')}/{name}"
    for state in _states(parts.component):
        name = _input(state, "service_account_name")
        if isinstance(name, str):
            namespace = _input(state, "namespace") or "default"
            return f"{_shown(namespace)}/{name}"
    return parts.urn.split("::", 3)[3]


def kind_of_change(parts: Parts) -> Kind:
    """Tell what happens to a service account as a whole."""
    made = [one for one in (parts.role, parts.account) if one]
    if any(one.operation == "import" for one in made):
        return "imported"
    whole = made or [one for one in (parts.component,) if one]
    others = [*parts.attachments, *parts.inline]
    # Policies alone may come or go while the rest stays, and is not shown.
    if whole and all(one.before is None for one in (*whole, *others)):
        return "new"
    if whole and all(one.after is None for one in (*whole, *others)):
        return "removed"
    return "replaced" if any(one.operation == "replace" for one in made) else "changed"


def is_foreign(parts: Parts) -> bool:
    """Tell whether the role is somebody else's."""
    if parts.role is not None:
        return False
    component = next(_states(parts.component), None)
    if component is not None:
        return _input(component, "role_arn") is not None
    annotations = annotations_of(parts)
    return annotations is not None and (
        annotations.before.get(ROLE_ARN_ANNOTATION)
        != annotations.after.get(ROLE_ARN_ANNOTATION)
    )


def role_of(parts: Parts) -> Sides[Value]:
    """Return path and name of the role, the path `/` left out; a foreign role's ARN."""
    role = parts.role
    if role is not None:
        old, new = role.before, role.after
        before = _named(old.now("name"), old.now("path")) if old else None
        after = _named(new.inputs.get("name"), new.inputs.get("path")) if new else None
        if _is_named_anew(role):
            after = Unknown("named by Pulumi in `up`")
        return Sides(before=before, after=after)
    annotations = annotations_of(parts)
    if annotations is not None:
        return Sides(
            before=value(annotations.before.get(ROLE_ARN_ANNOTATION)),
            after=value(annotations.after.get(ROLE_ARN_ANNOTATION)),
        )
    component = parts.component
    if component is None:
        return Sides(before=None, after=None)
    return Sides(
        before=_input(component.before, "role_arn") if component.before else None,
        after=_input(component.after, "role_arn") if component.after else None,
    )


def trust_of(role: Resource | None) -> Trust:
    """Compare who may assume a role before and after."""
    before = _trust(role.before, now=True) if role else None
    after = _trust(role.after, now=False) if role else None
    sides = Sides(before=before, after=after)
    if isinstance(before, Unknown) or isinstance(after, Unknown):
        return Trust(sides=sides, difference=Difference(), comparable=False)
    found = difference(before or frozenset(), after or frozenset())
    return Trust(sides=sides, difference=found, comparable=True)


def annotations_of(parts: Parts) -> Sides[Mapping[str, object]] | None:
    """Return what a service account is annotated with; None if it is not shown."""
    account = parts.account
    if account is None:
        return None
    return Sides(
        before=_map(_metadata(account.before).get("annotations")),
        after=_map(_metadata(account.after).get("annotations")),
    )


def other_changes(parts: Parts) -> tuple[OtherChange, ...]:
    """Name what changes besides permissions, on a role or account that stays."""
    return (*_role_changes(parts.role), *_account_changes(parts))


def _role_changes(role: Resource | None) -> Iterator[OtherChange]:
    if role is None or role.before is None or role.after is None:
        return
    for key, what in (
        ("maxSessionDuration", "longest session in seconds"),
        ("description", "description of the role"),
    ):
        before, after = role.before.now(key), role.after.inputs.get(key)
        if before != after and not (before in (None, "") and after is None):
            sides = Sides(before=_shown(before), after=_shown(after))
            yield OtherChange(what=what, sides=sides)
    before, after = _map(role.before.now("tags")), _map(role.after.inputs.get("tags"))
    yield from _map_changes("tag", before, after)


def _account_changes(parts: Parts) -> Iterator[OtherChange]:
    account = parts.account
    if account is None or account.before is None or account.after is None:
        return
    old, new = _metadata(account.before), _metadata(account.after)
    yield from _map_changes("label", _map(old.get("labels")), _map(new.get("labels")))
    before, after = _map(old.get("annotations")), _map(new.get("annotations"))
    yield from _map_changes(
        "annotation",
        {key: one for key, one in before.items() if key != ROLE_ARN_ANNOTATION},
        {key: one for key, one in after.items() if key != ROLE_ARN_ANNOTATION},
    )


def _map_changes(
    what: str, before: Mapping[str, object], after: Mapping[str, object]
) -> Iterator[OtherChange]:
    for key in sorted(before.keys() | after.keys()):
        if before.get(key) != after.get(key):
            sides = Sides(before=_shown(before.get(key)), after=_shown(after.get(key)))
            yield OtherChange(what=f"{what} {key}", sides=sides)


def _named(name: object, path: object) -> Value:
    name, path = value(name), value(path)
    if isinstance(name, Unknown) or isinstance(path, Unknown) or name is None:
        return name if isinstance(name, Unknown) else UNKNOWN
    return f"{'' if path in (None, '/') else path}{name}"


def _is_named_anew(role: Resource) -> bool:
    """Tell whether the name in a preview is made up, and `up` makes up another."""
    if role.after is None or role.operation not in {"create", "replace"}:
        return False
    defaults = role.after.inputs.get(_DEFAULTS)
    return isinstance(defaults, list) and "name" in defaults


def _trust(state: State | None, *, now: bool) -> Content | None:
    if state is None:
        return None
    key = "assumeRolePolicy"
    return content_of(state.now(key) if now else state.inputs.get(key))


def _metadata(state: State | None) -> Mapping[str, object]:
    # What we asked for: a live object holds much that is others'.
    return _map(state.inputs.get("metadata")) if state else {}


def _states(resource: Resource | None) -> Iterator[State]:
    if resource is not None:
        yield from (one for one in (resource.after, resource.before) if one)


def _input(state: State, name: str) -> Value:
    """Return an input of the component, as Python or another language spells it."""
    head, *rest = name.split("_")
    camel = head + "".join(map(str.capitalize, rest))
    return value(state.inputs.get(name, state.inputs.get(camel)))


def _map(given: object) -> Mapping[str, object]:
    return cast("Mapping[str, object]", given) if isinstance(given, Mapping) else {}


def _shown(given: object) -> str:
    if isinstance(given, Unknown):
        return f"({given.reason})"
    return "" if given is None else str(given)
