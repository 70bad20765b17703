"""Compare the live object, cut down to the inputs, with new inputs.

Source:
    pulumi/pulumi-kubernetes, provider/pkg/provider/provider.go (`Diff`,
    `convertPatchToDiff`)
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from sandbox.plugins.kubernetes.kinds import Kind
from sandbox.plugins.kubernetes.objects import (
    is_autonamed,
    metadata,
    name_of,
    namespace_of,
    normalised,
    parse_checkpoint,
    plain,
    prune,
    with_metadata,
)
from sandbox.plugins.plugin import Change, Difference, is_ignored
from sandbox.plugins.values import Properties, Value, has_unknown

__all__ = ["compare"]

_IDENTITY: Final = ("name", "namespace")
_QUOTED: Final = frozenset('."[]')

_Path = tuple[str | int, ...]


def compare(
    kind: Kind, *, olds: Properties, news: Properties, ignored: Sequence[str]
) -> Difference:
    """Tell what an update would change.

    Args:
        kind: The kind.
        olds: The recorded state, which a refresh has brought up to date.
        news: Checked inputs.
        ignored: Paths the program wants left alone.
    """
    old_inputs, live = parse_checkpoint(olds)
    old = prune(live, normalised(kind, old_inputs))
    new = normalised(kind, plain(news))
    if kind.namespaced:
        old = with_metadata(old, namespace=namespace_of(old) or "default")
        if not has_unknown(metadata(new).get("namespace")):
            new = with_metadata(new, namespace=namespace_of(new) or "default")
    else:
        old, new = with_metadata(old, namespace=""), with_metadata(new, namespace="")
    if name_of(new):
        old = with_metadata(old, name=name_of(live))
    found = {
        _written(path): (path, change)
        for path, change in _changes((), old, new)
        if not is_ignored(_written(path), ignored)
    }
    changes = {
        written: change.replacing if _is_identity(path, new) else change
        for written, (path, change) in found.items()
    }
    replaces = tuple(
        path
        for path, change in changes.items()
        if change is change.replacing or (path, change) == ("metadata", Change.DELETE)
    )
    return Difference(
        changes=changes,
        input_changes=frozenset(
            path
            for path, change in changes.items()
            if change in {Change.DELETE, Change.DELETE_REPLACE}
        ),
        replaces=replaces,
        delete_before_replace=bool(replaces) and _collides(live, new),
    )


def _collides(live: Mapping[str, Value], new: Mapping[str, Value]) -> bool:
    """Tell whether the new object must have the old one's name and namespace."""
    return (
        bool(name_of(new))
        and not is_autonamed(new)
        and name_of(new) == name_of(live)
        and namespace_of(new) == namespace_of(live)
    )


def _changes(
    path: _Path, old: Mapping[str, Value], new: Mapping[str, Value]
) -> Iterator[tuple[_Path, Change]]:
    for key in sorted(old.keys() | new.keys()):
        inner = (*path, key)
        if key not in new:
            yield inner, Change.DELETE
        elif key not in old:
            yield inner, Change.ADD
        else:
            yield from _value_changes(inner, old[key], new[key])


def _value_changes(
    path: _Path, old: Value, new: Value
) -> Iterator[tuple[_Path, Change]]:
    match old, new:
        case dict(), dict():
            yield from _changes(path, old, new)
        case list(), list():
            for index in range(max(len(old), len(new))):
                inner = (*path, index)
                if index >= len(new):
                    yield inner, Change.DELETE
                elif index >= len(old):
                    yield inner, Change.ADD
                else:
                    yield from _value_changes(inner, old[index], new[index])
        case _:
            if old != new:
                yield path, Change.UPDATE


def _is_identity(path: _Path, new: Mapping[str, Value]) -> bool:
    if path == ("metadata",):
        return any(key in metadata(new) for key in _IDENTITY)
    return path in {("metadata", key) for key in _IDENTITY}


def _written(path: _Path) -> str:
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif _QUOTED & set(step):
            escaped = step.replace('"', '\\"')
            text += f'["{escaped}"]'
        else:
            text += f".{step}" if text else step
    return text
