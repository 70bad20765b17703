"""A stack whose program is chosen anew for every step, and one account under it."""

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import pulumi
import pulumi.automation as auto
import pulumi_kubernetes as k8s

from sandbox.session import Sandbox

__all__ = ["PATCH", "SERVICE_ACCOUNT", "Contract"]

SERVICE_ACCOUNT: Final = k8s.core.v1.ServiceAccount
PATCH: Final = k8s.core.v1.ServiceAccountPatch
_NOT_FOUND: Final = 404
_DEADLINE_SECONDS: Final = 60.0


class Contract:
    """A stack whose program is chosen anew for every step."""

    def __init__(self, sandbox: Sandbox, *, folder: Path, name: str) -> None:
        """Make an empty stack of that name, and a namespace of that name."""
        self.name = name
        self.said: list[str] = []
        self._sandbox = sandbox
        self._program: Callable[[], None] = lambda: None
        home = sandbox.engine_home()
        self._stack = auto.create_or_select_stack(
            name,
            project_name="contract",
            program=self._chosen,
            opts=auto.LocalWorkspaceOptions(
                work_dir=str(folder),
                pulumi_home=str(home.pulumi_home),
                pulumi_command=auto.PulumiCommand(str(home.command_root)),
                env_vars=dict(home.environment),
            ),
        )
        self._request("POST", "/api/v1/namespaces", {"metadata": {"name": name}})

    def _chosen(self) -> None:
        self._program()

    def provider(self, **options: Any) -> k8s.Provider:  # noqa: ANN401 - as the SDK takes them
        """Register the Kubernetes provider of the sandbox's cluster."""
        kubeconfig = str(self._sandbox.control_plane.kubeconfig)
        return k8s.Provider("cluster", kubeconfig=kubeconfig, **options)

    def preview(self, program: Callable[[], None]) -> dict[str, str]:
        """Preview, and give what would be done: name -> operation."""
        self._program = program
        return self._run(self._stack.preview)

    def up(self, program: Callable[[], None]) -> dict[str, str]:
        """Bring up, and give what was done: name -> operation."""
        self._program = program
        return self._run(self._stack.up)

    def refresh(self) -> None:
        """Read everything anew."""
        self._run(self._stack.refresh)

    def destroy(self) -> None:
        """Remove everything."""
        self._run(self._stack.destroy)

    def make(self, annotations: dict[str, str], *, manager: str = "somebody") -> None:
        """Make the service account behind the engine's back."""
        body = {"metadata": {"name": "reader", "annotations": annotations}}
        self._request("POST", f"{self._accounts}?fieldManager={manager}", body)

    def apply(self, annotations: dict[str, str], *, manager: str) -> None:
        """Apply annotations on the server's side, by force, as Argo CD does."""
        self._request(
            "PATCH",
            f"{self._accounts}/reader?fieldManager={manager}&force=true",
            {
                "apiVersion": "v1",
                "kind": "ServiceAccount",
                "metadata": {"name": "reader", "annotations": annotations},
            },
            content_type="application/apply-patch+yaml",
        )

    def annotate(self, annotations: dict[str, str]) -> None:
        """Do what `kubectl annotate` does."""
        self._merge("kubectl-annotate", {"annotations": annotations})

    def label(self, labels: dict[str, str], *, manager: str) -> None:
        """Set labels in the name of *manager*, as `kubectl label` does in its own."""
        self._merge(manager, {"labels": labels})

    def remove(self) -> None:
        """Delete the service account behind the engine's back."""
        self._request("DELETE", f"{self._accounts}/reader")

    def remove_namespace(self) -> None:
        """Delete the namespace behind the engine's back, and wait until it is gone."""
        path = f"/api/v1/namespaces/{self.name}"
        self._request("DELETE", path)
        plane = self._sandbox.control_plane
        deadline = time.monotonic() + _DEADLINE_SECONDS
        while plane.request(method="GET", path=path).status != _NOT_FOUND:
            assert time.monotonic() < deadline, "the namespace does not go"
            time.sleep(0.1)

    @property
    def live(self) -> dict[str, Any] | None:
        """The service account's metadata; None if there is no such account."""
        plane = self._sandbox.control_plane
        answer = plane.request(method="GET", path=f"{self._accounts}/reader")
        return None if answer.status == _NOT_FOUND else answer.document["metadata"]

    @property
    def annotations(self) -> dict[str, str] | None:
        """The service account's annotations; None if there is no such account."""
        live = self.live
        return None if live is None else live.get("annotations", {})

    @property
    def uid(self) -> str | None:
        """The service account's uid; None if there is no such account."""
        live = self.live
        return None if live is None else live["uid"]

    @property
    def _accounts(self) -> str:
        return f"/api/v1/namespaces/{self.name}/serviceaccounts"

    def _merge(self, manager: str, metadata: dict[str, Any]) -> None:
        self._request(
            "PATCH",
            f"{self._accounts}/reader?fieldManager={manager}",
            {"metadata": metadata},
            content_type="application/merge-patch+json",
        )

    def _request(
        self,
        method: str,
        path: str,
        body: dict[str, Any] | None = None,
        *,
        content_type: str = "application/json",
    ) -> None:
        answer = self._sandbox.control_plane.request(
            method=method, path=path, body=body, content_type=content_type
        )
        assert answer.status < 300, answer.text

    def _run(self, run: Callable[..., object]) -> dict[str, str]:
        done: dict[str, str] = {}
        self.said = []

        def seen(event: auto.EngineEvent) -> None:
            if event.resource_pre_event:
                step = event.resource_pre_event.metadata
                if step.op.value != "same" and "pulumi:" not in step.type:
                    done[step.urn.rpartition("::")[2]] = step.op.value
            if event.diagnostic_event:
                self.said.append(event.diagnostic_event.message)

        run(on_event=seen)
        return done

    def account(
        self,
        kind: type[k8s.core.v1.ServiceAccount | k8s.core.v1.ServiceAccountPatch],
        annotations: Mapping[str, str],
        *,
        labels: Mapping[str, str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
        **options: Any,  # noqa: ANN401 - as the SDK takes them
    ) -> Callable[[], None]:
        """Write a program of one account, the resource `it`.

        Args:
            kind: Owned, or a patch.
            annotations: Of the account.
            labels: Of the account. Default: none.
            opts: Options of the resource. Default: none.
            options: Arguments of the Kubernetes provider.
        """

        def program() -> None:
            metadata: Any = {
                "name": "reader",
                "namespace": self.name,
                "annotations": annotations,
                **({"labels": labels} if labels else {}),
            }
            provider = pulumi.ResourceOptions(provider=self.provider(**options))
            chosen = pulumi.ResourceOptions.merge(provider, opts)
            kind("it", metadata=metadata, opts=chosen)

        return program
