"""The command `eks-irsa who`: which service accounts may do something."""

import json
from collections.abc import Iterator, Sequence
from typing import Final, Literal

import click

from eks_irsa.answers.answers import answer
from eks_irsa.answers.model import Outcome
from eks_irsa.cli.answer_documents import Answered, answers_document
from eks_irsa.cli.answer_texts import OUTCOMES, in_words, reason_of
from eks_irsa.cli.problem_texts import counted
from eks_irsa.cli.questions import (
    asked_question,
    question_options,
    read_stacks,
)
from eks_irsa.documents.printable import printable
from eks_irsa.identity.parts import IDENTITY_WORDS

__all__ = ["who"]

_WITH_ERRORS: Final = 1
_SHOWN: Final[tuple[Outcome, ...]] = ("allowed", "allowedIf", "unknown")
_HELP: Final = """\
List the service accounts that may do something, and by what.

ACTION is an action of AWS such as s3:PutObject, RESOURCE an ARN. Both may have '*' and
'?': then whoever may do any of it is listed, and 'in part' stands beside who may not
do all of it. RESOURCE '*', the default, is every resource.

FILE is a ClusterConfig, '-' for one on standard input, a stack file, or a Pulumi.yaml
for all stacks of its project. Default: all stacks of the project at or above the
current folder. Nothing but these files is looked at: policies of resources and of
organizations are not known here.

\b
Exit code:
  0  answered, whatever the answer
  1  a file has errors; the others are answered
  2  wrong usage, or an action that AWS does not have
"""


@click.command(help=_HELP)
@click.argument("action")
@click.argument("rest", metavar="[RESOURCE] [FILE]...", nargs=-1)
@question_options
@click.pass_context
def who(  # noqa: PLR0913 - one parameter for each option
    context: click.Context,
    *,
    action: str,
    rest: tuple[str, ...],
    stacks: tuple[str, ...],
    pairs: tuple[str, ...],
    output: Literal["text", "json"],
) -> None:
    """List who may, on conditions or perhaps."""
    question, files = asked_question(action, rest, pairs)
    asker = read_stacks(files, stacks)
    everyone = [
        (stack, entry, answer(entry, question))
        for stack in asker.stacks
        for entry in stack.entries
    ]
    shown = [one for one in everyone if one[2].outcome in _SHOWN]
    if output == "json":
        document = answers_document(question, shown, asker.problems)
        document["denied"] = len(everyone) - len(shown)
        click.echo(json.dumps(document, indent=2))
    else:
        for line in _lines(shown):
            click.echo(printable(line))
        asked = counted(len(asker.stacks), "stack")
        click.echo(_summary(shown, len(everyone), asked), err=True)
    context.exit(_WITH_ERRORS if asker.problems else 0)


def _lines(shown: Sequence[Answered]) -> Iterator[str]:
    for outcome in _SHOWN:
        alike = [one for one in shown if one[2].outcome == outcome]
        if alike:
            yield f"{OUTCOMES[outcome]}:"
        for stack, entry, one in alike:
            part = ", in part" if in_words(one).endswith("in part") else ""
            by_token = entry.identity == "irsa"
            way = "" if by_token else f" ({IDENTITY_WORDS[entry.identity]})"
            yield f"  {stack.name}: {entry.key}{way}{part}: {reason_of(one)}"


def _summary(shown: Sequence[Answered], count: int, stacks: str) -> str:
    counts = [
        f"{number:,} {OUTCOMES[outcome]}"
        for outcome in _SHOWN
        if (number := sum(one[2].outcome == outcome for one in shown))
    ]
    counts.append(f"{count - len(shown):,} denied")
    return f"{counted(count, 'service account')} in {stacks}: {', '.join(counts)}"
