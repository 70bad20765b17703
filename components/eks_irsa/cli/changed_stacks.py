"""The stacks that a change in Git touches: its options, and what they come to."""

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path

import click

from eks_irsa.cli.changed_files import changed_since, top_of_repository
from eks_irsa.cli.problem_texts import counted
from eks_irsa.cli.stack_list import Stack, touched
from eks_irsa.documents.printable import printable
from eks_irsa.settings.project import is_stack_file

__all__ = ["because", "change_options", "touched_since"]


def change_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options `--changed-since` (`revision`) and `--ignore`."""
    ignore = click.option(
        "--ignore",
        metavar="PATTERN",
        multiple=True,
        help=(
            "Files that touch no stack, from the top of the repository; '*' stands for "
            "any text, '/' included. May be given several times."
        ),
    )
    since = click.option(
        "--changed-since",
        "revision",
        metavar="REVISION",
        help=(
            "Only stacks that changes since REVISION touch: since the current commit "
            "parted from it, and in files here that Git knows."
        ),
    )
    return since(ignore(command))


def touched_since(
    every: Sequence[Stack],
    revision: str,
    accounts: Path | None,
    ignored: tuple[str, ...],
) -> list[Stack]:
    """Tell which stacks a change touches, each with the files that do.

    A stack whose file is gone is told on standard error.

    Args:
        every: The stacks of the project.
        revision: Since when, as Git names it.
        accounts: The file of AWS accounts, which touches none.
        ignored: Patterns of files that touch none.

    Raises:
        GitError: Git cannot tell what changed.
    """
    changed, top = changed_since(revision), top_of_repository()
    for gone in sorted(one for one in changed if is_stack_file(one)):
        if not gone.exists():
            name = printable(str(gone.relative_to(top)))
            click.echo(f"{name} is gone; its stack is not listed", err=True)
    reasons = touched(every, changed, accounts=accounts, ignored=ignored, top=top)
    return [
        dataclasses.replace(one, because=reasons[one.name])
        for one in every
        if one.name in reasons
    ]


def because(stack: Stack) -> str:
    """Say which files touch a stack, in a line however many they are."""
    first, *more = stack.because
    rest = f" and {counted(len(more), 'other file')}" if more else ""
    return f"{printable(stack.name)}: {printable(first)}{rest}"
