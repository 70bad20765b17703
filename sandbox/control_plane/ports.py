"""Ports of this machine that nobody else is given while we hold them."""

import socket
from typing import Final, Self

__all__ = ["LOOPBACK", "ReservedPort"]

LOOPBACK: Final = "127.0.0.1"


class ReservedPort:
    """A free TCP port of the loopback address, held for a server that shares it.

    Looking for a free port and letting go of it again leaves a gap in which another
    process may take it, and two sandboxes that start side by side find that gap. Here
    the socket stays bound, without listening, and the server binds beside it with
    SO_REUSEPORT (`--permit-port-sharing`, `--socket-reuse-port`), or with SO_REUSEADDR,
    as any server written in Go: connections go to the one that listens.
    """

    def __init__(self) -> None:
        """Take a free port."""
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        for sharing in (socket.SO_REUSEPORT, socket.SO_REUSEADDR):
            self._socket.setsockopt(socket.SOL_SOCKET, sharing, 1)
        self._socket.bind((LOOPBACK, 0))
        self.number: Final[int] = self._socket.getsockname()[1]

    def __enter__(self) -> Self:
        """Give the held port."""
        return self

    def __exit__(self, *_error: object) -> None:
        """Give the port back."""
        self._socket.close()
