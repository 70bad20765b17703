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
    """
    return body if isinstance(body, str) else json.dumps(body, indent=2)


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
    for start, end, text in sorted(edits, reverse=True):
        template = template[:start] + text + template[end:]
    return template


def _edits(resource: yaml.MappingNode) -> Iterator[_Edit]:
    policy, metadata = _value(resource, _POLICY), _value(resource, "Metadata")
    if policy is None:
        yield _added(resource, _POLICY, '"Retain"')
    elif policy.value != "Retain":
        yield _replaced(policy, '"Retain"')
    if not isinstance(metadata, yaml.MappingNode):
        yield _added(resource, "Metadata", f'{{"{MARK}": "{_MARKED}"}}')
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
    for key, node in resources.value:
        if not isinstance(node, yaml.MappingNode):
            msg = f"the resource {key.value!r} of the template is none"
            raise ValueError(msg)  # noqa: TRY004 - as above
        yield key.value, node


def _value(node: yaml.MappingNode, name: str) -> yaml.Node | None:
    return next((value for key, value in node.value if key.value == name), None)
