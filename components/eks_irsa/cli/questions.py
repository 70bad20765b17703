"""What `can` and `who` share: what is asked, of which stacks, and what was read."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

import click

from eks_irsa.answers.entries import permissions_of
from eks_irsa.answers.model import EntryPermissions
from eks_irsa.answers.questions import (
    ANY_RESOURCE,
    Question,
    context_of,
    doubts,
    faults,
)
from eks_irsa.answers.subjects import near_keys
from eks_irsa.cli.inputs import STANDARD_INPUT, Outcome
from eks_irsa.cli.problem_texts import errors_in, lines
from eks_irsa.cli.targets import Asked, all_of_project, outcomes_of, targets
from eks_irsa.documents.printable import printable
from eks_irsa.errors import Problem

__all__ = ["Asker", "Stack", "asked_question", "question_options", "read_stacks"]

_Command = TypeVar("_Command", bound=Callable[..., object])
_ARN: Final = "arn:"


@dataclass(frozen=True, kw_only=True, slots=True)
class Stack:
    """What was read of one stack, or of a ClusterConfig alone.

    Attributes:
        name: The stack file, or the ClusterConfig, as the user named it.
        cluster: Name of the EKS cluster.
        region: Its AWS region.
        entries: What the role of each entry may do, in file order.
    """

    name: str
    cluster: str
    region: str
    entries: tuple[EntryPermissions, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Asker:
    """All stacks that are asked, and what could not be read.

    Attributes:
        stacks: Those without errors, in the order they were named.
        problems: Errors of the others.
    """

    stacks: tuple[Stack, ...]
    problems: tuple[Problem, ...]


def question_options(command: _Command) -> _Command:
    """Give a command the options that every question has."""
    for option in (
        click.option(
            "--output",
            type=click.Choice(["text", "json"]),
            default="text",
            show_default=True,
            help="text: for people; json: all there is to say, for programs.",
        ),
        click.option(
            "--context",
            "pairs",
            metavar="KEY=VALUE",
            multiple=True,
            help=(
                "A context key of the request, such as aws:SourceIp=10.0.0.1; once for "
                "each value, and KEY= for a key that the request lacks. Conditions on "
                "other keys are named in the answer."
            ),
        ),
        click.option(
            "--stack",
            "stacks",
            metavar="STACK",
            multiple=True,
            help=(
                "Ask this stack of the project alone, Pulumi.STACK.yaml. May be given "
                "several times. Default: all of them."
            ),
        ),
    ):
        command = option(command)
    return command


def asked_question(
    action: str, rest: Sequence[str], pairs: Sequence[str]
) -> tuple[Question, list[str]]:
    """Read what is asked, and of which files.

    Args:
        action: The argument ACTION.
        rest: What follows it: RESOURCE, if it is one, and FILEs.
        pairs: Values of `--context`.

    Raises:
        click.UsageError: Nobody can ask so.
    """
    resource, files = ANY_RESOURCE, [*rest]
    if files and (files[0] == ANY_RESOURCE or files[0].startswith(_ARN)):
        resource = files.pop(0)
    for name in files:
        if name != STANDARD_INPUT and not Path(name).exists():
            msg = (
                f"{name!r} is neither a file that is there nor a RESOURCE; a RESOURCE "
                "stands behind ACTION and is an ARN or '*'"
            )
            raise click.UsageError(printable(msg))
    try:
        question = Question(action=action, resource=resource, context=context_of(pairs))
    except ValueError as error:
        raise click.BadParameter(
            printable(str(error)), param_hint="--context"
        ) from error
    wrong = [f"{where}: {message}" for where, message in faults(question)]
    if wrong:
        raise click.UsageError(printable("; ".join(wrong)))
    for where, code, message in doubts(question):
        click.echo(printable(f"warning: {where}: {message} [{code}]"), err=True)
    return question, files


def read_stacks(files: Sequence[str], names: Sequence[str]) -> Asker:
    """Read every stack that is asked, and print the errors of those that have some.

    Args:
        files: ClusterConfigs, stack files and project files; none for the project at or
            above the current folder.
        names: Stacks of that project; none for all.

    Raises:
        click.UsageError: There is no project, or it has no such stack.
    """
    if files and names:
        msg = "--stack takes stacks of the project; leave out FILE, or name their files"
        raise click.UsageError(msg)
    asked = targets(files, settings=()) if files else _of_project(names)
    outcomes = outcomes_of(asked.targets, rules_asked=False)
    found = [*asked.problems, *(p for one in outcomes for p in one.problems)]
    errors = tuple(dict.fromkeys(p for p in found if p.severity == "error"))
    if errors_in(errors):
        click.echo(lines(errors), nl=False, err=True)
    stacks = [stack for one in outcomes if (stack := _stack(one)) is not None]
    unanswered = len(outcomes) - len(stacks)
    if unanswered:
        count = f"{unanswered:,} of {len(outcomes):,}"
        click.echo(f"not answered, because of errors: {count}", err=True)
    return Asker(stacks=tuple(stacks), problems=errors)


def _of_project(names: Sequence[str]) -> Asked:
    asked = all_of_project()
    if asked is None:
        msg = "name a FILE; no Pulumi.yaml is in this folder or above it"
        raise click.UsageError(msg)
    if not names:
        return asked
    by_name = {_stack_name(one.stack_file): one for one in asked.targets}
    for name in names:
        if name not in by_name:
            near = " or ".join(map(repr, near_keys(by_name, name)))
            remedy = (
                f"did you mean {near}?" if near else f"it has {len(by_name)} others"
            )
            msg = f"the project has no stack {name!r}; {remedy}"
            raise click.UsageError(printable(msg))
    asked.targets = [by_name[name] for name in dict.fromkeys(names)]
    return asked


def _stack_name(stack_file: Path | None) -> str:
    stem = stack_file.stem if stack_file else ""
    return stem.removeprefix("Pulumi.")


def _stack(outcome: Outcome) -> Stack | None:
    if outcome.plan is None or outcome.file is None or outcome.settings is None:
        return None
    cluster = outcome.plan.cluster
    entries = permissions_of(outcome.plan, file=outcome.file, settings=outcome.settings)
    return Stack(
        name=str(outcome.stack_file or outcome.source),
        cluster=cluster.name,
        region=cluster.region,
        entries=tuple(entries),
    )
