"""The command `eks-irsa recover`, the middle of a pipe between two Pulumi commands."""

import json
import sys
from typing import Final

import click

from eks_irsa.cli.recovery import lost_by_a_kill, planned_by_name
from eks_irsa.cli.shapes import UnexpectedError

__all__ = ["recover"]

_NOT_ALL: Final = 1
_HELP: Final = """\
Write an import file of what a stack's state has lost.

Roles, OIDC providers, associations and created service accounts cannot be made
again by 'pulumi up', which stops with AlreadyExists. This brings them in, so that
'pulumi up' goes on and replaces nothing.

Without NAME it reads what 'pulumi stack export' prints after a run was killed, and
takes everything whose creation was under way. What was not made after all is
refused by the import with "does not exist", which harms nothing.

\b
  pulumi cancel
  pulumi stack export | eks-irsa recover | pulumi import --file /dev/stdin \\
    --skip-preview --yes --protect=false --generate-code=false
  pulumi up

With NAME it reads what 'pulumi preview --json' prints, and takes the resources of
these names, written as in the message that says AlreadyExists. Only EKS knows the
id of an association; the message has it too: NAME=ID.

\b
  pulumi preview --json | eks-irsa recover apps/reader-role | pulumi import ...

\b
Exit code:
  0  the import file is complete
  1  there is nothing to import, or the id of something cannot be told
  2  wrong usage
"""


@click.command(help=_HELP)
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.pass_context
def recover(context: click.Context, *, names: tuple[str, ...]) -> None:
    """Print the import file, and exit with 1 if something is not in it."""
    command = "pulumi preview --json" if names else "pulumi stack export"
    try:
        text = _standard_input()
        recovery = planned_by_name(text, names=names) if names else lost_by_a_kill(text)
    except UnexpectedError as error:
        msg = f"standard input is not what '{command}' prints: {error}"
        raise click.UsageError(msg) from error
    for type_token, name in recovery.found:
        click.echo(f"to be imported: {type_token} {name}", err=True)
    for name in recovery.unknown:
        click.echo(f"import it by hand, its id cannot be told: {name}", err=True)
    if not recovery.found and not recovery.unknown:
        click.echo("nothing to import; 'pulumi up' is enough", err=True)
    click.echo(json.dumps(recovery.import_file, indent=2))
    context.exit(_NOT_ALL if recovery.unknown or not recovery.found else 0)


def _standard_input() -> str:
    """Read a text; empty where the shell closed standard input.

    Raises:
        UnexpectedError: It is no text.
    """
    try:
        return (sys.stdin.buffer.read() if sys.stdin else b"").decode("utf-8-sig")
    except UnicodeDecodeError as error:
        msg = f"not UTF-8: {error.reason} at byte {error.start}"
        raise UnexpectedError(msg) from error
