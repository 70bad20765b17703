"""What the stack program asks of EKS Pod Identity before it registers anything."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pulumi
import pytest
from stack_program import entry, program

from eks_irsa.plan.associations import ExistingAssociation
from eks_irsa.plan.model import Cluster
from eks_irsa.plan.transitions import ExistingServiceAccount
from eks_irsa.stack import existing_associations
from eks_irsa.stack.credentials import TokenCredentials
from eks_irsa.testing.mock_aws import (
    ACCOUNT_ID,
    CLUSTER_ARN,
    ISSUER_URL,
    READ_STATE,
    described_cluster,
)

GET_ADD_ON: Final = "aws:eks/getAddon:getAddon"
GET_CLUSTER: Final = "aws:eks/getCluster:getCluster"
ABSENT: Final = "reading EKS Add-On (cluster-13:x): couldn't find resource"
ROLE_ARN: Final = f"arn:aws:iam::{ACCOUNT_ID}:role/r"
PROVIDER_ARN: Final = f"arn:aws:iam::{ACCOUNT_ID}:oidc-provider/{ISSUER_URL[8:]}"
NAMED: Final = entry("reader", "    roleName: r\n")
WITHOUT: Final = (
    "apiVersion: eksctl.io/v1alpha5\nkind: ClusterConfig\n"
    "metadata: {name: cluster-13, region: us-west-2}\niam: {withOIDC: false}\n"
)
BOTH: Final = {"identity": "both"}
COMPONENT: Final = "urn:pulumi:test::eks-irsa::eks-irsa:index:IrsaServiceAccount"


def recorded(identity: str | None, association: str | None = None) -> dict[str, Any]:
    """Give the state of a stack that made apps/reader, and its OIDC provider."""
    kinds: dict[str, dict[str, object]] = {
        "::apps/reader": {"identity": identity} if identity else {},
        "$aws:iam/role:Role::apps/reader-role": {"arn": ROLE_ARN, "name": "r"},
        "$kubernetes:core/v1:ServiceAccount::apps/reader-service-account": {},
    }
    if association:
        kind = "$aws:eks/podIdentityAssociation:PodIdentityAssociation"
        kinds[f"{kind}::apps/reader-association"] = {"associationId": association}
    provider = {"managed": True, "provider_arn": PROVIDER_ARN}
    of_provider = COMPONENT.replace("IrsaServiceAccount", "EksOidcProvider")
    return {
        "outputs": {
            **{f"{COMPONENT}{kind}": {"outputs": one} for kind, one in kinds.items()},
            f"{of_provider}::cluster-13": {"outputs": provider},
        }
    }


def codes(logs: list[str], *known: str) -> list[str]:
    """Find which of some texts are in the warnings."""
    return [text for text in known if any(text in log for log in logs)]


def test_association_that_exists_stops_the_run(tmp_path: Path) -> None:
    """With its place in the file and the setting to write."""
    there = {"apps/reader": ExistingAssociation(id="a-1", tags={})}

    with pytest.raises(pulumi.RunError) as caught:
        program(tmp_path, text=NAMED, defaults=BOTH, associations=there)

    assert str(caught.value) == (
        "stacks/cluster-13.yaml:7:22: iam.serviceAccounts[0].metadata.name: the "
        "service account 'apps/reader' already has the EKS Pod Identity association "
        "'a-1', which this stack did not make; set overrides: {apps/reader: "
        "{associationId: a-1}} to take it in, which gives it this entry's role"
    )


def test_association_of_the_setting_is_imported(tmp_path: Path) -> None:
    """By the id that Pulumi's own import takes."""
    made = program(
        tmp_path,
        text=NAMED,
        defaults=BOTH,
        overrides={"apps/reader": {"associationId": "a-1abc"}},
        associations={"apps/reader": ExistingAssociation(id="a-1abc", tags={})},
    )

    imported = [getattr(request, "importId", "") for request in made.requests]
    assert [one for one in imported if one] == ["cluster-13,a-1abc"]


def test_association_of_another_is_not_imported(tmp_path: Path) -> None:
    """The engine would replace it, that is delete it."""
    with pytest.raises(pulumi.RunError) as caught:
        program(
            tmp_path,
            text=NAMED,
            defaults=BOTH,
            overrides={"apps/reader": {"associationId": "a-1abc"}},
            associations={"apps/other": ExistingAssociation(id="a-1abc")},
        )

    assert str(caught.value) == (
        "stack settings: eks-irsa:overrides.apps/reader.associationId: 'a-1abc' is the "
        "association of 'apps/other'; 'apps/reader' has none, so take associationId "
        "out to have one made"
    )


@pytest.mark.parametrize(
    ("state", "asked"),
    [
        pytest.param(recorded("irsa"), True, id="moved"),
        pytest.param(recorded("both", "a-1"), False, id="had it"),
        pytest.param(None, True, id="new"),
    ],
)
def test_eks_is_asked_only_for_what_the_state_lacks(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    state: Mapping[str, Any] | None,
    *,
    asked: bool,
) -> None:
    """A run without news costs no call."""
    calls: list[tuple[str, TokenCredentials]] = []

    def read(
        cluster: Cluster, _: object, credentials: TokenCredentials
    ) -> Mapping[str, ExistingAssociation]:
        calls.append((cluster.arn, credentials))
        return {}

    monkeypatch.setattr(existing_associations, "_read", read)

    program(
        tmp_path,
        text=NAMED,
        defaults=BOTH,
        aws={"profile": "prod"},
        answers={READ_STATE: state} if state else {},
        associations=None,
    )

    assert calls == ([(CLUSTER_ARN, TokenCredentials(profile="prod"))] if asked else [])


@pytest.mark.parametrize(
    ("key", "value"),
    [("accessKey", "AKIA"), ("endpoints", '[{"eks": "https://eks.test"}]')],
)
def test_settings_that_only_the_aws_provider_follows_are_named(
    tmp_path: Path, key: str, value: str
) -> None:
    """Another identity, or another endpoint, would see another cluster."""
    made = program(
        tmp_path,
        text=NAMED,
        defaults=BOTH,
        kubernetes="off",
        aws={key: value},
        associations=None,
    )

    assert made.logs == [
        (
            "stacks/cluster-13.yaml:5:3: iam: 1 of the associations that will be "
            f"created could not be looked up (the setting aws:{key} counts for the AWS "
            "provider alone); up is stopped by each that already exists"
        )
    ]


@pytest.mark.parametrize(
    ("compute", "missed"), [(None, True), (False, True), (True, False)]
)
def test_agent_is_an_add_on_or_part_of_auto_mode(
    tmp_path: Path, *, compute: bool | None, missed: bool
) -> None:
    """The second question is only asked where the first is answered with no."""

    def cluster(arguments: Mapping[str, Any]) -> dict[str, Any]:
        configured = [] if compute is None else [{"enabled": compute}]
        return {**described_cluster(arguments), "computeConfigs": configured}

    made = program(
        tmp_path,
        text=NAMED,
        defaults=BOTH,
        answers={GET_ADD_ON: ABSENT, GET_CLUSTER: cluster},
    )

    known = "the cluster cluster-13 has no add-on eks-pod-identity-agent"
    assert codes(made.logs, known) == ([known] if missed else [])


def test_agent_that_may_not_be_looked_up_is_a_warning(tmp_path: Path) -> None:
    """Nothing stops the run."""
    made = program(
        tmp_path, text=NAMED, defaults=BOTH, answers={GET_ADD_ON: "AccessDenied: no"}
    )

    assert made.logs == [
        (
            "stacks/cluster-13.yaml:5:3: iam: whether the cluster has the add-on "
            "eks-pod-identity-agent could not be looked up (invoke of "
            "aws:eks/getAddon:getAddon failed: AccessDenied: no); without the agent "
            "pods get no credentials from EKS Pod Identity"
        )
    ]


def test_cluster_that_is_not_described_twice_is_a_warning(tmp_path: Path) -> None:
    """The second look at it is for the agent alone."""
    asked: list[object] = []

    def cluster(arguments: Mapping[str, Any]) -> dict[str, Any] | str:
        asked.append(arguments["name"])
        refused = "ThrottlingException: Rate exceeded"
        return described_cluster(arguments) if len(asked) == 1 else refused

    made = program(
        tmp_path,
        text=NAMED,
        defaults=BOTH,
        answers={GET_ADD_ON: ABSENT, GET_CLUSTER: cluster},
    )

    assert len(codes(made.logs, "could not be looked up (invoke of aws:eks/get")) == 1


def test_stack_without_associations_does_not_ask_for_the_agent(tmp_path: Path) -> None:
    """Nor does it warn of anything."""

    def refused(_: Mapping[str, Any]) -> str:
        msg = "nobody should ask"
        raise AssertionError(msg)

    assert program(tmp_path, text=NAMED, answers={GET_ADD_ON: refused}).logs == []


@pytest.mark.parametrize(
    ("state", "identity", "start"),
    [
        (recorded(None), "both", "pods get the role by EKS Pod Identity once"),
        (recorded("irsa"), "podIdentity", "pods that run have tokens that"),
        (recorded("both", "a-1"), "podIdentity", "the roles trust no tokens of"),
        (recorded("both", "a-1"), "irsa", "the associations go, and pods that"),
        (recorded("podIdentity", "a-1"), "irsa", "a pod that is started while up"),
        # Runs that stopped half-way.
        (recorded("both"), "both", "pods get the role by EKS Pod Identity once"),
        (recorded("irsa", "a-1"), "irsa", "the associations go, and pods that"),
        (recorded("podIdentity"), "podIdentity", None),
        (recorded("podIdentity", "a-1"), "podIdentity", None),
        (recorded("podIdentity", "a-1"), "both", None),
    ],
)
def test_move_from_what_the_state_has_is_said(
    tmp_path: Path, state: Mapping[str, Any], identity: str, start: str | None
) -> None:
    """A state from before there was a choice is of IRSA."""
    made = program(
        tmp_path,
        text=NAMED,
        defaults={"identity": identity},
        answers={READ_STATE: state},
    )

    said = [log for log in made.logs if ": identity: " in log]
    expected = f"organization/eks-irsa/test: identity: {start}"
    assert [log[: len(expected)] for log in said] == ([expected] if start else [])


def test_who_still_uses_the_provider_is_counted_before_it_goes(tmp_path: Path) -> None:
    """The annotation of the entry goes with the run; that of somebody else does not."""
    made = program(
        tmp_path,
        text=WITHOUT,
        answers={READ_STATE: recorded("irsa")},
        service_accounts={
            "apps/reader": ExistingServiceAccount(role_arn=ROLE_ARN),
            "team/other": ExistingServiceAccount(role_arn=ROLE_ARN),
            "team/plain": ExistingServiceAccount(),
        },
    )

    assert made.logs == [
        (
            "stacks/cluster-13.yaml:4:17: iam.withOIDC: without withOIDC: true this "
            f"run deletes the IAM OIDC provider {PROVIDER_ARN}, by which 1 of the "
            "cluster's service accounts still get their role ('team/other'); leave it "
            "until they have EKS Pod Identity"
        )
    ]


def test_nobody_is_counted_without_asking_the_cluster(tmp_path: Path) -> None:
    """With `kubernetes: off` it is not asked for anything."""
    made = program(
        tmp_path,
        text=WITHOUT,
        kubernetes="off",
        answers={READ_STATE: recorded("irsa")},
        service_accounts={"team/other": ExistingServiceAccount(role_arn=ROLE_ARN)},
    )

    assert [log.partition(" (")[2] for log in made.logs] == [
        "the setting kubernetes is off)"
    ]


def test_provider_that_stays_or_is_not_ours_is_not_counted(tmp_path: Path) -> None:
    """Nobody loses anything."""
    live = {"team/other": ExistingServiceAccount(role_arn=ROLE_ARN)}

    stays = program(
        tmp_path,
        text=NAMED,
        answers={READ_STATE: recorded("irsa")},
        service_accounts=live,
    )
    never_made = program(tmp_path, text=WITHOUT, service_accounts=live)

    assert codes(stays.logs, "this run deletes") == []
    assert never_made.logs == []
