"""EKS's pod identity webhook beside a control plane, as on EKS: outside the cluster.

The API server asks it about every new pod, and it puts role and token into those whose
service account is annotated. It only runs where somebody asks for it.
"""

from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

from sandbox.control_plane.credentials import credentials_in, write_kubeconfig
from sandbox.control_plane.ports import LOOPBACK, ReservedPort
from sandbox.control_plane.running import ControlPlane
from sandbox.control_plane.server_processes import ControlPlaneError, ServerProcesses
from sandbox.control_plane.servers import API_AUDIENCE

__all__ = ["pod_identity_webhook"]

NAME: Final = "pod-identity-webhook"
NAMESPACE: Final = "default"
TOKEN_SECONDS: Final = 86400

PROBED_ROLE: Final = "arn:aws:iam::000000000000:role/probe"
"""What the webhook's own account is annotated with, so that a pod of it would show it.

No other answer tells that the webhook has read the accounts and that the API server
asks it: the place of its /healthz changed between versions.
"""

_RBAC: Final = "/apis/rbac.authorization.k8s.io/v1"
_WEBHOOKS: Final = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations"
_ACCOUNTS: Final = f"/api/v1/namespaces/{NAMESPACE}/serviceaccounts"
_PODS: Final = f"/api/v1/namespaces/{NAMESPACE}/pods"


@contextmanager
def pod_identity_webhook(
    plane: ControlPlane, *, program: Path, report: Callable[[str], None]
) -> Generator[None]:
    """Have the webhook see every pod that is created while the context lasts.

    It knows accounts from a watch, as on EKS: a pod that is created in the same moment
    as its account is annotated may miss it.

    Args:
        plane: A running control plane; nothing of the webhook stays in it.
        program: The webhook's executable.
        report: Gets a line of progress now and then.

    Raises:
        ControlPlaneError: The webhook ended, or did nothing for two minutes (the
            message holds the end of its log), or the API server refused it.
    """
    with ExitStack() as stack:
        port, metrics_port = (
            stack.enter_context(ReservedPort()).number for _ in range(2)
        )
        for path, body in _objects(plane, port):
            _make(plane, path, body)
            stack.callback(
                plane.request,
                method="DELETE",
                path=f"{path}/{body['metadata']['name']}",
            )
        kubeconfig = plane.directory / f"{NAME}.kubeconfig"
        write_kubeconfig(
            path=kubeconfig,
            endpoint=plane.endpoint,
            ca_pem_base64=plane.ca_pem_base64,
            user=NAME,
            token=plane.request_token(
                namespace=NAMESPACE,
                service_account=NAME,
                audience=API_AUDIENCE,
                expiration_seconds=TOKEN_SECONDS,
            ),
        )
        servers = stack.enter_context(ServerProcesses(directory=plane.directory))
        servers.start(NAME, _command(program, plane, kubeconfig, port, metrics_port))
        servers.wait_for("the webhook", lambda: _idle(plane), report)
        yield


def _command(
    program: Path, plane: ControlPlane, kubeconfig: Path, port: int, metrics_port: int
) -> list[str]:
    """Give the command line: outside the cluster, pods and tokens at its defaults.

    It listens at every address and cannot be told otherwise. Its certificate is the API
    server's, which is made out to the same address.

    Source: https://github.com/aws/amazon-eks-pod-identity-webhook/blob/master/main.go
    """
    credentials = credentials_in(plane.directory)
    return [
        str(program),
        "--in-cluster=false",
        f"--kubeconfig={kubeconfig}",
        f"--tls-cert={credentials.serving_certificate}",
        f"--tls-key={credentials.serving_key}",
        f"--port={port}",
        f"--metrics-port={metrics_port}",
    ]


def _objects(plane: ControlPlane, port: int) -> list[tuple[str, dict[str, Any]]]:
    """Give what the webhook needs in the cluster, each with the path it is made at.

    It may read service accounts and nothing else.

    Source: https://github.com/aws/amazon-eks-pod-identity-webhook/blob/master/deploy/auth.yaml
    """
    name = {"metadata": {"name": NAME}}
    annotations = {"eks.amazonaws.com/role-arn": PROBED_ROLE}
    rule = {
        "apiGroups": [""],
        "resources": ["serviceaccounts"],
        "verbs": ["get", "watch", "list"],
    }
    binding = {
        "roleRef": {
            "apiGroup": "rbac.authorization.k8s.io",
            "kind": "ClusterRole",
            "name": NAME,
        },
        "subjects": [{"kind": "ServiceAccount", "namespace": NAMESPACE, "name": NAME}],
    }
    return [
        (_ACCOUNTS, {"metadata": {"name": NAME, "annotations": annotations}}),
        (f"{_RBAC}/clusterroles", {**name, "rules": [rule]}),
        (f"{_RBAC}/clusterrolebindings", {**name, **binding}),
        (_WEBHOOKS, {**name, "webhooks": [_registration(plane, port)]}),
    ]


def _registration(plane: ControlPlane, port: int) -> dict[str, Any]:
    """Give what the API server is told: each new pod, and go on without an answer.

    Source: https://github.com/aws/amazon-eks-pod-identity-webhook/blob/master/deploy/mutatingwebhook.yaml
    """
    rule = {
        "operations": ["CREATE"],
        "apiGroups": [""],
        "apiVersions": ["v1"],
        "resources": ["pods"],
    }
    skipped = "eks.amazonaws.com/skip-pod-identity-webhook"
    selected = {"key": skipped, "operator": "DoesNotExist"}
    return {
        "name": f"{NAME}.amazonaws.com",
        "failurePolicy": "Ignore",
        "clientConfig": {
            "url": f"https://{LOOPBACK}:{port}/mutate",
            "caBundle": plane.ca_pem_base64,
        },
        "rules": [rule],
        "objectSelector": {"matchExpressions": [selected]},
        "sideEffects": "None",
        "admissionReviewVersions": ["v1beta1"],
    }


def _make(plane: ControlPlane, path: str, body: dict[str, Any]) -> None:
    answer = plane.request(method="POST", path=path, body=body)
    if answer.status != HTTPStatus.CREATED:
        message = f"POST {path}: {answer.status} {answer.text}"
        raise ControlPlaneError(message)


def _idle(plane: ControlPlane) -> str | None:
    """Say what a pod of the annotated account would lack; None: nothing."""
    container = {"name": "probe", "image": "probe"}
    answer = plane.request(
        method="POST",
        path=f"{_PODS}?dryRun=All",
        body={
            "metadata": {"name": NAME},
            "spec": {"serviceAccountName": NAME, "containers": [container]},
        },
    )
    if answer.status == HTTPStatus.CREATED and PROBED_ROLE in answer.text:
        return None
    return f"a pod gets no role: {answer.status} {answer.text}"
