"""What the Kubernetes double sends to an API server, which here only remembers it.

How the real one keeps managers and conflicts is seen in the engine tests.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from kubeconfigs import kubeconfig
from typing_extensions import override

from sandbox.plugins.kubernetes.api_server import ApiError, ApiServer
from sandbox.plugins.kubernetes.applying import Applier, Operation
from sandbox.plugins.kubernetes.kinds import Kind, kind_of
from sandbox.plugins.kubernetes.kubeconfig import parse, target_of
from sandbox.plugins.kubernetes.lifecycle import Lifecycle
from sandbox.plugins.plugin import Subject
from sandbox.plugins.refusal import PartialFailure, Refusal
from sandbox.plugins.values import Properties


def known(name: str) -> Kind:
    """Give a kind that needs no API server to be known."""
    kind = kind_of(f"kubernetes:core/v1:{name}", get=None)
    assert kind is not None
    return kind


ACCOUNT, PATCH = known("ServiceAccount"), known("ServiceAccountPatch")
PATH = "/api/v1/namespaces/apps/serviceaccounts/reader"
SUBJECT = Subject(urn="urn:pulumi:s::p::t::n", resource_id="apps/reader")
INPUTS: Properties = {
    "apiVersion": "v1",
    "kind": "ServiceAccount",
    "metadata": {"name": "reader", "namespace": "apps", "annotations": {"a": "1"}},
}
CREATED_BY: dict[str, Any] = {
    "manager": "pulumi-kubernetes",
    "operation": "Update",
    "fieldsV1": {"f:metadata": {"f:annotations": {"f:a": {}}}},
}
LIVE: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "ServiceAccount",
    "metadata": {
        "name": "reader",
        "namespace": "apps",
        "uid": "u",
        "resourceVersion": "7",
        "annotations": {"a": "1", "foreign": "x"},
        "managedFields": [CREATED_BY],
    },
}
STATE: Properties = {**LIVE, "__inputs": INPUTS, "__fieldManager": "mine"}


def _refusal(status: int, reason: str, message: str, **details: Any) -> ApiError:  # noqa: ANN401 - a JSON object
    answer = {"reason": reason, "message": message, "details": details}
    return ApiError(status=status, answer=answer)


GONE = _refusal(404, "NotFound", 'serviceaccounts "reader" not found')


@dataclass
class Recorder(ApiServer):
    """Remembers requests and answers with what it holds, or refuses."""

    live: dict[str, Any] | None = None
    refusal: ApiError | None = None
    requests: list[tuple[str, str, Any]] = field(
        default_factory=list[tuple[str, str, Any]]
    )

    def __post_init__(self) -> None:
        """Have a way to nowhere."""
        super().__init__(target_of(parse(kubeconfig(server="https://nowhere"))))

    @override
    def _request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | list[dict[str, Any]] | None = None,
        content_type: str = "application/json",
    ) -> dict[str, Any]:
        asked = "&".join(f"{key}={value}" for key, value in (query or {}).items())
        self.requests.append((f"{method} {content_type}", f"{path}?{asked}", body))
        if self.refusal is not None and method != "GET":
            raise self.refusal
        if method == "DELETE":
            self.live = None
        if self.live is None and method in {"GET", "DELETE"}:
            if method == "GET":
                raise GONE
            return {}
        return dict(self.live or LIVE)

    def sent(self) -> list[tuple[str, str]]:
        """Give methods and paths."""
        return [(method.partition(" ")[0], path) for method, path, _ in self.requests]


def _applier(server: ApiServer, *, always_force: bool = False) -> Applier:
    return Applier(server=server, always_force=always_force, upsert=False)


def _ignore(attempt: int, error: Exception) -> None:
    del attempt, error


def test_account_is_posted_and_a_patch_is_applied() -> None:
    """A creation must find nothing; a patch takes what it finds."""
    of_account, of_patch = Recorder(live=LIVE), Recorder(live=LIVE)

    for server, kind in ((of_account, ACCOUNT), (of_patch, PATCH)):
        operation = Operation(kind=kind, body=INPUTS, manager="mine")
        _applier(server).create(operation, on_retry=_ignore)

    collection = PATH.removesuffix("/reader")
    assert of_account.sent() == [
        ("POST", f"{collection}?fieldManager=pulumi-kubernetes"),
        ("GET", f"{PATH}?"),
    ]
    assert of_patch.sent() == [
        ("PATCH", f"{PATH}?fieldManager=mine"),
        ("GET", f"{PATH}?"),
    ]
    assert of_patch.requests[0] == (
        "PATCH application/apply-patch+yaml",
        f"{PATH}?fieldManager=mine",
        INPUTS,
    )


def test_preview_hides_that_an_account_exists_and_the_run_does_not() -> None:
    """As the real plugin: the dry run's refusal is only a passing line."""
    exists = _refusal(409, "AlreadyExists", 'serviceaccounts "reader" already exists')
    life = Lifecycle(
        applier=_applier(Recorder(refusal=exists)), subject=SUBJECT, kind=ACCOUNT
    )
    told: list[str] = []

    def tell(attempt: int, error: Exception) -> None:
        told.append(f"{attempt}: {error}")

    previewed = life.create(inputs=INPUTS, preview=True, on_retry=tell)
    with pytest.raises(Refusal) as refused:
        life.create(inputs=INPUTS, preview=False, on_retry=tell)

    assert (previewed.resource_id, previewed.outputs) == ("", INPUTS)
    assert told == ['0: serviceaccounts "reader" already exists'] * 2
    assert str(refused.value).startswith(
        f'resource "{SUBJECT.urn}" was not successfully created by the Kubernetes API '
        'server: serviceaccounts "reader" already exists\nIf the resource was renamed '
        "in the program, give it an alias;"
    )


def test_first_update_takes_over_what_the_creation_owned() -> None:
    """Else the creation's fields would stay when the program drops them."""
    server = Recorder(live=LIVE)

    _applier(server).update(Operation(kind=ACCOUNT, body=INPUTS, manager="mine"))

    assert server.requests[1] == (
        "PATCH application/json-patch+json",
        f"{PATH}?",
        [
            {
                "op": "replace",
                "path": "/metadata/managedFields",
                "value": [{**CREATED_BY, "manager": "mine", "operation": "Apply"}],
            },
            {"op": "replace", "path": "/metadata/resourceVersion", "value": "7"},
        ],
    )
    assert server.sent()[2] == ("PATCH", f"{PATH}?fieldManager=mine")


@pytest.mark.parametrize(
    ("annotations", "always", "preview", "forced"),
    [
        ({"a": "1"}, False, False, False),
        ({"pulumi.com/patchForce": "true"}, False, False, True),
        ({"a": "1"}, True, False, True),
        ({"a": "1"}, False, True, True),
    ],
    ids=["never", "annotation", "provider", "preview after a creation"],
)
def test_fields_of_others_are_only_taken_by_force(
    annotations: Properties,
    always: bool,  # noqa: FBT001 - a parameter of the table
    preview: bool,  # noqa: FBT001 - a parameter of the table
    forced: bool,  # noqa: FBT001 - a parameter of the table
) -> None:
    """By annotation, by the provider, or in a preview of what a run moves first."""
    server = Recorder(live=LIVE)
    metadata: Properties = {
        "name": "reader",
        "namespace": "apps",
        "annotations": annotations,
    }
    operation = Operation(
        kind=PATCH,
        body={**INPUTS, "metadata": metadata},
        manager="mine",
        preview=preview,
    )

    _applier(server, always_force=always).update(operation)

    assert ("force=true" in server.sent()[1][1]) is forced
    assert ("dryRun=All" in server.sent()[1][1]) is preview


def test_conflict_names_both_managers_and_records_what_is_there() -> None:
    """The real plugin reports the live object with its refusal."""
    conflict = _refusal(
        409, "Conflict", 'Apply failed with 1 conflict: conflict with "argocd": .a'
    )
    life = Lifecycle(
        applier=_applier(Recorder(live=LIVE, refusal=conflict)),
        subject=SUBJECT,
        kind=PATCH,
    )

    with pytest.raises(PartialFailure) as refused:
        life.update(olds=STATE, news=INPUTS, preview=False)

    assert str(refused.value) == (
        'the Kubernetes API server reported that "apps/reader" failed to fully '
        "initialize or become live: Server-Side Apply field conflict detected. See "
        "https://www.pulumi.com/registry/packages/kubernetes/how-to-guides/"
        "managing-resources-with-server-side-apply/"
        "#handle-field-conflicts-on-existing-resources for troubleshooting help.\n"
        'The resource managed by field manager "mine" had an apply conflict: Apply '
        'failed with 1 conflict: conflict with "argocd": .a'
    )
    assert refused.value.resource_id == "apps/reader"
    assert refused.value.outputs["metadata"] == LIVE["metadata"]


def test_refresh_brings_the_live_object_cut_to_the_inputs() -> None:
    """A live edit shows in inputs and state; foreign keys only in the state."""
    drifted = {**LIVE, "metadata": {**LIVE["metadata"], "annotations": {"a": "2"}}}
    life = Lifecycle(
        applier=_applier(Recorder(live=drifted)), subject=SUBJECT, kind=ACCOUNT
    )

    found = life.read(inputs=INPUTS, state=STATE)

    assert found is not None
    assert found.inputs["metadata"] == {
        "name": "reader",
        "namespace": "apps",
        "annotations": {"a": "2"},
    }
    assert found.outputs["metadata"] == drifted["metadata"]
    assert found.outputs["__fieldManager"] == "mine"


def test_import_takes_every_input_of_the_live_object() -> None:
    """What only the cluster can say is left out."""
    life = Lifecycle(
        applier=_applier(Recorder(live=LIVE)), subject=SUBJECT, kind=ACCOUNT
    )

    found = life.read(inputs={}, state={})

    assert found is not None
    assert found.inputs == {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": {
            "name": "reader",
            "namespace": "apps",
            "annotations": {"a": "1", "foreign": "x"},
        },
    }


def test_what_is_gone_is_not_found() -> None:
    """A refresh drops it from the state."""
    life = Lifecycle(applier=_applier(Recorder()), subject=SUBJECT, kind=ACCOUNT)

    assert life.read(inputs=INPUTS, state=STATE) is None


def test_account_is_deleted_in_the_foreground_until_it_is_gone() -> None:
    """Whatever is gone already is fine."""
    server, nothing = Recorder(live=LIVE), Recorder()

    for one in (server, nothing):
        life = Lifecycle(applier=_applier(one), subject=SUBJECT, kind=ACCOUNT)
        life.delete(state=STATE, timeout=0)

    assert server.sent() == [
        ("GET", f"{PATH}?"),
        ("DELETE", f"{PATH}?"),
        ("GET", f"{PATH}?"),
    ]
    assert server.requests[1][2] == {
        "apiVersion": "v1",
        "kind": "DeleteOptions",
        "propagationPolicy": "Foreground",
    }
    assert nothing.sent() == [("GET", f"{PATH}?")]


def test_patch_is_let_go_by_applying_the_identity_alone() -> None:
    """The same manager says nothing any more; who is gone comes back bare."""
    server = Recorder(live=LIVE)

    Lifecycle(applier=_applier(server), subject=SUBJECT, kind=PATCH).delete(
        state=STATE, timeout=0
    )

    assert server.requests == [
        (
            "PATCH application/apply-patch+yaml",
            f"{PATH}?fieldManager=mine",
            {
                "apiVersion": "v1",
                "kind": "ServiceAccount",
                "metadata": {"name": "reader", "namespace": "apps"},
            },
        )
    ]


def test_required_field_cannot_be_let_go() -> None:
    """The message tells the two ways out."""
    required = {"reason": "FieldValueRequired", "field": "spec.x"}
    invalid = _refusal(422, "Invalid", "Required value", causes=[required])
    life = Lifecycle(
        applier=_applier(Recorder(refusal=invalid)), subject=SUBJECT, kind=PATCH
    )

    with pytest.raises(Refusal) as refused:
        life.delete(state=STATE, timeout=0)

    assert str(refused.value) == (
        "this Patch resource is currently managing a required field, so it can't be "
        "deleted directly. Either set the `retainOnDelete` resource option, or "
        "transfer ownership of the field before deleting: spec.x"
    )


def test_deletion_that_is_given_up_says_so() -> None:
    """A finalizer may hold an object; the engine's cancellation ends the wait."""

    class Held(Recorder):
        """Never lets go."""

        @override
        def delete(self, path: str, *, propagation: str) -> dict[str, Any]:
            return {}

    applier = _applier(Held(live=LIVE))
    life = Lifecycle(applier=applier, subject=SUBJECT, kind=ACCOUNT)

    with pytest.raises(Refusal) as late:
        life.delete(state=STATE, timeout=0.01)
    applier.cancel()
    with pytest.raises(Refusal) as cancelled:
        life.delete(state=STATE, timeout=0)

    assert [str(late.value), str(cancelled.value)] == [
        'Timed out waiting for deletion of v1/ServiceAccount "reader"',
        "Resource operation was cancelled for 'reader'",
    ]
