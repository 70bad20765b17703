"""The command `eks-irsa report`: previews in, what a reviewer reads out."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import click

from eks_irsa.cli import problem_texts
from eks_irsa.cli.delivery import delivered
from eks_irsa.cli.file_name import FileName
from eks_irsa.cli.gate import Gate, Rules, gate_of, gate_text
from eks_irsa.cli.previews import Previews, previews
from eks_irsa.cli.report_sarif import report_sarif
from eks_irsa.errors import InvalidInputError
from eks_irsa.review.forms.html_page import html_page
from eks_irsa.review.forms.markdown import (
    MAX_COMMENT_CHARACTERS,
    markdown,
    markdown_of_stacks,
)
from eks_irsa.review.forms.report_document import report_document, stacks_document
from eks_irsa.review.weighing.gate import Acceptance

__all__ = ["gate_asked", "refuse_open", "report"]

_READ: Final = 0
_WITH_ERRORS: Final = 1
_WRONG_USAGE: Final = 2
_STOPPED: Final = 3
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
  1  one cannot be read, or it stopped with an error, which the report then shows;
     also where the gate would stop it besides
  2  wrong usage, or something is wrong in the file of exceptions
  3  the gate, --fail-on, stops it; standard error says what, and how to accept it
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Wanted:
    """How the report is to be written.

    Attributes:
        max_characters: Length of the Markdown.
        project: What names the comment on several stacks; empty for what they name.
        unused: Exceptions that are about nothing in the previews.
    """

    max_characters: int
    project: str
    unused: tuple[Acceptance, ...]


def _as_markdown(found: Previews, wanted: _Wanted) -> str:
    limit = wanted.max_characters
    if found.one is not None:
        verdict = found.readings[0].verdict
        return markdown(
            found.one, max_characters=limit, verdict=verdict, unused=wanted.unused
        )
    return markdown_of_stacks(
        found.readings,
        project=wanted.project,
        max_characters=limit,
        unused=wanted.unused,
    )


def _as_html(found: Previews, wanted: _Wanted) -> str:
    return html_page(found.readings, unused=wanted.unused)


def _as_json(found: Previews, wanted: _Wanted) -> str:
    del wanted
    if found.one is not None:
        value = report_document(found.one, verdict=found.readings[0].verdict)
    else:
        value = stacks_document(found.readings)
    return f"{json.dumps(value, indent=2)}\n"


def _as_sarif(found: Previews, wanted: _Wanted) -> str:
    del wanted
    return report_sarif(found.readings)


_FORMS: Final[Mapping[str, Callable[[Previews, _Wanted], str]]] = {
    "markdown": _as_markdown,
    "html": _as_html,
    "json": _as_json,
    "sarif": _as_sarif,
}


@click.command(help=_HELP)
@click.argument(
    "names", metavar="PREVIEW.json|FOLDER...", type=FileName(), nargs=-1, required=True
)
@click.option(
    "--output",
    type=click.Choice([*_FORMS]),
    default=None,
    show_default="markdown; html with --open",
    help=(
        "markdown: for a comment on a pull request; html: one page for a browser; "
        "json: all of it; sarif: for code scanning."
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
@click.option(
    "--fail-on",
    "rules",
    type=Rules(),
    multiple=True,
    metavar="RULE[,RULE...]",
    help=(
        "Exit with 3 where one of these is found: critical, high, medium or low, each "
        "with all that is graver, or rules by name (docs/gate.md)."
    ),
)
@click.option(
    "--exceptions",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File of what was accepted, which the gate lets pass (docs/gate.md).",
)
@click.pass_context
def report(  # noqa: PLR0913 - one for each option
    context: click.Context,
    *,
    names: Sequence[str],
    output: str | None,
    to: Path | None,
    opened: bool,
    project: str,
    max_characters: int,
    rules: Sequence[tuple[str, ...]],
    exceptions: Path | None,
    of_several: bool = False,
) -> None:
    """Write the report, and exit with what it comes to.

    That of a fleet is one of several stacks (*of_several*), however many it has.
    """
    refuse_open(opened=opened, output=output)
    gate = gate_asked(context, rules, exceptions)
    found = previews(names, of_several=of_several)
    for one in found.readings:
        if one.review is None:
            click.echo(f"{one.file}: {one.problem}", err=True)
    if found.is_one and found.one is None:
        context.exit(_WITH_ERRORS)
    if gate:
        found = replace(found, readings=gate.judged(found.readings))
    unused = gate.unused(found.readings) if gate else ()
    wanted = _Wanted(max_characters=max_characters, project=project, unused=unused)
    form = output or ("html" if opened else "markdown")
    text = _FORMS[form](found, wanted)
    if not delivered(text, file=to, opened=opened):
        context.exit(_WITH_ERRORS)
    if gate:
        click.echo(gate_text(gate, found.readings), nl=False, err=True)
    failed = any(one.failed for one in found.readings)
    stopped = any(one.verdict and not one.verdict.passed for one in found.readings)
    context.exit(_WITH_ERRORS if failed else _STOPPED if stopped else _READ)


def refuse_open(*, opened: bool, output: str | None) -> None:
    """Refuse to open what is no page.

    Args:
        opened: `--open` is given.
        output: The form that is wanted; None where that was not said.

    Raises:
        click.UsageError: It is another form.
    """
    if opened and output not in {None, "html"}:
        msg = f"--open opens a page; leave out --output {output}, or take html"
        raise click.UsageError(msg)


def gate_asked(
    context: click.Context, rules: Sequence[tuple[str, ...]], exceptions: Path | None
) -> Gate | None:
    """Make the gate that the options ask for; what is wrong with it ends the command.

    Args:
        context: Of the command.
        rules: As `--fail-on` gives them.
        exceptions: The file of `--exceptions`; None for none.

    Returns:
        None where nobody asks for a gate.
    """
    if exceptions is not None and not rules:
        msg = "--exceptions has no effect without --fail-on"
        raise click.UsageError(msg)
    every = [one for some in rules for one in some]
    try:
        return gate_of(every, exceptions) if every else None
    except InvalidInputError as error:
        click.echo(problem_texts.lines(error.problems), nl=False, err=True)
        context.exit(_WRONG_USAGE)
