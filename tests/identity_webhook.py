"""EKS's pod identity webhook, as far as pods need it: the API server asks this one.

The real one is in no package registry. Which pods it is asked about is the API server's
to decide, by the selectors of its configuration; what it puts into them is that of the
real one, which tests/engine/test_webhook.py runs where it is installed.

Source:
    https://github.com/aws/amazon-eks-pod-identity-webhook
"""

import base64
import json
import ssl
import threading
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

from hands import ROLE_ARN_ANNOTATION, Hands
from typing_extensions import override

from sandbox.control_plane import ControlPlane
from sandbox.control_plane.credentials import credentials_in

__all__ = ["NAME", "WEBHOOKS", "configuration", "serve_webhook"]

NAME: Final = "pod-identity-webhook"
_PREFIX: Final = "eks.amazonaws.com"
WEBHOOKS: Final = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations"
_MOUNT: Final = "/var/run/secrets/eks.amazonaws.com/serviceaccount"
_EKS_MOUNT: Final = "/var/run/secrets/pods.eks.amazonaws.com/serviceaccount"
# Container, volume, mount, audience and file of each of the two ways.
_FULL_URI: Final = "http://169.254.170.23/v1/credentials"

Associated = Callable[[str], bool]


def configuration(plane: ControlPlane, url: str) -> dict[str, Any]:
    """Give what the API server is told of the webhook, as EKS has it."""
    skipped = {
        "key": f"{_PREFIX}/skip-pod-identity-webhook",
        "operator": "DoesNotExist",
    }
    rule = {
        "operations": ["CREATE"],
        "apiGroups": [""],
        "apiVersions": ["v1"],
        "resources": ["pods"],
    }
    webhook = {
        "name": "iam-for-pods.amazonaws.com",
        "failurePolicy": "Ignore",
        "clientConfig": {"url": url, "caBundle": plane.ca_pem_base64},
        "rules": [rule],
        "objectSelector": {"matchExpressions": [skipped]},
        "sideEffects": "None",
        "admissionReviewVersions": ["v1beta1"],
        "timeoutSeconds": 5,
    }
    return {"metadata": {"name": NAME}, "webhooks": [webhook]}


@contextmanager
def serve_webhook(
    plane: ControlPlane, hands: Hands, *, associated: Associated
) -> Generator[dict[str, Any]]:
    """Have the API server ask about each new pod.

    Args:
        plane: Whose API server.
        hands: How service accounts are read.
        associated: Whether a service account has an EKS Pod Identity association.

    Yields:
        What the API server was told.
    """
    credentials = credentials_in(plane.directory)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(credentials.serving_certificate, credentials.serving_key)
    handler = partial(_Handler, hands, associated)
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    told = configuration(plane, f"https://127.0.0.1:{server.server_port}/mutate")
    try:
        made = plane.request(method="POST", path=WEBHOOKS, body=told)
        assert made.status == 201, made.text
        yield told
    finally:
        plane.request(method="DELETE", path=f"{WEBHOOKS}/{NAME}")
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    def __init__(self, hands: Hands, associated: Associated, *request: Any) -> None:  # noqa: ANN401 - the server's
        self._hands = hands
        self._associated = associated
        super().__init__(*request)

    def do_POST(self) -> None:
        """Answer an AdmissionReview."""
        length = int(self.headers["Content-Length"])
        review = json.loads(self.rfile.read(length))
        asked = review["request"]
        pod = asked["object"]
        key = f"{asked['namespace']}/{pod['spec'].get('serviceAccountName', 'default')}"
        account = self._hands.service_account(key) or {"metadata": {}}
        annotations = account["metadata"].get("annotations", {})
        patch = [*patched(pod, annotations, associated=self._associated(key))]
        review["response"] = {"uid": asked["uid"], "allowed": True}
        if patch:
            text = base64.b64encode(json.dumps(patch).encode()).decode()
            review["response"] |= {"patchType": "JSONPatch", "patch": text}
        body = json.dumps(review).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    @override
    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


def patched(
    pod: Mapping[str, Any], annotations: Mapping[str, str], *, associated: bool
) -> Iterator[dict[str, Any]]:
    """Give the JSON patch for a pod of a service account with these annotations."""
    role_arn = annotations.get(ROLE_ARN_ANNOTATION)
    if associated:
        mount, volume, file = (
            _EKS_MOUNT,
            "eks-pod-identity-token",
            "eks-pod-identity-token",
        )
        audience = "pods.eks.amazonaws.com"
        variables = {
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": _FULL_URI,
            "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": f"{mount}/{file}",
        }
    elif role_arn:
        mount, volume, file = _MOUNT, "aws-iam-token", "token"
        audience = annotations.get(f"{_PREFIX}/audience", "sts.amazonaws.com")
        variables = {
            "AWS_ROLE_ARN": role_arn,
            "AWS_WEB_IDENTITY_TOKEN_FILE": f"{mount}/{file}",
        }
    else:
        return
    own = pod["metadata"].get("annotations", {}).get(f"{_PREFIX}/skip-containers", "")
    skipped = {name.strip() for name in own.split(",")}
    for index, container in enumerate(pod["spec"]["containers"]):
        if container["name"] in skipped:
            continue
        yield from _container(index, container, variables, volume=volume, mount=mount)
    seconds = int(annotations.get(f"{_PREFIX}/token-expiration", "86400"))
    token = {"audience": audience, "expirationSeconds": max(seconds, 600), "path": file}
    source = {"projected": {"sources": [{"serviceAccountToken": token}]}}
    volumes = [{"name": volume, **source}, *pod["spec"].get("volumes", [])]
    yield {"op": "add", "path": "/spec/volumes", "value": volumes}


def _container(
    index: int,
    container: Mapping[str, Any],
    variables: Mapping[str, str],
    *,
    volume: str,
    mount: str,
) -> Iterator[dict[str, Any]]:
    path = f"/spec/containers/{index}"
    held = container.get("env", [])
    # A container that defines any of a group gets none of it.
    if not {one["name"] for one in held} & {*variables}:
        wanted = [{"name": name, "value": value} for name, value in variables.items()]
        region = {"name": "AWS_REGION", "value": "us-west-2"}
        yield {"op": "add", "path": f"{path}/env", "value": [*held, region, *wanted]}
    mounts = container.get("volumeMounts", [])
    ours = {"name": volume, "mountPath": mount, "readOnly": True}
    yield {"op": "add", "path": f"{path}/volumeMounts", "value": [*mounts, ours]}
