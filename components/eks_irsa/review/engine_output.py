"""From the text of a preview to the engine's steps and diagnostics.

Takes both forms of `pulumi preview --json`: the one document, and the events a line
that PULUMI_ENABLE_STREAMING_JSON_PREVIEW makes of it.

Source:
    pulumi/pulumi, pkg/display/json.go (`PreviewDigest`),
    sdk/go/common/apitype/events.go (`EngineEvent`)
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import cast

from eks_irsa.errors import PreviewError

__all__ = ["Pairs", "object_of", "steps_of"]

Pairs = Mapping[str, object]


def steps_of(text: str) -> tuple[list[Pairs], list[Pairs]]:
    """Return steps and diagnostics of either form.

    Args:
        text: The document, or events a line. Events that do not end as those of a whole
            preview have a diagnostic more, an error.

    Raises:
        PreviewError: It is neither; the message says what to do.
    """
    try:
        document = cast("object", json.loads(text))
    except RecursionError as error:
        msg = "nested too deeply for a preview"
        raise PreviewError(msg) from error
    except ValueError as error:
        events = _events(text, error)
    else:
        pairs = object_of(document)
        if "steps" in pairs or ("diagnostics" in pairs and "deployment" not in pairs):
            return _objects(pairs.get("steps")), _objects(pairs.get("diagnostics"))
        events = [pairs] if "sequence" in pairs else []
    steps = [
        object_of(one.get("metadata")) for one in _parts(events, "resourcePreEvent")
    ]
    diagnostics = [*_parts(events, "diagnosticEvent")]
    stopped = any(one.get("severity") == "error" for one in diagnostics)
    if not (steps or stopped):
        msg = (
            "not a preview; expected what 'pulumi preview --json --show-sames' prints, "
            "an object with 'steps'"
        )
        raise PreviewError(msg)
    return steps, diagnostics if stopped else [*diagnostics, *_cut_short(events)]


def object_of(value: object) -> Pairs:
    """Return an object of JSON; empty for anything else."""
    return cast("Pairs", value) if isinstance(value, Mapping) else {}


def _objects(value: object) -> list[Pairs]:
    if not isinstance(value, list):
        return []
    return [object_of(one) for one in cast("list[object]", value)]


def _parts(events: Iterable[Pairs], key: str) -> Iterator[Pairs]:
    return (object_of(event[key]) for event in events if key in event)


def _cut_short(events: Iterable[Pairs]) -> Iterator[Pairs]:
    """Say what is wrong with events that do not end as those of a whole preview do.

    The engine ends every preview with a summary, which says whether it came to its end;
    one whose process was killed ends anywhere.

    Source:
        pulumi/pulumi, pkg/engine/deployment.go (`deployment.run`)
    """
    ends = [*_parts(events, "summaryEvent")]
    message = ""
    if not ends:
        message = "the events end without a summary: the preview was cut short"
    elif ends[-1].get("result", "succeeded") != "succeeded":
        message = "the engine says that the preview failed, and not why"
    if message:
        yield {"severity": "error", "message": message}


def _events(text: str, error: ValueError) -> list[Pairs]:
    # Other ends of lines may stand within an event.
    lines = [line for line in text.split("\n") if line.strip()]
    events: list[Pairs] = []
    for line in lines:
        try:
            events.append(object_of(json.loads(line)))
        except (ValueError, RecursionError):
            # One that was killed may have left a part of its last event.
            if not events or line is not lines[-1]:
                msg = f"not JSON: {error}"
                raise PreviewError(msg) from error
    return events
