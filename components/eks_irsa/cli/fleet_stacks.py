"""Which stacks of a project a command for the fleet is about, and its options."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any, Final

import click

from eks_irsa.cli.changed_files import GitError
from eks_irsa.cli.changed_stacks import because, change_options, touched_since
from eks_irsa.cli.problem_texts import lines
from eks_irsa.cli.stack_list import IGNORED, Stack, listed, name_of
from eks_irsa.cli.targets import all_of_project
from eks_irsa.documents.globs import matches, matches_any, pattern_fault
from eks_irsa.documents.printable import printable
from eks_irsa.settings.stack_file import project_file_of

__all__ = [
    "Choice",
    "Chosen",
    "Running",
    "at_a_time_option",
    "choice_options",
    "chosen",
    "output_option",
    "running_options",
]

_MOST_NAMES: Final = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """What somebody says of the stacks.

    Attributes:
        globs: Of names, as `documents.globs` reads them; empty for all.
        revision: Only those that changes since then touch; None for all.
        ignore: Patterns of files that touch no stack.
        organization: Of the stacks in the backend; empty where none is given.
    """

    globs: tuple[str, ...]
    revision: str | None
    ignore: tuple[str, ...]
    organization: str

    @property
    def is_narrowed(self) -> bool:
        """Whether not all stacks of the project are meant."""
        return bool(self.globs or self.revision is not None)


@dataclass(frozen=True, kw_only=True, slots=True)
class Running:
    """How the engine is to run.

    Attributes:
        at_a_time: For how many stacks at the same time.
        logs: Folder of the logs; None for the project's own.
        refresh: Read what there is first.
    """

    at_a_time: int
    logs: Path | None
    refresh: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Chosen:
    """What a command is about.

    Attributes:
        project: Folder of Pulumi.yaml.
        stacks: Name -> stack file, in the order of the files; may be empty.
        every: The names of all stacks of the project that have a file.
        organization: Of the stacks in the backend; empty where none is given.
    """

    project: Path
    stacks: dict[str, Path]
    every: frozenset[str]
    organization: str


def choice_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command `--stacks`, `--changed-since` and the like, as its `choice`."""

    @wraps(command)
    def with_choice(
        *arguments: Any,  # noqa: ANN401 - the command's own
        globs: tuple[str, ...],
        revision: str | None,
        ignore: tuple[str, ...],
        organization: str,
        **options: Any,  # noqa: ANN401 - the command's own
    ) -> None:
        choice = Choice(
            globs=globs, revision=revision, ignore=ignore, organization=organization
        )
        command(*arguments, choice=choice, **options)

    of_organization = click.option(
        "--organization",
        metavar="NAME",
        default="",
        help=(
            "Organization of the stacks in Pulumi Cloud. Default: the one that has a "
            "stack of the name; for a new stack, your own."
        ),
    )
    option = click.option(
        "--stacks",
        "globs",
        metavar="GLOB",
        multiple=True,
        help=(
            "Only stacks whose name matches, such as 'prod-*'. May be given several "
            "times. Default: every stack of the project that has a file."
        ),
    )
    return option(change_options(of_organization(with_choice)))


def running_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command `--at-a-time`, `--logs` and `--refresh`, as its `running`."""

    @wraps(command)
    def with_running(
        *arguments: Any,  # noqa: ANN401 - the command's own
        at_a_time: int,
        logs: Path | None,
        refresh: bool,
        **options: Any,  # noqa: ANN401 - the command's own
    ) -> None:
        running = Running(at_a_time=at_a_time, logs=logs, refresh=refresh)
        command(*arguments, running=running, **options)

    refreshing = click.option(
        "--refresh", is_flag=True, help="Read what there is first, for drift."
    )
    to_logs = click.option(
        "--logs",
        type=click.Path(file_okay=False, path_type=Path),
        metavar="FOLDER",
        help=(
            "Where what the engine prints for each stack goes, as <stack>.log. "
            "Default: .eks-irsa/logs beside Pulumi.yaml."
        ),
    )
    return at_a_time_option(to_logs(refreshing(with_running)))


def at_a_time_option(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command `--at-a-time`."""
    return click.option(
        "--at-a-time",
        type=click.IntRange(min=1),
        default=4,
        show_default=True,
        metavar="N",
        help="For how many stacks the engine runs at a time.",
    )(command)


def output_option(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command `--output`."""
    return click.option(
        "--output",
        type=click.Choice(["json", "text"]),
        default="text",
        show_default=True,
        help="What is printed at the end; how it gets on is told on standard error.",
    )(command)


def chosen(choice: Choice) -> Chosen:
    """Find the stacks that somebody means, in the project of the current folder.

    Raises:
        click.ClickException: There is no project, its Pulumi.yaml cannot be read, a
            glob matches nothing, or Git cannot tell what changed.
    """
    asked, project = all_of_project(), project_file_of(Path("Pulumi.yaml"))
    if asked is None or project is None:
        msg = "no Pulumi.yaml is in this folder or above it; go into a project"
        raise click.UsageError(msg)
    if asked.problems:
        raise click.UsageError(lines(asked.problems).rstrip())
    found = [one.stack_file for one in asked.targets if one.stack_file]
    files = {name_of(one): one for one in found}
    for glob in choice.globs:
        if fault := pattern_fault(glob) or _no_match(glob, list(files)):
            msg = f"--stacks: {fault}"
            raise click.UsageError(msg)
    taken = [
        name for name in files if not choice.globs or matches_any(choice.globs, name)
    ]
    if choice.revision is not None:
        touched = _touched(files, choice.revision, choice.ignore)
        taken = [name for name in taken if name in touched]
    return Chosen(
        project=project.parent,
        stacks={name: files[name] for name in taken},
        every=frozenset(files),
        organization=choice.organization,
    )


def _no_match(glob: str, names: Sequence[str]) -> str:
    """Say that a pattern is for nothing; empty if it is for something."""
    if any(matches(glob, name) for name in names):
        return ""
    more = ", ..." if len(names) > _MOST_NAMES else ""
    there = ", ".join(map(printable, names[:_MOST_NAMES]))
    return f"{glob!r} matches no stack; there are {there}{more}"


def _touched(
    files: dict[str, Path], revision: str, ignore: tuple[str, ...]
) -> set[str]:
    """Name the stacks that a change touches, and those that cannot be read."""
    found = listed(files.values()).stacks
    readable = {one.name for one in found}
    # What a stack with errors names is not known; running it tells the errors.
    broken = [
        Stack(name=name, stack_file=file, cluster_config=None)
        for name, file in files.items()
        if name not in readable
    ]
    try:
        touched = touched_since(found, revision, None, (*IGNORED, *ignore))
    except GitError as error:
        raise click.UsageError(printable(str(error))) from error
    for one in touched:
        click.echo(because(one), err=True)
    return {one.name for one in (*touched, *broken)}
