"""Random trust policies: the doctor says what an evaluator that is not ours says.

The evaluator is the sandbox's, which is judged elsewhere and decides what the STS of
the engine tests does. Seeded, so that a failure comes again.
"""

import json
import random
import shlex
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import pytest
from doctor.facts import (
    ASSOCIATION,
    AUDIENCE,
    CLUSTER,
    HEALTHY,
    ISSUER,
    PROVIDER_ARN,
    ROLE,
    SUBJECT,
    in_pod_identity,
)

from eks_irsa.doctor.diagnosis import diagnose
from eks_irsa.doctor.model import Diagnosis, Facts
from sandbox.aws.trust_evaluator import Principal, may_assume, may_assume_directly

OTHER: Final = "oidc.eks.us-west-2.amazonaws.com/id/OTHER"
SERVICE: Final = "pods.eks.amazonaws.com"
CLAIMS: Final = {"iss": f"https://{ISSUER}", "sub": SUBJECT, "aud": AUDIENCE}
PRINCIPALS: Final = (
    {"Federated": PROVIDER_ARN},
    {"Federated": PROVIDER_ARN},
    {"Federated": PROVIDER_ARN.replace("EXAMPLED5", "OTHER")},
    {"Federated": [PROVIDER_ARN, f"arn:aws:iam::111111111111:oidc-provider/{ISSUER}"]},
    {"Federated": f"arn:aws:iam::111111111111:oidc-provider/{ISSUER}"},
    {"Service": SERVICE},
    {"Service": [SERVICE, "ec2.amazonaws.com"], "Federated": PROVIDER_ARN},
    {"AWS": "arn:aws:iam::123456789012:root"},
)
ACTIONS: Final = (
    "sts:AssumeRoleWithWebIdentity",
    "sts:AssumeRoleWithWebIdentity",
    "sts:AssumeRole",
    "sts:TagSession",
    "sts:AssumeRole*",
    "STS:assumerolewithwebidentity",
    "sts:*",
    "sts:?agSession",
)
OPERATORS: Final = (
    "StringEquals",
    "StringEquals",
    "StringLike",
    "StringNotEquals",
    "StringNotLike",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "StringEqualsIfExists",
    "StringNotLikeIfExists",
    "ForAnyValue:StringLike",
    "ForAllValues:StringEquals",
)
SUBJECTS: Final = (
    SUBJECT,
    SUBJECT,
    "system:serviceaccount:apps:*",
    "system:serviceaccount:*:web",
    "system:serviceaccount:apps:we?",
    "system:serviceaccount:app:web",
    "System:serviceaccount:apps:web",
    "*",
    f"{SUBJECT} ",
)
KEYS: Final = (
    (f"{ISSUER}:sub", SUBJECTS),
    (f"{ISSUER.upper()}:SUB", SUBJECTS),
    (f"{ISSUER}:aud", (AUDIENCE, AUDIENCE, "vault", "sts.amazonaws.com.cn", "sts*")),
    (f"{ISSUER}:amr", ("authenticated", "*")),
    (f"{OTHER}:sub", SUBJECTS),
    (f"https://{ISSUER}:sub", SUBJECTS),
    (f"{PROVIDER_ARN}:aud", (AUDIENCE,)),
    ("aws:FederatedProvider", (PROVIDER_ARN, "arn:*", f"{PROVIDER_ARN}x")),
    ("aws:RequestTag/eks-cluster-arn", (CLUSTER.arn, "arn:aws:eks:*", "x")),
    ("aws:RequestTag/kubernetes-namespace", ("apps", "app", "a*")),
    ("aws:RequestTag/kubernetes-service-account", ("web", "*", "api")),
    ("aws:RequestTag/team", ("web",)),
    ("aws:SourceAccount", ("123456789012", "1")),
)
TAGS: Final = {
    "eks-cluster-arn": CLUSTER.arn,
    "eks-cluster-name": "dev",
    "kubernetes-namespace": "apps",
    "kubernetes-service-account": "web",
    "kubernetes-pod-name": "web-1",
    "kubernetes-pod-uid": "1",
}


def some(chance: random.Random, several: Sequence[str]) -> str | list[str]:
    """Choose one, or a list of some."""
    if chance.random() < 0.6:
        return chance.choice(several)
    return [chance.choice(several) for _ in range(chance.randint(1, 3))]


def statement(chance: random.Random) -> dict[str, Any]:
    """Write a statement that may have to do with the service account, or not."""
    conditions: dict[str, dict[str, object]] = {}
    for _ in range(chance.choice((0, 1, 1, 2, 2, 3))):
        key, values = chance.choice(KEYS)
        if chance.random() < 0.1:
            conditions.setdefault("Null", {})[key] = chance.choice(("true", "false"))
        else:
            held = conditions.setdefault(chance.choice(OPERATORS), {})
            held[key] = some(chance, values)
    return {
        "Effect": "Deny" if chance.random() < 0.1 else "Allow",
        "Principal": chance.choice(PRINCIPALS),
        "Action": some(chance, ACTIONS),
        **({"Condition": conditions} if conditions else {}),
    }


def policy(chance: random.Random) -> str:
    """Write a trust policy of one to three statements."""
    statements = [statement(chance) for _ in range(chance.randint(1, 3))]
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def diagnosed(facts: Facts, trust_policy: str) -> Diagnosis:
    """Diagnose with another trust policy."""
    return diagnose(replace(facts, role=replace(ROLE, trust_policy=trust_policy)))


def corrected(diagnosis: Diagnosis) -> str | None:
    """Return the trust policy that the remedy writes; None for a denial."""
    finding = next(one for one in diagnosis.findings if one.link == "role")
    if finding.code == "D-TRUST-DENY":
        return None
    (remedy,) = finding.remedy
    return shlex.split(remedy)[-1]


@pytest.mark.parametrize("seed", range(10))
def test_token_is_let_in_exactly_where_the_evaluator_lets_it_in(seed: int) -> None:
    """And the remedy of a refusal has it let in, where nothing denies it."""
    chance = random.Random(seed)  # noqa: S311 - not for secrets
    outcomes: set[bool] = set()
    for _ in range(60):
        text = policy(chance)

        diagnosis = diagnosed(HEALTHY, text)

        decision = may_assume(text, provider_arn=PROVIDER_ARN, claims=CLAIMS)
        wanted = "ok" if decision.allowed else "broken"
        assert diagnosis.links["role"] == wanted, (decision.reason, text)
        outcomes.add(decision.allowed)
        better = None if decision.allowed else corrected(diagnosis)
        if better:
            assert may_assume(better, provider_arn=PROVIDER_ARN, claims=CLAIMS).allowed
    assert outcomes == {True, False}


@pytest.mark.parametrize("seed", range(10))
def test_pods_are_let_in_exactly_where_the_evaluator_lets_eks_in(seed: int) -> None:
    """By EKS Pod Identity, with tags of the session and, at times, without."""
    chance = random.Random(seed)  # noqa: S311 - not for secrets
    outcomes: set[bool] = set()
    for _ in range(60):
        text, tagged = policy(chance), chance.random() < 0.7
        changed = (replace(ASSOCIATION, disable_session_tags=not tagged),)

        diagnosis = diagnosed(in_pod_identity(associations=changed), text)

        decision = may_assume_directly(
            text,
            principal=Principal(kind="Service", names=(SERVICE,)),
            tags=TAGS if tagged else {},
            request={
                "aws:SourceArn": CLUSTER.arn,
                "aws:SourceAccount": "123456789012",
            },
        )
        wanted = "ok" if decision.allowed else "broken"
        assert diagnosis.links["role"] == wanted, (tagged, decision.reason, text)
        outcomes.add(decision.allowed)
    assert outcomes == {True, False}
