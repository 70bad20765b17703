"""The command `eks-irsa fleet report`."""

from typing import Any, Final

import click

from eks_irsa.cli.fleet_stacks import (
    Choice,
    Running,
    choice_options,
    chosen,
    running_options,
)
from eks_irsa.cli.report import gate_asked, refuse_open
from eks_irsa.cli.report import report as report_of_previews

__all__ = ["report"]

_HELP: Final = """\
Preview many stacks, and tell what changes for service accounts and roles.

Previews as 'eks-irsa fleet preview' does, and prints what 'eks-irsa report' prints of
all the previews, with the same options. They stay in the folder previews of --logs.

\b
Exit code:
  0    every stack was previewed
  1    some were not, which the report then shows; also where the gate would stop it
  2    wrong usage, no stack can be run, or the file of exceptions is wrong
  3    the gate, --fail-on, stops it; standard error says what, and how to accept it
  130  interrupted; there is no report
"""


@click.command(help=_HELP)
@choice_options
@running_options
@click.pass_context
def report(
    context: click.Context,
    /,
    *,
    choice: Choice,
    running: Running,
    **options: Any,  # noqa: ANN401 - those of `eks-irsa report`, as they are
) -> None:
    """Print the report, and exit with what it comes to."""
    from eks_irsa.cli.fleet_runs import Runs  # noqa: PLC0415 - imports Pulumi

    refuse_open(opened=options["opened"], output=options["output"])
    # What is wrong with it is told before minutes of previews.
    gate_asked(context, options["rules"], options["exceptions"])
    taken = chosen(choice)
    runs = Runs(context, taken, running)
    previews = runs.keep_previews()
    results = runs.run("preview", list(taken.stacks))
    runs.summary(results, "preview", to_error=True)
    if runs.stopped or not results:
        context.exit(runs.code(results))
    # Not their folder, where anybody may have put more.
    names = tuple(map(str, previews))
    context.invoke(report_of_previews, names=names, of_several=True, **options)


report.params += [one for one in report_of_previews.params if one.name != "names"]
