"""The command `eks-irsa adopt`: what a stack takes in of what another tool made."""

import json
from collections.abc import Sequence
from pathlib import Path
from shlex import quote
from typing import Final, Literal, NoReturn

import click

from eks_irsa.adoption.adopting import adoption_of
from eks_irsa.adoption.drafting import drafted
from eks_irsa.adoption.model import Adoption
from eks_irsa.adoption.stack_text import fragment
from eks_irsa.cli.adoption_documents import adoption_document
from eks_irsa.cli.adoption_settings import (
    missing_cluster_config,
    spelled,
    written_into,
)
from eks_irsa.cli.adoption_steps import is_done, is_settled, next_steps
from eks_irsa.cli.adoption_texts import adoption_lines, entries_counted
from eks_irsa.cli.file_name import FileName
from eks_irsa.cli.inputs import Outcome, planned
from eks_irsa.cli.live_sources import Sources, account_of, issuers_of, source_options
from eks_irsa.cli.problem_texts import errors_in, lines
from eks_irsa.cli.stack_list import name_of
from eks_irsa.documents.printable import printable
from eks_irsa.errors import InvalidInputError, Problem
from eks_irsa.live.account import LiveAccount
from eks_irsa.plan.model import name_and_region
from eks_irsa.settings.project import is_stack_file
from eks_irsa.settings.stack_file import parsed, project_file_of
from eks_irsa.source.document import Pairs

__all__ = ["adopt"]

_NOT_ALL: Final = 1
_HELP: Final = """\
Say which roles that exist a stack can take in, and write the settings.

Reads a ClusterConfig, the AWS account and the cluster, and changes nothing of them.
For each entry it finds the role that trusts its service account, whoever made it:
eksctl, Terraform, CDK or a person. It says whether that role is taken in as it is,
what would change, or why it cannot be taken in, and gives the stack settings with
which 'pulumi up' imports it: no new role, no new ARN.

FILE '-' is standard input. Without FILE it is the one that the setting
clusterConfig of the stack names. Without a ClusterConfig, --cluster and --region
write one from what there is.

AWS is asked as the identity of the AWS SDK, or not at all with --roles.

\b
Exit code:
  0  every entry can be taken in, or has no role yet
  1  one cannot, service accounts could not be read, the settings could not be
     written, or the files have errors
  2  wrong usage, or nothing could be read
"""
_Output = Literal["text", "json", "yaml"]


@click.command(help=_HELP)
@click.argument("file", metavar="[FILE]", required=False, type=FileName())
@click.option(
    "--settings",
    type=FileName(),
    metavar="STACKFILE",
    help="Settings of the stack. Default: a stack that sets nothing.",
)
@click.option(
    "--write",
    type=FileName(),
    metavar="STACKFILE",
    help=(
        "The same, and write the settings into it; what else it has stays, comments "
        "included. It is made if there is none."
    ),
)
@click.option(
    "--cluster",
    metavar="NAME",
    help="Without a ClusterConfig: the EKS cluster of which one is written.",
)
@click.option("--region", metavar="REGION", help="AWS region of --cluster.")
@click.option(
    "--write-config",
    type=FileName(),
    metavar="FILE",
    help=(
        "Where the ClusterConfig of --cluster is written, to go on with it. Default: "
        "standard output, and nothing else is done."
    ),
)
@source_options
@click.option(
    "--output",
    type=click.Choice(["text", "json", "yaml"]),
    default="text",
    show_default=True,
    help="yaml: the settings alone, as a stack file has them.",
)
@click.pass_context
def adopt(  # noqa: PLR0913 - one parameter for each option
    context: click.Context,
    *,
    file: str | None,
    settings: str | None,
    write: str | None,
    cluster: str | None,
    region: str | None,
    write_config: str | None,
    sources: Sources,
    output: _Output,
) -> None:
    """Print what becomes of each entry, and exit with 1 if one cannot be taken in."""
    _require_one_stack(settings, write)
    account = None
    if cluster or region or write_config:
        account = _account_without_config(file, cluster, region, sources)
        text = _drafted(account)
        if write_config is None:
            click.echo(text, nl=False)
            return
        _write_new(Path(write_config), text)
        file = write_config
    outcome = _read(context, file, settings or write)
    if write_config:
        _say_written(write_config, outcome)
    if account is None:
        name, place = _cluster_of(outcome)
        account = account_of(sources, cluster=name, region=place)
    adoption = _adoption(context, outcome, account, sources)
    stack = settings or write
    found = _settings(adoption, outcome, file=file, stack=stack)
    written = write if write and found and written_into(Path(write), found) else None
    click.echo(lines(adoption.warnings), nl=False, err=True)
    if output == "text":
        _print(adoption, found, file=file, stack=stack, written=written)
    else:
        as_json = json.dumps(adoption_document(adoption, account), indent=2)
        click.echo(as_json + "\n" if output == "json" else fragment(found), nl=False)
    unwritten = write and found and not written
    context.exit(0 if is_settled(adoption) and not unwritten else _NOT_ALL)


def _require_one_stack(settings: str | None, write: str | None) -> None:
    """Refuse two stack files, and one to read that is not there."""
    if settings and write:
        msg = "--write reads the settings too; leave --settings out"
        raise click.UsageError(msg)
    if settings and not Path(settings).exists():
        msg = f"{settings} is not there; --write makes a stack file"
        raise click.UsageError(printable(msg))


def _account_without_config(
    file: str | None, cluster: str | None, region: str | None, sources: Sources
) -> LiveAccount:
    if file is not None:
        msg = "FILE says which cluster it is; leave --cluster and its options out"
        raise click.UsageError(msg)
    if not (cluster and region):
        msg = "--cluster and --region are given together"
        raise click.UsageError(msg)
    return account_of(sources, cluster=cluster, region=region)


def _drafted(account: LiveAccount) -> str:
    draft = drafted(account)
    for one in draft.warnings:
        click.echo(printable(f"warning: {one}"), err=True)
    return draft.text


def _write_new(path: Path, text: str) -> None:
    """Write a file that must not be there."""
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as error:
        msg = f"{path} exists, and is not written over; give another name"
        raise click.UsageError(printable(msg)) from error


def _say_written(path: str, outcome: Outcome) -> None:
    assert outcome.plan is not None  # noqa: S101 - it has no errors
    count = entries_counted(len(outcome.plan.service_accounts))
    click.echo(printable(f"{path} is written, {count}"), err=True)


def _read(context: click.Context, file: str | None, stack: str | None) -> Outcome:
    """Read file and settings, or print what is wrong with them and exit."""
    stack_file = _stack_file(stack)
    if file is None and stack_file is None:
        msg = (
            "name a FILE, '-' for standard input, or a stack's --settings; without a "
            "ClusterConfig, --cluster and --region"
        )
        raise click.UsageError(msg)
    outcome = planned(file, stack_file=stack_file)
    if errors_in(outcome.problems):
        _refuse(context, outcome.problems)
    return outcome


def _cluster_of(outcome: Outcome) -> tuple[str, str]:
    assert outcome.file is not None  # noqa: S101 - it has no errors
    return name_and_region(outcome.file.config)


def _adoption(
    context: click.Context, outcome: Outcome, account: LiveAccount, sources: Sources
) -> Adoption:
    assert outcome.plan is not None  # noqa: S101 - it has no errors
    assert outcome.file is not None  # noqa: S101 - as above
    assert outcome.settings is not None  # noqa: S101 - as above
    try:
        return adoption_of(
            outcome.file,
            settings=outcome.settings,
            account=account,
            stack=_name_of_stack(outcome.stack_file),
            issuers=issuers_of(sources, outcome.plan.trusted),
        )
    except InvalidInputError as error:
        _refuse(context, error.problems)


def _refuse(context: click.Context, problems: Sequence[Problem]) -> NoReturn:
    click.echo(lines(problems), nl=False, err=True)
    context.exit(_NOT_ALL)


def _stack_file(name: str | None) -> Path | None:
    """Find what a stack sets; one without a file sets what its project does."""
    if name is None:
        return None
    path = Path(name)
    return path if path.exists() else project_file_of(path)


def _name_of_stack(stack_file: Path | None) -> str | None:
    """Give `<project>/<stack>` of a stack file, as far as files tell it."""
    project = stack_file and project_file_of(stack_file)
    if stack_file is None or project is None or not is_stack_file(stack_file):
        return None
    root = parsed(project, source=str(project)).root
    name = root.get("name") if isinstance(root, Pairs) else None
    return f"{name}/{name_of(stack_file)}" if name else None


def _settings(
    adoption: Adoption, outcome: Outcome, *, file: str | None, stack: str | None
) -> dict[str, object]:
    """Give the settings of an adoption, as the stack file spells their names."""
    assert outcome.settings is not None  # noqa: S101 - it has no errors
    found = missing_cluster_config(outcome.settings, file=file, stack=stack)
    found |= adoption.settings
    origin = outcome.settings.origins[0]
    return {spelled(key, origin): value for key, value in found.items()}


def _print(
    adoption: Adoption,
    settings: dict[str, object],
    *,
    file: str | None,
    stack: str | None,
    written: str | None,
) -> None:
    for line in adoption_lines(adoption):
        click.echo(printable(line))
    if not is_done(adoption):
        _print_settings(settings, written)
    named = [quote(file)] if file else []
    named += ["--settings", quote(stack)] if stack else []
    adopt = next((key for key in settings if key.rpartition(":")[2] == "adopt"), None)
    path = Path(stack) if stack else None
    name = quote(name_of(path)) if path and is_stack_file(path) else None
    steps = next_steps(adoption, stack=name, target=" ".join(named), adopt=adopt)
    for line in steps:
        click.echo(printable(f"  {line}"))


def _print_settings(settings: dict[str, object], written: str | None) -> None:
    """Print settings, or where they are; the steps, which come next, stay in sight."""
    if settings and not written:
        click.echo("")
        click.echo(fragment(settings), nl=False)
    click.echo("")
    if written:
        click.echo(printable(f"the settings are in {written}; then"))
    elif settings:
        click.echo("the settings above are for the stack file; then")
