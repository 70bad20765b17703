"""The command `eks-irsa report`: a preview in, what a reviewer reads out."""

import json
import sys
from pathlib import Path
from typing import Final, Literal

import click

from eks_irsa.cli.file_name import FileName
from eks_irsa.documents.printable import printable
from eks_irsa.errors import PreviewError
from eks_irsa.review.markdown import MAX_COMMENT_CHARACTERS, markdown
from eks_irsa.review.preview_reading import read_preview
from eks_irsa.review.report_document import report_document
from eks_irsa.review.reviewing import review

__all__ = ["report"]

_WITH_ERRORS: Final = 1
_HELP: Final = """\
Tell what a preview changes for service accounts.

PREVIEW.json is what 'pulumi preview --json --show-sames' printed, of any program
that uses the component; '-' is standard input. Who may assume which role, and what
it may do, before and after; what the preview does not tell is shown as unknown.

\b
Exit code:
  0  the preview was read
  1  it cannot be read, or it stopped with an error, which the report then shows
  2  wrong usage
"""


@click.command(help=_HELP)
@click.argument("preview", metavar="PREVIEW.json", type=FileName())
@click.option(
    "--output",
    type=click.Choice(["markdown", "json"]),
    default="markdown",
    show_default=True,
    help="markdown: for a comment on a pull request; json: all of it.",
)
@click.option(
    "--max-characters",
    type=click.IntRange(min=2_000),
    default=MAX_COMMENT_CHARACTERS,
    show_default=True,
    help=(
        "Length of the Markdown, by default what GitHub takes; what does not fit is "
        "left out, and it says so."
    ),
)
@click.pass_context
def report(
    context: click.Context,
    *,
    preview: str,
    output: Literal["markdown", "json"],
    max_characters: int,
) -> None:
    """Print the report, and exit with 1 if the preview cannot be reported."""
    name = "<stdin>" if preview == "-" else printable(preview)
    try:
        found = review(read_preview(_text(preview)))
    except PreviewError as error:
        click.echo(f"{name}: {error}", err=True)
        context.exit(_WITH_ERRORS)
    if output == "json":
        click.echo(json.dumps(report_document(found), indent=2))
    else:
        click.echo(markdown(found, max_characters=max_characters), nl=False)
    context.exit(_WITH_ERRORS if found.errors else 0)


def _text(file: str) -> str:
    """Read a file, or standard input for `-`.

    Raises:
        PreviewError: It cannot be read, or is no text.
    """
    try:
        # The interpreter has no stream where the shell closed it.
        standard_input = sys.stdin.buffer.read if sys.stdin else bytes
        given = standard_input() if file == "-" else Path(file).read_bytes()
        return given.decode("utf-8-sig")
    except OSError as error:
        msg = f"cannot be read: {error.strerror}"
        raise PreviewError(msg) from error
    except UnicodeDecodeError as error:
        msg = f"not UTF-8: {error.reason} at byte {error.start}"
        raise PreviewError(msg) from error
