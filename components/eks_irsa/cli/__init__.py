"""The command line; its commands are listed in `commands`.

Reads files, prints what the rooms below decide, and imports no Pulumi: it has to be
quick enough for a pre-commit hook and to run where there are no credentials. Only
`preview` and `fleet` run an engine, and only a command of `fleet` imports Pulumi, when
it is run.
"""

import gc
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    import io

__all__ = ["main"]

_OTHER_FAILURE = 2
_INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        arguments: What follows the program's name. Default: those of the process.

    Returns:
        The exit code: 0 nothing is wrong, 1 the user's files have errors, 2 the command
        is used wrongly or cannot run, 3 the answer of a command is no, 130 it was
        interrupted.
    """
    # Pydantic would look through every installed distribution for plugins of its own.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    collects = gc.isenabled()
    # What is read is bounded, and nearly all of it is needed to the end.
    gc.disable()
    try:
        return _run(arguments)
    finally:
        if collects:
            gc.enable()


def _run(arguments: Sequence[str] | None) -> int:
    try:
        import click  # noqa: PLC0415 - an extra, which may be missing
    except ModuleNotFoundError:
        sys.stderr.write(
            "eks-irsa: the command line needs click; pip install 'eks-irsa[cli]'\n"
        )
        return _OTHER_FAILURE
    except KeyboardInterrupt:
        return _INTERRUPTED
    # A value that the terminal's encoding lacks must not stop its own report.
    cast("io.TextIOWrapper", sys.stdout).reconfigure(errors="backslashreplace")
    try:
        from eks_irsa.cli.commands import commands  # noqa: PLC0415 - imports click

        code: object = commands.main(arguments, "eks-irsa", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return _INTERRUPTED
    except OSError as error:
        sys.stderr.write(f"eks-irsa: cannot write: {error.strerror or error}\n")
        return _OTHER_FAILURE
    return code if isinstance(code, int) else 0
