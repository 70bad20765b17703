"""One run of a kind at a time in a project."""

import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from eks_irsa.errors import EksIrsaError
from eks_irsa.fleet.record import folder_of

__all__ = ["BusyError", "only_run"]

_FILE: Final = "fleet-up.lock"


class BusyError(EksIrsaError):
    """Another run is at work in the project."""


if sys.platform == "win32":
    import msvcrt

    def _take(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _take(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextmanager
def only_run(project: Path) -> Generator[None]:
    """Keep any other `fleet up` out of a project while this one runs.

    The system gives the lock back whichever way the process ends; the file stays.

    Args:
        project: Folder of Pulumi.yaml.

    Raises:
        BusyError: Another one runs.
        OSError: The file of the lock cannot be made.
    """
    with (folder_of(project) / _FILE).open("a+b") as file:
        try:
            _take(file.fileno())
        except OSError as error:
            msg = "another 'fleet up' runs in this project; wait until it ends"
            raise BusyError(msg) from error
        yield
