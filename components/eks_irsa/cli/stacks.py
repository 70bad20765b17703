"""The command `eks-irsa stacks`: the stacks of a project, for a pipeline to run."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import click

from eks_irsa.cli.accounts import read_accounts
from eks_irsa.cli.changed_files import GitError
from eks_irsa.cli.changed_stacks import because, change_options, touched_since
from eks_irsa.cli.file_name import FileName
from eks_irsa.cli.problem_texts import counted, lines
from eks_irsa.cli.stack_list import IGNORED, Listed, Stack, listed, with_roles
from eks_irsa.cli.targets import all_of_project
from eks_irsa.documents.printable import printable
from eks_irsa.errors import InvalidInputError
from eks_irsa.settings.stack_file import shown_like

__all__ = ["stacks"]

_WITH_ERRORS: Final = 1
_OTHER_FAILURE: Final = 2
_HELP: Final = f"""\
List the stacks of the project, or those that a change touches.

The project is that of the Pulumi.yaml at or above the current folder. A stack file
touches its stack and a ClusterConfig the stacks that name it; every other changed file
may be part of the program and touches all stacks, but for {", ".join(IGNORED)} and what
--ignore names.

\b
Exit code:
  0  the stacks are listed; there may be none
  1  a stack's settings or the file of accounts have errors
  2  wrong usage, or Git cannot tell what changed
"""


@click.command(help=_HELP)
@change_options
@click.option(
    "--accounts",
    "accounts_file",
    type=FileName(),
    metavar="FILE",
    help=(
        "YAML that gives each AWS account its roles; each stack is then given those "
        "of its setting accountId."
    ),
)
@click.option(
    "--output",
    type=click.Choice(["json", "text"]),
    default="text",
    show_default=True,
    help=(
        "json: a list for the matrix of a pipeline; text: a stack to a line, its "
        "columns (name, AWS account, region, role for previews, role for up) parted "
        "by tabs, '-' for what is not known."
    ),
)
@click.pass_context
def stacks(
    context: click.Context,
    *,
    revision: str | None,
    ignore: tuple[str, ...],
    accounts_file: str | None,
    output: str,
) -> None:
    """Print the stacks, and exit with 1 if they cannot be told."""
    asked = all_of_project()
    if asked is None:
        msg = "no Pulumi.yaml is in this folder or above it; go into a project"
        raise click.UsageError(msg)
    found = listed(one.stack_file for one in asked.targets if one.stack_file)
    problems = [*asked.problems, *found.problems]
    chosen: Sequence[Stack] = found.stacks
    accounts = Path(accounts_file) if accounts_file else None
    if revision is not None:
        try:
            chosen = touched_since(
                found.stacks, revision, accounts, (*IGNORED, *ignore)
            )
        except GitError as error:
            click.echo(f"eks-irsa: {printable(str(error))}", err=True)
            context.exit(_OTHER_FAILURE)
    if accounts:
        given = _with_roles(chosen, accounts)
        problems += given.problems
        chosen = given.stacks
    if problems:
        click.echo(lines(problems), nl=False, err=True)
        context.exit(_WITH_ERRORS)
    click.echo(_json(chosen) if output == "json" else _text(chosen), nl=False)
    for one in chosen:
        if one.because:
            click.echo(because(one), err=True)
    of_all = counted(len(found.stacks), "stack")
    click.echo(f"{len(chosen):,} of {of_all}", err=True)


def _with_roles(stacks: Sequence[Stack], accounts_file: Path) -> Listed:
    try:
        return with_roles(stacks, read_accounts(accounts_file))
    except InvalidInputError as error:
        # Without the accounts it would be said of each stack that it has none.
        return Listed(stacks=tuple(stacks), problems=tuple(error.problems))


def _json(chosen: Sequence[Stack]) -> str:
    documents = [
        {
            "stack": one.name,
            "stackFile": str(one.stack_file),
            "clusterConfig": _shown(one),
            "accountId": one.account_id,
            "region": one.region,
            "previewRole": one.preview_role,
            "deployRole": one.deploy_role,
        }
        for one in chosen
    ]
    return f"{json.dumps(documents)}\n"


def _shown(stack: Stack) -> str | None:
    config = stack.cluster_config
    return shown_like(stack.stack_file, config) if config else None


def _text(chosen: Sequence[Stack]) -> str:
    rows = (
        (one.name, one.account_id, one.region, one.preview_role, one.deploy_role)
        for one in chosen
    )
    return "".join("\t".join(text or "-" for text in row) + "\n" for row in rows)
