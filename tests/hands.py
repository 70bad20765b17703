"""What people and other tools do to a cluster, behind the engine's back."""

import time
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

from sandbox.session import Sandbox

__all__ = ["ROLE_ARN_ANNOTATION", "Hands"]

ROLE_ARN_ANNOTATION: Final = "eks.amazonaws.com/role-arn"
_MERGE: Final = "application/merge-patch+json"
_APPLY: Final = "application/apply-patch+yaml"
_NOT_FOUND: Final = 404
_OK: Final = range(200, 300)
_WITHIN_SECONDS: Final = 60.0


class Hands:
    """Namespaces and service accounts, each service account by `<namespace>/<name>`."""

    def __init__(self, sandbox: Sandbox) -> None:
        """Work on the cluster of a sandbox as its administrator."""
        self._plane = sandbox.control_plane

    def namespace(self, name: str) -> dict[str, Any] | None:
        """Give a namespace whole, None if it is gone."""
        return self._get(_namespace(name))

    def service_account(self, key: str) -> dict[str, Any] | None:
        """Give a service account whole, None if it is gone."""
        return self._get(_account(key))

    def role_arn(self, key: str) -> str | None:
        """Give the role a service account is annotated with; None for none."""
        account = self.service_account(key) or {"metadata": {}}
        annotations: dict[str, str] = account["metadata"].get("annotations", {})
        return annotations.get(ROLE_ARN_ANNOTATION)

    def make_namespace(self, name: str, **metadata: object) -> dict[str, Any]:
        """Make a namespace as `kubectl create` does."""
        body = {"metadata": {"name": name, **metadata}}
        return self._do("POST", "/api/v1/namespaces", body, manager="kubectl-create")

    def make_service_account(
        self, key: str, *, manager: str = "helm", **metadata: object
    ) -> dict[str, Any]:
        """Make a service account, as Helm does unless another manager is given."""
        path, _, name = _account(key).rpartition("/")
        return self._do(
            "POST", path, {"metadata": {"name": name, **metadata}}, manager=manager
        )

    def edit_namespace(self, name: str, **metadata: object) -> dict[str, Any]:
        """Change metadata as `kubectl label` does; null removes it."""
        body = {"metadata": metadata}
        return self._do("PATCH", _namespace(name), body, manager="kubectl-label")

    def edit_service_account(
        self, key: str, *, manager: str = "kubectl-annotate", **metadata: object
    ) -> dict[str, Any]:
        """Change metadata as `kubectl annotate` does; null removes."""
        body = {"metadata": metadata}
        return self._do("PATCH", _account(key), body, manager=manager)

    def edit_whole_service_account(
        self, key: str, body: Mapping[str, object]
    ) -> dict[str, Any]:
        """Change what is not metadata, as `kubectl patch` does."""
        return self._do("PATCH", _account(key), body, manager="kubectl-patch")

    def await_service_account(self, key: str) -> None:
        """Wait until a controller has made a service account."""
        until = time.monotonic() + _WITHIN_SECONDS
        while self.service_account(key) is None:
            assert time.monotonic() < until, f"the service account {key} is not there"
            time.sleep(0.1)

    def apply_service_account(
        self, key: str, *, manager: str, force: bool = False, **metadata: object
    ) -> dict[str, Any]:
        """Apply metadata on the server, as Argo CD and Flux do."""
        body = {
            "apiVersion": "v1",
            "kind": "ServiceAccount",
            "metadata": {"name": key.partition("/")[2], **metadata},
        }
        return self._do(
            "PATCH",
            _account(key),
            body,
            content_type=_APPLY,
            manager=manager,
            force="true" if force else "false",
        )

    def delete_service_account(self, key: str) -> None:
        """Delete a service account."""
        self._do("DELETE", _account(key))

    def delete_namespace(self, name: str) -> None:
        """Delete a namespace, and wait until it is gone with all that is in it."""
        self.start_deleting_namespace(name)
        self.await_namespace_gone(name)

    def start_deleting_namespace(self, name: str) -> None:
        """Delete a namespace; a finalizer holds it."""
        self._do("DELETE", _namespace(name))

    def await_namespace_gone(self, name: str) -> None:
        """Wait until a namespace that is being deleted is gone."""
        until = time.monotonic() + _WITHIN_SECONDS
        while self.namespace(name) is not None:
            assert time.monotonic() < until, f"the namespace {name} is still there"
            time.sleep(0.1)

    def _get(self, path: str) -> dict[str, Any] | None:
        answer = self._plane.request(method="GET", path=path)
        if answer.status == _NOT_FOUND:
            return None
        assert answer.status in _OK, answer.text
        return answer.document

    def _do(
        self,
        method: str,
        path: str,
        body: Mapping[str, object] | None = None,
        *,
        content_type: str = "",
        manager: str = "",
        **query: str,
    ) -> dict[str, Any]:
        usual = _MERGE if method == "PATCH" else "application/json"
        if manager:
            query["fieldManager"] = manager
        answer = self._plane.request(
            method=method,
            path=f"{path}?{urlencode(query)}" if query else path,
            body=body,
            content_type=content_type or usual,
        )
        assert answer.status in _OK, answer.text
        return answer.document


def _namespace(name: str) -> str:
    return f"/api/v1/namespaces/{name}"


def _account(key: str) -> str:
    namespace, _, name = key.partition("/")
    return f"/api/v1/namespaces/{namespace}/serviceaccounts/{name}"
