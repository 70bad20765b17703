"""The command `eks-irsa fleet up`."""

import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import click

from eks_irsa.cli.fleet_stacks import (
    Choice,
    Chosen,
    Running,
    choice_options,
    chosen,
    output_option,
    running_options,
)
from eks_irsa.cli.problem_texts import counted
from eks_irsa.documents.printable import printable

if TYPE_CHECKING:
    from eks_irsa.cli.fleet_runs import Runs
    from eks_irsa.fleet.model import Result
    from eks_irsa.fleet.record import Record

__all__ = ["up"]

_NOT_DONE: Final = 1
_HELP: Final = """\
Bring many stacks up, so many at a time.

Previews them first, and asks with what all of them come to; with --yes it does neither.
A stack that fails stops no other. Ctrl-C lets each running stack end the step it is at
and leaves none locked; --resume goes on with what is not done then.

\b
Exit code:
  0    every stack is up
  1    some are not; the summary has each with its first error and its log
  2    wrong usage, or no stack can be run
  130  interrupted
"""


@click.command(help=_HELP)
@choice_options
@running_options
@click.option("--yes", is_flag=True, help="Neither preview first nor ask.")
@click.option(
    "--keep",
    is_flag=True,
    help=(
        "Preview first, also with --yes, and leave out every stack of which something "
        "would be deleted or replaced; it counts as not done."
    ),
)
@click.option(
    "--create",
    is_flag=True,
    help="Make the stacks that the backend does not have; else they count as not done.",
)
@click.option(
    "--resume",
    is_flag=True,
    help="Take the stacks that earlier 'fleet up' of the project left.",
)
@output_option
@click.pass_context
def up(  # noqa: PLR0913 - one for each option
    context: click.Context,
    *,
    choice: Choice,
    running: Running,
    yes: bool,
    keep: bool,
    create: bool,
    resume: bool,
    output: str,
) -> None:
    """Bring the stacks up, and exit with what became of them."""
    from eks_irsa.cli.fleet_runs import Runs  # noqa: PLC0415 - imports Pulumi

    _refuse(is_narrowed=choice.is_narrowed, resume=resume, yes=yes)
    taken = chosen(choice)
    # Before anything that can be interrupted: what is not brought up stays noted.
    record = _noted(context, taken, resume=resume)
    if resume:
        taken = _left(taken, record)
    runs = Runs(context, taken, running, create=create)
    before = _previewed(runs, keep=keep) if keep or not yes else []
    if runs.stopped or not (yes or _agreed(runs, before)):
        if output == "json":
            runs.tell(before, "preview", output)
        click.echo("nothing was changed", err=True)
        context.exit(runs.code([]) or _NOT_DONE)
    results = _brought_up(runs, taken, before, record)
    runs.tell(results, "up", output)
    context.exit(runs.code(results))


def _refuse(*, is_narrowed: bool, resume: bool, yes: bool) -> None:
    """Refuse options that do not go together, or that need a terminal.

    Raises:
        click.UsageError: They do not.
    """
    if resume and is_narrowed:
        msg = "--resume takes what is left; leave out --stacks and --changed-since"
        raise click.UsageError(msg)
    if not yes and not (sys.stdin and sys.stdin.isatty()):
        msg = "nobody can be asked, standard input is no terminal; give --yes"
        raise click.UsageError(msg)


def _noted(context: click.Context, taken: Chosen, *, resume: bool) -> "Record":
    """Keep other runs out until the command ends, and open the record of this one.

    Raises:
        click.UsageError: Another one runs, or there is nothing to go on with.
    """
    # Not for a help.
    from eks_irsa.fleet.lock import BusyError, only_run  # noqa: PLC0415
    from eks_irsa.fleet.record import Record, RecordError  # noqa: PLC0415

    try:
        context.with_resource(only_run(taken.project))
        if resume:
            return Record.last(taken.project)
        return Record.begun(taken.project, taken.stacks, taken.every)
    except (BusyError, RecordError) as error:
        raise click.UsageError(printable(str(error))) from error
    except OSError as error:
        msg = f"what is done cannot be noted: {error}"
        raise click.UsageError(printable(msg)) from error


def _left(taken: Chosen, record: "Record") -> Chosen:
    """Take what the last run left; a stack whose file is gone is told."""
    for name in record.left:
        if name not in taken.stacks:
            click.echo(f"{printable(name)} has no stack file any more", err=True)
    left = {name: file for name, file in taken.stacks.items() if name in record.left}
    if not left:
        click.echo("the last 'fleet up' left nothing to bring up", err=True)
    return replace(taken, stacks=left)


def _previewed(runs: "Runs", *, keep: bool) -> "list[Result]":
    """Preview what would be brought up, and hold back what must be kept."""
    fleet = runs.fleet
    names = [name for name in fleet.files if fleet.create or name in fleet.there]
    found = runs.run("preview", names)
    return [one.held_back() if keep else one for one in found]


def _agreed(runs: "Runs", before: "list[Result]") -> bool:
    """Ask, with what the previews come to."""
    runs.summary(before, "preview", to_error=True)
    ready = sum(one.state == "done" for one in before)
    return not ready or click.confirm(f"Bring up {counted(ready, 'stack')}?", err=True)


def _brought_up(
    runs: "Runs", taken: Chosen, before: "list[Result]", record: "Record"
) -> "list[Result]":
    """Bring up what the previews do not speak against; each is noted as it ends."""
    held = {one.stack: one for one in before if one.state != "done"}
    names = [name for name in taken.stacks if name not in held]
    by_name = held | {one.stack: one for one in runs.run("up", names, record.note)}
    if record.fault:
        text = (
            f"not all that is done is noted, --resume would repeat it: {record.fault}"
        )
        click.echo(printable(text), err=True)
    return [by_name[name] for name in taken.stacks]
