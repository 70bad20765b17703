"""YAML text as plain values that remember where they stand.

PyYAML's parser gives the events and `tree` builds the values: its own composer recurses
in C, loses duplicate keys and follows aliases without bound.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import yaml

from eks_irsa.documents.placeholders import TEMPLATE_REMEDY, template_mark_in
from eks_irsa.source.document import Document, Fault, Place
from eks_irsa.source.tree import TreeBuilder, UnreadableError

__all__ = ["MAX_TEXT_SIZE_BYTES", "parse", "read_bounded"]

# A ClusterConfig of 10,000 service accounts is about 3 MB; what is larger is not one.
MAX_TEXT_SIZE_BYTES: Final = 4 * 1024 * 1024
# What YAML takes, and the byte order mark nowhere but at the beginning.
# Source: https://yaml.org/spec/1.1/#c-printable
_UNPRINTABLE: Final = re.compile(
    "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
# Faults that a template has where it is read before it was rendered.
_OF_SYNTAX: Final = frozenset({"E-YAML-KEY", "E-YAML-SYNTAX"})
# Byte order mark -> encoding, as YAML has it; without a mark a text is UTF-8. The marks
# of UTF-32 begin with those of UTF-16, or with what no text does.
# Source: https://yaml.org/spec/1.1/#id868742
_WIDE: Final = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
# libyaml is some ten times faster than PyYAML's own parser; where PyYAML was built
# without it the pure one gives the same events.
_LOADER: Final[type[yaml.SafeLoader]] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_bounded(path: Path) -> bytes:
    """Read a file, or so much of it that `parse` sees that it is too large.

    Raises:
        OSError: It cannot be read.
    """
    with path.open("rb") as file:
        return file.read(MAX_TEXT_SIZE_BYTES + 1)


def parse(text: bytes) -> Document:
    """Read YAML text into plain values that remember their places.

    Args:
        text: UTF-8, with or without a byte order mark, or UTF-16 with one.

    Returns:
        The document. Duplicate keys are faults that leave the rest readable; after a
        fault of syntax, size, depth or aliases `root` is None.
    """
    tree = TreeBuilder()
    decoded = ""
    try:
        decoded = _decoded(text)
        for event in _events(decoded):
            tree.take(event)
    except UnreadableError as stop:
        tree.document.root = None
        tree.document.faults.append(_template_fault(decoded, stop.fault) or stop.fault)
    return tree.document


def _template_fault(text: str, fault: Fault) -> Fault | None:
    """Blame the mark of a template that stands where YAML breaks, or just before."""
    if fault.code not in _OF_SYNTAX:
        return None
    last = fault.place.line
    for number, line in enumerate(text.splitlines()[:last], start=1):
        if number < last - 1 or line.lstrip().startswith("#"):
            continue
        if mark := template_mark_in(line):
            message = f"the file is a template, as {mark[0]!r} shows; {TEMPLATE_REMEDY}"
            place = Place(number, mark.start() + 1)
            return Fault(place=place, code="E-TEMPLATE", message=message)
    return None


def _decoded(text: bytes) -> str:
    if len(text) > MAX_TEXT_SIZE_BYTES:
        message = (
            f"the file has more than {MAX_TEXT_SIZE_BYTES:,} bytes; split it over "
            "several stacks"
        )
        raise UnreadableError(Place(1, 1), "E-FILE-SIZE", message)
    encoding = next((name for mark, name in _WIDE if text.startswith(mark)), "")
    try:
        decoded = text.decode(encoding or "utf-8-sig")
    except UnicodeDecodeError as error:
        before = error.object[: error.start].decode(encoding or "utf-8", "ignore")
        byte = error.object[error.start]
        message = (
            f"byte 0x{byte:02x} is not {encoding.upper() or 'UTF-8'}; save the file as "
            "UTF-8"
        )
        raise UnreadableError(_end_of(before), "E-FILE-ENCODING", message) from None
    if found := _UNPRINTABLE.search(decoded):
        message = f"YAML does not take the character U+{ord(found[0]):04X}; take it out"
        place = _end_of(decoded[: found.start()])
        raise UnreadableError(place, "E-YAML-SYNTAX", message)
    return decoded


def _end_of(before: str) -> Place:
    """Return the place of the character that follows *before*."""
    return Place(before.count("\n") + 1, len(before) - before.rfind("\n"))


def _events(text: str) -> Iterator[yaml.Event]:
    try:
        yield from yaml.parse(text, Loader=_LOADER)  # pyright: ignore[reportUnknownMemberType] - the stubs leave the stream untyped
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(mark.line + 1, mark.column + 1) if mark else Place(1, 1)
        message = f"not YAML: {error.problem or error.context}"
        if _is_indented_by_tab(text, place):
            message = "a tab cannot indent YAML; indent with spaces"
        raise UnreadableError(place, "E-YAML-SYNTAX", message) from None


def _is_indented_by_tab(text: str, place: Place) -> bool:
    lines = text.splitlines()
    line = lines[place.line - 1] if place.line <= len(lines) else ""
    return "\t" in line[: len(line) - len(line.lstrip())]
