"""From the events of a YAML parser to a tree of values, in bounded time and memory."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, cast

import yaml

from eks_irsa.source.document import (
    NOWHERE,
    Document,
    Fault,
    Items,
    KeyOrIndex,
    Pairs,
    Place,
)
from eks_irsa.source.scalars import UnfitTagError, key_of, scalar

__all__ = ["TreeBuilder", "UnreadableError"]

_MAX_DEPTH: Final = 100
# A ClusterConfig of 10,000 service accounts has some 300,000 values.
_MAX_VALUES: Final = 500_000
# Values that aliases may add to those written in the file.
_MAX_ALIASED_VALUES: Final = 200_000
# Who has more keys twice corrects some first.
_MAX_FAULTS: Final = 1000
_COLLECTION_TAGS: Final = (None, "!", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq")


class UnreadableError(Exception):
    """The text is no usable document; `fault` says where and why."""

    def __init__(self, place: Place, code: str, message: str) -> None:
        """Hold the fault."""
        super().__init__(message)
        self.fault = Fault(place=place, code=code, message=message)


@dataclass(slots=True)
class _Open:
    """A container that is being filled."""

    container: Pairs | Items
    place: Place
    # The key whose value comes next.
    key: str | None = None
    key_place: Place = NOWHERE
    # What stands under `<<`, to be copied in when all other keys are there.
    merged: list[tuple[object, Place]] = field(
        default_factory=list[tuple[object, Place]]
    )
    merges_next: bool = False

    @property
    def needs_key(self) -> bool:
        return isinstance(self.container, Pairs) and self.key is None


class TreeBuilder:
    """Builds the document that the events of one text describe.

    Attributes:
        document: The document; complete when all events are taken.
    """

    def __init__(self) -> None:
        """Begin with an empty document."""
        self.document = Document(root_place=Place(1, 1))
        # A scalar stands with how it is written; a container may still be open.
        self._anchors: dict[str, tuple[object, str | None]] = {}
        self._values = 0
        self._aliased = 0
        self._stack: list[_Open] = []
        self._documents = 0
        self._has_second = False
        self._document_place = NOWHERE

    def take(self, event: yaml.Event) -> None:
        """Take the next event.

        Raises:
            UnreadableError: The text is no usable document.
        """
        if isinstance(event, yaml.ScalarEvent):
            self._scalar(event)
        elif isinstance(event, yaml.CollectionStartEvent):
            self._open(event)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._close()
        elif isinstance(event, yaml.AliasEvent):
            self._alias(event)
        elif isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            self._document_place = _place(event)

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        place = _place(event)
        quoted = not event.implicit[0]
        try:
            value, written = scalar(event.value, tag=event.tag, quoted=quoted)
        except UnfitTagError as error:
            raise UnreadableError(place, "E-YAML-TAG", str(error)) from None
        if event.anchor:
            self._anchors[event.anchor] = (value, written)
        if self._stack and self._stack[-1].needs_key:
            is_merge = value == "<<" and event.implicit[0]
            self._key(value, place._replace(written=written), is_merge=is_merge)
        else:
            self._value(value, place._replace(written=written))

    def _open(self, event: yaml.CollectionStartEvent) -> None:
        place = _place(event)
        self._check_depth(1, place)
        if self._stack and self._stack[-1].needs_key:
            raise _no_key(place)
        if event.tag not in _COLLECTION_TAGS:
            message = f"the YAML tag {event.tag} is not supported; take it out"
            raise UnreadableError(place, "E-YAML-TAG", message)
        is_map = isinstance(event, yaml.MappingStartEvent)
        container = Pairs() if is_map else Items()
        if event.anchor:
            self._anchors[event.anchor] = (container, None)
        self._stack.append(_Open(container, place))

    def _close(self) -> None:
        container, place = self._stack[-1].container, self._stack[-1].place
        if isinstance(container, Pairs):
            for merged, merged_place in self._stack[-1].merged:
                self._merge(container, merged, merged_place)
        held = container.values() if isinstance(container, Pairs) else container
        container.height = 1 + max(map(_height, held), default=0)
        self._stack.pop()
        self._value(container, place)

    def _alias(self, event: yaml.AliasEvent) -> None:
        place = _place(event)
        name = cast("str", event.anchor)
        if name not in self._anchors:
            message = f"no anchor {name!r} is defined above; write &{name} where it is"
            raise UnreadableError(place, "E-YAML-ALIAS", message)
        value, written = self._anchors[name]
        if isinstance(value, Pairs | Items) and not value.height:
            message = f"the anchor {name!r} contains itself; write the values out"
            raise UnreadableError(place, "E-YAML-ALIAS", message)
        self._check_depth(_height(value), place)
        self._count_aliased(_weight(value), place)
        place = place._replace(written=written)
        if self._stack and self._stack[-1].needs_key:
            self._key(value, place, is_merge=False)
        else:
            self._value(value, place)

    def _key(self, value: object, place: Place, *, is_merge: bool) -> None:
        if isinstance(value, Pairs | Items):
            raise _no_key(place)
        top = self._stack[-1]
        top.key, written = key_of(value, place.written)
        top.key_place = place._replace(written=written)
        top.merges_next = is_merge

    def _value(self, value: object, place: Place) -> None:
        self._values += 1
        if self._values > _MAX_VALUES:
            message = f"more than {_MAX_VALUES:,} values; split it over several stacks"
            raise UnreadableError(place, "E-FILE-SIZE", message)
        if not self._stack:
            self._root(value, place)
            return
        top = self._stack[-1]
        top.container.weight += _weight(value)
        if isinstance(top.container, Items):
            top.container.append(value)
            top.container.places.append(place)
            return
        key, top.key = cast("str", top.key), None
        if top.merges_next:
            top.merged.append((value, place))
        elif key in top.container:
            first = top.container.key_places[key]
            message = f"the key {key!r} is here already, on line {first.line}; keep one"
            self._duplicate(key, top.key_place, message)
        else:
            top.container.put(key, value, key_place=top.key_place, value_place=place)

    def _root(self, value: object, place: Place) -> None:
        if self._documents == 1:
            self.document.root, self.document.root_place = value, place
        elif value is not None and not self._has_second:
            self._has_second = True  # the first one is still worth reading
            message = (
                "a second YAML document begins here, and only the first would be read; "
                "keep one to a file"
            )
            place, code = self._document_place, "E-YAML-DOCUMENTS"
            self.document.faults.append(Fault(place=place, code=code, message=message))

    def _merge(self, container: Pairs, value: object, place: Place) -> None:
        """Copy merged keys in; one that is here already is a duplicate to eksctl."""
        for source in value if isinstance(value, Items) else [value]:
            if not isinstance(source, Pairs):
                message = "'<<' merges maps; expected the alias of a map, such as *a"
                raise UnreadableError(place, "E-YAML-MERGE", message)
            for key, merged in source.items():
                if key in container:
                    message = (
                        f"the key {key!r} is here and among what '<<' merges on line "
                        f"{place.line}, which eksctl refuses; keep one"
                    )
                    self._duplicate(key, container.key_places[key], message)
                else:
                    container.put(
                        key,
                        merged,
                        key_place=source.key_places[key],
                        value_place=source.value_places[key],
                    )

    def _duplicate(self, key: str, place: Place, message: str) -> None:
        if len(self.document.faults) == _MAX_FAULTS:
            message = f"more than {_MAX_FAULTS:,} keys are given twice"
            raise UnreadableError(place, "E-TOO-MANY", message)
        code = "E-YAML-DUPLICATE-KEY"
        path = (*self._path(), key)
        self.document.faults.append(
            Fault(place=place, path=path, code=code, message=message)
        )

    def _path(self) -> Iterator[KeyOrIndex]:
        """Name the innermost open container, from the root."""
        for level in self._stack[:-1]:
            if isinstance(level.container, Items):
                yield len(level.container)
            else:
                yield cast("str", level.key)

    def _check_depth(self, levels: int, place: Place) -> None:
        if len(self._stack) + levels > _MAX_DEPTH:
            message = f"nested deeper than {_MAX_DEPTH} levels, aliases followed"
            raise UnreadableError(place, "E-YAML-DEPTH", message)

    def _count_aliased(self, values: int, place: Place) -> None:
        self._aliased += values
        if self._aliased > _MAX_ALIASED_VALUES:
            message = (
                f"aliases expand to more than {_MAX_ALIASED_VALUES:,} values; "
                "write the values out"
            )
            raise UnreadableError(place, "E-YAML-ALIAS", message)


def _place(event: yaml.Event) -> Place:
    mark = cast("yaml.Mark", event.start_mark)
    return Place(mark.line + 1, mark.column + 1)


def _weight(value: object) -> int:
    return value.weight if isinstance(value, Pairs | Items) else 1


def _height(value: object) -> int:
    return value.height if isinstance(value, Pairs | Items) else 0


def _no_key(place: Place) -> UnreadableError:
    message = "a map or a list cannot be a key; keys are text"
    return UnreadableError(place, "E-YAML-KEY", message)
