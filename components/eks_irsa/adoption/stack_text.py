"""Settings written into a stack file, whose other lines and comments stay."""

from collections.abc import Mapping
from typing import Any, Final, cast

import yaml

from eks_irsa.adoption.block_yaml import block_yaml

__all__ = ["UnmergeableError", "fragment", "merged_text"]

_SECTION: Final = "config"


class UnmergeableError(ValueError):
    """The text is written in a way that cannot be added to; the text is for people."""


def fragment(settings: Mapping[str, Any]) -> str:
    """Write settings as a stack file has them.

    Args:
        settings: Name of each as the file spells it -> value.
    """
    return _dump({_SECTION: dict(settings)})


def merged_text(text: str, settings: Mapping[str, Any]) -> str:
    """Write settings into the text of a stack file.

    Args:
        text: The stack file; may be empty.
        settings: Name of each as the file spells it -> the value it shall have.

    Returns:
        The text, in which these settings have these values and nothing else changed: a
        map gets the keys that it lacks, and what it has stays as it is written. What is
        replaced loses its comments.

    Raises:
        UnmergeableError: It is no stack file, or says it by an anchor or a tag.
    """
    try:
        read: object = yaml.safe_load(text)
    except yaml.YAMLError as error:
        msg = "it is not YAML"
        raise UnmergeableError(msg) from error
    wanted = _laid_over({} if read is None else read, {_SECTION: dict(settings)})
    merged = _merged(text, {_SECTION: dict(settings)})
    if 0 < text.count("\n") == text.count("\r\n"):
        merged = merged.replace("\r\n", "\n").replace("\n", "\r\n")
    try:
        done = yaml.safe_load(merged) == wanted
    except yaml.YAMLError:  # an anchor that is gone, or is there twice
        done = False
    if not done:
        msg = "it says these settings by an anchor, a tag or a map on one line"
        raise UnmergeableError(msg)
    return merged


def _laid_over(base: object, over: Mapping[str, Any]) -> dict[str, Any]:
    pairs = cast("Mapping[str, Any]", base) if isinstance(base, Mapping) else None
    section = cast("Any", pairs.get(_SECTION) if pairs is not None else base)
    if pairs is None or not (section is None or isinstance(section, Mapping)):
        msg = "expected a map with the map 'config', as Pulumi writes it"
        raise UnmergeableError(msg)
    held = cast("Mapping[str, Any]", section or {})
    return {**pairs, _SECTION: {**held, **over[_SECTION]}}


def _merged(text: str, wanted: Mapping[str, Any]) -> str:
    root = yaml.compose(text)
    if root is None:
        return text + _dump(wanted)
    lines = text.splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    edits: list[_Edit] = []
    pairs = root.value if isinstance(root, yaml.MappingNode) else ()
    section = next((value for key, value in pairs if key.value == _SECTION), None)
    if isinstance(section, yaml.MappingNode) and section.value:
        _edits(section, wanted[_SECTION], edits)
    else:
        _edits(root, wanted, edits)
    # From the end, so that the places before stay right; of several in one place the
    # outermost, which was found last, comes last in the text.
    in_order = sorted(
        (start, end, at, new) for at, (start, end, new) in enumerate(edits)
    )
    for start, end, _, new in reversed(in_order):
        lines[start:end] = new.splitlines(keepends=True)
    return "".join(lines)


# Lines from, to before, and what stands there instead.
_Edit = tuple[int, int, str]


def _edits(node: yaml.Node, wanted: Mapping[str, Any], edits: list[_Edit]) -> None:
    """Gather what makes a map hold at least what is wanted."""
    if not isinstance(node, yaml.MappingNode) or node.flow_style:
        msg = "it has a map on one line where settings belong"
        raise UnmergeableError(msg)
    found = {str(key.value): (key, value) for key, value in node.value}
    column = node.start_mark.column
    added: dict[str, Any] = {}
    for name, value in wanted.items():
        if name not in found:
            added[name] = value
            continue
        key, there = found[name]
        if (
            _is_map(value)
            and isinstance(there, yaml.MappingNode)
            and not there.flow_style
        ):
            stale = {str(one.value) for one, _ in there.value} - {*value}
            if not stale:
                _edits(there, value, edits)
                continue
        if _value(there) != value:
            edits.append(
                (key.start_mark.line, _end(there, key), _dump({name: value}, column))
            )
    if added:
        last_key, last = node.value[-1]
        end = _end(last, last_key)
        edits.append((end, end, _dump(added, column)))


def _value(node: yaml.Node) -> object:
    constructor: Any = yaml.constructor.SafeConstructor()
    value: object = constructor.construct_document(node)
    return value


def _end(node: yaml.Node, key: yaml.Node) -> int:
    """Return the line after a value, comments and empty lines after it left out."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last: Any = node.value[-1]
        inner_key, inner = last if isinstance(node, yaml.MappingNode) else (last, last)
        return _end(inner, inner_key)
    mark = node.end_mark
    line = (
        mark.line
        if mark.column == 0 and mark.line > key.start_mark.line
        else mark.line + 1
    )
    return max(line, key.start_mark.line + 1)


def _is_map(value: object) -> bool:
    return isinstance(value, Mapping)


def _dump(value: Mapping[str, Any], column: int = 0) -> str:
    text = block_yaml(value)
    return "".join(" " * column + line for line in text.splitlines(keepends=True))
