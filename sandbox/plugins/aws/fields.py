"""A resource type's properties, as the bridge sees Terraform's schema of them."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final

from sandbox.plugins.aws.validators import Validator
from sandbox.plugins.values import Properties, Value

__all__ = [
    "ALL_TAGS",
    "DEFAULTS_KEY",
    "READ_ONLY",
    "SETS",
    "TAGS",
    "Field",
    "Kind",
    "defaulted",
    "inputs_of",
    "is_zero",
    "schema",
    "uncovered",
    "without_marks",
]

DEFAULTS_KEY = "__defaults"
"""Where the bridge notes which inputs it filled in itself.

Source:
    pulumi/pulumi-terraform-bridge, pkg/tfbridge/schema.go (`defaultsKey`)
"""


class Kind(Enum):
    """What a property holds; the value is the word the bridge has for it."""

    TEXT = "string"
    FLAG = "bool"
    NUMBER = "number"
    TEXT_SET = "[] of unique strings"
    TEXT_LIST = "[]"
    TEXT_MAP = "{}"
    OBJECT = "{} of the schema's own keys"
    OBJECT_SET = "[] of unique objects"


SETS: Final = frozenset({Kind.TEXT_SET, Kind.OBJECT_SET})


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One property of a resource type.

    Attributes:
        terraform_name: Its name in messages that come from Terraform. Default: the
            property's, in snake case.
        kind: What it holds.
        required: Whether a program must give it.
        computed: Whether AWS gives it where a program does not.
        read_only: Whether a program may not give it.
        replaces: Whether a change needs a new resource (Terraform's `ForceNew`).
        default: What the bridge fills in.
        longest_autoname: Greatest length of a name the bridge makes up, if it does.
        conflicts_with: Property that may not be given together with it.
        validators: What a plan checks, on each text of it.
        normalise: What its text becomes in the state (Terraform's `StateFunc`).
        same: Whether two values mean the same (Terraform's `DiffSuppressFunc`).
        covered: Whether the double takes it from a program.
    """

    terraform_name: str = ""
    kind: Kind = Kind.TEXT
    required: bool = False
    computed: bool = False
    read_only: bool = False
    replaces: bool = False
    default: Value = None
    longest_autoname: int | None = None
    conflicts_with: str | None = None
    validators: tuple[Validator, ...] = ()
    normalise: Callable[[str], str] | None = None
    same: Callable[[str, str], bool] | None = None
    covered: bool = True

    def planned(self, value: Value) -> Value:
        """Give what the state will hold when a program gives *value*."""
        if self.normalise and isinstance(value, str):
            return self.normalise(value)
        return value


READ_ONLY: Final = Field(read_only=True)
TAGS: Final = Field(kind=Kind.TEXT_MAP)
ALL_TAGS: Final = Field(kind=Kind.TEXT_MAP, computed=True)
"""A resource's own tags over the provider's; the bridge fills it in."""


def schema(**fields: Field) -> dict[str, Field]:
    """Give a type's properties, each with its name in Terraform."""
    return {
        name: replace(
            field,
            terraform_name=field.terraform_name
            or re.sub("[A-Z]", lambda one: f"_{one[0].lower()}", name),
        )
        for name, field in fields.items()
    }


def uncovered(*names: str) -> dict[str, Field]:
    """Name inputs that the real plugin takes and the double refuses."""
    return dict.fromkeys(names, Field(covered=False))


def inputs_of(fields: Mapping[str, Field]) -> dict[str, Field]:
    """Give the properties a program may give."""
    return {name: field for name, field in fields.items() if not field.read_only}


def is_zero(value: Value) -> bool:
    """Tell whether Terraform takes a value for one that is not set."""
    return value is None or value is False or value in ("", [], {})


def defaulted(inputs: Properties) -> frozenset[str]:
    """Give the names of the inputs that the bridge filled in itself."""
    noted = inputs.get(DEFAULTS_KEY)
    if not isinstance(noted, list):
        return frozenset()
    return frozenset(name for name in noted if isinstance(name, str))


def without_marks(value: Value) -> Value:
    """Take out what the bridge noted of its defaults, at any depth."""
    match value:
        case dict():
            return {
                key: without_marks(item)
                for key, item in value.items()
                if key != DEFAULTS_KEY
            }
        case list():
            return [without_marks(item) for item in value]
        case _:
            return value
