"""Requests to one API server, with its own words for what it refuses."""

import json
import time
from collections.abc import Mapping
from contextlib import suppress
from functools import cached_property
from typing import Any, Final, cast

import httpx2
from lightkube.config.client_adapter import Client, ConnectionParams
from lightkube.config.kubeconfig import SingleConfig
from lightkube.core.exceptions import ConfigError

from sandbox.plugins.refusal import Refusal

__all__ = ["ApiError", "ApiServer", "Unreachable"]

_SECONDS: Final = 32.0
"""Source: pulumi/pulumi-kubernetes, `KubeClientSettings` and client-go's default"""
_NOT_FOUND: Final = 404
_TOO_MANY: Final = 429
_SERVER_ERROR: Final = 500
_RETRIES: Final = 10
"""Source: kubernetes/client-go, rest/request.go (`NewRequest`, `maxRetries`)"""
_EXEC: Final = "getting credentials: exec"
"""Source: kubernetes/client-go, plugin/pkg/client/auth/exec/exec.go"""


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

    def __init__(self, config: SingleConfig, *, timeout: float = _SECONDS) -> None:
        """Remember the kubeconfig's context; nothing is sent yet."""
        self._config = config
        self._timeout = timeout

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
        headers = {"Accept": "application/json", "Content-Type": content_type}
        content = None if body is None else json.dumps(body).encode()
        try:
            request = self._client.build_request(
                method, path, params=query, headers=headers, content=content
            )
            answer = self._client.send(request)
            for _ in range(_RETRIES):
                if (wait_seconds := _retry_after(answer)) is None:
                    break
                time.sleep(wait_seconds)
                answer = self._client.send(request)
        except FileNotFoundError as error:
            # The kubeconfig's credential program; nothing else is opened here.
            what = f"executable {error.filename} not found"
            raise self._unreachable(method, path, f"{_EXEC}: {what}") from error
        except (ConfigError, KeyError, ValueError) as error:
            raise self._unreachable(method, path, f"{_EXEC}: {error!r}") from error
        except (httpx2.HTTPError, OSError) as error:
            raise self._unreachable(method, path, str(error)) from error
        parsed = _parsed(answer.content)
        if not answer.is_success:
            raise ApiError(status=answer.status_code, answer=parsed)
        return parsed

    def _unreachable(self, method: str, path: str, why: str) -> Unreachable:
        url = self._config.cluster.server + path
        return Unreachable(f'{method.capitalize()} "{url}": {why}')

    @cached_property
    def _client(self) -> httpx2.Client:
        timeout = httpx2.Timeout(self._timeout)
        return Client(self._config, ConnectionParams(timeout=timeout, trust_env=False))


def _retry_after(answer: httpx2.Response) -> int | None:
    """Tell how many seconds to wait before asking again; None: the answer stands.

    A failure is only retried when the API server says when, in whole seconds.

    Source:
        kubernetes/client-go, rest/with_retry.go (`checkWait`), rest/request.go
        (`retryAfterSeconds`)
    """
    if answer.status_code != _TOO_MANY and answer.status_code < _SERVER_ERROR:
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
