"""Namespaces: made when missing, never deleted, and never changed.

A namespace that must not change is compared whole, its managers and its version too.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from config_texts import cluster_13
from hands import Hands
from own_program import Program
from pulumi.automation.errors import CommandError
from workbench import Workbench

from sandbox.session import Sandbox

pytestmark = pytest.mark.engine

Benches = Callable[..., Workbench]


def registered(bench: Workbench) -> list[str]:
    """Give the namespaces the state knows."""
    kind = "kubernetes:core/v1:NamespacePatch"
    return [
        one["urn"].rpartition("::")[2]
        for one in bench.resources()
        if one["type"] == kind
    ]


def test_a_missing_namespace_is_made_and_never_deleted(
    bench: Benches, hands: Hands
) -> None:
    """Neither with the last entry in it nor with the stack."""
    cluster = bench(config=cluster_13("cluster-13-a/x", "cluster-13-b/x"))
    others = cluster.inventory().namespaces
    a, b = f"{cluster.cluster}-a", f"{cluster.cluster}-b"

    cluster.up()
    made = cluster.inventory().namespaces
    cluster.preview(expect_no_changes=True)
    cluster.write(cluster_13(f"{a}/x"))
    cluster.up()
    cluster.preview(expect_no_changes=True)
    cluster.destroy()

    assert made.keys() - others.keys() == {a, b}
    assert made[a]["metadata"].get("annotations") is None
    assert made[a]["metadata"]["labels"] == {"kubernetes.io/metadata.name": a}
    assert cluster.inventory().namespaces == made
    assert hands.service_account(f"{a}/x") is None


def test_a_namespace_that_was_there_is_not_changed_at_all(
    bench: Benches, hands: Hands
) -> None:
    """Labels, annotations, managers, version: as whoever made it left it."""
    cluster = bench(config=cluster_13("cluster-13-apps/x"))
    name = f"{cluster.cluster}-apps"
    hands.make_namespace(
        name, labels={"team": "shop"}, annotations={"argocd.example.com/id": "7"}
    )
    hands.edit_namespace(name, labels={"istio-injection": "enabled"})
    before = hands.namespace(name)

    cluster.up()
    cluster.preview(expect_no_changes=True)
    used = hands.namespace(name)
    cluster.up(refresh=True)
    cluster.destroy()

    assert registered(cluster) == []
    assert used == hands.namespace(name) == before


def test_what_others_put_on_our_namespace_stays(bench: Benches, hands: Hands) -> None:
    """We own nothing of it but that it is there."""
    cluster = bench(config=cluster_13("cluster-13-apps/x"))
    name = f"{cluster.cluster}-apps"
    cluster.up()
    made = hands.namespace(name)
    hands.edit_namespace(
        name, labels={"pod-security.kubernetes.io/enforce": "baseline"}
    )
    labelled = hands.namespace(name)

    cluster.up(refresh=True)
    cluster.preview(expect_no_changes=True)
    cluster.destroy()

    assert made is not None
    assert labelled is not None
    assert hands.namespace(name) == labelled
    assert labelled["metadata"]["uid"] == made["metadata"]["uid"]


def test_a_namespace_somebody_deleted_is_not_brought_back_on_removal(
    bench: Benches, hands: Hands
) -> None:
    """Its accounts went with it, which is no error; the other namespace stays."""
    cluster = bench(config=cluster_13("cluster-13-gone/x", "cluster-13-kept/x"))
    gone, kept = f"{cluster.cluster}-gone", f"{cluster.cluster}-kept"
    cluster.up()
    before = cluster.inventory()
    hands.delete_namespace(gone)

    cluster.write(cluster_13(f"{kept}/x"))
    cluster.up()
    cluster.preview(expect_no_changes=True)
    after = cluster.inventory()
    hands.delete_namespace(kept)
    cluster.destroy()

    assert after.namespaces == {
        name: one for name, one in before.namespaces.items() if name != gone
    }
    assert after.service_accounts[f"{kept}/x"] == before.service_accounts[f"{kept}/x"]
    assert hands.namespace(gone) is None
    assert hands.namespace(kept) is None


def test_kubernetes_own_namespaces_are_never_registered(
    bench: Benches, hands: Hands
) -> None:
    """An owner would have to be able to delete them."""
    own = ("default", "kube-node-lease", "kube-public", "kube-system")
    cluster = bench(config=cluster_13(*[f"{name}/cluster-13-x" for name in own]))
    before = [hands.namespace(name) for name in own]

    cluster.up()
    cluster.preview(expect_no_changes=True)
    known = registered(cluster)
    accounts = cluster.inventory().service_accounts
    cluster.destroy()

    assert known == []
    assert {f"{name}/{cluster.cluster}-x" for name in own} <= accounts.keys()
    assert [hands.namespace(name) for name in own] == before


def test_namespaces_that_are_somebody_elses_are_not_registered(
    bench: Benches, hands: Hands
) -> None:
    """`createNamespaces: false`, from the start or later; nothing is deleted."""
    cluster = bench(config=cluster_13("cluster-13-apps/x"), createNamespaces=False)
    name = f"{cluster.cluster}-apps"
    before = hands.make_namespace(name)

    cluster.up()
    without = registered(cluster)
    cluster.preview(expect_no_changes=True)
    cluster.settings()
    cluster.up()
    used = registered(cluster)
    cluster.settings(createNamespaces=False)
    cluster.up()
    again = registered(cluster)
    cluster.preview(expect_no_changes=True)

    assert (without, used, again) == ([], [name], [])
    assert hands.namespace(name) == before


def test_a_namespace_that_is_being_deleted_stops_the_run_and_says_so(
    bench: Benches, hands: Hands
) -> None:
    """Nothing can be made in it; once it is gone, the next run makes it anew."""
    cluster = bench(config=cluster_13("cluster-13-apps/x"))
    name = f"{cluster.cluster}-apps"
    hands.make_namespace(name, finalizers=["example.com/hold"])
    hands.start_deleting_namespace(name)
    before = hands.namespace(name)

    with pytest.raises(CommandError) as caught:
        cluster.up()
    held = hands.namespace(name)
    hands.edit_namespace(name, finalizers=None)
    hands.await_namespace_gone(name)
    cluster.up(refresh=True)
    cluster.preview(expect_no_changes=True)

    assert (
        f'serviceaccounts "x" is forbidden: unable to create new content in namespace '
        f"{name} because it is being terminated"
    ) in str(caught.value)
    assert before is not None
    assert held is not None
    assert _metadata(held) == _metadata(before)
    made = hands.namespace(name)
    assert made is not None
    assert made["metadata"]["uid"] != before["metadata"]["uid"]
    assert hands.service_account(f"{name}/x") is not None


def _metadata(namespace: dict[str, Any]) -> dict[str, Any]:
    """Leave out what the namespace controller changes, `spec.finalizers` too."""
    return {
        key: value
        for key, value in namespace["metadata"].items()
        if key not in {"managedFields", "resourceVersion"}
    }


def test_a_component_makes_a_namespace_it_knows_and_none_it_does_not(
    sandbox: Sandbox, numbers: Iterator[int], tmp_path: Path, hands: Hands
) -> None:
    """One whose name is an `Output` was most likely made by the same program."""
    name = f"own-{next(numbers)}"
    later = hands.make_namespace(f"{name}-later")
    own = Program(
        sandbox,
        tmp_path / name,
        f"""
import pulumi
import pulumi_kubernetes as kubernetes
from eks_irsa import IrsaServiceAccount

cluster = kubernetes.Provider(
    "cluster", kubeconfig="{sandbox.control_plane.kubeconfig}"
)
for key, namespace in (
    ("known", "{name}-known"),
    ("later", pulumi.Output.from_input("{name}-later")),
):
    IrsaServiceAccount(
        key,
        {{
            "role_arn": "arn:aws:iam::123456789012:role/theirs",
            "namespace": namespace,
            "service_account_name": "x",
        }},
        pulumi.ResourceOptions(providers=[cluster]),
    )
""",
    )

    own.stack.up()
    own.stack.preview(expect_no_changes=True)
    state = own.stack.export_stack().deployment or {}
    own.stack.destroy()

    assert [
        one["urn"].rpartition("::")[2]
        for one in state["resources"]
        if one["type"] == "kubernetes:core/v1:NamespacePatch"
    ] == ["known-namespace"]
    assert hands.namespace(f"{name}-known") is not None
    assert hands.namespace(f"{name}-later") == later
