"""Make, change, let go and remove objects on the API server.

Source:
    pulumi/pulumi-kubernetes, provider/pkg/await/await.go (`Creation`, `Update`,
    `Deletion`, `patchForce`, `handleSSAErr`, `fixCSAFieldManagers`),
    provider/pkg/ssa/actions.go (`Relinquish`) and pull request 4278 (creation is a
    plain POST)
"""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sandbox.plugins.kubernetes.api_server import ApiError, ApiServer
from sandbox.plugins.kubernetes.kinds import Kind
from sandbox.plugins.kubernetes.managed_fields import CREATOR, is_of_creation, take_over
from sandbox.plugins.kubernetes.objects import annotation, name_of, namespace_of
from sandbox.plugins.refusal import Refusal
from sandbox.plugins.values import Properties, Value

__all__ = ["Applier", "Operation"]

_RETRIES: Final = 5
_CONFLICT: Final = 409
_SECONDS_BETWEEN_LOOKS: Final = 0.1
_DELETION_SECONDS: Final = 300.0
_HELP: Final = (
    "https://www.pulumi.com/registry/packages/kubernetes/how-to-guides/"
    "managing-resources-with-server-side-apply/"
    "#handle-field-conflicts-on-existing-resources"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One thing to do with one object.

    Attributes:
        kind: Its kind.
        body: The inputs; none may be unknown.
        manager: The resource's own field manager.
        preview: Whether the API server only tells what it would do.
    """

    kind: Kind
    body: Mapping[str, Value]
    manager: str
    preview: bool = False

    @property
    def path(self) -> str:
        """Where the object is."""
        namespace, name = namespace_of(self.body), name_of(self.body)
        return self.kind.path(namespace=namespace or "default", name=name)

    @property
    def collection(self) -> str:
        """Where objects of its kind are made."""
        return self.kind.path(namespace=namespace_of(self.body) or "default")


class Applier:
    """Does operations on one API server; waits can be given up."""

    def __init__(self, *, server: ApiServer, always_force: bool, upsert: bool) -> None:
        """Prepare.

        Args:
            server: The API server.
            always_force: Whether fields are taken from other managers everywhere.
            upsert: Whether creation adopts what is there.
        """
        self._server = server
        self._always_force = always_force
        self._upsert = upsert
        self._cancelled = threading.Event()

    def cancel(self) -> None:
        """Give up all waits, now and later."""
        self._cancelled.set()

    def create(
        self, operation: Operation, *, on_retry: Callable[[int, Exception], None]
    ) -> Properties:
        """Make the object, or apply a patch; what is not there yet is waited for.

        Args:
            operation: What to make.
            on_retry: Told of every attempt that failed, with its number.

        Raises:
            ApiError: The API server refused.
        """
        delay_seconds = 1.0
        for attempt in range(_RETRIES + 1):
            try:
                made = self._create(operation)
            except ApiError as error:
                if operation.preview and error.is_namespace_not_found:
                    raise
                on_retry(attempt, error)
                last = attempt == _RETRIES or not error.is_not_found
                if last or self._cancelled.wait(delay_seconds):
                    raise
                delay_seconds *= 2
            else:
                return made if operation.preview else self._live(operation, made)
        message = "a creation ends with an object or an error"
        raise AssertionError(message)

    def read(self, operation: Operation) -> Properties:
        """Read the object.

        Raises:
            ApiError: It is not there, or the API server refused.
        """
        return self._server.get(operation.path)

    def update(self, operation: Operation) -> Properties:
        """Apply the inputs; fields that are not among them any more are let go.

        Raises:
            ApiError: The API server refused, conflicts aside.
            Refusal: Another manager owns a field.
        """
        live = self.read(operation)
        if not operation.preview and not operation.kind.patch:
            moves = take_over(live, manager=operation.manager)
            live = self._server.patch(operation.path, moves) if moves else live
        applied = self._apply(operation, live)
        return applied if operation.preview else self._live(operation, applied)

    def relinquish(self, operation: Operation) -> None:
        """Let go of all fields; an object that is gone comes back bare.

        Raises:
            ApiError: The API server refused.
            Refusal: A field that is required has no other owner.
        """
        identity: dict[str, Any] = {"name": name_of(operation.body)}
        if operation.kind.namespaced:
            identity["namespace"] = namespace_of(operation.body)
        bare = {
            "apiVersion": operation.kind.api_version,
            "kind": operation.kind.name,
            "metadata": identity,
        }
        try:
            self._server.apply(operation.path, bare, manager=operation.manager)
        except ApiError as error:
            raise _without_required(error) from error

    def remove(self, operation: Operation, *, timeout: float) -> None:
        """Delete the object, and wait until it is gone.

        Args:
            operation: What to remove.
            timeout: Seconds to wait; 0 for the usual time.

        Raises:
            ApiError: The API server refused.
            Refusal: It is still there.
        """
        wanted = annotation(operation.body, "pulumi.com/deletionPropagationPolicy")
        propagation = (wanted or "foreground").capitalize()
        try:
            uid = _uid(self._server.get(operation.path))
            self._server.delete(operation.path, propagation=propagation)
            until = time.monotonic() + (timeout or _DELETION_SECONDS)
            while _uid(self._server.get(operation.path)) == uid:
                late = time.monotonic() > until
                if late or self._cancelled.wait(_SECONDS_BETWEEN_LOOKS):
                    raise _still_there(operation, late=late)
        except ApiError as error:
            if not error.is_not_found:
                raise

    def _create(self, operation: Operation) -> Properties:
        if operation.kind.patch or self._upsert:
            return self._apply(operation, None)
        return self._server.create(
            operation.collection,
            operation.body,
            manager=CREATOR,
            dry_run=operation.preview,
        )

    def _live(self, operation: Operation, known: Properties) -> Properties:
        try:
            return self._server.get(operation.path)
        except ApiError:
            return known

    def _apply(self, operation: Operation, live: Properties | None) -> Properties:
        try:
            return self._server.apply(
                operation.path,
                operation.body,
                manager=operation.manager,
                force=self._forces(operation, live),
                dry_run=operation.preview,
            )
        except ApiError as error:
            if error.status != _CONFLICT:
                raise
            message = (
                "Server-Side Apply field conflict detected. See "
                f"{_HELP} for troubleshooting help.\nThe resource managed by field "
                f'manager "{operation.manager}" had an apply conflict: {error}'
            )
            raise Refusal(message) from error

    def _forces(self, operation: Operation, live: Properties | None) -> bool:
        if annotation(operation.body, "pulumi.com/patchForce") == "true":
            return True
        if self._always_force:
            return True
        if not operation.preview:
            return False
        return live is None or is_of_creation(live)


def _uid(live: Mapping[str, Any]) -> str:
    return str(live["metadata"]["uid"])


def _still_there(operation: Operation, *, late: bool) -> Refusal:
    kind = f"{operation.kind.api_version}/{operation.kind.name}"
    name = name_of(operation.body)
    if late:
        return Refusal(f'Timed out waiting for deletion of {kind} "{name}"')
    return Refusal(f"Resource operation was cancelled for '{name}'")


def _without_required(error: ApiError) -> Refusal:
    causes: list[Mapping[str, Any]] = error.details.get("causes") or []
    for cause in causes:
        if error.reason == "Invalid" and cause.get("reason") == "FieldValueRequired":
            return Refusal(
                "this Patch resource is currently managing a required field, so it "
                "can't be deleted directly. Either set the `retainOnDelete` resource "
                "option, or transfer ownership of the field before deleting: "
                f"{cause.get('field')}"
            )
    return error
