"""What a run of a fleet comes to: in the end for people, and for programs."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from rich.console import Console
from rich.text import Text

from eks_irsa.documents.printable import printable
from eks_irsa.fleet.board import changes_text
from eks_irsa.fleet.model import Result, Verb, added
from eks_irsa.fleet.words import seconds_words

__all__ = ["JSON_VERSION", "print_summary", "run_document"]

JSON_VERSION: Final = 1
_MOST_NAMES: Final = 10
_GO_ON: Final = "to go on: the same command with --resume, and without --stacks"


def print_summary(
    results: Sequence[Result], verb: Verb, seconds: float, *, to_error: bool = False
) -> None:
    """Print the counts, what is destroyed where, and every stack that is not done.

    Args:
        results: Of all stacks.
        verb: What the engine ran.
        seconds: How long it took in all.
        to_error: To standard error. Default: to standard output.
    """
    console = Console(stderr=to_error, highlight=False, soft_wrap=True)
    counts = Counter(one.state for one in results)
    states = ", ".join(f"{count:,} {state}" for state, count in counts.items())
    noun = "stack" if len(results) == 1 else "stacks"
    head = f"{verb} of {len(results):,} {noun} in {seconds_words(seconds)}"
    console.print(Text(f"{head}{states and f': {states}'}"))
    if changes := _changes(results, verb):
        console.print(changes_text(changes, verb))
    if gone := [printable(one.stack) for one in results if one.destructive]:
        more = f" and {len(gone) - _MOST_NAMES:,} more" if gone[_MOST_NAMES:] else ""
        names = f"{', '.join(gone[:_MOST_NAMES])}{more}"
        console.print(Text(f"deletes or replaces in: {names}", style="bold red"))
    for one in results:
        if one.state not in {"done", "not begun"}:
            console.print(_undone(one))
    if verb == "up" and any(one.state != "done" for one in results):
        console.print(_GO_ON)


def _changes(results: Sequence[Result], verb: Verb) -> dict[str, int]:
    """Add up what changes; a preview that stopped did not see all of it."""
    return added(
        [one.changes for one in results if verb == "up" or one.state != "failed"]
    )


def _undone(result: Result) -> Text:
    text = Text(f"{printable(result.stack)}: {result.state}: {result.error}")
    if result.log:
        text.append(f"\n    all of it: {printable(str(result.log))}", style="dim")
    return text


def run_document(
    results: Sequence[Result], verb: Verb, seconds: float, *, interrupted: bool
) -> str:
    """Write what a run comes to as JSON.

    Args:
        results: Of all stacks.
        verb: What the engine ran.
        seconds: How long it took in all.
        interrupted: Somebody wanted an end before.

    Returns:
        {`version`: 1, `verb`, `seconds`, `interrupted`, `states`: state -> number of
        stacks, `changes`: operation -> number of resources, `stacks`: a list of
        {`stack`, `state`, `new`, `seconds`, `changes`, `error`, `log`}}, indented, in
        ASCII; ends with a newline.
    """
    document: Mapping[str, object] = {
        "version": JSON_VERSION,
        "verb": verb,
        "seconds": round(seconds, 1),
        "interrupted": interrupted,
        "states": Counter(one.state for one in results),
        "changes": _changes(results, verb),
        "stacks": [
            {
                "stack": one.stack,
                "state": one.state,
                "new": one.new,
                "seconds": round(one.seconds, 1),
                "changes": one.changes,
                "error": one.error,
                "log": str(one.log) if one.log else None,
            }
            for one in results
        ],
    }
    return f"{json.dumps(document, indent=2)}\n"
