"""The commands `eks-irsa cloudformation ...`: eksctl's stacks keep their roles.

The only commands that change something in AWS by themselves, and only with --approve.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, NamedTuple

import click

from eks_irsa.adoption.letting_go import (
    Found,
    found_stacks,
    hindrances,
    retention_hindrance,
)
from eks_irsa.adoption.retention import retaining, template_text, unretained
from eks_irsa.cli.file_name import FileName
from eks_irsa.cli.inputs import Outcome, planned
from eks_irsa.cli.problem_texts import counted, errors_in, lines
from eks_irsa.documents.printable import printable
from eks_irsa.live.clients import AwsSession, unread_reason
from eks_irsa.live.cloudformation import StackClient, StackFailedError
from eks_irsa.live.model import LiveStack
from eks_irsa.live.stacks import listed_stacks
from eks_irsa.plan.model import name_and_region
from eks_irsa.plan.provider_ownership import STACK_TAG

__all__ = ["cloudformation"]

_WITH_ERRORS: Final = 1
_NOT_ALL: Final = 3
# CloudFormation takes its time for each, and throttles who asks too often.
_AT_A_TIME: Final = 8
_RETAIN: Final = """\
Have the stacks keep all their resources when they are deleted.

Writes 'DeletionPolicy: Retain' into each stack's template, for every resource, with a
mark in its Metadata: roles and policies stay as they are. Do this before 'pulumi up'
takes roles in. 'eksctl update iamserviceaccount' takes it back.
"""
_DELETE: Final = """\
Delete the stacks whose roles a Pulumi stack has taken in.

Each must retain every resource, and its role must exist and carry the tag
eks-irsa/stack. Termination protection is taken off, the stack is deleted, and the role
is compared with what it was before.
"""
_HELP_OF_FILE: Final = """
FILE is a ClusterConfig, '-' for one on standard input. Without FILE it is the one that
the setting clusterConfig of the stack names. Entries without a stack of eksctl need
nothing.

\b
Exit code:
  0  every stack is as it should be, or would be with --approve
  1  the files have errors
  2  wrong usage, or AWS cannot be asked
  3  a stack cannot be changed, or its change failed; the others were changed
"""


class _Done(NamedTuple):
    """What became of a stack."""

    text: str
    failed: bool = False
    todo: bool = True


Step = Callable[[StackClient, LiveStack, bool], _Done]
"""What is done with a stack; the last says whether to do it or only to say it."""


class _NothingAskedError(click.ClickException):
    exit_code = 2


@click.group()
def cloudformation() -> None:
    """Have eksctl's CloudFormation stacks keep the roles that Pulumi takes in.

    In this order: 'retain', 'pulumi up', 'delete'. Each says what it would do, and does
    it with --approve. Nothing is deleted but stacks that keep all their resources.
    """


def _arguments(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command its argument and options."""
    for one in reversed(
        (
            click.argument("file", metavar="[FILE]", required=False, type=FileName()),
            click.option(
                "--settings",
                type=FileName(),
                metavar="STACKFILE",
                help="Settings of the stack; what they exclude is left alone.",
            ),
            click.option(
                "--profile", metavar="NAME", help="AWS profile. Default: as the SDKs."
            ),
            click.option("--approve", is_flag=True, help="Do it. Default: say it."),
            click.pass_context,
        )
    ):
        command = one(command)
    return command


@cloudformation.command(help=_RETAIN + _HELP_OF_FILE)
@_arguments
def retain(context: click.Context, *, approve: bool, **given: str | None) -> None:
    """Write a DeletionPolicy into every stack's template."""
    _run(context, _retained, approve=approve, **given)


@cloudformation.command(help=_DELETE + _HELP_OF_FILE)
@_arguments
def delete(context: click.Context, *, approve: bool, **given: str | None) -> None:
    """Delete every stack that keeps what was taken in."""
    _run(context, _deleted, approve=approve, **given)


def _run(  # noqa: PLR0913 - one parameter for each option
    context: click.Context,
    step: Step,
    *,
    file: str | None,
    settings: str | None,
    profile: str | None,
    approve: bool,
) -> None:
    """Take a step for the stack of every entry, and print what became of it."""
    outcome = _read(context, file, settings)
    client, found = _asked(outcome, profile)
    for line in _not_concerned(found):
        click.echo(printable(line))
    failures, todo = 0, False
    for stack, done in _all(found, client, step, approve=approve):
        failures += done.failed
        todo = todo or done.todo
        click.echo(printable(f"{stack.name}: {done.text}"), err=done.failed)
    click.echo(_summary(found, failures, todo=todo, approve=approve))
    context.exit(_NOT_ALL if failures else 0)


def _retained(client: StackClient, stack: LiveStack, approve: bool) -> _Done:  # noqa: FBT001 - of one shape
    template = template_text(client.parts(stack).template)
    lost = unretained(template)
    if not lost:
        return _Done("all is retained already", todo=False)
    names = ", ".join(lost)
    if hindrance := retention_hindrance(stack, lost):
        return _Done(hindrance, failed=True)
    if not approve:
        return _Done(f"would retain {names}")
    client.update(stack, retaining(template))
    return _Done(f"retains {names}")


def _deleted(client: StackClient, stack: LiveStack, approve: bool) -> _Done:  # noqa: FBT001 - of one shape
    parts = client.parts(stack)
    if reasons := hindrances(stack, parts):
        return _Done(f"not deleted: {'; '.join(reasons)}", failed=True)
    names = ", ".join(parts.roles)
    if not approve:
        guard = (
            ", its termination protection taken off"
            if client.is_protected(stack)
            else ""
        )
        return _Done(f"would be deleted{guard}; the role {names} stays")
    client.delete(stack)
    changed = [one for one, held in parts.roles.items() if client.role(one) != held]
    if changed:
        return _Done(f"deleted, and the role {', '.join(changed)} changed", failed=True)
    return _Done(f"deleted; the role {names} is as before")


def _read(context: click.Context, file: str | None, settings: str | None) -> Outcome:
    stack_file = Path(settings) if settings else None
    if file is None and stack_file is None:
        msg = "name a FILE, '-' for standard input, or a stack's --settings"
        raise click.UsageError(msg)
    outcome = planned(file, stack_file=stack_file)
    if errors_in(outcome.problems):
        click.echo(lines(outcome.problems), nl=False, err=True)
        context.exit(_WITH_ERRORS)
    return outcome


def _asked(outcome: Outcome, profile: str | None) -> tuple[StackClient, Found]:
    """List the stacks of the entries, as the identity of the AWS SDK."""
    assert outcome.file is not None  # noqa: S101 - it has no errors
    assert outcome.plan is not None  # noqa: S101 - as above
    cluster, region = name_and_region(outcome.file.config)
    entries = [one.key for one in outcome.plan.service_accounts if one.role]
    try:
        session = AwsSession(region=region, profile=profile)
        stacks = session.client("cloudformation")
        client = StackClient(stacks, session.client("iam"), owner_tag=STACK_TAG)
        held = listed_stacks(stacks)
    except Exception as error:
        raise _NothingAskedError(printable(unread_reason(error))) from error
    return client, found_stacks(held, cluster=cluster, entries=entries)


def _all(
    found: Found, client: StackClient, step: Step, *, approve: bool
) -> Iterator[tuple[LiveStack, _Done]]:
    """Take a step for every stack, several at a time; a failure stops no other."""

    def taken(stack: LiveStack) -> tuple[LiveStack, _Done]:
        try:
            return stack, step(client, stack, approve)
        except StackFailedError as error:
            return stack, _Done(str(error), failed=True)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is said
            return stack, _Done(unread_reason(error), failed=True)

    with ThreadPoolExecutor(_AT_A_TIME) as pool:
        yield from pool.map(taken, found.stacks)


def _not_concerned(found: Found) -> Iterator[str]:
    for key, owner in found.mistaken.items():
        yield f"{key}: no stack of its own; the one of that name is of {owner}"
    if found.others:
        yield f"of no entry, and left alone: {', '.join(found.others)}"


def _summary(found: Found, failed: int, *, todo: bool, approve: bool) -> str:
    text = counted(len(found.stacks), "stack")
    if failed:
        text += f", {counted(failed, 'failure')}"
    if found.without:
        have = "entry has" if len(found.without) == 1 else "entries have"
        text += f"; {len(found.without)} {have} no stack of eksctl's"
    if not approve:
        text += (
            " (nothing was changed; --approve does it)" if todo else " (nothing to do)"
        )
    return text
