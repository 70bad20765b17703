"""The command `eks-irsa fleet preview`."""

from typing import Final

import click

from eks_irsa.cli.fleet_stacks import (
    Choice,
    Running,
    choice_options,
    chosen,
    output_option,
    running_options,
)

__all__ = ["preview"]

_HELP: Final = """\
Preview many stacks, so many at a time, and count what would change.

A stack that does not exist yet is previewed as it would be made, as 'eks-irsa preview'
does it. One that fails stops no other. Changes nothing.

\b
Exit code:
  0    every stack was previewed
  1    some were not; the summary has each with its first error and its log
  2    wrong usage, or no stack can be run
  130  interrupted
"""


@click.command(help=_HELP)
@choice_options
@running_options
@output_option
@click.pass_context
def preview(
    context: click.Context,
    *,
    choice: Choice,
    running: Running,
    output: str,
) -> None:
    """Print what the previews come to, and exit with it."""
    from eks_irsa.cli.fleet_runs import Runs  # noqa: PLC0415 - imports Pulumi

    taken = chosen(choice)
    runs = Runs(context, taken, running)
    results = runs.run("preview", list(taken.stacks))
    runs.tell(results, "preview", output)
    context.exit(runs.code(results))
