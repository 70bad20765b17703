"""A project opened for its fleet: the engine, the backend's stacks, the logs."""

from collections.abc import Mapping
from pathlib import Path

import pulumi.automation as auto

from eks_irsa.errors import EksIrsaError
from eks_irsa.fleet.engine import Engine
from eks_irsa.fleet.events import first_error
from eks_irsa.fleet.model import Stops
from eks_irsa.fleet.record import folder_of
from eks_irsa.fleet.stacks import Fleet, Workspace

__all__ = ["FleetError", "new_engine", "open_fleet", "stacks_there"]


class FleetError(EksIrsaError):
    """No stack can be run: there is no engine, or no backend answers."""


def open_fleet(
    project: Path, files: Mapping[str, Path], *, stops: Stops, logs: Path | None
) -> Fleet:
    """Find the engine, ask the backend for its stacks, and empty the logs.

    Args:
        project: Folder of Pulumi.yaml.
        files: Stack's name -> its file.
        stops: Counted by whoever hears the user.
        logs: Folder of the logs, made if it is missing. Default: `.eks-irsa/logs` in
            the project.

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
    there = frozenset(one.name for one in stacks_there(project, engine))
    return Fleet(project=project, files=files, engine=engine, logs=folder, there=there)


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


def stacks_there(project: Path, engine: Engine) -> list[auto.StackSummary]:
    """List the stacks that the backend has of the project.

    Raises:
        FleetError: The backend does not answer, which tells the reason.
    """
    workspace = Workspace(work_dir=str(project), pulumi_command=engine)
    try:
        return workspace.list_stacks()
    except auto.CommandError as error:
        msg = first_error(engine.said) or "pulumi stack ls failed"
        raise FleetError(msg) from error
