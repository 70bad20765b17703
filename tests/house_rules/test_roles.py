"""What a house says of a role's boundary, tags, names, namespace and trust."""

import json
from typing import Any, Final

import pytest

from eks_irsa.house_rules.checking import breaches, less
from eks_irsa.house_rules.model import RULES, Given, HouseRules, RoleFacts
from eks_irsa.house_rules.trust_rules import trusted_service_accounts
from eks_irsa.identity.model import LATER

ISSUER: Final = "oidc.eks.us-west-2.amazonaws.com/id/0123456789ABCDEF"
PROVIDER: Final = f"arn:aws:iam::111122223333:oidc-provider/{ISSUER}"
BOUNDARY: Final = "arn:aws:iam::111122223333:policy/boundary"
POLICY: Final = "arn:aws:iam::aws:policy/AmazonS3FullAccess"
ROLE: Final = "arn:aws:iam::111122223333:role/team/theirs"


def trust(condition: dict[str, object], **given: object) -> str:
    """Write a trust policy with a condition."""
    statement: dict[str, object] = {
        "Effect": "Allow",
        "Principal": {"Federated": PROVIDER},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": condition,
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [{**statement, **given}]})


def subject(text: str, operator: str = "StringEquals") -> dict[str, object]:
    """Write the condition that holds the subject and the audience."""
    held = {f"{ISSUER}:aud": "sts.amazonaws.com"}
    if operator == "StringEquals":
        return {operator: {f"{ISSUER}:sub": text, **held}}
    return {"StringEquals": held, operator: {f"{ISSUER}:sub": text}}


PLAIN: Final = trust(subject("system:serviceaccount:apps:reader"))
FACTS: Final[dict[str, Any]] = {
    "service_accounts": ("apps/reader",),
    "name": "shop-reader",
    "path": "/eks/",
    "permissions_boundary": BOUNDARY,
    "policies": (Given(("attach_policy_arns", 0), repr(POLICY), POLICY),),
    "trust_policy": PLAIN,
    "tags": {"team": "shop", "Cost": "1"},
}
KEPT: Final[dict[str, Any]] = {
    "permissions_boundaries": ("arn:*:policy/other", BOUNDARY),
    "managed_policies": ("arn:aws:iam::aws:policy/*",),
    "forbidden_managed_policies": ("*/AdministratorAccess",),
    "forbidden_actions": ("iam:*",),
    "wildcard_subjects": False,
    "tags": {"team": ("pay", "sh?p"), "Cost": ("*",)},
    "role_names": ("other", "shop-*"),
    "role_paths": ("/eks/*",),
    "namespaces": ("app?",),
    "audiences": ("sts.amazonaws.com",),
}


def said(rules: dict[str, Any], **facts: object) -> list[str]:
    """Give code, path and message of each breach."""
    given: dict[str, Any] = {**FACTS, **facts}
    known = RoleFacts(**given)
    return [
        f"{one.code} {'.'.join(map(str, one.path))}: {one.message(where='f:1')}"
        for one in breaches(HouseRules(**rules), known)
    ]


def test_a_role_that_keeps_every_rule_breaks_none() -> None:
    """Each rule has a way to be kept."""
    assert KEPT.keys() == RULES.keys()
    assert said(KEPT) == []


def test_no_rule_asks_nothing() -> None:
    """A house without rules takes any role, also one that is not known."""
    assert said({}, existing_arn=ROLE) == []
    assert said({}, permissions_boundary=None, tags={}, trust_policy="{}") == []
    assert said({"namespaces": ("apps",)}, trust_policy="{}") == []


@pytest.mark.parametrize(
    ("rules", "facts", "expected"),
    [
        pytest.param(
            {"permissions_boundaries": (BOUNDARY,)},
            {"permissions_boundary": None},
            "E-RULE-BOUNDARY : the role has no permissions boundary; "
            f"rules.permissionsBoundaries (f:1) takes '{BOUNDARY}'; give the role such "
            "a permissions boundary",
            id="no boundary",
        ),
        pytest.param(
            {"permissions_boundaries": ("arn:*:policy/a", "arn:*:policy/b")},
            {},
            f"E-RULE-BOUNDARY permissions_boundary: '{BOUNDARY}' bounds the role; "
            "rules.permissionsBoundaries (f:1) takes 'arn:*:policy/a' or "
            "'arn:*:policy/b'; give the role such a permissions boundary",
            id="another boundary",
        ),
        pytest.param(
            {"managed_policies": ("arn:aws:iam::111122223333:policy/*",)},
            {},
            f"E-RULE-MANAGED-POLICY attach_policy_arns.0: '{POLICY}' is attached; "
            "rules.managedPolicies (f:1) takes 'arn:aws:iam::111122223333:policy/*'; "
            "attach another policy, or write what is needed as an inline policy",
            id="a policy that is not on the list",
        ),
        pytest.param(
            {"forbidden_managed_policies": ("*/Admin*", "*FullAccess")},
            {},
            f"E-RULE-MANAGED-POLICY attach_policy_arns.0: '{POLICY}' is attached; "
            "rules.forbiddenManagedPolicies[1] (f:1) never takes '*FullAccess'; attach "
            "another policy, or write what is needed as an inline policy",
            id="a policy that is forbidden",
        ),
        pytest.param(
            {"forbidden_actions": ("s3:DeleteBucket",)},
            {},
            f"E-RULE-ACTION attach_policy_arns.0: '{POLICY}' allows 's3:*' on '*'; "
            "rules.forbiddenActions[0] (f:1) never allows 's3:DeleteBucket'; allow "
            "less, or deny it without a condition",
            id="an action that is forbidden",
        ),
        pytest.param(
            {"tags": {"owner": ("*",)}},
            {},
            "E-RULE-TAG tags: the role has no tag 'owner'; rules.tags.owner (f:1) "
            "takes any value; give the role this tag",
            id="no tag",
        ),
        pytest.param(
            {"tags": {"cost": ("1",)}},
            {},
            "E-RULE-TAG tags: the role has no tag 'cost', but 'Cost'; rules.tags.cost "
            "(f:1) takes '1'; give the role this tag",
            id="a tag in another case",
        ),
        pytest.param(
            {"tags": {"team": ("pay*", "SHOP")}},
            {},
            "E-RULE-TAG tags.team: the tag 'team' of the role is 'shop'; "
            "rules.tags.team (f:1) takes 'pay*' or 'SHOP'; give the role this tag",
            id="another value of a tag",
        ),
        pytest.param(
            {"role_names": ("irsa-*",)},
            {},
            "E-RULE-ROLE-NAME role_name: the role is called 'shop-reader'; "
            "rules.roleNames (f:1) takes 'irsa-*'; give the role such a name",
            id="a name",
        ),
        pytest.param(
            {"role_paths": ("/",)},
            {},
            "E-RULE-ROLE-PATH role_path: the path of the role is '/eks/'; "
            "rules.rolePaths (f:1) takes '/'; give the role such a path",
            id="a path",
        ),
        pytest.param(
            {"namespaces": ("apps-*", "a", "b", "c", "d", "e")},
            {},
            "E-RULE-NAMESPACE namespace: the service account is in the namespace "
            "'apps'; rules.namespaces (f:1) takes 'apps-*', 'a', 'b', 'c', 'd' and 1 "
            "more; move the service account there, or take the namespace in",
            id="a namespace",
        ),
        pytest.param(
            {"audiences": ("vault",)},
            {},
            "E-RULE-AUDIENCE audience: roles trust tokens for 'sts.amazonaws.com'; "
            "rules.audiences (f:1) takes 'vault'; let roles trust such an audience",
            id="an audience",
        ),
        pytest.param(
            {"audiences": ("sts.amazonaws.com",)},
            {
                "trust_policy": trust(
                    {
                        "StringEquals": {
                            f"{ISSUER}:sub": "system:serviceaccount:apps:reader"
                        }
                    }
                )
            },
            "E-RULE-AUDIENCE audience: roles trust tokens for any audience; "
            "rules.audiences (f:1) takes 'sts.amazonaws.com'; let roles trust such an "
            "audience",
            id="any audience",
        ),
        pytest.param(
            {"wildcard_subjects": False},
            {
                "trust_policy": trust(
                    subject("system:serviceaccount:apps:*", "StringLike")
                )
            },
            "E-RULE-SUBJECT subject_pattern: the role trusts "
            "'system:serviceaccount:apps:*'; rules.wildcardSubjects (f:1) is false; "
            "name each service account in full",
            id="a pattern of service accounts",
        ),
        pytest.param(
            {"wildcard_subjects": False},
            {"trust_policy": trust(subject(f"${{{ISSUER}:sub}}"))},
            f"E-RULE-SUBJECT subject_pattern: the role trusts '${{{ISSUER}:sub}}'; "
            "rules.wildcardSubjects (f:1) is false; name each service account in full",
            id="a variable, which every subject is",
        ),
        pytest.param(
            {"wildcard_subjects": False},
            {"trust_policy": trust({})},
            f"E-RULE-SUBJECT subject_pattern: the role trusts every service account of "
            f"{ISSUER}; rules.wildcardSubjects (f:1) is false; name each service "
            "account in full",
            id="every service account",
        ),
        pytest.param(
            {"audiences": ("vault",)},
            {"trust_policy": '{"Statement": 1}'},
            "E-RULE-UNKNOWN : whom the role trusts cannot be told (expected a "
            "statement, got the value 1); rules (f:1) ask for it; write the trust "
            "policy in a way that can be read",
            id="a trust policy that is none",
        ),
    ],
)
def test_each_rule_can_be_broken(
    rules: dict[str, object], facts: dict[str, object], expected: str
) -> None:
    """The message has what was found, the rule with its place, and what to do."""
    assert said(rules, **facts) == [expected]


@pytest.mark.parametrize(
    "policy",
    [
        pytest.param(
            trust(subject("system:serviceaccount:apps:reader", "StringLike")),
            id="StringLike without a wildcard",
        ),
        pytest.param(
            trust(subject("system:serviceaccount:apps:reader-*")),
            id="a star that StringEquals takes as it is",
        ),
        pytest.param(
            trust(
                {
                    "StringEquals": {
                        f"{ISSUER}:sub": "system:serviceaccount:apps:reader"
                    },
                    "StringLike": {f"{ISSUER}:sub": "system:*"},
                }
            ),
            id="both, of which the narrower counts",
        ),
        pytest.param(
            trust({}, Principal={"Service": "ec2.amazonaws.com"}),
            id="another kind of principal",
        ),
        pytest.param(trust({}, Effect="Deny"), id="a denial"),
        pytest.param(trust({}, Action="sts:TagSession"), id="another action"),
        pytest.param(
            trust(
                {
                    "StringLike": {
                        "token.actions.githubusercontent.com:sub": "repo:shop/*"
                    }
                },
                Principal={
                    "Federated": "arn:aws:iam::1:oidc-provider/"
                    "token.actions.githubusercontent.com"
                },
            ),
            id="tokens of another kind of issuer",
        ),
    ],
)
def test_subjects_without_wildcards_are_taken(policy: str) -> None:
    """A rule that blames what is right is turned off."""
    assert said({"wildcard_subjects": False}, trust_policy=policy) == []


CLUSTER: Final = "aws:RequestTag/eks-cluster-arn"
NAMESPACE: Final = "aws:RequestTag/kubernetes-namespace"
NAME: Final = "aws:RequestTag/kubernetes-service-account"
TAGS: Final = {
    CLUSTER: "arn:aws:eks:us-west-2:111122223333:cluster/shop",
    NAMESPACE: "apps",
    NAME: "reader",
}


def pods(condition: dict[str, object], **given: object) -> str:
    """Write a trust policy for EKS Pod Identity."""
    service = {"Service": "pods.eks.amazonaws.com"}
    actions = ["sts:AssumeRole", "sts:TagSession"]
    statement = {"Principal": service, "Action": actions, **given}
    return trust(condition, **statement)


@pytest.mark.parametrize(
    ("policy", "left_open"),
    [
        pytest.param(pods({"StringEquals": TAGS}), "", id="all tags"),
        pytest.param(pods({"StringLike": TAGS}), "", id="no wildcard in a pattern"),
        pytest.param(pods({}, Action="sts:TagSession"), "", id="no role is assumed"),
        pytest.param(pods({}, Effect="Deny"), "", id="a denial"),
        pytest.param(
            pods({}), "cluster and namespace and service account", id="no condition"
        ),
        pytest.param(
            pods({"StringEqualsIfExists": TAGS}),
            "cluster and namespace and service account",
            id="without the tags too",
        ),
        pytest.param(
            pods({"StringEquals": {NAMESPACE: "apps", NAME: "reader"}}),
            "cluster",
            id="in every cluster",
        ),
        pytest.param(
            pods({"StringLike": TAGS | {NAME: "read*"}}),
            "service account",
            id="a pattern of names",
        ),
        pytest.param(
            pods({"StringEquals": {CLUSTER: TAGS[CLUSTER], NAME: "reader"}}),
            "namespace",
            id="in every namespace",
        ),
    ],
)
def test_pods_of_an_association_are_named_in_full(policy: str, left_open: str) -> None:
    """Whatever the tags leave open, another association of the AWS account has."""
    rules = {"wildcard_subjects": False, "audiences": ("sts.amazonaws.com",)}

    found = said(rules, trust_policy=policy)

    assert found == (
        [
            (
                "E-RULE-SUBJECT disable_session_tags: the role trusts associations of "
                f"EKS Pod Identity whose {left_open} nothing names in full; "
                "rules.wildcardSubjects (f:1) is false; let the trust policy name them "
                "by the session tags"
            )
        ]
        if left_open
        else []
    )


@pytest.mark.parametrize(
    ("policy", "accounts"),
    [
        (pods({"StringEquals": TAGS}), ("apps/reader",)),
        (pods({"StringLike": TAGS | {NAME: "read*"}}), ("apps/read*",)),
        (pods({}), ("*/*",)),
        (
            pods({"StringEquals": {NAMESPACE: ["apps", "web"], NAME: "reader"}}),
            ("apps/reader", "web/reader"),
        ),
        (PLAIN, ("apps/reader",)),
        (pods({}, Principal={"Service": "ec2.amazonaws.com"}), ()),
        (pods({}, Effect="Deny"), ()),
    ],
)
def test_service_accounts_of_a_role_are_those_of_either_way(
    policy: str, accounts: tuple[str, ...]
) -> None:
    """What is not pinned is a pattern of all."""
    assert trusted_service_accounts(policy) == accounts


def test_role_that_pods_end_with_is_asked_what_its_arn_tells() -> None:
    """It is not made here, and the rules are about what pods may do in the end."""
    rules = {"role_paths": ("/eks/*",), "forbidden_actions": ("iam:*",)}

    assert said(rules, target_arn=ROLE) == [
        (
            "E-RULE-ROLE-PATH target_role_arn: the path of the role is '/team/'; "
            "rules.rolePaths (f:1) takes '/eks/*'; use a role that the house takes"
        ),
        (
            f"E-RULE-UNKNOWN target_role_arn: {ROLE!r} exists already, and is not "
            "known here but for its ARN; rules (f:1) ask for more "
            "(rules.forbiddenActions); let the role be made here, or except the entry "
            "under rules.except"
        ),
    ]
    assert said({}, target_arn=ROLE) == []


def test_a_pattern_of_a_namespace_must_lie_within_those_that_are_taken() -> None:
    """A role for service accounts of any namespace is for those of others too."""
    rules = {"namespaces": ("team-*",)}

    assert said(rules, service_accounts=("team-a*/x",)) == []
    assert len(said(rules, service_accounts=("*/x", "team/y", "*/z"))) == 2


def test_what_is_only_known_later_is_not_blamed() -> None:
    """It is asked again when it is known."""
    later = {**dict.fromkeys(FACTS, LATER), "service_accounts": ("apps/reader",)}
    tags = {"tags": {"team": LATER, "Cost": "1"}}

    assert said(KEPT, **{**later, "policies": ()}) == []
    assert said(KEPT, **tags) == []


def test_an_existing_role_is_known_by_its_arn_alone() -> None:
    """Name, path and namespace are asked; what else is asked for is not passed."""
    rules = {**KEPT, "role_names": ("shop-*",), "role_paths": ("/team/",)}

    named, unknown = said(rules, existing_arn=ROLE)

    assert named == (
        "E-RULE-ROLE-NAME role_arn: the role is called 'theirs'; rules.roleNames (f:1) "
        "takes 'shop-*'; use a role that the house takes"
    )
    assert unknown == (
        f"E-RULE-UNKNOWN role_arn: '{ROLE}' exists already, and is not known here but "
        "for its ARN; rules (f:1) ask for more (rules.permissionsBoundaries, "
        "rules.managedPolicies, rules.forbiddenManagedPolicies, rules.forbiddenActions,"
        " rules.wildcardSubjects, rules.tags, rules.audiences); let the role be made "
        "here, or except the entry under rules.except"
    )


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_that_is_taken_away_asks_nothing(rule: str) -> None:
    """An exception from one rule leaves the others."""
    nothing: dict[str, Any] = {
        "permissions_boundary": None,
        "name": "x",
        "path": "/",
        "service_accounts": ("kube-system/x",),
        "tags": {},
        "trust_policy": trust({}),
        "policies": (Given((), "it", "arn:aws:iam::aws:policy/AdministratorAccess"),),
    }
    facts = RoleFacts(**nothing)
    rules = HouseRules(**KEPT)
    broken = {one.rule[0] for one in breaches(rules, facts)}

    left = {one.rule[0] for one in breaches(less(rules, {RULES[rule]}), facts)}

    assert RULES[rule] not in left
    # What was refused by its name is read once the name is taken.
    assert broken - {RULES[rule]} <= left
