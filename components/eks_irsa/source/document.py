"""Plain values that remember where they stand in a text."""

from dataclasses import dataclass, field
from typing import Final, NamedTuple

__all__ = ["NOWHERE", "Document", "Fault", "Items", "KeyOrIndex", "Pairs", "Place"]

KeyOrIndex = str | int


class Place(NamedTuple):
    """Where a key or a value begins.

    Attributes:
        line: From 1; 0 where the values come from no text.
        column: In characters, from 1.
        written: A scalar as it stands in the text: a value that is no string; a key
            that is none, and of which eksctl would make another text.
    """

    line: int
    column: int
    written: str | None = None


NOWHERE: Final = Place(0, 0)


class Pairs(dict[str, object]):
    """A mapping, in the order of the text, keys as they are written.

    Attributes:
        key_places: Where each key stands.
        value_places: Where the value of each key stands.
        weight: How many values it holds, aliases followed, itself included.
        height: How many levels it has, itself included; 0 while it is being read.
    """

    __slots__ = ("height", "key_places", "value_places", "weight")

    def __init__(self) -> None:
        """Begin empty."""
        super().__init__()
        self.key_places: dict[str, Place] = {}
        self.value_places: dict[str, Place] = {}
        self.weight = 1
        self.height = 0

    def put(
        self, key: str, value: object, *, key_place: Place, value_place: Place
    ) -> None:
        """Add a key that is not there yet, with its places."""
        self[key] = value
        self.key_places[key] = key_place
        self.value_places[key] = value_place


class Items(list[object]):
    """A sequence.

    Attributes:
        places: Where each item stands.
        weight: How many values it holds, aliases followed, itself included.
        height: How many levels it has, itself included; 0 while it is being read.
    """

    __slots__ = ("height", "places", "weight")

    def __init__(self) -> None:
        """Begin empty."""
        super().__init__()
        self.places: list[Place] = []
        self.weight = 1
        self.height = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """Something that makes a text no usable document."""

    place: Place
    path: tuple[KeyOrIndex, ...] = ()
    code: str
    message: str


@dataclass(kw_only=True, slots=True)
class Document:
    """One document.

    Attributes:
        root: The value of the whole text; None if it is empty or could not be read.
        root_place: Where it stands.
        faults: What is wrong with the text itself, in the order found.
    """

    root: object = None
    root_place: Place = NOWHERE
    faults: list[Fault] = field(default_factory=list[Fault])

    def place_of(self, path: tuple[KeyOrIndex, ...], *, key: bool = False) -> Place:
        """Find where the value at *path* stands, or what of its way there exists.

        Args:
            path: Keys and indexes from the root.
            key: The place of the last key itself rather than of its value.
        """
        place, value = self.root_place, self.root
        for depth, step in enumerate(path):
            if isinstance(value, Pairs) and isinstance(step, str) and step in value:
                is_wanted = key and depth == len(path) - 1
                places = value.key_places if is_wanted else value.value_places
                place, value = places[step], value[step]
            elif isinstance(value, Items) and isinstance(step, int):
                place, value = value.places[step], value[step]
            else:
                break
        return place
