"""Check a resource's inputs and fill in defaults, as the Terraform bridge does.

Source:
    pulumi/pulumi-terraform-bridge, pkg/tfbridge/provider.go (`Check`),
    pkg/tfbridge/schema.go (`applyDefaults`), pkg/tfbridge/check_failures.go;
    hashicorp/terraform-plugin-sdk, helper/schema/schema.go (`Validate`)
"""

import hashlib
import re
import secrets
from collections.abc import Iterator, Mapping
from typing import Final

from sandbox.plugins.aws.fields import (
    DEFAULTS_KEY,
    Field,
    Kind,
    defaulted,
    inputs_of,
    is_zero,
    without_marks,
)
from sandbox.plugins.plugin import Autonaming, Checked, Failure, Naming, Subject
from sandbox.plugins.refusal import NotCovered, Refusal
from sandbox.plugins.values import UNKNOWN, Properties, Value, without_secrets

__all__ = ["check_inputs"]

_RANDOM_CHARACTERS: Final = 7
"""Source: pulumi/pulumi-terraform-bridge, pkg/tfbridge/info/autonaming.go"""


def check_inputs(
    subject: Subject,
    *,
    fields: Mapping[str, Field],
    olds: Properties,
    news: Properties,
    autonaming: Autonaming,
) -> Checked:
    """Fill in defaults, then say everything that is wrong.

    Args:
        subject: The resource, for its name and its type.
        fields: The type's properties.
        olds: Inputs as checked last time; empty for a new resource.
        news: Inputs as the program gives them.
        autonaming: How to make up a name.

    Raises:
        NotCovered: An input that the real plugin takes and the double does not.
        Refusal: A name that cannot be made up.
    """
    name, accepted = subject.name, inputs_of(fields)
    given: Properties = {
        key: without_marks(without_secrets(value))
        for key, value in news.items()
        if not key.startswith("__")
    }
    for key in given:
        # An import gives back what it has just read.
        if key in accepted and not accepted[key].covered and news[key] != olds.get(key):
            what = f"{subject.type_token}'s property {key}"
            raise NotCovered(plugin="aws", what=what)
    inputs, filled = _with_defaults(name, accepted, olds, given, autonaming)
    failures = [
        *_unknown_keys(name, accepted, inputs),
        *_missing_keys(accepted, inputs),
        *_conflicts(name, accepted, inputs),
    ]
    for key, field in accepted.items():
        if key in inputs:
            inputs[key] = _coerced(field, inputs[key])
            failures += [
                _located(reason, name, path)
                for path, reason in _problems(key, field, inputs[key])
            ]
    inputs[DEFAULTS_KEY] = [*sorted(filled)]
    return Checked(inputs=inputs, failures=tuple(failures))


def _with_defaults(
    name: str,
    accepted: Mapping[str, Field],
    olds: Properties,
    given: Properties,
    autonaming: Autonaming,
) -> tuple[Properties, set[str]]:
    inputs, filled = dict(given), set[str]()
    kept = defaulted(olds)
    for key, field in accepted.items():
        if key in given or (field.conflicts_with and field.conflicts_with in given):
            continue
        if key in kept and key in olds:
            value = olds[key]
        elif field.longest_autoname is not None:
            value = _made_up_name(name, field.longest_autoname, autonaming)
        else:
            value = field.default
        if value is not None:
            inputs[key] = value
            filled.add(key)
    return inputs, filled


def _made_up_name(name: str, longest: int, autonaming: Autonaming) -> str | None:
    """Make up a name: `<logical name>-<7 hex digits>`, characters as they come.

    Source:
        pulumi/pulumi-terraform-bridge, pkg/tfbridge/info/autonaming.go
        (`ComputeAutoNameDefault`); pulumi/pulumi,
        sdk/go/common/resource/resource_id.go (`NewUniqueName`)
    """
    match autonaming.naming:
        case Naming.DISABLE:
            return None
        case Naming.ENFORCE | Naming.PROPOSE:
            return autonaming.proposed
        case None:
            pass
    prefix = f"{name}-"
    if len(prefix.encode()) + _RANDOM_CHARACTERS > longest:
        message = (
            f"name '{prefix}' plus {_RANDOM_CHARACTERS} random chars is longer than "
            f"maximum length {longest}"
        )
        raise Refusal(message)
    if autonaming.seed:
        return prefix + hashlib.sha256(autonaming.seed).hexdigest()[:_RANDOM_CHARACTERS]
    return prefix + secrets.token_hex(_RANDOM_CHARACTERS)[:_RANDOM_CHARACTERS]


def _unknown_keys(
    name: str, accepted: Mapping[str, Field], inputs: Properties
) -> Iterator[Failure]:
    for key in sorted(inputs.keys() - accepted.keys()):
        yield _located("Invalid or unknown key", name, key)


def _missing_keys(
    accepted: Mapping[str, Field], inputs: Properties
) -> Iterator[Failure]:
    for key, field in accepted.items():
        if field.required and key not in inputs:
            yield Failure(reason=f"Missing required property '{key}'")


def _conflicts(
    name: str, accepted: Mapping[str, Field], inputs: Properties
) -> Iterator[Failure]:
    for key, field in accepted.items():
        rival = field.conflicts_with
        if rival and not is_zero(inputs.get(key)) and not is_zero(inputs.get(rival)):
            reason = (
                f'Conflicting configuration arguments. "{field.terraform_name}": '
                f"conflicts with {accepted[rival].terraform_name}"
            )
            yield _located(reason, name, key)


def _located(reason: str, name: str, path: str) -> Failure:
    return Failure(reason=f"{reason}. Examine values at '{name}.{path}'.")


def _coerced(field: Field, value: Value) -> Value:
    """Read numbers and flags out of texts, and the other way round."""
    match field.kind, value:
        case Kind.NUMBER, str() if value.lstrip("-").isdigit():
            return int(value)
        case Kind.FLAG, "true" | "false":
            return value == "true"
        case Kind.TEXT, bool():
            return str(value).lower()
        case Kind.TEXT, int() | float():
            return str(value)
        case _:
            return value


def _problems(key: str, field: Field, value: Value) -> Iterator[tuple[str, str]]:
    if value is UNKNOWN:
        return
    match field.kind, value:
        case ((Kind.TEXT_SET | Kind.TEXT_LIST), list()):
            for index, item in enumerate(value):
                yield from _text_problems(f"{key}[{index}]", field, item)
        case Kind.TEXT_MAP, dict():
            for inner, item in value.items():
                yield from _text_problems(f"{key}.{inner}", field, item)
        case Kind.FLAG, bool():
            pass
        case Kind.NUMBER, int() if not isinstance(value, bool):
            yield from _said(key, field, str(value))
        case Kind.TEXT, str():
            yield from _said(key, field, value)
        case (Kind.OBJECT, dict()) | (Kind.OBJECT_SET, list()):
            pass
        case _:
            yield key, f"expected {field.kind.value} type, got {value!r}"


def _text_problems(path: str, field: Field, item: Value) -> Iterator[tuple[str, str]]:
    if isinstance(item, str):
        yield from _said(path, field, item)
    elif item is not UNKNOWN:
        yield path, f"expected string type, got {item!r}"


def _said(path: str, field: Field, text: str) -> Iterator[tuple[str, str]]:
    inside = re.search(r"[.\[].*", path)
    name = field.terraform_name + (inside[0] if inside else "")
    for validator in field.validators:
        for reason in validator(name, text):
            yield path, reason
