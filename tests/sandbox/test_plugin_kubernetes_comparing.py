"""What the Kubernetes double says an update would change."""

import pytest
from plugin_driver import Driver, RefusedError, Screen

from sandbox.plugins.kubernetes.kinds import kind_of
from sandbox.plugins.kubernetes.objects import normalised
from sandbox.plugins.kubernetes.provider import KubernetesPlugin
from sandbox.plugins.refusal import NotCovered
from sandbox.plugins.values import UNKNOWN, Properties, Secret, Value

ACCOUNT = "kubernetes:core/v1:ServiceAccount"
PATCH = "kubernetes:core/v1:ServiceAccountPatch"
NAMESPACE = "kubernetes:core/v1:NamespacePatch"
ROLE_ARN = "eks.amazonaws.com/role-arn"


def _driver(token: str = ACCOUNT) -> Driver:
    return Driver(KubernetesPlugin(host=Screen()), token=token)


def _account(**metadata: Value) -> Properties:
    """Write inputs; a metadata property of None is left out."""
    given: Properties = {
        "name": "reader",
        "namespace": "apps",
        "annotations": {ROLE_ARN: "arn"},
        **metadata,
    }
    kept: Properties = {key: value for key, value in given.items() if value is not None}
    return {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": kept}


def _state(inputs: Properties, **live: Value) -> Properties:
    """Write the state of an object that has more than its inputs."""
    metadata = inputs["metadata"]
    assert isinstance(metadata, dict)
    of_cluster: Properties = {
        "creationTimestamp": "2026-01-01T00:00:00Z",
        "resourceVersion": "7",
        "uid": "u",
        **metadata,
        **live,
    }
    return {
        **inputs,
        "metadata": of_cluster,
        "secrets": [{"name": "made-by-the-cluster"}],
        "__inputs": inputs,
        "__initialApiVersion": "v1",
        "__fieldManager": "pulumi-kubernetes-0",
    }


def test_what_the_cluster_added_is_no_difference() -> None:
    """The live object counts only where the inputs say something."""
    state = _state(
        _account(), labels={"foreign": "x"}, annotations={ROLE_ARN: "arn", "b": "2"}
    )

    assert _driver().diff(state, _account()) == {}


@pytest.mark.parametrize(
    ("news", "difference"),
    [
        (
            _account(annotations={ROLE_ARN: "other"}),
            {f'metadata.annotations["{ROLE_ARN}"]': "UPDATE"},
        ),
        (
            _account(annotations={ROLE_ARN: UNKNOWN}),
            {f'metadata.annotations["{ROLE_ARN}"]': "UPDATE"},
        ),
        (
            _account(annotations={ROLE_ARN: Secret("arn"), "plain": "x"}),
            {"metadata.annotations.plain": "ADD"},
        ),
        (_account(annotations={}), {"metadata.annotations": "DELETE"}),
        (_account(labels={"a": "b"}), {"metadata.labels": "ADD"}),
        (
            {**_account(), "imagePullSecrets": [{"name": "x"}]},
            {"imagePullSecrets": "ADD"},
        ),
    ],
    ids=["changed", "unknown", "added", "removed", "labels", "secrets"],
)
def test_change_in_place_has_its_real_path(
    news: Properties, difference: dict[str, str]
) -> None:
    """Paths are those of the property, keys with dots in brackets."""
    answer = _driver().full_diff(_state(_account()), news)

    assert _driver().diff(_state(_account()), news) == difference
    assert (list(answer.replaces), answer.deleteBeforeReplace) == ([], False)


def test_drift_of_the_live_object_is_a_difference() -> None:
    """What a refresh brought counts, not what was once asked for."""
    drifted = _state(_account(), annotations={ROLE_ARN: "evil"})

    assert _driver().diff(drifted, _account()) == {
        f'metadata.annotations["{ROLE_ARN}"]': "UPDATE"
    }


@pytest.mark.parametrize("token", [ACCOUNT, PATCH])
@pytest.mark.parametrize("key", ["name", "namespace"])
def test_identity_replaces(token: str, key: str) -> None:
    """Another name or namespace is another object, and the old one may go last."""
    answer = _driver(token).full_diff(_state(_account()), _account(**{key: "other"}))

    assert list(answer.replaces) == [f"metadata.{key}"]
    assert answer.deleteBeforeReplace is False


def test_namespace_that_is_not_named_is_the_default_one() -> None:
    """An account without a namespace is the same as one in `default`."""
    inputs = _account(namespace=None)
    state = _state(inputs, namespace="default")

    assert _driver().diff(state, _account(namespace="default")) == {}
    assert _driver().diff(state, inputs) == {}


def test_namespaces_have_no_namespace() -> None:
    """One that is given by mistake is no difference."""
    inputs: Properties = {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": "apps"},
    }
    news: Properties = {**inputs, "metadata": {"name": "apps", "namespace": "x"}}

    assert _driver(NAMESPACE).diff(_state(inputs), news) == {}


def test_ignored_paths_are_left_out() -> None:
    """A path names itself and all below it."""
    news = _account(annotations={ROLE_ARN: "other"}, labels={"a": "b"})

    assert _driver().diff(
        _state(_account()), news, ignored=("metadata.annotations",)
    ) == {"metadata.labels": "ADD"}


def test_account_gets_what_the_program_left_open() -> None:
    """A made-up name is marked as such and stays; the namespace is the context's."""
    driver = _driver()
    given: Properties = {"apiVersion": "v1", "kind": "ServiceAccount"}

    first = driver.checked(given, name="reader")
    again, _ = driver.check(given, olds=first, name="reader")
    metadata = first["metadata"]

    assert isinstance(metadata, dict)
    name = str(metadata["name"])
    assert name.startswith("reader-")
    assert len(name) == len("reader-") + 8
    assert (
        again
        == first
        == {
            **given,
            "metadata": {
                "annotations": {"pulumi.com/autonamed": "true"},
                "name": name,
                "namespace": "default",
            },
        }
    )


def test_inputs_are_checked_as_they_will_be_sent() -> None:
    """Nothing empty, nothing read-only; unknowns and secrets stay what they are."""
    given = _account(
        annotations={"a": Secret("hidden"), "b": UNKNOWN},
        labels={},
        resourceVersion="7",
    )

    assert _driver().checked(given) == _account(
        annotations={"a": Secret("hidden"), "b": UNKNOWN}, labels={}
    )
    assert _driver().checked(_account(labels={}, uid="u")) == _account()


@pytest.mark.parametrize(
    ("token", "given", "message"),
    [
        (
            PATCH,
            _account(name=None),
            "patch resources require the `.metadata.name` field to be set",
        ),
        (
            ACCOUNT,
            _account(name=None, generateName="x-"),
            (
                "the `.metadata.generateName` field is not supported in Server-Side "
                "Apply mode"
            ),
        ),
        (
            ACCOUNT,
            _account(annotations={"a": 1}),
            (
                "json: cannot unmarshal number into Go struct field "
                "ObjectMeta.metadata.annotations of type string"
            ),
        ),
        (
            ACCOUNT,
            _account(anotations={}),
            (
                f"{ACCOUNT}'s property metadata.anotations is not covered by the "
                "sandbox's test double of pulumi-resource-kubernetes"
            ),
        ),
        (
            "kubernetes:helm.sh/v3:Release",
            {},
            (
                "the resource type kubernetes:helm.sh/v3:Release is not covered by the "
                "sandbox's test double of pulumi-resource-kubernetes"
            ),
        ),
    ],
    ids=["patch", "generated", "number", "misspelt", "no kind"],
)
def test_wrong_inputs_are_refused(token: str, given: Properties, message: str) -> None:
    """Each in the real words, or by name where the double has less."""
    with pytest.raises(RefusedError) as refused:
        _driver(token).check(given)

    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("token", "path"),
    [
        ("kubernetes:core/v1:Namespace", "/api/v1/namespaces/it"),
        ("kubernetes:core/v1:ConfigMap", "/api/v1/namespaces/apps/configmaps/it"),
        (
            "kubernetes:apps/v1:DeploymentPatch",
            "/apis/apps/v1/namespaces/apps/deployments/it",
        ),
    ],
)
def test_kinds_that_are_not_ours_are_looked_up_at_the_api_server(
    token: str, path: str
) -> None:
    """A subresource of the same kind is none of them."""
    resources = {
        "/api/v1": [
            {"name": "configmaps/x", "kind": "ConfigMap", "namespaced": True},
            {"name": "configmaps", "kind": "ConfigMap", "namespaced": True},
        ],
        "/apis/apps/v1": [
            {"name": "deployments", "kind": "Deployment", "namespaced": True}
        ],
    }

    kind = kind_of(token, get=lambda root: {"resources": resources[root]})

    assert kind is not None
    assert kind.path(namespace="apps", name="it") == path


@pytest.mark.parametrize("skipped", [True, False])
def test_what_the_real_plugin_waits_for_must_say_that_it_need_not(
    *, skipped: bool
) -> None:
    """The double cannot tell when a Deployment is rolled out."""
    found = [{"name": "deployments", "kind": "Deployment", "namespaced": True}]
    kind = kind_of("kubernetes:apps/v1:Deployment", get=lambda _: {"resources": found})
    annotations: Properties = {"pulumi.com/skipAwait": "true"} if skipped else {}
    inputs: Properties = {"metadata": {"annotations": annotations}, "spec": {"a": 1}}
    assert kind is not None

    if skipped:
        assert normalised(kind, inputs) == inputs
    else:
        with pytest.raises(NotCovered, match="waiting for a Deployment, which pulumi"):
            normalised(kind, inputs)
