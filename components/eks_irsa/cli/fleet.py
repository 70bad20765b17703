"""The commands `eks-irsa fleet ...`: many stacks of a project at once."""

from typing import Final

import click

from eks_irsa.cli.lazy_commands import LazyCommands

__all__ = ["fleet"]

# Name -> the module that holds a command of this name.
_MODULES: Final = {
    "check": "eks_irsa.cli.fleet_check",
    "preview": "eks_irsa.cli.fleet_preview",
    "report": "eks_irsa.cli.fleet_report",
    "status": "eks_irsa.cli.fleet_status",
    "up": "eks_irsa.cli.fleet_up",
}


@click.group(cls=LazyCommands, modules=_MODULES)
def fleet() -> None:
    """Preview, bring up and watch many stacks of a project.

    Runs the Pulumi engine for so many stacks at a time, with the backend and the
    credentials that 'pulumi' itself would use; one that fails stops no other.
    """
