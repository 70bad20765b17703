"""A group of commands, each of which is imported when it is asked for.

A check in a pre-commit hook must not wait for the imports of a report.
"""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click

__all__ = ["LazyCommands"]


class LazyCommands(click.Group):
    """A group that imports a command when it is run, or all of them for its help."""

    def __init__(
        self,
        *arguments: Any,  # noqa: ANN401 - as click's
        modules: Mapping[str, str],
        **options: Any,  # noqa: ANN401 - as click's
    ) -> None:
        """Take the commands.

        Args:
            arguments: As of `click.Group`.
            modules: Name -> the module that holds a command of this name, in the order
                of the help.
            options: As of `click.Group`.
        """
        super().__init__(*arguments, **options)
        self._modules = modules

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the help."""
        del ctx
        return list(self._modules)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command; None if there is none of this name."""
        del ctx
        if cmd_name not in self._modules:
            return None
        found: object = getattr(import_module(self._modules[cmd_name]), cmd_name)
        return found if isinstance(found, click.Command) else None
