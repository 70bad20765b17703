"""A kubeconfig that is set as a secret is one in the state."""

import json
from collections.abc import Callable
from typing import Final

import pulumi.automation as auto
import pytest
from config_texts import cluster_13
from workbench import Workbench

pytestmark = pytest.mark.engine

# What the engine writes in the place of a secret.
SECRET: Final = "4dabf18193072939515e22adb298388d"  # noqa: S105 - a mark, no secret
PROVIDER: Final = "pulumi:providers:kubernetes"


def kubeconfigs(bench: Workbench) -> list[object]:
    """Give the kubeconfig of each Kubernetes provider in the state."""
    return [
        one["inputs"]["kubeconfig"]
        for one in bench.resources()
        if one["type"] == PROVIDER
    ]


def test_a_secret_kubeconfig_is_encrypted_in_the_state(
    bench: Callable[..., Workbench],
) -> None:
    """`pulumi config set --secret` is enough; the provider is updated in place."""
    it = bench(config=cluster_13("cluster-13-apps/a"))
    it.up()
    (plain,) = kubeconfigs(it)
    assert isinstance(plain, str)

    value = auto.ConfigValue(value=plain, secret=True)
    it.stack.set_config("eks-irsa:kubeconfig", value)
    it.up()

    (secret,) = kubeconfigs(it)
    assert isinstance(secret, dict)
    assert SECRET in secret
    assert json.dumps(plain)[1:-1] not in json.dumps(it.resources())
    it.preview(expect_no_changes=True)
