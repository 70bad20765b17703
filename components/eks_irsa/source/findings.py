"""Wording and placing: from what a check found to problems people can act on."""

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final, NamedTuple

from eks_irsa.errors import Problem, Severity
from eks_irsa.source.document import Document, Items, KeyOrIndex, Pairs, Place

__all__ = [
    "MAX_FINDINGS",
    "TOO_MANY",
    "Finding",
    "Path",
    "at_most",
    "dotted",
    "faults_as_problems",
    "in_file_order",
    "non_text_key_findings",
    "problems",
]

Path = tuple[KeyOrIndex, ...]

# Who has more to correct corrects some first; a file made to have millions stays cheap.
MAX_FINDINGS: Final = 1000
_MAX_TEXT_LENGTH: Final = 1000


class Finding(NamedTuple):
    """Something a check found at a path, not placed in a file yet.

    Attributes:
        path: Keys and indexes from the root of the document.
        code: Name of the rule, `E-...` or `W-...`.
        message: The rule, the value received and the remedy.
        severity: An error stops everything.
        at_key: It is about the last key of *path* rather than its value.
    """

    path: Path
    code: str
    message: str
    severity: Severity = "error"
    at_key: bool = False


TOO_MANY: Final = Finding(
    (),
    "E-TOO-MANY",
    f"more than {MAX_FINDINGS:,} problems; correct the ones shown first",
)


def dotted(path: Path) -> str:
    """Write a path as people do, `iam.serviceAccounts[1].metadata.name`."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif not step or any(mark in '.[]" \\' for mark in step):
            text += f"[{json.dumps(step, ensure_ascii=not step.isprintable())}]"
        else:
            text += f".{step}"
    return text.removeprefix(".")


def at_most(findings: Iterable[Finding], count: int = MAX_FINDINGS) -> list[Finding]:
    """Take the first *count* findings; if there are more, say so."""
    iterator = iter(findings)
    taken = list(islice(iterator, count))
    return [TOO_MANY, *taken] if next(iterator, None) else taken


def non_text_key_findings(value: object, path: Path) -> Iterator[Finding]:
    """Find keys that YAML does not read as they are written, such as `on`.

    eksctl turns them into text of its own choice (`on` becomes `true`).
    """
    if isinstance(value, Pairs):
        for key, place in value.key_places.items():
            if place.written is not None:
                written = place.written
                message = (
                    f'the key {written} is not text in YAML; quote it: "{written}"'
                )
                yield Finding((*path, key), "E-TYPE", message, at_key=True)
            yield from non_text_key_findings(value[key], (*path, key))
    elif isinstance(value, Items):
        for index, item in enumerate(value):
            yield from non_text_key_findings(item, (*path, index))


def problems(
    findings: Iterable[Finding], *, source: str, document: Document
) -> list[Problem]:
    """Place findings in the text they are about."""
    return [
        _problem(finding, source, document.place_of(finding.path, key=finding.at_key))
        for finding in findings
    ]


def faults_as_problems(document: Document, *, source: str) -> list[Problem]:
    """Word what is wrong with the text itself as problems."""
    return [
        _problem(Finding(fault.path, fault.code, fault.message), source, fault.place)
        for fault in document.faults
    ]


def _problem(finding: Finding, source: str, place: Place) -> Problem:
    return Problem(
        source=source,
        line=place.line,
        column=place.column,
        path=_shortened(dotted(finding.path)),
        code=finding.code,
        severity=finding.severity,
        message=_shortened(finding.message),
    )


def _shortened(text: str) -> str:
    """Leave out the middle of a text that quotes something very long."""
    if len(text) <= _MAX_TEXT_LENGTH:
        return text
    half = _MAX_TEXT_LENGTH // 2
    return f"{text[:half]} ... {text[-half:]}"


def in_file_order(found: Iterable[Problem]) -> list[Problem]:
    """Sort problems by their place, and each once."""
    return sorted(
        dict.fromkeys(found), key=lambda problem: (problem.line, problem.column)
    )
