"""One stack of a project, and what the engine is asked for it."""

import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pulumi.automation as auto
from pulumi.automation._stack import StackInitMode

from eks_irsa.fleet.engine import Engine, StoppedError
from eks_irsa.fleet.events import Told, first_error
from eks_irsa.fleet.model import Result, State, Step
from eks_irsa.fleet.new_stacks import stack_file_kept, temporary_backend
from eks_irsa.fleet.previews import with_error
from eks_irsa.settings.stack_file import parsed
from eks_irsa.source.document import Pairs

__all__ = ["Fleet", "Run", "Workspace"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Fleet:
    """The project whose stacks are run.

    Attributes:
        project: Folder of Pulumi.yaml.
        files: Stack's name -> its file.
        engine: What runs.
        logs: Folder of the logs, which is there.
        there: The stacks that the backend has.
        names: Stack's name -> what the engine calls it, with its organization.
        refresh: Read what there is first.
        create: Make a stack that the backend does not have.
        previews: Folder where previews go as JSON, `<stack>.json`. Default: they go
            into the log, for people.
    """

    project: Path
    files: Mapping[str, Path]
    engine: Engine
    logs: Path
    there: frozenset[str]
    names: Mapping[str, str]
    refresh: bool = False
    create: bool = False
    previews: Path | None = None


class Workspace(auto.LocalWorkspace):
    """The project as it lies there."""

    def select_stack(self, stack_name: str) -> None:
        """Leave the stack selected that is; each command names its own."""


class _Stack(auto.Stack):
    """A stack of which nothing is asked after an update.

    The Automation API would run the engine three times more for each stack, and have
    secrets printed that nobody wants.
    """

    def outputs(self) -> auto.OutputMap:
        """Return none."""
        return {}

    def info(self, show_secrets: object = None) -> auto.UpdateSummary:
        """Return nothing that is known."""
        del show_secrets
        return auto.UpdateSummary("update", datetime.now(UTC), "", {}, {}, "")


class Run:
    """The engine, run for one stack."""

    def __init__(self, fleet: Fleet, name: str, step: Step) -> None:
        """Begin nothing yet.

        Args:
            fleet: Its project.
            name: Of the stack.
            step: Is told what the engine is at.
        """
        self._fleet, self._name, self._full = fleet, name, fleet.names[name]
        self._new = name not in fleet.there
        self._told = Told(step)
        self._edited: list[str] = []
        self._log = fleet.logs / f"{name}.log"
        self._engine = fleet.engine.logging_to(self._log)
        self._workspace = Workspace(
            work_dir=str(fleet.project), pulumi_command=self._engine
        )
        self._refresh = fleet.refresh or None

    def preview(self) -> Result:
        """Preview it; if the backend does not have it, as it would be made."""
        return self._result(self._preview)

    def up(self) -> Result:
        """Bring it up; if the backend does not have it, only if that is wanted."""
        if self._new and not self._fleet.create:
            error = (
                "the backend has no such stack; --create makes it, or "
                f"'pulumi stack init {self._full}'"
            )
            return Result(stack=self._name, state="missing", error=error, new=True)
        return self._result(self._up)

    def _preview(self) -> None:
        folder = self._fleet.previews
        # A temporary backend has no organizations.
        name = self._name if self._new else self._full
        with ExitStack() as kept:
            if self._new:
                self._workspace.env_vars = kept.enter_context(temporary_backend())
                with self._file_kept():
                    self._init(name)
                kept.enter_context(self._file_kept())
            try:
                self._stack(name).preview(
                    on_event=self._told.take,
                    json=folder is not None,
                    refresh=self._refresh,
                )
            finally:
                if folder:
                    self._keep(folder, self._preview_printed())

    def _keep(self, folder: Path, preview: str) -> None:
        (folder / f"{self._name}.json").write_text(preview, encoding="utf-8")

    def _preview_printed(self) -> str:
        """Return the preview as JSON, also of one that stopped before it began."""
        printed = self._engine.printed
        if printed.startswith("{"):
            return printed
        return with_error("", self._engine.said)

    def _preview_failed(self, folder: Path, error: str) -> None:
        """Have the kept preview say so, whatever of it the engine printed."""
        file = folder / f"{self._name}.json"
        kept = file.read_text(encoding="utf-8") if file.exists() else ""
        self._keep(folder, with_error(kept, error))

    def _up(self) -> None:
        if self._new:
            self._init(self._full, "--secrets-provider", self._secrets_provider())
        self._stack(self._full).up(
            on_event=self._told.take, refresh=self._refresh, show_secrets=False
        )

    def _stack(self, name: str) -> _Stack:
        return _Stack(name, self._workspace, StackInitMode.SELECT)

    def _init(self, name: str, *options: str) -> None:
        workspace, arguments = self._workspace, ["stack", "init", name]
        self._engine.run(
            [*arguments, "--no-select", *options],
            workspace.work_dir,
            workspace.env_vars,
        )

    def _secrets_provider(self) -> str:
        """Name the provider of secrets in the stack file, which the engine would drop.

        Returns:
            `default` where it names none, as the engine takes it.
        """
        file = self._fleet.files[self._name]
        root = parsed(file, source=str(file)).root
        found = root.get("secretsprovider") if isinstance(root, Pairs) else None
        return found if isinstance(found, str) else "default"

    def _file_kept(self) -> AbstractContextManager[None]:
        return stack_file_kept(
            self._name, project=self._fleet.project, told=self._edited.append
        )

    def _result(self, run: Callable[[], None]) -> Result:
        """Run the engine, and tell what became of the stack, whatever that is."""
        begun, error = time.monotonic(), ""
        state: State = "done"
        try:
            run()
        except StoppedError:
            return Result(stack=self._name, state="not begun", new=self._new)
        except Exception as failure:  # noqa: BLE001 - whatever it is, the others go on
            state = "cut" if self._engine.stops.count else "failed"
            said = first_error(self._engine.said)
            error = self._told.error or said or first_error(str(failure))
            if self._engine.stops.count > 1:
                error += f"; if it stays locked: pulumi cancel --stack {self._full}"
        if self._edited:
            state = "failed" if state == "done" else state
            error = "; ".join(one for one in (error, *self._edited) if one)
        if state != "done" and (folder := self._fleet.previews):
            # A preview that is not there is an error of the report by itself.
            with suppress(OSError):
                self._preview_failed(folder, error or "the preview failed")
        return Result(
            stack=self._name,
            state=state,
            seconds=time.monotonic() - begun,
            changes=self._told.changes,
            error=error,
            log=self._log,
            new=self._new,
        )
