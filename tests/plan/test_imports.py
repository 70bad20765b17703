"""What is imported, held against what IAM and the cluster have before the run."""

from collections.abc import Mapping
from typing import Final

import pytest
from plans import entry, in_file, planned

from eks_irsa.plan.imports import import_findings
from eks_irsa.plan.obstacles import Existing, ExistingRole, obstacle_findings
from eks_irsa.plan.transitions import ExistingServiceAccount

STACK: Final = "organization/eks-irsa/prod"
KEY: Final = "apps/reader"
ROLE: Final = "eksctl-c-Role1-1ABC"
SETTINGS: Final = {
    "overrides": {KEY: {"roleName": ROLE}},
    "adopt": {KEY: {"role": ROLE, "serviceAccount": True}},
}
LABELS: Final = {"labels": {"team": "shop"}, "annotations": {"note": "x"}}


def found(
    *,
    role: ExistingRole | None,
    live: ExistingServiceAccount,
    recorded: Mapping[str, str] | None = None,
    settings: Mapping[str, object] = SETTINGS,
    metadata: Mapping[str, object] | None = None,
) -> list[tuple[str, str, str, str]]:
    """Give what is said of an entry that is imported; it is no obstacle."""
    plan = planned(entry(KEY, metadata=metadata or {}), settings=settings)
    existing = Existing(
        service_accounts={KEY: live},
        roles={ROLE: role} if role else {},
        recorded_roles=recorded or {},
    )
    findings = import_findings(plan, existing, stack=STACK, file="stacks/c.yaml")
    obstacles = obstacle_findings(plan, existing, entries=in_file(KEY), stack=STACK)
    assert [one for one in obstacles if one.severity == "error"] == []
    return [
        (str(one.path[-1]), one.code, one.severity, one.message) for one in findings
    ]


def test_what_is_there_is_imported_without_a_word() -> None:
    """As is what this stack made in a run that was killed."""
    there = ExistingRole(tags={"team": "shop"})
    ours = ExistingRole(tags={"eks-irsa/stack": STACK})

    assert found(role=there, live=ExistingServiceAccount()) == []
    assert found(role=ours, live=ExistingServiceAccount()) == []


def test_what_is_not_there_is_named() -> None:
    """Role and service account, at once."""
    assert found(role=None, live=ExistingServiceAccount(exists=False)) == [
        (
            "role",
            "E-ADOPT",
            "error",
            f"there is no role {ROLE!r}; take it out here to have it made",
        ),
        (
            "serviceAccount",
            "E-ADOPT",
            "error",
            f"there is no service account {KEY!r}; take it out here to have it made",
        ),
    ]


def test_what_could_not_be_looked_up_is_not_taken_for_absent() -> None:
    """The engine finds out."""
    unread = ExistingRole(tags={}, unread="AccessDenied")

    assert found(role=unread, live=ExistingServiceAccount(unread="Forbidden")) == []


def test_a_role_of_another_stack_is_not_imported() -> None:
    """Two stacks would change it in turn."""
    theirs = ExistingRole(tags={"eks-irsa/stack": "organization/eks-irsa/dev"})

    assert found(role=theirs, live=ExistingServiceAccount()) == [
        (
            "role",
            "E-ADOPT",
            "error",
            (
                f"the role {ROLE!r} has the tag of the stack "
                "'organization/eks-irsa/dev'; take the entry out of one of the two, "
                "or, if that stack is gone, remove the tag"
            ),
        )
    ]


def test_a_role_of_cloudformation_is_to_be_retained_first() -> None:
    """Until it is in the state, and the stack said so."""
    theirs = ExistingRole(tags={"aws:cloudformation:stack-name": "eksctl-c-reader"})

    assert found(role=theirs, live=ExistingServiceAccount()) == [
        (
            "role",
            "W-CLOUDFORMATION",
            "warning",
            (
                f"the role {ROLE!r} is of the CloudFormation stack 'eksctl-c-reader', "
                "which deletes it with itself; before up run 'eks-irsa cloudformation "
                "retain stacks/c.yaml'"
            ),
        )
    ]


def test_a_role_of_the_cdk_is_not_eksctls_to_retain() -> None:
    """The command knows eksctl's stacks alone."""
    theirs = ExistingRole(tags={"aws:cloudformation:stack-name": "Infra"})

    ((*_, message),) = found(role=theirs, live=ExistingServiceAccount())

    assert message == (
        f"the role {ROLE!r} is of the CloudFormation stack 'Infra', which deletes it "
        "with itself; before up give it DeletionPolicy: Retain there (CDK: "
        "RemovalPolicy.RETAIN)"
    )


def test_a_role_that_is_in_the_state_is_imported_already() -> None:
    """It is not looked up, and nothing is said of it."""
    account = ExistingServiceAccount()

    assert found(role=None, live=account, recorded={ROLE: KEY}) == []


def test_a_role_of_a_renamed_entry_is_imported_already() -> None:
    """It is the same role under another name of the entry."""
    settings = {**SETTINGS, "renames": {"apps/old": KEY}}
    account, recorded = ExistingServiceAccount(), {ROLE: "apps/old"}

    assert found(role=None, live=account, recorded=recorded, settings=settings) == []


def test_a_role_of_another_entry_of_the_stack_is_not_imported() -> None:
    """The engine would take it in here and delete it there."""
    plan = planned(entry(KEY), entry("apps/owner"), settings=SETTINGS)
    existing = Existing(
        service_accounts={}, roles={}, recorded_roles={ROLE.lower(): "apps/owner"}
    )

    (one,) = import_findings(plan, existing, stack=STACK, file="stacks/c.yaml")

    assert (one.path, one.code, one.severity, one.message) == (
        ("adopt", KEY, "role"),
        "E-ADOPT",
        "error",
        (
            f"the role {ROLE!r} is in this stack as the role of 'apps/owner', and up "
            f"would delete it; take it out here, and out of overrides of {KEY!r}"
        ),
    )


@pytest.mark.parametrize("renames", [{}, {"apps/old": KEY}])
@pytest.mark.parametrize("held", ["c-apps-reader", ROLE.upper()])
def test_no_role_of_the_stack_is_replaced_by_an_import(
    renames: dict[str, str], held: str
) -> None:
    """The engine would delete the one that the entry has; it looks at letters' case."""
    recorded = {held: next(iter(renames), KEY)}

    assert found(
        role=ExistingRole(tags={}),
        live=ExistingServiceAccount(),
        recorded=recorded,
        settings={**SETTINGS, "renames": renames},
    ) == [
        (
            "role",
            "E-ADOPT",
            "error",
            (
                f"the stack has the role {held!r} for this entry, and up would delete "
                f"it for {ROLE!r}; take that out here, and out of overrides of {KEY!r}"
            ),
        )
    ]


@pytest.mark.parametrize(
    ("managers", "messages"),
    [
        ({"labels.team": {"eksctl"}, "annotations.note": {"kubectl-annotate"}}, []),
        (
            {"labels.a": {"eksctl"}, "secrets": {"kube-controller-manager"}},
            [
                (
                    "labels.a, secrets of the service account stay, as other tools "
                    "put them there, although the preview of the import shows them as "
                    "removed"
                )
            ],
        ),
        (
            {"annotations.b": {"kubectl-annotate"}, "labels.a": {"kubectl", "eksctl"}},
            [
                (
                    "labels.a of the service account stay, as other tools put them "
                    "there, although the preview of the import shows them as removed"
                ),
                (
                    "annotations.b of the service account go: what kubectl put there "
                    "becomes the stack's; write them into the entry to keep them"
                ),
            ],
        ),
    ],
)
def test_what_others_put_on_the_service_account_is_named(
    managers: dict[str, set[str]], messages: list[str]
) -> None:
    """The preview of an import does not tell what stays from what goes."""
    live = ExistingServiceAccount(
        managers={key: frozenset(who) for key, who in managers.items()}
    )
    there = ExistingRole(tags={})

    said = found(role=there, live=live, metadata=LABELS)

    assert said == [
        ("serviceAccount", "W-ADOPT", "warning", message) for message in messages
    ]
