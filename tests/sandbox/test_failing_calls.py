"""Calls that fail on the way: what an interceptor sees, and which are made again."""

import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from kubeconfigs import kubeconfig
from reliability.faults import AWS_FAULTS, FailOnce

from sandbox.aws.server import Aws, start_aws
from sandbox.control_plane.front import as_request
from sandbox.interception import Failure, Request
from sandbox.plugins.aws.account import Account, ServiceError
from sandbox.plugins.aws.configuration import Configuration
from sandbox.plugins.kubernetes.api_server import ApiError, ApiServer
from sandbox.plugins.kubernetes.kubeconfig import parse, target_of

ACCOUNT_ID = "510987654321"
ACCOUNT = "/api/v1/namespaces/apps/serviceaccounts"


@pytest.fixture(name="aws", scope="module")
def _aws() -> Iterator[Aws]:
    with start_aws(region="us-west-2", account_id=ACCOUNT_ID) as started:
        yield started


def account_of(aws: Aws) -> Account:
    """Give the AWS double's way to an account."""
    keys = aws.environment()
    return Account(
        Configuration(
            region="us-west-2",
            access_key=keys["AWS_ACCESS_KEY_ID"],
            secret_key=keys["AWS_SECRET_ACCESS_KEY"],
            endpoints={"iam": aws.endpoint_url},
        )
    )


def everything(request: Request) -> bool:
    """Concern every request."""
    del request
    return True


@pytest.mark.parametrize("name", list(AWS_FAULTS))
def test_throttled_and_failed_calls_to_aws_are_made_again(aws: Aws, name: str) -> None:
    """The SDK's standard mode asks again; the caller sees the answer alone."""
    faults = FailOnce(AWS_FAULTS[name], concerns=everything)
    before = len(aws.calls)

    with aws.intercepted(faults):
        answer = account_of(aws).call("iam", "ListOpenIDConnectProviders")

    assert answer["OpenIDConnectProviderList"] == []
    statuses = [call.status for call in aws.calls[before:]]
    assert statuses == [AWS_FAULTS[name].status, 200]


def test_refused_calls_to_aws_are_not_made_again(aws: Aws) -> None:
    """A refusal would only be repeated."""
    denied = Failure(status=403, code="AccessDenied", message="no")
    before = len(aws.calls)

    with (
        aws.intercepted(FailOnce(denied, concerns=everything)),
        pytest.raises(ServiceError, match=r"StatusCode: 403, .* AccessDenied: no"),
    ):
        account_of(aws).call("iam", "ListOpenIDConnectProviders")

    assert [call.code for call in aws.calls[before:]] == ["AccessDenied"]


@contextmanager
def answers(
    *scripted: tuple[int, str | None],
) -> Generator[tuple[ApiServer, list[str]]]:
    """Serve an API server that gives these statuses and Retry-After, one by one."""
    left, seen = list(scripted), list[str]()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(self.path)
            status, after = left.pop(0)
            self.send_response_only(status)
            if after is not None:
                self.send_header("Retry-After", after)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        url = f"http://127.0.0.1:{server.server_port}"
        yield ApiServer(target_of(parse(kubeconfig(server=url)))), seen
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize("status", [429, 500, 503])
def test_api_server_that_says_when_is_asked_again(status: int) -> None:
    """As client-go does, whatever the failure."""
    with answers((status, "0"), (status, "0"), (200, None)) as (server, seen):
        answer = server.get("/version")

    assert (answer, seen) == ({}, ["/version"] * 3)


@pytest.mark.parametrize(
    ("status", "after"), [(500, None), (503, None), (429, "soon"), (409, "0")]
)
def test_api_server_that_does_not_say_when_is_believed(
    status: int, after: str | None
) -> None:
    """No header, or not a number of seconds, or no failure to be retried."""
    with answers((status, after)) as (server, seen), pytest.raises(ApiError) as refused:
        server.get("/version")

    assert (refused.value.status, seen) == (status, ["/version"])


def test_api_server_is_asked_eleven_times_at_most() -> None:
    """Ten retries after the first attempt."""
    failing = [(429, "0")] * 12
    with answers(*failing) as (server, seen), pytest.raises(ApiError):
        server.get("/version")

    assert len(seen) == 11


@pytest.mark.parametrize(
    ("method", "url", "body", "words", "changes"),
    [
        ("GET", ACCOUNT, b"", "kubernetes list serviceaccounts apps", False),
        ("GET", f"{ACCOUNT}/a", b"", "kubernetes get serviceaccounts apps/a", False),
        (
            "POST",
            f"{ACCOUNT}?fieldManager=x",
            b'{"metadata": {"name": "a"}}',
            "kubernetes create serviceaccounts apps/a",
            True,
        ),
        (
            "PATCH",
            f"{ACCOUNT}/a?dryRun=All",
            b"{}",
            "kubernetes patch serviceaccounts apps/a",
            False,
        ),
        (
            "POST",
            f"{ACCOUNT}/a/token",
            b"{}",
            "kubernetes create serviceaccounts/token apps/a",
            True,
        ),
        (
            "DELETE",
            "/api/v1/namespaces/apps",
            b"",
            "kubernetes delete namespaces apps",
            True,
        ),
        ("GET", "/version", b"", "kubernetes get /version", False),
    ],
)
def test_requests_are_named_as_rbac_names_them(
    method: str, url: str, body: bytes, words: str, *, changes: bool
) -> None:
    """Verb, resource and what it is about."""
    request = as_request(method, url, body)

    assert (str(request), request.changes) == (words, changes)
