"""So many stacks at a time, until all are done or somebody wants an end."""

import signal
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from types import FrameType
from typing import Final, Protocol

from eks_irsa.fleet.model import Result, Step, Stops

__all__ = ["Display", "run_all", "stops_heard"]

# Of a terminal, of a pipeline that is cancelled, and of a terminal that is closed.
_SIGNALS: Final = ("SIGINT", "SIGTERM", "SIGHUP")
_PAUSE_SECONDS: Final = 0.2


class Display(Protocol):
    """Shows people how the fleet gets on; called from several threads.

    Hears nothing of a stack that is not begun.
    """

    def begun(self, stack: str) -> None:
        """Show that a stack is begun."""
        ...

    def step(self, stack: str, text: str) -> None:
        """Show what its engine is at."""
        ...

    def ended(self, result: Result) -> None:
        """Show how it ended."""
        ...

    def stopping(self, *, at_once: bool) -> None:
        """Show that somebody wanted an end, for the first time or again."""
        ...


@contextmanager
def stops_heard(stops: Stops) -> Generator[None]:
    """Count Ctrl-C, and what a pipeline sends instead, while it is open."""

    def note(_number: int, _frame: FrameType | None) -> None:
        stops.count += 1

    numbers = [getattr(signal, name) for name in _SIGNALS if hasattr(signal, name)]
    before = {number: signal.signal(number, note) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def run_all(  # noqa: PLR0913 - each is one thing a caller chooses
    stacks: Iterable[str],
    work: Callable[[str, Step], Result],
    *,
    at_a_time: int,
    stops: Stops,
    display: Display,
    note: Callable[[Result], None] | None = None,
) -> list[Result]:
    """Work at each stack; one that fails stops no other.

    After somebody wanted an end, what runs is waited for and nothing else is begun.

    Args:
        stacks: Their names.
        work: Runs the engine for a stack.
        at_a_time: How many run at the same time, at least 1.
        stops: Counted while this runs.
        display: Is told of each stack as it begins and ends.
        note: Is told how each ended; what it raises ends the fleet as a user does.

    Returns:
        What became of each, in the order given.
    """

    def one(stack: str) -> Result:
        if stops.count:
            return Result(stack=stack, state="not begun")
        display.begun(stack)
        result = work(stack, lambda text: display.step(stack, text))
        display.ended(result)
        return result

    with ThreadPoolExecutor(at_a_time) as pool:
        futures = [pool.submit(one, stack) for stack in stacks]
        try:
            _waited(set(futures), stops, display, note)
        except BaseException:
            stops.count += 1
            raise
    return [future.result() for future in futures]


def _waited(
    pending: set[Future[Result]],
    stops: Stops,
    display: Display,
    note: Callable[[Result], None] | None,
) -> None:
    shown = 0
    while pending:
        # A pause, because a signal only counts.
        ended, pending = wait(
            pending, timeout=_PAUSE_SECONDS, return_when=FIRST_COMPLETED
        )
        for future in ended:
            result = future.result()
            if note:
                note(result)
        # Taken once: another signal may come while the first is told of.
        wanted = stops.count
        if wanted > shown:
            display.stopping(at_once=wanted > 1)
            shown = wanted
