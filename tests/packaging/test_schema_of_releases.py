"""A program that was written for a released schema is one for this schema too."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from eks_irsa.component_host import ComponentHost

ROOT: Final = Path(__file__).parents[2]
KEPT: Final = sorted((ROOT / "tests/golden/states").glob("*/schema.json"))
SCHEMA: Final[dict[str, Any]] = ComponentHost().package_schema


def promises(schema: dict[str, Any]) -> Iterator[str]:
    """Name what a program may rely on; a later schema may promise more.

    Args:
        schema: Of a package.
    """
    for token, resource in schema["resources"].items():
        yield from promises_of_component(token, resource)
    for token, named in schema["types"].items():
        for value in named.get("enum", ()):
            yield f"{token}: {value['value']} is one"
        for name, one in named.get("properties", {}).items():
            yield f"{token}: field {name} is {wire(one)}"
            if name not in named.get("required", ()):
                yield f"{token}: field {name} may be left out"


def promises_of_component(token: str, resource: dict[str, Any]) -> Iterator[str]:
    """Name what a program may rely on of a component."""
    for name, one in resource["inputProperties"].items():
        yield f"{token}: input {name} is {wire(one)}"
        if not one.get("plain"):
            yield f"{token}: input {name} takes an Output"
        if name not in resource["requiredInputs"]:
            yield f"{token}: input {name} may be left out"
    for name, one in resource["properties"].items():
        yield f"{token}: output {name} is {wire(one)}"
    for name in resource["required"]:
        yield f"{token}: output {name} is there"


def wire(one: dict[str, Any]) -> str:
    """Give what is sent, and not how it is described."""
    kind = one.get("$ref") or one["type"]
    inner: dict[str, Any] | None = one.get("items") or one.get("additionalProperties")
    return f"{kind} of {wire(inner)}" if inner else kind


@pytest.mark.parametrize("file", KEPT, ids=lambda file: file.parent.name)
def test_program_for_a_released_schema_is_one_for_this(file: Path) -> None:
    """Nothing is gone, narrower or newly required."""
    released = json.loads(file.read_text(encoding="utf-8"))

    assert sorted({*promises(released)} - {*promises(SCHEMA)}) == []


RESOURCE: Final = "eks-irsa:index:IrsaServiceAccount"
MODE: Final = "eks-irsa:index:ServiceAccountMode"
OPTIONS: Final = "eks-irsa:index:ProviderCredentialOpts"
ROLE: Final = "roleName"


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        (
            ["resources", RESOURCE, "inputProperties", "tags"],
            {"type": "string"},
            [f"{RESOURCE}: input tags is object of string"],
        ),
        (
            ["resources", RESOURCE, "inputProperties", "namespace", "plain"],
            True,
            [f"{RESOURCE}: input namespace takes an Output"],
        ),
        (
            ["resources", RESOURCE, "requiredInputs"],
            ["serviceAccountName", "namespace"],
            [f"{RESOURCE}: input namespace may be left out"],
        ),
        (
            ["resources", RESOURCE, "properties", "roleArn", "type"],
            "boolean",
            [f"{RESOURCE}: output roleArn is string"],
        ),
        (
            ["resources", RESOURCE, "required"],
            [
                name
                for name in SCHEMA["resources"][RESOURCE]["required"]
                if name != ROLE
            ],
            [f"{RESOURCE}: output {ROLE} is there"],
        ),
        (
            ["types", MODE, "enum"],
            SCHEMA["types"][MODE]["enum"][1:],
            [f"{MODE}: created is one"],
        ),
        (
            ["types", OPTIONS, "properties", "roleArn"],
            {"type": "boolean"},
            [f"{OPTIONS}: field roleArn is string"],
        ),
    ],
    ids=["type", "Output", "required", "output", "missing", "value", "field"],
)
def test_what_breaks_a_program_is_named(
    path: list[str], value: object, expected: list[str]
) -> None:
    """Each kind of promise, when it alone is not kept."""
    broken = json.loads(json.dumps(SCHEMA))
    *above, last = path
    place = broken
    for key in above:
        place = place[key]
    place[last] = value

    assert sorted({*promises(SCHEMA)} - {*promises(broken)}) == expected
