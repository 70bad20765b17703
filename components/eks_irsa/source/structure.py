"""Checks the structure of a document against models: keys, and types of values."""

import difflib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar, cast

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from eks_irsa.source.document import Document, KeyOrIndex
from eks_irsa.source.findings import MAX_FINDINGS, TOO_MANY, Finding, Path, dotted

__all__ = ["Structure", "nearest"]

_CLOSE_ENOUGH: Final = 0.75
# What other formats leave to their users, often for anchors.
_EXTENSIONS: Final = ("x-", "x_", ".")
_EXPECTED: Final = {
    "bool_type": "true or false",
    "dict_type": "a map",
    "int_type": "an integer",
    "list_type": "a list",
    "model_type": "a map",
    "string_type": "text",
}

_Model = TypeVar("_Model", bound=BaseModel)


@dataclass(frozen=True, kw_only=True, slots=True)
class Structure(Generic[_Model]):
    """The models a document must follow, and what to say of slips.

    Attributes:
        model: Model of the whole.
        models: Model of each place with a closed list of keys, indexes as -1.
        hints: (place as `dotted`, indexes left out; key) -> remedy, for slips that a
            likeness of names does not find.
        top: Remedy for a key of the whole in an inner place; `{key}` stands for it.
            Default: that it belongs at the top of the file.
    """

    model: type[_Model]
    models: Mapping[Path, type[BaseModel]]
    hints: Mapping[tuple[str, str], str]
    top: str = "it belongs at the top of the file"

    def check(self, document: Document) -> tuple[_Model | None, list[Finding]]:
        """Read a document as the model says.

        Args:
            document: Its root is a map.

        Returns:
            The model of what is right, so that its meaning can be checked too, or None
            if too much is wrong; and what is wrong.
        """
        found: list[Finding] = []
        rest = document.root
        while True:
            try:
                return self.model.model_validate(rest), found
            except ValidationError as error:
                details = error.errors(include_url=False, include_context=False)
                found += self._findings(details[:MAX_FINDINGS], rest, document)
                if len(found) >= MAX_FINDINGS:
                    return None, [TOO_MANY, *found]
                rest = _without(document.root, {finding.path for finding in found})

    def _findings(
        self, errors: Iterable[ErrorDetails], data: object, document: Document
    ) -> list[Finding]:
        found: dict[Finding, None] = {}
        for details in errors:
            path = _path_in(data, details["loc"])
            if details["type"] == "extra_forbidden":
                finding = self._unknown_key(path)
            else:
                message = _wrong_value(details, document.place_of(path).written)
                finding = Finding(path, "E-TYPE", message)
            found[finding] = None
        return list(found)

    def _unknown_key(self, path: Path) -> Finding:
        *parent, last = path
        key, place = str(last), tuple(parent)
        model = self.models[_without_indexes(place)]
        known = _keys(model)
        remedy = self.hints.get((_named(place), key))
        if remedy is None and (match := nearest(key, known)):
            remedy = f"did you mean {match!r}?"
        if remedy is None and key.startswith(_EXTENSIONS):
            remedy = (
                "there is no place for keys of your own; write an anchor (&name) where "
                "its value is used first, and *name after that"
            )
        if remedy is None and not _has_switches_alone(model):
            remedy = self._home_of(key, place)
        if remedy is None:
            remedy = f"expected one of {', '.join(sorted(known))}"
        return Finding(path, "E-KEY-UNKNOWN", f"unknown key; {remedy}", at_key=True)

    def _home_of(self, key: str, place: Path) -> str | None:
        """Name the nearest place that takes a key, one further in before others."""
        homes = [home for home, model in self.models.items() if key in _keys(model)]
        if not homes:
            return None
        home = min(homes, key=lambda home: _distance(place, home))
        if not home:
            return self.top.format(key=key)
        remedy = f"it belongs under {_shown_from(home, place)}"
        if len(home) == 1 and any(
            other[-1:] == home for other in self.models if other != home
        ):
            remedy += ", at the top of the file"
        return remedy


def nearest(text: str, known: Iterable[str]) -> str | None:
    """Find which of *known* was meant, whatever its case and word marks."""
    by_folded = {_folded(name): name for name in known}
    close = difflib.get_close_matches(
        _folded(text), by_folded, n=1, cutoff=_CLOSE_ENOUGH
    )
    return by_folded[close[0]] if close else None


def _folded(text: str) -> str:
    return text.casefold().replace("_", "").replace("-", "")


def _without_indexes(place: Path) -> Path:
    return tuple(-1 if isinstance(step, int) else step for step in place)


def _distance(place: Path, home: Path) -> tuple[int, int]:
    """Count the steps out of a place and then into another."""
    out = len(place)
    for step, other in zip(_without_indexes(place), home, strict=False):
        if step != other:
            break
        out -= 1
    return out + len(home) - (len(place) - out), out


def _shown_from(home: Path, place: Path) -> str:
    """Write a home in full, with the indexes of the place as far as it is shared."""
    steps = list(home)
    for depth, step in enumerate(place[: len(home)]):
        if home[depth] != (-1 if isinstance(step, int) else step):
            break
        steps[depth] = step
    return dotted(tuple(steps)).replace("[-1]", "[]")


def _has_switches_alone(model: type[BaseModel]) -> bool:
    """Tell a closed choice of true and false, where no other key is meant."""
    return all(field.annotation == bool | None for field in model.model_fields.values())


def _named(place: Sequence[KeyOrIndex]) -> str:
    """Write a place without its indexes."""
    keys = [step for step in place if isinstance(step, str)]
    return dotted(tuple(keys))


def _keys(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]


def _wrong_value(details: ErrorDetails, written: str | None) -> str:
    value = cast("object", details["input"])
    expected = _EXPECTED.get(details["type"])
    if expected is None:
        # Pydantic words what it expects of a choice or a number.
        expected = details["msg"].removeprefix("Input should be ")
    message = f"expected {expected}, got {_kind(value)}"
    if details["type"] == "string_type" and isinstance(value, bool | int | float):
        message += f'; quote it: "{written or json.dumps(value)}"'
    return message


def _kind(value: object) -> str:
    match value:
        case dict():
            kind = "a map"
        case list():
            kind = "a list"
        case bool():
            kind = f"the boolean {str(value).lower()}"
        case int():
            kind = f"the integer {value}"
        case float():
            kind = f"the number {value}"
        case str():
            kind = f"the text {value!r}"
        case _:
            kind = "nothing"
    return kind


def _path_in(data: object, loc: Sequence[KeyOrIndex]) -> Path:
    """Drop the steps pydantic adds that are no place in the data."""
    path: list[KeyOrIndex] = []
    value = data
    for step in loc:
        if isinstance(value, dict) and step in value:
            value = cast("dict[KeyOrIndex, object]", value)[step]
        elif isinstance(value, list) and isinstance(step, int):
            value = cast("list[object]", value)[step]
        else:
            break
        path.append(step)
    return tuple(path)


def _without(data: object, doomed: Collection[Path], path: Path = ()) -> object:
    """Copy *data* without the values at the paths *doomed*, to check the rest.

    In lists null takes the place of what is taken out, so that later findings keep
    their index.
    """
    if isinstance(data, dict):
        return {
            key: _without(value, doomed, (*path, key))
            for key, value in cast("dict[str, object]", data).items()
            if (*path, key) not in doomed
        }
    if isinstance(data, list):
        return [
            None
            if (*path, index) in doomed
            else _without(value, doomed, (*path, index))
            for index, value in enumerate(cast("list[object]", data))
        ]
    return data
