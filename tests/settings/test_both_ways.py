"""Pulumi's configuration and the stack file give the same settings and problems."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import pytest
import yaml

from eks_irsa.errors import Problem, SettingsError
from eks_irsa.settings.model import Settings
from eks_irsa.settings.reading import StackSettings, settings_of_config

_PULUMI_YAML: Final = Path(__file__).parents[2] / "Pulumi.yaml"
TOP = (
    "accountId, adopt, audience, clusterConfig, createNamespaces, defaults, "
    "exclude, include, kubeconfig, kubernetes, limits, oidcProvider, overrides, "
    "patchExisting, renames, rules"
)
NO_ENTRY = "matches no entry; expected '<namespace>/<name>', parts of which may be '*'"
ARN_RULE = (
    "is not the ARN of a policy; "
    "expected arn:<partition>:iam::<12 digits or 'aws'>:policy/<name>"
)
PATH_RULE = (
    "cannot be the path of a role; a path begins and ends with '/' and has at most 512 "
    "printable ASCII characters without space, such as '/eks/'"
)
LABEL_RULE = (
    "cannot be the value of a label; expected at most 63 letters, digits, '-', '_' and "
    "'.', beginning and ending with a letter or digit; other texts go into annotations"
)
AUDIENCE_RULE = (
    "is no audience; expected 1 to 255 printable ASCII characters without space and "
    "'${', such as 'sts.amazonaws.com'"
)
BOUNDARY = "arn:aws:iam::111122223333:policy/boundary"


def as_config(settings: Mapping[str, object]) -> dict[str, str]:
    """Write settings as Pulumi hands them to the program."""
    return {
        f"eks-irsa:{key}": value if isinstance(value, str) else json.dumps(value)
        for key, value in settings.items()
    }


def as_stack_file(settings: Mapping[str, object]) -> str:
    """Write settings as a stack file; JSON is YAML with every text in quotes."""
    config = {f"eks-irsa:{key}": value for key, value in settings.items()}
    return json.dumps({"config": config})


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param({}, id="none"),
        pytest.param(
            {
                "clusterConfig": "stacks/dev.cluster.yaml",
                "accountId": "012345678901",
                "audience": "vault",
                "oidcProvider": "existing",
                "kubeconfig": "/home/me/.kube/config",
            },
            id="texts",
        ),
        pytest.param({"accountId": "", "kubeconfig": ""}, id="empty texts"),
        pytest.param({"createNamespaces": False}, id="boolean"),
        pytest.param({"kubernetes": "off"}, id="off as text"),
        pytest.param({"kubernetes": "false"}, id="false as text"),
        pytest.param({"kubernetes": False}, id="off as boolean"),
        pytest.param({"kubernetes": True}, id="on as boolean"),
        pytest.param(
            {
                "patchExisting": ["kube-system/*"],
                "include": ["a/*", "b/{c,d}"],
                "exclude": ["a/b"],
            },
            id="lists",
        ),
        pytest.param({"include": [], "limits": {}, "overrides": {}}, id="empty"),
        pytest.param(
            {
                "defaults": {
                    "permissionsBoundary": BOUNDARY,
                    "rolePath": "/eks/",
                    "tags": {"team": "shop", "cost": ""},
                    "maxSessionDurationSeconds": 43_200,
                    "managedByLabel": "",
                    "trustedClusters": [{"name": "green", "region": "eu-west-1"}],
                },
                "overrides": {
                    "a/c": {"trustedClusters": []},
                    "a/b": {"maxSessionDurationSeconds": 3600},
                    "a/*": {"rolePath": "/"},
                    "b/*": {"permissionsBoundary": None},
                },
                "limits": {
                    "managedPoliciesPerRole": 25,
                    "trustPolicyCharacters": 8192,
                    "inlinePolicyCharacters": 1,
                    "tagsPerRole": 60,
                    "annotationBytes": 1000,
                    "rolesPerAccount": 10_000,
                    "oidcProvidersPerAccount": 700,
                },
            },
            id="maps",
        ),
        pytest.param({"include": '["a/b"]', "limits": "{}"}, id="JSON in text"),
    ],
)
def test_both_ways_give_equal_settings(
    settings: dict[str, object], read_stack: Callable[[str], StackSettings]
) -> None:
    """What `check` reads of the stack file is what the program is given."""
    in_config = settings_of_config(as_config(settings))
    in_file = read_stack(as_stack_file(settings))

    assert in_file.settings == in_config.settings


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        pytest.param(
            {"clusterConfg": "x", "cluster_config": "x", "createnamespaces": True},
            [
                (
                    "clusterConfg",
                    "E-KEY-UNKNOWN",
                    "unknown key; did you mean 'clusterConfig'?",
                ),
                (
                    "cluster_config",
                    "E-KEY-UNKNOWN",
                    "unknown key; did you mean 'clusterConfig'?",
                ),
                (
                    "createnamespaces",
                    "E-KEY-UNKNOWN",
                    "unknown key; did you mean 'createNamespaces'?",
                ),
            ],
            id="near misses at the top",
        ),
        pytest.param(
            {"color": "red"},
            [("color", "E-KEY-UNKNOWN", f"unknown key; expected one of {TOP}")],
            id="unknown at the top",
        ),
        pytest.param(
            {"tags": {"a": "b"}, "tagsPerRole": 1},
            [
                ("tags", "E-KEY-UNKNOWN", "unknown key; it belongs under defaults"),
                (
                    "tagsPerRole",
                    "E-KEY-UNKNOWN",
                    "unknown key; it belongs under limits",
                ),
            ],
            id="at the wrong level",
        ),
        pytest.param(
            {"defaults": {"audience": "vault"}},
            [
                (
                    "defaults.audience",
                    "E-KEY-UNKNOWN",
                    (
                        "unknown key; it is a setting of its own; write audience "
                        "beside this one"
                    ),
                ),
            ],
            id="too far in",
        ),
        pytest.param(
            {
                "defaults": {"permissionBoundary": BOUNDARY},
                "limits": {"colour": 1},
                "overrides": {"a/b": {"path": "/"}},
            },
            [
                (
                    "defaults.permissionBoundary",
                    "E-KEY-UNKNOWN",
                    "unknown key; did you mean 'permissionsBoundary'?",
                ),
                (
                    "limits.colour",
                    "E-KEY-UNKNOWN",
                    (
                        "unknown key; expected one of annotationBytes, "
                        "inlinePolicyCharacters, managedPoliciesPerRole, "
                        "oidcProvidersPerAccount, rolesPerAccount, tagsPerRole, "
                        "trustPolicyCharacters"
                    ),
                ),
                (
                    "overrides.a/b.path",
                    "E-KEY-UNKNOWN",
                    (
                        "unknown key; expected one of associationId, identity, "
                        "imagePullSecrets, inlinePolicyNames, managedByLabel, "
                        "maxSessionDurationSeconds, namedPolicies, "
                        "permissionsBoundary, roleDescription, roleName, rolePath, "
                        "tags, trustedClusters"
                    ),
                ),
            ],
            id="unknown in maps",
        ),
        pytest.param(
            {
                "defaults": {
                    "trustedClusters": [
                        {"name": "-", "region": "us-west2"},
                        {"region": "us-west-2"},
                        {"name": "a", "region": "us-west-2", "oidcProvider": "b"},
                        None,
                        "green",
                    ]
                },
                "overrides": {"a/b": {"trustedClusters": [{"cluster": "green"}]}},
            },
            [
                (
                    "defaults.trustedClusters[0].name",
                    "E-CLUSTER-NAME",
                    (
                        "'-' cannot name an EKS cluster; a name has 1 to 100 "
                        "letters, digits, '-' and '_', and begins with a letter or "
                        "digit"
                    ),
                ),
                (
                    "defaults.trustedClusters[0].region",
                    "E-REGION",
                    (
                        "'us-west2' has not the shape of an AWS region; did you mean "
                        "'us-west-2'?"
                    ),
                ),
                (
                    "defaults.trustedClusters[1].name",
                    "E-KEY-MISSING",
                    (
                        "missing; write the name of the EKS cluster, or as "
                        "oidcProvider the ARN of its IAM OIDC provider"
                    ),
                ),
                *(
                    (
                        f"defaults.trustedClusters[2].{key}",
                        "E-TWICE",
                        (
                            "has no effect beside oidcProvider, which says which "
                            "cluster; take one of the two out"
                        ),
                    )
                    for key in ("name", "region")
                ),
                (
                    "defaults.trustedClusters[2].oidcProvider",
                    "E-PROVIDER-ARN",
                    (
                        "'b' is not the ARN of an OIDC provider; expected "
                        "arn:<partition>:iam::<12 digits>:oidc-provider/<issuer>"
                    ),
                ),
                (
                    "defaults.trustedClusters[3]",
                    "E-TYPE",
                    "expected a map with name, or with oidcProvider, got nothing",
                ),
                (
                    "defaults.trustedClusters[4]",
                    "E-TYPE",
                    "expected a map, got the text 'green'",
                ),
                (
                    "overrides.a/b.trustedClusters[0].cluster",
                    "E-KEY-UNKNOWN",
                    "unknown key; expected one of name, oidcProvider, region",
                ),
                (
                    "overrides.a/b.trustedClusters[0].name",
                    "E-KEY-MISSING",
                    (
                        "missing; write the name of the EKS cluster, or as "
                        "oidcProvider the ARN of its IAM OIDC provider"
                    ),
                ),
            ],
            id="trusted clusters",
        ),
        pytest.param(
            {"accountId": "1234", "audience": "", "clusterConfig": "a\0b"},
            [
                (
                    "accountId",
                    "E-ACCOUNT-ID",
                    "'1234' is not an AWS account id; expected 12 digits",
                ),
                ("audience", "E-AUDIENCE", f"'' {AUDIENCE_RULE}"),
                (
                    "clusterConfig",
                    "E-FILE",
                    (
                        "holds a null character, which no path may; write the path of "
                        "a file"
                    ),
                ),
            ],
            id="texts of another shape",
        ),
        pytest.param(
            {"audience": "${aws:username}", "oidcProvider": "Auto", "kubernetes": "no"},
            [
                ("audience", "E-AUDIENCE", f"'${{aws:username}}' {AUDIENCE_RULE}"),
                (
                    "oidcProvider",
                    "E-TYPE",
                    "expected 'auto', 'managed' or 'existing', got the text 'Auto'",
                ),
                ("kubernetes", "E-TYPE", "expected 'on' or 'off', got the text 'no'"),
            ],
            id="words of a choice",
        ),
        pytest.param(
            {
                "createNamespaces": "off",
                "defaults": "none",
                "include": "a/b",
                "limits": [],
                "overrides": 5,
                "exclude": {},
                "patchExisting": True,
            },
            [
                (
                    "createNamespaces",
                    "E-TYPE",
                    "expected true or false, got the text 'off'",
                ),
                ("defaults", "E-TYPE", "expected a map, got the text 'none'"),
                ("include", "E-TYPE", "expected a list, got the text 'a/b'"),
                ("limits", "E-TYPE", "expected a map, got a list"),
                ("overrides", "E-TYPE", "expected a map, got the integer 5"),
                ("exclude", "E-TYPE", "expected a list, got a map"),
                ("patchExisting", "E-TYPE", "expected a list, got the boolean true"),
            ],
            id="other types, and JSON that is none",
        ),
        pytest.param(
            {"overrides": [["a/b"]]},
            [("overrides", "E-TYPE", "expected a map, got a list")],
            id="overrides as a list of lists",
        ),
        pytest.param(
            {"overrides": {"a/b": "x", "a/c": None, "a/d": {"rolePath": 1}}},
            [
                ("overrides.a/b", "E-TYPE", "expected a map, got the text 'x'"),
                ("overrides.a/c", "E-TYPE", "expected a map, got nothing"),
                (
                    "overrides.a/d.rolePath",
                    "E-TYPE",
                    'expected text, got the integer 1; quote it: "1"',
                ),
            ],
            id="types in overrides",
        ),
        pytest.param(
            {"include": [1, "a/b", None, ["x"], "c"]},
            [
                (
                    "include[0]",
                    "E-TYPE",
                    'expected text, got the integer 1; quote it: "1"',
                ),
                ("include[2]", "E-GLOB", f"'' {NO_ENTRY}"),
                ("include[3]", "E-TYPE", "expected text, got a list"),
                ("include[4]", "E-GLOB", f"'c' {NO_ENTRY}"),
            ],
            id="items of a list, each at its index",
        ),
        pytest.param(
            {
                "include": ["*", "backend"],
                "exclude": ["a/[b"],
                "patchExisting": ["a/{b"],
                "overrides": {"a": {}, "a/b": {}, "[": {}},
            },
            [
                ("include[1]", "E-GLOB", f"'backend' {NO_ENTRY}"),
                (
                    "exclude[0]",
                    "E-GLOB",
                    (
                        "'a/[b' opens '[' and has no set or range to close there; "
                        "write ']' behind it, or '\\[' for the character"
                    ),
                ),
                (
                    "patchExisting[0]",
                    "E-GLOB",
                    "'a/{b' opens '{' and does not close it; write '}' behind it",
                ),
                ("overrides.a", "E-GLOB", f"'a' {NO_ENTRY}"),
                (
                    'overrides["["]',
                    "E-GLOB",
                    (
                        "'[' opens '[' and has no set or range to close there; write "
                        "']' behind it, or '\\[' for the character"
                    ),
                ),
            ],
            id="globs",
        ),
        pytest.param(
            {
                "limits": {
                    "tagsPerRole": 0,
                    "annotationBytes": "1",
                    "managedPoliciesPerRole": None,
                    "trustPolicyCharacters": 1.5,
                }
            },
            [
                (
                    "limits.tagsPerRole",
                    "E-TYPE",
                    "expected greater than or equal to 1, got the integer 0",
                ),
                (
                    "limits.annotationBytes",
                    "E-TYPE",
                    "expected an integer, got the text '1'",
                ),
                (
                    "limits.managedPoliciesPerRole",
                    "E-TYPE",
                    "expected an integer, got nothing",
                ),
                (
                    "limits.trustPolicyCharacters",
                    "E-TYPE",
                    "expected an integer, got the number 1.5",
                ),
            ],
            id="limits",
        ),
        pytest.param(
            {
                "defaults": {
                    "permissionsBoundary": "boundary",
                    "rolePath": "eks/",
                    "tags": {"aws:x": "1", "eks-irsa/x": "1", "n": 1, "N": "x"},
                    "maxSessionDurationSeconds": 3599,
                    "managedByLabel": "a b",
                },
                "overrides": {
                    "a/*": {
                        "permissionsBoundary": "",  # none
                        "imagePullSecrets": ["A"],
                        "rolePath": "",
                        "maxSessionDurationSeconds": 43_201,
                        "managedByLabel": "-",
                        "tags": {"t": "x", "T": "y"},
                    }
                },
            },
            [
                (
                    "defaults.permissionsBoundary",
                    "E-BOUNDARY-ARN",
                    f"'boundary' {ARN_RULE}",
                ),
                ("defaults.rolePath", "E-ROLE-PATH", f"'eks/' {PATH_RULE}"),
                (
                    "defaults.tags.aws:x",
                    "E-TAG",
                    "the tag 'aws:x' begins with 'aws:', which AWS keeps to itself",
                ),
                (
                    "defaults.tags.eks-irsa/x",
                    "E-TAG",
                    "tags that begin with 'eks-irsa/' are written by eks-irsa",
                ),
                (
                    "defaults.tags.n",
                    "E-TYPE",
                    'expected text, got the integer 1; quote it: "1"',
                ),
                (
                    "defaults.maxSessionDurationSeconds",
                    "E-SESSION-DURATION",
                    "3599 is out of bounds; expected 3600 to 43200 seconds",
                ),
                ("defaults.managedByLabel", "E-LABEL", f"'a b' {LABEL_RULE}"),
                (
                    "overrides.a/*.imagePullSecrets[0]",
                    "E-SECRET-NAME",
                    (
                        "'A' cannot name a secret; a name has 1 to 253 lower-case "
                        "letters, digits, '-' and '.', and each part between dots "
                        "begins and ends with a letter or digit (RFC 1123)"
                    ),
                ),
                ("overrides.a/*.rolePath", "E-ROLE-PATH", f"'' {PATH_RULE}"),
                (
                    "overrides.a/*.maxSessionDurationSeconds",
                    "E-SESSION-DURATION",
                    "43201 is out of bounds; expected 3600 to 43200 seconds",
                ),
                ("overrides.a/*.managedByLabel", "E-LABEL", f"'-' {LABEL_RULE}"),
                (
                    "overrides.a/*.tags.T",
                    "E-TAG",
                    "IAM takes 'T' and 't' for one key; keep one of them",
                ),
            ],
            id="what roles get",
        ),
    ],
)
def test_both_ways_give_equal_problems(
    settings: dict[str, object],
    expected: list[tuple[str, str, str]],
    read_stack: Callable[[str], StackSettings],
) -> None:
    """Each problem has one wording, and only the stack file knows its line."""
    with pytest.raises(SettingsError) as in_config:
        settings_of_config(as_config(settings))
    with pytest.raises(SettingsError) as in_file:
        read_stack(as_stack_file(settings))

    assert _told(in_config.value.problems, "eks-irsa:") == sorted(expected)
    assert _told(in_file.value.problems, "config.eks-irsa:") == sorted(expected)
    assert {(one.source, one.line) for one in in_config.value.problems} == {
        ("stack settings", 0)
    }


@pytest.mark.parametrize("mark", ["shop:clusterConfig", "eks-irsa:clusterConfig"])
def test_both_ways_read_the_project_of_a_cluster_config(
    mark: str, read_stack: Callable[[str], StackSettings], tmp_path: Path
) -> None:
    """In whichever namespace that is named, both are read."""
    (tmp_path / "Pulumi.yaml").write_text("name: shop\n", encoding="utf-8")
    config = {
        mark: "dev.yaml",
        "shop:accountId": "111122223333",
        "eks-irsa:kubernetes": "off",
        "other:team": "x",
    }

    in_config = settings_of_config(config, project="shop")
    in_file = read_stack(json.dumps({"config": config}))

    assert in_file.settings == in_config.settings
    assert in_file.settings.account_id == "111122223333"
    assert in_file.name_of("include") == in_config.name_of("include")


@pytest.mark.parametrize("mark", ["shop:clusterConfig", "eks-irsa:clusterConfig"])
def test_both_ways_refuse_what_is_no_setting_of_the_project(
    mark: str, read_stack: Callable[[str], StackSettings], tmp_path: Path
) -> None:
    """What the program would stop at, `check` says before."""
    (tmp_path / "Pulumi.yaml").write_text("name: shop\n", encoding="utf-8")
    config = {mark: "dev.yaml", "shop:team": "x"}

    with pytest.raises(SettingsError) as in_config:
        settings_of_config(config, project="shop")
    with pytest.raises(SettingsError) as in_file:
        read_stack(json.dumps({"config": config}))

    expected = [("team", "E-KEY-UNKNOWN", f"unknown key; expected one of {TOP}")]
    assert _told(in_config.value.problems, "shop:") == expected
    assert _told(in_file.value.problems, "config.shop:") == expected


def test_pulumi_yaml_gives_the_defaults_that_the_model_has() -> None:
    """The engine hands over Pulumi.yaml's; `check` and the docs know the model's.

    An empty text stands for none, which Pulumi.yaml cannot say.
    """
    declared = yaml.safe_load(_PULUMI_YAML.read_text(encoding="utf-8"))["config"]
    defaults = {
        name: setting["default"]
        for name, setting in declared.items()
        if "default" in setting
    }

    given, model = (
        settings_of_config(config).settings.model_dump()
        for config in (as_config(defaults), {})
    )
    assert {
        key: None if value == "" else value for key, value in given.items()
    } == model
    assert [*declared] == [
        field.alias or name for name, field in Settings.model_fields.items()
    ]
    assert {*declared} - {*defaults} == {"clusterConfig"}


def _told(problems: tuple[Problem, ...], prefix: str) -> list[tuple[str, str, str]]:
    assert all(one.path.startswith(prefix) for one in problems)
    assert {one.severity for one in problems} == {"error"}
    return sorted(
        (one.path.removeprefix(prefix), one.code, one.message) for one in problems
    )
