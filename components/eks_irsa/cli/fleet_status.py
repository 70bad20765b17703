"""The command `eks-irsa fleet status`."""

import gc
from typing import Final

import click

from eks_irsa.cli.fleet_stacks import (
    Choice,
    at_a_time_option,
    choice_options,
    chosen,
    output_option,
)
from eks_irsa.cli.problem_texts import errors_in
from eks_irsa.cli.targets import Target, outcomes_of
from eks_irsa.documents.printable import printable

__all__ = ["status"]

_SOME_UNKNOWN: Final = 1
_CANNOT_RUN: Final = 2
_HELP: Final = """\
Tell how many stacks stand, each in a row.

Whether its files pass 'eks-irsa check', and what the backend has of it: the last update
and how that ended, resources, operations that an engine was killed in, whether it is
locked. '-' is what the backend does not tell; whether a stack is locked, only Pulumi
Cloud and a file backend do. Runs no program and asks neither AWS nor Kubernetes.

\b
Exit code:
  0  every stack could be told
  1  something of a stack could not be read
  2  wrong usage, or no backend answers
"""


@click.command(help=_HELP)
@choice_options
@at_a_time_option
@output_option
@click.pass_context
def status(
    context: click.Context,
    *,
    choice: Choice,
    at_a_time: int,
    output: str,
) -> None:
    """Print how the stacks stand."""
    # They import Pulumi.
    from eks_irsa.fleet.project import FleetError  # noqa: PLC0415
    from eks_irsa.fleet.status import statuses  # noqa: PLC0415
    from eks_irsa.fleet.status_table import (  # noqa: PLC0415
        print_statuses,
        status_document,
    )

    gc.enable()
    taken = chosen(choice)
    try:
        found, there = statuses(
            taken.project,
            taken.stacks,
            at_a_time=at_a_time,
            organization=choice.organization,
        )
    except FleetError as error:
        click.echo(f"eks-irsa: {printable(str(error))}", err=True)
        context.exit(_CANNOT_RUN)
    checked = {
        name: errors_in(outcomes_of([Target(None, file)])[0].problems)
        for name, file in taken.stacks.items()
    }
    others = [name for name in there if name not in taken.every]
    if output == "json":
        click.echo(status_document(found, checked, others), nl=False)
    else:
        print_statuses(found, checked)
        if others:
            names = ", ".join(map(printable, others))
            click.echo(f"in the backend, and without a stack file: {names}", err=True)
    context.exit(_SOME_UNKNOWN if any(one.error for one in found) else 0)
