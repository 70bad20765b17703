"""The name of a file as an argument of a command."""

import click

__all__ = ["FileName"]


class FileName(click.ParamType[str]):
    """A name that is not empty; whether there is such a file is seen when it is read.

    An empty one would be taken for the current folder.
    """

    name = "file"

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> str:
        """Return the name as it was given.

        Raises:
            BadParameter: It is empty.
        """
        if not value:
            self.fail(
                "'' names no file; give a path (a shell variable that is not set looks "
                "like this)",
                param,
                ctx,
            )
        return value
