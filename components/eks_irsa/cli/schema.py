"""The command `eks-irsa schema`, for editors."""

import json
from typing import Final

import click

from eks_irsa.cli.editor_schema import cluster_config_schema

__all__ = ["schema"]


_HELP: Final = """\
Print the JSON Schema of a ClusterConfig.

It covers what is read here; sections for other purposes are left free.

For editors: save it, and name it in the first line of a ClusterConfig.

\b
  # yaml-language-server: $schema=<file>
"""


@click.command(help=_HELP)
def schema() -> None:
    """Print the schema."""
    click.echo(json.dumps(cluster_config_schema(), indent=2))
