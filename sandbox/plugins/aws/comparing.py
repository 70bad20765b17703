"""Compare a recorded state with new inputs, as a Terraform plan does.

Source:
    pulumi/pulumi-terraform-bridge, pkg/tfbridge/detailed_diff.go and provider.go
    (`Diff`, `nameRequiresDeleteBeforeReplace`)
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from sandbox.plugins.aws.fields import Field, Kind, defaulted, inputs_of, is_zero
from sandbox.plugins.plugin import Change, Difference, is_ignored
from sandbox.plugins.values import UNKNOWN, Properties, Value, has_unknown

__all__ = ["changed_fields", "compare", "means_the_same", "paths_of"]

_PLAIN_KEY = re.compile(r"[A-Za-z_$][\w$]*", re.ASCII)


def compare(
    *,
    fields: Mapping[str, Field],
    olds: Properties,
    news: Properties,
    ignored: Sequence[str] = (),
) -> Difference:
    """Tell what an update would change.

    Args:
        fields: The type's properties.
        olds: The recorded state, which a refresh has brought up to date.
        news: Checked inputs.
        ignored: Paths the program wants left alone.
    """
    changes: dict[str, Change] = {}
    replaces: list[str] = []
    changed = changed_fields(fields=fields, olds=olds, news=news)
    for name in changed:
        field = fields[name]
        for path, change in _paths(name, field, olds.get(name), news.get(name)):
            if is_ignored(path, ignored):
                continue
            changes[path] = change.replacing if field.replaces else change
            if field.replaces and name not in replaces:
                replaces.append(name)
    return Difference(
        changes=changes,
        properties=tuple(dict.fromkeys(_top(path) for path in changes)),
        replaces=tuple(replaces),
        stables=tuple(
            name
            for name, field in fields.items()
            if field.replaces and name not in replaces
        ),
        delete_before_replace=bool(replaces) and _keeps_its_name(fields, olds, news),
    )


def changed_fields(
    *, fields: Mapping[str, Field], olds: Properties, news: Properties
) -> list[str]:
    """Give the inputs whose value would change, in the order of the schema."""
    return [
        name
        for name, field in inputs_of(fields).items()
        if not means_the_same(field, olds.get(name), news.get(name))
    ]


def means_the_same(field: Field, old: Value, new: Value) -> bool:
    """Tell whether an input leaves the recorded value as it is."""
    if new is None:
        return field.computed or is_zero(old)
    if has_unknown(new):
        return False
    if is_zero(old) and is_zero(new):
        return True
    if field.same and isinstance(old, str) and isinstance(new, str):
        return old == new or field.same(old, new)
    return _same_in_kind(field, old, new)


def _same_in_kind(field: Field, old: Value, new: Value) -> bool:
    match field.kind, old, new:
        case Kind.TEXT_SET, _, _:
            return _as_set(old) == _as_set(new)
        case Kind.OBJECT_SET, list(), list():
            return len(old) == len(new) and all(one in old for one in new)
        case Kind.OBJECT, dict(), dict():
            # What AWS gave besides is computed.
            return all(old.get(key) == one for key, one in new.items())
        case _:
            return old == field.planned(new)


def _as_set(value: Value) -> set[str]:
    return {str(item) for item in value} if isinstance(value, list) else set()


def _paths(
    name: str, field: Field, old: Value, new: Value
) -> Iterator[tuple[str, Change]]:
    if is_zero(old):
        yield name, Change.ADD
    elif isinstance(old, dict) and (isinstance(new, dict) or new is None):
        yield from paths_of(name, old, new or {})
    elif is_zero(new):
        yield name, Change.DELETE
    elif isinstance(old, list) and isinstance(new, list):
        yield from _list_paths(name, field, old, new)
    else:
        yield name, Change.UPDATE


def paths_of(
    name: str, old: Mapping[str, Value], new: Mapping[str, Value]
) -> Iterator[tuple[str, Change]]:
    """Give the path of every key that differs, at any depth, and what happens there.

    Args:
        name: Path of the object itself.
        old: The object before.
        new: The object after.
    """
    for key in sorted(old.keys() | new.keys()):
        path = f"{name}.{key}" if _PLAIN_KEY.fullmatch(key) else f'{name}["{key}"]'
        before, after = old.get(key), new.get(key)
        if key not in old:
            yield path, Change.ADD
        elif key not in new:
            yield path, Change.DELETE
        elif isinstance(before, dict) and isinstance(after, dict):
            yield from paths_of(path, before, after)
        elif before != after:
            yield path, Change.UPDATE


def _list_paths(
    name: str, field: Field, old: Sequence[Value], new: Sequence[Value]
) -> Iterator[tuple[str, Change]]:
    if field.kind is Kind.TEXT_SET:
        for index, item in enumerate(new):
            if item is UNKNOWN or item not in old:
                yield f"{name}[{index}]", Change.ADD
        for index, item in enumerate(old):
            if item not in new:
                replaced = index < len(new) and new[index] not in old
                yield f"{name}[{index}]", Change.UPDATE if replaced else Change.DELETE
        return
    for index in range(max(len(old), len(new))):
        path = f"{name}[{index}]"
        if index >= len(old):
            yield path, Change.ADD
        elif index >= len(new):
            yield path, Change.DELETE
        elif old[index] != new[index]:
            yield path, Change.UPDATE


def _top(path: str) -> str:
    return re.split(r"[.\[]", path, maxsplit=1)[0]


def _keeps_its_name(
    fields: Mapping[str, Field], olds: Properties, news: Properties
) -> bool:
    """Tell whether the new one would collide with the old one's name."""
    return any(
        field.longest_autoname is not None
        and name in news
        and name not in defaulted(news)
        and news[name] == olds.get(name)
        for name, field in fields.items()
    )
