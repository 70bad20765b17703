"""Which associations EKS is asked for, by botocore, and as whom."""

import asyncio
import json
import threading
from collections.abc import Generator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, Final

import botocore.session  # type: ignore[import-untyped]  # it has no types
import botocore.stub  # type: ignore[import-untyped]  # as above
import pytest

from eks_irsa.live.clients import AwsSession
from eks_irsa.plan.associations import ExistingAssociation
from eks_irsa.plan.model import Cluster
from eks_irsa.stack import existing_associations

CLUSTER: Final = Cluster(
    name="cluster-13",
    region="us-west-2",
    partition="aws",
    account_id="111122223333",
    issuer_url="https://oidc.test/id/0",
)
LIST: Final = "list_pod_identity_associations"
DESCRIBE: Final = "describe_pod_identity_association"
ALL: Final = {"clusterName": "cluster-13"}
ASSUMED: Final = """\
<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
<AssumeRoleResult><Credentials><AccessKeyId>ASIAROLE</AccessKeyId>
<SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>
<Expiration>2030-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult>
</AssumeRoleResponse>
"""


def stubbed(monkeypatch: pytest.MonkeyPatch, *answers: tuple[str, Any, Any]) -> Any:  # noqa: ANN401 - botocore has no types
    """Have EKS give these answers, one after the other, and no other."""
    core: Any = botocore
    client = core.session.Session().create_client(
        "eks",
        region_name="us-west-2",
        aws_access_key_id="x",
        aws_secret_access_key="x",  # noqa: S106 - no secret
    )
    stubber = core.stub.Stubber(client)
    for operation, expected, answer in answers:
        if isinstance(answer, str):
            stubber.add_client_error(operation, answer, expected_params=expected)
        else:
            stubber.add_response(operation, answer, expected)
    stubber.activate()

    def of_test(*_: object, **__: object) -> object:
        return client

    monkeypatch.setattr(AwsSession, "client", of_test)
    return stubber


def listed(*keys: str, token: str | None = None, **more: str) -> dict[str, Any]:
    """Word a page of associations as EKS does."""
    associations = [
        {
            "clusterName": "cluster-13",
            "namespace": key.split("/")[0],
            "serviceAccount": key.split("/")[1],
            "associationId": f"a-{key}",
            **more,
        }
        for key in keys
    ]
    return {"associations": associations, **({"nextToken": token} if token else {})}


def looked_up(
    *keys: str, config: Mapping[str, str] | None = None
) -> Mapping[str, ExistingAssociation]:
    """Look up associations as the stack program does."""
    look_up = existing_associations.existing_associations
    # In a thread, because it leaves the one it runs in without an event loop.
    with ThreadPoolExecutor(1) as thread:
        asked = look_up(CLUSTER, keys, config=config or {})
        return thread.submit(asyncio.run, asked).result()


def test_all_pages_are_read_and_the_tags_of_those_in_the_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Botocore holds question and answer to what EKS has."""
    (summary,) = listed("a/y")["associations"]
    described = {"association": {**summary, "tags": {"k": "v"}}}
    stubber = stubbed(
        monkeypatch,
        (LIST, ALL, listed("a/x", token="t", ownerArn="arn:addon")),  # noqa: S106 - no secret
        (LIST, {**ALL, "nextToken": "t"}, listed("a/y")),
        (DESCRIBE, {**ALL, "associationId": "a-a/y"}, described),
    )

    assert looked_up("a/y", "a/z") == {
        "a/x": ExistingAssociation(id="a-a/x", owner="arn:addon"),
        "a/y": ExistingAssociation(id="a-a/y", tags={"k": "v"}),
    }
    stubber.assert_no_pending_responses()


def test_refusal_of_eks_is_the_reason_for_each(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing stops the run."""
    stubbed(monkeypatch, (LIST, ALL, "AccessDeniedException"))

    (x, y) = looked_up("a/x", "a/y").values()

    assert x == y
    assert x.unread == (
        "AccessDeniedException: An error occurred (AccessDeniedException) when calling "
        "the ListPodIdentityAssociations operation:"
    )


def test_tags_that_may_not_be_read_leave_the_association_known(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """That it exists is what matters."""
    stubbed(
        monkeypatch,
        (LIST, ALL, listed("a/x")),
        (DESCRIBE, {**ALL, "associationId": "a-a/x"}, "AccessDeniedException"),
    )

    assert looked_up("a/x") == {"a/x": ExistingAssociation(id="a-a/x", tags=None)}


def test_nothing_is_asked_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Botocore is not even loaded."""
    asked: list[object] = []
    monkeypatch.setattr(existing_associations, "_read", asked.append)

    assert looked_up() == {}
    assert asked == []


@contextmanager
def aws() -> Generator[tuple[str, list[str]]]:
    """Answer as EKS and STS, and note the path and access key of each request."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(json.dumps({"associations": []}))

        def do_POST(self) -> None:
            self._answer(ASSUMED)

        def _answer(self, text: str) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            key = self.headers["Authorization"].partition("Credential=")[2]
            asked.append(f"{self.path} {'/'.join(key.split('/')[:4:3])}")
            self.send_response(200)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the base
            """Keep the tests quiet."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize(
    ("config", "asked"),
    [
        pytest.param(
            {},
            ["/clusters/cluster-13/pod-identity-associations AKIAENV/eks"],
            id="environment",
        ),
        pytest.param(
            {"aws:profile": "prod"},
            ["/clusters/cluster-13/pod-identity-associations AKIAPROFILE/eks"],
            id="profile before the environment",
        ),
        pytest.param(
            {
                "aws:profile": "prod",
                "aws:assumeRoles": '[{"roleArn": "arn:aws:iam::111122223333:role/x"}]',
            },
            [
                "/ AKIAPROFILE/sts",
                "/clusters/cluster-13/pod-identity-associations ASIAROLE/eks",
            ],
            id="role",
        ),
    ],
)
def test_eks_is_asked_as_the_identity_of_the_aws_provider(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    config: Mapping[str, str],
    asked: list[str],
) -> None:
    """At the endpoint of the environment, which botocore finds by itself."""
    profile = "[prod]\naws_access_key_id = AKIAPROFILE\naws_secret_access_key = s\n"
    (tmp_path / "credentials").write_text(profile, encoding="utf-8")
    with aws() as (url, requests):
        for name, value in {
            "AWS_ACCESS_KEY_ID": "AKIAENV",
            "AWS_SECRET_ACCESS_KEY": "s",
            "AWS_CONFIG_FILE": str(tmp_path / "config"),
            "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "credentials"),
            "AWS_ENDPOINT_URL": url,
        }.items():
            monkeypatch.setenv(name, value)

        found = looked_up("a/x", config=config)

    assert found == {}
    assert requests == asked


def test_profile_that_there_is_not_is_the_reason(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Botocore's own words say which."""
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))

    found = looked_up("a/x", config={"aws:profile": "nobody"})

    assert found == {
        "a/x": ExistingAssociation(
            unread="ProfileNotFound: The config profile (nobody) could not be found"
        )
    }
