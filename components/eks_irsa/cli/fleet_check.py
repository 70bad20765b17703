"""The command `eks-irsa fleet check`: the stacks of a project together."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import click

from eks_irsa.cli.check import FORMATS, found_by, output_option, summary, takes_colour
from eks_irsa.cli.file_name import FileName
from eks_irsa.cli.inputs import Outcome
from eks_irsa.cli.inventory import read_inventory
from eks_irsa.cli.problem_texts import errors_in, json_document, lines
from eks_irsa.cli.stack_list import name_of
from eks_irsa.cli.targets import all_of_project
from eks_irsa.errors import InvalidInputError, Problem
from eks_irsa.plan.fleet import PlannedStack, overlaps, unknown_accounts
from eks_irsa.plan.quotas import WORDS, Inventory, Quota, quota_problems, quotas

__all__ = ["check"]

_WITH_ERRORS: Final = 1
# Columns of words, which begin where the one before ends; numbers end there.
_WORDS: Final = 2
_HEAD: Final = (
    "AWS account",
    "",
    "stacks",
    "needed",
    "to make",
    "in use",
    "limit",
)
_HELP: Final = """\
Name every problem of all stacks of the project, each alone and all together.

Each stack is checked as by 'eks-irsa check --all'. Together: no service account, no
role and no OIDC provider is made by two stacks, and no AWS account gets more roles or
OIDC providers than its quotas allow. Quotas are IAM's defaults, or what AWS raised them
to: the settings limits.rolesPerAccount and limits.oidcProvidersPerAccount, or
--inventory.

\b
Exit code:
  0  no errors; warnings are printed
  1  errors
  2  wrong usage
"""


@click.command(help=_HELP)
@click.option(
    "--inventory",
    "inventory_files",
    type=FileName(),
    metavar="FILE",
    multiple=True,
    help=(
        "What an AWS account has now: the output of 'aws iam list-roles', 'aws iam "
        "list-open-id-connect-providers' and 'aws service-quotas list-service-quotas "
        "--service-code iam --region us-east-1', one after the other. May be given "
        "several times."
    ),
)
@output_option
@click.pass_context
def check(
    context: click.Context, *, inventory_files: tuple[str, ...], output: str
) -> None:
    """Print the problems and the quotas, and exit with 1 if there is an error."""
    asked = all_of_project()
    if asked is None:
        msg = "no Pulumi.yaml is in this folder or above it; go into a project"
        raise click.UsageError(msg)
    outcomes, problems = found_by(asked)
    inventory: Mapping[str, Inventory] = {}
    try:
        inventory = read_inventory(inventory_files)
    except InvalidInputError as error:
        problems += error.problems
    stacks = [*_planned(outcomes)]
    for account_id in inventory.keys() - {stack.account_id for stack in stacks}:
        click.echo(f"--inventory: no stack is in AWS account {account_id}", err=True)
    counted = quotas(stacks, inventory)
    problems += [
        *unknown_accounts(stacks),
        *overlaps(stacks),
        *quota_problems(counted, stacks),
    ]
    if output == "text":
        click.echo(lines(problems, colour=takes_colour()), nl=False)
        click.echo(_table(counted), nl=False)
    elif output == "json":
        click.echo(_json(problems, counted))
    else:
        click.echo(FORMATS[output].write(problems), nl=False)
    if FORMATS[output].summary:
        click.echo(summary(asked, outcomes, (), problems), err=True)
    if lost := len(outcomes) - len(stacks):
        click.echo(f"not counted, for their errors: {lost:,} of the stacks", err=True)
    context.exit(_WITH_ERRORS if errors_in(problems) else 0)


def _planned(outcomes: Sequence[Outcome]) -> Iterator[PlannedStack]:
    for one in outcomes:
        if one.plan and one.file and one.settings and one.stack_file:
            yield PlannedStack(
                name=name_of(one.stack_file),
                file=one.file,
                settings=one.settings,
                plan=one.plan,
            )


def _json(problems: Sequence[Problem], counted: Sequence[Quota]) -> str:
    return json.dumps(
        {**json_document(problems), "quotas": [_document(one) for one in counted]},
        indent=2,
    )


def _document(quota: Quota) -> dict[str, object]:
    """Put a quota into values that JSON has; null for what is not known."""
    return {
        "accountId": quota.account_id or None,
        "subject": quota.subject,
        "stacks": quota.stacks,
        "needed": quota.needed,
        "toMake": quota.to_make,
        "inUse": quota.used,
        "limit": quota.limit,
        "exceeded": quota.exceeded,
    }


def _table(counted: Sequence[Quota]) -> str:
    """Write a line for each quota; `-` for what is not known."""
    rows: list[tuple[str, ...]] = [_HEAD]
    for one in counted:
        numbers = (one.stacks, one.needed, one.to_make, one.used, one.limit)
        shown = ("-" if number is None else f"{number:,}" for number in numbers)
        rows.append((one.account_id or "not known", WORDS[one.subject], *shown))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "".join(
        "  ".join(
            text.ljust(width) if index < _WORDS else text.rjust(width)
            for index, (text, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        + "\n"
        for row in rows
    )
