"""The live table of a fleet, on a terminal that is a text."""

import io
from pathlib import Path
from typing import Final

from rich.console import Console

from eks_irsa.fleet.board import Board, changes_text, results_table
from eks_irsa.fleet.model import Result

DONE: Final = Result(
    stack="shop",
    state="done",
    seconds=4.2,
    changes={"create": 1_200, "delete": 1, "same": 3},
    log=Path("shop.log"),
)
FAILED: Final = Result(
    stack="[red]pay",
    state="failed",
    seconds=64.0,
    error="no credentials",
    log=Path("pay.log"),
)


def shown(thing: object, *, width: int = 78) -> list[str]:
    """Give the lines of what is printed, without colours."""
    console = Console(file=io.StringIO(), width=width, color_system=None)
    console.print(thing)
    file = console.file
    assert isinstance(file, io.StringIO)
    return [line.rstrip() for line in file.getvalue().splitlines()]


def test_rows_say_what_became_of_each_stack() -> None:
    """No name of a stack is markup."""
    assert shown(results_table([DONE, FAILED], "up")) == [
        "stack     state   changes                        time",
        "shop      done    1,200 created, 1 deleted      4.2 s",
        "[red]pay  failed  no credentials            1 min 4 s",
    ]


def test_what_is_destroyed_is_red() -> None:
    """And nothing else is."""
    text = changes_text({"create": 1, "replace": 2, "delete": 3}, "preview")

    red = {text.plain[one.start : one.end] for one in text.spans if one.style}
    assert text.plain == "1 to create, 2 to replace, 3 to delete"
    assert red == {"2 to replace", "3 to delete"}


def test_board_shows_what_runs_and_what_waits() -> None:
    """What has ended stands above, and is no part of it any more."""
    console = Console(file=io.StringIO(), width=78, color_system=None)
    board = Board(console, "up", ["shop", "[red]pay", "web"])

    board.begun("shop")
    board.begun("[red]pay")
    board.step("[red]pay", "creating aws:iam/role:Role a/b-role")
    board.ended(DONE)
    now = shown(board)

    assert "[red]pay  running    creating aws:iam/role:Role a/b-role" in now[0]
    assert now[1:] == ["1 done, 1 running, 1 waiting"]
    file = console.file
    assert isinstance(file, io.StringIO)
    assert file.getvalue().split() == [
        *("shop", "done", "1,200", "created,", "1", "deleted", "4.2", "s")
    ]
