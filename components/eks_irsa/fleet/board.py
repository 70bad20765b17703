"""How a fleet gets on, for people: a live table, or lines without a terminal."""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Final, Self

from rich.console import Console, ConsoleOptions, Group, RenderResult
from rich.live import Live
from rich.table import Table
from rich.text import Text

from eks_irsa.documents.printable import printable
from eks_irsa.fleet.model import DESTRUCTIVE, Result, Verb
from eks_irsa.fleet.words import changes_words, ended_words, seconds_words

__all__ = ["Board", "Lines", "changes_text", "display_for", "results_table"]

_STYLES: Final = {
    "done": "green",
    "failed": "bold red",
    "cut": "yellow",
    "missing": "red",
    "left out": "red",
    "not begun": "dim",
    "running": "cyan",
}
_STOPPING: Final = (
    "interrupted: each running stack ends with the step it is at; "
    "again ends them at once and may leave them locked"
)
_AT_ONCE: Final = "interrupted again: the engines are told to end at once"


class Lines:
    """A line as each stack begins and ends."""

    def __init__(self, console: Console, verb: Verb) -> None:
        """Print to a console.

        Args:
            console: Where to.
            verb: What the engine runs.
        """
        self._console = console
        self._verb: Verb = verb

    def __enter__(self) -> Self:
        """Print nothing yet."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Print nothing more."""

    def begun(self, stack: str) -> None:
        """Print that a stack is begun."""
        self._print(f"{printable(stack)}: {self._verb} begun")

    def step(self, stack: str, text: str) -> None:
        """Print nothing: the log has it."""

    def ended(self, result: Result) -> None:
        """Print how a stack ended."""
        self._print(ended_words(result, self._verb))

    def stopping(self, *, at_once: bool) -> None:
        """Print that somebody wanted an end."""
        self._print(_AT_ONCE if at_once else _STOPPING)

    def _print(self, line: str) -> None:
        self._console.print(Text(line), soft_wrap=True)


class Board:
    """A table of what runs, with what has ended above it and the counts below."""

    def __init__(self, console: Console, verb: Verb, stacks: Sequence[str]) -> None:
        """Show nothing yet.

        Args:
            console: A terminal.
            verb: What the engine runs.
            stacks: All that are to be run.
        """
        self._console = console
        self._verb: Verb = verb
        self._width = max(map(len, stacks), default=0)
        self._total = len(stacks)
        self._running: dict[str, tuple[float, str]] = {}
        self._ended: Counter[str] = Counter()
        self._live = Live(self, console=console, transient=True, refresh_per_second=4)

    def __enter__(self) -> Self:
        """Show the table."""
        self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Take the table away; what has ended stays."""
        self._live.stop()

    def begun(self, stack: str) -> None:
        """Show a stack as running."""
        self._running[stack] = (time.monotonic(), f"{self._verb} begins")

    def step(self, stack: str, text: str) -> None:
        """Show what its engine is at."""
        self._running[stack] = (self._running[stack][0], text)

    def ended(self, result: Result) -> None:
        """Move a stack from what runs to what has ended."""
        self._running.pop(result.stack, None)
        self._ended[result.state] += 1
        row = _grid(self._width)
        row.add_row(*_cells(result, self._verb))
        self._console.print(row)

    def stopping(self, *, at_once: bool) -> None:
        """Show that somebody wanted an end."""
        text = _AT_ONCE if at_once else _STOPPING
        self._console.print(Text(text, style="yellow"))

    def __rich_console__(
        self, console: Console, options: ConsoleOptions
    ) -> RenderResult:
        """Give what is shown now."""
        del console, options
        table, now = _grid(self._width), time.monotonic()
        for stack, (begun, text) in list(self._running.items()):
            table.add_row(
                Text(printable(stack)),
                Text("running", style=_STYLES["running"]),
                Text(text, style="dim"),
                seconds_words(now - begun),
            )
        waiting = self._total - self._ended.total() - len(self._running)
        counts = {**self._ended, "running": len(self._running), "waiting": waiting}
        yield Group(table, Text(", ".join(f"{n} {what}" for what, n in counts.items())))


def display_for(verb: Verb, stacks: Sequence[str]) -> Board | Lines:
    """Choose a table for a terminal, and lines for anything else; on standard error.

    Args:
        verb: What the engine runs.
        stacks: All that are to be run.
    """
    console = Console(stderr=True, highlight=False)
    if console.is_terminal and not console.is_dumb_terminal:
        return Board(console, verb, stacks)
    return Lines(console, verb)


def results_table(results: Sequence[Result], verb: Verb) -> Table:
    """Write what became of stacks as a table, a row for each.

    Args:
        results: In the order of the rows.
        verb: What the engine ran.
    """
    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading in ("stack", "state", "changes"):
        table.add_column(heading, overflow="ellipsis", no_wrap=heading != "changes")
    table.add_column("time", justify="right", no_wrap=True)
    for one in results:
        table.add_row(*_cells(one, verb))
    return table


def _grid(width: int) -> Table:
    """Make a table whose rows stand below each other, whatever is in them."""
    table = Table.grid(padding=(0, 2), expand=True)
    table.add_column(width=width, no_wrap=True)
    table.add_column(width=9, no_wrap=True)
    table.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
    table.add_column(width=12, justify="right", no_wrap=True)
    return table


def _cells(result: Result, verb: Verb) -> tuple[Text, Text, Text, Text]:
    return (
        Text(printable(result.stack)),
        Text(result.state, style=_STYLES[result.state]),
        Text(result.error) if result.error else changes_text(result.changes, verb),
        Text(seconds_words(result.seconds) if result.log else ""),
    )


def changes_text(changes: Mapping[str, int], verb: Verb) -> Text:
    """Count what changes, what is destroyed in red."""
    parts = [
        Text(words, style="bold red" if operation in DESTRUCTIVE else "")
        for operation, words in changes_words(changes, verb)
    ]
    return Text(", ").join(parts)
