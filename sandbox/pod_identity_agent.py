"""The agent of EKS Pod Identity, as far as an AWS SDK in a pod needs it.

On EKS it runs on every node, at 169.254.170.23; SDKs take 127.0.0.1 as well.

Source:
    aws/eks-pod-identity-agent, pkg/handlers/eks_credential_handler.go and
    pkg/credentials/model.go
"""

import json
import threading
from collections.abc import Generator
from contextlib import contextmanager
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

from typing_extensions import override

from sandbox.aws.clients import ClientError, administrator
from sandbox.aws.server import Aws

__all__ = ["run_agent"]

_PATH: Final = "/v1/credentials"


@contextmanager
def run_agent(aws: Aws, *, cluster: str, region: str) -> Generator[str]:
    """Serve credentials to the pods of one cluster on a free port of 127.0.0.1.

    Args:
        aws: Where the cluster is.
        cluster: Its name.
        region: Its AWS region.

    Yields:
        What AWS_CONTAINER_CREDENTIALS_FULL_URI is to be.
    """
    client = administrator(aws, "eks-auth", region=region)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, client, cluster))
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}{_PATH}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    """Trades the token in `Authorization`, which is sent without a scheme."""

    def __init__(self, client: Any, cluster: str, *request: Any) -> None:  # noqa: ANN401 - boto3's and the server's
        self._client = client
        self._cluster = cluster
        super().__init__(*request)

    def do_GET(self) -> None:
        """Answer one request for credentials."""
        if self.path != _PATH:
            self._answer(HTTPStatus.NOT_FOUND, b"404 page not found\n")
            return
        token = self.headers.get("Authorization", "")
        try:
            answer = self._client.assume_role_for_pod_identity(
                clusterName=self._cluster, token=token
            )
        except ClientError as error:
            told: Any = vars(error)["response"]
            status = told["ResponseMetadata"]["HTTPStatusCode"]
            text = f"({told['Error']['Code']}): {told['Error']['Message']}"
            self._answer(status, text.encode())
            return
        self._answer(HTTPStatus.OK, json.dumps(_as_sdks_read(answer)).encode())

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    @override
    def log_message(self, format: str, *args: object) -> None:
        """Write nothing."""


def _as_sdks_read(answer: Any) -> dict[str, str]:  # noqa: ANN401 - boto3 has no types
    given = answer["credentials"]
    return {
        "AccessKeyId": given["accessKeyId"],
        "SecretAccessKey": given["secretAccessKey"],
        "Token": given["sessionToken"],
        "AccountId": answer["assumedRoleUser"]["arn"].split(":")[4],
        "Expiration": given["expiration"].isoformat(),
    }
