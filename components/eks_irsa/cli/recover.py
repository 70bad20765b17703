"""The command `eks-irsa recover`, the middle of a pipe between two Pulumi commands."""

import json
import sys
from typing import Final

import click

from eks_irsa.cli.recovery import recovery_of

__all__ = ["recover"]

_NOT_ALL: Final = 1


@click.command()
@click.pass_context
def recover(context: click.Context) -> None:
    r"""Write an import file of what a killed run made and lost sight of.

    Reads what 'pulumi stack export' prints, and writes what 'pulumi import --file'
    takes: every role, OIDC provider and owned service account whose creation was under
    way. What was not made after all is refused by the import with "does not exist",
    which harms nothing: the next 'pulumi up' makes it.

    \b
      pulumi cancel
      pulumi stack export | eks-irsa recover | pulumi import --file /dev/stdin \
        --skip-preview --yes --protect=false --generate-code=false
      pulumi up

    \b
    Exit code:
      0  everything that was under way is in the import file
      1  nothing was under way, or the id of something does not follow from the state
      2  wrong usage
    """
    try:
        recovery = recovery_of(json.load(sys.stdin))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        msg = f"standard input is not what 'pulumi stack export' prints: {error}"
        raise click.UsageError(msg) from error
    for type_token, name in recovery.found:
        click.echo(f"to be imported: {type_token} {name}", err=True)
    for name in recovery.unknown:
        click.echo(f"import it by hand, its id is its ARN: {name}", err=True)
    if not recovery.found and not recovery.unknown:
        click.echo("nothing was under way; 'pulumi up' is enough", err=True)
    click.echo(json.dumps(recovery.import_file, indent=2))
    context.exit(_NOT_ALL if recovery.unknown or not recovery.found else 0)
