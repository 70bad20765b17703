"""A template of CloudFormation whose resources outlive their stack.

CloudFormation takes a new DeletionPolicy over with another change of the same resource
alone, so each resource gets an entry in its Metadata too, which changes nothing of it;
and only where both are there it is sure to be kept.

Source:
    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html
    and aws-cloudformation/cloudformation-coverage-roadmap#1543
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

import yaml

__all__ = ["MARK", "retaining", "template_text", "unretained"]

MARK: Final = "eks-irsa"
"""Key in the Metadata of a resource that is kept."""

_MARKED: Final = "retained"
_NULL: Final = "tag:yaml.org,2002:null"
_POLICY: Final = "DeletionPolicy"


class _Edit(NamedTuple):
    """A text to put in place of what is from *start* to *end*."""

    start: int
    end: int
    text: str


def template_text(body: str | Mapping[str, Any]) -> str:
    """Write a template as a text.

    Args:
        body: As botocore gives it: the values of one in JSON, the text of one in YAML.
            JSON as a text is indented anew, for YAML takes no tabs.

    Raises:
        ValueError: JSON has a key twice.
    """
    if isinstance(body, str):
        try:
            body = json.loads(body, object_pairs_hook=_once)
        except json.JSONDecodeError:
            return str(body)
    return json.dumps(body, indent=2)


def unretained(template: str) -> tuple[str, ...]:
    """Name the resources that would be deleted with their stack, or might be.

    Args:
        template: JSON or YAML.

    Returns:
        Logical ids in the order of the template.

    Raises:
        ValueError: It is no template.
    """
    return tuple(key for key, node in _resources(template) if list(_edits(node)))


def retaining(template: str) -> str:
    """Have every resource of a template kept when its stack is deleted.

    Args:
        template: JSON or YAML.

    Returns:
        The same text, with nothing but a `DeletionPolicy` and a key in the `Metadata`
        put into each resource that needs it.

    Raises:
        ValueError: It is no template.
    """
    edits = [edit for _, node in _resources(template) for edit in _edits(node)]
    for start, end, text in sorted({*edits}, reverse=True):
        template = template[:start] + text + template[end:]
    return template


def _edits(resource: yaml.MappingNode) -> Iterator[_Edit]:
    policy, metadata = _value(resource, _POLICY), _value(resource, "Metadata")
    if policy is None:
        yield _added(resource, _POLICY, '"Retain"')
    elif policy.value != "Retain":
        yield _replaced(policy, '"Retain"')
    marked = f'{{"{MARK}": "{_MARKED}"}}'
    if metadata is None:
        yield _added(resource, "Metadata", marked)
    elif not isinstance(metadata, yaml.MappingNode):
        if metadata.tag != _NULL:
            msg = "the Metadata of a resource of the template is no map"
            raise ValueError(msg)
        # YAML takes nothing for null.
        yield _replaced(metadata, marked if metadata.value else f" {marked}")
    elif _value(metadata, MARK) is None:
        yield _added(metadata, MARK, f'"{_MARKED}"')


def _replaced(node: yaml.Node, text: str) -> _Edit:
    return _Edit(node.start_mark.index, node.end_mark.index, text)


def _added(node: yaml.MappingNode, key: str, text: str) -> _Edit:
    """Put a key before the first one, quoted so that it is right in JSON too."""
    first = node.value[0][0].start_mark if node.value else None
    if node.flow_style:
        comma = ", " if first else ""
        place = node.start_mark.index + 1
        return _Edit(place, place, f'"{key}": {text}{comma}')
    assert first is not None  # noqa: S101 - a block has a key
    return _Edit(first.index, first.index, f'"{key}": {text}\n{" " * first.column}')


def _resources(template: str) -> Iterator[tuple[str, yaml.MappingNode]]:
    try:
        root = yaml.compose(template, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        msg = f"the template cannot be read: {' '.join(str(error).split())}"
        raise ValueError(msg) from error
    resources = (
        _value(root, "Resources") if isinstance(root, yaml.MappingNode) else None
    )
    if not isinstance(resources, yaml.MappingNode):
        msg = "the template has no Resources"
        raise ValueError(msg)  # noqa: TRY004 - what the docstrings say
    _require_once(root, "the top")
    _require_once(resources, "Resources")
    for key, node in resources.value:
        if not isinstance(node, yaml.MappingNode):
            msg = f"the resource {key.value!r} of the template is none"
            raise ValueError(msg)  # noqa: TRY004 - as above
        for part in (node, _value(node, "Metadata")):
            _require_once(part, f"the resource {key.value!r}")
        yield key.value, node


def _require_once(node: yaml.Node | None, what: str) -> None:
    """Refuse a map that has a key twice, of which nobody knows which one counts."""
    if isinstance(node, yaml.MappingNode):
        _once([(str(key.value), None) for key, _ in node.value], what)


def _once(pairs: list[tuple[str, Any]], what: str = "a map") -> dict[str, Any]:
    keys = [key for key, _ in pairs]
    for key in keys:
        if keys.count(key) > 1:
            msg = f"{what} of the template has the key {key!r} twice"
            raise ValueError(msg)
    return dict(pairs)


def _value(node: yaml.MappingNode, name: str) -> yaml.Node | None:
    return next((value for key, value in node.value if key.value == name), None)
