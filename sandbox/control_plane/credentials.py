"""Keys, certificates and the administrator's token of one control plane.

They are made once per directory and found again afterwards, so that a control plane
started again on its directory is the same cluster: same CA, same signing key, same
administrator.
"""

import json
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import trustme
from joserfc.jwk import RSAKey

from sandbox.control_plane.ports import LOOPBACK

__all__ = ["Credentials", "credentials_in", "write_kubeconfig"]

ADMINISTRATOR: Final = "kubernetes-admin"
"""The name EKS gives to the cluster's creator.

Source: https://docs.aws.amazon.com/eks/latest/userguide/auth-configmap.html
"""

ADMINISTRATORS: Final = "system:masters"
"""The group that may do everything.

Source: https://kubernetes.io/docs/reference/access-authn-authz/rbac/#user-facing-roles
"""

SIGNING_KEY_SIZE_BITS: Final = 2048


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """Where the files are, and the two values that clients need."""

    serving_certificate: Path
    serving_key: Path
    signing_key: Path
    token_file: Path
    ca_pem: str
    admin_token: str


def credentials_in(directory: Path) -> Credentials:
    """Give the credentials in *directory*, made anew unless all of them are there.

    Args:
        directory: An existing folder; its files become readable by their owner only.
    """
    paths = {
        name: directory / name
        for name in ("ca.pem", "serving.pem", "serving.key", "signing.key", "tokens")
    }
    if not all(path.is_file() for path in paths.values()):
        for name, text in _new_files().items():
            _write_private(paths[name], text)
    return Credentials(
        serving_certificate=paths["serving.pem"],
        serving_key=paths["serving.key"],
        signing_key=paths["signing.key"],
        token_file=paths["tokens"],
        ca_pem=paths["ca.pem"].read_text(),
        admin_token=paths["tokens"].read_text().partition(",")[0],
    )


def write_kubeconfig(
    *,
    path: Path,
    endpoint: str,
    ca_pem_base64: str,
    token: str,
    user: str = ADMINISTRATOR,
) -> None:
    """Write a kubeconfig with one context, `sandbox`.

    Args:
        path: The file; its folder exists.
        endpoint: URL of the API server, `https://<address>:<port>`.
        ca_pem_base64: The CA's PEM text in base64.
        token: The user's bearer token.
        user: What the file calls the user. Default: the administrator.
    """
    name = "sandbox"
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": name,
        "clusters": [
            {
                "name": name,
                "cluster": {
                    "server": endpoint,
                    "certificate-authority-data": ca_pem_base64,
                },
            }
        ],
        "users": [{"name": user, "user": {"token": token}}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": user}}],
    }
    # JSON is YAML, so that kubectl and every client read it.
    _write_private(path, json.dumps(document, indent=2) + "\n")


def _new_files() -> dict[str, str]:
    """Make everything, as name of the file -> text."""
    ca = trustme.CA()
    serving = ca.issue_cert(LOOPBACK, "localhost")
    token = secrets.token_urlsafe(32)
    return {
        "ca.pem": ca.cert_pem.bytes().decode(),
        "serving.pem": serving.cert_chain_pems[0].bytes().decode(),
        "serving.key": serving.private_key_pem.bytes().decode(),
        "signing.key": RSAKey.generate_key(SIGNING_KEY_SIZE_BITS)
        .as_pem(private=True)
        .decode(),
        "tokens": f'{token},{ADMINISTRATOR},{ADMINISTRATOR},"{ADMINISTRATORS}"\n',
    }


def _write_private(path: Path, text: str) -> None:
    """Write a file that nobody but its owner may ever have read."""
    path.unlink(missing_ok=True)
    path.touch(mode=0o600, exist_ok=False)
    path.write_text(text)
