"""Who is counted when the OIDC provider of a cluster goes."""

from collections.abc import Mapping
from typing import Final

from plans import ACCOUNT_ID, CLUSTER, entry, planned

from eks_irsa.plan.provider_users import Annotated, provider_user_findings
from eks_irsa.plan.transitions import Recorded

ROLE: Final = f"arn:aws:iam::{ACCOUNT_ID}:role/r"
OTHERS: Final = "arn:aws:iam::999999999999:role/r"
MOVED: Final = planned(
    entry("apps/moved"), settings={"defaults": {"identity": "podIdentity"}}
)
OURS: Final = Recorded(mode="created", role_arn=ROLE)


def found(
    annotated: Mapping[str, str],
    recorded: Mapping[str, Recorded] | None = None,
    *,
    unread: str | None = None,
) -> list[tuple[object, ...]]:
    """Give what is found where one entry has moved to EKS Pod Identity."""
    findings = provider_user_findings(
        MOVED, recorded or {}, Annotated(role_arns=annotated, unread=unread)
    )
    return [(one.path, one.code, one.severity, one.message) for one in findings]


def test_annotated_service_accounts_are_counted_and_the_first_named() -> None:
    """Their pods lose their credentials, whoever annotated them."""
    others = {f"apps/o{number}": ROLE for number in range(5)}

    assert found(others) == [
        (
            ("iam", "withOIDC"),
            "W-PROVIDER-IN-USE",
            "warning",
            (
                f"without withOIDC: true this run deletes the IAM OIDC provider "
                f"{CLUSTER.provider_arn}, by which 5 of the cluster's service accounts "
                "still get their role ('apps/o0', 'apps/o1', 'apps/o2' and 2 more); "
                "leave it until they have EKS Pod Identity"
            ),
        )
    ]


def test_what_this_run_moves_or_takes_away_is_not_counted() -> None:
    """Its annotation goes; a role of another AWS account trusts a provider there."""
    annotated = {"apps/moved": ROLE, "apps/gone": ROLE, "apps/abroad": OTHERS}
    recorded = {"apps/moved": OURS, "apps/gone": OURS}

    assert found(annotated, recorded) == []


def test_entry_that_is_only_named_here_is_counted_by_its_annotation() -> None:
    """Nobody takes it off."""
    left_alone = Recorded(mode="notManaged", role_arn=ROLE)

    ((_, code, _, message),) = found({"apps/x": ROLE}, {"apps/x": left_alone})

    assert code == "W-PROVIDER-IN-USE"
    assert "1 of the cluster's service accounts" in str(message)


def test_entries_that_still_have_tokens_are_counted_unseen() -> None:
    """Each once, also where the cluster has it annotated."""
    plan = planned(entry("apps/x"), entry("apps/y"))
    annotated = Annotated(role_arns={"apps/x": ROLE})

    (one,) = provider_user_findings(plan, {}, annotated)

    assert "2 of the cluster's service accounts still get their role ('apps/x', " in (
        one.message
    )


def test_cluster_that_does_not_tell_is_said() -> None:
    """An absent answer is not the answer that nobody is there."""
    assert found({}, unread="ConnectError: timed out") == [
        (
            ("iam", "withOIDC"),
            "W-NOT-LOOKED-UP",
            "warning",
            (
                f"this run deletes the IAM OIDC provider {CLUSTER.provider_arn}, and "
                "which service accounts of the cluster still get their role by it "
                "could not be looked up (ConnectError: timed out)"
            ),
        )
    ]
