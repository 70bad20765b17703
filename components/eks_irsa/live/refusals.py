"""Reading one thing: its value, that there is none, or why it could not be read."""

from collections.abc import Callable
from typing import Any, Final, NoReturn, TypeVar, cast

from eks_irsa.live.clients import unread_reason
from eks_irsa.live.model import Read, Unread

__all__ = ["NotReachedError", "Unreachable", "client_of", "found", "read"]

T = TypeVar("T")

# Source: https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html, and
# those of EKS's own.
_REFUSED: Final = frozenset(("AccessDenied", "AccessDeniedException", "Forbidden"))
_ABSENT: Final = frozenset(("NoSuchEntity", "ResourceNotFoundException", "NotFound"))


def read(permission: str, ask: Callable[[], T]) -> "Read[T]":
    """Read something.

    Args:
        permission: What it takes, such as `iam:GetRole` or `get serviceaccounts`.
        ask: Reads it.

    Returns:
        What *ask* returns; if it raises, why. A refusal is `<permission> is not
        allowed`; what stands in the way of every call is the same text for each.
    """
    try:
        return ask()
    except Exception as error:  # noqa: BLE001 - whatever it is, it is said
        return Unread(_reason(permission, error))


def found(permission: str, ask: Callable[[], T]) -> "Read[T | None]":
    """Read something that need not be there.

    Args:
        permission: As of `read`.
        ask: Reads it.

    Returns:
        As `read`; None if AWS or the API server says that there is none.
    """

    def looked_up() -> T | None:
        try:
            return ask()
        except Exception as error:
            if _answer(error)[0] in _ABSENT:
                return None
            raise

    return read(permission, looked_up)


def _reason(permission: str, error: Exception) -> str:
    if isinstance(error, NotReachedError):
        return str(error)
    code, message = _answer(error)
    if code in _REFUSED:
        # IAM tells which kind of policy it was.
        _, _, why = message.partition(" because ")
        return f"{permission} is not allowed{f': {why}' if why else ''}"
    # What follows on a wrong signature is the request, its session token included.
    plain = " ".join(message.partition("\n\n")[0].split())
    return f"{code}: {plain}" if code else unread_reason(error)


def _answer(error: Exception) -> tuple[str, str]:
    """Give AWS's code or Kubernetes' reason, and message; empty if none answered."""
    response: Any = getattr(error, "response", None)
    if isinstance(response, dict):
        refusal = cast("dict[str, dict[str, str]]", response).get("Error", {})
        return refusal.get("Code", ""), refusal.get("Message", "")
    status: Any = getattr(error, "status", None)
    return getattr(status, "reason", None) or "", getattr(status, "message", None) or ""


class NotReachedError(Exception):
    """Why nothing can be asked, as a sentence."""


class Unreachable:
    """Stands for a client that could not be made; whatever it is asked raises why."""

    def __init__(self, error: Exception) -> None:
        """Take the reason.

        Args:
            error: What making the client raised.
        """
        self._error = error

    def __getattr__(self, name: str) -> NoReturn:
        """Raise the reason."""
        del name
        raise self._error


def client_of(make: Callable[[], Any]) -> Any:  # noqa: ANN401 - without types
    """Make a client, or what raises the reason whenever it is asked.

    Args:
        make: Makes it.
    """
    try:
        return make()
    except Exception as error:  # noqa: BLE001 - it is said of each thing to be read
        return Unreachable(error)
