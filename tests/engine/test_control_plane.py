"""The sandbox's Kubernetes, run for real: etcd, API server, controllers.

What it decides: that tokens are those EKS would give, that deletion ends, that two
stand side by side, and that nothing is left of them.
"""

import json
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import urllib3
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from sandbox.binaries import Binaries
from sandbox.control_plane import (
    ControlPlane,
    ControlPlaneError,
    pod_identity_webhook,
)
from sandbox.control_plane.front import serve_front
from sandbox.interception import Request

pytestmark = pytest.mark.engine

ROOT: Final = Path(__file__).parents[2]
ISSUER_URL: Final = (
    "https://oidc.eks.us-west-2.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF"
)
DEADLINE_SECONDS: Final = 60.0

OWNER: Final = """
import sys
from pathlib import Path
from sandbox.binaries import find_or_build
from sandbox.control_plane import ControlPlane
control_plane = ControlPlane(
    binaries=find_or_build(report=sys.stderr.write),
    directory=Path(sys.argv[1]),
    issuer_url=sys.argv[2],
    report=sys.stderr.write,
)
print("ready", flush=True)
sys.stdin.read()
"""
"""A process that owns a control plane and then waits."""


@pytest.fixture(scope="module")
def control_plane(
    binaries: Binaries, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ControlPlane]:
    """One control plane for the tests that leave it running."""
    directory = tmp_path_factory.mktemp("control-plane")
    with _started(binaries, directory) as running:
        yield running


def test_token_says_what_a_pod_on_eks_would_say(control_plane: ControlPlane) -> None:
    """IAM looks at issuer, subject and audience; the server's own keys verify them."""
    token = control_plane.request_token(
        namespace="default", service_account="default", audience="sts.amazonaws.com"
    )

    keys = KeySet([RSAKey.import_key(key) for key in control_plane.jwks()["keys"]])
    claims = jwt.decode(token, keys, algorithms=["RS256"]).claims

    assert {name: claims[name] for name in ("iss", "sub", "aud")} == {
        "iss": ISSUER_URL,
        "sub": "system:serviceaccount:default:default",
        "aud": ["sts.amazonaws.com"],
    }
    assert claims["exp"] - claims["iat"] == 600


def test_discovery_document_is_the_one_of_eks(control_plane: ControlPlane) -> None:
    """Verifiers are sent to the issuer's /keys, as EKS's public documents say."""
    answer = control_plane.request(
        method="GET", path="/.well-known/openid-configuration"
    )

    assert answer.document == {
        "issuer": ISSUER_URL,
        "jwks_uri": f"{ISSUER_URL}/keys",
        "response_types_supported": ["id_token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
    }


def test_a_token_for_sts_does_not_open_the_api_server(
    control_plane: ControlPlane,
) -> None:
    """The API server takes tokens that are meant for it, and those by their rights."""
    statuses = {
        audience: control_plane.request(
            method="GET",
            path="/api/v1/namespaces",
            token=control_plane.request_token(
                namespace="default", service_account="default", audience=audience
            ),
        ).status
        for audience in ("sts.amazonaws.com", "https://kubernetes.default.svc")
    }

    assert statuses == {
        "sts.amazonaws.com": 401,
        "https://kubernetes.default.svc": 403,
    }


def test_a_token_shorter_than_ten_minutes_is_refused(
    control_plane: ControlPlane,
) -> None:
    """The refusal is the API server's own."""
    with pytest.raises(ControlPlaneError, match="may not specify a duration less than"):
        control_plane.request_token(
            namespace="default",
            service_account="default",
            audience="sts.amazonaws.com",
            expiration_seconds=599,
        )


def test_a_deleted_namespace_goes_with_all_it_holds(
    control_plane: ControlPlane,
) -> None:
    """The namespace controller empties it and lets it go."""
    _create(control_plane, "/api/v1/namespaces", "Namespace", "short-lived")
    accounts = "/api/v1/namespaces/short-lived/serviceaccounts"
    _create(control_plane, accounts, "ServiceAccount", "reader")

    control_plane.request(method="DELETE", path="/api/v1/namespaces/short-lived")

    _eventually(lambda: _is_absent(control_plane, "/api/v1/namespaces/short-lived"))


def test_a_foreground_deletion_ends(control_plane: ControlPlane) -> None:
    """Only the garbage collector takes the finalizer of such a deletion away."""
    accounts = "/api/v1/namespaces/default/serviceaccounts"
    _create(control_plane, accounts, "ServiceAccount", "foreground")

    answer = control_plane.request(
        method="DELETE",
        path=f"{accounts}/foreground",
        body={"propagationPolicy": "Foreground"},
    )

    assert answer.document["metadata"]["finalizers"] == ["foregroundDeletion"]
    _eventually(lambda: _is_absent(control_plane, f"{accounts}/foreground"))


def test_every_namespace_gets_its_default_account(control_plane: ControlPlane) -> None:
    """The service account controller is at work, as on every cluster."""
    _create(control_plane, "/api/v1/namespaces", "Namespace", "fresh")

    account = "/api/v1/namespaces/fresh/serviceaccounts/default"

    _eventually(lambda: not _is_absent(control_plane, account))


def test_kubeconfig_opens_the_same_cluster(control_plane: ControlPlane) -> None:
    """Whoever looks around with kubectl finds the administrator's way in one file."""
    document: dict[str, Any] = _json(control_plane.kubeconfig)

    assert document["clusters"][0]["cluster"] == {
        "server": control_plane.endpoint,
        "certificate-authority-data": control_plane.ca_pem_base64,
    }
    assert document["users"][0]["user"] == {"token": control_plane.admin_token}
    assert control_plane.kubeconfig.stat().st_mode & 0o777 == 0o600


class Unconcerned:
    """An interceptor that lets everything through."""

    def before(self, request: Request) -> None:
        """Let a request through."""

    def after(self, request: Request) -> None:
        """Let its answer through."""


def test_compressed_answers_pass_the_front_as_they_are(
    control_plane: ControlPlane,
) -> None:
    """Go's clients ask for them, and the API server compresses what is large."""
    path = "/openapi/v2"
    headers = {
        "Accept": "application/json",
        "Accept-Encoding": "gzip",
        "Authorization": f"Bearer {control_plane.admin_token}",
    }
    trusted = ssl.create_default_context(cadata=control_plane.ca_pem)

    with serve_front(control_plane, Unconcerned()) as endpoint:
        answer = urllib3.PoolManager(ssl_context=trusted).request(
            "GET", endpoint + path, headers=headers
        )

    direct = control_plane.request(method="GET", path=path)
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.json() == direct.document


def test_a_webhook_that_ends_is_named_and_leaves_nothing(
    control_plane: ControlPlane, tmp_path: Path
) -> None:
    """Pods are created all the same, as its failure is ignored; on EKS too."""
    program = tmp_path / "webhook"
    program.write_text("#!/bin/sh\necho 'no certificate'; exit 3\n")
    program.chmod(0o755)

    with (
        pytest.raises(ControlPlaneError) as raised,
        pod_identity_webhook(control_plane, program=program, report=_say),
    ):
        pass

    assert str(raised.value).splitlines() == [
        "pod-identity-webhook ended with status 3.",
        f"The end of {control_plane.directory}/pod-identity-webhook.log:",
        "  no certificate",
    ]
    for kind in (
        "api/v1/namespaces/default/serviceaccounts",
        "apis/rbac.authorization.k8s.io/v1/clusterroles",
        "apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
        "apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations",
    ):
        assert _is_absent(control_plane, f"/{kind}/pod-identity-webhook")


def test_two_stand_side_by_side_and_one_comes_back_as_it_was(
    control_plane: ControlPlane, binaries: Binaries, tmp_path: Path
) -> None:
    """A second one has its own ports, keys and objects, and keeps them when closed."""
    with _started(binaries, tmp_path) as second:
        _create(second, "/api/v1/namespaces", "Namespace", "only-here")
        keys = second.jwks()
        elsewhere = control_plane.request(
            method="GET", path="/api/v1/namespaces/only-here"
        )

    with _started(binaries, tmp_path) as again:
        found = again.request(method="GET", path="/api/v1/namespaces/only-here")

        assert (elsewhere.status, found.status) == (404, 200)
        assert again.jwks() == keys != control_plane.jwks()


def test_nothing_is_left_after_close(binaries: Binaries, tmp_path: Path) -> None:
    """Three servers and their keepers are there before, and none after."""
    with _started(binaries, tmp_path):
        before = _processes_of(tmp_path)

    assert len(before) == 6
    assert _processes_of(tmp_path) == []


def test_nothing_is_left_when_the_owner_is_killed(
    binaries: Binaries, tmp_path: Path
) -> None:
    """SIGKILL of the process that opened it ends the control plane too."""
    del binaries  # they are there, so that the owner need not build
    with subprocess.Popen(  # noqa: S603 (our own script)
        [sys.executable, "-c", OWNER, str(tmp_path), ISSUER_URL],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as owner:
        assert owner.stdout is not None
        said = owner.stdout.readline()
        before = _processes_of(tmp_path)

        owner.kill()

    assert said == b"ready\n"
    assert len(before) == 6 + 1  # the owner was given the directory, too
    _eventually(lambda: _processes_of(tmp_path) == [])


def _started(binaries: Binaries, directory: Path) -> ControlPlane:
    return ControlPlane(
        binaries=binaries, directory=directory, issuer_url=ISSUER_URL, report=_say
    )


def _create(control_plane: ControlPlane, path: str, kind: str, name: str) -> None:
    answer = control_plane.request(
        method="POST",
        path=path,
        body={"apiVersion": "v1", "kind": kind, "metadata": {"name": name}},
    )
    assert answer.status == 201, answer.text


def _is_absent(control_plane: ControlPlane, path: str) -> bool:
    return control_plane.request(method="GET", path=path).status == 404


def _processes_of(directory: Path) -> list[str]:
    """Give the command lines of all processes that name *directory*."""
    listed = subprocess.run(
        ["ps", "-A", "-ww", "-o", "args="],  # noqa: S607 (wherever ps is)
        capture_output=True,
        text=True,
        check=True,
    )
    return [line for line in listed.stdout.splitlines() if str(directory) in line]


def _eventually(holds: Callable[[], bool]) -> None:
    """Look until something holds; fail when it does not within a minute."""
    end = time.monotonic() + DEADLINE_SECONDS
    while not holds():
        assert time.monotonic() < end, "it did not come to hold in time"
        time.sleep(0.05)  # between two looks, not instead of one


def _json(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text())


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
