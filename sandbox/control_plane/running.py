"""Etcd, kube-apiserver and kube-controller-manager, running as one control plane."""

import base64
import socket
from collections.abc import Callable
from contextlib import ExitStack
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final, Self

from filelock import FileLock, Timeout

from sandbox.binaries import Binaries
from sandbox.control_plane import servers
from sandbox.control_plane.client import AdminClient, Answer
from sandbox.control_plane.credentials import (
    Credentials,
    credentials_in,
    write_kubeconfig,
)
from sandbox.control_plane.ports import LOOPBACK, ReservedPort
from sandbox.control_plane.server_processes import ControlPlaneError, ServerProcesses

__all__ = ["ControlPlane"]

FIRST_WORK: Final = "/api/v1/namespaces/default/serviceaccounts/default"
"""The account `default` of the namespace `default`, which a controller makes."""

SHORTEST_TOKEN_SECONDS: Final = 600
"""Source: https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-request-v1/"""


class ControlPlane:
    """A real Kubernetes control plane on this machine, for as long as it is open.

    Everything lives in one directory: keys, etcd's data, logs (`<server>.log`). Opened
    again on the same directory it is the same cluster at another port. Several run side
    by side in directories of their own. None of its processes outlives this one.

    Attributes:
        directory: Where everything lives.
        issuer_url: Issuer of its service account tokens, `https://<issuer>`.
        endpoint: URL of the API server, `https://127.0.0.1:<port>`.
        ca_pem: Certificate of the CA that vouches for the endpoint, PEM.
        admin_token: Bearer token of a member of system:masters.
        kubeconfig: Path of a kubeconfig for the same administrator.
        signing_key: Path of the private RSA key (PEM) that signs the tokens, for proofs
            that need tokens which this API server would never issue.
    """

    def __init__(
        self,
        *,
        binaries: Binaries,
        directory: Path,
        issuer_url: str,
        report: Callable[[str], None],
    ) -> None:
        """Start the servers and wait until they are ready.

        Args:
            binaries: The programs.
            directory: Folder of this control plane; made when missing.
            issuer_url: `https://oidc.eks.<region>.<suffix>/id/<ID>` on EKS.
            report: Gets a line of progress now and then.

        Raises:
            ControlPlaneError: A server ended, or was not ready in two minutes (the
                message holds the end of its log), or another process has a control
                plane open in *directory*.
        """
        self.directory: Final = directory.resolve()
        self.issuer_url: Final = issuer_url
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._open = ExitStack()
        try:
            self._hold_directory()
            credentials = credentials_in(self.directory)
            self.ca_pem: Final = credentials.ca_pem
            self.admin_token: Final = credentials.admin_token
            self.signing_key: Final = credentials.signing_key
            self.kubeconfig: Final = self.directory / "kubeconfig"
            port = self._open.enter_context(ReservedPort()).number
            self.endpoint: Final = f"https://{LOOPBACK}:{port}"
            self._client = AdminClient(
                endpoint=self.endpoint, ca_pem=self.ca_pem, token=self.admin_token
            )
            write_kubeconfig(
                path=self.kubeconfig,
                endpoint=self.endpoint,
                ca_pem_base64=self.ca_pem_base64,
                token=self.admin_token,
            )
            self._servers = self._open.enter_context(
                ServerProcesses(directory=self.directory)
            )
            self._start(binaries, credentials, port, report)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        """Give the running control plane."""
        return self

    def __exit__(self, *_error: object) -> None:
        """Stop it."""
        self.close()

    @property
    def ca_pem_base64(self) -> str:
        """The CA as an EKS cluster's description holds it.

        Source: https://docs.aws.amazon.com/eks/latest/APIReference/API_Certificate.html
        """
        return base64.b64encode(self.ca_pem.encode()).decode("ascii")

    def close(self) -> None:
        """End every process and give the ports back; the directory stays as it is.

        The servers are killed: what they hold is in the directory, and a gentle end of
        the API server waits for its watchers. Closing twice does nothing.
        """
        self._open.close()

    def check(self) -> None:
        """Make sure that every server is still running.

        Raises:
            ControlPlaneError: One has ended; the message holds the end of its log.
        """
        self._servers.check()

    def request(
        self,
        *,
        method: str,
        path: str,
        body: object = None,
        content_type: str = "application/json",
        token: str | None = None,
    ) -> Answer:
        """Send one request as the administrator, or as the bearer of *token*.

        Args:
            method: HTTP method.
            path: Path and query, beginning with a slash.
            body: What is sent as JSON; bytes are sent as they are. Default: nothing.
            content_type: Media type of *body*. Default: `application/json`.
            token: Bearer token. Default: the administrator's.

        Returns:
            The answer, whatever its status.

        Raises:
            ControlPlaneError: A server has ended.
            OSError: The API server cannot be reached.
        """
        try:
            return self._client.request(
                method=method,
                path=path,
                body=body,
                content_type=content_type,
                token=token,
            )
        except OSError:
            self.check()
            raise

    def jwks(self) -> dict[str, Any]:
        """Fetch the public keys of the tokens: `{"keys": [...]}`, never empty.

        Source: https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#service-account-issuer-discovery
        """
        return self._document(method="GET", path="/openid/v1/jwks")

    def request_token(
        self,
        *,
        namespace: str,
        service_account: str,
        audience: str,
        expiration_seconds: int = SHORTEST_TOKEN_SECONDS,
        pod: str | None = None,
    ) -> str:
        """Request a token of one service account, as the kubelet does for a pod.

        Args:
            namespace: Namespace of the account.
            service_account: Name of the account; it exists.
            audience: Whom the token is for, `sts.amazonaws.com` for IRSA.
            expiration_seconds: How long it is valid, at least 600. Default: 600.
            pod: A pod of the account, which the token is bound to. Default: to none.

        Returns:
            The token, a JWT in compact form.

        Raises:
            ControlPlaneError: The API server refuses; the message is its own.
        """
        bound = {"kind": "Pod", "apiVersion": "v1", "name": pod} if pod else None
        granted = self._document(
            method="POST",
            path=f"/api/v1/namespaces/{namespace}/serviceaccounts/{service_account}/token",
            body={
                "apiVersion": "authentication.k8s.io/v1",
                "kind": "TokenRequest",
                "spec": {
                    "audiences": [audience],
                    "expirationSeconds": expiration_seconds,
                    "boundObjectRef": bound,
                },
            },
        )
        return granted["status"]["token"]

    def _document(
        self, *, method: str, path: str, body: object = None
    ) -> dict[str, Any]:
        """Send a request that must succeed and give what came back."""
        answer = self.request(method=method, path=path, body=body)
        if answer.status not in {HTTPStatus.OK, HTTPStatus.CREATED}:
            message = f"{method} {path}: {answer.status} {answer.text}"
            raise ControlPlaneError(message)
        return answer.document

    def _hold_directory(self) -> None:
        """Refuse a second control plane on the same data while this one is open."""
        lock = FileLock(self.directory / "lock", thread_local=False)
        try:
            self._open.enter_context(lock.acquire(timeout=0))
        except Timeout as error:
            message = (
                f"another process has the control plane in {self.directory} open; end "
                "that one first, or take another directory"
            )
            raise ControlPlaneError(message) from error

    def _start(
        self,
        binaries: Binaries,
        credentials: Credentials,
        port: int,
        report: Callable[[str], None],
    ) -> None:
        """Start the three servers, each when what it needs is there."""
        etcd_port, peer_port = (
            self._open.enter_context(ReservedPort()).number for _ in range(2)
        )
        etcd = servers.etcd_command(
            program=binaries.etcd,
            data=self.directory / "etcd",
            client_port=etcd_port,
            peer_port=peer_port,
        )
        api_server = servers.api_server_command(
            program=binaries.kube_apiserver,
            credentials=credentials,
            port=port,
            etcd_port=etcd_port,
            issuer_url=self.issuer_url,
        )
        controllers = servers.controller_manager_command(
            program=binaries.kube_controller_manager, kubeconfig=self.kubeconfig
        )
        self._servers.start("etcd", etcd)
        self._servers.wait_for("etcd", lambda: _silent(etcd_port), report)
        self._servers.start("kube-apiserver", api_server)
        self._servers.wait_for(
            "the API server", lambda: self._lacking("/readyz"), report
        )
        # Only now: it gives up on an API server that is not there in 10 seconds.
        self._servers.start("kube-controller-manager", controllers)
        self._servers.wait_for(
            "the controllers", lambda: self._lacking(FIRST_WORK), report
        )

    def _lacking(self, path: str) -> str | None:
        """Say what stands between us and an answer of 200; None: nothing."""
        try:
            answer = self._client.request(method="GET", path=path)
        except OSError as error:
            return f"GET {path}: {error}"
        if answer.status == HTTPStatus.OK:
            return None
        return f"GET {path}: {answer.status} {answer.text}"


def _silent(port: int) -> str | None:
    """Say why nothing listens at *port*; None: something does."""
    try:
        socket.create_connection((LOOPBACK, port), timeout=1).close()
    except OSError as error:
        return f"port {port}: {error}"
    return None
