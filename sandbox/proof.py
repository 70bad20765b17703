"""The proof: who gets credentials for a role, and who is refused, and by which words.

For a service account a token is requested from the API server, as the kubelet does for
a pod, and taken to STS. STS checks it against the trust policy that IAM holds now.
Every other token is refused by the same endpoint.
"""

import json
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

from joserfc import jws
from joserfc.jwk import RSAKey

from sandbox.aws.clients import ClientError, anonymous
from sandbox.control_plane import ControlPlane, ControlPlaneError
from sandbox.session import Sandbox

__all__ = [
    "AUDIENCE",
    "OWN_TOKEN",
    "REFUSED_TOKENS",
    "Attempt",
    "prove",
    "sdk_identity",
]

AUDIENCE: Final = "sts.amazonaws.com"
OWN_TOKEN: Final = "its own token"  # noqa: S105 - the name of a case
_OTHER_AUDIENCE: Final = "vault.example.com"
_OTHER_ISSUER: Final = "https://oidc.eks.us-west-2.amazonaws.com/id/SOMEBODYELSES"
_LIFETIME_SECONDS: Final = 600
# Any call will do; this one needs no permission.
_CALL: Final = "import boto3; print(boto3.client('sts').get_caller_identity()['Arn'])"


@dataclass(frozen=True, kw_only=True, slots=True)
class Attempt:
    """One token taken to STS.

    Attributes:
        token: What it is, such as `OWN_TOKEN` or `another namespace`.
        code: The error's name, such as `AccessDenied`; empty if it got credentials.
        answer: ARN of the assumed role, or the error's message.
    """

    token: str
    code: str
    answer: str

    @property
    def admitted(self) -> bool:
        """Whether STS gave credentials."""
        return not self.code


@dataclass(frozen=True, kw_only=True, slots=True)
class _Subject:
    """The service account under proof, and what is beside it to be refused."""

    plane: ControlPlane
    namespace: str
    name: str
    other_namespace: str
    other_name: str

    def token(self, *, namespace: str = "", name: str = "", audience: str = "") -> str:
        return self.plane.request_token(
            namespace=namespace or self.namespace,
            service_account=name or self.name,
            audience=audience or AUDIENCE,
        )


def prove(
    sandbox: Sandbox, *, namespace: str, service_account: str, role_arn: str
) -> list[Attempt]:
    """Try a role with the token of its service account and with every wrong one.

    Args:
        sandbox: Where the account and the role are.
        namespace: Namespace of the service account.
        service_account: Name of the service account.
        role_arn: The role it is annotated with.

    Returns:
        The attempts: the account's own token first, then those of `REFUSED_TOKENS`.
    """
    with _neighbours(sandbox.control_plane, namespace, service_account) as subject:
        tokens = {OWN_TOKEN: subject.token()}
        tokens |= {kind: make(subject) for kind, make in REFUSED_TOKENS.items()}
    return [_attempt(sandbox, kind, role_arn, token) for kind, token in tokens.items()]


def sdk_identity(sandbox: Sandbox, *, role_arn: str, token: str, folder: Path) -> str:
    """Let the AWS SDK do, in a process of its own, what it does in a pod.

    The process gets nothing but what EKS's pod identity webhook sets, and the way to
    the sandbox's AWS.

    Args:
        sandbox: Where the role is.
        role_arn: Value of AWS_ROLE_ARN.
        token: Content of the file that AWS_WEB_IDENTITY_TOKEN_FILE names.
        folder: Where that file is written.

    Returns:
        ARN as which the SDK's calls are made.
    """
    file = folder / f"token-{uuid.uuid4()}"
    file.touch(mode=0o600)
    file.write_text(token, encoding="utf-8")
    environment = {
        **sandbox.aws.anonymous_environment(),
        "PATH": os.environ.get("PATH", ""),
        "AWS_ROLE_ARN": role_arn,
        "AWS_WEB_IDENTITY_TOKEN_FILE": str(file),
    }
    done = subprocess.run(  # noqa: S603 - our own interpreter and text
        [sys.executable, "-c", _CALL],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    return done.stdout.strip()


def _attempt(sandbox: Sandbox, kind: str, role_arn: str, token: str) -> Attempt:
    try:
        answer = anonymous(sandbox.aws, "sts").assume_role_with_web_identity(
            RoleArn=role_arn, RoleSessionName="proof", WebIdentityToken=token
        )
    except ClientError as error:
        refusal: Mapping[str, str] = vars(error)["response"]["Error"]
        return Attempt(token=kind, code=refusal["Code"], answer=refusal["Message"])
    return Attempt(token=kind, code="", answer=answer["AssumedRoleUser"]["Arn"])


def _expired(subject: _Subject) -> str:
    header, claims = _parts(subject.token())
    past = int(time.time()) - 2 * _LIFETIME_SECONDS
    times = {"iat": past, "nbf": past, "exp": past + _LIFETIME_SECONDS}
    return _signed(header, claims | times, subject.plane.signing_key.read_bytes())


def _of_another_issuer(subject: _Subject) -> str:
    header, claims = _parts(subject.token())
    key = RSAKey.generate_key(2048).as_pem(private=True)
    return _signed(header, claims | {"iss": _OTHER_ISSUER}, key)


def _broken(subject: _Subject) -> str:
    head, _, signature = subject.token().rpartition(".")
    swapped = "B" if signature[0] == "A" else "A"
    return f"{head}.{swapped}{signature[1:]}"


REFUSED_TOKENS: Final[Mapping[str, Callable[[_Subject], str]]] = {
    "another namespace": lambda one: one.token(namespace=one.other_namespace),
    "another name": lambda one: one.token(name=one.other_name),
    "another audience": lambda one: one.token(audience=_OTHER_AUDIENCE),
    "another issuer": _of_another_issuer,
    "a broken signature": _broken,
    "an expired token": _expired,
}


def _parts(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    parsed = jws.extract_compact(token.encode())
    return dict(parsed.headers()), json.loads(parsed.payload)


def _signed(header: dict[str, Any], claims: dict[str, Any], key: bytes) -> str:
    payload = json.dumps(claims).encode()
    return jws.serialize_compact(header, payload, RSAKey.import_key(key))


@contextmanager
def _neighbours(plane: ControlPlane, namespace: str, name: str) -> Generator[_Subject]:
    """Have an account of the same name elsewhere, and another one beside it."""
    suffix = uuid.uuid4().hex[:8]
    elsewhere, beside = f"proof-{suffix}", f"proof-{suffix}"
    _create(plane, "/api/v1/namespaces", {"name": elsewhere}, "Namespace")
    accounts = "/api/v1/namespaces/{}/serviceaccounts"
    try:
        _create(plane, accounts.format(elsewhere), {"name": name}, "ServiceAccount")
        _create(plane, accounts.format(namespace), {"name": beside}, "ServiceAccount")
        yield _Subject(
            plane=plane,
            namespace=namespace,
            name=name,
            other_namespace=elsewhere,
            other_name=beside,
        )
    finally:
        for path in (
            f"{accounts.format(namespace)}/{beside}",
            f"{accounts.format(elsewhere)}/{name}",
            f"/api/v1/namespaces/{elsewhere}",
        ):
            plane.request(method="DELETE", path=path)


def _create(
    plane: ControlPlane, path: str, metadata: Mapping[str, str], kind: str
) -> None:
    body = {"apiVersion": "v1", "kind": kind, "metadata": metadata}
    answer = plane.request(method="POST", path=path, body=body)
    if answer.status not in {HTTPStatus.CREATED, HTTPStatus.CONFLICT}:
        message = f"POST {path}: {answer.status} {answer.text}"
        raise ControlPlaneError(message)
