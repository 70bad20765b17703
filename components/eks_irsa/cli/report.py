"""The command `eks-irsa report`: previews in, what a reviewer reads out."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import click

from eks_irsa.cli.delivery import delivered
from eks_irsa.cli.file_name import FileName
from eks_irsa.cli.previews import Previews, previews
from eks_irsa.review.html_page import html_page
from eks_irsa.review.markdown import (
    MAX_COMMENT_CHARACTERS,
    markdown,
    markdown_of_stacks,
)
from eks_irsa.review.readings import reviews
from eks_irsa.review.report_document import report_document

__all__ = ["report"]

_READ: Final = 0
_WITH_ERRORS: Final = 1
_HELP: Final = """\
Tell what previews change for service accounts and roles.

PREVIEW.json is what 'pulumi preview --json --show-sames' printed, of any Pulumi
program; '-' is standard input, a folder stands for every *.json in it. Who may assume
which role, and what it may do, before and after; what a preview does not tell is
shown as unknown. One file gives the report on one stack; a folder, or several files,
give one on all of them: a line for each stack that changes, and a count of the others.
A stack that the preview does not name has the name of its file.

\b
Exit code:
  0  every preview was read
  1  one cannot be read, or it stopped with an error, which the report then shows
  2  wrong usage
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Wanted:
    """How the report is to be written.

    Attributes:
        max_characters: Length of the Markdown.
        project: What names the comment on several stacks; empty for what they name.
    """

    max_characters: int
    project: str


def _as_markdown(found: Previews, wanted: _Wanted) -> str:
    limit = wanted.max_characters
    if found.is_one:
        (one,) = reviews(found.readings)
        return markdown(one, max_characters=limit)
    return markdown_of_stacks(
        found.readings, project=wanted.project, max_characters=limit
    )


def _as_html(found: Previews, wanted: _Wanted) -> str:
    del wanted
    return html_page(found.readings)


def _as_json(found: Previews, wanted: _Wanted) -> str:
    del wanted
    documents = [report_document(one) for one in reviews(found.readings)]
    if found.is_one:
        (value,) = documents
    else:
        value = {
            "stacks": documents,
            "unreadable": [
                {"file": one.file, "problem": one.problem}
                for one in found.readings
                if one.review is None
            ],
        }
    return f"{json.dumps(value, indent=2)}\n"


_FORMS: Final[Mapping[str, Callable[[Previews, _Wanted], str]]] = {
    "markdown": _as_markdown,
    "html": _as_html,
    "json": _as_json,
}


@click.command(help=_HELP)
@click.argument(
    "names", metavar="PREVIEW.json|FOLDER...", type=FileName(), nargs=-1, required=True
)
@click.option(
    "--output",
    type=click.Choice([*_FORMS]),
    default="markdown",
    show_default=True,
    help=(
        "markdown: for a comment on a pull request; html: one page for a browser; "
        "json: all of it."
    ),
)
@click.option(
    "--file",
    "to",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write there instead of to standard output.",
)
@click.option(
    "--open",
    "opened",
    is_flag=True,
    help="Write the page (--output html) to --file, or a temporary file, and open it.",
)
@click.option(
    "--project",
    default="",
    metavar="NAME",
    help=(
        "With several stacks: name the comment after this project, so that the next "
        "one replaces it. Default: the project that the previews name."
    ),
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
def report(  # noqa: PLR0913 - one for each option
    context: click.Context,
    *,
    names: Sequence[str],
    output: str,
    to: Path | None,
    opened: bool,
    project: str,
    max_characters: int,
) -> None:
    """Write the report, and exit with 1 if a preview cannot be reported."""
    found = previews(names)
    for one in found.readings:
        if one.review is None:
            click.echo(f"{one.file}: {one.problem}", err=True)
    if found.is_one and not reviews(found.readings):
        context.exit(_WITH_ERRORS)
    wanted = _Wanted(max_characters=max_characters, project=project)
    text = _FORMS["html" if opened else output](found, wanted)
    if not delivered(text, file=to, opened=opened):
        context.exit(_WITH_ERRORS)
    failed = any(one.failed for one in found.readings)
    context.exit(_WITH_ERRORS if failed else _READ)
