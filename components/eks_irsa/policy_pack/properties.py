"""Properties of a program's resources, of which a preview does not know all."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, cast

from pulumi_policy.proxy import UnknownValueError

from eks_irsa.identity.model import LATER, Later

__all__ = ["Properties"]


class Properties:
    """The properties of a resource, LATER for what is not known yet.

    Attributes:
        unknown: What was asked for and is not known yet, the last one last.
    """

    def __init__(self, values: Mapping[str, Any]) -> None:
        """Read properties as Pulumi hands them to a policy."""
        self._values = values
        self.unknown: list[UnknownValueError] = []

    def text(self, *path: str) -> str | Later | None:
        """Give a text; None if it is not there or empty."""
        value = self._value(path)
        if isinstance(value, Later):
            return value
        return value if isinstance(value, str) and value else None

    def texts(self, *path: str) -> list[str | Later]:
        """Give the texts of a list; a list that is not known is one LATER."""
        value = self._value(path)
        if isinstance(value, Later):
            return [value]
        return [one for one in self._items(value) if isinstance(one, Later | str)]

    def maps(self, *path: str) -> "list[Properties]":
        """Give the maps of a list; what is not known in them is not known here."""
        found: list[Properties] = []
        for one in self._items(self._value(path)):
            if isinstance(one, Mapping):
                inner = Properties(cast("Mapping[str, Any]", one))
                inner.unknown = self.unknown
                found.append(inner)
        return found

    def map(self, *path: str) -> dict[str, object] | Later:
        """Give a map of texts; a map in JSON is read."""
        value = self._value(path)
        if isinstance(value, Later):
            return value
        if isinstance(value, str):
            value = cast("object", json.loads(value))
        if not isinstance(value, Mapping):
            return {}
        pairs = cast("Mapping[str, object]", value)
        return {key: self._get(pairs, key) for key in pairs}

    def _value(self, path: tuple[str, ...]) -> object:
        value = cast("object", self._values)
        for step in path:
            if not isinstance(value, Mapping):
                return value if isinstance(value, Later) else None
            value = self._get(cast("Mapping[str, Any]", value), step)
        return value

    def _items(self, value: object) -> list[object]:
        if not isinstance(value, Sequence) or isinstance(value, str):
            return []
        items = cast("Sequence[object]", value)
        return [self._get(items, index) for index in range(len(items))]

    def _get(self, holder: Any, step: str | int) -> object:  # noqa: ANN401 - Pulumi's own
        try:
            return holder[step]
        except UnknownValueError as error:
            self.unknown.append(error)
            return LATER
        except (KeyError, IndexError):
            return None
