"""The target role of an association: whom it trusts, and whether the first may ask."""

import json
import shlex
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import pytest
from doctor.facts import (
    ACCOUNT_ID,
    ASSOCIATION,
    CLUSTER,
    POLICY,
    ROLE,
    ROLE_ARN,
    codes,
    in_pod_identity,
    only,
    trust,
)

from eks_irsa.doctor.diagnosis import diagnose
from eks_irsa.doctor.model import Facts
from eks_irsa.documents.pod_identity import target_trust_policy
from eks_irsa.live.model import LiveRole, Unread, known
from eks_irsa.live.roles import ReadRole
from sandbox.aws.trust_evaluator import Principal, may_assume_directly

ARN: Final = f"arn:aws:iam::{ACCOUNT_ID}:role/target"
EXTERNAL_ID: Final = f"us-west-2/{ACCOUNT_ID}/dev/apps/web"
OWN: Final = {"AWS": ROLE_ARN}
BOTH: Final = ["sts:AssumeRole", "sts:TagSession"]


def target(*statements: Mapping[str, Any]) -> LiveRole:
    """Make a target role."""
    return replace(ROLE, name="target", arn=ARN, trust_policy=trust(*statements))


def allowing(principal: object = OWN, action: object = BOTH, **more: Any) -> Any:  # noqa: ANN401 - JSON
    """Write a statement of its trust policy."""
    return {"Effect": "Allow", "Principal": principal, "Action": action, **more}


MAY: Final = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": BOTH, "Resource": ARN}],
    }
)


def chained(
    role: Any,  # noqa: ANN401 - what was read
    *,
    may: str | None = MAY,
    tags: bool = True,
    **changes: Any,  # noqa: ANN401 - whatever facts have
) -> Facts:
    """Make facts of an association with a target role."""
    association = replace(
        ASSOCIATION, target_role_arn=ARN, disable_session_tags=not tags
    )
    policies = dict.fromkeys(ROLE.managed_policy_arns, POLICY)
    facts = in_pod_identity(
        associations=(association,),
        target=ReadRole(role=role, policies=policies),
        **changes,
    )
    first = known(facts.role)
    assert first
    inline = {"may": may} if may else {}
    statement = json.loads(first.trust_policy)["Statement"][0]
    given = trust(statement if tags else {**statement, "Condition": {}})
    return replace(
        facts, role=replace(first, inline_policies=inline, trust_policy=given)
    )


BY_ROOT: Final = allowing({"AWS": f"arn:aws:iam::{ACCOUNT_ID}:root"})


@pytest.mark.parametrize("tags", [True, False])
def test_target_role_as_the_component_writes_it_is_healthy(*, tags: bool) -> None:
    """By the tags of the session, or by the external id."""
    policy = target_trust_policy(
        role_arn=ROLE_ARN,
        cluster_arn=CLUSTER.arn,
        namespace="apps",
        service_account="web",
        with_session_tags=tags,
    )
    role = replace(target(), trust_policy=json.dumps(policy))

    assert codes(chained(role, tags=tags)) == []


def by_id(identity: str) -> Mapping[str, object]:
    """Write a condition on the external id."""
    return {"StringEquals": {"sts:ExternalId": identity}}


@pytest.mark.parametrize(
    ("statement", "tags", "said"),
    [
        (allowing({"AWS": f"{ROLE_ARN}-2"}), True, "trusts AWS"),
        (allowing(action="sts:AssumeRole"), True, "'sts:TagSession'"),
        (allowing(Condition=by_id("x")), False, f"has {EXTERNAL_ID!r}"),
        (allowing(Condition=by_id(EXTERNAL_ID)), True, "has no such key"),
        (
            allowing(
                Condition={"StringEquals": {"aws:RequestTag/kubernetes-namespace": "x"}}
            ),
            True,
            "has 'apps'",
        ),
    ],
)
def test_target_role_that_does_not_trust_the_first_is_mended(
    statement: Mapping[str, Any], *, tags: bool, said: str
) -> None:
    """By statements besides those that are there; the sandbox's IAM takes them."""
    one = only(chained(target(statement), tags=tags))

    assert (one.code, one.link, one.severity) == ("D-TARGET-TRUST", "role", "error")
    assert one.message.startswith(f"the target role '{ARN}': ")
    assert said in one.message
    (line,) = one.remedy
    *words, policy = shlex.split(line)
    assert words[-2:] == ["target", "--policy-document"]
    assert json.loads(policy)["Statement"][0] == statement
    first = Principal(kind="AWS", names=(ROLE_ARN, BY_ROOT["Principal"]["AWS"]))
    sent = {
        "eks-cluster-arn": CLUSTER.arn,
        "kubernetes-namespace": "apps",
        "kubernetes-service-account": "web",
    }
    request = {"aws:PrincipalArn": ROLE_ARN}
    request |= {} if tags else {"sts:ExternalId": EXTERNAL_ID}
    assert may_assume_directly(
        policy, principal=first, tags=sent if tags else {}, request=request
    ).allowed


def test_target_role_that_trusts_nobody_or_denies_is_said() -> None:
    """Whether a denial goes is for people to say."""
    nobody = only(chained(target()))
    denied = only(chained(target(BY_ROOT, {**allowing(), "Effect": "Deny"})))

    assert nobody.code == denied.code == "D-TARGET-TRUST"
    assert "has no statement that allows anything. The command" in nobody.message
    assert denied.remedy == ("aws iam get-role --role-name target",)


def test_first_role_has_to_be_allowed_to_assume_the_target() -> None:
    """Where the account is trusted and not the role itself."""
    one = only(chained(target(BY_ROOT), may=None))

    assert (one.code, one.severity) == ("D-TARGET-PERMISSION", "error")
    (line,) = one.remedy
    *words, policy = shlex.split(line)
    assert words[:7] == [
        *("aws", "iam", "put-role-policy", "--role-name", "dev-web"),
        *("--policy-name", "assume-target"),
    ]
    assert codes(chained(target(BY_ROOT), may=policy)) == []


def test_trust_in_the_role_itself_is_enough_within_an_account() -> None:
    """As AWS decides it."""
    assert codes(chained(target(allowing()), may=None)) == []


def test_first_role_that_a_denial_stops_is_not_mended_by_an_allowance() -> None:
    """No command would do."""
    deny = json.loads(MAY)
    deny["Statement"].append({"Effect": "Deny", "Action": "sts:*", "Resource": ARN})

    one = only(chained(target(BY_ROOT), may=json.dumps(deny)))

    assert (one.code, one.remedy) == ("D-TARGET-PERMISSION", ())


def test_target_role_that_is_not_there_is_said() -> None:
    """It gives nothing, and nothing is said of its policies."""
    one = only(chained(None))

    assert one.code == "D-TARGET-ABSENT"


def test_target_role_of_another_account_is_a_gap() -> None:
    """Whether the first role may assume it is told all the same."""
    elsewhere = Unread("the role is in the AWS account 999999999999")

    diagnosis = diagnose(chained(elsewhere))

    assert diagnosis.healthy
    assert diagnosis.links["role"] == diagnosis.links["permissions"] == "unknown"
    assert codes(chained(elsewhere, may=None)) == ["D-TARGET-PERMISSION", "D-UNREAD"]


def test_action_is_asked_of_the_target_role() -> None:
    """The first role may do nothing but assume it."""
    facts = chained(target(BY_ROOT))

    assert codes(replace(facts, asked_action="s3:GetObject")) == []
    assert codes(replace(facts, asked_action="sts:AssumeRole")) == ["D-ACTION-DENIED"]


def test_target_role_without_a_cluster_is_not_judged() -> None:
    """Tags and external id hang on it."""
    facts = chained(target(BY_ROOT), cluster=None)

    assert diagnose(facts).links["role"] == "unknown"
