"""What exists already is looked up before anything is registered."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pulumi
import pytest
from stack_program import entry, program

from eks_irsa.plan.transitions import ExistingServiceAccount
from eks_irsa.stack import registering
from eks_irsa.testing.mock_aws import (
    ACCOUNT_ID,
    CLUSTER_ARN,
    ISSUER_URL,
    READ_STATE,
    Invokes,
)

GET_ROLE: Final = "aws:iam/getRole:getRole"
GET_PROVIDER: Final = "aws:iam/getOpenIdConnectProvider:getOpenIdConnectProvider"
STACK: Final = "organization/eks-irsa/test"
COMPONENT: Final = "urn:pulumi:test::eks-irsa::eks-irsa:index:IrsaServiceAccount"
NAMED: Final = entry("reader", "    roleName: r\n")
OTHERS: Final = (
    "stacks/cluster-13.yaml:9:15: iam.serviceAccounts[0].roleName: an IAM role with "
    "the name 'r' already exists, with the tag of the stack 'other'; set another "
    "roleName, or write attachRoleARN to use the role as it is"
)


def roles(**tags: Mapping[str, str]) -> Invokes:
    """Answer that there are roles of these names with these tags, and no others."""

    def look_up(arguments: Mapping[str, Any]) -> dict[str, object] | str:
        name = arguments["name"]
        if name in tags:
            return {"name": name, "tags": tags[name]}
        return f"invoking: 1 error: reading IAM Role ({name}): couldn't find resource"

    return {GET_ROLE: look_up}


def recorded(*, issuer_url: str = ISSUER_URL) -> dict[str, Any]:
    """Give the state of a stack that made apps/reader with the role r."""
    provider = f"arn:aws:iam::{ACCOUNT_ID}:oidc-provider/{issuer_url[8:]}"
    trust = {"Statement": [{"Principal": {"Federated": provider}}]}
    role = {
        "arn": f"arn:aws:iam::{ACCOUNT_ID}:role/r",
        "name": "r",
        "tags": {"eks-irsa/cluster": CLUSTER_ARN},
        "assumeRolePolicy": json.dumps(trust),
    }
    account = f"{COMPONENT}$kubernetes:core/v1:ServiceAccount"
    return {
        "outputs": {
            f"{COMPONENT}::apps/reader": {"outputs": {}},
            f"{COMPONENT}$aws:iam/role:Role::apps/reader-role": {"outputs": role},
            f"{account}::apps/reader-service-account": {"outputs": {}},
        }
    }


def test_everything_that_exists_is_named_at_once(tmp_path: Path) -> None:
    """And nothing is registered: `up` is not stopped half-way."""
    with pytest.raises(pulumi.RunError) as caught:
        program(
            tmp_path,
            text=NAMED,
            answers=roles(r={"eks-irsa/stack": "other"}),
            service_accounts={"apps/reader": ExistingServiceAccount()},
        )

    assert str(caught.value).split("\n") == [
        (
            "stacks/cluster-13.yaml:7:22: iam.serviceAccounts[0].metadata.name: the "
            "service account 'apps/reader' already exists and this stack did not "
            "create it; set patchExisting: [apps/reader] to annotate it in place, or "
            "roleOnly: true in the entry to leave it alone; the setting adopt takes it "
            "in"
        ),
        OTHERS,
    ]


@pytest.mark.parametrize("preview", [True, False])
def test_a_preview_shows_the_rest_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, preview: bool
) -> None:
    """`eks-irsa recover` reads there what is to be brought in; `up` makes nothing."""
    registered: list[str] = []

    def register(name: str, *_: object, **__: object) -> None:
        registered.append(name)
        msg = "far enough"
        raise RuntimeError(msg)

    monkeypatch.setattr(registering, "PlannedServiceAccount", register)

    with pytest.raises((pulumi.RunError, RuntimeError)):
        program(
            tmp_path,
            text=NAMED,
            preview=preview,
            answers=roles(r={"eks-irsa/stack": "other"}),
        )

    assert registered == (["apps/reader"] if preview else [])


def test_what_the_state_has_is_not_looked_up(tmp_path: Path) -> None:
    """A run without a new entry costs no call, and its own role is no obstacle."""
    asked: list[str] = []

    def look_up(arguments: Mapping[str, Any]) -> str:
        asked.append(arguments["name"])
        return "couldn't find resource"

    made = program(
        tmp_path, text=NAMED, answers={GET_ROLE: look_up, READ_STATE: recorded()}
    )

    assert (asked, made.logs) == ([], [])


def test_roles_that_may_not_be_read_are_a_warning(tmp_path: Path) -> None:
    """IAM refuses once, and is not asked for the others."""
    made = program(tmp_path, answers={GET_ROLE: "AccessDenied: not authorized"})

    assert made.logs == [
        (
            "stacks/cluster-13.yaml:13:3: iam.serviceAccounts: 3 of the roles that "
            "will be created could not be looked up (invoke of aws:iam/getRole:getRole "
            "failed: AccessDenied: not authorized); up is stopped by each that already "
            "exists"
        )
    ]


def test_a_cluster_that_cannot_be_reached_is_a_warning(tmp_path: Path) -> None:
    """A preview in CI may have no way to it."""
    unread = ExistingServiceAccount(unread="ConnectError: timed out")

    made = program(tmp_path, text=NAMED, service_accounts={"apps/reader": unread})

    assert made.logs == [
        (
            "stacks/cluster-13.yaml:7:3: iam.serviceAccounts: 1 of the service "
            "accounts that will be created could not be looked up (ConnectError: timed "
            "out); up is stopped by each that already exists"
        )
    ]


def test_without_kubernetes_the_cluster_is_not_looked_at(tmp_path: Path) -> None:
    """Whatever it has stands in nobody's way."""
    made = program(
        tmp_path,
        text=NAMED,
        kubernetes="off",
        service_accounts={"apps/reader": ExistingServiceAccount()},
    )

    assert made.logs == []


def test_a_provider_that_the_state_lost_is_named(tmp_path: Path) -> None:
    """Its tags say that it is the stack's, and IAM takes only one."""
    tags = {"eks-irsa/cluster": CLUSTER_ARN, "eks-irsa/stack": STACK}
    answer = {"clientIdLists": ["sts.amazonaws.com"], "tags": tags}

    with pytest.raises(pulumi.RunError) as caught:
        program(tmp_path, answers={GET_PROVIDER: answer})

    assert str(caught.value).startswith(
        "stack settings: eks-irsa:oidcProvider: the IAM OIDC provider arn:aws:iam::"
    )


def test_a_cluster_that_was_made_again_is_named(tmp_path: Path) -> None:
    """Its ARN is the same, and without a refresh nothing is made in it."""
    before = recorded(issuer_url="https://oidc.eks.us-west-2.amazonaws.com/id/OLD")

    made = program(tmp_path, text=NAMED, answers={READ_STATE: before})

    assert made.logs == [
        (
            f"{STACK}: metadata.name: the cluster {CLUSTER_ARN} has another OIDC "
            "issuer than before, as after it was deleted and made again; without a "
            "refresh nothing is made in the new cluster, because the state has it "
            "already; run PULUMI_K8S_DELETE_UNREACHABLE=true pulumi up --refresh"
        )
    ]


def test_a_cluster_that_was_made_again_does_not_matter_without_kubernetes(
    tmp_path: Path,
) -> None:
    """The roles move to the new issuer by themselves."""
    before = recorded(issuer_url="https://oidc.eks.us-west-2.amazonaws.com/id/OLD")
    before["outputs"] = {
        urn: one for urn, one in before["outputs"].items() if "kubernetes" not in urn
    }

    made = program(tmp_path, text=NAMED, kubernetes="off", answers={READ_STATE: before})

    assert made.logs == []
