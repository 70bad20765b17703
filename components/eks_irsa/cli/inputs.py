"""From the files a user names to their plans, or to every problem they have."""

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Final, TypeVar

from eks_irsa.cluster_config.model import ClusterConfig
from eks_irsa.cluster_config.reading import (
    ClusterConfigFile,
    parse_cluster_config,
    read_cluster_config,
)
from eks_irsa.errors import InvalidInputError, Problem
from eks_irsa.plan.model import Cluster, Plan
from eks_irsa.plan.planning import plan
from eks_irsa.settings.reading import StackSettings, default_settings
from eks_irsa.settings.stack_file import project_file_of, read_stack_file, shown_like
from eks_irsa.source.findings import Finding, in_file_order
from eks_irsa.source.yaml_text import MAX_TEXT_SIZE_BYTES

__all__ = ["STANDARD_INPUT", "Outcome", "cluster_config_of", "planned"]

# How a command line writes standard input, and how problems name it.
STANDARD_INPUT: Final = "-"
_STANDARD_INPUT_NAME: Final = "<stdin>"

# A check alone knows no stack, but counts the tag that names it.
_ANY_STACK: Final = "organization/project/stack"

_Result = TypeVar("_Result")


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What came of one ClusterConfig.

    Attributes:
        source: The file as problems name it; the stack file if that names none.
        stack_file: The stack's settings it was taken with; None for default settings.
        path: Where the file is; None for standard input, and where a stack names none.
        file: What was read of it; None if it cannot be read.
        settings: What was read of the settings; None if they have errors.
        plan: Its plan; None if anything in it or in the settings is an error.
        problems: Errors and warnings, those of the ClusterConfig first, each file's in
            its order.
    """

    source: str
    stack_file: Path | None
    path: Path | None
    file: ClusterConfigFile | None
    settings: StackSettings | None
    plan: Plan | None
    problems: tuple[Problem, ...]


def planned(
    file: str | None,
    *,
    stack_file: Path | None,
    cluster_of: Callable[[ClusterConfig], Cluster] | None = None,
    rules_asked: bool = True,
) -> Outcome:
    """Read a ClusterConfig and plan it together with the settings of a stack.

    Args:
        file: The ClusterConfig; `-` for standard input, None for the one that the
            setting `clusterConfig` of *stack_file* names.
        stack_file: The stack's settings, `Pulumi.<stack>.yaml`. Default settings if
            None.
        cluster_of: Gives the facts of the cluster that a checked file is about.
            Default: placeholders of their greatest length, and the AWS account of the
            settings if they name one.
        rules_asked: A breach of a rule of the house is an error. False where the
            question is what a role may do, which no rule changes.

    Returns:
        The plan or every problem. What only a plan can show is left out of entries that
        are wrong, and everywhere where the settings are, because it would blame one for
        the faults of the other.

    Raises:
        ValueError: *file* and *stack_file* are both None.
    """
    found: list[Problem] = []
    settings = _attempt(lambda: _settings(stack_file), found)
    if settings and not rules_asked:
        settings = _without_rules(settings)
    source = _source(file, stack_file, settings, found)
    config = _attempt(source.read, found) if source else None
    decided = None
    if config and settings:
        if config.errors or cluster_of is None:
            account_id = settings.settings.account_id
            cluster = Cluster.assumed_for(config.config, account_id=account_id)
        else:
            cluster = cluster_of(config.config)
        stack = _ANY_STACK if cluster.assumed else None
        decided = _attempt(
            lambda: plan(config, stack_settings=settings, cluster=cluster, stack=stack),
            found,
        )
    if decided:
        found += decided.warnings
    elif config:
        found += [*config.errors, *config.warnings]
    name = source.name if source else str(stack_file)
    return Outcome(
        source=name,
        stack_file=stack_file,
        path=source.path if source else None,
        file=config,
        settings=settings,
        plan=decided,
        problems=_in_order(found, first=name),
    )


def _attempt(step: Callable[[], _Result], found: list[Problem]) -> _Result | None:
    """Take a step, or gather the problems that stop it."""
    try:
        return step()
    except InvalidInputError as error:
        found += error.problems
        return None


def _in_order(found: Iterable[Problem], *, first: str) -> tuple[Problem, ...]:
    """Sort problems by file, the one called *first* first, and by place in it."""
    by_source: dict[str, list[Problem]] = {first: []}
    for problem in found:
        by_source.setdefault(problem.source, []).append(problem)
    return tuple(chain.from_iterable(map(in_file_order, by_source.values())))


@dataclass(frozen=True, kw_only=True, slots=True)
class _Source:
    """A ClusterConfig to read; *path* is None for standard input."""

    name: str
    path: Path | None

    def read(self) -> ClusterConfigFile:
        if self.path:
            return read_cluster_config(self.path, source=self.name, partly=True)
        return parse_cluster_config(_standard_input(), source=self.name, partly=True)


def _standard_input() -> bytes:
    # The interpreter has no stream where the shell closed it.
    if sys.stdin is None:
        return b""
    # One byte more than is read of any file, so that a longer one is refused.
    return sys.stdin.buffer.read(MAX_TEXT_SIZE_BYTES + 1)


def _settings(stack_file: Path | None) -> StackSettings:
    return read_stack_file(stack_file) if stack_file else default_settings()


def _without_rules(settings: StackSettings) -> StackSettings:
    update = {"rules": default_settings().settings.rules}
    return replace(settings, settings=settings.settings.model_copy(update=update))


def _source(
    file: str | None,
    stack_file: Path | None,
    settings: StackSettings | None,
    found: list[Problem],
) -> _Source | None:
    if file == STANDARD_INPUT:
        return _Source(name=_STANDARD_INPUT_NAME, path=None)
    if file is not None:
        return _Source(name=file, path=Path(file))
    if stack_file is None:
        msg = "neither a ClusterConfig nor a stack file is given"
        raise ValueError(msg)
    if settings is None:
        return None
    return _attempt(lambda: _source_of_stack(stack_file, settings), found)


def _source_of_stack(stack_file: Path, settings: StackSettings) -> _Source:
    path = cluster_config_of(stack_file, settings)
    return _Source(name=shown_like(stack_file, path), path=path)


def cluster_config_of(stack_file: Path, settings: StackSettings) -> Path:
    """Find the ClusterConfig a stack names.

    Its path begins in the project's folder, the nearest one at or above the stack file
    that holds a Pulumi.yaml.

    Args:
        stack_file: The stack's settings, `Pulumi.<stack>.yaml`.
        settings: What was read from it.

    Raises:
        InvalidInputError: It names none, or is in no project.
    """
    key = ("clusterConfig",)
    name = settings.settings.cluster_config
    if not name:
        message = (
            "missing; write the path of the ClusterConfig, from Pulumi.yaml's folder"
        )
        finding = Finding(key, "E-KEY-MISSING", message)
        raise InvalidInputError(settings.problems([finding]))
    if project := project_file_of(stack_file):
        return project.parent / name
    message = (
        f"no folder above the stack file holds a Pulumi.yaml, where {name!r} would "
        "begin; name the ClusterConfig on the command line"
    )
    raise InvalidInputError(settings.problems([Finding(key, "E-FILE", message)]))
