"""The command `eks-irsa schema`, for editors."""

import json
from typing import Final

import click

from eks_irsa.cli.editor_schema import cluster_config_schema
from eks_irsa.review.forms.report_document import report_schema

__all__ = ["schema"]


_HELP: Final = """\
Print the JSON Schema of a ClusterConfig, or of reports.

It covers what is read here; sections for other purposes are left free.

For editors: save it, and name it in the first line of a ClusterConfig.

\b
  # yaml-language-server: $schema=<file>
"""


@click.command(help=_HELP)
@click.option(
    "--report",
    "of_reports",
    is_flag=True,
    help="Of what 'eks-irsa report --output json' prints.",
)
def schema(*, of_reports: bool) -> None:
    """Print a schema."""
    made = report_schema() if of_reports else cluster_config_schema()
    click.echo(json.dumps(made, indent=2))
