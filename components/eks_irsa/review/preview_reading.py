"""From what Pulumi's engine printed of a preview to its resources.

Source:
    pulumi/pulumi, pkg/resource/stack/deployment.go (how values are written)
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final, cast

from eks_irsa.documents.resource_types import ATTACHMENTS, INLINE
from eks_irsa.errors import PreviewError
from eks_irsa.review.engine_output import Pairs, object_of, steps_of
from eks_irsa.review.preview import (
    SECRET,
    UNKNOWN,
    Operation,
    Preview,
    Resource,
    State,
    is_urn,
    type_of,
)

__all__ = ["read_preview"]

# What the engine writes in the place of a value that is known only later, and of one
# that is not to be shown; in events a secret is a map under this key.
_UNKNOWN: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_SECRET: Final = "[secret]"  # noqa: S105 - a mark, no secret
_SECRET_KEY: Final = "4dabf18193072939515e22adb298388d"  # noqa: S105 - likewise
# More than any resource has, and less than what Python can compare and print.
_MOST_LEVELS: Final = 200
_STACK: Final = "pulumi:pulumi:Stack"
_GONE: Final = frozenset({"delete", "discard"})
_REPLACED: Final = frozenset(
    {
        "create-replacement",
        "delete-replaced",
        "discard-replaced",
        "import-replacement",
        "read-replacement",
        "remove-pending-replace",
        "replace",
    }
)
# Type -> what tells one policy of a role from another.
_POLICIES: Final[Mapping[str, tuple[str, str]]] = {
    **{token: (names.role, names.name) for token, names in INLINE.items()},
    **{token: (names.role, names.policy) for token, names in ATTACHMENTS.items()},
}
_IN_PLACE: Final = frozenset({"refresh", "same", "update"})


def read_preview(text: str) -> Preview:
    """Read what `pulumi preview --json` printed.

    Args:
        text: The document, or events a line.

    Raises:
        PreviewError: It is neither, or has no step; the message says what to do.
    """
    steps, diagnostics = steps_of(text)
    resources: dict[str, Resource] = {}
    left_over: list[Resource] = []
    stack = project = ""
    for step in steps:
        urn = _urn(step)
        _, _, rest = urn.partition("urn:pulumi:")
        stack, project = rest.split("::")[:2]
        old = object_of(step.get("oldState", step.get("old")))
        if str(step.get("op")) in _GONE and old.get("delete") is True:
            left_over += _left_over(urn, step)
        elif type_of(urn) != _STACK:
            _add(resources, urn, step)
    for one in left_over:
        if not _is_written_again(one, resources.get(one.urn)):
            place = f"{one.urn} (left over from a replacement)"
            resources[place] = replace(one, urn=place)
    errors = tuple(
        str(one.get("message", "")).strip()
        for one in diagnostics
        if one.get("severity") == "error"
    )
    if not stack and not errors:
        msg = "the preview has no step, not even the stack; is it whole?"
        raise PreviewError(msg)
    return Preview(stack=stack, project=project, resources=resources, errors=errors)


def _urn(step: Pairs) -> str:
    urn = step.get("urn")
    if not is_urn(urn):
        msg = f"a step has no URN: {urn!r}"
        raise PreviewError(msg)
    return urn


def _add(resources: dict[str, Resource], urn: str, step: Pairs) -> None:
    """Take one step in; a resource may have several, as in a replacement."""
    operation = str(step.get("op"))
    kind = _kind(operation, urn)
    before = _state(step.get("oldState", step.get("old")))
    after = _state(step.get("newState", step.get("new")))
    if kind == "delete":
        after = None
        if operation == "discard" and before is not None:
            before = replace(before, external=True)  # nothing is deleted
    elif kind == "create":
        before = None
    elif kind == "import":
        before = after  # what is there and differs has a step of its own
    changed = [
        *_strings(step.get("diffReasons", step.get("diffs"))),
        *object_of(step.get("detailedDiff")),
    ]
    earlier = resources.get(urn)
    if earlier is not None:
        # A refresh comes first, and the state it found is the next step's old one.
        before = before or (None if kind in {"create", "import"} else earlier.before)
        after = after or (None if kind == "delete" else earlier.after)
        kind = "replace" if "replace" in (kind, earlier.operation) else kind
        changed += earlier.changed
    taken_over = operation in {"import", "import-replacement"}
    resources[urn] = Resource(
        urn=urn,
        operation=kind,
        before=before,
        after=after,
        changed=frozenset(re.split(r"[.\[]", path)[0] for path in changed),
        imported=taken_over or (earlier is not None and earlier.imported),
    )


def _kind(operation: str, urn: str) -> Operation:
    match operation:
        case "create" | "import" | "read" | "same":
            return operation
        case _ if operation in _GONE:
            return "delete"
        case _ if operation in _REPLACED:
            return "replace"
        case _ if operation in _IN_PLACE:
            return "update"
        case _:
            msg = f"the operation {operation!r} of {urn} is not known here"
            raise PreviewError(msg)


def _left_over(urn: str, step: Pairs) -> Iterator[Resource]:
    """Give the old half of a replacement before, which AWS has until now.

    What goes with it counts for policies, of which one may be a denial; everything else
    has been replaced already.
    """
    before = _state(step.get("oldState", step.get("old")))
    if before is not None and type_of(urn) in _POLICIES:
        yield Resource(urn=urn, operation="delete", before=before, after=None)


def _is_written_again(old: Resource, live: Resource | None) -> bool:
    """Tell whether the new half is the same policy of the same role."""
    keys = _POLICIES[old.type]
    return any(
        old.before is not None
        and state is not None
        and all(old.before.inputs.get(key) == state.inputs.get(key) for key in keys)
        for state in ((live.before, live.after) if live else ())
    )


def _state(value: object) -> State | None:
    if value is None:
        return None
    pairs = object_of(value)
    return State(
        inputs=object_of(_told(pairs.get("inputs"))),
        outputs=object_of(_told(pairs.get("outputs"))),
        parent=str(pairs["parent"]) if is_urn(pairs.get("parent")) else "",
        dependencies={
            key: tuple(_strings(urns))
            for key, urns in object_of(pairs.get("propertyDependencies")).items()
        },
        retained=pairs.get("retainOnDelete") is True,
        external=pairs.get("external") is True,
        provider=_provider(pairs.get("provider")),
        after=tuple(_strings(pairs.get("dependencies"))),
    )


def _provider(reference: object) -> str:
    """Return the URN in `<urn>::<id>`, as a state names its provider."""
    urn = reference.rpartition("::")[0] if isinstance(reference, str) else ""
    return urn if is_urn(urn) else ""


def _told(value: object, *, depth: int = 0) -> object:
    """Put an `Unknown` wherever the engine put a mark."""
    if depth > _MOST_LEVELS:
        msg = "nested too deeply for a preview"
        raise PreviewError(msg)
    match value:
        case str() if value == _UNKNOWN:
            return UNKNOWN
        case str() if value == _SECRET:
            return SECRET
        case Mapping():
            pairs = cast("Pairs", value)
            if _SECRET_KEY in pairs:
                return SECRET
            return {key: _told(one, depth=depth + 1) for key, one in pairs.items()}
        case list():
            return [_told(one, depth=depth + 1) for one in cast("list[object]", value)]
        case _:
            return value


def _strings(value: object) -> list[str]:
    if not isinstance(value, list):
        return []
    return [one for one in cast("list[object]", value) if isinstance(one, str)]
