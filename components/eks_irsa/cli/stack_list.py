"""The stacks of a project, and which of them a change touches."""

import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from eks_irsa.cli.accounts import Account
from eks_irsa.cli.inputs import cluster_config_of
from eks_irsa.documents.globs import matches_any
from eks_irsa.errors import InvalidInputError, Problem
from eks_irsa.settings.project import concerns_us, is_stack_file
from eks_irsa.settings.reading import StackSettings
from eks_irsa.settings.stack_file import read_stack_file
from eks_irsa.source.document import Pairs
from eks_irsa.source.findings import Finding
from eks_irsa.source.yaml_text import parse, read_bounded

__all__ = ["IGNORED", "Listed", "Stack", "listed", "touched"]

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


def listed(
    stack_files: Iterable[Path], accounts: Mapping[str, Account] | None
) -> Listed:
    """Read what is to be known of each stack.

    Args:
        stack_files: `Pulumi.<stack>.yaml`, of one project.
        accounts: Id -> AWS account; None if there is no file of them, and then no
            stack needs to say its AWS account.
    """
    stacks: list[Stack] = []
    found: list[Problem] = []
    for file in stack_files:
        try:
            stacks.append(_stack(file, accounts))
        except InvalidInputError as error:
            found += error.problems
    by_cause: dict[Problem | str, Problem] = {}
    for problem in found:
        by_cause.setdefault(_cause(problem), problem)
    return Listed(stacks=tuple(stacks), problems=tuple(by_cause.values()))


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


def _stack(file: Path, accounts: Mapping[str, Account] | None) -> Stack:
    settings = read_stack_file(file) if concerns_us(file) else None
    named = settings.settings.cluster_config if settings else None
    config = cluster_config_of(file, settings) if settings and named else None
    account_id = (settings.settings.account_id if settings else "") or ""
    account = None if accounts is None else _account(file, settings, accounts)
    return Stack(
        name=file.name.removeprefix("Pulumi.").removesuffix(file.suffix),
        stack_file=file,
        cluster_config=config,
        account_id=account_id,
        region=_region_of(config) or (account.region if account else None) or "",
        preview_role=(account.preview if account else None) or "",
        deploy_role=(account.deploy if account else None) or "",
    )


def _account(
    file: Path, settings: StackSettings | None, accounts: Mapping[str, Account]
) -> Account:
    """Find the AWS account of a stack.

    Raises:
        InvalidInputError: The stack does not say it, or the accounts do not have it.
    """
    account_id = settings.settings.account_id if settings else ""
    if account := accounts.get(account_id or ""):
        return account
    code = "E-ACCOUNT-ROLE"
    message = (
        f"{_LACKING} {account_id}; add it with its roles"
        if account_id
        else "missing; write the AWS account, so that its role is found"
    )
    if settings:
        finding = Finding(("accountId",), code, message)
        raise InvalidInputError(settings.problems([finding]))
    raise InvalidInputError(
        [
            Problem(
                source=str(file),
                path="config.eks-irsa:accountId",
                code=code,
                severity="error",
                message=message,
            )
        ]
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
