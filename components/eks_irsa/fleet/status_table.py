"""How the stacks of a fleet stand: a table for people, and JSON for programs."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from eks_irsa.documents.printable import printable
from eks_irsa.fleet.status import Status
from eks_irsa.fleet.summary import JSON_VERSION

__all__ = ["print_statuses", "status_document", "status_table"]

# Wider than any row, where there is no terminal to fit into.
_WIDE: Final = 1_000


def print_statuses(found: Sequence[Status], checked: Mapping[str, int]) -> None:
    """Print the table to standard output.

    Args:
        found: How each stack stands.
        checked: Stack's name -> how many errors `check` finds.
    """
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = _WIDE
    console.print(status_table(found, checked))
    for one in found:
        if one.error:
            console.print(Text(f"{printable(one.stack)}: {one.error}"))


def status_table(found: Sequence[Status], checked: Mapping[str, int]) -> Table:
    """Write the table.

    Args:
        found: How each stack stands, in the order of the rows.
        checked: Stack's name -> how many errors `check` finds.
    """
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("stack", no_wrap=True)
    for heading in ("check", "last update", "result", "resources", "pending", "locked"):
        table.add_column(heading, no_wrap=True)
    for one in found:
        table.add_row(
            Text(printable(one.stack)), _check(checked[one.stack]), *_cells(one)
        )
    return table


def _check(errors: int) -> Text:
    return Text(f"{errors:,} wrong", style="bold red") if errors else Text("ok")


def _cells(one: Status) -> list[Text]:
    if not one.exists:
        return [Text("no such stack yet", style="dim")]
    good = one.result in {"succeeded", ""}
    return [
        Text(one.updated.replace("T", " ").removesuffix("+00:00") or "never"),
        Text(one.result or "-", style="" if good else "bold red"),
        Text("-" if one.resources is None else f"{one.resources:,}"),
        Text(
            "-" if one.pending is None else f"{one.pending:,}", style=_red(one.pending)
        ),
        Text(_LOCKED[one.locked], style=_red(one.locked)),
    ]


_LOCKED: Final = {True: "yes", False: "no", None: "-"}


def _red(grave: object) -> str:
    return "bold red" if grave else ""


def status_document(
    found: Sequence[Status], checked: Mapping[str, int], others: Sequence[str]
) -> str:
    """Write the same as JSON.

    Args:
        found: How each stack stands.
        checked: Stack's name -> how many errors `check` finds.
        others: Stacks of the backend that have no stack file.

    Returns:
        {`version`: 1, `stacks`: a list of {`stack`, `exists`, `resources`, `updated`,
        `result`, `pending`, `locked`, `error`, `checkErrors`}, `withoutFile`: names},
        indented, in ASCII; null is what is not known; ends with a newline.
    """
    document = {
        "version": JSON_VERSION,
        "stacks": [{**asdict(one), "checkErrors": checked[one.stack]} for one in found],
        "withoutFile": list(others),
    }
    return f"{json.dumps(document, indent=2)}\n"
