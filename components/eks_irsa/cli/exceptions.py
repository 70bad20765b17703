"""What people accepted of a gate, read from a file that is reviewed like code."""

from collections.abc import Collection, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path as FilePath
from typing import Annotated, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from eks_irsa.documents.globs import pattern_fault
from eks_irsa.errors import InvalidInputError, Problem
from eks_irsa.review.weighing.gate import CODES, NAMES, Acceptance
from eks_irsa.source.document import Document, Pairs
from eks_irsa.source.findings import (
    Finding,
    Path,
    at_most,
    faults_as_problems,
    in_file_order,
    non_text_key_findings,
    problems,
)
from eks_irsa.source.structure import Structure, nearest
from eks_irsa.source.yaml_text import parse, read_bounded

__all__ = ["LONGEST", "acceptances"]

# What nobody looks at for longer is no exception any more.
LONGEST: Final = timedelta(days=366)


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


class _Section(BaseModel):
    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, defer_build=True
    )


class _Exception(_Section):
    # That a key must be there is said in words of its own.
    row: str | None = None
    rule: Annotated[list[str] | None, BeforeValidator(_as_list)] = None
    reason: str | None = None
    until: str | None = None
    stack: str = "*"
    cluster: str = "*"


class _File(_Section):
    exceptions: list[_Exception] = Field(default_factory=list[_Exception])


_STRUCTURE: Final = Structure(
    model=_File, models={(): _File, ("exceptions", -1): _Exception}, hints={}
)


def acceptances(path: FilePath, *, today: date) -> tuple[Acceptance, ...]:
    """Read the exceptions of a file.

    Args:
        path: YAML, {`exceptions`: [{`row`, `rule`, `reason`, `until`, `stack`,
            `cluster`}]}: patterns of the row's name, the stack's and the cluster's
            issuer, the last two `*` by default; one rule or a list; why; the last day,
            `<year>-<month>-<day>`, at most a year away.
        today: The day from which the year is counted.

    Returns:
        The exceptions in the order of the file, those of the past too.

    Raises:
        InvalidInputError: Something in it is wrong; holds every problem.
    """
    source = str(path)
    document = _parsed(path, source)
    model, found = _STRUCTURE.check(document)
    found += non_text_key_findings(document.root, ())
    if model is not None:
        broken = {finding.path for finding in found}
        found += at_most(
            one
            for one in _findings(model, today, wrong=broken)
            if one.path not in broken
        )
    if found or model is None:
        raise InvalidInputError(
            in_file_order(problems(found, source=source, document=document))
        )
    return tuple(
        _acceptance(one, source, document.place_of(("exceptions", index)).line)
        for index, one in enumerate(model.exceptions)
    )


def _parsed(path: FilePath, source: str) -> Document:
    try:
        document = parse(read_bounded(path))
    except OSError as error:
        problem = Problem(
            source=source,
            code="E-FILE",
            severity="error",
            message=f"cannot be read: {error.strerror}; give a file of exceptions",
        )
        raise InvalidInputError([problem]) from error
    if document.faults:
        raise InvalidInputError(faults_as_problems(document, source=source))
    if document.root is None:
        return Document(root=Pairs())
    if not isinstance(document.root, Pairs):
        message = "expected a map with the list 'exceptions'"
        finding = Finding((), "E-TYPE", message)
        raise InvalidInputError(problems([finding], source=source, document=document))
    return document


def _findings(
    model: _File, today: date, *, wrong: Collection[Path]
) -> Iterator[Finding]:
    """Give what is wrong in what has the right structure.

    Args:
        model: The file.
        today: The day from which a year is counted.
        wrong: Places that were told already.
    """
    for index, one in enumerate(model.exceptions):
        at = ("exceptions", index)
        for key in ("row", "rule", "reason", "until"):
            if getattr(one, key) is None and (*at, key) not in wrong:
                message = f"the key {key!r} is missing; an exception needs it"
                yield Finding(at, "E-KEY-MISSING", message)
        for key, message in _faults(one, today):
            yield Finding((*at, key), "E-EXCEPTION", message)


def _faults(one: _Exception, today: date) -> Iterator[tuple[str, str]]:
    """Give each key of an exception that says what it cannot, and why."""
    for key in ("row", "stack", "cluster"):
        pattern: str | None = getattr(one, key)
        if pattern == "":
            yield key, f"expected the name of a {key}, or a pattern of it; got ''"
        elif pattern is not None and (fault := pattern_fault(pattern)):
            yield key, fault
    if one.reason is not None and not one.reason.strip():
        yield "reason", "the reason is empty; write why this may be so"
    if one.rule == []:
        yield "rule", "expected at least one rule, got an empty list"
    for rule in one.rule or ():
        if rule not in {*CODES, *NAMES}:
            yield "rule", _unknown_rule(rule)
    if one.until is not None and (wrong := _wrong_day(one.until, today)):
        yield "until", wrong


def _unknown_rule(rule: str) -> str:
    names = sorted({*CODES, *NAMES})
    if near := nearest(rule, names):
        return f"there is no rule {rule!r}; did you mean {near!r}?"
    return f"there is no rule {rule!r}; expected one of {', '.join(names)}"


def _wrong_day(text: str, today: date) -> str | None:
    day = _day(text)
    if day is None:
        return f"expected a day as 2027-01-31, got {text!r}"
    last = today + LONGEST
    if day > last:
        return f"{text} is more than a year away; expected {last} at the latest"
    return None


def _day(text: str) -> date | None:
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a day has no time zone
    except ValueError:
        return None


def _acceptance(one: _Exception, source: str, line: int) -> Acceptance:
    """Put an exception in which nothing is missing into the form of the gate."""
    return Acceptance(
        row=one.row or "",
        stack=one.stack,
        cluster=one.cluster,
        rules=tuple(one.rule or ()),
        reason=one.reason or "",
        until=_day(one.until or "") or date.min,
        place=f"{source}:{line}",
    )
