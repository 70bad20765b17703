"""Service accounts that were there before: stopped at, taken over, let be."""

from collections.abc import Callable
from typing import Any, Final

import pytest
from hands import Hands
from pulumi.automation.errors import CommandError
from workbench import Workbench

pytestmark = pytest.mark.engine

Benches = Callable[..., Workbench]

ROLE_ARN: Final = "eks.amazonaws.com/role-arn"
HELMS: Final = {
    "app.kubernetes.io/managed-by": "Helm",
    "helm.sh/chart": "controller-1.2.3",
}
RELEASE: Final = {
    "meta.helm.sh/release-name": "controller",
    "meta.helm.sh/release-namespace": "apps",
}
BEFORE: Final = "arn:aws:iam::999999999999:role/before"


class Accounts:
    """A stack in whose namespace somebody made accounts before."""

    def __init__(self, bench: Workbench, hands: Hands) -> None:
        """Make the namespace."""
        self.bench = bench
        self.namespace = f"{bench.cluster}-apps"
        self._hands = hands
        hands.make_namespace(self.namespace)

    def key(self, name: str) -> str:
        """Give `<namespace>/<name>`."""
        return f"{self.namespace}/{name}"

    def live(self, name: str) -> dict[str, Any] | None:
        """Give an account whole."""
        return self._hands.service_account(self.key(name))

    def ours(self, name: str) -> dict[str, str]:
        """Give the annotation the entry asks for."""
        made = self.bench.outputs()["serviceAccounts"][self.key(name)]
        return {ROLE_ARN: made["roleArn"]}

    @property
    def said(self) -> str:
        """What the last run printed."""
        return "\n".join(self.bench.output)


@pytest.fixture(name="accounts")
def _accounts(bench: Benches, hands: Hands) -> Accounts:
    return Accounts(bench(), hands)


def test_an_account_that_exists_stops_the_run(accounts: Accounts, hands: Hands) -> None:
    """Before anything is made, with the setting to write; it is not touched."""
    hands.make_service_account(accounts.key("theirs"), labels=HELMS)
    before = accounts.live("theirs")
    accounts.bench.entries({accounts.key("theirs"): {}})

    with pytest.raises(
        CommandError, match=r"service account '.*/theirs' already exists"
    ):
        accounts.bench.up()

    assert accounts.live("theirs") == before
    accounts.bench.settings(patchExisting=[accounts.key("theirs")])
    accounts.bench.up()
    accounts.bench.preview(expect_no_changes=True)


def test_an_overridden_account_gets_exactly_our_keys_and_gives_them_back(
    accounts: Accounts, hands: Hands
) -> None:
    """Whoever owned them; what was there before is said, and not restored."""
    key = accounts.key("chart")
    hands.make_service_account(key, labels=HELMS, annotations=RELEASE)
    hands.edit_service_account(key, annotations={ROLE_ARN: BEFORE})
    hands.edit_whole_service_account(
        key, {"imagePullSecrets": [{"name": "pull"}], "secrets": [{"name": "token"}]}
    )
    before = accounts.live("chart")
    assert before is not None
    labels = {"tier": "web", "app.kubernetes.io/managed-by": "us"}
    accounts.bench.entries({key: {"metadata": {"labels": labels}}})
    accounts.bench.settings(patchExisting=[key])

    accounts.bench.preview()
    foreseen = accounts.said
    accounts.bench.up()

    taken = accounts.live("chart")
    assert taken is not None
    for said in (foreseen, accounts.said):
        assert (
            f"{key}: the service account is taken over from the role {BEFORE}" in said
        )
    assert taken["metadata"]["uid"] == before["metadata"]["uid"]
    assert taken["metadata"]["labels"] == HELMS | {"tier": "web"}
    assert taken["metadata"]["annotations"] == RELEASE | accounts.ours("chart")
    for field in ("imagePullSecrets", "secrets"):
        assert taken[field] == before[field]
    accounts.bench.preview(expect_no_changes=True)
    assert "taken over" not in accounts.said

    accounts.bench.destroy()

    left = accounts.live("chart")
    assert left is not None
    assert left["metadata"]["uid"] == before["metadata"]["uid"]
    assert left["metadata"]["labels"] == HELMS
    assert left["metadata"]["annotations"] == RELEASE
    assert (left["imagePullSecrets"], left["secrets"]) == (
        before["imagePullSecrets"],
        before["secrets"],
    )


def test_the_default_account_of_a_namespace_can_be_annotated(
    accounts: Accounts, hands: Hands
) -> None:
    """Kubernetes makes it for itself, and goes on owning it."""
    key = accounts.key("default")
    hands.await_service_account(key)
    before = accounts.live("default")
    assert before is not None
    accounts.bench.entries({key: {}})
    accounts.bench.settings(patchExisting=[key])

    accounts.bench.up()

    taken = accounts.live("default")
    assert taken is not None
    assert taken["metadata"]["uid"] == before["metadata"]["uid"]
    assert taken["metadata"]["annotations"] == accounts.ours("default")
    accounts.bench.preview(expect_no_changes=True)
    accounts.bench.destroy()
    left = accounts.live("default")
    assert left is not None
    assert left["metadata"]["uid"] == before["metadata"]["uid"]
    assert "annotations" not in left["metadata"]


def test_an_account_to_override_that_is_not_there_is_named(accounts: Accounts) -> None:
    """It is made, and who reads the preview knows that nobody owns it."""
    key = accounts.key("missing")
    accounts.bench.entries({key: {}})
    accounts.bench.settings(patchExisting=[key])

    accounts.bench.up()

    assert f"{key}: there is no such service account to override" in accounts.said
    accounts.bench.preview(expect_no_changes=True)
    assert "no such service account" not in accounts.said


def test_labels_removed_from_the_file_leave_an_owned_account(
    accounts: Accounts, hands: Hands
) -> None:
    """They would stay for ever with eksctl; what another tool applied stays here too.

    What kubectl put on an owned account goes with the next change, as the Kubernetes
    plugin takes over what kubectl manages.
    """
    key = accounts.key("owned")
    metadata = {"labels": {"a": "1", "b": "1"}, "annotations": {"c": "1"}}
    accounts.bench.entries({key: {"metadata": metadata}})
    accounts.bench.up()
    hands.apply_service_account(key, manager="argocd", labels={"theirs": "1"})
    before = accounts.live("owned")
    assert before is not None

    accounts.bench.entries({key: {"metadata": {"labels": {"a": "2"}}}})
    accounts.bench.up()

    after = accounts.live("owned")
    assert after is not None
    assert after["metadata"]["uid"] == before["metadata"]["uid"]
    assert after["metadata"]["labels"] == {
        "a": "2",
        "theirs": "1",
        "app.kubernetes.io/managed-by": "eks-irsa",
    }
    assert after["metadata"]["annotations"] == accounts.ours("owned")
    accounts.bench.preview(expect_no_changes=True)


def test_a_chart_with_an_account_of_its_own_is_served_by_role_only(
    accounts: Accounts, hands: Hands
) -> None:
    """The stack exports the role's ARN for its values and leaves the account alone."""
    key = accounts.key("chart")
    accounts.bench.entries({key: {"roleOnly": True}})
    accounts.bench.up()
    annotation = accounts.ours("chart")

    hands.make_service_account(key, labels=HELMS, annotations=annotation)

    made = accounts.live("chart")
    accounts.bench.preview(expect_no_changes=True)
    accounts.bench.destroy()
    assert accounts.live("chart") == made


def test_iam_alone_never_asks_the_cluster(accounts: Accounts, hands: Hands) -> None:
    """`kubernetes: off` is for endpoints that cannot be reached from here."""
    hands.make_service_account(accounts.key("theirs"), labels=HELMS)
    before = accounts.bench.inventory()
    accounts.bench.entries({accounts.key("theirs"): {}})
    accounts.bench.settings(kubernetes="off", kubeconfig="https://nowhere.invalid")

    accounts.bench.up()

    made = accounts.bench.inventory()
    assert made.service_accounts == before.service_accounts
    assert made.namespaces == before.namespaces
    assert len(made.roles) == len(before.roles) + 1
    accounts.bench.preview(expect_no_changes=True)
