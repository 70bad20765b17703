"""The Kubernetes double: its configuration, and clusters that cannot be asked.

Source:
    pulumi/pulumi-kubernetes, provider/pkg/provider/provider.go
"""

from collections.abc import Mapping, Sequence
from typing import Final

from typing_extensions import override

from sandbox.plugins.host import Host, Severity
from sandbox.plugins.kubernetes.api_server import ApiError, ApiServer, Unreachable
from sandbox.plugins.kubernetes.applying import Applier
from sandbox.plugins.kubernetes.comparing import compare
from sandbox.plugins.kubernetes.kinds import Kind, kind_of
from sandbox.plugins.kubernetes.kubeconfig import KubeConfigError
from sandbox.plugins.kubernetes.lifecycle import Lifecycle
from sandbox.plugins.kubernetes.objects import (
    autonamed,
    mark_secrets,
    metadata,
    normalised,
    plain,
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
from sandbox.plugins.refusal import NotCovered, Refusal
from sandbox.plugins.values import Properties, has_unknown
from sandbox.plugins.versions import KUBERNETES_VERSION

__all__ = ["KubernetesPlugin"]

_DELETED_FROM_STATE: Final = (
    "configured Kubernetes cluster is unreachable and the `deleteUnreachable` option "
    "is enabled. Deleting the unreachable resource from Pulumi state"
)
_GONE_FOR_GOOD: Final = (
    "you can remove this resource from Pulumi state by rerunning the operation with "
    'the PULUMI_K8S_DELETE_UNREACHABLE environment variable set to "true"'
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
        self._server: ApiServer | None = None
        self._kinds: dict[str, Kind] = {}
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
            config = settings.load()
        except KubeConfigError as error:
            self._unreachable = (
                "unable to load Kubernetes client configuration from kubeconfig file. "
                "Make sure you have: \n\n \t • set up the provider as per "
                "https://www.pulumi.com/registry/packages/kubernetes/"
                f"installation-configuration/ \n\n {error}"
            )
            return
        self._namespace = settings.namespace or config.namespace
        server = ApiServer(config, timeout=settings.timeout_seconds)
        try:
            server.get("/api/v1")
        except (Unreachable, ApiError) as error:
            self._unreachable = (
                f"unable to load schema information from the API server: {error}"
            )
            return
        self._server = server
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
        kind = self._kind(subject)
        if self._applier is None and self._settings.skip_update_unreachable:
            message = (
                "Cluster is unreachable but skipUpdateUnreachable flag is set to true, "
                "skipping..."
            )
            self._show(Severity.WARNING, subject, message)
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
        known = isinstance(inputs.get("metadata"), dict)
        if kind.namespaced and known and metadata(inputs).get("namespace") is None:
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
        return compare(self._kind(subject), olds=olds, news=news, ignored=ignored)

    @override
    def create(
        self, subject: Subject, *, inputs: Properties, preview: bool, timeout: float
    ) -> State:
        kind = self._kind(subject)
        if preview and (self._applier is None or kind.patch or has_unknown(inputs)):
            return State(resource_id="", outputs=inputs)

        def on_retry(attempt: int, error: Exception) -> None:
            message = f"Retry #{attempt}; creation failed: {error}"
            self._show(Severity.INFO, subject, message, passing=True)

        life = Lifecycle(applier=self._reachable(), subject=subject, kind=kind)
        return life.create(inputs=inputs, preview=preview, on_retry=on_retry)

    @override
    def read(
        self, subject: Subject, *, inputs: Properties, state: Properties
    ) -> State | None:
        kind = self._kind(subject)
        if self._applier is not None:
            life = Lifecycle(applier=self._applier, subject=subject, kind=kind)
            return life.read(inputs=inputs, state=state)
        self._say_unreachable(subject)
        if self._settings.delete_unreachable:
            self._show(Severity.INFO, subject, _DELETED_FROM_STATE)
            return None
        if self._settings.skip_update_unreachable:
            return State(resource_id=subject.resource_id, outputs=state, inputs=inputs)
        message = (
            "failed to read resource state due to unreachable cluster. If the cluster "
            f"was deleted, {_GONE_FOR_GOOD}"
        )
        raise Refusal(message)

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
        kind = self._kind(subject)
        if ignored and not preview:
            raise NotCovered(plugin=self.name, what="ignoreChanges in an update")
        if preview and (self._applier is None or has_unknown(news)):
            return news
        life = Lifecycle(applier=self._reachable(), subject=subject, kind=kind)
        return life.update(olds=olds, news=news, preview=preview)

    @override
    def delete(self, subject: Subject, *, state: Properties, timeout: float) -> None:
        kind = self._kind(subject)
        if self._applier is not None:
            life = Lifecycle(applier=self._applier, subject=subject, kind=kind)
            life.delete(state=state, timeout=timeout)
            return
        self._say_unreachable(subject)
        if not self._settings.delete_unreachable:
            message = (
                "configured Kubernetes cluster is unreachable. If the cluster was "
                f"deleted, {_GONE_FOR_GOOD}"
            )
            raise Refusal(message)
        self._show(Severity.INFO, subject, _DELETED_FROM_STATE)

    @override
    def cancel(self) -> None:
        if self._applier is not None:
            self._applier.cancel()

    def _kind(self, subject: Subject) -> Kind:
        token = subject.type_token
        if token not in self._kinds:
            try:
                kind = kind_of(token, get=self._server.get if self._server else None)
            except ApiError as error:
                if not error.is_not_found:
                    raise
                kind = None
            if kind is None:
                raise NotCovered(plugin=self.name, what=f"the resource type {token}")
            self._kinds[token] = kind
        return self._kinds[token]

    def _reachable(self) -> Applier:
        if self._applier is None:
            message = (
                f"configured Kubernetes cluster is unreachable: {self._unreachable}"
            )
            raise Refusal(message)
        return self._applier

    def _say_unreachable(self, subject: Subject) -> None:
        said = f"configured Kubernetes cluster is unreachable: {self._unreachable}"
        self._show(Severity.WARNING, subject, said)

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
