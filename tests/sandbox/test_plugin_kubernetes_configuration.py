"""The Kubernetes double's way to a cluster, and clusters that cannot be asked."""

import json
import socket
from pathlib import Path

import pytest
from kubeconfigs import kubeconfig
from plugin_driver import Driver, RefusedError, Screen

from sandbox.plugins.kubernetes.kubeconfig import (
    KubeConfigError,
    parse,
    target_of,
)
from sandbox.plugins.kubernetes.provider import KubernetesPlugin
from sandbox.plugins.values import UNKNOWN, Properties, Value

ACCOUNT = "kubernetes:core/v1:ServiceAccount"
INPUTS: Properties = {
    "apiVersion": "v1",
    "kind": "ServiceAccount",
    "metadata": {"name": "reader", "namespace": "apps"},
}
STATE: Properties = {**INPUTS, "__inputs": INPUTS, "__fieldManager": "m"}


def _unused_server() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"https://127.0.0.1:{probe.getsockname()[1]}"


def _unreachable(**options: str) -> tuple[Driver, Screen]:
    screen = Screen()
    driver = Driver(KubernetesPlugin(host=screen), token=ACCOUNT)
    driver.configure(kubeconfig=kubeconfig(server=_unused_server()), **options)
    return driver, screen


def test_kubeconfig_is_read_as_content_or_as_a_file(tmp_path: Path) -> None:
    """Paths in a file start from its folder; another context may be chosen."""
    document = json.loads(kubeconfig())
    document["clusters"][0]["cluster"]["certificate-authority"] = "ca.pem"
    file = tmp_path / "config"
    file.write_text(json.dumps(document))

    of_file = target_of(parse(str(file)))
    of_text = target_of(parse(kubeconfig()))
    other = target_of(parse(kubeconfig()), context="two")
    exchanged = target_of(parse(kubeconfig()), cluster="c2")

    assert of_file.cluster.certificate_auth is not None
    assert of_file.abs_file(of_file.cluster.certificate_auth) == tmp_path / "ca.pem"
    assert (of_text.cluster.server, of_text.namespace) == ("https://a", "default")
    assert (other.cluster.server, other.namespace) == ("https://b", "n")
    assert (exchanged.cluster.server, exchanged.namespace) == ("https://b", "default")


@pytest.mark.parametrize(
    ("text", "context", "reason"),
    [
        ("no kubeconfig", "", "couldn't get version/kind"),
        ("{}", "", "'clusters'"),
        (kubeconfig(), "three", "Context 'three' not found"),
        (
            kubeconfig().replace('"server"', '"proxy-url": "http://p", "server"'),
            "",
            "proxy-url is not covered",
        ),
    ],
    ids=["text", "empty", "context", "proxy"],
)
def test_kubeconfig_that_says_nothing_usable_is_refused(
    text: str, context: str, reason: str
) -> None:
    """What the double would overlook, too."""
    with pytest.raises(KubeConfigError, match=reason):
        target_of(parse(text), context=context)


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
        "A": kubeconfig(),
        "B": kubeconfig(server="https://other"),
        "token": kubeconfig(user={"token": "other"}),
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
        driver.configure(kubeconfig=kubeconfig(), enableServerSideApply="false")


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
            "getting credentials: exec: executable get-token not found",
        ),
        (
            "echo no >&2; exit 3",
            "exec: ConfigError('Exec get-token returned 3: no\\n')",
        ),
        (
            """echo '{"apiVersion": "v1"}'""",
            "getting credentials: exec: KeyError('status')",
        ),
    ],
    ids=["missing", "failing", "no credentials"],
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
        }
    }
    driver = Driver(KubernetesPlugin(host=Screen()), token=ACCOUNT)
    driver.configure(kubeconfig=kubeconfig(user=user))

    with pytest.raises(RefusedError) as refused:
        driver.create(INPUTS)

    assert str(refused.value).endswith(reason)
