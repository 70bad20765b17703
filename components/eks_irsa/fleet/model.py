"""What is asked for a stack of a fleet, and what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Literal, Protocol, Self

__all__ = ["DESTRUCTIVE", "Result", "State", "Step", "Stops", "Verb", "added"]

Verb = Literal["preview", "up"]
# done: the engine ended well. failed: it did not. cut: somebody interrupted it.
# not begun: somebody interrupted the fleet before. missing: the backend has no such
# stack. left out: the preview would destroy something, and that was not allowed.
State = Literal["done", "failed", "cut", "not begun", "missing", "left out"]

DESTRUCTIVE: Final = ("replace", "delete")
"""Operations of the engine after which something is gone."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """What became of one stack.

    Attributes:
        stack: Its name.
        state: How it ended.
        seconds: How long it took.
        changes: Operation of the engine (`create`, `update`, `replace`, `delete`,
            `same` ...) -> how many resources; of what was done where it did not end.
        error: The first line that says why it is not done; empty if it is done.
        log: What the engine printed; None if it was not begun.
        new: The backend did not have it.
    """

    stack: str
    state: State
    seconds: float = 0.0
    changes: Mapping[str, int] = field(default_factory=dict[str, int])
    error: str = ""
    log: Path | None = None
    new: bool = False

    @property
    def destructive(self) -> bool:
        """Tell whether something is deleted or replaced."""
        return any(self.changes.get(one) for one in DESTRUCTIVE)

    def held_back(self) -> Self:
        """Return it as left out, if it is the preview of something destructive."""
        if self.state != "done" or not self.destructive:
            return self
        error = "the preview deletes or replaces something, and --keep is given"
        return replace(self, state="left out", error=error)


class Step(Protocol):
    """Is told what the engine is at, in a line."""

    def __call__(self, text: str) -> None:
        """Take the line."""
        ...


@dataclass(slots=True)
class Stops:
    """How often somebody wanted the fleet to end.

    Attributes:
        count: 0 to go on; 1 to end after the running steps; more to end at once.
    """

    count: int = 0


def added(changes: list[Mapping[str, int]]) -> dict[str, int]:
    """Add the changes of several stacks up."""
    total: dict[str, int] = {}
    for one in changes:
        for operation, count in one.items():
            total[operation] = total.get(operation, 0) + count
    return total
