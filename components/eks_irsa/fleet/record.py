"""What `fleet up` did in a project, so that another one can go on."""

import json
from collections.abc import Container, Iterable
from pathlib import Path
from typing import Final, Self, cast

from eks_irsa.errors import EksIrsaError
from eks_irsa.fleet.model import Result

__all__ = ["FOLDER", "Record", "RecordError", "folder_of"]

FOLDER: Final = ".eks-irsa"
"""Folder beside Pulumi.yaml for what a run leaves; Git ignores it."""

_FILE: Final = "fleet-up.json"
_VERSION: Final = 1


class RecordError(EksIrsaError):
    """There is no last run to go on with, or what is noted of it cannot be read."""


def folder_of(project: Path) -> Path:
    """Return the folder for what a run leaves, made if it is missing.

    Args:
        project: Folder of Pulumi.yaml.

    Raises:
        OSError: It cannot be made.
    """
    folder = project / FOLDER
    folder.mkdir(exist_ok=True)
    ignored = folder / ".gitignore"
    if not ignored.exists():
        ignored.write_text("*\n", encoding="utf-8")
    return folder


class Record:
    """Stacks of a run, and what became of each; kept in a file as it goes.

    Attributes:
        fault: Why the file does not have all of it; empty if it has.
    """

    def __init__(self, project: Path, states: dict[str, str]) -> None:
        """Take the states; nothing is written yet.

        Args:
            project: Folder of Pulumi.yaml.
            states: Stack's name -> its state.
        """
        self._path = project / FOLDER / _FILE
        self._states = states
        self.fault = ""

    @classmethod
    def begun(cls, project: Path, stacks: Iterable[str], every: Container[str]) -> Self:
        """Begin a run in which no stack is begun.

        What earlier runs left of other stacks is still left.

        Args:
            project: Folder of Pulumi.yaml.
            stacks: Those of the run.
            every: All of the project; what is noted of any other is forgotten.

        Raises:
            OSError: It cannot be written.
        """
        folder_of(project)
        try:
            before = cls.last(project)
        except RecordError:
            before = cls(project, {})
        left = {one: before._states[one] for one in before.left if one in every}
        made = cls(project, left | dict.fromkeys(stacks, "not begun"))
        made._write()
        return made

    @classmethod
    def last(cls, project: Path) -> Self:
        """Read the last run.

        Raises:
            RecordError: There is none, or it cannot be read.
        """
        path = project / FOLDER / _FILE
        try:
            found: object = json.loads(path.read_bytes())
        except FileNotFoundError as error:
            msg = "there is no earlier 'fleet up' here to go on with"
            raise RecordError(msg) from error
        except (OSError, ValueError) as error:
            msg = f"{path}: cannot be read: {error}; run without --resume"
            raise RecordError(msg) from error
        states = _states(found)
        if states is None:
            msg = f"{path}: is of another version; run without --resume"
            raise RecordError(msg)
        return cls(project, states)

    @property
    def left(self) -> tuple[str, ...]:
        """The stacks that are not done."""
        return tuple(name for name, one in self._states.items() if one != "done")

    def note(self, result: Result) -> None:
        """Write down what became of a stack; what prevents it ends no run."""
        self._states[result.stack] = result.state
        try:
            self._write()
        except OSError as error:
            self.fault = str(error)
        else:
            self.fault = ""

    def _write(self) -> None:
        text = json.dumps({"version": _VERSION, "stacks": self._states}, indent=2)
        part = self._path.with_suffix(".part")
        part.write_text(f"{text}\n", encoding="utf-8")
        part.replace(self._path)


def _states(found: object) -> dict[str, str] | None:
    """Return what a record says of each stack; None if it is none of ours."""
    root = cast("dict[str, object]", found if isinstance(found, dict) else {})
    states = root.get("stacks")
    if root.get("version") != _VERSION or not isinstance(states, dict):
        return None
    return {
        str(name): str(one)
        for name, one in cast("dict[object, object]", states).items()
    }
