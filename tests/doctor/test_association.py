"""EKS Pod Identity: the association, the agent, and where neither reaches."""

import json
import shlex
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import pytest
from doctor.facts import (
    ASSOCIATION,
    AUDIENCE,
    HEALTHY,
    ISSUER,
    POD_OF_ASSOCIATION,
    PROVIDER_ARN,
    ROLE_ARN,
    SERVICE_ACCOUNT,
    SUBJECT,
    annotated,
    codes,
    found,
    in_pod_identity,
    only,
    pod,
    role_trusting,
    statement,
    with_pods,
)

from eks_irsa.doctor.diagnosis import diagnose
from eks_irsa.doctor.model import Facts
from eks_irsa.live.model import Unread, known
from sandbox.aws.trust_evaluator import may_assume


def on(labels: Mapping[str, str] | None = None, **changes: object) -> Facts:
    """Make facts whose pod runs elsewhere."""
    given = POD_OF_ASSOCIATION
    more = labels or {}
    moved = {
        **given,
        "metadata": {
            **given["metadata"],
            "labels": {**given["metadata"]["labels"], **more},
        },
        "spec": {**given["spec"], **changes},
    }
    return in_pod_identity(pods=(moved,))


MOVED: Final = (
    (
        "kubectl annotate serviceaccount web --namespace apps --overwrite "
        f"eks.amazonaws.com/role-arn={ROLE_ARN}"
    ),
    ("aws eks delete-pod-identity-association --cluster-name dev --association-id a-1"),
    "kubectl rollout restart deployment/web --namespace apps",
)


def test_association_wins_over_the_annotation() -> None:
    """Which has no effect on new pods."""
    other = f"{ROLE_ARN}-2"

    one = only(in_pod_identity(service_account=annotated(role_arn=other)))

    assert (one.code, one.severity) == ("D-ASSOCIATION-PRECEDES", "warning")
    assert (one.wanted, one.given) == (other, ROLE_ARN)
    assert one.remedy == (
        (
            "kubectl annotate serviceaccount web --namespace apps "
            "eks.amazonaws.com/role-arn-"
        ),
    )


def test_same_role_by_both_ways_is_a_way_to_move() -> None:
    """Nothing is said of it."""
    assert codes(in_pod_identity(service_account=SERVICE_ACCOUNT)) == []


def test_agent_is_an_add_on() -> None:
    """The command makes it."""
    one = only(in_pod_identity(agent=False))

    # The agent may be there without EKS's add-on.
    assert (one.code, one.severity) == ("D-AGENT-ABSENT", "warning")
    assert one.remedy == (
        ("aws eks create-addon --cluster-name dev --addon-name eks-pod-identity-agent"),
    )


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        (
            on(labels={"eks.amazonaws.com/fargate-profile": "fp"}),
            "D-ASSOCIATION-FARGATE",
        ),
        (on(nodeSelector={"kubernetes.io/os": "windows"}), "D-ASSOCIATION-WINDOWS"),
        (on(os={"name": "windows"}), "D-ASSOCIATION-WINDOWS"),
    ],
)
def test_agent_does_not_run_everywhere(facts: Facts, code: str) -> None:
    """The way out is IRSA."""
    one = only(facts)

    assert one.code == code
    assert one.message.startswith("the pod 'web-5d4f-x1' is on ")
    trust, *moved = one.remedy
    assert moved == [*MOVED]
    *words, policy = shlex.split(trust)
    assert words[:3] == ["aws", "iam", "update-assume-role-policy"]
    claims = {"iss": f"https://{ISSUER}", "sub": SUBJECT, "aud": AUDIENCE}
    assert may_assume(policy, provider_arn=PROVIDER_ARN, claims=claims).allowed


def test_role_that_trusts_both_is_not_made_to_trust_again() -> None:
    """The association can go at once."""
    facts = on(labels={"eks.amazonaws.com/fargate-profile": "fp"})
    both = json.loads(facts.role.trust_policy)["Statement"]  # type: ignore[union-attr]

    one = only(replace(facts, role=role_trusting(*both, statement())))

    assert one.remedy == MOVED


def test_association_stays_while_other_pods_need_it() -> None:
    """Those are not broken to mend the one on Fargate."""
    facts = on(labels={"eks.amazonaws.com/fargate-profile": "fp"})
    [moved] = [*(known(facts.pods) or ())]
    there: dict[str, Any] = {**moved, "metadata": {**moved["metadata"], "name": "f"}}

    one = only(replace(facts, pods=(there, POD_OF_ASSOCIATION)))

    assert one.remedy == ()
    assert one.message.endswith(
        "The association has to stay for the pod 'web-5d4f-x1', so give the former a "
        "service account of their own"
    )


def test_association_stays_where_nobody_knows_whom_the_role_trusts() -> None:
    """Neither way would work."""
    facts = on(labels={"eks.amazonaws.com/fargate-profile": "fp"})
    denied = Unread("AccessDenied: iam:GetRole")

    several = found(replace(facts, role=denied))

    assert [one.remedy for one in several] == [(), ()]


def test_fargate_is_no_matter_for_irsa() -> None:
    """The webhook and STS are all it takes."""
    labels = {"eks.amazonaws.com/fargate-profile": "fp"}

    assert codes(with_pods(pod(metadata={"labels": labels}))) == []


def test_target_role_is_not_looked_at() -> None:
    """It is said which one it is."""
    association = replace(ASSOCIATION, target_role_arn=f"{ROLE_ARN}-target")

    one = only(in_pod_identity(associations=(association,)))

    assert (one.code, one.severity) == ("D-ASSOCIATION-TARGET", "unknown")


def test_associations_that_cannot_be_listed_leave_irsa_to_be_judged() -> None:
    """One gap, and the rest of the chain."""
    denied = Unread("AccessDeniedException: eks:ListPodIdentityAssociations")

    diagnosis = diagnose(replace(HEALTHY, associations=denied))

    assert diagnosis.healthy
    assert diagnosis.links["association"] == "unknown"
    assert diagnosis.links["role"] == "ok"


def test_agent_that_cannot_be_looked_up_is_no_fault() -> None:
    """Nor is nothing said of it."""
    one = only(in_pod_identity(agent=Unread("AccessDenied: eks:DescribeAddon")))

    assert one.message == (
        "the EKS Pod Identity agent could not be read: AccessDenied: eks:DescribeAddon"
    )
