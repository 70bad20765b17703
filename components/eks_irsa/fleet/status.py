"""How each stack of a fleet stands, as its backend tells; no program is run."""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC
from pathlib import Path
from typing import Final

import pulumi.automation as auto
from pydantic import BaseModel

from eks_irsa.fleet.engine import Engine
from eks_irsa.fleet.events import first_error
from eks_irsa.fleet.model import Stops
from eks_irsa.fleet.project import in_backend, new_engine, stacks_there
from eks_irsa.fleet.stacks import Workspace

__all__ = ["Status", "statuses"]

_FILES: Final = "file://"


class _Deployment(BaseModel):
    """A deployment as `pulumi stack export` writes it; a key may lack."""

    pending_operations: Sequence[object] | None = None


class _State(BaseModel):
    """What `pulumi stack export` writes."""

    deployment: _Deployment


@dataclass(frozen=True, kw_only=True, slots=True)
class Status:
    """How one stack stands.

    Attributes:
        stack: Its name.
        exists: The backend has it.
        resources: How many it has, the stack itself and providers included; None if
            that is not known.
        updated: When its last update ended, `2026-11-30T13:06:47+00:00`; empty for
            never.
        result: How that ended, as the engine says it: `succeeded`, `failed`,
            `in-progress`; empty where there was none.
        pending: How many operations an engine was killed in; None if not known.
        locked: Somebody runs it, or was killed; None where the backend does not tell.
        error: Why not all of this could be read; empty if it could.
    """

    stack: str
    exists: bool
    resources: int | None = None
    updated: str = ""
    result: str = ""
    pending: int | None = None
    locked: bool | None = None
    error: str = ""


class _Backend:
    """What a backend has of one project."""

    def __init__(
        self, project: Path, engine: Engine, names: Sequence[str], organization: str
    ) -> None:
        """Ask for its stacks.

        Args:
            project: Folder of Pulumi.yaml.
            engine: Asks the backend.
            names: Of the stacks that will be asked for.
            organization: Only its stacks; empty for all.

        Raises:
            FleetError: It does not answer, or a name is not enough.
        """
        self._folder, self._engine = str(project), engine
        workspace = Workspace(work_dir=self._folder, pulumi_command=engine)
        there = stacks_there(project, engine, organization)
        self.there = tuple(one.name.rpartition("/")[2] for one in there)
        self._found = in_backend(there, names)
        url = workspace.who_am_i().url or ""
        self._locks: Path | None = None
        if url.startswith(_FILES):
            state = Path(url.removeprefix(_FILES)).expanduser() / ".pulumi"
            name = workspace.project_settings().name
            self._locks = state / "locks" / "organization" / name

    def status(self, stack: str) -> Status:
        """Ask for one stack."""
        found = self._found.get(stack)
        if found is None:
            return Status(stack=stack, exists=False)
        known = Status(
            stack=stack,
            exists=True,
            resources=found.resource_count,
            locked=self._is_locked(found),
        )
        try:
            return self._with_last_update(known, found.name)
        except (auto.CommandError, OSError, ValueError) as error:
            return replace(known, error=first_error(str(error)))

    def _with_last_update(self, known: Status, name: str) -> Status:
        workspace = Workspace(work_dir=self._folder, pulumi_command=self._engine)
        stack = auto.Stack.select(name, workspace)
        # Not by the API's own function, which has secrets printed.
        exported = self._engine.run(
            ["stack", "export", "--stack", name], self._folder, {}
        )
        state = _State.model_validate_json(exported.stdout)
        last = stack.history(page_size=1, show_secrets=False)
        ended = last[0].end_time if last else None
        return replace(
            known,
            pending=len(state.deployment.pending_operations or ()),
            result=last[0].result if last else "",
            updated=ended.replace(tzinfo=UTC).isoformat() if ended else "",
        )

    def _is_locked(self, found: auto.StackSummary) -> bool | None:
        """Tell whether a stack is locked, where that can be told."""
        if self._locks is not None:
            return any((self._locks / found.name).glob("*.json"))
        return found.update_in_progress


def statuses(
    project: Path, stacks: Iterable[str], *, at_a_time: int, organization: str = ""
) -> tuple[list[Status], list[str]]:
    """Ask the backend how stacks stand.

    Args:
        project: Folder of Pulumi.yaml.
        stacks: Their names.
        at_a_time: How many are asked for at the same time.
        organization: Of the stacks. Default: the one that has a stack of the name.

    Returns:
        The status of each in the order given, and the names of all that the backend
        has of the project.

    Raises:
        FleetError: There is no engine, the backend does not answer, or several
            organizations have a stack.
    """
    names = tuple(stacks)
    backend = _Backend(project, new_engine(Stops()), names, organization)
    with ThreadPoolExecutor(at_a_time) as pool:
        return list(pool.map(backend.status, names)), list(backend.there)
