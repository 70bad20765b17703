"""From the files a user names to what is checked: each ClusterConfig with its settings.

A stack file stands for the ClusterConfig it names, a Pulumi.yaml for all of its
stacks.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import NamedTuple

from eks_irsa.cli.inputs import (
    STANDARD_INPUT,
    Outcome,
    cluster_config_of,
    planned,
)
from eks_irsa.cli.kinds import is_cluster_config
from eks_irsa.errors import InvalidInputError, Problem, SettingsError
from eks_irsa.settings.project import (
    concerns_us,
    is_project_file,
    is_stack_file,
    stack_files_of,
)
from eks_irsa.settings.stack_file import project_file_of, read_stack_file, shown_like

__all__ = [
    "Asked",
    "Target",
    "all_of_project",
    "found_among",
    "outcomes_of",
    "targets",
]


class Target(NamedTuple):
    """Something to check.

    Attributes:
        file: A ClusterConfig, `-` for standard input; None for the one that the stack
            names.
        stack_file: The settings it is taken with; None for default settings, if there
            is a *file*.
    """

    file: str | None
    stack_file: Path | None


@dataclass(kw_only=True, slots=True)
class Asked:
    """What the names on a command line come to.

    Attributes:
        targets: What is to be checked, each once, in the order of the names.
        problems: Of project files, whose stacks cannot be told then.
        left_out: How many files concern nothing here.
    """

    targets: list[Target] = field(default_factory=list[Target])
    problems: list[Problem] = field(default_factory=list[Problem])
    left_out: int = 0


def targets(names: Sequence[str], *, settings: Sequence[Path]) -> Asked:
    """Tell what is to be checked for files that are named one by one.

    Args:
        names: ClusterConfigs, `-` for standard input, stack files and project files.
        settings: Stack files that each ClusterConfig is taken with; without *names*
            each stands for the ClusterConfig it names.
    """

    def take(name: str, asked: Asked) -> None:
        path = Path(name)
        if name == STANDARD_INPUT or not _is_of_pulumi(path):
            asked.targets += _with_each(name, settings)
        elif is_project_file(path):
            _take_stacks(path, asked)
        else:
            asked.targets.append(Target(None, path))

    if not names:
        return Asked(targets=[Target(None, one) for one in dict.fromkeys(settings)])
    return _gathered(names, take)


def found_among(names: Iterable[str], *, settings: Sequence[Path]) -> Asked:
    """Tell which of any files concern us, and what is to be checked for them.

    Args:
        names: Files of any kind, as a pre-commit hook is given them.
        settings: As for `targets`. Without them a ClusterConfig is taken with each
            stack of its project, that of the nearest Pulumi.yaml, that names it, and
            with default settings if none does.
    """
    stacks_by_file = cache(_stacks_by_file)

    def take(name: str, asked: Asked) -> None:
        path = Path(name)
        if _is_of_pulumi(path) and concerns_us(path):
            asked.targets += targets([name], settings=()).targets
        elif not _is_of_pulumi(path) and is_cluster_config(path):
            project = None if settings else project_file_of(path)
            named_by = stacks_by_file(project) if project else {}
            asked.targets += _with_each(name, named_by.get(path.resolve()) or settings)
        else:
            asked.left_out += 1

    return _gathered(names, take)


def all_of_project() -> Asked | None:
    """Tell what is to be checked for the project of the current folder.

    Returns:
        Each stack with the ClusterConfig it names; None where no Pulumi.yaml is at or
        above the current folder.
    """
    project = project_file_of(Path("Pulumi.yaml"))
    if project is None:
        return None
    asked = Asked()
    _take_stacks(Path(shown_like(Path(), project)), asked)
    return asked


def outcomes_of(asked: Sequence[Target], *, rules_asked: bool = True) -> list[Outcome]:
    """Plan each target; a ClusterConfig alone is left to the stacks that name it.

    Args:
        asked: What the names on a command line come to.
        rules_asked: A breach of a rule of the house is an error.
    """
    of_stacks = {
        target: planned(None, stack_file=target.stack_file, rules_asked=rules_asked)
        for target in asked
        if target.file is None
    }
    named = {one.path.resolve() for one in of_stacks.values() if one.path}
    outcomes: list[Outcome] = []
    for target in asked:
        if target in of_stacks:
            outcomes.append(of_stacks[target])
        elif target.stack_file or not _is_among(target.file, named):
            found = planned(
                target.file, stack_file=target.stack_file, rules_asked=rules_asked
            )
            outcomes.append(found)
    return outcomes


def _is_among(file: str | None, named: Collection[Path]) -> bool:
    return file not in {None, STANDARD_INPUT} and Path(str(file)).resolve() in named


def _gathered(names: Iterable[str], take: Callable[[str, Asked], None]) -> Asked:
    asked = Asked()
    for name in names:
        take(name, asked)
    asked.targets = list(dict.fromkeys(asked.targets))
    return asked


def _with_each(name: str, stack_files: Sequence[Path]) -> list[Target]:
    """Take a ClusterConfig with each of the settings, or with default settings."""
    return [Target(name, one) for one in stack_files] or [Target(name, None)]


def _is_of_pulumi(path: Path) -> bool:
    return is_project_file(path) or is_stack_file(path)


def _take_stacks(project: Path, asked: Asked) -> None:
    """Take every stack of a project, or the problem that there is none."""
    try:
        stacks = _stacks_of(project)
    except SettingsError as error:
        asked.problems += error.problems
        return
    asked.targets += [Target(None, one) for one in stacks]
    if not stacks:
        message = (
            "the project has no stack; expected a file Pulumi.<stack>"
            f"{project.suffix} in its stackConfigDir, by default the project's folder"
        )
        asked.problems.append(
            Problem(
                source=str(project),
                code="E-FILE",
                severity="error",
                message=message,
            )
        )


def _stacks_of(project: Path) -> list[Path]:
    """List the stack files of a project, as they are named from here."""
    return [Path(shown_like(Path(), one)) for one in stack_files_of(project)]


def _stacks_by_file(project: Path) -> dict[Path, list[Path]]:
    """Find which stacks of a project name which ClusterConfig."""
    named: dict[Path, list[Path]] = {}
    try:
        stacks = _stacks_of(Path(shown_like(Path(), project)))
    except SettingsError:
        return named
    for stack_file in stacks:
        try:
            config = cluster_config_of(stack_file, read_stack_file(stack_file))
        except InvalidInputError:
            continue  # what is wrong with a stack is said where it is asked for
        named.setdefault(config.resolve(), []).append(stack_file)
    return named
