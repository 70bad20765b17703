"""Keys, certificates and the administrator's token of one control plane.

They are made once per directory and found again afterwards, so that a control plane
started again on its directory is the same cluster: same CA, same signing key, same
administrator.
"""

import ipaddress
import json
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

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

VALIDITY: Final = timedelta(days=3650)
CLOCK_TOLERANCE: Final = timedelta(minutes=5)
SIGNING_KEY_SIZE_BITS: Final = 2048

_PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """Where the files are, and the two values that clients need."""

    ca_certificate: Path
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
        ca_certificate=paths["ca.pem"],
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
    ca_key = ec.generate_private_key(ec.SECP256R1())
    ca_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sandbox CA")])
    ca = _certificate_of(ca_name, ca_key.public_key(), issuer=ca_name, path_length=0)
    serving_key = ec.generate_private_key(ec.SECP256R1())
    serving = (
        _certificate_of(
            x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "kube-apiserver")]),
            serving_key.public_key(),
            issuer=ca_name,
            path_length=None,
        )
        .add_extension(
            x509.SubjectAlternativeName(
                [
                    x509.IPAddress(ipaddress.ip_address(LOOPBACK)),
                    x509.DNSName("localhost"),
                ]
            ),
            critical=False,
        )
        .add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False
        )
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()),
            critical=False,
        )
    )
    signing_key = rsa.generate_private_key(
        public_exponent=65537, key_size=SIGNING_KEY_SIZE_BITS
    )
    token = secrets.token_urlsafe(32)
    return {
        "ca.pem": _pem(ca.sign(ca_key, hashes.SHA256())),
        "serving.pem": _pem(serving.sign(ca_key, hashes.SHA256())),
        "serving.key": _key_pem(serving_key),
        "signing.key": _key_pem(signing_key),
        "tokens": f'{token},{ADMINISTRATOR},{ADMINISTRATOR},"{ADMINISTRATORS}"\n',
    }


def _certificate_of(
    subject: x509.Name,
    key: ec.EllipticCurvePublicKey,
    *,
    issuer: x509.Name,
    path_length: int | None,
) -> x509.CertificateBuilder:
    """Begin a certificate; a CA's where *path_length* is given."""
    now = datetime.now(tz=UTC)
    is_ca = path_length is not None
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCK_TOLERANCE)
        .not_valid_after(now + VALIDITY)
        .add_extension(
            x509.BasicConstraints(ca=is_ca, path_length=path_length), critical=True
        )
        .add_extension(_key_usage(signs_certificates=is_ca), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    """State what the key is for, as strict verifiers (Python 3.13) demand."""
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode("ascii")


def _key_pem(key: _PrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode("ascii")


def _write_private(path: Path, text: str) -> None:
    """Write a file that nobody but its owner may ever have read."""
    path.unlink(missing_ok=True)
    path.touch(mode=0o600, exist_ok=False)
    path.write_text(text)
