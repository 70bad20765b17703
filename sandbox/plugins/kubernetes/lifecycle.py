"""The life of one object on a cluster that can be asked.

Source:
    pulumi/pulumi-kubernetes, provider/pkg/provider/provider.go (`Create`, `Read`,
    `Update`, `Delete`)
"""

from collections.abc import Callable
from functools import partial
from typing import Final

from sandbox.plugins.kubernetes.api_server import ApiError
from sandbox.plugins.kubernetes.applying import Applier, Operation
from sandbox.plugins.kubernetes.kinds import Kind
from sandbox.plugins.kubernetes.objects import (
    API_VERSION_KEY,
    checkpoint,
    field_manager,
    full_name,
    mark_secrets,
    metadata,
    normalised,
    parse_checkpoint,
    plain,
    prune,
    with_metadata,
)
from sandbox.plugins.plugin import State, Subject
from sandbox.plugins.refusal import PartialFailure, Refusal
from sandbox.plugins.values import Properties, text_or

__all__ = ["Lifecycle"]

_FORBIDDEN: Final = 403
_NOT_INPUTS: Final = frozenset(
    {
        "creationTimestamp",
        "generation",
        "managedFields",
        "resourceVersion",
        "uid",
    }
)
_ALREADY_EXISTS: Final = (
    "If the resource was renamed in the program, give it an alias; to manage only some "
    "fields of the object, use the Patch resource; to take it into this stack, import "
    "it; to adopt whatever exists, set the provider's upsertExistingObjects."
)
"""The sense is the real plugin's; its words were not to be had, so these are ours.

Source: pulumi/pulumi-kubernetes, pull request 4278
"""


class Lifecycle:
    """What happens to one object on a cluster that can be asked."""

    def __init__(self, *, applier: Applier, subject: Subject, kind: Kind) -> None:
        """Prepare; nothing is sent yet."""
        self._applier = applier
        self._subject = subject
        self._kind = kind

    def create(
        self,
        *,
        inputs: Properties,
        preview: bool,
        on_retry: Callable[[int, Exception], None],
    ) -> State:
        """Make an object; a preview hides that it exists, as the real one does.

        Raises:
            Refusal: The API server refused.
        """
        body = plain(inputs)
        manager = field_manager(body, {})
        operation = Operation(
            kind=self._kind, body=body, manager=manager, preview=preview
        )
        try:
            made = self._applier.create(operation, on_retry=on_retry)
        except Refusal as refusal:
            if preview and _is_hidden_in_preview(refusal):
                return State(resource_id="", outputs=inputs)
            raise self._not_created(refusal) from refusal
        if preview:
            made.pop("status", None)
        return State(
            resource_id="" if preview else full_name(made),
            outputs=self._state(body, made, marked=inputs, manager=manager, olds={}),
        )

    def read(self, *, inputs: Properties, state: Properties) -> State | None:
        """Find an object; None if it is gone. Without a state it is an import.

        Raises:
            ApiError: The API server refused.
        """
        recorded = normalised(self._kind, plain(inputs))
        _, live = parse_checkpoint(state)
        imported = "kind" not in recorded and "kind" not in live
        namespace, _, name = self._subject.resource_id.rpartition("/")
        where = with_metadata({}, name=name, namespace=namespace)
        manager = field_manager(recorded, state)
        try:
            found = self._applier.read(
                Operation(kind=self._kind, body=where, manager=manager)
            )
        except ApiError as error:
            if error.is_not_found:
                return None
            raise
        now = (
            _imported_inputs(self._kind, found) if imported else prune(found, recorded)
        )
        return State(
            resource_id=self._subject.resource_id,
            outputs=self._state(now, found, marked=inputs, manager=manager, olds=state),
            inputs=mark_secrets(now, inputs),
        )

    def update(
        self, *, olds: Properties, news: Properties, preview: bool
    ) -> Properties:
        """Apply new inputs.

        Raises:
            PartialFailure: Refused, while the object is there.
            Refusal: Refused, and the object is not there.
        """
        body = normalised(self._kind, plain(news))
        old_inputs, _ = parse_checkpoint(olds)
        before, manager = field_manager(old_inputs, olds), field_manager(body, olds)
        operation = Operation(
            kind=self._kind, body=body, manager=manager, preview=preview
        )
        recorded = partial(self._state, body, marked=news, manager=manager, olds=olds)
        try:
            applied = self._applier.update(operation)
        except Refusal as refusal:
            hidden = isinstance(refusal, ApiError) and refusal.status == _FORBIDDEN
            if preview and hidden:
                return news
            live = self._live_or_refused(operation, refusal)
            raise _half_done(live, recorded(live), refusal) from refusal
        if not preview and before != manager:
            self._applier.relinquish(
                Operation(kind=self._kind, body=body, manager=before)
            )
        return recorded(applied)

    def delete(self, *, state: Properties, timeout: float) -> None:
        """Delete an object; of a patch, let go of its fields.

        Raises:
            Refusal: The API server refused, or the object is still there.
        """
        inputs, live = parse_checkpoint(state)
        manager = field_manager(inputs, state)
        operation = Operation(kind=self._kind, body=live, manager=manager)
        if self._kind.patch:
            self._applier.relinquish(operation)
        else:
            self._applier.remove(operation, timeout=timeout)

    def _state(
        self,
        inputs: Properties,
        live: Properties,
        *,
        marked: Properties,
        manager: str,
        olds: Properties,
    ) -> Properties:
        version = text_or(olds.get(API_VERSION_KEY), self._kind.api_version)
        return checkpoint(
            inputs, live, marked=marked, api_version=version, manager=manager
        )

    def _not_created(self, why: Refusal) -> Refusal:
        message = (
            f'resource "{self._subject.urn}" was not successfully created by the '
            f"Kubernetes API server: {why}"
        )
        if isinstance(why, ApiError) and why.reason == "AlreadyExists":
            message += f"\n{_ALREADY_EXISTS}"
        return Refusal(message)

    def _live_or_refused(self, operation: Operation, refusal: Refusal) -> Properties:
        try:
            return self._applier.read(operation)
        except Refusal as unread:
            message = (
                f'update of resource "{self._subject.urn}" failed: {refusal}\n'
                f"unable to get cluster state: {unread}"
            )
            raise Refusal(message) from refusal


def _is_hidden_in_preview(refusal: Refusal) -> bool:
    return isinstance(refusal, ApiError) and (
        refusal.status == _FORBIDDEN
        or refusal.is_namespace_not_found
        or refusal.reason == "AlreadyExists"
    )


def _half_done(live: Properties, state: Properties, why: Refusal) -> PartialFailure:
    name = full_name(live)
    reason = (
        f'the Kubernetes API server reported that "{name}" failed to fully initialize '
        f"or become live: {why}"
    )
    return PartialFailure(resource_id=name, outputs=state, reason=reason)


def _imported_inputs(kind: Kind, live: Properties) -> Properties:
    found: Properties = {
        key: value
        for key, value in live.items()
        if key in (kind.inputs or live.keys() - {"status"})
    }
    found["metadata"] = {
        key: value for key, value in metadata(live).items() if key not in _NOT_INPUTS
    }
    return found
