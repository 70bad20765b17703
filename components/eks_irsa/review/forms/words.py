"""What a report says, piece by piece: our words, and texts of the input.

This is the one door for the input. `say` and `strong` take texts that stand in this
package's code and no others (`LiteralString`, which the type checker holds them to);
everything else comes in by `code`, `told` or `number`. The forms, Markdown and HTML,
take `Words` alone, so that no text of the input can be taken for markup.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Literal, LiteralString

from eks_irsa.documents.printable import printable

__all__ = [
    "Part",
    "Words",
    "code",
    "join",
    "number",
    "say",
    "shortened",
    "strong",
    "told",
]

# Words that no renderer and no forge takes for anything but words: no dot or slash of a
# URL, no `@`, no `#`, no number long enough for a commit's hash.
_WORD: Final = re.compile(
    r"""[('"]?[A-Za-z]{1,30}([-'][A-Za-z]{1,30})*[)"']?[,;:.]?\)?|\d{1,4}[,;:]?|[,;:.()]+"""
)
# What GitHub takes for a commit if there is one; letters alone are enough.
_HASH: Final = re.compile(r"[a-f]{7,}")
_MOST_TOLD: Final = 300


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of what is said.

    Attributes:
        kind: `plain` and `strong` are our own words; `code` is a text of the input.
        text: As it is, neither escaped nor shortened.
    """

    kind: Literal["plain", "strong", "code"]
    text: str


@dataclass(frozen=True, slots=True)
class Words:
    """What is said on one line, in pieces."""

    parts: tuple[Part, ...] = ()

    def __add__(self, other: "Words") -> "Words":
        """Say one after the other."""
        return Words((*self.parts, *other.parts))

    def __bool__(self) -> bool:
        """Tell whether anything is said."""
        return bool(self.parts)


def say(text: LiteralString) -> Words:
    """Say something in our own words."""
    return Words((Part("plain", text),)) if text else Words()


def strong(text: LiteralString) -> Words:
    """Say something in our own words, loudly."""
    return Words((Part("strong", text),))


def code(text: str) -> Words:
    """Show a text of the input: a name, an ARN, a key, a value."""
    return Words((Part("code", text),))


def number(count: int) -> Words:
    """Say a number, thousands apart."""
    return Words((Part("plain", f"{count:,}"),))


def told(text: str) -> Words:
    """Repeat a sentence that may hold texts of the input, such as a reason.

    Plain words stay words. What else is in it, and what stands in backticks, is shown
    as `code` is. What is longer than a paragraph is cut, and says so.
    """
    parts: list[Part] = []
    for index, found in enumerate(text[:_MOST_TOLD].split("`")):
        if index % 2:
            parts.append(Part("code", found))
        else:
            parts += _told(found)
    cut = len(text) - _MOST_TOLD
    end = f" (and {cut:,} more characters)" if cut > 0 else ""
    return (
        Words((*_together(parts), Part("plain", end)))
        if end
        else Words(tuple(_together(parts)))
    )


def _told(text: str) -> Iterator[Part]:
    for index, token in enumerate(text.split(" ")):
        if index:
            yield Part("plain", " ")
        is_word = _WORD.fullmatch(token) and not _HASH.search(token)
        yield Part("plain" if is_word else "code", token)


def _together(parts: list[Part]) -> Iterable[Part]:
    """Put neighbours of one kind together; a space between two codes is of both."""
    made: list[Part] = []
    for part in parts:
        if not part.text:
            continue
        between = len(made) > 1 and made[-1] == Part("plain", " ")
        if part.kind == "code" and between and made[-2].kind == "code":
            made[-2:] = [Part("code", f"{made[-2].text} {part.text}")]
        elif made and part.kind == made[-1].kind:
            made[-1] = Part(part.kind, made[-1].text + part.text)
        else:
            made.append(part)
    return made


def join(separator: LiteralString, found: Iterable[Words]) -> Words:
    """Say several things with our own words between them."""
    between = say(separator)
    parts: list[Part] = []
    for index, one in enumerate(found):
        parts += [*(between.parts if index else ()), *one.parts]
    return Words(tuple(parts))


def shortened(text: str, most: int) -> str:
    """Show a text of the input on one line, its middle left out if it is long.

    Args:
        text: Any text.
        most: As many characters are shown at most, at least 30.

    Returns:
        What prints, what does not as its escape, never empty. In the place of a middle
        stands how many characters it has, and whether a wildcard is among them.
    """
    shown = printable(text) or " "
    if len(shown) <= most:
        return shown
    room = most - len(f"…({len(shown):,} more, with *)…")
    head, tail = room - room // 3, room // 3
    middle = shown[head : len(shown) - tail]
    wild = ", with *" if "*" in middle or "?" in middle else ""
    return f"{shown[:head]}…({len(middle):,} more{wild})…{shown[len(shown) - tail :]}"
