"""The command `eks-irsa check`: what is asked for, and how the answer is printed."""

import os
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import click

from eks_irsa.cli.file_name import FileName
from eks_irsa.cli.inputs import Outcome
from eks_irsa.cli.problem_texts import (
    annotations,
    counted,
    errors_in,
    json_text,
    lines,
)
from eks_irsa.cli.sarif import sarif_log
from eks_irsa.cli.targets import (
    Asked,
    all_of_project,
    found_among,
    outcomes_of,
    targets,
)
from eks_irsa.errors import Problem

__all__ = ["FORMATS", "check", "found_by", "output_option", "summary", "takes_colour"]

_WITH_ERRORS: Final = 1
_HELP: Final = """\
Name every problem of ClusterConfig files.

Each problem is a line, FILE:LINE:COLUMN: PATH: what the rule is, what was found and
what to write instead, [CODE]. Limits of AWS that depend on the AWS account or the
issuer are checked for the longest there can be.

FILE is a ClusterConfig, '-' for one on standard input, or a stack file,
Pulumi.<stack>.yaml: that is checked together with the ClusterConfig it names, which is
then not checked by itself. A Pulumi.yaml stands for all stacks of its project.

\b
Exit code:
  0  no errors; warnings are printed
  1  errors
  2  wrong usage
"""


class _Format(NamedTuple):
    """How problems are written, and what this is for."""

    write: Callable[[Sequence[Problem]], str]
    help: str
    summary: bool


FORMATS: Final[Mapping[str, _Format]] = {
    "text": _Format(lines, "a problem to a line", summary=True),
    "json": _Format(
        json_text,
        '{"version": 1, "valid": ..., "problems": [...]}',
        summary=False,
    ),
    "github": _Format(annotations, "annotations of a pull request", summary=True),
    "sarif": _Format(
        sarif_log,
        "SARIF 2.1.0, for code scanning",
        summary=False,
    ),
}

output_option: Final = click.option(
    "--output",
    type=click.Choice(list(FORMATS)),
    default="text",
    show_default=True,
    help="; ".join(f"{name}: {one.help}" for name, one in FORMATS.items()) + ".",
)


@click.command(help=_HELP)
@click.argument("files", metavar="[FILE]...", nargs=-1, type=FileName())
@click.option(
    "--settings",
    type=FileName(),
    metavar="STACKFILE",
    multiple=True,
    help=(
        "Settings of a stack, such as stacks/Pulumi.prod.yaml, with the defaults of "
        "its project's Pulumi.yaml; each FILE is taken with them, or without FILE the "
        "ClusterConfig they name. May be given several times. Default: a stack that "
        "sets nothing."
    ),
)
@click.option(
    "--all",
    "everything",
    is_flag=True,
    help=(
        "Check every stack of the project at or above the current folder with its "
        "ClusterConfig."
    ),
)
@click.option(
    "--find",
    is_flag=True,
    help=(
        "Take the ClusterConfigs and stacks among FILEs of any kind, as pre-commit "
        "gives them, each ClusterConfig with the stacks that name it."
    ),
)
@output_option
@click.pass_context
def check(  # noqa: PLR0913 - one parameter for each option
    context: click.Context,
    *,
    files: tuple[str, ...],
    settings: tuple[str, ...],
    everything: bool,
    find: bool,
    output: str,
) -> None:
    """Print the problems, and exit with 1 if one of them is an error."""
    stack_files = tuple(Path(name) for name in settings)
    if everything:
        asked = _everything(files, stack_files, find=find)
    else:
        ask = found_among if find else targets
        asked = ask(_named(files, stack_files, find=find), settings=stack_files)
    outcomes, problems = found_by(asked)
    style = FORMATS[output]
    if output == "text":
        click.echo(lines(problems, colour=takes_colour()), nl=False)
    else:
        click.echo(style.write(problems), nl=False)
    if style.summary:
        click.echo(summary(asked, outcomes, stack_files, problems), err=True)
    context.exit(_WITH_ERRORS if errors_in(problems) else 0)


def found_by(asked: Asked) -> tuple[list[Outcome], list[Problem]]:
    """Plan what is to be checked; give what came of it, and every problem once."""
    outcomes = outcomes_of(asked.targets)
    found = [*asked.problems, *(p for outcome in outcomes for p in outcome.problems)]
    # The problems of settings come back with each file they are taken with.
    return outcomes, list(dict.fromkeys(found))


def _everything(
    files: Sequence[str], stack_files: Sequence[Path], *, find: bool
) -> Asked:
    if files or stack_files or find:
        msg = (
            "--all takes every stack of the project; leave out FILE, --settings, --find"
        )
        raise click.UsageError(msg)
    asked = all_of_project()
    if asked is None:
        msg = "--all needs a project, and no Pulumi.yaml is in this folder or above it"
        raise click.UsageError(msg)
    return asked


def _named(
    files: tuple[str, ...], stack_files: tuple[Path, ...], *, find: bool
) -> list[str]:
    if not files and (find or not stack_files):
        msg = "name a FILE, '-' for standard input, or a stack's --settings"
        raise click.UsageError(msg)
    return list(dict.fromkeys(files))


def takes_colour() -> bool:
    """Tell whether standard output is a terminal whose user wants colours.

    Source:
        https://no-color.org
    """
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return not plain and sys.stdout.isatty()


def summary(
    asked: Asked,
    outcomes: Sequence[Outcome],
    settings: Collection[Path],
    problems: Sequence[Problem],
) -> str:
    """Write what was checked, and how much is wrong.

    Args:
        asked: What was to be checked.
        outcomes: What came of it.
        settings: Stack files that ClusterConfigs were taken with, which do not count.
        problems: All that were found.
    """
    stacks = {one.stack_file for one in asked.targets if one.file is None}
    subjects = [
        counted(len({outcome.source for outcome in outcomes}), "file"),
        *([counted(count, "stack")] if (count := len(stacks - {*settings})) else []),
    ]
    errors = errors_in(problems)
    warnings = len(problems) - errors
    found = [
        counted(count, what)
        for count, what in ((errors, "error"), (warnings, "warning"))
        if count
    ]
    left_out = counted(asked.left_out, "other file") if asked.left_out else ""
    return (
        f"{' and '.join(subjects)} checked: {', '.join(found) or 'no problems'}"
        f"{left_out and f'; {left_out} left out'}{_trust_budget(outcomes)}"
    )


def _trust_budget(outcomes: Sequence[Outcome]) -> str:
    """Say how near to its limit the longest trust policy of several clusters is."""
    plans = [one.plan for one in outcomes if one.plan and one.plan.trusted]
    if not plans:
        return ""
    nearest = max(
        plans, key=lambda one: one.trust_policy_characters / one.trust_policy_limit
    )
    return (
        f"; trust policies for several clusters have up to "
        f"{nearest.trust_policy_characters:,} of {nearest.trust_policy_limit:,} "
        "characters"
    )
