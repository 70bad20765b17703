"""What is said of an entry that the stack made before in another way."""

import pytest
from plans import ACCOUNT_ID, CLUSTER, entry, planned

from eks_irsa.identity.model import Mode
from eks_irsa.plan.transitions import (
    ExistingServiceAccount,
    Recorded,
    cluster_warnings,
    is_let_go,
    taken_over,
    transition_warnings,
)

STACK = "organization/eks-irsa/prod"
KEY = "apps/x"
GIVEN: dict[Mode, dict[str, object]] = {
    "created": {},
    "patched": {"patchExisting": [KEY]},
    "notManaged": {"kubernetes": "off"},
}
OURS = planned(entry(KEY)).service_accounts[0].role_arn
THEIRS = f"arn:aws:iam::{ACCOUNT_ID}:role/theirs"


def said(
    mode: Mode, before: Recorded | None, live: ExistingServiceAccount | None = None
) -> list[tuple[str, str]]:
    """Give code and message of every warning."""
    plan = planned(entry(KEY), settings=GIVEN[mode])
    recorded = {KEY: before} if before else {}
    warnings = transition_warnings(
        plan, recorded, {KEY: live} if live else {}, stack=STACK
    )
    found = list(warnings)
    assert {(one.source, one.path, one.severity) for one in found} <= {
        (STACK, KEY, "warning")
    }
    return [(one.code, one.message) for one in found]


@pytest.mark.parametrize("mode", GIVEN)
def test_an_entry_that_stays_what_it_was_says_nothing(mode: Mode) -> None:
    """Equal input, no news."""
    assert said(mode, Recorded(mode=mode, role_arn=OURS)) == []


def test_a_new_entry_says_nothing() -> None:
    """The engine's own preview shows it."""
    assert said("created", None) == []


def test_a_retained_service_account_is_named() -> None:
    """It is not deleted with its entry any more."""
    before = Recorded(mode="created", role_arn=OURS)

    assert is_let_go(
        planned(entry(KEY), settings=GIVEN["notManaged"]).service_accounts[0], before
    )
    assert said("notManaged", before) == [
        (
            "W-RETAINED",
            (
                "the service account is retained: it stays as it is, annotation and "
                "labels included, and is not managed from now on"
            ),
        )
    ]


def test_a_service_account_that_counts_as_created_is_named() -> None:
    """It will be deleted with its entry, which it was not before."""
    assert said("created", Recorded(mode="patched", role_arn=OURS)) == [
        (
            "W-CREATED",
            (
                "the service account was patched, and counts as created from now on: "
                "it is deleted with its entry"
            ),
        )
    ]


def test_a_role_that_is_replaced_is_named_with_what_must_restart() -> None:
    """The engine shows a replacement, and not what follows of it."""
    assert said("created", Recorded(mode="created", role_arn=THEIRS)) == [
        (
            "W-ROLE-REPLACED",
            (
                f"the role {THEIRS} is replaced by {OURS}, as a role's name and path "
                "cannot change; restart the pods of this service account, and correct "
                "whatever names the old role"
            ),
        )
    ]


@pytest.mark.parametrize(
    ("live", "expected"),
    [
        pytest.param(ExistingServiceAccount(), [], id="no role before"),
        pytest.param(ExistingServiceAccount(role_arn=OURS), [], id="the same role"),
        pytest.param(
            ExistingServiceAccount(role_arn=THEIRS),
            [
                (
                    "W-PATCHED",
                    (
                        f"the service account is patched; until now it has the role "
                        f"{THEIRS}, which is not put back when its entry is removed"
                    ),
                )
            ],
            id="another role",
        ),
        pytest.param(
            ExistingServiceAccount(exists=False),
            [
                (
                    "W-NOTHING-TO-PATCH",
                    (
                        "there is no such service account to patch; it is made, and "
                        "stays when its entry is removed; take the entry out of "
                        "patchExisting to have it created, and deleted with its entry"
                    ),
                )
            ],
            id="not there",
        ),
        pytest.param(
            ExistingServiceAccount(unread="ApiError: forbidden"),
            [
                (
                    "W-PATCHED",
                    (
                        "the service account is patched, and the role it has until now "
                        "could not be read: ApiError: forbidden"
                    ),
                )
            ],
            id="not readable",
        ),
    ],
)
def test_an_account_that_is_taken_over_says_what_was_there(
    live: ExistingServiceAccount, expected: list[tuple[str, str]]
) -> None:
    """The role it had is in no state and is not restored."""
    assert said("patched", None, live) == expected


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        pytest.param(None, (KEY,), id="new"),
        pytest.param("notManaged", (KEY,), id="left alone before"),
        pytest.param("created", (), id="ours before"),
        pytest.param("patched", (), id="taken over before"),
    ],
)
def test_only_an_account_that_was_not_ours_is_asked_for(
    before: Mode | None, expected: tuple[str, ...]
) -> None:
    """What we wrote ourselves is no news."""
    plan = planned(entry(KEY), settings=GIVEN["patched"])
    recorded = {KEY: Recorded(mode=before, role_arn=OURS)} if before else {}

    assert taken_over(plan, recorded) == expected


OLD_PROVIDER = f"arn:aws:iam::{ACCOUNT_ID}:oidc-provider/oidc.eks/id/OLD"


@pytest.mark.parametrize(
    ("trusted", "mode", "expected"),
    [
        pytest.param([OLD_PROVIDER], "created", ["W-CLUSTER-REPLACED"], id="another"),
        pytest.param([OLD_PROVIDER], "patched", ["W-CLUSTER-REPLACED"], id="patched"),
        pytest.param([OLD_PROVIDER], "notManaged", [], id="nothing in the cluster"),
        pytest.param([CLUSTER.provider_arn], "created", [], id="the same"),
        pytest.param([CLUSTER.provider_arn, OLD_PROVIDER], "created", [], id="both"),
        pytest.param([], "created", [], id="no role for this cluster"),
    ],
)
def test_a_cluster_with_another_issuer_was_made_again(
    trusted: list[str], mode: Mode, expected: list[str]
) -> None:
    """Its ARN does not tell, and the roles of the state do."""
    recorded = {KEY: Recorded(mode=mode, role_arn=OURS)}

    found = cluster_warnings(planned(entry(KEY)), recorded, trusted, stack=STACK)

    assert [one.code for one in found] == expected
