"""The WSGI layer in front of moto: who calls, may the call be made, who answers it.

A call is authenticated first, then refused if AWS would refuse it, then answered: by
the doubles of STS, of CloudFormation and of EKS's Pod Identity, or by moto.
"""

import json
import threading
import traceback
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Any, Final
from urllib.parse import urlencode

from sandbox.aws.call import (
    Call,
    CallRecord,
    WireRequest,
    read_call,
    read_request,
)
from sandbox.aws.client_ids import change_client_ids
from sandbox.aws.cloudformation import CloudFormation
from sandbox.aws.credentials import Identity, KeyRing
from sandbox.aws.eks import answer_eks
from sandbox.aws.eks_auth import assume_role_for_pod_identity
from sandbox.aws.iam_completion import completed
from sandbox.aws.iam_pages import one_page
from sandbox.aws.iam_rules import check_iam_call
from sandbox.aws.moto_account import (
    ACCOUNT_HEADER,
    ClusterFacts,
    MotoIam,
    WsgiApp,
    applications,
    dress_cluster,
    partition_of,
)
from sandbox.aws.refusal import Refusal, not_covered
from sandbox.aws.sts import assume_role_with_web_identity, get_caller_identity
from sandbox.aws.targets import as_request, passed_roles
from sandbox.aws.web_identity import Jwks  # noqa: TC001 - kept with its kin
from sandbox.aws.xml_text import error_code, error_response, error_text
from sandbox.interception import Failure, Interceptor

__all__ = ["Gateway"]

# What moto answers of EKS. What IAM takes is in `iam_rules`, with its rules.
_EKS_ACTIONS: Final = frozenset(
    {"CreateCluster", "DeleteCluster", "DescribeCluster", "ListClusters"}
)
_OK: Final = 200
_IAM_VERSION: Final = "2010-05-08"
# Those that answer in XML; a call whose service cannot be told gets XML as well.
_XML_SERVICES: Final = frozenset({"", "cloudformation", "iam", "s3", "sts"})
_XML: Final = [("Content-Type", "text/xml")]
_JSON: Final = [("Content-Type", "application/json")]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Answer:
    status: int
    headers: list[tuple[str, str]]
    body: bytes
    detail: str = ""


class Gateway:
    """A WSGI application that answers as AWS.

    Attributes:
        keys: Who may call.
        jwks: Issuer URL -> function that fetches its keys.
        calls: Every call answered, in order.
        failures: Tracebacks of what went wrong in the sandbox itself.
        interceptor: Whoever is asked about each call; None for nobody.
        new_cluster: Gives a new EKS cluster its issuer and API server, by region and
            name; without it no cluster can be made.
    """

    def __init__(self, *, account_id: str) -> None:
        """Serve *account_id*, 12 digits."""
        self.keys = KeyRing(account_id=account_id)
        self.jwks: dict[str, Jwks] = {}
        self.calls: list[CallRecord] = []
        self.failures: list[str] = []
        self.interceptor: Interceptor | None = None
        self.new_cluster: Callable[[str, str], ClusterFacts] | None = None
        self._account_id = account_id
        self._moto: Mapping[str, WsgiApp] = applications()
        self._stacks: dict[str, CloudFormation] = {}
        # moto is not made for threads, and a rule and the act it allows are one step
        self._moto_lock = threading.Lock()

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Answer one WSGI request."""
        service = action = ""
        try:
            request = read_request(environ)
            call = read_call(request)
            service, action = call.service, call.action
            answer = self._intercepted(environ, request, call)
        except Refusal as refusal:
            answer = _refused(refusal, service=service)
        except Exception:  # noqa: BLE001 - the server stands; the traceback is kept
            self.failures.append(traceback.format_exc())
            failure = Refusal(
                code="InternalFailure",
                message="The sandbox's AWS failed; Aws.failures holds the traceback.",
            )
            answer = _refused(failure, service=service)
        code = "" if answer.status == _OK else _code(answer)
        self.calls.append(
            CallRecord(
                service=service,
                action=action,
                status=answer.status,
                code=code,
                detail=answer.detail,
            )
        )
        length = ("Content-Length", str(len(answer.body)))
        headers = [
            item for item in answer.headers if item[0].lower() != "content-length"
        ]
        start_response(f"{answer.status} {code or 'OK'}", [*headers, length])
        return [answer.body]

    def _intercepted(
        self, environ: dict[str, Any], request: WireRequest, call: Call
    ) -> _Answer:
        interceptor = self.interceptor
        if interceptor is None:
            return self._answer(environ, request, call)
        asked = as_request(call, request, account_id=self._account_id)
        for one in (asked, *passed_roles(call, request)):
            if failure := interceptor.before(one):
                return _failed(failure, service=call.service)
        answer = self._answer(environ, request, call)
        # What AWS refused was not carried out.
        if answer.status == _OK and (failure := interceptor.after(asked)):
            return _failed(failure, service=call.service)
        return answer

    def _answer(
        self, environ: dict[str, Any], request: WireRequest, call: Call
    ) -> _Answer:
        if call.credential is None:
            body, detail = assume_role_with_web_identity(
                call, keys=self.keys, jwks=self.jwks
            )
            return _Answer(status=_OK, headers=_XML, body=body, detail=detail)
        identity = self.keys.authenticate(request, call.credential)
        if call.service == "sts":
            return self._answer_sts(call, identity)
        if identity.is_session:
            raise not_covered(
                what=(
                    f"what the permission policies of {identity.resource} allow; its "
                    "session may call sts:GetCallerIdentity only"
                )
            )
        if call.action == "AssumeRoleForPodIdentity":
            given, detail = assume_role_for_pod_identity(
                call,
                request,
                account_id=self._account_id,
                keys=self.keys,
                jwks=self.jwks,
            )
            return _json_answer(given, detail=detail)
        if call.service == "cloudformation":
            with self._moto_lock:
                return self._answer_cloudformation(environ, call)
        if call.service not in self._moto:
            raise not_covered(what=f"the service {call.service!r}")
        with self._moto_lock:
            if call.service == "iam":
                return self._answer_iam(environ, call)
            return self._answer_eks(environ, request, call)

    def _answer_iam(self, environ: dict[str, Any], call: Call) -> _Answer:
        partition = partition_of(call.region)
        iam = MotoIam(account_id=self._account_id, partition=partition)
        check_iam_call(call, iam)
        if body := change_client_ids(call, iam):
            return _Answer(status=_OK, headers=_XML, body=body)
        _replace_form(environ, completed(call, iam))
        answer = self._forward(environ, call)
        return replace(answer, body=one_page(call, answer.body))

    def _answer_cloudformation(self, environ: dict[str, Any], call: Call) -> _Answer:
        """Have CloudFormation call IAM as one of its callers."""

        def act(action: str, given: Mapping[str, str]) -> None:
            parameters = {**given, "Action": action, "Version": _IAM_VERSION}
            asked = replace(call, service="iam", action=action, parameters=parameters)
            answer = self._answer_iam(environ, asked)
            if answer.status != _OK:
                raise Refusal(code=_code(answer), message=error_text(answer.body))

        stacks = self._stacks.setdefault(
            call.region, CloudFormation(region=call.region)
        )
        iam = MotoIam(account_id=self._account_id, partition=partition_of(call.region))
        return _Answer(status=_OK, headers=_XML, body=stacks.answer(call, iam, act))

    def _answer_eks(
        self, environ: dict[str, Any], request: WireRequest, call: Call
    ) -> _Answer:
        answer = answer_eks(call, request, account_id=self._account_id)
        if answer is not None:
            return _json_answer(answer)
        if call.action not in _EKS_ACTIONS:
            raise not_covered(what=f"{call.service}:{call.action}")
        if call.action == "CreateCluster":
            return self._create_cluster(environ, request, call)
        return self._forward(environ, call)

    def _create_cluster(
        self, environ: dict[str, Any], request: WireRequest, call: Call
    ) -> _Answer:
        """Have moto make an EKS cluster, with issuer and API server of the sandbox."""
        if self.new_cluster is None:
            raise not_covered(what="eks:CreateCluster where there is no control plane")
        given = request.json()
        answer = self._forward(environ, call)
        if answer.status == _OK:
            dress_cluster(
                account_id=self._account_id,
                region=call.region,
                name=given["name"],
                facts=self.new_cluster(call.region, given["name"]),
            )
        return answer

    def _answer_sts(self, call: Call, identity: Identity) -> _Answer:
        if call.action == "AssumeRoleWithWebIdentity":
            body, detail = assume_role_with_web_identity(
                call, keys=self.keys, jwks=self.jwks
            )
            return _Answer(status=_OK, headers=_XML, body=body, detail=detail)
        if call.action != "GetCallerIdentity":
            raise not_covered(what=f"sts:{call.action}")
        body = get_caller_identity(call, identity=identity)
        return _Answer(status=_OK, headers=_XML, body=body)

    def _forward(self, environ: dict[str, Any], call: Call) -> _Answer:
        head: list[Any] = []

        def start_response(status: str, headers: list[tuple[str, str]]) -> None:
            head[:] = [status, headers]

        environ[ACCOUNT_HEADER] = self._account_id
        body = b"".join(self._moto[call.service](environ, start_response))
        return _Answer(status=int(head[0].split()[0]), headers=head[1], body=body)


def _json_answer(given: Mapping[str, Any], *, detail: str = "") -> _Answer:
    body = json.dumps(given).encode()
    return _Answer(status=_OK, headers=_JSON, body=body, detail=detail)


def _failed(failure: Failure, *, service: str) -> _Answer:
    refusal = Refusal(code=failure.code, message=failure.message)
    return replace(_refused(refusal, service=service), status=failure.status)


def _refused(refusal: Refusal, *, service: str) -> _Answer:
    if service not in _XML_SERVICES:
        # Source: https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html
        body = json.dumps({"__type": refusal.code, "message": refusal.message}).encode()
        headers = [*_JSON, ("x-amzn-ErrorType", refusal.code)]
    else:
        body = error_response(refusal, service=service)
        headers = _XML
    return _Answer(
        status=refusal.status, headers=headers, body=body, detail=refusal.detail
    )


def _code(answer: _Answer) -> str:
    headers = {name.lower(): value for name, value in answer.headers}
    return headers.get("x-amzn-errortype") or error_code(answer.body)


def _replace_form(environ: dict[str, Any], parameters: Mapping[str, str]) -> None:
    body = urlencode(parameters).encode()
    environ["wsgi.input"] = BytesIO(body)
    environ["CONTENT_LENGTH"] = str(len(body))
