"""The Kubernetes double: what every kind goes through.

Source:
    pulumi/pulumi-kubernetes, provider/pkg/provider/provider.go
"""

from collections.abc import Mapping, Sequence
from typing import Final

from typing_extensions import override

from sandbox.plugins.host import Host, Severity
from sandbox.plugins.kubernetes.api_server import ApiError, ApiServer, Unreachable
from sandbox.plugins.kubernetes.applying import Applier, Operation
from sandbox.plugins.kubernetes.comparing import compare
from sandbox.plugins.kubernetes.kinds import KINDS, Kind
from sandbox.plugins.kubernetes.kubeconfig import KubeConfigError
from sandbox.plugins.kubernetes.objects import (
    API_VERSION_KEY,
    autonamed,
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
from sandbox.plugins.kubernetes.settings import (
    Settings,
    compare_configurations,
    refuse_uncovered,
)
from sandbox.plugins.plugin import (
    Answer,
    Autonaming,
    Checked,
    Difference,
    Plugin,
    State,
    Subject,
)
from sandbox.plugins.refusal import NotCovered, PartialFailure, Refusal
from sandbox.plugins.values import Properties, has_unknown, text_or
from sandbox.plugins.versions import KUBERNETES_VERSION

__all__ = ["KubernetesPlugin"]

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
    "The real plugin's advice: if the resource was renamed in the program, give it an "
    "alias; to manage only some fields of the object, use the Patch resource; to take "
    "it into this stack, import it; to adopt whatever exists, set the provider's "
    "upsertExistingObjects."
)
"""The sense is the real plugin's; its words were not to be had, so these are ours.

Source: pulumi/pulumi-kubernetes, pull request 4278
"""
_DELETED_FROM_STATE: Final = (
    "configured Kubernetes cluster is unreachable and the `deleteUnreachable` option "
    "is enabled. Deleting the unreachable resource from Pulumi state"
)
_GONE_FOR_GOOD: Final = (
    "by rerunning the operation with the PULUMI_K8S_DELETE_UNREACHABLE environment "
    'variable set to "true"'
)


class KubernetesPlugin(Plugin):
    """A test double of `pulumi-resource-kubernetes`."""

    name = "kubernetes"
    version = KUBERNETES_VERSION
    accepts_secrets = True

    def __init__(self, *, host: Host) -> None:
        """Start without a configuration; nothing is sent yet."""
        self._host = host
        self._settings = Settings()
        self._namespace = "default"
        self._applier: Applier | None = None
        self._unreachable = "the provider was asked before it was configured"

    @override
    def check_config(self, *, urn: str, news: Properties) -> Checked:
        refuse_uncovered(news)
        return Checked(inputs=news)

    @override
    def diff_config(self, *, olds: Properties, news: Properties) -> Difference:
        return compare_configurations(olds=olds, news=news)

    @override
    def configure(self, *, variables: Mapping[str, str]) -> None:
        """Take the configuration; a cluster that cannot be asked is no error yet."""
        prefix = f"{self.name}:config:"
        settings = self._settings = Settings.from_variables(
            {key.removeprefix(prefix): value for key, value in variables.items()}
        )
        try:
            loaded = settings.load()
            target = loaded.target(context=settings.context, cluster=settings.cluster)
        except KubeConfigError as error:
            self._unreachable = (
                "unable to load Kubernetes client configuration from kubeconfig file. "
                "Make sure you have: \n\n \t • set up the provider as per "
                "https://www.pulumi.com/registry/packages/kubernetes/"
                f"installation-configuration/ \n\n {error}"
            )
            return
        self._namespace = settings.namespace or loaded.namespace(
            context=settings.context
        )
        server = ApiServer(target, timeout=settings.timeout_seconds)
        try:
            server.get("/api/v1")
        except (Unreachable, ApiError) as error:
            self._unreachable = (
                f"unable to load schema information from the API server: {error}"
            )
            return
        self._applier = Applier(
            server=server,
            always_force=settings.enable_patch_force,
            upsert=settings.upsert_existing_objects,
        )

    @override
    def invoke(self, *, token: str, arguments: Properties) -> Answer:
        raise NotCovered(plugin=self.name, what=f"the function {token}")

    @override
    def check(
        self,
        subject: Subject,
        *,
        olds: Properties,
        news: Properties,
        autonaming: Autonaming,
    ) -> Checked:
        kind = _kind(subject)
        if self._applier is None and self._settings.skip_update_unreachable:
            self._show(
                Severity.WARNING,
                subject,
                "Cluster is unreachable but skipUpdateUnreachable flag is set to "
                "true, skipping...",
            )
            return Checked(inputs=olds)
        inputs = normalised(kind, plain(news))
        if kind.patch and not metadata(inputs).get("name"):
            message = "patch resources require the `.metadata.name` field to be set"
            raise Refusal(message)
        if metadata(inputs).get("generateName"):
            message = (
                "the `.metadata.generateName` field is not supported in Server-Side "
                "Apply mode"
            )
            raise Refusal(message)
        inputs = autonamed(inputs, plain(olds), subject.name, autonaming)
        open_metadata = has_unknown(inputs.get("metadata")) and not metadata(inputs)
        if (
            kind.namespaced
            and not open_metadata
            and metadata(inputs).get("namespace") is None
        ):
            inputs = with_metadata(inputs, namespace=self._namespace)
        return Checked(inputs=mark_secrets(inputs, news))

    @override
    def diff(
        self,
        subject: Subject,
        *,
        olds: Properties,
        news: Properties,
        ignored: Sequence[str],
    ) -> Difference:
        return compare(_kind(subject), olds=olds, news=news, ignored=ignored)

    @override
    def create(
        self, subject: Subject, *, inputs: Properties, preview: bool, timeout: float
    ) -> State:
        kind, body = _kind(subject), plain(inputs)
        if preview and (self._applier is None or kind.patch or has_unknown(body)):
            return State(resource_id="", outputs=inputs)
        manager = field_manager(body, {})
        operation = Operation(kind=kind, body=body, manager=manager, preview=preview)

        def on_retry(attempt: int, error: Exception) -> None:
            message = f"Retry #{attempt}; creation failed: {error}"
            self._show(Severity.INFO, subject, message, passing=True)

        try:
            made = self._reachable().create(operation, on_retry=on_retry)
        except Refusal as refusal:
            if preview and _hidden_in_preview(refusal):
                return State(resource_id="", outputs=inputs)
            raise _not_created(subject, refusal) from refusal
        if preview:
            made.pop("status", None)
        state = checkpoint(
            body, made, marked=inputs, api_version=kind.api_version, manager=manager
        )
        return State(resource_id="" if preview else full_name(made), outputs=state)

    @override
    def read(
        self, subject: Subject, *, inputs: Properties, state: Properties
    ) -> State | None:
        kind = _kind(subject)
        if self._applier is None:
            return self._read_unreachable(subject, inputs, state)
        recorded = normalised(kind, plain(inputs))
        _, live = parse_checkpoint(state)
        imported = "kind" not in recorded and "kind" not in live
        namespace, _, name = subject.resource_id.rpartition("/")
        here = {"name": name, "namespace": namespace} if namespace else {"name": name}
        manager = field_manager(recorded, state)
        where = Operation(kind=kind, body=with_metadata({}, **here), manager=manager)
        try:
            found = self._applier.read(where)
        except ApiError as error:
            if error.is_not_found:
                return None
            raise
        now = _imported_inputs(kind, found) if imported else prune(found, recorded)
        version = text_or(state.get(API_VERSION_KEY), kind.api_version)
        return State(
            resource_id=subject.resource_id,
            outputs=checkpoint(
                now, found, marked=inputs, api_version=version, manager=manager
            ),
            inputs=mark_secrets(now, inputs),
        )

    @override
    def update(
        self,
        subject: Subject,
        *,
        olds: Properties,
        news: Properties,
        ignored: Sequence[str],
        preview: bool,
    ) -> Properties:
        kind = _kind(subject)
        if ignored and not preview:
            raise NotCovered(plugin=self.name, what="ignoreChanges in an update")
        body = normalised(kind, plain(news))
        if preview and (self._applier is None or has_unknown(body)):
            return news
        applier = self._reachable()
        old_inputs, _ = parse_checkpoint(olds)
        before = field_manager(old_inputs, olds)
        manager = field_manager(body, olds)
        operation = Operation(kind=kind, body=body, manager=manager, preview=preview)
        version = text_or(olds.get(API_VERSION_KEY), kind.api_version)

        def state_of(live: Properties) -> Properties:
            return checkpoint(
                body, live, marked=news, api_version=version, manager=manager
            )

        try:
            applied = applier.update(operation)
        except Refusal as refusal:
            if (
                preview
                and isinstance(refusal, ApiError)
                and refusal.status == _FORBIDDEN
            ):
                return news
            live = _live_or_refused(applier, operation, subject, refusal)
            raise PartialFailure(
                resource_id=full_name(live),
                outputs=state_of(live),
                reason=(
                    f'the Kubernetes API server reported that "{full_name(live)}" '
                    f"failed to fully initialize or become live: {refusal}"
                ),
            ) from refusal
        if not preview and before != manager:
            applier.relinquish(Operation(kind=kind, body=body, manager=before))
        return state_of(applied)

    @override
    def delete(self, subject: Subject, *, state: Properties, timeout: float) -> None:
        kind = _kind(subject)
        inputs, live = parse_checkpoint(state)
        if self._applier is None:
            self._delete_unreachable(subject)
            return
        manager = field_manager(inputs, state)
        operation = Operation(kind=kind, body=live, manager=manager)
        if kind.patch:
            self._applier.relinquish(operation)
        else:
            self._applier.remove(operation, timeout=timeout)

    @override
    def cancel(self) -> None:
        if self._applier is not None:
            self._applier.cancel()

    def _reachable(self) -> Applier:
        if self._applier is None:
            message = (
                f"configured Kubernetes cluster is unreachable: {self._unreachable}"
            )
            raise Refusal(message)
        return self._applier

    def _read_unreachable(
        self, subject: Subject, inputs: Properties, state: Properties
    ) -> State | None:
        said = f"configured Kubernetes cluster is unreachable: {self._unreachable}"
        self._show(Severity.WARNING, subject, said)
        if self._settings.delete_unreachable:
            self._show(Severity.INFO, subject, _DELETED_FROM_STATE)
            return None
        if self._settings.skip_update_unreachable:
            return State(resource_id=subject.resource_id, outputs=state, inputs=inputs)
        message = (
            "failed to read resource state due to unreachable cluster. If the cluster "
            "was deleted, you can remove this resource from Pulumi state "
            f"{_GONE_FOR_GOOD}"
        )
        raise Refusal(message)

    def _delete_unreachable(self, subject: Subject) -> None:
        said = f"configured Kubernetes cluster is unreachable: {self._unreachable}"
        self._show(Severity.WARNING, subject, said)
        if self._settings.delete_unreachable:
            self._show(Severity.INFO, subject, _DELETED_FROM_STATE)
            return
        message = (
            "configured Kubernetes cluster is unreachable. If the cluster was deleted, "
            f"you can remove this resource from Pulumi state {_GONE_FOR_GOOD}"
        )
        raise Refusal(message)

    def _show(
        self,
        severity: Severity,
        subject: Subject,
        message: str,
        *,
        passing: bool = False,
    ) -> None:
        self._host.show(
            severity=severity, urn=subject.urn, message=message, passing=passing
        )


def _kind(subject: Subject) -> Kind:
    if subject.type_token not in KINDS:
        what = f"the resource type {subject.type_token}"
        raise NotCovered(plugin="kubernetes", what=what)
    return KINDS[subject.type_token]


def _hidden_in_preview(refusal: Refusal) -> bool:
    """Tell whether a preview shows a plain creation all the same."""
    return isinstance(refusal, ApiError) and (
        refusal.status == _FORBIDDEN
        or refusal.is_namespace_not_found
        or refusal.reason == "AlreadyExists"
    )


def _not_created(subject: Subject, refusal: Refusal) -> Refusal:
    message = (
        f'resource "{subject.urn}" was not successfully created by the Kubernetes API '
        f"server: {refusal}"
    )
    if isinstance(refusal, ApiError) and refusal.reason == "AlreadyExists":
        message += f"\n{_ALREADY_EXISTS}"
    return Refusal(message)


def _live_or_refused(
    applier: Applier, operation: Operation, subject: Subject, refusal: Refusal
) -> Properties:
    try:
        return applier.read(operation)
    except Refusal as unread:
        message = (
            f'update of resource "{subject.urn}" failed: {refusal}\n'
            f"unable to get cluster state: {unread}"
        )
        raise Refusal(message) from refusal


def _imported_inputs(kind: Kind, live: Properties) -> Properties:
    found: Properties = {
        key: value for key, value in live.items() if key in kind.inputs
    }
    found["metadata"] = {
        key: value for key, value in metadata(live).items() if key not in _NOT_INPUTS
    }
    return found
