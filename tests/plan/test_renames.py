"""An entry renamed in the settings goes on with the role of its first name."""

import pytest
from plans import entry, planned, refused, roles


def test_a_renamed_entry_keeps_the_role_name_of_its_first_identity() -> None:
    """A role under a new name would be another role, and its trust elsewhere lost."""
    (before,) = roles(planned(entry("apps/first")))

    plan = planned(
        entry("apps/third"),
        settings={
            "renames": {"apps/first": "apps/second", "apps/second": "apps/third"}
        },
    )

    (role,) = roles(plan)
    assert role.name == before.name
    assert '"system:serviceaccount:apps:third"' in role.assume_role_policy
    assert role.tags["eks-irsa/service-account"] == "third"
    assert plan.service_accounts[0].former_keys == ("apps/second", "apps/first")


def test_without_the_declaration_it_is_another_role() -> None:
    """Taking the declaration away is a replacement, and previews as one."""
    (before,) = roles(planned(entry("apps/first")))
    (after,) = roles(planned(entry("apps/second")))

    assert after.name != before.name


def test_a_name_that_the_file_gives_counts_whatever_the_entry_is_called() -> None:
    """`roleName` is the user's own."""
    plan = planned(
        entry("apps/second", roleName="given"),
        settings={"renames": {"apps/first": "apps/second"}},
    )

    assert [role.name for role in roles(plan)] == ["given"]


@pytest.mark.parametrize(
    ("renames", "at", "message"),
    [
        pytest.param(
            {"apps/a": "apps/b"},
            "apps/a",
            "'apps/a' is still an entry of the ClusterConfig; take the entry or the "
            "rename out",
            id="old one is there",
        ),
        pytest.param(
            {"apps/old": "apps/nobody"},
            "apps/old",
            "'apps/nobody' is no entry of the ClusterConfig; expected the new name of "
            "'apps/old'",
            id="new one is not",
        ),
        pytest.param(
            {"apps/x": "apps/y", "apps/y": "apps/x"},
            "apps/x",
            "'apps/y' is no entry of the ClusterConfig; expected the new name of "
            "'apps/x'",
            id="circle",
        ),
        pytest.param(
            {"apps/old": "apps/b", "apps/older": "apps/b"},
            "apps/older",
            "'apps/b' has one role, and 'apps/old' is renamed to it already; take "
            "one of the two out",
            id="two into one",
        ),
    ],
)
def test_renames_lead_from_an_entry_that_is_gone_to_one_that_is_there(
    renames: dict[str, str], at: str, message: str
) -> None:
    """What could not be meant is refused before anything is registered."""
    found = refused(entry("apps/a"), entry("apps/b"), settings={"renames": renames})

    assert (f"eks-irsa:renames.{at}", "E-RENAME", message) in found
