"""Actions never allowed are told by what a policy means, not by how it is written."""

import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

import pytest
from moto.iam.access_control import IAMPolicyStatement, PermissionResult

from eks_irsa.access.authority import NO_AUTHORITY
from eks_irsa.access.gains import Side
from eks_irsa.documents.aws_managed_policies import aws_managed_policy
from eks_irsa.documents.aws_managed_policy_names import aws_policy_index
from eks_irsa.documents.policy_statements import Grant, read_policy
from eks_irsa.house_rules.allowing import allowed_by
from eks_irsa.house_rules.checking import breaches
from eks_irsa.house_rules.model import Given, HouseRules, RoleFacts

ADMIN: Final = "arn:aws:iam::aws:policy/AdministratorAccess"
POWER: Final = "arn:aws:iam::aws:policy/PowerUserAccess"
OWN: Final = "arn:aws:iam::111122223333:policy/own"
NEVER: Final = HouseRules(forbidden_actions=("iam:PassRole",))
ACTIONS: Final = ("iam:PassRole", "s3:GetObject", "ec2:RunInstances")
UNBOUND: Final = Side(NO_AUTHORITY)


def statement(**given: object) -> dict[str, object]:
    """Write a statement that allows something on everything."""
    return {"Effect": "Allow", "Resource": "*", **given}


def inline(*statements: Mapping[str, object], name: str = "own") -> Given:
    """Write an inline policy of a role."""
    document = {"Version": "2012-10-17", "Statement": [*statements]}
    called = f"the policy {name!r}"
    path = ("inline_policies", name)
    return Given(path, called, document=document, by_statement=True)


def managed(arn: str) -> Given:
    """Write a managed policy of a role."""
    return Given(("attach_policy_arns", 0), repr(arn), arn)


def found(
    *policies: Given, rules: HouseRules = NEVER, boundary: str | None = None
) -> list[tuple[object, ...]]:
    """Give path, code and rule of each breach of a role with some policies."""
    facts = RoleFacts(
        permissions_boundary=boundary,
        policies=policies,
    )
    return [(one.path, one.code, one.rule) for one in breaches(rules, facts)]


BROKEN: Final = [
    (
        ("inline_policies", "own", "Statement", 0),
        "E-RULE-ACTION",
        ("forbiddenActions", 0),
    )
]


@pytest.mark.parametrize(
    "given",
    [
        pytest.param({"Action": "iam:PassRole"}, id="by name"),
        pytest.param({"Action": ["s3:Get*", "IAM:passrole"]}, id="in another case"),
        pytest.param({"Action": "*"}, id="everything"),
        pytest.param({"Action": "iam:*"}, id="the whole service"),
        pytest.param({"Action": "iam:P?ss*"}, id="a pattern"),
        pytest.param({"NotAction": ["s3:*"]}, id="everything but another service"),
        pytest.param({"NotAction": "iam:Get*"}, id="everything but some of it"),
        pytest.param(
            {"Action": "iam:PassRole", "Resource": "arn:aws:iam::1:role/x"},
            id="on one resource",
        ),
        pytest.param(
            {
                "Action": "iam:PassRole",
                "Condition": {"StringEquals": {"iam:PassedToService": "ec2"}},
            },
            id="under a condition",
        ),
    ],
)
def test_what_allows_a_forbidden_action_is_found(given: dict[str, object]) -> None:
    """However it is written; a condition or a resource does not make it never."""
    assert found(inline(statement(**given))) == BROKEN


@pytest.mark.parametrize(
    "given",
    [
        pytest.param({"Action": "iam:PassRoles"}, id="another name"),
        pytest.param({"Action": ["iam:Get*", "s3:*"]}, id="other actions"),
        pytest.param({"NotAction": ["iam:*"]}, id="everything but it"),
        pytest.param({"NotAction": ["IAM:Pass*"]}, id="everything but a pattern of it"),
        pytest.param({"Effect": "Deny", "Action": "iam:PassRole"}, id="a denial"),
    ],
)
def test_what_does_not_allow_it_is_not(given: dict[str, object]) -> None:
    """A rule that blames what is right is turned off."""
    assert found(inline(statement(**given))) == []


def test_a_forbidden_pattern_is_met_by_each_action_of_it() -> None:
    """`iam:*` forbids the service, whichever of its actions a policy names."""
    rules = HouseRules(forbidden_actions=("ec2:*", "iam:*"))

    assert found(inline(statement(Action="iam:GetUser")), rules=rules) == [
        (BROKEN[0][0], "E-RULE-ACTION", ("forbiddenActions", 1))
    ]


def test_each_statement_is_named_by_itself_and_once() -> None:
    """Several forbidden actions in one statement are one cause."""
    rules = HouseRules(forbidden_actions=("iam:PassRole", "sts:AssumeRole"))
    policy = inline(
        statement(Action=["iam:*", "sts:*"]),
        statement(Action="s3:*"),
        statement(Action="sts:AssumeRole"),
    )
    at = ("inline_policies", "own", "Statement")

    assert found(policy, rules=rules) == [
        ((*at, 0), "E-RULE-ACTION", ("forbiddenActions",)),
        ((*at, 2), "E-RULE-ACTION", ("forbiddenActions", 1)),
    ]


DENIAL: Final = statement(Effect="Deny", Action="iam:PassRole")


@pytest.mark.parametrize(
    ("denial", "expected"),
    [
        pytest.param(DENIAL, [], id="the whole"),
        pytest.param({**DENIAL, "Action": "iam:*"}, [], id="more"),
        pytest.param({**DENIAL, "Action": "iam:PassRole1"}, BROKEN, id="another"),
        pytest.param(
            {**DENIAL, "Resource": "arn:aws:iam::1:role/x"}, BROKEN, id="a part"
        ),
        pytest.param(
            {**DENIAL, "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
            BROKEN,
            id="under a condition",
        ),
    ],
)
def test_a_denial_in_any_policy_of_the_role_counts(
    denial: dict[str, object], expected: list[object]
) -> None:
    """If it denies the action whatever the request."""
    allowing = inline(statement(Action="iam:*"))

    assert found(allowing, inline(denial, name="denying")) == expected


def test_a_boundary_of_known_content_counts() -> None:
    """PowerUserAccess takes all of IAM's writing actions; one of the house says no."""
    allowing = inline(statement(Action="iam:*"))

    assert found(allowing, boundary=POWER) == []
    assert found(allowing, boundary=OWN) == BROKEN
    assert found(allowing, boundary=ADMIN) == BROKEN


def test_content_of_aws_policies_is_read() -> None:
    """The one that allows it is named, the one that does not is not."""
    at = ("attach_policy_arns", 0)

    assert found(managed(ADMIN)) == [(at, "E-RULE-ACTION", ("forbiddenActions", 0))]
    assert found(managed("arn:aws:iam::aws:policy/AmazonS3FullAccess")) == []


def test_a_policy_of_unknown_content_is_refused_unless_it_is_named() -> None:
    """A rule nobody can check is not passed in silence."""
    at = ("attach_policy_arns", 0)
    named = HouseRules(
        forbidden_actions=NEVER.forbidden_actions, managed_policies=("arn:*:policy/o*",)
    )

    assert found(managed(OWN)) == [(at, "E-RULE-UNKNOWN", ("forbiddenActions",))]
    assert found(managed(OWN), rules=named) == []
    assert found(managed(OWN), rules=HouseRules(namespaces=("*",))) == []


def test_a_name_on_the_list_does_not_allow_what_is_known_to_be_forbidden() -> None:
    """Content that can be read is read."""
    rules = HouseRules(
        forbidden_actions=NEVER.forbidden_actions, managed_policies=("*",)
    )

    assert [code for _, code, _ in found(managed(ADMIN), rules=rules)] == [
        "E-RULE-ACTION"
    ]


def test_a_managed_policy_refused_by_name_is_not_refused_again_for_its_content() -> (
    None
):
    """One cause is one message."""
    rules = HouseRules(
        forbidden_actions=NEVER.forbidden_actions,
        forbidden_managed_policies=("*/IAM*", "*/AdministratorAccess"),
    )

    assert found(managed(ADMIN), rules=rules) == [
        (
            ("attach_policy_arns", 0),
            "E-RULE-MANAGED-POLICY",
            ("forbiddenManagedPolicies", 1),
        )
    ]


def test_a_policy_that_cannot_be_read_is_not_passed() -> None:
    """What it allows nobody can tell."""
    policy = inline({"Effect": "Allow", "Action": "s3:*", "Resurce": "*"})

    assert found(policy) == [
        (("inline_policies", "own"), "E-RULE-UNKNOWN", ("forbiddenActions",))
    ]


@cache
def aws_policies() -> Mapping[str, str]:
    """Give every managed policy of AWS, by its name."""
    known = {
        name: aws_managed_policy(f"arn:aws:iam::aws:policy/{name}")
        for name in aws_policy_index().policies
    }
    return {name: policy.document for name, policy in known.items() if policy}


@cache
def grants_of(document: str) -> frozenset[Grant]:
    """Read a policy, once for all actions."""
    return read_policy(document)


def moto_allows(document: str, action: str) -> bool:
    """Tell by moto's evaluator whether a statement allows an action on something."""
    # moto looks at the case of actions, IAM does not.
    statements: Any = json.loads(
        re.sub(r'"[\w-]+:[\w*?]+"', lambda found: found[0].lower(), document)
    )["Statement"]
    listed: list[dict[str, Any]] = [*statements]
    if isinstance(statements, dict):
        listed = [statements]
    return any(
        IAMPolicyStatement(
            {**one, "Resource": "*", "Condition": {}}
        ).is_action_permitted(action.lower())
        == PermissionResult.PERMITTED
        for one in listed
        if one["Effect"] == "Allow"
    )


@pytest.mark.parametrize("action", ACTIONS)
def test_every_policy_of_aws_is_judged_as_moto_judges_it(action: str) -> None:
    """Its evaluator shares no code with ours; denials are left aside."""
    judged = {
        name: bool(allowed_by(grants_of(document), [action], UNBOUND))
        for name, document in aws_policies().items()
    }

    assert judged == {
        name: moto_allows(document, action) for name, document in aws_policies().items()
    }
    assert 0 < sum(judged.values()) < len(judged)
