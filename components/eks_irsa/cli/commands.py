"""The names of the commands."""

from typing import Final

import click

import eks_irsa
from eks_irsa.cli.lazy_commands import LazyCommands

__all__ = ["commands"]

# Name -> the module that holds a command of this name.
_MODULES: Final = {
    "adopt": "eks_irsa.cli.adopt",
    "can": "eks_irsa.cli.can",
    "check": "eks_irsa.cli.check",
    "cloudformation": "eks_irsa.cli.cloudformation",
    "doctor": "eks_irsa.cli.doctor",
    "fleet": "eks_irsa.cli.fleet",
    "policies": "eks_irsa.cli.policies",
    "preview": "eks_irsa.cli.preview",
    "recover": "eks_irsa.cli.recover",
    "report": "eks_irsa.cli.report",
    "schema": "eks_irsa.cli.schema",
    "stacks": "eks_irsa.cli.stacks",
    "synth": "eks_irsa.cli.synth",
    "who": "eks_irsa.cli.who",
}


@click.group(
    cls=LazyCommands,
    modules=_MODULES,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(eks_irsa.__version__, message="%(prog)s %(version)s")
def commands() -> None:
    """AWS permissions for Kubernetes service accounts on EKS (IRSA).

    Reads eksctl ClusterConfig files. Needs no Pulumi engine, no network and no
    credentials, but for adopt, cloudformation, doctor, preview and fleet, and changes
    nothing, but for cloudformation and fleet up.
    """
