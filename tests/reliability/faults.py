"""Interceptors that make calls fail: each call once, and the next time it goes through.

What a retry is worth shows only if every call needs one.
"""

import threading
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from sandbox.interception import Failure, Request

__all__ = ["AWS_FAULTS", "KUBERNETES_FAULTS", "FailOnce", "Lossy", "NoFault"]

# Source: https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html and, for
# the status and the words of throttling, reports of "Rate exceeded" in
# hashicorp/terraform-provider-aws
AWS_FAULTS: Final[Mapping[str, Failure]] = MappingProxyType(
    {
        "Throttling": Failure(status=400, code="Throttling", message="Rate exceeded"),
        "429": Failure(
            status=429, code="TooManyRequestsException", message="Too Many Requests"
        ),
        "500": Failure(
            status=500,
            code="InternalFailure",
            message="The request processing has failed because of an unknown error, "
            "exception or failure.",
        ),
        "503": Failure(
            status=503,
            code="ServiceUnavailable",
            message="The request has failed due to a temporary failure of the server.",
        ),
    }
)
# Source: kubernetes/apimachinery, pkg/api/errors/errors.go
KUBERNETES_FAULTS: Final[Mapping[str, Failure]] = MappingProxyType(
    {
        # Priority and fairness sends the header, always with 1.
        # Source: kubernetes/apiserver, pkg/server/filters/priority-and-fairness.go
        "429": Failure(
            status=429,
            code="TooManyRequests",
            message="Too many requests, please try again later.",
            retry_after_seconds=1,
        ),
        "503": Failure(
            status=503,
            code="ServiceUnavailable",
            message="the server is currently unable to handle the request",
            retry_after_seconds=1,
        ),
        "500": Failure(
            status=500,
            code="InternalError",
            message="Internal error occurred: etcdserver: leader changed",
        ),
    }
)


class NoFault:
    """Lets everything through."""

    def before(self, request: Request) -> Failure | None:
        """Let the request through."""
        del request

    def after(self, request: Request) -> Failure | None:
        """Let the answer through."""
        del request


class FailOnce(NoFault):
    """Fails each call the first time, before it is carried out.

    Attributes:
        failed: Each call that was failed, in order.
        repeated: Each of them that was made again.
    """

    def __init__(
        self, failure: Failure, *, concerns: Callable[[Request], bool]
    ) -> None:
        """Answer *failure* to calls that it *concerns*."""
        self.failed: list[Request] = []
        self.repeated: set[Request] = set()
        self._failure = failure
        self._concerns = concerns
        self._lock = threading.Lock()

    def before(self, request: Request) -> Failure | None:
        """Fail the first call of its kind."""
        with self._lock:
            return self._first(request)

    def _first(self, request: Request) -> Failure | None:
        if not self._concerns(request):
            return None
        if request in self.failed:
            self.repeated.add(request)
            return None
        self.failed.append(request)
        return self._failure


class Lossy(FailOnce):
    """Loses the answer to each call once: it is carried out, and reported as failed."""

    def before(self, request: Request) -> Failure | None:
        """Let the request be carried out."""
        del request

    def after(self, request: Request) -> Failure | None:
        """Lose the answer to the first call of its kind."""
        with self._lock:
            return self._first(request)
