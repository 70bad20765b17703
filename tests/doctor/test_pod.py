"""Pods that lack what the webhook gives."""

import json
import shlex
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import pytest
from doctor.facts import (
    HEALTHY,
    POD_OF_ASSOCIATION,
    ROLE_ARN,
    TOKEN_FILE,
    TOKEN_VOLUME,
    annotated,
    codes,
    container,
    found,
    in_pod_identity,
    injected,
    only,
    pod,
    with_pods,
)

from eks_irsa.live.model import Attempt

RESTART = "kubectl rollout restart deployment/web --namespace apps"
BARE = container(env={"AWS_REGION": "us-west-2"})


def test_pod_of_before_the_annotation_is_made_anew() -> None:
    """The webhook only sees pods that are made."""
    one = only(with_pods(pod(BARE), pod(BARE, name="web-5d4f-x2"), pod(name="fine")))

    assert one.code == "D-POD-NOT-INJECTED"
    assert one.message == (
        "the pods 'web-5d4f-x1', 'web-5d4f-x2': no AWS_ROLE_ARN; the webhook writes it "
        "when a pod is made, which was before the service account had its annotation"
    )
    assert one.remedy == (RESTART,)


def test_old_role_is_compared_with_the_new_one() -> None:
    """Both are shown."""
    one = only(with_pods(pod(injected(AWS_ROLE_ARN=f"{ROLE_ARN}-old"))))

    assert (one.code, one.wanted, one.given, one.remedy) == (
        "D-POD-OLD-ROLE",
        ROLE_ARN,
        f"{ROLE_ARN}-old",
        (RESTART,),
    )


@pytest.mark.parametrize(
    ("kind", "name", "remedy"),
    [
        (
            "StatefulSet",
            "db",
            "kubectl rollout restart statefulset/db --namespace apps",
        ),
        ("DaemonSet", "log", "kubectl rollout restart daemonset/log --namespace apps"),
    ],
)
def test_what_makes_the_pod_is_restarted(kind: str, name: str, remedy: str) -> None:
    """Whatever kubectl can restart."""
    owners = [{"kind": kind, "name": name, "controller": True}]

    one = only(with_pods(pod(BARE, metadata={"ownerReferences": owners})))

    assert one.remedy == (remedy,)


@pytest.mark.parametrize(
    ("kind", "name"), [("ReplicaSet", "web-5d4f"), ("Job", "once"), ("Node", "ip")]
)
def test_what_kubectl_cannot_restart_is_named(kind: str, name: str) -> None:
    """An Argo Rollout's and a Job's pods are not deleted under it."""
    meta = {
        "ownerReferences": [{"kind": kind, "name": name, "controller": True}],
        "labels": {"rollouts-pod-template-hash": "5d4f"},
    }

    one = only(with_pods(pod(BARE, metadata=meta)))

    assert one.remedy == ()
    assert one.message.endswith(f"; have it made anew by {kind} {name!r}")


def test_pod_of_nobody_is_said_to_stay_away() -> None:
    """Deleting it loses it."""
    one = only(with_pods(pod(BARE, metadata={"ownerReferences": []})))

    assert one.message.endswith(
        "; nothing makes it anew, so apply its manifest again afterwards"
    )


@pytest.mark.parametrize(
    ("missing", "own"),
    [
        ("AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN"),
        ("AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE"),
    ],
)
def test_own_variable_keeps_the_webhook_out(missing: str, own: str) -> None:
    """It writes both or none."""
    one = only(with_pods(pod(injected(**{missing: ""}))))

    assert one.code == "D-POD-OWN-ENV"
    assert one.remedy == (
        f"kubectl set env deployment/web --namespace apps --containers web {own}-",
    )


def test_container_that_was_added_later_is_a_warning() -> None:
    """A sidecar of another webhook is not the reason why the pod is broken."""
    one = only(with_pods(pod(injected(), container("side", env={"AWS_REGION": "x"}))))

    assert (one.code, one.severity, one.remedy) == ("D-POD-CONTAINER", "warning", ())
    assert one.message.startswith("the pod 'web-5d4f-x1', container 'side': no role")


def test_container_is_named_where_one_pod_of_several_has_another_that_is_right() -> (
    None
):
    """Else it would seem to be the whole of both."""
    old = {"AWS_ROLE_ARN": f"{ROLE_ARN}-old"}
    whole, part = pod(injected(**old)), pod(injected(**old), injected("side"), name="b")

    one = only(with_pods(whole, part))

    assert one.message.startswith("the pods 'b', 'web-5d4f-x1', container 'web': ")


@pytest.mark.parametrize(
    ("skipped", "expected"),
    [
        ("web", ["D-POD-SKIPPED-CONTAINER"]),
        ("side", ["D-POD-SKIPPED-CONTAINER"]),
        ("side,web", ["D-POD-SKIPPED"]),
        ("side, web", ["D-POD-NOT-INJECTED", "D-POD-SKIPPED-CONTAINER"]),
        ("web,x", ["D-POD-SKIPPED-CONTAINER"]),
        ("other", ["D-POD-NOT-INJECTED"]),
    ],
)
def test_skipped_containers_have_nothing_on_purpose(
    skipped: str, expected: list[str]
) -> None:
    """The annotation says so; who is not in it is a fault."""
    annotations = {"eks.amazonaws.com/skip-containers": skipped}
    names = {one.strip() for one in skipped.split(",")}
    made = [
        container(name, env={"AWS_REGION": "x"})
        if name in names or skipped == "other"
        else injected(name)
        for name in ("web", "side")
    ]

    facts = with_pods(pod(*made, metadata={"annotations": annotations}))

    assert codes(facts) == expected


def test_skipping_annotation_is_taken_from_the_template() -> None:
    """A deployment loses it, and makes its pods anew."""
    annotations = {"eks.amazonaws.com/skip-containers": "web"}
    owner = {"kind": "ReplicaSet", "name": "web-5d4f"}

    one = only(
        with_pods(
            pod(BARE, metadata={"annotations": annotations, "ownerReferences": [owner]})
        )
    )

    patch = {
        "spec": {
            "template": {
                "metadata": {"annotations": {"eks.amazonaws.com/skip-containers": None}}
            }
        }
    }
    *words, text = shlex.split(one.remedy[0])
    assert " ".join(words) == (
        "kubectl patch deployment/web --namespace apps --type merge --patch"
    )
    assert json.loads(text) == patch


NO_TOKENS: Final[Mapping[str, list[Any]]] = {
    "none": [],
    "another-volume": [{"name": "aws-iam-token", "emptyDir": {}}],
    "another-path": [
        {
            "name": "aws-iam-token",
            "projected": {"sources": [{"serviceAccountToken": {"path": "other"}}]},
        }
    ],
}


@pytest.mark.parametrize("volumes", NO_TOKENS.values(), ids=NO_TOKENS)
def test_token_has_to_be_where_the_variable_says(volumes: list[Any]) -> None:
    """A volume of that name may be another one."""
    assert codes(with_pods(pod(volumes=volumes))) == ["D-POD-VOLUME"]


def test_windows_finds_its_token_under_c() -> None:
    """The webhook writes the path with backslashes."""
    path = "C:" + TOKEN_FILE.replace("/", "\\")

    assert codes(with_pods(pod(injected(AWS_WEB_IDENTITY_TOKEN_FILE=path)))) == []


def test_audience_that_changed_since_needs_a_new_pod() -> None:
    """The volume has the old one."""
    account = annotated(audience="vault")
    facts = replace(HEALTHY, service_account=account)

    one = next(one for one in found(facts) if one.link == "pod")

    assert (one.code, one.wanted, one.given) == (
        "D-POD-AUDIENCE",
        "vault",
        "sts.amazonaws.com",
    )


ANY: Final[Mapping[str, object]] = {}


@pytest.mark.parametrize(
    ("mode", "security", "containers", "readable"),
    [
        pytest.param(0o644, {"runAsUser": 1000}, [ANY], True, id="owner"),
        pytest.param(0o644, ANY, [{"runAsNonRoot": True}], True, id="world"),
        pytest.param(0o600, {"fsGroup": 1}, [{"runAsUser": 5}, ANY], True, id="group"),
        pytest.param(0o400, {"runAsUser": 1000}, [ANY], True, id="chown"),
        pytest.param(
            0o400, ANY, [{"runAsUser": 1}, {"runAsUser": 2}], False, id="two-users"
        ),
        pytest.param(0o400, {"runAsNonRoot": True}, [ANY], False, id="user-of-image"),
        pytest.param(0o400, ANY, [ANY], True, id="perhaps-root"),
        pytest.param(0o400, ANY, [{"runAsUser": 0}, ANY], True, id="root"),
    ],
)
def test_token_is_read_as_the_kubelet_lets_it(
    *,
    mode: int,
    security: dict[str, Any],
    containers: list[dict[str, Any]],
    readable: bool,
) -> None:
    """Since Kubernetes 1.19: by group, by the one user, or by the volume's mode."""
    volume = {
        **TOKEN_VOLUME,
        "projected": {**TOKEN_VOLUME["projected"], "defaultMode": mode},
    }
    made = [
        {**injected(f"c{index}"), "securityContext": one}
        for index, one in enumerate(containers)
    ]
    facts = with_pods(pod(*made, securityContext=security, volumes=[volume]))

    assert ("D-POD-TOKEN-MODE" not in codes(facts)) is readable


def test_pod_of_another_service_account_is_said() -> None:
    """It was asked for by its name."""
    facts = replace(
        with_pods(pod(serviceAccountName="default")), pod_name="web-5d4f-x1"
    )

    one = only(facts)

    assert (one.code, one.wanted, one.given) == (
        "D-POD-SERVICE-ACCOUNT",
        "web",
        "default",
    )
    assert one.remedy == (
        "kubectl set serviceaccount deployment/web web --namespace apps",
    )


def test_pod_that_is_not_there_is_said() -> None:
    """None is what is known to be absent."""
    assert codes(replace(HEALTHY, pods=None, pod_name="x")) == ["D-POD-ABSENT"]


def test_pod_that_has_ended_is_looked_at_where_it_is_asked_for() -> None:
    """A Job that was denied is over; another run of it is what is needed."""
    owner = {"kind": "Job", "name": "nightly", "apiVersion": "batch/v1"}
    done = {
        **pod(BARE, metadata={"ownerReferences": [owner]}),
        "status": {"phase": "Failed"},
    }

    one = only(replace(with_pods(done), pod_name="web-5d4f-x1"))

    assert (one.code, one.remedy) == ("D-POD-NOT-INJECTED", ())
    assert one.message.endswith("; have it made anew by Job 'nightly'")


def test_pod_of_before_the_association_is_made_anew() -> None:
    """With IRSA's role it says which; without any it says what is missing."""
    old, bare = in_pod_identity(pods=(pod(),)), in_pod_identity(pods=(pod(BARE),))

    assert codes(old) == ["D-POD-OLD-WAY"]
    assert codes(bare) == ["D-POD-NOT-INJECTED"]
    assert only(bare).remedy == (RESTART,)


@pytest.mark.parametrize(
    ("missing", "own"),
    [
        (
            "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
            "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        ),
        (
            "AWS_CONTAINER_CREDENTIALS_FULL_URI",
            "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
        ),
    ],
)
def test_own_variable_keeps_pod_identity_out_too(missing: str, own: str) -> None:
    """The webhook writes both or none."""
    (given,) = POD_OF_ASSOCIATION["spec"]["containers"]
    kept = [one for one in given["env"] if one["name"] != missing]

    one = only(in_pod_identity(pods=(pod({**given, "env": kept}),)))

    assert one.code == "D-POD-OWN-ENV"
    assert one.message == (
        f"the pod 'web-5d4f-x1': the workload sets {own} itself, and the webhook "
        f"writes {missing} only where there is neither of the two"
    )


def test_token_of_pod_identity_has_to_be_mounted_too() -> None:
    """Where the variable says."""
    (given,) = POD_OF_ASSOCIATION["spec"]["containers"]

    facts = in_pod_identity(pods=(pod({**given, "volumeMounts": []}),))

    assert codes(facts) == ["D-POD-VOLUME"]


@pytest.mark.parametrize("text", ["web\nsidecar\n", "web\r\n", '"web'])
def test_annotation_of_a_tenant_stops_nobody(text: str) -> None:
    """Its first line counts, as the webhook reads it."""
    annotations = {"eks.amazonaws.com/skip-containers": text}

    found = codes(with_pods(pod(BARE, metadata={"annotations": annotations})))

    assert found == ["D-POD-SKIPPED"]


def test_same_role_by_the_way_of_before_is_not_compared() -> None:
    """There is nothing that differs."""
    one = next(
        one
        for one in found(in_pod_identity(pods=(pod(),)))
        if one.code == "D-POD-OLD-WAY"
    )

    assert (one.wanted, one.given) == ("", "")


def test_pod_keeps_the_role_of_before_while_the_new_one_is_refused() -> None:
    """A restart would take away what works."""
    old = pod(injected(AWS_ROLE_ARN=f"{ROLE_ARN}-old"))
    refused = Attempt(code="AccessDenied", message="no")

    one = next(
        one
        for one in found(replace(with_pods(old), attempt=refused))
        if one.code == "D-POD-OLD-ROLE"
    )

    assert one.remedy == ()
    assert one.message.endswith("; pods get no credentials of the latter yet")
