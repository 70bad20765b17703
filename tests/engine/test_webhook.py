"""EKS's pod identity webhook: what a pod gets once its account is annotated.

The webhook is the real one, from PATH; it is in no package registry, and where it is
not installed these tests skip by name. A pod stays pending here, but it is the API
server that shows it to the webhook.
"""

import time
from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest
from hands import ROLE_ARN_ANNOTATION, Hands
from workbench import Workbench

from sandbox.binaries import find_pod_identity_webhook
from sandbox.control_plane import pod_identity_webhook
from sandbox.proof import sdk_identity
from sandbox.session import Sandbox

pytestmark = [pytest.mark.engine, pytest.mark.pod_identity_webhook]

Benches = Callable[..., Workbench]

MOUNT: Final = "/var/run/secrets/eks.amazonaws.com/serviceaccount"
VOLUME: Final = "aws-iam-token"
SPEC: Final = {"containers": [{"name": "app", "image": "app"}]}
WITHIN_SECONDS: Final = 60.0
NOTHING: Final[dict[str, Any]] = {"environment": {}, "mounts": [], "volumes": []}


class Pods:
    """Pods of a service account, `<namespace>/<name>`, as the API server keeps them."""

    def __init__(self, sandbox: Sandbox) -> None:
        """Work on the cluster of a sandbox as its administrator."""
        self._plane = sandbox.control_plane

    def create(self, key: str, *, dry_run: bool = False) -> dict[str, Any]:
        """Create a pod and give what became of it."""
        namespace, _, account = key.partition("/")
        answer = self._plane.request(
            method="POST",
            path=f"/api/v1/namespaces/{namespace}/pods{'?dryRun=All' * dry_run}",
            body={
                "metadata": {"generateName": f"{account}-"},
                "spec": {**SPEC, "serviceAccountName": account},
            },
        )
        assert answer.status == 201, answer.text
        return answer.document

    def await_known(self, key: str) -> None:
        """Wait until the webhook's watch has shown it the account's annotation."""
        until = time.monotonic() + WITHIN_SECONDS
        while injected(self.create(key, dry_run=True)) == NOTHING:
            assert time.monotonic() < until, f"the webhook does not know {key}"
            time.sleep(0.1)

    def deploy(self, key: str) -> None:
        """Make a Deployment of one pod, named as its account."""
        namespace, _, account = key.partition("/")
        labels = {"app": account}
        answer = self._plane.request(
            method="POST",
            path=f"/apis/apps/v1/namespaces/{namespace}/deployments",
            body={
                "metadata": {"name": account},
                "spec": {
                    "selector": {"matchLabels": labels},
                    "template": {
                        "metadata": {"labels": labels},
                        "spec": {**SPEC, "serviceAccountName": account},
                    },
                },
            },
        )
        assert answer.status == 201, answer.text

    def restart(self, key: str) -> None:
        """Do what `kubectl rollout restart deployment` does."""
        namespace, _, account = key.partition("/")
        restarted = {"kubectl.kubernetes.io/restartedAt": "2026-01-01T00:00:00Z"}
        answer = self._plane.request(
            method="PATCH",
            path=f"/apis/apps/v1/namespaces/{namespace}/deployments/{account}",
            body={"spec": {"template": {"metadata": {"annotations": restarted}}}},
            content_type="application/strategic-merge-patch+json",
        )
        assert answer.status == 200, answer.text

    def await_count(self, key: str, count: int) -> list[dict[str, Any]]:
        """Wait until the namespace has so many pods, and give them."""
        namespace, _, _ = key.partition("/")
        until = time.monotonic() + WITHIN_SECONDS
        while True:
            path = f"/api/v1/namespaces/{namespace}/pods"
            pods = self._plane.request(method="GET", path=path).document["items"]
            if len(pods) == count:
                return pods
            assert time.monotonic() < until, f"{len(pods)} pods, not {count}"
            time.sleep(0.1)


@pytest.fixture(scope="module", name="pods")
def _pods(sandbox: Sandbox) -> Iterator[Pods]:
    program = find_pod_identity_webhook()
    if program is None:
        pytest.skip("pod-identity-webhook is not on PATH; no registry has it")
    plane = sandbox.control_plane
    with pod_identity_webhook(plane, program=program, report=print):
        yield Pods(sandbox)


def test_a_pod_gets_role_and_token_however_its_account_was_annotated(
    bench: Benches, pods: Pods, hands: Hands, sandbox: Sandbox
) -> None:
    """Owned, overridden or role only; and the AWS SDK, given just that, is the role."""
    stack = bench(issuing=True, patchExisting=["pods/overridden"])
    hands.make_namespace("pods")
    for key in ("pods/overridden", "pods/stranger"):
        hands.make_service_account(key)
    stack.entries(
        {
            "pods/owned": {},
            "pods/overridden": {},
            "pods/role-only": {"roleOnly": True},
        }
    )

    stack.up()
    made = stack.outputs()["serviceAccounts"]
    role_arn = made["pods/role-only"]["roleArn"]
    hands.make_service_account(
        "pods/role-only", annotations={ROLE_ARN_ANNOTATION: role_arn}
    )

    for key, account in made.items():
        pods.await_known(key)
        pod = pods.create(key)
        assert injected(pod) == expected(account["roleArn"])
        assert identity_of(pod, sandbox, stack).startswith(
            f"arn:aws:sts::{sandbox.aws.account_id}:assumed-role/{account['roleName']}/"
        )
    assert injected(pods.create("pods/stranger")) == NOTHING


def test_a_pod_without_a_role_is_cured_by_a_restart(
    bench: Benches, pods: Pods, hands: Hands
) -> None:
    """The webhook sees a pod once, when it is created, and never changes it later."""
    stack = bench()
    key = "too-early/app"
    hands.make_namespace("too-early")
    hands.make_service_account(key)
    pods.deploy(key)
    (early,) = pods.await_count(key, 1)
    stack.entries({key: {}})
    stack.settings(patchExisting=[key])

    stack.up()
    (waiting,) = pods.await_count(key, 1)
    role_arn = hands.role_arn(key)
    assert role_arn is not None
    pods.await_known(key)
    pods.restart(key)

    assert uid_of(waiting) == uid_of(early)
    assert injected(early) == injected(waiting) == NOTHING
    given = {uid_of(pod): injected(pod) for pod in pods.await_count(key, 2)}
    assert given.pop(uid_of(early)) == NOTHING
    assert list(given.values()) == [expected(role_arn)]


def test_the_token_is_for_the_audience_of_the_stack(
    bench: Benches, pods: Pods, sandbox: Sandbox
) -> None:
    """Provider, trust policy and annotation agree, so that STS takes it."""
    stack = bench(issuing=True, audience="aws.example.com")
    stack.entries({"audience/app": {}})

    stack.up()

    account = stack.outputs()["serviceAccounts"]["audience/app"]
    pods.await_known("audience/app")
    pod = pods.create("audience/app")
    assert injected(pod) == expected(account["roleArn"], audience="aws.example.com")
    assert f"/{account['roleName']}/" in identity_of(pod, sandbox, stack)


def injected(pod: dict[str, Any]) -> dict[str, Any]:
    """Give what the webhook put into a pod of one container."""
    (container,) = pod["spec"]["containers"]
    mounts, volumes = container["volumeMounts"], pod["spec"]["volumes"]
    return {
        "environment": {one["name"]: one["value"] for one in container.get("env", ())},
        "mounts": [mount for mount in mounts if mount["name"] == VOLUME],
        "volumes": [volume for volume in volumes if volume["name"] == VOLUME],
    }


def expected(role_arn: str, *, audience: str = "sts.amazonaws.com") -> dict[str, Any]:
    """Give what the webhook puts into a pod of an annotated account."""
    token = {"audience": audience, "expirationSeconds": 86400, "path": "token"}
    sources = [{"serviceAccountToken": token}]
    return {
        "environment": {
            "AWS_ROLE_ARN": role_arn,
            "AWS_WEB_IDENTITY_TOKEN_FILE": f"{MOUNT}/token",
        },
        "mounts": [{"name": VOLUME, "mountPath": MOUNT, "readOnly": True}],
        "volumes": [
            {"name": VOLUME, "projected": {"defaultMode": 420, "sources": sources}}
        ],
    }


def uid_of(pod: dict[str, Any]) -> str:
    """Give what tells a pod from its successor."""
    return pod["metadata"]["uid"]


def identity_of(pod: dict[str, Any], sandbox: Sandbox, stack: Workbench) -> str:
    """Let the AWS SDK call as the pod, with the token that its volume asks for."""
    given = injected(pod)
    (source,) = given["volumes"][0]["projected"]["sources"]
    token = sandbox.control_plane.request_token(
        namespace=pod["metadata"]["namespace"],
        service_account=pod["spec"]["serviceAccountName"],
        audience=source["serviceAccountToken"]["audience"],
    )
    role_arn = given["environment"]["AWS_ROLE_ARN"]
    return sdk_identity(sandbox, role_arn=role_arn, token=token, folder=stack.project)
