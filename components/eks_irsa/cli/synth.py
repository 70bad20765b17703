"""The command `eks-irsa synth`: everything that would be made, without making it."""

import json
import re
from pathlib import Path
from typing import Final, Literal

import click

from eks_irsa.cli.file_name import FileName
from eks_irsa.cli.inputs import planned
from eks_irsa.cli.problem_texts import json_text, lines
from eks_irsa.cluster_config.model import ClusterConfig
from eks_irsa.documents import arns
from eks_irsa.plan.model import Cluster, name_and_region
from eks_irsa.synthesis import kubernetes_manifests, plan_document

__all__ = ["synth"]

_WITH_ERRORS: Final = 1
# Source: https://docs.aws.amazon.com/eks/latest/userguide/enable-iam-roles-for-service-accounts.html
_REGION_OF_ISSUER: Final = re.compile(r"https://oidc\.eks\.([a-z0-9-]+)\.")
_HELP: Final = """\
Print everything that would be made for a ClusterConfig.

FILE '-' is standard input. Without FILE it is the one that the setting
clusterConfig of STACKFILE names, from the folder of the Pulumi.yaml at or above
STACKFILE.

As JSON: the cluster, its OIDC provider, and for each entry in file order the
service account and its role with every policy; problems that stop nothing are in
"warnings". A file with errors gives
{"version": 1, "valid": false, "problems": [...]} and exit code 1.

As YAML: namespaces and service accounts for 'kubectl apply' and GitOps, without
the entries that are roleOnly. A service account that is patched (setting
patchExisting) is printed with our keys alone: apply it with --server-side, which
leaves its other keys as they are, and keep it out of pruning. Problems go to
standard error.
"""


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


@click.command(help=_HELP)
@click.argument("file", metavar="[FILE]", required=False, type=FileName())
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
@click.option(
    "--settings",
    type=FileName(),
    metavar="STACKFILE",
    help=(
        "Settings of a stack, such as stacks/Pulumi.prod.yaml, with the defaults of "
        "its project's Pulumi.yaml; file and settings are then taken together. "
        "Default: a stack that sets nothing."
    ),
)
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
    settings: str | None,
    output: Literal["json", "yaml"],
) -> None:
    """Print the plan, or the problems and exit with 1."""

    def cluster_of(config: ClusterConfig) -> Cluster:
        name, region = name_and_region(config)
        return Cluster(
            name=name,
            region=region,
            partition=_partition(region, partition),
            account_id=account_id,
            issuer_url=issuer_url,
        )

    stack_file = Path(settings) if settings else None
    if file is None and stack_file is None:
        msg = "name a FILE, '-' for standard input, or a stack's --settings"
        raise click.UsageError(msg)
    outcome = planned(file, stack_file=stack_file, cluster_of=cluster_of)
    if outcome.plan is None:
        if output == "json":
            click.echo(json_text(outcome.problems), nl=False)
        else:
            click.echo(lines(outcome.problems), nl=False, err=True)
        context.exit(_WITH_ERRORS)
    _warn_of_another_region(outcome.plan.cluster)
    if output == "json":
        click.echo(json.dumps(plan_document(outcome.plan), indent=2))
    else:
        click.echo(lines(outcome.problems), nl=False, err=True)
        manifests = kubernetes_manifests(outcome.plan, source=outcome.source)
        click.echo(manifests, nl=False)


def _warn_of_another_region(cluster: Cluster) -> None:
    found = _REGION_OF_ISSUER.match(cluster.issuer_url)
    if found and found[1] != cluster.region:
        click.echo(
            f"warning: --issuer-url is that of a cluster in {found[1]}, and the file's "
            f"is in {cluster.region}; compare it with 'aws eks describe-cluster --name "
            f"{cluster.name} --region {cluster.region}'",
            err=True,
        )


def _partition(region: str, given: str | None) -> str:
    """Return the partition of a checked file's region, unless the user contradicts."""
    partition = arns.partition_of_region(region)
    if partition is None or given not in {None, partition}:
        msg = f"the region {region!r} of the file is in the partition {partition!r}"
        raise click.BadParameter(msg, param_hint="--partition")
    return partition
