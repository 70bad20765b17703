"""An API server with a few service accounts, for what the stack program reads of it."""

import json
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Final

__all__ = ["api_server"]

_REASONS: Final = {403: "Forbidden", 404: "NotFound"}


@contextmanager
def api_server(accounts: Mapping[str, Mapping[str, str] | int]) -> Generator[str]:
    """Serve service accounts; gives the kubeconfig, as JSON.

    Args:
        accounts: `<namespace>/<name>` -> annotations, or the HTTP status of what the
            server refuses. What is not named is not found.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            _, _, _, _, namespace, _, name = self.path.split("/")
            found = accounts.get(f"{namespace}/{name}", 404)
            status = found if isinstance(found, int) else 200
            body: dict[str, object] = {"apiVersion": "v1"}
            if isinstance(found, int):
                message = f'serviceaccounts "{name}" {_REASONS[found]}'
                body |= {"kind": "Status", "code": found, "message": message}
            else:
                meta = {"name": name, "namespace": namespace, "annotations": found}
                body |= {"kind": "ServiceAccount", "metadata": meta}
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            """Print nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
    try:
        yield _kubeconfig(f"http://127.0.0.1:{server.server_port}")
    finally:
        server.shutdown()
        server.server_close()


def _kubeconfig(url: str) -> str:
    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "c", "cluster": {"server": url}}],
            "users": [{"name": "u", "user": {"token": "none"}}],
            "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
            "current-context": "x",
        }
    )
