"""The command `eks-irsa can`: whether a service account may do something."""

import json
from collections.abc import Iterator, Sequence
from typing import Final, Literal

import click

from eks_irsa.answers.answers import answer
from eks_irsa.answers.questions import Question
from eks_irsa.answers.subjects import entries_of, near_keys
from eks_irsa.cli.answer_documents import Answered, answers_document
from eks_irsa.cli.answer_texts import answer_lines, in_words, role_line
from eks_irsa.cli.problem_texts import counted
from eks_irsa.cli.questions import (
    Asker,
    asked_question,
    question_options,
    read_stacks,
)
from eks_irsa.documents import names
from eks_irsa.documents.printable import printable

__all__ = ["can"]

_WITH_ERRORS: Final = 1
_NOT_ALLOWED: Final = 3
_HELP: Final = """\
Tell whether a service account may do something, and by what.

SUBJECT is <namespace>/<name>, ACTION an action of AWS such as s3:GetObject, RESOURCE
an ARN. Both may have '*' and '?': then all of it is asked about. RESOURCE '*', the
default, is every resource.

FILE is a ClusterConfig, '-' for one on standard input, a stack file, or a Pulumi.yaml
for all stacks of its project. Default: all stacks of the project at or above the
current folder. Nothing but these files is looked at: policies of resources and of
organizations are not known here.

The first line of each answer begins with the stack; what it depends on
follows.

\b
Exit code:
  0  allowed, all of it, in every stack that has the service account
  1  a file has errors; the others are answered
  2  wrong usage, an action that AWS does not have, or no stack has the service
     account
  3  denied, allowed on conditions or in part, or unknown, in one stack at least
"""


@click.command(help=_HELP)
@click.argument("subject")
@click.argument("action")
@click.argument("rest", metavar="[RESOURCE] [FILE]...", nargs=-1)
@question_options
@click.pass_context
def can(  # noqa: PLR0913 - one parameter for each option
    context: click.Context,
    *,
    subject: str,
    action: str,
    rest: tuple[str, ...],
    stacks: tuple[str, ...],
    pairs: tuple[str, ...],
    output: Literal["text", "json"],
) -> None:
    """Answer for each stack, and exit with 3 if one of them is not a yes."""
    if fault := _subject_fault(subject):
        raise click.BadParameter(printable(fault), param_hint="SUBJECT")
    question, files = asked_question(action, rest, pairs)
    asker = read_stacks(files, stacks)
    answered = [*_answered(asker, subject, question)]
    if not answered and not asker.problems:
        raise click.UsageError(printable(_unknown_subject(asker, subject)))
    if output == "json":
        document = answers_document(question, answered, asker.problems, subject=subject)
        click.echo(json.dumps(document, indent=2))
    else:
        for line in _lines(answered, subject):
            click.echo(printable(line))
        _say_what_is_left_out(asker, answered, subject)
    if asker.problems:
        context.exit(_WITH_ERRORS)
    certain = [
        one.outcome == "allowed" and one.scope == "all" for _, _, one in answered
    ]
    context.exit(0 if all(certain) else _NOT_ALLOWED)


def _subject_fault(subject: str) -> str | None:
    namespace, slash, name = subject.partition("/")
    if not slash:
        return f"{subject!r} is no service account; expected <namespace>/<name>"
    return names.namespace_fault(namespace) or names.service_account_name_fault(name)


def _answered(asker: Asker, subject: str, question: Question) -> Iterator[Answered]:
    for stack in asker.stacks:
        for entry in entries_of(stack.entries, subject):
            yield stack, entry, answer(entry, question)


def _unknown_subject(asker: Asker, subject: str) -> str:
    keys = [entry.key for stack in asker.stacks for entry in stack.entries]
    near = near_keys(keys, subject)
    asked = counted(len(asker.stacks), "stack")
    remedy = (
        f"did you mean {' or '.join(map(repr, near))}?"
        if near
        else f"of {counted(len({*keys}), 'service account')} none is nearly called so"
    )
    return f"there is no service account {subject!r} in {asked}; {remedy}"


def _lines(answered: Sequence[Answered], subject: str) -> Iterator[str]:
    for stack, entry, one in answered:
        through = "" if entry.key == subject else f", through the role of {entry.key}"
        yield f"{stack.name}: {subject}: {in_words(one)}{through}"
        for line in (*answer_lines(one), role_line(entry)):
            yield f"  {line}"


def _say_what_is_left_out(
    asker: Asker, answered: Sequence[Answered], subject: str
) -> None:
    having = {stack.name for stack, _, _ in answered}
    if without := len(asker.stacks) - len(having):
        click.echo(
            printable(f"{counted(without, 'other stack')} without {subject}"), err=True
        )
