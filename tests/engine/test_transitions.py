"""An entry moved between owned, overridden and roleOnly: the live account stays.

What remains on the account afterwards is said in docs/service-accounts.md.
"""

from collections.abc import Callable
from typing import Any, Final

import pytest
from hands import Hands
from pulumi.automation.errors import CommandError
from workbench import Workbench

pytestmark = pytest.mark.engine

Benches = Callable[..., Workbench]

ROLE_ARN: Final = "eks.amazonaws.com/role-arn"
OURS: Final = {"app.kubernetes.io/managed-by": "eks-irsa"}
THEIRS: Final = {"team": "shop"}


class Mover:
    """The entry that is moved, beside one that stays."""

    def __init__(self, bench: Workbench, hands: Hands) -> None:
        """Name both for the cluster of the bench."""
        self.bench = bench
        self._hands = hands
        self.key = f"{bench.cluster}-apps/mover"
        self.neighbour = f"{bench.cluster}-apps/stayer"

    def to(self, mode: str) -> None:
        """Put the entry into a mode, in the file or in the settings."""
        mover = {"roleOnly": True} if mode == "roleOnly" else {}
        self.bench.entries({self.key: mover, self.neighbour: {}})
        self.bench.settings(patchExisting=[self.key] if mode == "overridden" else [])

    @property
    def metadata(self) -> dict[str, Any]:
        """What the API server has of the account."""
        found = self._hands.service_account(self.key)
        assert found is not None
        return dict(found["metadata"])

    @property
    def role_arn(self) -> str:
        """The role of the entry."""
        return str(self.bench.outputs()["serviceAccounts"][self.key]["roleArn"])


@pytest.fixture(name="mover")
def _mover(bench: Benches, hands: Hands) -> Mover:
    return Mover(bench(), hands)


def others(mover: Mover) -> tuple[object, object]:
    """Give everything that is not the moved account, whole."""
    made = mover.bench.inventory()
    accounts = {
        key: one for key, one in made.service_accounts.items() if key != mover.key
    }
    return made.roles, accounts


def test_owned_to_overridden_keeps_the_account_and_all_its_keys(
    mover: Mover, hands: Hands
) -> None:
    """The manager that made it still holds them, so they stay on removal too."""
    mover.to("owned")
    mover.bench.up()
    hands.edit_service_account(mover.key, labels=THEIRS)
    uid, rest = mover.metadata["uid"], others(mover)

    mover.to("overridden")
    mover.bench.up()

    taken = mover.metadata
    mover.bench.preview(expect_no_changes=True)
    assert (taken["uid"], others(mover)) == (uid, rest)
    assert taken["labels"] == OURS | THEIRS
    assert taken["annotations"] == {ROLE_ARN: mover.role_arn}
    mover.bench.destroy()
    left = mover.metadata
    assert (left["uid"], left["labels"]) == (uid, OURS | THEIRS)
    assert left["annotations"] == taken["annotations"]


def test_overridden_to_owned_takes_the_account_in_and_says_so(
    mover: Mover, hands: Hands
) -> None:
    """From then on it goes with its entry; foreign keys stay as long as it does."""
    mover.bench.entries({mover.neighbour: {}})
    mover.bench.up()
    hands.make_service_account(mover.key, labels=THEIRS)
    uid = mover.metadata["uid"]
    mover.to("overridden")
    mover.bench.up()
    rest = others(mover)

    mover.to("owned")
    mover.bench.up()

    owned = mover.metadata
    assert (owned["uid"], others(mover)) == (uid, rest)
    assert owned["labels"] == OURS | THEIRS
    assert owned["annotations"] == {ROLE_ARN: mover.role_arn}
    assert (
        f"{mover.key}: the service account was patched, and counts as created"
        in "".join(mover.bench.output)
    )
    mover.bench.preview(expect_no_changes=True)
    mover.bench.destroy()
    assert hands.service_account(mover.key) is None


def test_owned_to_role_only_lets_the_account_go_as_it_is(
    mover: Mover, hands: Hands
) -> None:
    """Pods that run keep their role; nobody in this stack deletes it any more."""
    mover.to("owned")
    mover.bench.up()
    hands.edit_service_account(mover.key, labels=THEIRS)
    before, rest = mover.metadata, others(mover)

    mover.to("roleOnly")
    mover.bench.up()

    assert (mover.metadata, others(mover)) == (before, rest)
    assert (
        f"{mover.key}: the service account is retained: it stays as it is"
        in "".join(mover.bench.output)
    )
    mover.bench.preview(expect_no_changes=True)
    mover.bench.up()
    mover.bench.preview(expect_no_changes=True)
    mover.bench.destroy()
    assert mover.metadata == before


def test_overridden_to_role_only_takes_our_keys_away(
    mover: Mover, hands: Hands
) -> None:
    """The account and what others put on it stay."""
    mover.bench.entries({mover.neighbour: {}})
    mover.bench.up()
    made = hands.make_service_account(mover.key, labels=THEIRS)["metadata"]
    mover.to("overridden")
    mover.bench.up()
    rest = others(mover)

    mover.to("roleOnly")
    mover.bench.up()

    left = mover.metadata
    assert (left["uid"], left["labels"]) == (made["uid"], THEIRS)
    assert "annotations" not in left
    assert others(mover) == rest
    mover.bench.preview(expect_no_changes=True)


def test_role_only_to_overridden_puts_our_keys_on_the_account(
    mover: Mover, hands: Hands
) -> None:
    """Whoever made it goes on owning it."""
    mover.to("roleOnly")
    mover.bench.up()
    made = hands.make_service_account(mover.key, labels=THEIRS)["metadata"]
    rest = others(mover)

    mover.to("overridden")
    mover.bench.up()

    taken = mover.metadata
    assert (taken["uid"], taken["labels"]) == (made["uid"], THEIRS)
    assert taken["annotations"] == {ROLE_ARN: mover.role_arn}
    assert others(mover) == rest
    mover.bench.preview(expect_no_changes=True)


def test_role_only_to_owned_stops_at_an_account_that_is_there(
    mover: Mover, hands: Hands
) -> None:
    """Nothing is taken without being asked; by way of overridden it is."""
    mover.to("roleOnly")
    mover.bench.up()
    hands.make_service_account(mover.key, labels=THEIRS)
    before, rest = mover.metadata, others(mover)

    mover.to("owned")
    with pytest.raises(
        CommandError, match=r"service account '.*/mover' already exists"
    ):
        mover.bench.up()

    assert (mover.metadata, others(mover)) == (before, rest)
    for mode in ("overridden", "owned"):
        mover.to(mode)
        mover.bench.up()
    owned = mover.metadata
    assert (owned["uid"], owned["labels"]) == (before["uid"], OURS | THEIRS)
    mover.bench.preview(expect_no_changes=True)


def test_kubernetes_off_lets_every_account_go(mover: Mover) -> None:
    """Who cannot reach the cluster any more does not lose what is in it."""
    mover.to("owned")
    mover.bench.up()
    before = mover.bench.inventory()

    mover.bench.settings(kubernetes="off")
    mover.bench.up()

    assert mover.bench.inventory() == before
    mover.bench.up()
    mover.bench.preview(expect_no_changes=True)
    mover.bench.destroy()
    assert mover.bench.inventory().service_accounts == before.service_accounts
