"""The tokens of a proof: a service account's own, and every wrong one beside it.

A token is requested from the API server, as the kubelet does for a pod.
"""

import json
import time
import uuid
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from joserfc import jws
from joserfc.jwk import RSAKey

from sandbox.aws.clients import ClientError
from sandbox.control_plane import ControlPlane, ControlPlaneError

__all__ = [
    "OWN_TOKEN",
    "REFUSED_TOKENS",
    "Attempt",
    "Subject",
    "attempted",
    "neighbours",
]

OWN_TOKEN: Final = "its own token"  # noqa: S105 - the name of a case
_OTHER_AUDIENCE: Final = "vault.example.com"
_OTHER_ISSUER: Final = "https://oidc.eks.us-west-2.amazonaws.com/id/SOMEBODYELSES"
_LIFETIME_SECONDS: Final = 600


@dataclass(frozen=True, kw_only=True, slots=True)
class Attempt:
    """One token taken to AWS.

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
        """Whether AWS gave credentials."""
        return not self.code


def attempted(kind: str, ask: Callable[[], str]) -> Attempt:
    """Take a token to AWS.

    Args:
        kind: What the token is.
        ask: Makes the call, and gives the ARN of the assumed role.
    """
    try:
        return Attempt(token=kind, code="", answer=ask())
    except ClientError as error:
        refusal: Mapping[str, str] = vars(error)["response"]["Error"]
        return Attempt(token=kind, code=refusal["Code"], answer=refusal["Message"])


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """The service account under proof, and what is beside it to be refused.

    Attributes:
        plane: Whose service account it is.
        namespace: Its namespace.
        name: Its name.
        other_namespace: Where another one of that name is.
        other_name: Of another one in its namespace.
        audience: Whom its tokens are for.
        in_pods: Whether the tokens are those of pods, one for each service account.
    """

    plane: ControlPlane
    namespace: str
    name: str
    other_namespace: str
    other_name: str
    audience: str
    in_pods: bool

    def token(self, *, namespace: str = "", name: str = "", audience: str = "") -> str:
        """Request a token, its own but for what is named."""
        service_account = name or self.name
        return self.plane.request_token(
            namespace=namespace or self.namespace,
            service_account=service_account,
            audience=audience or self.audience,
            pod=f"proof-{service_account}" if self.in_pods else None,
        )


def _expired(subject: Subject) -> str:
    header, claims = _parts(subject.token())
    past = int(time.time()) - 2 * _LIFETIME_SECONDS
    times = {"iat": past, "nbf": past, "exp": past + _LIFETIME_SECONDS}
    return _signed(header, claims | times, subject.plane.signing_key.read_bytes())


def _of_another_issuer(subject: Subject) -> str:
    header, claims = _parts(subject.token())
    key = RSAKey.generate_key(2048).as_pem(private=True)
    return _signed(header, claims | {"iss": _OTHER_ISSUER}, key)


def _broken(subject: Subject) -> str:
    head, _, signature = subject.token().rpartition(".")
    swapped = "B" if signature[0] == "A" else "A"
    return f"{head}.{swapped}{signature[1:]}"


REFUSED_TOKENS: Final[Mapping[str, Callable[[Subject], str]]] = {
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
def neighbours(
    plane: ControlPlane,
    namespace: str,
    name: str,
    *,
    audience: str,
    in_pods: bool = False,
) -> Generator[Subject]:
    """Have a service account of the same name elsewhere, and another one beside it.

    Args:
        plane: Where the service account is.
        namespace: Its namespace.
        name: Its name.
        audience: Whom its tokens are for.
        in_pods: Whether each of the three has a pod, which its tokens are bound to.
            Default: no.
    """
    suffix = uuid.uuid4().hex[:8]
    elsewhere, beside = f"proof-{suffix}", f"proof-{suffix}"
    _create(plane, "/api/v1/namespaces", {"name": elsewhere}, "Namespace")
    accounts = "/api/v1/namespaces/{}/serviceaccounts"
    everyone = ((namespace, name), (elsewhere, name), (namespace, beside))
    pods = everyone if in_pods else ()
    try:
        _create(plane, accounts.format(elsewhere), {"name": name}, "ServiceAccount")
        _create(plane, accounts.format(namespace), {"name": beside}, "ServiceAccount")
        for where, one in pods:
            _create_pod(plane, where, one)
        yield Subject(
            plane=plane,
            namespace=namespace,
            name=name,
            other_namespace=elsewhere,
            other_name=beside,
            audience=audience,
            in_pods=in_pods,
        )
    finally:
        for path in (
            *(_pod_path(where, one) for where, one in pods),
            f"{accounts.format(namespace)}/{beside}",
            f"{accounts.format(elsewhere)}/{name}",
            f"/api/v1/namespaces/{elsewhere}",
        ):
            plane.request(method="DELETE", path=path)


def _create(
    plane: ControlPlane,
    path: str,
    metadata: Mapping[str, str],
    kind: str,
    **more: object,
) -> None:
    body = {"apiVersion": "v1", "kind": kind, "metadata": metadata, **more}
    answer = plane.request(method="POST", path=path, body=body)
    if answer.status not in {HTTPStatus.CREATED, HTTPStatus.CONFLICT}:
        message = f"POST {path}: {answer.status} {answer.text}"
        raise ControlPlaneError(message)


def _pod_path(namespace: str, service_account: str) -> str:
    name = f"proof-{service_account}"
    return f"/api/v1/namespaces/{namespace}/pods/{name}?gracePeriodSeconds=0"


def _create_pod(plane: ControlPlane, namespace: str, service_account: str) -> None:
    """Make a pod that no node will ever run."""
    spec = {
        "automountServiceAccountToken": False,
        "containers": [{"name": "proof", "image": "proof"}],
        "serviceAccountName": service_account,
    }
    metadata = {"name": f"proof-{service_account}"}
    path = f"/api/v1/namespaces/{namespace}/pods"
    _create(plane, path, metadata, "Pod", spec=spec)
