"""What stands between the plugins and AWS or the API server, when a test wants that.

An interceptor sees every request before and after it is carried out, and may answer in
its place: that is how calls are throttled, refused, lost, or the last an engine makes.
"""

from dataclasses import dataclass
from typing import Protocol

__all__ = ["Failure", "Interceptor", "Request"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """One request to AWS or to the API server.

    Attributes:
        service: `iam`, `sts`, `eks` or `kubernetes`.
        action: AWS's name of the action, such as `CreateRole`; for Kubernetes verb and
            resource as RBAC names them, such as `create serviceaccounts`.
        target: What it is about: the ARN, or the name within the account; for
            Kubernetes `<namespace>/<name>` or the name. Empty for a list.
        changes: Whether it changes anything; a dry run does not.
        detail: Which of several on the same target: the policy, by ARN or name.
    """

    service: str
    action: str
    target: str
    changes: bool
    detail: str = ""

    def __str__(self) -> str:
        """Return it as people would name it, `iam CreateRole arn:aws:iam::...`."""
        parts = (self.service, self.action, self.target, self.detail)
        return " ".join(part for part in parts if part)


@dataclass(frozen=True, kw_only=True, slots=True)
class Failure:
    """An answer in place of the real one.

    Attributes:
        status: HTTP status.
        code: AWS's error code, or Kubernetes' reason.
        message: The text that goes with it.
        retry_after_seconds: What the header `Retry-After` says; None for no header.
    """

    status: int
    code: str
    message: str
    retry_after_seconds: int | None = None


class Interceptor(Protocol):
    """Whoever wants to be asked; called by many threads at a time."""

    def before(self, request: Request) -> Failure | None:
        """Let a request through (None), or fail it without carrying it out."""
        ...

    def after(self, request: Request) -> Failure | None:
        """Let its answer through (None), or lose it; the request is carried out."""
        ...
