"""One request to AWS, read off the wire: which service, which action, which parameters.

IAM, STS and CloudFormation speak AWS's query protocol (a form with `Action`), EKS
speaks REST.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final
from urllib.parse import parse_qsl, unquote

from sandbox.aws.refusal import Refusal

__all__ = [
    "Call",
    "CallRecord",
    "Credential",
    "WireRequest",
    "read_call",
    "read_request",
]

# Service and region of a request come from the scope it was signed for.
# Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-authentication-methods.html
_AUTHORIZATION: Final = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<key>[^/]+)/(?P<date>\d{8})/(?P<region>[^/]+)/"
    r"(?P<service>[^/]+)/aws4_request,\s*SignedHeaders=(?P<headers>[^,]+),"
    r"\s*Signature=(?P<signature>[0-9a-f]{64})"
)
# The one action of ours that needs no signature, which is its point.
# Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
_UNSIGNED: Final = "AssumeRoleWithWebIdentity"
_DEFAULT_REGION: Final = "us-east-1"
_QUERY_SERVICES: Final = frozenset({"cloudformation", "iam", "sts"})
# Service, method and path, with a star for each name in it -> action.
# Source: botocore's service models (data/eks/2017-11-01, data/eks-auth/2023-11-26)
_ASSOCIATIONS: Final = "clusters/*/pod-identity-associations"
_REST_ACTIONS: Final[Mapping[tuple[str, str, str], str]] = {
    ("eks", "DELETE", "clusters/*"): "DeleteCluster",
    ("eks", "DELETE", "tags/*"): "UntagResource",
    ("eks", "DELETE", f"{_ASSOCIATIONS}/*"): "DeletePodIdentityAssociation",
    ("eks", "GET", "clusters"): "ListClusters",
    ("eks", "GET", "clusters/*"): "DescribeCluster",
    ("eks", "GET", "clusters/*/addons"): "ListAddons",
    ("eks", "GET", "clusters/*/addons/*"): "DescribeAddon",
    ("eks", "GET", _ASSOCIATIONS): "ListPodIdentityAssociations",
    ("eks", "GET", f"{_ASSOCIATIONS}/*"): "DescribePodIdentityAssociation",
    ("eks", "POST", "clusters"): "CreateCluster",
    ("eks", "POST", "tags/*"): "TagResource",
    ("eks", "POST", _ASSOCIATIONS): "CreatePodIdentityAssociation",
    ("eks", "POST", f"{_ASSOCIATIONS}/*"): "UpdatePodIdentityAssociation",
    (
        "eks-auth",
        "POST",
        "clusters/*/assume-role-for-pod-identity",
    ): "AssumeRoleForPodIdentity",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Credential:
    """Who signed a request, and how: the parts of its `Authorization` header."""

    access_key_id: str
    date: str
    region: str
    service: str
    signed_headers: tuple[str, ...]
    signature: str


@dataclass(frozen=True, kw_only=True, slots=True)
class WireRequest:
    """What arrived: the bytes a signature covers.

    Attributes:
        method: HTTP method in capitals.
        path: Path as sent, still percent-encoded.
        query: Query as sent, without the question mark; may be empty.
        headers: Lower-case name -> value.
        body: May be empty.
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def names(self) -> tuple[str, ...]:
        """What a REST path names, decoded: every second part, such as the cluster."""
        return tuple(map(unquote, self.path.strip("/").split("/")[1::2]))

    def json(self) -> dict[str, Any]:
        """Read the body of a REST call; an empty one has no members."""
        return json.loads(self.body or b"{}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """One request, understood.

    Attributes:
        service: As in the scope of the signature: `iam`, `sts`, `cloudformation`,
            `eks`, `eks-auth`, or one that the sandbox does not have.
        action: Name of the API action, such as `CreateRole`.
        region: Region the request was signed for.
        parameters: The form of the query protocol, flat as on the wire
            (`Tags.member.1.Key`); empty for other services.
        credential: Who signed; None for an unsigned call.
    """

    service: str
    action: str
    region: str
    parameters: Mapping[str, str]
    credential: Credential | None

    def members(self, name: str) -> tuple[str, ...]:
        """Return the texts of list parameter *name*, in order."""
        return self._indexed(f"{name}.member.", "")

    def tags(self) -> tuple[tuple[str, str], ...]:
        """Return key and value of each tag in the request, in order."""
        keys = self._indexed("Tags.member.", ".Key")
        values = self._indexed("Tags.member.", ".Value")
        return tuple(zip(keys, values, strict=True))

    def _indexed(self, prefix: str, suffix: str) -> tuple[str, ...]:
        found: list[str] = []
        while (name := f"{prefix}{len(found) + 1}{suffix}") in self.parameters:
            found.append(self.parameters[name])
        return tuple(found)


@dataclass(frozen=True, kw_only=True, slots=True)
class CallRecord:
    """One call that was answered.

    Attributes:
        service: `iam`, `sts`, `cloudformation`, `eks` or `eks-auth`; empty if it could
            not be told.
        action: Such as `CreateRole`; empty if it could not be told.
        status: HTTP status of the answer.
        code: AWS's error code; empty for success.
        detail: What AWS does not tell: why a trust policy let a token in or kept it
            out; empty for other calls.
    """

    service: str
    action: str
    status: int
    code: str = ""
    detail: str = ""


def read_request(environ: dict[str, Any]) -> WireRequest:
    """Read a WSGI request, and leave its body in *environ* to be read again."""
    length = int(environ.get("CONTENT_LENGTH") or 0)
    body = environ["wsgi.input"].read(length) if length else b""
    environ["wsgi.input"] = BytesIO(body)
    raw = str(environ["RAW_URI"])
    path, _, query = raw.partition("?")
    headers = {
        key.removeprefix("HTTP_").replace("_", "-").lower(): str(value)
        for key, value in environ.items()
        if key.startswith("HTTP_") or key in {"CONTENT_TYPE", "CONTENT_LENGTH"}
    }
    return WireRequest(
        method=environ["REQUEST_METHOD"],
        path=path,
        query=query,
        headers=headers,
        body=body,
    )


def read_call(request: WireRequest) -> Call:
    """Understand *request*.

    Raises:
        Refusal: It is not signed, or not as AWS wants it, and has to be.
    """
    credential = _credential(request)
    service = credential.service if credential else "sts"
    if service in _QUERY_SERVICES:
        parameters = dict(
            parse_qsl(request.body.decode() or request.query, keep_blank_values=True)
        )
        action = parameters.get("Action", "")
    else:
        parameters = {}
        target = request.headers.get("x-amz-target", "")
        action = target.rpartition(".")[2] or _rest_action(request, service)
    if credential is None and action != _UNSIGNED:
        # Source: https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html
        raise Refusal(
            code="MissingAuthenticationToken",
            message="Request is missing Authentication Token",
        )
    return Call(
        service=service,
        action=action,
        region=credential.region if credential else _DEFAULT_REGION,
        parameters=parameters,
        credential=credential,
    )


def _credential(request: WireRequest) -> Credential | None:
    authorization = request.headers.get("authorization")
    if authorization is None:
        return None
    match = _AUTHORIZATION.fullmatch(authorization)
    if match is None:
        # Source: https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html
        raise Refusal(
            code="IncompleteSignature",
            message="The request signature does not conform to AWS standards.",
        )
    return Credential(
        access_key_id=match["key"],
        date=match["date"],
        region=match["region"],
        service=match["service"],
        signed_headers=tuple(match["headers"].split(";")),
        signature=match["signature"],
    )


def _rest_action(request: WireRequest, service: str) -> str:
    parts = request.path.strip("/").split("/")
    parts[1::2] = "*" * len(parts[1::2])
    shape = (service, request.method, "/".join(parts))
    return _REST_ACTIONS.get(shape, f"{request.method} {request.path}")
