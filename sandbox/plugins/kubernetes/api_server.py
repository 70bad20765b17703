"""Requests to one API server, with its own words for what it refuses."""

import base64
import json
import os
import ssl
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any, Final, cast
from urllib.parse import urlencode

import urllib3

from sandbox.plugins.kubernetes.exec_credentials import (
    Credentials,
    ExecCredentials,
    ExecError,
)
from sandbox.plugins.kubernetes.kubeconfig import Target
from sandbox.plugins.refusal import Refusal

__all__ = ["ApiError", "ApiServer", "Unreachable"]

_SECONDS: Final = 32.0
"""Source: pulumi/pulumi-kubernetes, `KubeClientSettings` and client-go's default"""
_CONNECTIONS: Final = 16
_UNAUTHORIZED: Final = 401
_NOT_FOUND: Final = 404
_TOO_MANY: Final = 429
_SERVER_ERROR: Final = 500
_RETRIES: Final = 10
"""Source: kubernetes/client-go, rest/request.go (`NewRequest`, `maxRetries`)"""


class Unreachable(Refusal):
    """The API server could not be asked at all."""


class ApiError(Refusal):
    """The API server refused; the message is its own.

    Attributes:
        status: HTTP status.
        reason: Kubernetes' word, for example `AlreadyExists`.
        details: Kubernetes' details: kind, name, causes.
    """

    def __init__(self, *, status: int, answer: Mapping[str, Any]) -> None:
        """Read a `Status` object."""
        super().__init__(str(answer.get("message") or f"HTTP status {status}"))
        self.status = status
        self.reason = str(answer.get("reason") or "")
        self.details: Mapping[str, Any] = answer.get("details") or {}

    @property
    def is_not_found(self) -> bool:
        """Whether the object, or its namespace, is not there."""
        return self.status == _NOT_FOUND

    @property
    def is_namespace_not_found(self) -> bool:
        """Whether it is the namespace that is not there."""
        return self.is_not_found and self.details.get("kind") == "namespaces"


class ApiServer:
    """One API server, as one kubeconfig reaches it; connects when first asked."""

    def __init__(self, target: Target, *, timeout: float = _SECONDS) -> None:
        """Remember the way; nothing is sent yet."""
        self._target = target
        self._timeout = timeout
        plugin = target.user.exec_plugin
        self._exec = ExecCredentials(plugin) if plugin else None

    def get(self, path: str) -> dict[str, Any]:
        """Read one object."""
        return self._request("GET", path)

    def create(
        self, path: str, body: Mapping[str, Any], *, manager: str, dry_run: bool = False
    ) -> dict[str, Any]:
        """Make an object that is not there yet."""
        query = {"fieldManager": manager, **_dry(dry_run)}
        return self._request("POST", path, query=query, body=body)

    def apply(
        self,
        path: str,
        body: Mapping[str, Any],
        *,
        manager: str,
        force: bool = False,
        dry_run: bool = False,
    ) -> dict[str, Any]:
        """Apply fields on the server's side; whoever is not there is made."""
        forced = {"force": "true"} if force else {}
        return self._request(
            "PATCH",
            path,
            query={"fieldManager": manager, **forced, **_dry(dry_run)},
            body=body,
            content_type="application/apply-patch+yaml",
        )

    def patch(self, path: str, body: list[dict[str, Any]]) -> dict[str, Any]:
        """Apply a JSON patch."""
        kind = "application/json-patch+json"
        return self._request("PATCH", path, body=body, content_type=kind)

    def delete(self, path: str, *, propagation: str) -> dict[str, Any]:
        """Ask for an object's end; it may take a while."""
        body = {
            "apiVersion": "v1",
            "kind": "DeleteOptions",
            "propagationPolicy": propagation,
        }
        return self._request("DELETE", path, body=body)

    def _request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | list[dict[str, Any]] | None = None,
        content_type: str = "application/json",
    ) -> dict[str, Any]:
        url = self._target.server + path + (f"?{urlencode(query)}" if query else "")
        headers = {"Accept": "application/json", "Content-Type": content_type}
        data = None if body is None else json.dumps(body).encode()
        try:
            credentials = self._credentials(None)
            answer = self._send(method, url, headers, data, credentials)
            for _ in range(_RETRIES):
                if (wait_seconds := _retry_after(answer)) is None:
                    break
                time.sleep(wait_seconds)
                answer = self._send(method, url, headers, data, credentials)
            if answer.status == _UNAUTHORIZED and self._exec:
                credentials = self._credentials(credentials)
                answer = self._send(method, url, headers, data, credentials)
        except (urllib3.exceptions.HTTPError, ExecError, OSError) as error:
            message = f'{method.capitalize()} "{url}": {error}'
            raise Unreachable(message) from error
        parsed = _parsed(answer.data)
        if answer.status >= 300:  # noqa: PLR2004 (the statuses that are no success)
            raise ApiError(status=answer.status, answer=parsed)
        return parsed

    def _send(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        data: bytes | None,
        credentials: Credentials | None,
    ) -> urllib3.BaseHTTPResponse:
        return self._pool(credentials).request(
            method,
            url,
            body=data,
            headers={**headers, **self._authorization(credentials)},
            timeout=self._timeout,
            retries=False,
        )

    def _credentials(self, refused: Credentials | None) -> Credentials | None:
        return self._exec.get(refused=refused) if self._exec else None

    def _authorization(self, credentials: Credentials | None) -> dict[str, str]:
        user = self._target.user
        token = credentials.token if credentials else user.token
        if user.token_file:
            token = Path(user.token_file).read_text(encoding="utf-8").strip()
        if token:
            return {"Authorization": f"Bearer {token}"}
        if user.username:
            pair = base64.b64encode(f"{user.username}:{user.password}".encode())
            return {"Authorization": f"Basic {pair.decode()}"}
        return {}

    def _pool(self, credentials: Credentials | None) -> urllib3.PoolManager:
        if credentials and credentials.certificate:
            return self._new_pool(credentials.certificate, credentials.key)
        return self._usual_pool

    @cached_property
    def _usual_pool(self) -> urllib3.PoolManager:
        user = self._target.user
        return self._new_pool(user.certificate, user.key)

    def _new_pool(self, certificate: str, key: str) -> urllib3.PoolManager:
        target = self._target
        context = ssl.create_default_context(cadata=target.authority or None)
        if target.insecure:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        if certificate:
            _load_pair(context, certificate, key)
        return urllib3.PoolManager(
            ssl_context=context,
            server_hostname=target.server_name or None,
            maxsize=_CONNECTIONS,
        )


def _retry_after(answer: urllib3.BaseHTTPResponse) -> int | None:
    """Tell how many seconds to wait before asking again; None: the answer stands.

    A failure is only retried when the API server says when, in whole seconds.

    Source:
        kubernetes/client-go, rest/with_retry.go (`checkWait`), rest/request.go
        (`retryAfterSeconds`)
    """
    if answer.status != _TOO_MANY and answer.status < _SERVER_ERROR:
        return None
    seconds = answer.headers.get("Retry-After", "")
    return int(seconds) if seconds.isdecimal() else None


def _dry(dry_run: bool) -> dict[str, str]:  # noqa: FBT001 (private, and said by its name)
    return {"dryRun": "All"} if dry_run else {}


def _parsed(data: bytes) -> dict[str, Any]:
    with suppress(ValueError):
        parsed: object = json.loads(data)
        if isinstance(parsed, dict):
            return cast("dict[str, Any]", parsed)
    return {"message": data.decode(errors="replace")}


def _load_pair(context: ssl.SSLContext, certificate: str, key: str) -> None:
    """Load a client's certificate; Python's ssl reads it from a file only."""
    descriptor, path = tempfile.mkstemp()
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(f"{certificate}\n{key}")
        context.load_cert_chain(path)
    finally:
        Path(path).unlink()
