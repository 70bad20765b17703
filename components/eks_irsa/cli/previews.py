"""From the previews a user names, files, folders or standard input, to reviews."""

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from eks_irsa.documents.printable import printable
from eks_irsa.errors import PreviewError
from eks_irsa.review.model import Review
from eks_irsa.review.preview_reading import read_preview
from eks_irsa.review.readings import Reading
from eks_irsa.review.reviewing import review

__all__ = ["Previews", "previews"]

_STANDARD_INPUT: Final = "-"
_EMPTY: Final = (
    "there is no preview in this folder; expected a file *.json for each stack"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Previews:
    """All that a report is about.

    Attributes:
        readings: One for each file, in the order given; those of a folder by name.
        is_one: One file was named, and no folder: the report is about one stack, unless
            a caller wants one about several.
    """

    readings: tuple[Reading, ...]
    is_one: bool

    @property
    def one(self) -> Review | None:
        """The only review, where one file was named that can be read."""
        return self.readings[0].review if self.is_one else None


def previews(names: Iterable[str], *, of_several: bool = False) -> Previews:
    """Read every preview.

    Args:
        names: Files, folders of which every `*.json` is taken, or `-` for standard
            input.
        of_several: The report is about several stacks, also where one file is named.

    Returns:
        A reading for each, also for one that cannot be read, and for a folder in which
        there is none.
    """
    given = tuple(names)
    return Previews(
        readings=tuple(one for name in given for one in _readings(name)),
        is_one=not of_several and len(given) == 1 and not _is_folder(given[0]),
    )


def _is_folder(name: str) -> bool:
    return name != _STANDARD_INPUT and Path(name).is_dir()


def _readings(name: str) -> Iterator[Reading]:
    if not _is_folder(name):
        yield _reading(name)
        return
    files = sorted(str(one) for one in Path(name).glob("*.json"))
    yield from map(_reading, files)
    if not files:
        # Where previews were to come and none did, nobody knows what they would tell.
        yield Reading(file=printable(name), review=None, problem=_EMPTY)


def _reading(file: str) -> Reading:
    is_stream = file == _STANDARD_INPUT
    name = "<stdin>" if is_stream else printable(file)
    try:
        found = review(read_preview(_text(file)))
    except PreviewError as error:
        return Reading(file=name, review=None, problem=str(error))
    if not found.stack and not is_stream:
        # A preview that stopped early names no stack; its file mostly does.
        found = replace(found, stack=Path(file).stem)
    return Reading(file=name, review=found)


def _text(file: str) -> str:
    """Read a file, or standard input for `-`.

    Raises:
        PreviewError: It cannot be read, or is no text.
    """
    try:
        # The interpreter has no stream where the shell closed it.
        standard_input = sys.stdin.buffer.read if sys.stdin else bytes
        is_stream = file == _STANDARD_INPUT
        given = standard_input() if is_stream else Path(file).read_bytes()
        return given.decode("utf-8-sig")
    except OSError as error:
        msg = f"cannot be read: {error.strerror}"
        raise PreviewError(msg) from error
    except UnicodeDecodeError as error:
        msg = f"not UTF-8: {error.reason} at byte {error.start}"
        raise PreviewError(msg) from error
