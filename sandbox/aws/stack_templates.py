"""Templates of CloudFormation: read, their functions resolved, what they need allowed.

Source:
    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html
    and .../intrinsic-function-reference.html
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final, cast

import yaml

from sandbox.aws.refusal import Refusal, not_covered

__all__ = [
    "Template",
    "check_capabilities",
    "parse_template",
    "resolved",
    "validation_error",
]

Template = Mapping[str, Any]

# Properties that name a resource, which an acknowledgement of names is needed for.
# Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html
_NAMES: Final = {"AWS::IAM::Role": "RoleName"}
_VARIABLE: Final = re.compile(r"\$\{([^!}][^}]*)\}")


def validation_error(*, text: str) -> Refusal:
    """Refuse as CloudFormation words most of its refusals."""
    return Refusal(code="ValidationError", message=text)


def parse_template(text: str) -> Template:
    """Read a template, JSON or YAML with its short forms.

    Raises:
        Refusal: `ValidationError`.
    """
    try:
        parsed: object = yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader
    except yaml.YAMLError:
        parsed = None
    if not isinstance(parsed, dict):
        raise validation_error(text="Template format error: unsupported structure.")
    template = cast("dict[str, Any]", parsed)
    if not template.get("Resources"):
        raise validation_error(
            text="Template format error: At least one Resources member must be defined."
        )
    return template


def check_capabilities(template: Template, given: tuple[str, ...]) -> None:
    """Refuse a template whose roles are not acknowledged.

    Source:
        https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html,
        parameter Capabilities; the text is reported in many places
    """
    resources: list[dict[str, Any]] = list(template["Resources"].values())
    named = any(
        _NAMES.get(one["Type"]) in one.get("Properties", {}) for one in resources
    )
    wanted = "CAPABILITY_NAMED_IAM" if named else "CAPABILITY_IAM"
    if wanted not in given and "CAPABILITY_NAMED_IAM" not in given:
        raise Refusal(
            code="InsufficientCapabilitiesException",
            message=f"Requires capabilities : [{wanted}]",
        )


def resolved(value: Any, look_up: Callable[[str, str], str]) -> Any:  # noqa: ANN401 - as JSON is
    """Resolve the functions in a part of a template.

    Args:
        value: The part.
        look_up: Gives an attribute of what has a logical name, by both; the attribute
            of a reference is the empty string.

    Raises:
        Refusal: A function that the sandbox does not cover.
    """
    if isinstance(value, list):
        return [resolved(one, look_up) for one in cast("list[Any]", value)]
    if not isinstance(value, dict):
        return value
    given = cast("dict[str, Any]", value)
    function = next(iter(given), "") if len(given) == 1 else ""
    if function == "Ref":
        return look_up(given["Ref"], "")
    if not function.startswith("Fn::"):
        return {key: resolved(one, look_up) for key, one in given.items()}
    return _called(function, given[function], look_up)


def _called(function: str, argument: Any, look_up: Callable[[str, str], str]) -> str:  # noqa: ANN401 - as JSON is
    if function == "Fn::GetAtt":
        name = argument if isinstance(argument, str) else ".".join(argument)
        return look_up(*_attribute(name))
    if function == "Fn::Sub" and isinstance(argument, str):
        return _VARIABLE.sub(lambda found: look_up(*_attribute(found[1])), argument)
    if function == "Fn::Join":
        separator, parts = argument
        return str(separator).join(resolved(parts, look_up))
    raise not_covered(what=f"{function} in a template")


def _attribute(name: str) -> tuple[str, str]:
    logical, _, attribute = name.partition(".")
    return logical, attribute


class _Loader(yaml.SafeLoader):
    """Reads the short forms, and dates as the texts they are in policies."""


def _short_form(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> object:
    if isinstance(node, yaml.ScalarNode):
        value: object = loader.construct_scalar(node)
    else:
        assert isinstance(node, yaml.SequenceNode)  # noqa: S101 - no form has a mapping
        value = loader.construct_sequence(node, deep=True)
    return {suffix if suffix == "Ref" else f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _short_form)  # type: ignore[no-untyped-call]  # PyYAML's stub
_Loader.add_constructor("tag:yaml.org,2002:timestamp", yaml.SafeLoader.construct_scalar)
