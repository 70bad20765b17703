"""The commands of the doctor reach what was looked at, and nothing else."""

import shlex
from dataclasses import replace
from unittest.mock import Mock

import pytest
from doctor.facts import (
    ACCOUNT_ID,
    CLUSTER,
    HEALTHY,
    ROLE_ARN,
    annotated,
    container,
    found,
    injected,
    pod,
    role_trusting,
)

from eks_irsa.doctor import sources
from eks_irsa.doctor.model import Finding
from eks_irsa.doctor.notes import addressed, command
from eks_irsa.live.kubeconfigs import Target
from eks_irsa.live.model import Attempt, Unread

REGION = "us-west-2"


@pytest.mark.parametrize(
    ("given", "kubectl", "aws"),
    [
        ({}, {}, {"--region": REGION}),
        (
            {"context": "prod", "profile": "ops"},
            {"--context": "prod"},
            {"--region": REGION, "--profile": "ops"},
        ),
        ({"kubeconfig_path": "k"}, {"--kubeconfig": "k"}, {"--region": REGION}),
        # As `aws eks update-kubeconfig` names the context; there may be no such one.
        ({"cluster": "dev"}, {"--context": CLUSTER.arn}, {"--region": REGION}),
        (
            {"cluster": "dev", "context": "prod"},
            {"--context": "prod"},
            {"--region": REGION},
        ),
    ],
)
def test_commands_go_where_the_doctor_looked(
    monkeypatch: pytest.MonkeyPatch,
    given: dict[str, str],
    kubectl: dict[str, str],
    aws: dict[str, str],
) -> None:
    """The current context and the default profile may be of another cluster."""
    target = Target(config=None, cluster_name="dev", region=REGION, cluster_arn="")
    for name, value in {
        "kubeconfig_target": target,
        "described_cluster": (CLUSTER, False),
        "kubernetes_client": None,
        "reached": None,
        "AwsSession": Mock(region=REGION),
    }.items():
        monkeypatch.setattr(sources, name, Mock(return_value=value))

    opened = sources.opened_sources(**given)

    options = {f"--{name.removesuffix('_path')}": one for name, one in given.items()}
    assert opened.options == {
        "kubectl": kubectl,
        "aws": aws,
        "eks-irsa": {**options, "--region": REGION},
    }


def test_every_command_of_a_diagnosis_has_its_options() -> None:
    """Whatever link it is of, and each program its own."""
    options = {"kubectl": {"--context": "a b"}, "aws": {"--profile": "ops"}}
    facts = replace(
        HEALTHY,
        options=options,
        role=role_trusting(),
        pods=(pod(container(env={"AWS_REGION": REGION})),),
    )

    lines = [shlex.split(line) for one in found(facts) for line in one.remedy]

    assert [line[0] for line in lines] == ["kubectl", "aws"]
    assert [line[-2:] for line in lines] == [
        ["--context", "a b"],
        ["--profile", "ops"],
    ]


def test_option_of_a_command_itself_stays() -> None:
    """What is for another AWS account is not sent to this one."""
    line = command("aws", "iam", "get-role", "--profile", "PROFILE")
    options = {"aws": {"--region": REGION, "--profile": "ops"}}

    assert addressed(line, options) == f"{line} --region {REGION}"
    assert addressed("date --utc", options) == "date --utc"


@pytest.mark.parametrize(
    ("message", "code", "beginning"),
    [
        (
            "No OpenIDConnect provider found in your account for ...",
            "D-PROVIDER-ABSENT",
            "aws iam create-open-id-connect-provider",
        ),
        (
            "Incorrect token audience",
            "D-PROVIDER-AUDIENCE",
            "aws iam add-client-id-to-open-id-connect-provider",
        ),
    ],
)
def test_role_of_another_account_is_mended_there(
    message: str, code: str, beginning: str
) -> None:
    """What STS says is not hidden, and nothing is made in the cluster's account."""
    one = refused(Attempt(code="InvalidIdentityToken", message=message))

    assert one.code == code
    assert message in one.message
    (line,) = one.remedy
    assert line.startswith(beginning)
    assert line.endswith(" --profile PROFILE")
    assert "a profile of the role's AWS account for PROFILE" in one.message


def test_denial_by_a_role_of_another_account_says_whom_to_ask() -> None:
    """That there is a provider is known then."""
    one = refused(Attempt(code="AccessDenied", message="Not authorized"))

    assert one.code == "D-EXCHANGE-DENIED"
    assert one.remedy[0] == "eks-irsa doctor apps/web --profile PROFILE"


def refused(attempt: Attempt) -> Finding:
    """Have STS refuse a role of another AWS account, and return the error."""
    elsewhere = Unread("the role is in the AWS account 999999999999")
    arn = ROLE_ARN.replace(ACCOUNT_ID, "999999999999")
    facts = replace(
        HEALTHY,
        service_account=annotated(role_arn=arn),
        pods=(pod(injected(AWS_ROLE_ARN=arn)),),
        role=elsewhere,
        provider=elsewhere,
        namesake=None,
        attempt=attempt,
    )
    (one,) = [one for one in found(facts) if one.severity == "error"]
    return one
