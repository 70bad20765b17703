"""The Kubernetes double's way to a cluster, and clusters that cannot be asked."""

import json
import socket
from pathlib import Path

import pytest
from plugin_driver import Driver, RefusedError, Screen

from sandbox.plugins.kubernetes.kubeconfig import KubeConfig, Target, User
from sandbox.plugins.kubernetes.provider import KubernetesPlugin
from sandbox.plugins.values import UNKNOWN, Properties, Value

ACCOUNT = "kubernetes:core/v1:ServiceAccount"
INPUTS: Properties = {
    "apiVersion": "v1",
    "kind": "ServiceAccount",
    "metadata": {"name": "reader", "namespace": "apps"},
}
STATE: Properties = {**INPUTS, "__inputs": INPUTS, "__fieldManager": "m"}


def _kubeconfig(
    *, server: str = "https://a", user: dict[str, Value] | None = None
) -> str:
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "one",
        "clusters": [
            {"name": "c1", "cluster": {"server": server}},
            {"name": "c2", "cluster": {"server": "https://b/"}},
        ],
        "contexts": [
            {"name": "one", "context": {"cluster": "c1", "user": "u"}},
            {
                "name": "two",
                "context": {"cluster": "c2", "user": "u", "namespace": "n"},
            },
        ],
        "users": [{"name": "u", "user": user or {"token": "t"}}],
    }
    return json.dumps(document)


def _unused_server() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"https://127.0.0.1:{probe.getsockname()[1]}"


def _unreachable(**options: str) -> tuple[Driver, Screen]:
    screen = Screen()
    driver = Driver(KubernetesPlugin(host=screen), token=ACCOUNT)
    driver.configure(kubeconfig=_kubeconfig(server=_unused_server()), **options)
    return driver, screen


def test_kubeconfig_is_read_as_content_or_as_a_file(tmp_path: Path) -> None:
    """Paths in a file start from its folder; another context may be chosen."""
    (tmp_path / "token").write_text("t")
    (tmp_path / "ca.pem").write_text("PEM")
    document = json.loads(_kubeconfig())
    document["clusters"][0]["cluster"]["certificate-authority"] = "ca.pem"
    file = tmp_path / "config"
    file.write_text(json.dumps(document))

    of_file = KubeConfig.parse(str(file))
    of_text = KubeConfig.parse(_kubeconfig())

    token = User(token="t")  # noqa: S106 - a token of this test
    assert of_file.target() == Target(server="https://a", authority="PEM", user=token)
    assert of_text.target(context="two") == Target(server="https://b", user=token)
    assert of_text.target(cluster="c2") == Target(server="https://b", user=token)
    assert (of_text.namespace(), of_text.namespace(context="two")) == ("default", "n")


@pytest.mark.parametrize(
    ("olds", "news", "changed", "replaces"),
    [
        ({"kubeconfig": "A"}, {"kubeconfig": "A"}, [], []),
        ({"kubeconfig": "A"}, {"kubeconfig": "B"}, ["kubeconfig"], ["kubeconfig"]),
        ({"kubeconfig": "A"}, {"kubeconfig": "token"}, ["kubeconfig"], []),
        ({"kubeconfig": "A"}, {"kubeconfig": UNKNOWN}, ["kubeconfig"], ["kubeconfig"]),
        (
            {"kubeconfig": "A", "clusterIdentifier": "i"},
            {"kubeconfig": "B", "clusterIdentifier": "i"},
            ["kubeconfig"],
            [],
        ),
        (
            {"kubeconfig": "A", "clusterIdentifier": "i"},
            {"kubeconfig": UNKNOWN, "clusterIdentifier": "i"},
            ["kubeconfig"],
            [],
        ),
        (
            {"kubeconfig": "A", "clusterIdentifier": "i"},
            {"kubeconfig": "A", "clusterIdentifier": "j"},
            ["clusterIdentifier"],
            ["clusterIdentifier"],
        ),
        (
            {"kubeconfig": "A"},
            {"kubeconfig": "A", "clusterIdentifier": "i"},
            ["clusterIdentifier"],
            [],
        ),
    ],
    ids=[
        "same",
        "other cluster",
        "other token",
        "unknown",
        "other cluster, same identifier",
        "unknown, same identifier",
        "other identifier",
        "first identifier",
    ],
)
def test_other_cluster_replaces_the_provider_and_all_it_made(
    olds: Properties, news: Properties, changed: list[str], replaces: list[str]
) -> None:
    """With an identifier nothing else counts."""
    texts: dict[str, Value] = {
        "A": _kubeconfig(),
        "B": _kubeconfig(server="https://other"),
        "token": _kubeconfig(user={"token": "other"}),
    }

    def written(given: Properties) -> Properties:
        return {
            key: texts.get(value, value) if isinstance(value, str) else value
            for key, value in given.items()
        }

    driver = Driver(KubernetesPlugin(host=Screen()))

    assert driver.diff_config(written(olds), written(news)) == (changed, replaces)


def test_configuration_the_double_does_not_take_is_refused() -> None:
    """By name, as everything it does not cover."""
    driver = Driver(KubernetesPlugin(host=Screen()))

    with pytest.raises(RefusedError, match="kubernetes:renderYamlToDirectory is not"):
        driver.check_config({"renderYamlToDirectory": "x"}, name="k")
    with pytest.raises(RefusedError, match="client-side apply is not covered"):
        driver.configure(kubeconfig=_kubeconfig(), enableServerSideApply="false")


def test_unreachable_cluster_is_no_error_until_it_is_needed() -> None:
    """A preview works from the inputs; everything else says what is wrong."""
    driver, _ = _unreachable()

    inputs, failures = driver.check(INPUTS)
    previewed = driver.create(INPUTS, preview=True)
    updated = driver.update("apps/reader", STATE, INPUTS, preview=True)

    assert (inputs, failures) == (INPUTS, [])
    assert (previewed, updated) == (("", INPUTS), INPUTS)
    with pytest.raises(
        RefusedError,
        match=r"^configured Kubernetes cluster is unreachable: unable to load schema "
        r'information from the API server: Get "https://127.0.0.1',
    ):
        driver.create(INPUTS)
    with pytest.raises(
        RefusedError,
        match=r"^failed to read resource state due to unreachable cluster. If the "
        r"cluster was deleted, you can remove this resource from Pulumi state by",
    ):
        driver.read("apps/reader", inputs=INPUTS, state=STATE)
    with pytest.raises(
        RefusedError,
        match=r"^configured Kubernetes cluster is unreachable. If the cluster was "
        r"deleted, you can remove",
    ):
        driver.delete("apps/reader", STATE)


def test_unreachable_cluster_may_mean_deletion() -> None:
    """With `deleteUnreachable` the state forgets, and says so."""
    driver, screen = _unreachable(deleteUnreachable="true")

    found = driver.read("apps/reader", inputs=INPUTS, state=STATE)
    driver.delete("apps/reader", STATE)

    assert found == ("", {}, {})
    assert screen.lines[1] == (
        "info: configured Kubernetes cluster is unreachable and the "
        "`deleteUnreachable` option is enabled. Deleting the unreachable resource from "
        "Pulumi state"
    )


def test_unreachable_cluster_may_mean_that_nothing_changes() -> None:
    """With `skipUpdateUnreachable` what is recorded stands."""
    driver, _ = _unreachable(skipUpdateUnreachable="true")

    found = driver.read("apps/reader", inputs=INPUTS, state=STATE)
    inputs, _ = driver.check(
        {**INPUTS, "automountServiceAccountToken": True}, olds=INPUTS
    )

    assert found == ("apps/reader", INPUTS, STATE)
    assert inputs == INPUTS


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (
            None,
            (
                "getting credentials: exec: executable get-token not found\n\nIt looks "
                "like you are trying to use a client-go credential plugin that is "
                "not installed.\n\nask around"
            ),
        ),
        (
            "echo no >&2; exit 3",
            (
                "getting credentials: exec: executable get-token failed with exit code "
                "3: no"
            ),
        ),
        (
            """echo '{"apiVersion": "v1"}'""",
            (
                "getting credentials: exec plugin is configured to use API version "
                "client.authentication.k8s.io/v1beta1, plugin returned version v1"
            ),
        ),
    ],
    ids=["missing", "failing", "other version"],
)
def test_credential_program_that_gives_nothing_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str | None, reason: str
) -> None:
    """It is looked for on PATH; why it gave nothing is in the message."""
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    if script is not None:
        (tmp_path / "get-token").write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / "get-token").chmod(0o755)
    user: Properties = {
        "exec": {
            "apiVersion": "client.authentication.k8s.io/v1beta1",
            "command": "get-token",
            "installHint": "ask around",
        }
    }
    driver = Driver(KubernetesPlugin(host=Screen()), token=ACCOUNT)
    driver.configure(kubeconfig=_kubeconfig(user=user))

    with pytest.raises(RefusedError) as refused:
        driver.create(INPUTS)

    assert str(refused.value).endswith(reason)
