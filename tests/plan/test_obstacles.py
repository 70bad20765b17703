"""What exists and would stop `up` half-way, for each thing that is found."""

from collections.abc import Mapping

import pytest
from plans import ACCOUNT_ID, CLUSTER, entry, planned

from eks_irsa.cluster_config.asked import (
    ASKED_BY_ADD_ON,
    ASKED_BY_ASSOCIATION,
    ASKED_BY_SERVICE_ACCOUNT,
)
from eks_irsa.cluster_config.entries import Entry
from eks_irsa.identity.model import Mode
from eks_irsa.plan.model import Plan
from eks_irsa.plan.obstacles import (
    Existing,
    ExistingRole,
    obstacle_findings,
    provider_findings,
    role_names_to_look_up,
    service_accounts_to_look_up,
)
from eks_irsa.plan.provider_ownership import ProviderUse
from eks_irsa.plan.transitions import ExistingServiceAccount, Recorded

STACK = "organization/eks-irsa/prod"
KEY = "apps/x"
NAMED = entry(KEY, roleName="x")
OURS = planned(entry(KEY)).service_accounts[0].role_arn
ENTRY = ("iam", "serviceAccounts", 0)
ASKED = Entry(path=ENTRY, identity="irsa", fields={}, places=ASKED_BY_SERVICE_ACCOUNT)


def found(
    plan: Plan,
    *,
    live: ExistingServiceAccount | None = None,
    role: ExistingRole | None = None,
    recorded_roles: Mapping[str, str] | None = None,
    asked: Entry = ASKED,
) -> list[tuple[object, ...]]:
    """Give everything about a plan of one entry, whose role and account are found."""
    (planned_entry,) = plan.service_accounts
    name = planned_entry.role.name if planned_entry.role else ""
    existing = Existing(
        service_accounts={KEY: live} if live else {},
        roles={name: role} if role else {},
        recorded_roles=recorded_roles or {},
    )
    findings = obstacle_findings(plan, existing, entries={KEY: asked}, stack=STACK)
    return [(one.path, one.code, one.severity, one.message) for one in findings]


def test_nothing_that_exists_is_no_obstacle() -> None:
    """A service account that was looked up and is absent is one that can be made."""
    assert found(planned(entry(KEY)), live=ExistingServiceAccount(exists=False)) == []


def test_a_service_account_that_exists_is_named_with_the_setting_to_write() -> None:
    """The engine would say so when other things are made already."""
    assert found(planned(entry(KEY)), live=ExistingServiceAccount()) == [
        (
            (*ENTRY, "metadata", "name"),
            "E-SERVICE-ACCOUNT-EXISTS",
            "error",
            (
                "the service account 'apps/x' already exists and this stack did not "
                "create it; set patchExisting: [apps/x] to annotate it in place, or "
                "roleOnly: true in the entry to leave it alone; the setting adopt "
                "takes it in"
            ),
        )
    ]


def test_a_service_account_with_a_role_is_taken_in_before_it_is_given_another() -> None:
    """`patchExisting` would take its role away from its pods."""
    arn = _role("theirs")

    (one,) = found(planned(entry(KEY)), live=ExistingServiceAccount(role_arn=arn))

    assert one[3] == (
        f"the service account 'apps/x' already exists with the role {arn}, and this "
        "stack did not create it; 'eks-irsa adopt' writes the settings that keep that "
        "role; to give it the entry's role instead, set patchExisting: [apps/x]; "
        "roleOnly: true in the entry leaves it alone"
    )


def test_a_service_account_of_an_association_is_left_alone_by_another_key() -> None:
    """Each section has words of its own."""
    path = ("iam", "podIdentityAssociations", 0)
    asked = Entry(
        path=path, identity="podIdentity", fields={}, places=ASKED_BY_ASSOCIATION
    )

    assert found(planned(entry(KEY)), live=ExistingServiceAccount(), asked=asked) == [
        (
            (*path, "serviceAccountName"),
            "E-SERVICE-ACCOUNT-EXISTS",
            "error",
            (
                "the service account 'apps/x' already exists and this stack did not "
                "create it; set patchExisting: [apps/x] to annotate it in place, or "
                "take createServiceAccount out of the entry to leave it alone; the "
                "setting adopt takes it in"
            ),
        )
    ]


def test_the_role_of_an_add_on_has_no_name_to_change() -> None:
    """What remains is to use the role that is there."""
    asked = Entry(
        path=("addons", 2), identity="irsa", fields={}, places=ASKED_BY_ADD_ON
    )

    (one,) = found(planned(entry(KEY)), role=ExistingRole(tags={}), asked=asked)

    assert one[0] == ("addons", 2)
    assert str(one[3]).endswith(
        "already exists, with no tag of a stack; write serviceAccountRoleARN to use "
        "the role as it is; 'eks-irsa adopt' writes the settings that take it in"
    )


def test_a_service_account_with_the_entrys_role_may_be_of_a_killed_run() -> None:
    """Nobody else would have written the ARN of a role that is not made yet."""
    assert found(planned(entry(KEY)), live=ExistingServiceAccount(role_arn=OURS)) == [
        (
            (*ENTRY, "metadata", "name"),
            "E-SERVICE-ACCOUNT-EXISTS",
            "error",
            (
                "the service account 'apps/x' already exists and has this entry's "
                "role; after a run that was killed, bring it in with 'eks-irsa recover "
                "apps/x-service-account'; otherwise set patchExisting: [apps/x] to "
                "annotate it in place"
            ),
        )
    ]


@pytest.mark.parametrize(
    ("tags", "message"),
    [
        pytest.param(
            {},
            (
                "an IAM role with the name 'x' already exists, with no tag of a stack; "
                "set another roleName, or write attachRoleARN to use the role as it "
                "is; 'eks-irsa adopt' writes the settings that take it in"
            ),
            id="nobody's",
        ),
        pytest.param(
            {"eks-irsa/stack": "organization/eks-irsa/dev"},
            (
                "an IAM role with the name 'x' already exists, with the tag of the "
                "stack 'organization/eks-irsa/dev'; set another roleName, or write "
                "attachRoleARN to use the role as it is"
            ),
            id="another stack's",
        ),
        pytest.param(
            {"eks-irsa/stack": STACK},
            (
                "an IAM role with the name 'x' already exists, with the tag of this "
                "stack, whose state does not have it; after a run that was killed, "
                "bring it in with 'eks-irsa recover apps/x-role'"
            ),
            id="this stack's",
        ),
    ],
)
def test_a_role_that_exists_is_named_with_whose_it_is(
    tags: dict[str, str], message: str
) -> None:
    """Its tags tell, and with them what to do."""
    assert found(planned(NAMED), role=ExistingRole(tags=tags)) == [
        ((*ENTRY, "roleName"), "E-ROLE-EXISTS", "error", message)
    ]


def test_a_role_with_a_derived_name_is_placed_at_its_entry() -> None:
    """There is no roleName in the file to point at."""
    (one,) = found(planned(entry(KEY)), role=ExistingRole(tags={}))

    assert one[:2] == (ENTRY, "E-ROLE-EXISTS")


@pytest.mark.parametrize("recorded", ["x", "X"])
def test_a_role_of_an_entry_that_was_renamed_is_kept_by_the_setting(
    recorded: str,
) -> None:
    """The engine would make the new one before it deletes the old one."""
    assert found(planned(NAMED), recorded_roles={recorded: "apps/old"}) == [
        (
            (*ENTRY, "roleName"),
            "E-ROLE-EXISTS",
            "error",
            (
                "the role 'x' already exists in this stack as the role of 'apps/old', "
                "which is not in the file any more; set renames: {apps/old: apps/x} to "
                "keep the role, or set another roleName"
            ),
        )
    ]


def test_a_declared_rename_is_no_obstacle() -> None:
    """The engine knows the role by its alias."""
    plan = planned(NAMED, settings={"renames": {"apps/old": KEY}})

    assert found(plan, recorded_roles={"x": "apps/old"}) == []


def test_what_could_not_be_looked_up_is_a_warning_and_stops_nothing() -> None:
    """Whoever may not read is not kept from trying."""
    unread = ExistingRole(tags={}, unread="AccessDenied")

    assert found(
        planned(NAMED), live=ExistingServiceAccount(unread="ConnectError"), role=unread
    ) == [
        (
            ("iam", "serviceAccounts"),
            "W-NOT-LOOKED-UP",
            "warning",
            (
                "1 of the service accounts that will be created could not be looked up "
                "(ConnectError); up is stopped by each that already exists"
            ),
        ),
        (
            ("iam", "serviceAccounts"),
            "W-NOT-LOOKED-UP",
            "warning",
            (
                "1 of the roles that will be created could not be looked up "
                "(AccessDenied); up is stopped by each that already exists"
            ),
        ),
    ]


@pytest.mark.parametrize("recorded", [{"x": KEY}, {"X": KEY}])
def test_a_role_in_the_state_is_not_looked_up(recorded: dict[str, str]) -> None:
    """IAM does not look at the case of names, and a run without news costs nothing."""
    assert role_names_to_look_up(planned(NAMED), recorded) == ()


def test_a_role_that_is_new_is_looked_up() -> None:
    """Also where the stack has others; a role that is only used is not."""
    plan = planned(NAMED, entry("apps/y", attachRoleARN=_role("theirs")))

    assert role_names_to_look_up(plan, {"z": "apps/z"}) == ("x",)


def _role(name: str) -> str:
    return f"arn:aws:iam::{ACCOUNT_ID}:role/{name}"


@pytest.mark.parametrize(
    ("settings", "before", "keys"),
    [
        pytest.param({}, None, (KEY,), id="new"),
        pytest.param({}, "notManaged", (KEY,), id="left alone before"),
        pytest.param({}, "created", (), id="ours"),
        pytest.param({}, "patched", (), id="patched before"),
        pytest.param({"patchExisting": [KEY]}, None, (), id="to be patched"),
        pytest.param({"kubernetes": "off"}, None, (), id="without Kubernetes"),
    ],
)
def test_only_a_service_account_that_will_be_created_is_looked_up(
    settings: dict[str, object], before: Mode | None, keys: tuple[str, ...]
) -> None:
    """With `kubernetes: off` the cluster is not asked for anything."""
    recorded = {KEY: Recorded(mode=before, role_arn=OURS)} if before else {}

    assert (
        service_accounts_to_look_up(planned(entry(KEY), settings=settings), recorded)
        == keys
    )


def test_the_new_name_of_a_renamed_entry_is_looked_up() -> None:
    """Its role goes on, but its service account is made under the new name."""
    plan = planned(entry(KEY), settings={"renames": {"apps/old": KEY}})
    recorded = {"apps/old": Recorded(mode="created", role_arn=OURS)}

    assert service_accounts_to_look_up(plan, recorded) == (KEY,)


@pytest.mark.parametrize(
    ("use", "exists", "in_state"),
    [
        ("manage", False, False),
        ("manage", True, True),
        ("adopt", True, False),
        ("read", True, False),
    ],
)
def test_a_provider_that_can_be_used_is_no_obstacle(
    use: ProviderUse, *, exists: bool, in_state: bool
) -> None:
    """One that is made, managed, taken in or read."""
    findings = provider_findings(use, CLUSTER, exists=exists, in_state=in_state)

    assert list(findings) == []


def test_a_provider_that_the_state_lost_is_named_with_the_setting_to_write() -> None:
    """IAM takes one provider for an issuer."""
    (one,) = provider_findings("manage", CLUSTER, exists=True, in_state=False)

    assert (one.path, one.code, one.message) == (
        ("oidcProvider",),
        "E-PROVIDER-EXISTS",
        (
            f"the IAM OIDC provider {CLUSTER.provider_arn} already exists with the "
            "tags of this stack, whose state does not have it; set oidcProvider to "
            "managed to take it in, or, after a run that was killed, bring it in with "
            "'eks-irsa recover shop-provider'"
        ),
    )
