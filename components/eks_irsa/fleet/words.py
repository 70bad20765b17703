"""How a fleet's work is told in words; nothing here knows a terminal."""

from collections.abc import Mapping
from typing import Final

from eks_irsa.documents.printable import printable
from eks_irsa.fleet.model import Result, Verb

__all__ = ["changes_words", "ended_words", "seconds_words"]

# Operation of the engine -> its words before and after it is done.
_OPERATIONS: Final = {
    "create": ("to create", "created"),
    "import": ("to import", "imported"),
    "update": ("to update", "updated"),
    "replace": ("to replace", "replaced"),
    "delete": ("to delete", "deleted"),
}
_UNCHANGED: Final = "unchanged"
_MINUTE: Final = 60
_ENDED: Final = {"preview": "previewed", "up": "up"}


def changes_words(changes: Mapping[str, int], verb: Verb) -> list[tuple[str, str]]:
    """Count what changes, in words.

    Args:
        changes: Operation of the engine -> how many resources.
        verb: What the engine ran.

    Returns:
        Each operation that changes something, with its words; `unchanged` alone if
        there is none.
    """
    done = 1 if verb == "up" else 0
    found = [
        (operation, f"{changes[operation]:,} {words[done]}")
        for operation, words in _OPERATIONS.items()
        if changes.get(operation)
    ]
    return found or [("same", _UNCHANGED)]


def seconds_words(seconds: float) -> str:
    """Write how long something took: `4.2 s`, `61 s`, `3 min 4 s`."""
    if seconds < _MINUTE:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), _MINUTE)
    return f"{minutes} min {rest} s"


def ended_words(result: Result, verb: Verb) -> str:
    """Tell in a line what became of a stack."""
    name, took = printable(result.stack), seconds_words(result.seconds)
    if result.state == "done":
        changes = ", ".join(words for _, words in changes_words(result.changes, verb))
        new = " as a new stack" if result.new and verb == "preview" else ""
        return f"{name}: {_ENDED[verb]}{new} in {took}: {changes}"
    if result.state in {"failed", "cut"}:
        return f"{name}: {result.state} after {took}: {result.error}"
    return f"{name}: {result.state}{result.error and f': {result.error}'}"
