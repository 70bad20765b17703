"""YAML text as plain values that remember where they stand.

Reads scalars as eksctl's YAML library does (sigs.k8s.io/yaml on go-yaml v2), which is
not how PyYAML reads them: a date or `12:30` stays text, `y` and `on` are booleans.
PyYAML's parser gives the events; the tree is built here because its own composer
recurses in C, loses duplicate keys and follows aliases without bound.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import yaml

__all__ = [
    "MAX_TEXT_SIZE_BYTES",
    "Document",
    "Fault",
    "Items",
    "KeyOrIndex",
    "Pairs",
    "Place",
    "Value",
    "parse",
]

# A ClusterConfig of 10,000 service accounts is about 3 MB; what is larger is not one.
MAX_TEXT_SIZE_BYTES: Final = 4 * 1024 * 1024
_MAX_DEPTH: Final = 100
# Values that aliases may add to those written in the file.
_MAX_ALIASED_VALUES: Final = 200_000

type_names: Final = {
    "bool": "a boolean",
    "float": "a number",
    "int": "an integer",
    "null": "empty",
}

KeyOrIndex = str | int
Value = "Pairs | Items | str | int | float | bool | None"


class Place(NamedTuple):
    """Where a value begins, and how a scalar was written if it is not text.

    `line` and `column` count from 1, columns in characters. `written` is the scalar as
    it stands in the file if its type is not a string, else None.
    """

    line: int
    column: int
    written: str | None = None


class Pairs(dict[str, object]):
    """A YAML mapping: keys as they are written, in the order of the file.

    Attributes:
        key_places: Where each key stands; `written` is set for a key that YAML does
            not read as text, such as `on` or `1`.
        value_places: Where the value of each key stands.
        weight: How many values it holds, aliases followed, itself included.
    """

    __slots__ = ("key_places", "value_places", "weight")

    def __init__(self) -> None:
        """Begin empty."""
        super().__init__()
        self.key_places: dict[str, Place] = {}
        self.value_places: dict[str, Place] = {}
        self.weight = 1


class Items(list[object]):
    """A YAML sequence.

    Attributes:
        places: Where each item stands.
        weight: How many values it holds, aliases followed, itself included.
    """

    __slots__ = ("places", "weight")

    def __init__(self) -> None:
        """Begin empty."""
        super().__init__()
        self.places: list[Place] = []
        self.weight = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """Something that makes the text no usable YAML document."""

    place: Place
    path: tuple[KeyOrIndex, ...]
    code: str
    message: str


@dataclass(kw_only=True, slots=True)
class Document:
    """One YAML document.

    Attributes:
        root: The value of the whole text; None if it could not be read.
        root_place: Where it stands.
        faults: What is wrong with the text itself, in the order found.
    """

    root: object = None
    root_place: Place = Place(1, 1)
    faults: list[Fault] = field(default_factory=list[Fault])

    @classmethod
    def without_lines(cls) -> "Document":
        """Return a document that stands for values that come from no file."""
        return cls(root_place=Place(0, 0))

    def place_of(self, path: tuple[KeyOrIndex, ...], *, key: bool = False) -> Place:
        """Find where the value at *path* stands, or what of its way there exists.

        Args:
            path: Keys and indexes from the root.
            key: The place of the last key itself rather than of its value.
        """
        place, value = self.root_place, self.root
        for depth, step in enumerate(path):
            if isinstance(value, Pairs) and step in value and isinstance(step, str):
                places = value.value_places
                if key and depth == len(path) - 1:
                    places = value.key_places
                place, value = places[step], value[step]
            elif isinstance(value, Items) and isinstance(step, int):
                place, value = value.places[step], value[step]
            else:
                break
        return place


def parse(text: bytes) -> Document:
    """Read YAML text into plain values that remember their places.

    Args:
        text: UTF-8, with or without a byte order mark.

    Returns:
        The document. Duplicate keys are faults that leave the rest readable; after a
        fault of syntax, size, depth or aliases `root` is None.
    """
    document = Document()
    try:
        decoded = _decode(text)
        _Builder(document).build(decoded)
    except _Unreadable as stop:
        document.root = None
        document.faults.append(stop.fault)
    return document


class _Unreadable(Exception):  # noqa: N818 - it is a stop, caught in this module
    def __init__(
        self,
        place: Place,
        code: str,
        message: str,
        path: tuple[KeyOrIndex, ...] = (),
    ) -> None:
        super().__init__(message)
        self.fault = Fault(place=place, path=path, code=code, message=message)


def _decode(text: bytes) -> str:
    if len(text) > MAX_TEXT_SIZE_BYTES:
        message = (
            f"the file has {len(text):,} bytes; at most {MAX_TEXT_SIZE_BYTES:,} are "
            "read; split it over several stacks"
        )
        raise _Unreadable(Place(1, 1), "E-FILE-SIZE", message)
    try:
        return text.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = text[: error.start]
        line = before.count(b"\n") + 1
        column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8", "ignore")) + 1
        message = f"byte 0x{text[error.start]:02x} is not UTF-8; save the file as UTF-8"
        raise _Unreadable(Place(line, column), "E-FILE-ENCODING", message) from None


class _Builder:
    """Turns the events of one text into values; one instance reads one text."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._anchors: dict[str, object] = {}
        self._open_anchors: set[str] = set()
        self._aliased = 0
        # The containers that are being filled, outermost first.
        self._stack: list[_Open] = []

    def build(self, text: str) -> None:
        documents = 0
        for event in _events(text):
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    message = (
                        "a second YAML document begins here, which eksctl would "
                        "ignore without a word; keep one ClusterConfig per file"
                    )
                    raise _Unreadable(_place(event), "E-YAML-DOCUMENTS", message)
            elif isinstance(
                event,
                yaml.ScalarEvent
                | yaml.AliasEvent
                | yaml.SequenceStartEvent
                | yaml.MappingStartEvent,
            ):
                self._begin(event)
            elif isinstance(event, yaml.SequenceEndEvent | yaml.MappingEndEvent):
                self._end()
        if not documents or self._document.root is None:
            message = "the file is empty; expected a ClusterConfig"
            raise _Unreadable(Place(1, 1), "E-YAML-EMPTY", message)

    def _begin(self, event: yaml.NodeEvent) -> None:
        place = _place(event)
        if isinstance(event, yaml.AliasEvent):
            self._add(self._aliased_value(event, place), place, plain=False)
        elif isinstance(event, yaml.ScalarEvent):
            value, written = _scalar(event, place)
            if event.anchor:
                self._anchors[event.anchor] = value
            plain = event.implicit[0]
            self._add(value, place._replace(written=written), plain=plain, event=event)
        else:
            self._open(event, place)

    def _open(self, event: yaml.NodeEvent, place: Place) -> None:
        if len(self._stack) >= _MAX_DEPTH:
            message = (
                f"nested deeper than {_MAX_DEPTH} levels, which no ClusterConfig is"
            )
            raise _Unreadable(place, "E-YAML-DEPTH", message)
        if self._stack and self._stack[-1].needs_key:
            message = "a map or a list cannot be a key; keys are strings"
            raise _Unreadable(place, "E-YAML-KEY", message)
        if isinstance(event, yaml.MappingStartEvent):
            tag, container = event.tag, Pairs()
        else:
            assert isinstance(event, yaml.SequenceStartEvent)  # noqa: S101 - narrows
            tag, container = event.tag, Items()
        if tag not in {None, "!", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"}:
            raise _unknown_tag(str(tag), place)
        if event.anchor:
            self._open_anchors.add(event.anchor)
        self._stack.append(_Open(container, place, event.anchor))

    def _end(self) -> None:
        done = self._stack.pop()
        if isinstance(done.container, Pairs):
            self._merge(done)
        if done.anchor:
            self._open_anchors.discard(done.anchor)
            self._anchors[done.anchor] = done.container
        self._add(done.container, done.place, plain=False)

    def _add(
        self,
        value: object,
        place: Place,
        *,
        plain: bool,
        event: yaml.ScalarEvent | None = None,
    ) -> None:
        if not self._stack:
            self._document.root, self._document.root_place = value, place
            return
        top = self._stack[-1]
        if isinstance(top.container, Items):
            top.container.append(value)
            top.container.places.append(place)
        elif top.needs_key:
            self._add_key(top, value, place, merge=plain, event=event)
            return
        else:
            self._add_value(top, value, place)
        top.container.weight += _weight(value)

    def _add_key(
        self,
        top: "_Open",
        value: object,
        place: Place,
        *,
        merge: bool,
        event: yaml.ScalarEvent | None,
    ) -> None:
        if isinstance(value, Pairs | Items):
            message = "a map or a list cannot be a key; keys are strings"
            raise _Unreadable(place, "E-YAML-KEY", message)
        top.key = event.value if event else str(value)
        top.key_place = place
        top.merges_next = merge and top.key == "<<"

    def _add_value(self, top: "_Open", value: object, place: Place) -> None:
        assert isinstance(top.container, Pairs)  # noqa: S101 - narrows
        assert top.key is not None  # noqa: S101 - narrows
        key, key_place, top.key = top.key, top.key_place, None
        if top.merges_next:
            top.merged.append((value, place))
            top.merges_next = False
        elif key in top.container:
            self._duplicate(key, key_place, top.container.key_places[key])
        else:
            top.container[key] = value
            top.container.key_places[key] = key_place
            top.container.value_places[key] = place

    def _merge(self, done: "_Open") -> None:
        """Copy merged keys in; eksctl counts one that is there already as a duplicate."""
        assert isinstance(done.container, Pairs)  # noqa: S101 - narrows
        for value, place in done.merged:
            for source in value if isinstance(value, Items) else [value]:
                if not isinstance(source, Pairs):
                    message = "'<<' merges maps; expected an alias of a map, such as *a"
                    raise _Unreadable(place, "E-YAML-MERGE", message)
                for key, merged in source.items():
                    if key in done.container:
                        self._duplicate(key, done.container.key_places[key], place)
                        continue
                    done.container[key] = merged
                    done.container.key_places[key] = source.key_places[key]
                    done.container.value_places[key] = source.value_places[key]
                    self._count_aliased(_weight(merged), place)
                    done.container.weight += _weight(merged)

    def _duplicate(self, key: str, place: Place, first: Place) -> None:
        path = (*_path(self._stack), key)
        message = (
            f"the key {key!r} is given twice, first on line {first.line}; keep one"
        )
        self._document.faults.append(
            Fault(place=place, path=path, code="E-YAML-DUPLICATE-KEY", message=message)
        )

    def _aliased_value(self, event: yaml.AliasEvent, place: Place) -> object:
        name = str(event.anchor)
        if name in self._open_anchors:
            message = f"the anchor {name!r} contains itself"
            raise _Unreadable(place, "E-YAML-ALIAS", message)
        if name not in self._anchors:
            message = f"no anchor {name!r} is defined above; write &{name} where it is"
            raise _Unreadable(place, "E-YAML-ALIAS", message)
        value = self._anchors[name]
        self._count_aliased(_weight(value), place)
        return value

    def _count_aliased(self, values: int, place: Place) -> None:
        self._aliased += values
        if self._aliased > _MAX_ALIASED_VALUES:
            message = (
                f"aliases expand to more than {_MAX_ALIASED_VALUES:,} values; "
                "write the values out"
            )
            raise _Unreadable(place, "E-YAML-ALIAS", message)


@dataclass(slots=True)
class _Open:
    """A container that is being filled."""

    container: Pairs | Items
    place: Place
    anchor: str | None
    key: str | None = None
    key_place: Place = Place(0, 0)
    merges_next: bool = False
    merged: list[tuple[object, Place]] = field(
        default_factory=list[tuple[object, Place]]
    )

    @property
    def needs_key(self) -> bool:
        return isinstance(self.container, Pairs) and self.key is None


def _path(stack: list[_Open]) -> tuple[KeyOrIndex, ...]:
    """Name the container that is being closed or filled, from the root."""
    return tuple(
        len(level.container) if isinstance(level.container, Items) else level.key
        for level in stack
        if isinstance(level.container, Items) or level.key is not None
    )


def _weight(value: object) -> int:
    return value.weight if isinstance(value, Pairs | Items) else 1


def _place(event: yaml.Event) -> Place:
    return Place(event.start_mark.line + 1, event.start_mark.column + 1)


def _events(text: str) -> Iterator[yaml.Event]:
    # libyaml is some ten times faster than PyYAML's own parser; where PyYAML was built
    # without it the pure one gives the same events.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        yield from yaml.parse(text, Loader=loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(mark.line + 1, mark.column + 1) if mark else Place(1, 1)
        message = f"not YAML: {error.problem or error.context}"
        if "'\\t'" in message or "\t" in _line(text, place)[: place.column]:
            message += "; indent with spaces, YAML does not take tabs"
        raise _Unreadable(place, "E-YAML-SYNTAX", message) from None
    except yaml.reader.ReaderError as error:
        before = text[: error.position]
        place = Place(
            before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
        )
        message = f"not YAML: {error.reason}; take the character out"
        raise _Unreadable(place, "E-YAML-SYNTAX", message) from None


def _line(text: str, place: Place) -> str:
    lines = text.splitlines()
    return lines[place.line - 1] if place.line <= len(lines) else ""


_NULLS: Final = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE: Final = frozenset(
    {"y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"}
)
_FALSE: Final = frozenset(
    {"n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"}
)
_INTEGER: Final = re.compile(
    r"[-+]?(0[xX][0-9a-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+|[0-9][0-9_]*)", re.ASCII
)
_FLOAT: Final = re.compile(
    r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?"
    r"|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)",
    re.ASCII,
)
_MAY_BE_OTHER_THAN_TEXT: Final = frozenset("+-.~0123456789nNyYtTfFoO")


def _scalar(event: yaml.ScalarEvent, place: Place) -> tuple[object, str | None]:
    """Read a scalar as go-yaml v2 does; give its text along if it is no string.

    Source: resolve.go of go-yaml v2, and facts measured with eksctl 0.231.
    """
    text = event.value
    if event.tag in {"tag:yaml.org,2002:str", "!"}:
        return text, None
    if event.tag and not event.tag.startswith("tag:yaml.org,2002:"):
        raise _unknown_tag(event.tag, place)
    if not event.implicit[0] and not event.tag:
        return text, None
    return _plain(text)


def _plain(text: str) -> tuple[object, str | None]:
    if text in _NULLS:
        return None, text
    if text[0] not in _MAY_BE_OTHER_THAN_TEXT:
        return text, None
    if text in _TRUE:
        return True, text
    if text in _FALSE:
        return False, text
    if _INTEGER.fullmatch(text):
        return _integer(text), text
    if _FLOAT.fullmatch(text):
        digits = text.lower().replace(".inf", "inf").replace(".nan", "nan")
        return float(digits), text
    return text, None


def _integer(text: str) -> object:
    digits = text.replace("_", "")
    # A number longer than Python reads is no number in Go either, it stays a float.
    if len(digits) > 30:  # noqa: PLR2004 - an int64 has 19 digits
        return float("inf")
    if re.fullmatch(r"[-+]?0[0-7]+", digits):
        return int(digits, 8)
    if re.fullmatch(r"[-+]?0[0-9]+", digits):
        return float(digits)
    return int(digits, 0)


def _unknown_tag(tag: str, place: Place) -> _Unreadable:
    message = (
        f"the YAML tag {tag} is not supported; write the value itself, or in an inline "
        "policy the long form, such as {'Fn::Sub': '...'}"
    )
    return _Unreadable(place, "E-YAML-TAG", message)
