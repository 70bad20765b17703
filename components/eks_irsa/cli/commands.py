"""The commands themselves: what can be asked, and how the answer is printed."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Literal

import click

from eks_irsa.cli.editor_schema import cluster_config_schema
from eks_irsa.cli.inputs import planned
from eks_irsa.cli.policies import policies
from eks_irsa.cli.recover import recover
from eks_irsa.cli.report import report
from eks_irsa.cluster_config.model import ClusterConfig
from eks_irsa.documents import arns
from eks_irsa.documents.printable import printable
from eks_irsa.errors import Problem
from eks_irsa.plan.model import Cluster, name_and_region
from eks_irsa.synthesis import (
    kubernetes_manifests,
    plan_document,
    problem_document,
)

__all__ = ["commands"]

_WITH_ERRORS: Final = 1

_settings = click.option(
    "--settings",
    "stack_file",
    type=click.Path(path_type=Path),
    metavar="STACKFILE",
    help=(
        "Settings of a stack, such as stacks/Pulumi.prod.yaml, with the defaults of "
        "its project's Pulumi.yaml; file and settings are then taken together. "
        "Default: a stack that sets nothing."
    ),
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="eks-irsa", message="%(prog)s %(version)s")
def commands() -> None:
    """AWS permissions for Kubernetes service accounts on EKS (IRSA).

    Reads eksctl ClusterConfig files. Needs no Pulumi engine, no network and no
    credentials, and changes nothing.
    """


commands.add_command(policies)
commands.add_command(recover)
commands.add_command(report)


@commands.command()
@click.argument("files", metavar="[FILE]...", nargs=-1)
@_settings
@click.option(
    "--output",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help='text: one problem to a line; json: {"valid": ..., "problems": [...]}.',
)
@click.pass_context
def check(
    context: click.Context,
    *,
    files: tuple[str, ...],
    stack_file: Path | None,
    output: Literal["text", "json"],
) -> None:
    r"""Name every problem of ClusterConfig files.

    Each problem is a line, FILE:LINE:COLUMN: PATH: what the rule is, what was found and
    what to write instead. Limits of AWS that depend on the AWS account or the
    issuer are checked for the longest there can be.

    FILE '-' is standard input. Without FILE the file is the one that the setting
    clusterConfig of STACKFILE names, from the folder of the Pulumi.yaml at or above
    STACKFILE.

    \b
    Exit code:
      0  no errors; warnings are printed
      1  errors
      2  wrong usage
    """
    names = _names(files, stack_file)
    outcomes = [planned(name, stack_file=stack_file) for name in names]
    # The problems of settings come back with each file they are taken with.
    problems = list(dict.fromkeys(p for outcome in outcomes for p in outcome.problems))
    if output == "json":
        click.echo(_problems_document(problems))
    else:
        _echo_lines(problems)
        click.echo(_summary(len(outcomes), problems), err=True)
    context.exit(_WITH_ERRORS if _errors(problems) else 0)


def _account_id(context: click.Context, parameter: click.Parameter, text: str) -> str:
    del context, parameter
    if not arns.is_account_id(text):
        msg = f"{text!r} is not an AWS account id; expected 12 digits"
        raise click.BadParameter(msg)
    return text


def _issuer_url(context: click.Context, parameter: click.Parameter, text: str) -> str:
    del context, parameter
    try:
        arns.issuer_of_url(text)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error
    return text


@commands.command()
@click.argument("file", metavar="[FILE]", required=False)
@click.option(
    "--account-id",
    metavar="ID",
    required=True,
    callback=_account_id,
    help="AWS account of the cluster, 12 digits.",
)
@click.option(
    "--issuer-url",
    metavar="URL",
    required=True,
    callback=_issuer_url,
    help="OIDC issuer of the cluster, as 'aws eks describe-cluster' shows it: https://...",
)
@click.option(
    "--partition",
    type=click.Choice(list(arns.PARTITIONS)),
    help="Partition of the cluster. Default: that of the file's region.",
)
@_settings
@click.option(
    "--output",
    type=click.Choice(["json", "yaml"]),
    default="json",
    show_default=True,
    help="json: the whole plan; yaml: its Kubernetes manifests.",
)
@click.pass_context
def synth(  # noqa: PLR0913 - one parameter for each option
    context: click.Context,
    *,
    file: str | None,
    account_id: str,
    issuer_url: str,
    partition: str | None,
    stack_file: Path | None,
    output: Literal["json", "yaml"],
) -> None:
    """Print everything that would be made for a ClusterConfig.

    FILE '-' is standard input. Without FILE it is the one that the setting
    clusterConfig of STACKFILE names, from the folder of the Pulumi.yaml at or above
    STACKFILE.

    As JSON: the cluster, its OIDC provider, and for each entry in file order the
    service account and its role with every policy; problems that stop nothing are in
    "warnings". A file with errors gives {"valid": false, "problems": [...]} and exit
    code 1.

    As YAML: namespaces and service accounts for 'kubectl apply' and GitOps, without
    the entries that are roleOnly. A service account that is patched (setting
    patchExisting) is printed with our keys alone: apply it with --server-side, which
    leaves its other keys as they are, and keep it out of pruning. Problems go to
    standard error.
    """

    def cluster_of(config: ClusterConfig) -> Cluster:
        name, region = name_and_region(config)
        return Cluster(
            name=name,
            region=region,
            partition=_partition(region, partition),
            account_id=account_id,
            issuer_url=issuer_url,
        )

    (name,) = _names(() if file is None else (file,), stack_file)
    outcome = planned(name, stack_file=stack_file, cluster_of=cluster_of)
    if outcome.plan is None:
        if output == "json":
            click.echo(_problems_document(outcome.problems))
        else:
            _echo_lines(outcome.problems, err=True)
        context.exit(_WITH_ERRORS)
    if output == "json":
        click.echo(json.dumps(plan_document(outcome.plan), indent=2))
    else:
        _echo_lines(outcome.problems, err=True)
        manifests = kubernetes_manifests(outcome.plan, source=outcome.source)
        click.echo(manifests, nl=False)


@commands.command()
def schema() -> None:
    """Print the JSON Schema of a ClusterConfig.

    It covers what is read here; sections for other purposes are left free.

    For editors: save it, and name it in the first line of a ClusterConfig,
    # yaml-language-server: $schema=<file>.
    """
    click.echo(json.dumps(cluster_config_schema(), indent=2))


def _names(files: tuple[str, ...], stack_file: Path | None) -> list[str | None]:
    """Tell which ClusterConfigs are asked for, each once; None is the stack's own."""
    if files:
        return list(dict.fromkeys(files))
    if stack_file is None:
        msg = "name a FILE, '-' for standard input, or a stack's --settings"
        raise click.UsageError(msg)
    return [None]


def _partition(region: str, given: str | None) -> str:
    """Return the partition of a checked file's region, unless the user contradicts."""
    partition = arns.partition_of_region(region)
    if partition is None or given not in {None, partition}:
        msg = f"the region {region!r} of the file is in the partition {partition!r}"
        raise click.BadParameter(msg, param_hint="--partition")
    return partition


def _errors(problems: Sequence[Problem]) -> int:
    return sum(problem.severity == "error" for problem in problems)


def _summary(files: int, problems: Sequence[Problem]) -> str:
    errors = _errors(problems)
    warnings = len(problems) - errors
    found = [
        _counted(count, what)
        for count, what in ((errors, "error"), (warnings, "warning"))
        if count
    ]
    return f"{_counted(files, 'file')} checked: {', '.join(found) or 'no problems'}"


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _echo_lines(problems: Sequence[Problem], *, err: bool = False) -> None:
    # One write: click flushes after each, which counts where there are thousands.
    lines = "".join(f"{printable(str(problem))}\n" for problem in problems)
    click.echo(lines, nl=False, err=err)


def _problems_document(problems: Sequence[Problem]) -> str:
    document = {
        "valid": not _errors(problems),
        "problems": [problem_document(problem) for problem in problems],
    }
    return json.dumps(document, indent=2)
