"""Recordings of the real plugins: how they are kept, and compared with a run of today.

A recording is a scenario's steps in their order; a step is what the engine did, what
it recorded, what AWS was asked and what was said (`tests/recordings/README.md`). Both
sides are brought into one form first, without what differs from run to run.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Final, TypeAlias, cast

import yaml

__all__ = [
    "Deviation",
    "Step",
    "deviations",
    "differences",
    "recorded",
    "step",
    "unexpected",
]

Step: TypeAlias = Mapping[str, Any]

_FOLDER: Final = Path(__file__).parent / "recordings"
_ASKED_AT_START: Final = "sts:GetCallerIdentity 200"
# What the engine does without asking a plugin for a change.
_NO_CHANGE: Final = frozenset({"same", "refresh", "read", "discard"})
_AWS: Final = ("aws:", "pulumi:providers:aws")
_VARYING: Final = tuple(
    (re.compile(pattern), name)
    for pattern, name in (
        (r"RequestID: [0-9a-f-]{36}", "RequestID: <request>"),
        (r"urn:pulumi:\S+?::(?:\S+\$)?(aws:\S+?::)", r"urn:<stack>::\1"),
        (r"\btest-\d+(?!\d)", "<cluster>"),
        (r"(?<=/id/)[0-9A-F]{32}", "<issuer>"),
        (r"\bAROA[0-9A-Z]{17}\b", "<unique id>"),
        (r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "<time>"),
        (r"\bdefault_\d+_\d+_\d+\b", "default"),
        (r"(?<=aws@)\d+\.\d+\.\d+|(?<=\"version\": \")\d+\.\d+\.\d+", "<version>"),
        # What the engine and a role's name end in.
        (r"-[0-9a-f]{7,8}\b", "-<hash>"),
        (r"::aws:policy/", "-policy-"),
    )
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Deviation:
    """What a double does otherwise, on purpose.

    Attributes:
        scenarios: The scenarios in which that shows.
        where: Pattern of the places, `<step>: <path>`, with `*` for anything.
        reason: Why.
    """

    scenarios: list[str]
    where: str
    reason: str


def recorded(plugin: str, scenario: str) -> dict[str, Step]:
    """Read a recording: name of a step -> the step, in their order."""
    text = (_FOLDER / plugin / f"{scenario}.json").read_text(encoding="utf-8")
    return json.loads(text)


def deviations(plugin: str, scenario: str) -> tuple[Deviation, ...]:
    """Read what the double of a plugin does otherwise in a scenario."""
    text = (_FOLDER / plugin / "deviations.yaml").read_text(encoding="utf-8")
    given: list[dict[str, Any]] = yaml.safe_load(text) or []
    lines = [Deviation(**one) for one in given]
    return tuple(line for line in lines if scenario in line.scenarios)


def step(
    *,
    done: Iterable[tuple[str, str, str, list[str]]] = (),
    calls: Iterable[str] = (),
    error: str = "",
    refreshed: bool = False,
    **more: object,
) -> Step:
    """Bring one step into the form of a recording.

    Args:
        done: Operation, type, name and changed properties of what the engine did.
        calls: `<service>:<action> <status> <code>` of each call to AWS.
        error: What the engine printed when it failed; empty when it did not.
        refreshed: Whether everything was read.
        more: Other values: `state`, `inputs`, `live`.
    """
    changes = sorted(
        (operation, kind, name, sorted(changed))
        for operation, kind, name, changed in done
        if operation not in _NO_CHANGE and kind.startswith(_AWS)
    )
    listed = list(calls)
    asked = [call for call in listed if call != _ASKED_AT_START]
    # Of one resource the order of the calls is the plugin's, of several the engine's.
    touched = {name for _, kind, name, _ in changes if kind.startswith("aws:")}
    if error or refreshed or len(touched) != 1:
        asked = sorted(asked)
    # The engine may check a provider's configuration twice, or a provider it needs not.
    if asked and _ASKED_AT_START in listed:
        asked = [_ASKED_AT_START, *asked]
    found = {"done": changes, "calls": asked, "said": _said(error), **more}
    some = {key: value for key, value in found.items() if value != []}
    return json.loads(_common(json.dumps(some, sort_keys=True, ensure_ascii=False)))


def differences(expected: object, actual: object, path: str = "") -> Iterator[str]:
    """Give each difference as `<path>: <recorded> is now <actual>`."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        before, after = cast("Step", expected), cast("Step", actual)
        for key in sorted(before.keys() | after.keys()):
            inner = f"{path}/{key}" if path else key
            yield from differences(before.get(key), after.get(key), inner)
    elif expected != actual:
        yield f"{path}: {json.dumps(expected)} is now {json.dumps(actual)}"


def unexpected(
    found: Iterable[str], lines: Iterable[Deviation]
) -> tuple[list[str], list[Deviation]]:
    """Sort differences out: what no line foresees, and lines that foresee nothing."""
    listed, lines = list(found), list(lines)
    return (
        [
            one
            for one in listed
            if not any(fnmatchcase(one, f"{line.where}: *") for line in lines)
        ],
        [
            line
            for line in lines
            if not any(fnmatchcase(one, f"{line.where}: *") for one in listed)
        ],
    )


def _common(text: str) -> str:
    for pattern, name in _VARYING:
        text = pattern.sub(name, text)
    return text


def _said(error: str) -> list[str]:
    """Give what is said of AWS's resources under `Diagnostics:`."""
    _, _, text = error.partition("Diagnostics:\n")
    text = re.split(r"\n(?:Outputs|Resources):", text, maxsplit=1)[0]
    blocks = re.split(r"\n\s*\n(?=  \S)", text)
    return sorted(
        block.strip() for block in blocks if block.lstrip().startswith("aws:")
    )
