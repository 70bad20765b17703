"""Interceptors of calls to AWS: refused, throttled, answered late, or lost."""

from collections import Counter

from reliability.faults import NoFault

from sandbox.interception import Failure, Request

__all__ = ["Denied", "Late", "Lost", "NotThere", "Throttled"]


class Denied(NoFault):
    """Refuses one action, as a policy without it does."""

    def __init__(self, action: str) -> None:
        """Refuse *action*."""
        self._action = action

    def before(self, request: Request) -> Failure | None:
        """Refuse it."""
        if request.action != self._action:
            return None
        message = (
            "User: arn:aws:iam::123456789012:user/operator is not authorized to "
            f"perform: iam:{request.action} on resource: {request.target} because no "
            f"identity-based policy allows the iam:{request.action} action"
        )
        return Failure(status=403, code="AccessDenied", message=message)


class NotThere(NoFault):
    """Answers one action as the sandbox did before it had it."""

    def __init__(self, action: str) -> None:
        """Do not know *action*."""
        self._action = action

    def before(self, request: Request) -> Failure | None:
        """Say so."""
        if request.action != self._action:
            return None
        message = f"the sandbox's AWS does not cover iam:{request.action}"
        return Failure(status=501, code="NotImplemented", message=message)


class Late(NoFault):
    """Does not show a role, the first times it is asked for after its creation."""

    def __init__(self, *, times: int) -> None:
        """Hide it *times* times."""
        self._times = times
        self._left = Counter[str]()

    def before(self, request: Request) -> Failure | None:
        """Hide it."""
        if request.action != "GetRole" or not self._left[request.target]:
            return None
        self._left[request.target] -= 1
        message = f"{request.target} cannot be found."
        return Failure(status=404, code="NoSuchEntity", message=message)

    def after(self, request: Request) -> Failure | None:
        """Notice the creation."""
        if request.action == "CreateRole":
            self._left[request.target] = self._times


class Throttled(NoFault):
    """Throttles every action on everything, once."""

    def __init__(self) -> None:
        """Begin with none."""
        self._seen = set[tuple[str, str]]()

    def before(self, request: Request) -> Failure | None:
        """Throttle what was not throttled yet."""
        key = request.action, request.target
        if request.service == "kubernetes" or key in self._seen:
            return None
        self._seen.add(key)
        return Failure(status=400, code="Throttling", message="Rate exceeded")


class Lost(NoFault):
    """Loses the first answer to an action that was carried out."""

    def __init__(self, action: str) -> None:
        """Lose one answer to *action*."""
        self._action = action
        self._lost = False

    def after(self, request: Request) -> Failure | None:
        """Lose it."""
        if self._lost or request.action != self._action:
            return None
        self._lost = True
        return Failure(status=500, code="InternalFailure", message="lost")
