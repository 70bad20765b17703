"""The command lines of the three servers: pure, so that they can be read and tested.

What is said here about EKS is what a workload or a client can see of it; everything
else is left at the server's own default.
"""

from pathlib import Path
from typing import Final

from sandbox.control_plane.credentials import Credentials
from sandbox.control_plane.ports import LOOPBACK

__all__ = [
    "API_AUDIENCE",
    "CONTROLLERS",
    "api_server_command",
    "controller_manager_command",
    "etcd_command",
]

API_AUDIENCE: Final = "https://kubernetes.default.svc"
"""Audience of the tokens meant for the API server itself, as seen in pods on EKS.

The API server's own default is its issuer. It is named here so that a token for
`sts.amazonaws.com` does not open the API server, and the other way round.
"""

SERVICE_ADDRESSES: Final = "10.100.0.0/16"
"""Source: https://docs.aws.amazon.com/eks/latest/APIReference/API_KubernetesNetworkConfigRequest.html"""

CONTROLLERS: Final = (
    # Roll a Deployment out: it makes a ReplicaSet, which makes pods.
    "deployment-controller",
    # Finishes foreground deletions: nothing else takes that finalizer away.
    "garbage-collector-controller",
    # Empties a namespace that is being deleted, and lets it go.
    "namespace-controller",
    "replicaset-controller",
    # Gives every namespace its account `default`.
    "serviceaccount-controller",
)
"""The controllers that what we make depends on.

Source: https://kubernetes.io/docs/reference/command-line-tools-reference/kube-controller-manager/
"""


def etcd_command(
    *, program: Path, data: Path, client_port: int, peer_port: int
) -> list[str]:
    """Give etcd's command line: one member, on the loopback address, without fsync.

    Without fsync the data outlives a killed process, but not a crash of the machine.

    Source: https://etcd.io/docs/v3.6/op-guide/configuration/
    """
    client_url = f"http://{LOOPBACK}:{client_port}"
    peer_url = f"http://{LOOPBACK}:{peer_port}"
    return [
        str(program),
        f"--data-dir={data}",
        f"--listen-client-urls={client_url}",
        f"--advertise-client-urls={client_url}",
        f"--listen-peer-urls={peer_url}",
        f"--initial-advertise-peer-urls={peer_url}",
        f"--initial-cluster=default={peer_url}",
        "--socket-reuse-port",
        "--unsafe-no-fsync",
    ]


def api_server_command(
    *,
    program: Path,
    credentials: Credentials,
    port: int,
    etcd_port: int,
    issuer_url: str,
) -> list[str]:
    """Give kube-apiserver's command line.

    Tokens are issued in the name of *issuer_url*, and the discovery document sends
    verifiers to `<issuer_url>/keys`, both as EKS does. Authorization is RBAC.
    Admission is the server's default, the ServiceAccount plugin included: it refuses
    pods of accounts that are not there, and the controller makes `default`.

    Args:
        program: The executable.
        credentials: Keys and certificates.
        port: Port of the loopback address for HTTPS.
        etcd_port: Port of etcd.
        issuer_url: `https://<issuer>`, no slash at the end.

    Source:
        https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/,
        https://docs.aws.amazon.com/eks/latest/userguide/irsa-fetch-keys.html (`/keys`).
    """
    return [
        str(program),
        f"--bind-address={LOOPBACK}",
        f"--secure-port={port}",
        "--permit-port-sharing",
        # Both: a machine without a default route has no address to advertise, and the
        # loopback address is none that the endpoints of a service may hold.
        f"--advertise-address={LOOPBACK}",
        "--endpoint-reconciler-type=none",
        f"--etcd-servers=http://{LOOPBACK}:{etcd_port}",
        f"--tls-cert-file={credentials.serving_certificate}",
        f"--tls-private-key-file={credentials.serving_key}",
        f"--token-auth-file={credentials.token_file}",
        "--authorization-mode=RBAC",
        "--allow-privileged=true",
        f"--service-cluster-ip-range={SERVICE_ADDRESSES}",
        f"--service-account-issuer={issuer_url}",
        f"--service-account-jwks-uri={issuer_url}/keys",
        f"--service-account-signing-key-file={credentials.signing_key}",
        f"--service-account-key-file={credentials.signing_key}",
        f"--api-audiences={API_AUDIENCE}",
    ]


def controller_manager_command(*, program: Path, kubeconfig: Path) -> list[str]:
    """Give kube-controller-manager's command line: `CONTROLLERS`, and no port.

    Source: https://kubernetes.io/docs/reference/command-line-tools-reference/kube-controller-manager/
    """
    return [
        str(program),
        f"--kubeconfig={kubeconfig}",
        f"--controllers={','.join(CONTROLLERS)}",
        "--leader-elect=false",
        "--secure-port=0",
    ]
