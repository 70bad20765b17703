"""The names of the commands; each is imported when it is asked for.

A check in a pre-commit hook must not wait for the imports of a report.
"""

from importlib import import_module
from typing import Final

import click

import eks_irsa

__all__ = ["commands"]

# Name -> the module that holds a command of this name.
_MODULES: Final = {
    "can": "eks_irsa.cli.can",
    "check": "eks_irsa.cli.check",
    "policies": "eks_irsa.cli.policies",
    "preview": "eks_irsa.cli.preview",
    "recover": "eks_irsa.cli.recover",
    "report": "eks_irsa.cli.report",
    "schema": "eks_irsa.cli.schema",
    "stacks": "eks_irsa.cli.stacks",
    "synth": "eks_irsa.cli.synth",
    "who": "eks_irsa.cli.who",
}


class _Commands(click.Group):
    """A group that imports a command when it is run, or all of them for its help."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the help."""
        del ctx
        return list(_MODULES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command; None if there is none of this name."""
        del ctx
        if cmd_name not in _MODULES:
            return None
        found: object = getattr(import_module(_MODULES[cmd_name]), cmd_name)
        return found if isinstance(found, click.Command) else None


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(eks_irsa.__version__, message="%(prog)s %(version)s")
def commands() -> None:
    """AWS permissions for Kubernetes service accounts on EKS (IRSA).

    Reads eksctl ClusterConfig files. Needs no Pulumi engine, no network and no
    credentials, but for preview, and changes nothing.
    """
