"""Rules of the house, asked of the entries of a file together with the settings."""

import json
from typing import Final

import pytest
from plans import READ_ONLY, entry, planned, refused

from eks_irsa.cluster_config.reading import parse_cluster_config
from eks_irsa.errors import InvalidInputError
from eks_irsa.plan.model import Cluster
from eks_irsa.plan.planning import plan
from eks_irsa.settings.reading import settings_of_config

BOUNDARY: Final = "arn:aws:iam::111122223333:policy/boundary"
ADMIN: Final = "arn:aws:iam::aws:policy/AdministratorAccess"
OTHER: Final = "arn:aws:iam::111122223333:policy/other"
ALLOWED: Final = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
FORBIDDEN: Final = {"Effect": "Allow", "Action": "iam:*", "Resource": "*"}


def places(*entries: dict[str, object], **settings: object) -> list[tuple[str, str]]:
    """Give path and code of each problem of what cannot be planned."""
    return [(path, code) for path, code, _ in refused(*entries, settings=settings)]


@pytest.mark.parametrize(
    ("given", "rules", "expected"),
    [
        pytest.param(
            {"permissionsBoundary": OTHER},
            {"permissionsBoundaries": [BOUNDARY]},
            [(".permissionsBoundary", "E-RULE-BOUNDARY")],
            id="a boundary of the file",
        ),
        pytest.param(
            {},
            {"permissionsBoundaries": [BOUNDARY]},
            [("", "E-RULE-BOUNDARY")],
            id="no boundary",
        ),
        pytest.param(
            {"attachPolicyARNs": [READ_ONLY, ADMIN]},
            {"forbiddenManagedPolicies": [ADMIN]},
            [(".attachPolicyARNs[1]", "E-RULE-MANAGED-POLICY")],
            id="a managed policy",
        ),
        pytest.param(
            {"wellKnownPolicies": {"autoScaler": True}},
            {"forbiddenActions": ["autoscaling:Set*"]},
            [(".wellKnownPolicies", "E-RULE-ACTION")],
            id="a well-known policy",
        ),
        pytest.param(
            {"wellKnownPolicies": {"ebsCSIController": True}},
            {"managedPolicies": [READ_ONLY]},
            [(".wellKnownPolicies", "E-RULE-MANAGED-POLICY")],
            id="a managed policy that a well-known one stands for",
        ),
        pytest.param(
            {"attachPolicy": {"Statement": [ALLOWED, FORBIDDEN]}},
            {"forbiddenActions": ["iam:PassRole"]},
            [(".attachPolicy.Statement[1]", "E-RULE-ACTION")],
            id="a statement of a list",
        ),
        pytest.param(
            {"attachPolicy": {"Statement": FORBIDDEN}},
            {"forbiddenActions": ["iam:PassRole"]},
            [(".attachPolicy.Statement", "E-RULE-ACTION")],
            id="a statement alone",
        ),
        pytest.param(
            {"subjectPattern": "b-*"},
            {"wildcardSubjects": False},
            [(".subjectPattern", "E-RULE-SUBJECT")],
            id="a pattern",
        ),
        pytest.param(
            {"tags": {"team": "shop"}},
            {"tags": {"team": "pay", "cost": "*"}},
            [(".tags.team", "E-RULE-TAG"), (".tags", "E-RULE-TAG")],
            id="tags",
        ),
        pytest.param({}, {"tags": {"a": "*"}}, [("", "E-RULE-TAG")], id="no tags"),
        pytest.param(
            {"roleName": "mine"},
            {"roleNames": ["shop-*"]},
            [(".roleName", "E-RULE-ROLE-NAME")],
            id="a name",
        ),
        pytest.param(
            {},
            {"roleNames": ["x*"], "rolePaths": ["/eks/"]},
            [("", "E-RULE-ROLE-NAME"), ("", "E-RULE-ROLE-PATH")],
            id="what nobody gave",
        ),
        pytest.param(
            {},
            {"namespaces": ["b"]},
            [(".metadata.namespace", "E-RULE-NAMESPACE")],
            id="a namespace",
        ),
        pytest.param(
            {"attachRoleARN": "arn:aws:iam::111122223333:role/theirs"},
            {"roleNames": ["shop-*"], "tags": {"a": "*"}},
            [
                (".attachRoleARN", "E-RULE-ROLE-NAME"),
                (".attachRoleARN", "E-RULE-UNKNOWN"),
            ],
            id="an existing role",
        ),
    ],
)
def test_a_breach_is_told_where_the_file_makes_it(
    given: dict[str, object], rules: dict[str, object], expected: list[tuple[str, str]]
) -> None:
    """And at the entry, if the file says nothing of it."""
    found = places(entry("a/b", **given), rules=rules)

    assert sorted(found) == sorted(
        (f"iam.serviceAccounts[0]{path}", code) for path, code in expected
    )


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        pytest.param(
            {
                "defaults": {"permissionsBoundary": OTHER},
                "rules": {"permissionsBoundaries": [BOUNDARY]},
            },
            ("defaults.permissionsBoundary", "E-RULE-BOUNDARY"),
            id="a default",
        ),
        pytest.param(
            {
                "defaults": {"permissionsBoundary": BOUNDARY},
                "overrides": {"a/*": {"permissionsBoundary": OTHER}},
                "rules": {"permissionsBoundaries": [BOUNDARY]},
            },
            ("overrides.a/*.permissionsBoundary", "E-RULE-BOUNDARY"),
            id="an override",
        ),
        pytest.param(
            {"defaults": {"rolePath": "/x/"}, "rules": {"rolePaths": ["/eks/"]}},
            ("defaults.rolePath", "E-RULE-ROLE-PATH"),
            id="a path",
        ),
        pytest.param(
            {"defaults": {"tags": {"t": "1"}}, "rules": {"tags": {"t": "2"}}},
            ("defaults.tags.t", "E-RULE-TAG"),
            id="a tag",
        ),
        pytest.param(
            {"audience": "vault", "rules": {"audiences": ["sts.amazonaws.com"]}},
            ("audience", "E-RULE-AUDIENCE"),
            id="the audience",
        ),
        pytest.param(
            {"rules": {"audiences": ["vault"]}},
            ("rules.audiences", "E-RULE-AUDIENCE"),
            id="the audience by default",
        ),
        pytest.param(
            {
                "overrides": {"a/*": {"namedPolicies": {"adotTraces": {}}}},
                "rules": {"forbiddenActions": ["xray:Put*"]},
            },
            ("overrides.a/*.namedPolicies", "E-RULE-ACTION"),
            id="a policy by name",
        ),
    ],
)
def test_what_the_settings_break_is_told_there_once_for_all_entries(
    settings: dict[str, object], expected: tuple[str, str]
) -> None:
    """One cause is one message."""
    ((path, code, message),) = refused(entry("a/b"), entry("a/c"), settings=settings)

    assert (path.removeprefix("eks-irsa:"), code) == expected
    assert "(stack settings)" in message


def test_an_override_wins_over_what_the_file_says() -> None:
    """So it is the one that is wrong; and a file wins over a default."""
    rules = {"permissionsBoundaries": [BOUNDARY]}
    override = {"a/b": {"permissionsBoundary": OTHER}}
    default = {"permissionsBoundary": OTHER}
    listed = entry("a/b", permissionsBoundary=BOUNDARY)

    assert places(listed, overrides=override, rules=rules) == [
        ("eks-irsa:overrides.a/b.permissionsBoundary", "E-RULE-BOUNDARY")
    ]
    assert planned(listed, settings={"defaults": default, "rules": rules})


def test_a_default_is_blamed_where_a_full_name_takes_back_what_a_glob_says() -> None:
    """Null there means that the file and the defaults decide."""
    bounded = {"permissionsBoundary": OTHER}

    found = places(
        entry("a/b"),
        defaults=bounded,
        overrides={"a/*": bounded, "a/b": {"permissionsBoundary": None}},
        rules={"permissionsBoundaries": [BOUNDARY]},
    )

    assert found == [("eks-irsa:defaults.permissionsBoundary", "E-RULE-BOUNDARY")]


def test_exceptions_are_taken_by_entry_and_rule() -> None:
    """Another rule, and another entry, stay."""
    rules = {
        "namespaces": ["a"],
        "tags": {"team": "*"},
        "except": {"b/*": ["namespaces"], "b/x": ["tags"]},
    }

    assert places(entry("a/y"), entry("b/x"), entry("b/z"), rules=rules) == [
        ("iam.serviceAccounts[0]", "E-RULE-TAG"),
        ("iam.serviceAccounts[2]", "E-RULE-TAG"),
    ]


def test_an_exception_for_an_entry_that_is_not_there_is_a_warning() -> None:
    """It is misspelt, or left over."""
    rules = {"namespaces": ["a"], "except": {"a/y": ["tags"], "b/*": ["tags"]}}

    (warning,) = planned(entry("a/x"), settings={"rules": rules}).warnings

    assert (warning.path, warning.code) == ("eks-irsa:rules.except.a/y", "W-NO-ENTRY")


def test_entries_of_other_stacks_are_not_asked() -> None:
    """What the stack does not make is no matter of its rules."""
    rules = {"namespaces": ["a"]}

    made = planned(
        entry("a/x"), entry("b/x"), settings={"rules": rules, "include": ["a/*"]}
    )

    assert [one.key for one in made.service_accounts] == ["a/x"]


def test_no_rule_is_asked_where_the_file_has_an_error() -> None:
    """One cause is one message; the rest of the entry is asked."""
    listed = [
        entry("a/x", permissionsBoundary="boundary", attachRoleARN=None),
        entry("a/y", attachPolicy={"Statement": [{"Effect": "Allow"}]}),
        entry("b/z", attachRoleARN="role"),
    ]
    config = {
        "apiVersion": "eksctl.io/v1alpha5",
        "kind": "ClusterConfig",
        "metadata": {"name": "shop", "region": "us-west-2"},
        "iam": {"withOIDC": True, "serviceAccounts": listed},
    }
    rules = {
        "permissionsBoundaries": [BOUNDARY],
        "forbiddenActions": ["iam:*"],
        "namespaces": ["a"],
        "roleNames": ["*"],
    }
    file = parse_cluster_config(json.dumps(config).encode(), source="f", partly=True)
    settings = settings_of_config({"eks-irsa:rules": json.dumps(rules)})

    with pytest.raises(InvalidInputError) as caught:
        plan(
            file,
            stack_settings=settings,
            cluster=Cluster.assumed_for(file.config),
        )

    broken = [
        (one.path, one.code)
        for one in caught.value.problems
        if one.code.startswith("E-RULE")
    ]
    assert broken == [
        ("iam.serviceAccounts[1]", "E-RULE-BOUNDARY"),
        ("iam.serviceAccounts[2].metadata.namespace", "E-RULE-NAMESPACE"),
    ]
