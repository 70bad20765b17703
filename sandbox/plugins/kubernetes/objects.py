"""Kubernetes objects as the provider keeps them: inputs, live object and checkpoint.

Source:
    pulumi/pulumi-kubernetes, provider/pkg/provider/provider.go (`normalizeInputs`,
    `pruneLiveState`, `checkpointObject`, `parseCheckpointObject`, `annotateSecrets`)
    and provider/pkg/metadata
"""

import hashlib
import secrets
from collections.abc import Mapping
from typing import Final

from sandbox.plugins.kubernetes.kinds import METADATA, Kind
from sandbox.plugins.plugin import Autonaming, Naming
from sandbox.plugins.refusal import NotCovered, Refusal
from sandbox.plugins.values import (
    UNKNOWN,
    Properties,
    Secret,
    Value,
    has_secret,
    has_unknown,
    text_or,
    without_secrets,
)

__all__ = [
    "annotation",
    "autonamed",
    "checkpoint",
    "field_manager",
    "full_name",
    "mark_secrets",
    "metadata",
    "name_of",
    "namespace_of",
    "normalised",
    "parse_checkpoint",
    "plain",
    "prune",
    "with_metadata",
]

INPUTS_KEY: Final = "__inputs"
API_VERSION_KEY: Final = "__initialApiVersion"
MANAGER_KEY: Final = "__fieldManager"

_AUTONAMED: Final = "pulumi.com/autonamed"
_MANAGER_ANNOTATION: Final = "pulumi.com/patchFieldManager"
_RANDOM_CHARACTERS: Final = 8
_READ_ONLY: Final = frozenset(
    {
        "creationTimestamp",
        "deletionGracePeriodSeconds",
        "deletionTimestamp",
        "generation",
        "managedFields",
        "resourceVersion",
        "uid",
    }
)


def plain(properties: Mapping[str, Value]) -> Properties:
    """Give properties without the marks of secrets."""
    return {key: without_secrets(value) for key, value in properties.items()}


def metadata(thing: Mapping[str, Value]) -> Properties:
    """Give an object's metadata; empty where there is none, or none known."""
    found = thing.get("metadata")
    return found if isinstance(found, dict) else {}


def name_of(thing: Mapping[str, Value]) -> str:
    """Give an object's name; empty where there is none, or none known."""
    return text_or(metadata(thing).get("name"), "")


def namespace_of(thing: Mapping[str, Value]) -> str:
    """Give an object's namespace; empty where there is none, or none known."""
    return text_or(metadata(thing).get("namespace"), "")


def full_name(thing: Mapping[str, Value]) -> str:
    """Give the id of an object: `namespace/name`, or the name alone."""
    namespace, name = namespace_of(thing), name_of(thing)
    return f"{namespace}/{name}" if namespace else name


def annotation(thing: Mapping[str, Value], key: str) -> str:
    """Give an annotation; empty where there is none, or none known."""
    found = metadata(thing).get("annotations")
    return text_or(found.get(key), "") if isinstance(found, dict) else ""


def with_metadata(thing: Mapping[str, Value], **changes: str) -> Properties:
    """Give a copy of an object with other metadata; an empty text removes."""
    changed: Properties = {**metadata(thing), **changes}
    kept: Properties = {key: value for key, value in changed.items() if value != ""}
    return {**thing, "metadata": kept}


def normalised(kind: Kind, inputs: Mapping[str, Value]) -> Properties:
    """Give inputs as Kubernetes' own types write them, without what is read-only.

    Raises:
        NotCovered: A property the kind has not, which the real plugin drops silently;
            or a kind it waits for, which the double does not.
        Refusal: A label or annotation that is no text.
    """
    if kind.awaited and annotation(inputs, "pulumi.com/skipAwait") != "true":
        what = f"waiting for a {kind.name}, which pulumi.com/skipAwait leaves out,"
        raise NotCovered(plugin="kubernetes", what=what)
    for key in sorted(inputs.keys() - (kind.inputs or inputs.keys())):
        raise NotCovered(plugin="kubernetes", what=f"{kind.token}'s property {key}")
    given = metadata(inputs)
    for key in sorted(given.keys() - METADATA):
        what = f"{kind.token}'s property metadata.{key}"
        raise NotCovered(plugin="kubernetes", what=what)
    for field in ("annotations", "labels"):
        _check_texts(field, given.get(field))
    kept: Properties = dict(inputs)
    if "metadata" in inputs and isinstance(inputs["metadata"], dict):
        kept["metadata"] = {
            key: value for key, value in given.items() if key not in _READ_ONLY
        }
    if has_unknown(kept):
        return kept
    return {key: _without_empty(value) for key, value in kept.items()}


def prune(live: Mapping[str, Value], shape: Mapping[str, Value]) -> Properties:
    """Cut a live object down to what the inputs have.

    Source:
        pulumi/pulumi-kubernetes, provider/pkg/provider/util.go (`pruneMap`)
    """
    kept: Properties = {}
    for key, value in live.items():
        if key not in shape:
            continue
        match value, shape[key]:
            case dict(), dict() as inner:
                if pruned := prune(value, inner):
                    kept[key] = pruned
            case list(), list() as items:
                if pruned_list := _prune_list(value, items):
                    kept[key] = pruned_list
            case _:
                kept[key] = value
    return kept


def field_manager(inputs: Mapping[str, Value], state: Mapping[str, Value]) -> str:
    """Give the manager's name: annotated, else remembered, else made up.

    Source:
        pulumi/pulumi-kubernetes, provider/pkg/provider/provider.go
        (`fieldManagerName`)
    """
    return (
        annotation(inputs, _MANAGER_ANNOTATION)
        or text_or(state.get(MANAGER_KEY), "")
        or f"pulumi-kubernetes-{secrets.token_hex(_RANDOM_CHARACTERS // 2)}"
    )


def autonamed(
    inputs: Properties, olds: Properties, name: str, autonaming: Autonaming
) -> Properties:
    """Name what the program did not name, and mark it so.

    Source:
        pulumi/pulumi-kubernetes, provider/pkg/metadata/naming.go
        (`AssignNameIfAutonamable`, `AdoptOldAutonameIfUnnamed`)

    Raises:
        Refusal: Autonaming is switched off.
    """
    given = inputs.get("metadata")
    if given is UNKNOWN or metadata(inputs).get("name") is not None:
        return inputs
    if annotation(olds, _AUTONAMED) == "true":
        chosen = name_of(olds)
    elif autonaming.naming is Naming.DISABLE:
        message = "autonaming is disabled, resource requires the .metadata.name field"
        raise Refusal(message)
    elif autonaming.naming is not None:
        chosen = autonaming.proposed
    else:
        seed = autonaming.seed or secrets.token_bytes()
        digits = hashlib.sha256(seed).hexdigest()[:_RANDOM_CHARACTERS]
        chosen = f"{name}-{digits}"
    annotations = metadata(inputs).get("annotations")
    marked: Properties = dict(annotations) if isinstance(annotations, dict) else {}
    named = with_metadata(inputs, name=chosen)
    metadata(named)["annotations"] = {**marked, _AUTONAMED: "true"}
    return named


def is_autonamed(thing: Mapping[str, Value]) -> bool:
    """Tell whether the provider made up the object's name."""
    return annotation(thing, _AUTONAMED) == "true"


def checkpoint(
    inputs: Mapping[str, Value],
    live: Mapping[str, Value],
    *,
    marked: Mapping[str, Value],
    api_version: str,
    manager: str,
) -> Properties:
    """Make the state the engine records: the live object and what it came from.

    Args:
        inputs: The inputs.
        live: The live object.
        marked: Properties that say what is secret.
        api_version: The version the object was made with.
        manager: The field manager.
    """
    state = mark_secrets(live, marked)
    state[INPUTS_KEY] = mark_secrets(inputs, marked)
    state[API_VERSION_KEY] = api_version
    state[MANAGER_KEY] = manager
    return state


def parse_checkpoint(state: Mapping[str, Value]) -> tuple[Properties, Properties]:
    """Take a recorded state apart into inputs and live object, without secrets."""
    found = plain(state)
    inputs = found.pop(INPUTS_KEY, None)
    return (inputs if isinstance(inputs, dict) else {}), found


def mark_secrets(outs: Mapping[str, Value], ins: Mapping[str, Value]) -> Properties:
    """Mark as secret what is secret in *ins*; objects are gone into, lists are not."""
    marked: Properties = dict(outs)
    for key, given in ins.items():
        if key not in marked:
            continue
        value = marked[key]
        if isinstance(value, dict) and isinstance(given, dict):
            marked[key] = mark_secrets(value, given)
        elif has_secret(given) and not isinstance(value, Secret):
            marked[key] = Secret(value)
    return marked


def _check_texts(field: str, values: Value) -> None:
    if not isinstance(values, dict):
        return
    for value in values.values():
        if value is not UNKNOWN and not isinstance(value, str):
            message = (
                f"json: cannot unmarshal {_go_type(value)} into Go struct field "
                f"ObjectMeta.metadata.{field} of type string"
            )
            raise Refusal(message)


def _go_type(value: Value) -> str:
    match value:
        case bool():
            return "bool"
        case int() | float():
            return "number"
        case list():
            return "array"
        case _:
            return "object"


def _without_empty(value: Value) -> Value:
    match value:
        case dict():
            found = {key: _without_empty(item) for key, item in value.items()}
            return {key: item for key, item in found.items() if item not in ({}, [])}
        case list():
            return [_without_empty(item) for item in value]
        case _:
            return value


def _prune_list(live: list[Value], shape: list[Value]) -> list[Value]:
    return [
        prune(value, inner)
        if isinstance(value, dict) and isinstance(inner, dict)
        else value
        for value, inner in zip(live, shape, strict=False)
    ]
