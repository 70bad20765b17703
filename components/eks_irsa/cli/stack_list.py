"""The stacks of a project, and which of them a change touches."""

import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from eks_irsa.cli.accounts import Account
from eks_irsa.cli.inputs import cluster_config_of
from eks_irsa.documents.globs import matches_any
from eks_irsa.errors import InvalidInputError, Problem
from eks_irsa.settings.project import concerns_us, is_stack_file
from eks_irsa.settings.stack_file import read_stack_file
from eks_irsa.source.document import Pairs
from eks_irsa.source.findings import Finding
from eks_irsa.source.yaml_text import parse, read_bounded

__all__ = [
    "IGNORED",
    "Listed",
    "Stack",
    "listed",
    "name_of",
    "touched",
    "with_roles",
]

# Files that no program reads, whatever the project.
IGNORED: Final = ("*.md", ".github/*", ".gitlab-ci.yml")
_LACKING: Final = "the file of AWS accounts has no"


@dataclass(frozen=True, kw_only=True, slots=True)
class Stack:
    """A stack as CI needs it.

    Attributes:
        name: Its name, without organization and project.
        stack_file: Its settings, as named from the current folder.
        cluster_config: The ClusterConfig they name; None where they name none.
        account_id: Its AWS account; empty where the settings do not say.
        region: Region of the ClusterConfig, else of the account; empty for none.
        preview_role: ARN of the role for previews; empty without a file of accounts.
        deploy_role: ARN of the role for `pulumi up`; likewise, and where it has none.
        because: The changed files that touch it, from the top of the repository.
    """

    name: str
    stack_file: Path
    cluster_config: Path | None
    account_id: str = ""
    region: str = ""
    preview_role: str = ""
    deploy_role: str = ""
    because: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Listed:
    """What came of listing stacks.

    Attributes:
        stacks: In the order of their files.
        problems: What is wrong with their settings, or with the roles they lack.
    """

    stacks: tuple[Stack, ...]
    problems: tuple[Problem, ...]


def listed(stack_files: Iterable[Path]) -> Listed:
    """Read what is to be known of each stack, but for its roles.

    Args:
        stack_files: `Pulumi.<stack>.yaml`, of one project.
    """
    stacks: list[Stack] = []
    found: list[Problem] = []
    for file in stack_files:
        try:
            stacks.append(_stack(file))
        except InvalidInputError as error:
            found += error.problems
    return Listed(stacks=tuple(stacks), problems=tuple(found))


def with_roles(stacks: Iterable[Stack], accounts: Mapping[str, Account]) -> Listed:
    """Give stacks the roles of their AWS accounts, and a region where they lack one.

    Args:
        stacks: Those that are to run; no other needs an AWS account.
        accounts: Id -> AWS account.
    """
    given: list[Stack] = []
    by_cause: dict[Problem | str, Problem] = {}
    for one in stacks:
        if account := accounts.get(one.account_id):
            given.append(
                replace(
                    one,
                    region=one.region or account.region or "",
                    preview_role=account.preview or "",
                    deploy_role=account.deploy or "",
                )
            )
            continue
        for problem in _without_account(one):
            by_cause.setdefault(_cause(problem), problem)
    return Listed(stacks=tuple(given), problems=tuple(by_cause.values()))


def _cause(problem: Problem) -> Problem | str:
    """Give what is alike for all stacks of an AWS account that the accounts lack."""
    return problem.message if problem.message.startswith(_LACKING) else problem


def touched(
    stacks: Sequence[Stack],
    changed: Collection[Path],
    *,
    accounts: Path | None,
    ignored: Collection[str],
    top: Path,
) -> dict[str, tuple[str, ...]]:
    """Tell which stacks a change touches, and by which files.

    A stack file touches its own stack, a ClusterConfig the stacks that name it. Every
    other file may be the program or its pins, and touches all of them, unless it is
    ignored: what is previewed for nothing costs time, what is not may hide a gain.

    Args:
        stacks: Those of the project.
        changed: Absolute paths as Git has them, also of files that are gone.
        accounts: The file of AWS accounts, which no preview depends on.
        ignored: Patterns of paths from *top*, as `documents.globs` reads them.
        top: The folder that paths are named from.

    Returns:
        Stack's name -> the changed files, sorted; a stack that is not there is not
        touched.
    """
    own = {stack.name: _own_files(stack) for stack in stacks}
    of_any = frozenset[Path]().union(*own.values(), _spellings(accounts))
    reasons: dict[str, list[str]] = {}
    for path in sorted(changed):
        name = os.path.relpath(path, top)
        if path not in of_any and _is_left_out(path, name, ignored):
            continue
        for stack in stacks:
            if path in own[stack.name] or path not in of_any:
                reasons.setdefault(stack.name, []).append(name)
    return {name: tuple(names) for name, names in reasons.items()}


def _is_left_out(path: Path, name: str, ignored: Iterable[str]) -> bool:
    """Tell whether a file is a stack's that is gone, or is ignored."""
    return is_stack_file(path) or matches_any(ignored, name)


def _own_files(stack: Stack) -> frozenset[Path]:
    return _spellings(stack.stack_file) | _spellings(stack.cluster_config)


def _spellings(path: Path | None) -> frozenset[Path]:
    """Give a file as Git has it: a link itself and what it leads to may change."""
    if path is None:
        return frozenset()
    named = Path(os.path.abspath(path))  # noqa: PTH100 - the link is not followed
    return frozenset({named.parent.resolve() / named.name, path.resolve()})


def _stack(file: Path) -> Stack:
    settings = read_stack_file(file) if concerns_us(file) else None
    named = settings.settings.cluster_config if settings else None
    config = cluster_config_of(file, settings) if settings and named else None
    return Stack(
        name=name_of(file),
        stack_file=file,
        cluster_config=config,
        account_id=(settings.settings.account_id if settings else "") or "",
        region=_region_of(config) or "",
    )


def name_of(file: Path) -> str:
    """Return the name of a stack, from its file `Pulumi.<stack>.yaml`."""
    return file.name.removeprefix("Pulumi.").removesuffix(file.suffix)


def _without_account(stack: Stack) -> tuple[Problem, ...]:
    """Say that a stack names no AWS account, or one that the accounts do not have."""
    code, file = "E-ACCOUNT-ROLE", stack.stack_file
    message = (
        f"{_LACKING} {stack.account_id}; add it with its roles"
        if stack.account_id
        else "missing; write the AWS account, so that its role is found"
    )
    if concerns_us(file):
        finding = Finding(("accountId",), code, message)
        return tuple(read_stack_file(file).problems([finding]))
    return (
        Problem(
            source=str(file),
            path="config.eks-irsa:accountId",
            code=code,
            severity="error",
            message=message,
        ),
    )


def _region_of(config: Path | None) -> str | None:
    """Read the region of a ClusterConfig; what is wrong with it, a check says."""
    try:
        root = parse(read_bounded(config)).root if config else None
    except OSError:
        return None
    metadata = root.get("metadata") if isinstance(root, Pairs) else None
    region = metadata.get("region") if isinstance(metadata, Pairs) else None
    return region if isinstance(region, str) else None
