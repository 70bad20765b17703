"""Wording and placing: from what a check found to problems people can act on."""

import difflib
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final, NamedTuple, cast

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from eks_irsa.errors import Problem, Severity
from eks_irsa.source.yaml_text import Document, Items, KeyOrIndex, Pairs, Place

__all__ = [
    "Finding",
    "Path",
    "dotted",
    "faults_as_problems",
    "in_file_order",
    "non_text_key_findings",
    "problems",
    "structure_findings",
    "without",
]

Path = tuple[KeyOrIndex, ...]

_CLOSE_ENOUGH: Final = 0.75


class Finding(NamedTuple):
    """Something a check found at a path, not placed in a file yet."""

    path: Path
    code: str
    message: str
    severity: Severity = "error"
    at_key: bool = False


def dotted(path: Path) -> str:
    """Write a path as people do, `iam.serviceAccounts[1].metadata.name`."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif not step or any(mark in step for mark in ".[] "):
            text += f'["{step}"]'
        else:
            text += f".{step}"
    return text.removeprefix(".")


def structure_findings(
    error: ValidationError,
    *,
    data: object,
    models: Mapping[Path, type[BaseModel]],
    hints: Mapping[tuple[str, str], str],
    document: Document,
) -> list[Finding]:
    """Word what pydantic found: unknown keys and values of a wrong type.

    Args:
        error: What pydantic raised for *data*.
        data: The values that were validated.
        models: Model of each place that has a closed list of keys, indexes as -1.
        hints: (place as `dotted`, indexes left out; key) -> remedy for slips that a
            likeness of names cannot find.
        document: Where the values stand, for how a scalar was written.
    """
    findings: list[Finding] = []
    for details in error.errors(include_url=False, include_context=False):
        path = _path_in(data, details["loc"])
        if details["type"] == "extra_forbidden":
            findings.append(_unknown_key(path, models, hints))
        else:
            written = document.place_of(path).written
            findings.append(Finding(path, "E-TYPE", _wrong_type(details, written)))
    return list(dict.fromkeys(findings))


def _unknown_key(
    path: Path,
    models: Mapping[Path, type[BaseModel]],
    hints: Mapping[tuple[str, str], str],
) -> Finding:
    *parent, last = path
    key = str(last)
    place = tuple(-1 if isinstance(step, int) else step for step in parent)
    where = dotted(tuple(step for step in parent if isinstance(step, str)))
    known = _keys(models[place])
    hint = hints.get((where, key))
    if hint:
        remedy = hint
    elif match := _nearest(key, known):
        remedy = f"did you mean {match!r}?"
    elif homes := [
        dotted(tuple(step for step in home if isinstance(step, str))) or "the top"
        for home, model in models.items()
        if key in _keys(model)
    ]:
        remedy = f"it belongs under {homes[0]}"
    else:
        remedy = f"expected one of {', '.join(sorted(known))}"
    return Finding(path, "E-KEY-UNKNOWN", f"unknown key; {remedy}", at_key=True)


def _nearest(key: str, known: Iterable[str]) -> str | None:
    by_folded = {name.casefold().replace("_", ""): name for name in known}
    folded = key.casefold().replace("_", "").replace("-", "")
    close = difflib.get_close_matches(folded, by_folded, n=1, cutoff=_CLOSE_ENOUGH)
    return by_folded[close[0]] if close else None


def _keys(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]


_EXPECTED: Final = {
    "bool_type": "true or false",
    "dict_type": "a map",
    "float_type": "a number",
    "int_type": "an integer",
    "list_type": "a list",
    "model_type": "a map",
    "string_type": "text",
    "tuple_type": "a list",
}


def _wrong_type(details: ErrorDetails, written: str | None) -> str:
    value = cast("object", details["input"])
    expected = _EXPECTED.get(details["type"])
    if expected is None:
        return f"{details['msg'][0].lower()}{details['msg'][1:]}, got {_kind(value)}"
    if details["type"] == "string_type" and written:
        meant = _kind(value)
        return f'expected {expected}, got {meant}; quote it: "{written}"'
    return f"expected {expected}, got {_kind(value)}"


def _kind(value: object) -> str:
    match value:
        case None:
            return "nothing"
        case dict():
            return "a map"
        case list() | tuple():
            return "a list"
        case bool():
            return f"the boolean {str(value).lower()}"
        case int():
            return f"the integer {value}"
        case float():
            return f"the number {value}"
        case _:
            return f"the text {value!r}"


def _path_in(data: object, loc: Sequence[KeyOrIndex]) -> Path:
    """Drop the steps pydantic adds that are no place in the data."""
    path: list[KeyOrIndex] = []
    value = data
    for step in loc:
        if isinstance(value, dict) and step in value:
            value = cast("dict[str, object]", value)[str(step)]
        elif isinstance(value, list) and isinstance(step, int):
            value = cast("list[object]", value)[step]
        else:
            break
        path.append(step)
    return tuple(path)


def non_text_key_findings(value: object, path: Path) -> list[Finding]:
    """Find keys that YAML does not read as text, such as `on` or `1`.

    eksctl turns them into text of its own choice (`on` becomes `true`).
    """
    findings: list[Finding] = []
    if isinstance(value, Pairs):
        for key, place in value.key_places.items():
            if place.written is not None:
                message = (
                    f'the key {key} is not text in YAML; quote it: "{place.written}"'
                )
                findings.append(Finding((*path, key), "E-TYPE", message, at_key=True))
            findings += non_text_key_findings(value[key], (*path, key))
    elif isinstance(value, Items):
        for index, item in enumerate(value):
            findings += non_text_key_findings(item, (*path, index))
    return findings


def without(data: object, doomed: Collection[Path], path: Path = ()) -> object:
    """Copy *data* without the values at the paths *doomed*, to check the rest.

    In lists null takes the place of what is taken out, so that later findings keep
    their index.
    """
    if isinstance(data, dict):
        return {
            key: without(value, doomed, (*path, key))
            for key, value in cast("dict[str, object]", data).items()
            if (*path, key) not in doomed
        }
    if isinstance(data, list):
        return [
            None if (*path, index) in doomed else without(value, doomed, (*path, index))
            for index, value in enumerate(cast("list[object]", data))
        ]
    return data


def problems(
    findings: Iterable[Finding], *, source: str, document: Document
) -> list[Problem]:
    """Place findings in the file they are about."""
    return [
        _problem(finding, source, document.place_of(finding.path, key=finding.at_key))
        for finding in findings
    ]


def _problem(finding: Finding, source: str, place: Place) -> Problem:
    return Problem(
        source=source,
        line=place.line,
        column=place.column,
        path=dotted(finding.path),
        code=finding.code,
        severity=finding.severity,
        message=finding.message,
    )


def faults_as_problems(document: Document, *, source: str) -> list[Problem]:
    """Word what is wrong with the text itself as problems."""
    return [
        _problem(Finding(fault.path, fault.code, fault.message), source, fault.place)
        for fault in document.faults
    ]


def in_file_order(found: Iterable[Problem]) -> list[Problem]:
    """Sort problems by their place, and each once."""
    return sorted(
        dict.fromkeys(found), key=lambda problem: (problem.line, problem.column)
    )
