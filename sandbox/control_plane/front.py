"""The API server behind an interceptor: an HTTPS server that passes requests on."""

import json
import ssl
import threading
from collections.abc import Generator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final, cast
from urllib.parse import parse_qs, urlsplit

import urllib3
from typing_extensions import override

from sandbox.control_plane.credentials import credentials_in
from sandbox.control_plane.ports import LOOPBACK
from sandbox.control_plane.running import ControlPlane
from sandbox.interception import Failure, Interceptor, Request

__all__ = ["as_request", "serve_front"]

_VERBS: Final = {
    "DELETE": "delete",
    "GET": "get",
    "PATCH": "patch",
    "POST": "create",
    "PUT": "update",
}
_POLL_SECONDS: Final = 0.05
_TIMEOUT_SECONDS: Final = 30.0
_CONNECTIONS: Final = 32
# Those of one connection, not of the request or its answer.
_OF_THE_CONNECTION: Final = frozenset(
    {"connection", "content-length", "keep-alive", "transfer-encoding"}
)


def as_request(method: str, url: str, body: bytes = b"") -> Request:
    """Put a request into the terms of an interceptor, verb and resource as in RBAC.

    Args:
        method: HTTP method.
        url: Path and query.
        body: What was sent, which alone names what is created. Default: nothing.

    Source:
        https://kubernetes.io/docs/reference/access-authn-authz/authorization/#determine-the-request-verb
    """
    path, query = urlsplit(url).path, parse_qs(urlsplit(url).query)
    parts = [part for part in path.split("/") if part]
    verb = _VERBS.get(method, method.lower())
    if parts[:2] != ["api", "v1"] or len(parts) == 2:  # noqa: PLR2004 (/api/v1 itself)
        action, target = f"{verb} {path}", ""
    else:
        namespace, resource, name = _split(parts[2:])
        if method == "POST" and not name:
            name = str(json.loads(body)["metadata"]["name"])
        verb = "list" if verb == "get" and not name else verb
        action = f"{verb} {resource}"
        target = "/".join(part for part in (namespace, name) if part)
    return Request(
        service="kubernetes",
        action=action,
        target=target,
        changes=method != "GET" and "dryRun" not in query,
    )


def _split(parts: list[str]) -> tuple[str, str, str]:
    """Give namespace, resource and name; namespaces are in no namespace."""
    if parts[0] == "namespaces" and len(parts) > 2:  # noqa: PLR2004 (in a namespace)
        name = parts[3] if len(parts) > 3 else ""  # noqa: PLR2004 (one object of it)
        resource = "/".join([parts[2], *parts[4:]])
        return parts[1], resource, name
    return "", parts[0], parts[1] if len(parts) > 1 else ""


@contextmanager
def serve_front(
    control_plane: ControlPlane, interceptor: Interceptor
) -> Generator[str]:
    """Serve the API server at another port, every request shown to an interceptor.

    Args:
        control_plane: Whose API server; its certificate is served here too.
        interceptor: Asked about every request that comes this way.

    Yields:
        Its endpoint, `https://127.0.0.1:<port>`.
    """
    server = _Server(control_plane, interceptor)
    thread = threading.Thread(
        target=server.serve_forever, args=(_POLL_SECONDS,), name="front", daemon=True
    )
    thread.start()
    try:
        yield f"https://{LOOPBACK}:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Server(ThreadingHTTPServer):
    """Listens on a free port with the API server's certificate."""

    daemon_threads = True

    def __init__(self, control_plane: ControlPlane, interceptor: Interceptor) -> None:
        super().__init__((LOOPBACK, 0), _Handler)
        credentials = credentials_in(control_plane.directory)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(
            credentials.serving_certificate, credentials.serving_key
        )
        # The handshake is the handler's, or one slow client would hold up all others.
        self.socket = context.wrap_socket(
            self.socket, server_side=True, do_handshake_on_connect=False
        )
        self.endpoint = control_plane.endpoint
        self.interceptor = interceptor
        self.pool = urllib3.PoolManager(
            ssl_context=ssl.create_default_context(cadata=control_plane.ca_pem),
            maxsize=_CONNECTIONS,
        )

    @override
    def handle_error(self, request: object, client_address: object) -> None:
        """Let a client hang up, as one that was killed does."""


class _Handler(BaseHTTPRequestHandler):
    """Passes one connection's requests on."""

    protocol_version = "HTTP/1.1"

    def __getattr__(self, name: str) -> object:
        if name.startswith("do_"):
            return self._pass_on
        raise AttributeError(name)

    def _pass_on(self) -> None:
        server = cast("_Server", self.server)
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        asked = as_request(self.command, self.path, body)
        if failure := server.interceptor.before(asked):
            self._fail(failure)
            return
        answer = server.pool.request(
            self.command,
            server.endpoint + self.path,
            body=body or None,
            headers=_passed(dict(self.headers.items())),
            retries=False,
            timeout=_TIMEOUT_SECONDS,
            # As it came: the client is told how it is compressed.
            decode_content=False,
        )
        carried_out = answer.status < HTTPStatus.BAD_REQUEST
        if carried_out and (failure := server.interceptor.after(asked)):
            self._fail(failure)
            return
        self._answer(answer.status, _passed(dict(answer.headers.items())), answer.data)

    def _fail(self, failure: Failure) -> None:
        """Answer as the API server does: a `Status`.

        Source:
            https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/
        """
        status: dict[str, Any] = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": failure.message,
            "reason": failure.code,
            "code": failure.status,
        }
        headers = {"Content-Type": "application/json"}
        if failure.retry_after_seconds is not None:
            headers["Retry-After"] = str(failure.retry_after_seconds)
        self._answer(failure.status, headers, json.dumps(status).encode())

    def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response_only(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def _passed(headers: dict[str, str]) -> dict[str, str]:
    return {
        name: value
        for name, value in headers.items()
        if name.lower() not in _OF_THE_CONNECTION
    }
