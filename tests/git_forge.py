"""A forge that serves a repository by `https://`, for whoever uses it as a proxy."""

import os
import ssl
import subprocess
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import trustme

__all__ = ["git_forge"]


@contextmanager
def git_forge(host: str, *, root: Path, scratch: Path) -> Generator[Mapping[str, str]]:
    """Serve repositories with Git's own `http-backend`.

    Args:
        host: Name of the forge; no name server is asked for it.
        root: `<owner>/<name>.git` below it are repositories.
        scratch: Where the certificate authority is written.

    Yields:
        The variables under which programs in Go reach it.
    """
    authority, file = trustme.CA(), scratch / "authority.pem"
    authority.cert_pem.write_to_path(file)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate: Any = authority.issue_cert(host)
    certificate.configure_cert(context)

    class Handler(_Git):
        tls = context
        repositories = root

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield {
            "HTTPS_PROXY": f"http://127.0.0.1:{server.server_address[1]}",
            "SSL_CERT_FILE": str(file),
        }
        server.shutdown()


class _Git(BaseHTTPRequestHandler):
    """Takes CONNECT as a proxy does, and is itself the server behind it."""

    tls: ssl.SSLContext
    repositories: Path
    protocol_version = "HTTP/1.1"

    def do_CONNECT(self) -> None:
        """Go on with the same connection as the forge."""
        self.send_response(200)
        self.end_headers()
        self.connection = self.tls.wrap_socket(self.connection, server_side=True)
        self.rfile = self.connection.makefile("rb")
        self.wfile: Any = self.connection.makefile("wb", buffering=0)
        self.close_connection = False

    def do_GET(self) -> None:
        """Have Git answer.

        Source:
            https://git-scm.com/docs/git-http-backend
        """
        path, _, query = self.path.partition("?")
        length = self.headers.get("Content-Length", "0")
        environment = {
            "GIT_PROJECT_ROOT": str(self.repositories),
            "GIT_HTTP_EXPORT_ALL": "1",
            "PATH": os.environ["PATH"],
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "REQUEST_METHOD": self.command,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": length,
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "HTTP_GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
        }
        answer = subprocess.run(
            ["git", "http-backend"],  # noqa: S607 - of PATH
            input=self.rfile.read(int(length)),
            env=environment,
            stdout=subprocess.PIPE,
            check=True,
        ).stdout
        head, _, body = answer.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
        self.send_response(int(headers.pop("Status", "200").split()[0]))
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET  # noqa: N815 - the name that is called

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, ANN401
        """Write no line for each request."""
