"""A project opened for its fleet: the engine, the backend's stacks, the logs."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

import pulumi.automation as auto

from eks_irsa.documents.printable import printable
from eks_irsa.errors import EksIrsaError
from eks_irsa.fleet.engine import Engine
from eks_irsa.fleet.events import first_error
from eks_irsa.fleet.model import Stops
from eks_irsa.fleet.record import folder_of
from eks_irsa.fleet.stacks import Fleet, Workspace

__all__ = ["FleetError", "in_backend", "new_engine", "open_fleet", "stacks_there"]

# https://app.pulumi.com/<organization>/<project>/<stack>
_PARTS_OF_URL: Final = 6


class FleetError(EksIrsaError):
    """No stack can be run: there is no engine, or no backend answers."""


def open_fleet(
    project: Path,
    files: Mapping[str, Path],
    *,
    stops: Stops,
    logs: Path | None,
    organization: str = "",
) -> Fleet:
    """Find the engine, ask the backend for its stacks, and empty the logs.

    Args:
        project: Folder of Pulumi.yaml.
        files: Stack's name -> its file.
        stops: Counted by whoever hears the user.
        logs: Folder of the logs, made if it is missing. Default: `.eks-irsa/logs` in
            the project.
        organization: Of the stacks. Default: the one that has a stack of the name, and
            for a new stack the user's own.

    Raises:
        FleetError: No stack can be run.
    """
    try:
        folder = (logs or folder_of(project) / "logs").absolute()
        folder.mkdir(parents=True, exist_ok=True)
        for name in files:
            (folder / f"{name}.log").write_bytes(b"")
    except OSError as error:
        msg = f"the logs cannot be written: {error}; name another folder with --logs"
        raise FleetError(msg) from error
    engine = new_engine(stops)
    found = in_backend(stacks_there(project, engine, organization), files)
    prefix = f"{organization}/" if organization else ""
    names = {name: f"{prefix}{name}" for name in files}
    return Fleet(
        project=project,
        files=files,
        engine=engine,
        logs=folder,
        there=frozenset(found),
        names=names | {name: one.name for name, one in found.items()},
    )


def new_engine(stops: Stops) -> Engine:
    """Find the engine.

    Args:
        stops: Counted by whoever hears the user.

    Raises:
        FleetError: There is none, or it is too old.
    """
    try:
        return Engine(stops)
    except FileNotFoundError as error:
        msg = "there is no pulumi on PATH; install its CLI"
        raise FleetError(msg) from error
    except auto.InvalidVersionError as error:
        raise FleetError(str(error)) from error


def stacks_there(
    project: Path, engine: Engine, organization: str = ""
) -> list[auto.StackSummary]:
    """List the stacks that the backend has of the project.

    Args:
        project: Folder of Pulumi.yaml.
        engine: Asks the backend.
        organization: Only its stacks. Default: all.

    Raises:
        FleetError: The backend does not answer, which tells the reason.
    """
    workspace = Workspace(work_dir=str(project), pulumi_command=engine)
    try:
        found = workspace.list_stacks()
    except auto.CommandError as error:
        msg = first_error(engine.said) or "pulumi stack ls failed"
        raise FleetError(msg) from error
    return [one for one in found if organization in {"", _organization_of(one)}]


def _organization_of(stack: auto.StackSummary) -> str:
    """Name the organization of a stack; empty where the backend has none.

    The engine leaves that of the user out of a name.
    """
    named, slash, _ = stack.name.partition("/")
    if slash:
        return named
    parts = (stack.url or "").split("/")
    return parts[-3] if len(parts) >= _PARTS_OF_URL else ""


def in_backend(
    there: Sequence[auto.StackSummary], names: Iterable[str]
) -> dict[str, auto.StackSummary]:
    """Find stacks by their names without organization.

    Args:
        there: What the backend has of the project.
        names: Of the stacks that are looked for.

    Returns:
        Those that are there.

    Raises:
        FleetError: Several organizations have one.
    """
    found: dict[str, list[auto.StackSummary]] = {}
    for one in there:
        found.setdefault(one.name.rpartition("/")[2], []).append(one)
    wanted = {name: found[name] for name in names if name in found}
    for name, same in wanted.items():
        if len(same) > 1:
            all_of_them = ", ".join(printable(one.name) for one in same)
            msg = (
                f"several organizations have a stack {printable(name)}: {all_of_them}; "
                "say with --organization which is meant"
            )
            raise FleetError(msg)
    return {name: one for name, (one,) in wanted.items()}
