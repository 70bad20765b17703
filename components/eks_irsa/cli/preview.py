"""The command `eks-irsa preview`: what the engine prints, for `eks-irsa report`."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import click

from eks_irsa.fleet.new_stacks import stack_file_kept, temporary_backend

__all__ = ["preview"]

_OTHER_FAILURE: Final = 2
# Source: https://github.com/pulumi/pulumi/blob/v3.230.0/sdk/go/common/util/cmdutil/exit.go
_NO_SUCH_STACK: Final = 6
_HELP: Final = """\
Run 'pulumi preview' of a stack, and print what 'eks-irsa report' reads.

Runs in the folder of Pulumi.yaml, with the credentials and the backend of the
environment. A stack that does not exist yet is previewed too, against a backend in a
temporary folder: nothing is left behind in yours, and every resource is shown as new.

\b
Exit code:
  0  the engine previewed
  2  wrong usage, or there is no pulumi on PATH
  7  with --expect-no-changes: there are changes
  else the engine's own
"""


@click.command(help=_HELP)
@click.argument("stack", metavar="STACK")
@click.option("--refresh", is_flag=True, help="Read what there is first, for drift.")
@click.option(
    "--expect-no-changes", is_flag=True, help="Exit with 7 if there are changes."
)
@click.pass_context
def preview(
    context: click.Context, *, stack: str, refresh: bool, expect_no_changes: bool
) -> None:
    """Print the preview, and exit as the engine does."""
    pulumi = shutil.which("pulumi")
    if pulumi is None:
        click.echo("eks-irsa: there is no pulumi on PATH; install its CLI", err=True)
        context.exit(_OTHER_FAILURE)
    options = [
        *("--non-interactive", "--json", "--show-sames"),
        *(["--refresh"] if refresh else []),
        *(["--expect-no-changes"] if expect_no_changes else []),
    ]
    ended = _run([pulumi, "preview", "--stack", stack, *options], os.environ)
    if ended.returncode == _NO_SUCH_STACK and not ended.stdout:
        click.echo("eks-irsa: so it is previewed as a new one", err=True)
        ended = _preview_of_new(pulumi, stack.rpartition("/")[2], options)
    click.echo(ended.stdout, nl=False)
    context.exit(ended.returncode)


def _preview_of_new(
    pulumi: str, stack: str, options: list[str]
) -> subprocess.CompletedProcess[bytes]:
    """Preview a stack in a backend that is gone afterwards."""
    with temporary_backend() as backend:
        environment = {**os.environ, **backend}
        with stack_file_kept(stack, project=Path(), told=_told):
            made = subprocess.run(  # noqa: S603 - the engine of the user, no shell
                [pulumi, "stack", "init", stack, "--non-interactive", "--no-select"],
                env=environment,
                capture_output=True,
                check=False,
            )
        if made.returncode:
            # That it was made would be misunderstood; that it was not is the reason.
            click.echo(made.stderr, nl=False, err=True)
            return made
        with stack_file_kept(stack, project=Path(), told=_told):
            return _run([pulumi, "preview", "--stack", stack, *options], environment)


def _told(text: str) -> None:
    click.echo(f"eks-irsa: {text}", err=True)


def _run(
    command: list[str], environment: Mapping[str, str]
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(  # noqa: S603 - the engine of the user, no shell
        command, env=environment, stdout=subprocess.PIPE, check=False
    )
