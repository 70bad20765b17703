"""What is particular to each of the two ways settings come in."""

from collections.abc import Callable
from pathlib import Path

import pytest

from eks_irsa.documents.limits import Limits
from eks_irsa.errors import SettingsError
from eks_irsa.settings.model import RoleSettings, Settings
from eks_irsa.settings.reading import (
    StackSettings,
    default_settings,
    settings_of_config,
)
from eks_irsa.settings.stack_file import read_stack_file
from eks_irsa.source.findings import Finding

DEFAULTS = Settings.model_validate({})


def settings_with(**given: object) -> Settings:
    """Return the settings of a stack file that gives *given*."""
    return Settings.model_validate(given)


def refusal(read: Callable[[], object]) -> list[str]:
    """Return the lines of the refusal of *read*, the folder left out."""
    with pytest.raises(SettingsError) as caught:
        read()
    return [str(one).rpartition("/Pulumi.")[2] for one in caught.value.problems]


def test_everything_has_a_default() -> None:
    """A stack that sets nothing has these settings."""
    expected: dict[str, object] = {
        "clusterConfig": None,
        "accountId": None,
        "audience": "sts.amazonaws.com",
        "oidcProvider": "auto",
        "kubernetes": "on",
        "kubeconfig": None,
        "createNamespaces": True,
        "patchExisting": [],
        "defaults": {
            "identity": None,
            "associationId": None,
            "roleName": None,
            "roleDescription": None,
            "inlinePolicyNames": None,
            "permissionsBoundary": None,
            "rolePath": None,
            "tags": None,
            "maxSessionDurationSeconds": None,
            "imagePullSecrets": None,
            "namedPolicies": None,
            "trustedClusters": None,
            "managedByLabel": None,
        },
        "overrides": {},
        "adopt": {},
        "renames": {},
        "limits": {
            "managedPoliciesPerRole": 10,
            "trustPolicyCharacters": 2048,
            "inlinePolicyCharacters": 10_240,
            "tagsPerRole": 50,
            "annotationBytes": 262_144,
            "rolesPerAccount": 1000,
            "oidcProvidersPerAccount": 100,
        },
        "rules": {
            "permissionsBoundaries": [],
            "managedPolicies": [],
            "forbiddenManagedPolicies": [],
            "forbiddenActions": [],
            "wildcardSubjects": True,
            "tags": {},
            "roleNames": [],
            "rolePaths": [],
            "namespaces": [],
            "audiences": [],
            "except": {},
        },
        "include": [],
        "exclude": [],
    }

    assert default_settings().settings.model_dump(by_alias=True) == expected
    assert settings_of_config({}).settings == default_settings().settings


def test_other_namespaces_of_the_configuration_are_left_alone() -> None:
    """The providers' own settings stand beside ours."""
    config = {
        "aws:region": "us-west-2",
        "eks-irsa-extra:color": "red",
        "pulumi:tags": "x",
        "eks-irsa:audience": "vault",
    }

    assert settings_of_config(config).settings == settings_with(audience="vault")


def test_other_namespaces_of_the_stack_file_are_left_alone(
    read_stack: Callable[[str], StackSettings],
) -> None:
    """Neither what stands beside `config` nor foreign keys in it are looked at."""
    read = read_stack(
        "encryptionsalt: v1:abc\n"
        "config:\n"
        "  aws:region: us-west-2\n"
        "  aws:defaultTags: {tags: {on: 1}}\n"
        "  eks-irsa:audience: vault\n"
    )

    assert read.settings == settings_with(audience="vault")


def test_secret_of_the_stack_file_is_left_alone(
    read_stack: Callable[[str], StackSettings],
) -> None:
    """Only the engine can decrypt it, so that it counts as not given here."""
    read = read_stack("config:\n  eks-irsa:kubeconfig: {secure: AAABALx}\n")

    assert (read.settings, read.warnings) == (DEFAULTS, ())


def test_secret_that_a_plan_depends_on_is_named(
    read_stack: Callable[[str], StackSettings],
) -> None:
    """Else `check` would plan what the program does not do, without a word."""
    read = read_stack(
        "config:\n"
        "  eks-irsa:audience: vault\n"
        "  eks-irsa:exclude: {secure: AAABALx}\n"
        "  aws:secretKey: {secure: AAABALx}\n"
    )

    assert read.settings == settings_with(audience="vault")
    (warning,) = read.warnings
    assert warning.code == "W-SECRET"
    assert str(warning).endswith(
        "dev.yaml:3:3: warning: config.eks-irsa:exclude: is a secret, which is not "
        "read here, so that it counts as not set; write it without --secret"
    )


@pytest.mark.parametrize(
    "text",
    ["", "# nothing\n", "{}\n", "config:\n", "config: {}\n", "encryptionsalt: v1:a\n"],
)
def test_stack_file_without_settings_gives_the_defaults(
    text: str, read_stack: Callable[[str], StackSettings]
) -> None:
    """Pulumi writes such files for a stack that sets nothing."""
    assert read_stack(text).settings == DEFAULTS


def test_null_in_the_stack_file_stands_for_nothing_given(
    read_stack: Callable[[str], StackSettings],
) -> None:
    """A key without a value is as good as no key."""
    read = read_stack(
        "config:\n"
        "  eks-irsa:include:\n"
        "  eks-irsa:audience: ~\n"
        "  eks-irsa:defaults: {tags: , rolePath: null}\n"
    )

    assert read.settings == settings_with(defaults={"tags": None, "rolePath": None})


@pytest.mark.parametrize(
    ("written", "expected"),
    [("off", "off"), ("false", "off"), ("False", "off"), ("on", "on"), ("TRUE", "on")],
)
def test_kubernetes_needs_no_quotes(
    written: str, expected: str, read_stack: Callable[[str], StackSettings]
) -> None:
    """Pulumi's YAML reads `off` as text and `false` as a boolean; both mean it."""
    read = read_stack(f"config:\n  eks-irsa:kubernetes: {written}\n")

    assert read.settings.kubernetes == expected


def test_account_id_needs_no_quotes(
    read_stack: Callable[[str], StackSettings],
) -> None:
    """Twelve digits without a zero before them are read as they are written."""
    read = read_stack("config:\n  eks-irsa:accountId: 111122223333\n")

    assert read.settings == settings_with(accountId="111122223333")


def test_account_id_that_yaml_changes_needs_quotes(
    read_stack: Callable[[str], StackSettings],
) -> None:
    """A zero before the others makes another number of it, so it is refused."""
    lines = refusal(
        lambda: read_stack(
            "config:\n"
            "  eks-irsa:accountId: 012345678901\n"
            "  eks-irsa:audience: true\n"
            "  eks-irsa:kubeconfig: {apiVersion: v1}\n"
        )
    )

    assert lines == [
        (
            "dev.yaml:2:23: config.eks-irsa:accountId: expected text, got the number "
            '12345678901.0; quote it: "012345678901"'
        ),
        (
            "dev.yaml:3:22: config.eks-irsa:audience: expected text, got the boolean "
            'true; quote it: "true"'
        ),
        "dev.yaml:4:24: config.eks-irsa:kubeconfig: expected text, got a map",
    ]


def test_words_of_yaml_are_text_to_pulumi(
    read_stack: Callable[[str], StackSettings],
) -> None:
    """Only true and false are booleans in a stack file, at any depth."""
    read = read_stack(
        "config:\n"
        "  eks-irsa:defaults: {managedByLabel: yes, tags: {mfa: on, beta: n}}\n"
    )

    assert read.settings == settings_with(
        defaults={"managedByLabel": "yes", "tags": {"mfa": "on", "beta": "n"}}
    )


def test_keys_that_are_no_text_are_refused(
    read_stack: Callable[[str], StackSettings],
) -> None:
    """Neither library of YAML reads such a key as it is written."""
    lines = refusal(
        lambda: read_stack("config:\n  eks-irsa:defaults: {tags: {on: a, 1.50: b}}\n")
    )

    assert lines == [
        (
            "dev.yaml:2:30: config.eks-irsa:defaults.tags.on: the key on is not text "
            'in YAML; quote it: "on"'
        ),
        (
            'dev.yaml:2:37: config.eks-irsa:defaults.tags["1.50"]: the key 1.50 is not '
            'text in YAML; quote it: "1.50"'
        ),
    ]


def test_problems_come_in_the_order_of_the_stack_file(
    read_stack: Callable[[str], StackSettings],
) -> None:
    """Keys are pointed at where the key is wrong, values where the value is."""
    lines = refusal(
        lambda: read_stack(
            "config:\n"
            "  eks-irsa:include:\n"
            "  - backend\n"
            "  eks-irsa:audiense: x\n"
            "  eks-irsa:overrides:\n"
            "    frontend: {rolePath: x}\n"
            "  eks-irsa:accountId: '1'\n"
        )
    )

    no_entry = "expected '<namespace>/<name>', parts of which may be '*'"
    assert lines == [
        (
            "dev.yaml:3:5: config.eks-irsa:include[0]: 'backend' matches no entry; "
            f"{no_entry}"
        ),
        (
            "dev.yaml:4:3: config.eks-irsa:audiense: unknown key; did you mean "
            "'audience'?"
        ),
        (
            "dev.yaml:6:5: config.eks-irsa:overrides.frontend: 'frontend' matches no "
            f"entry; {no_entry}"
        ),
        (
            "dev.yaml:6:26: config.eks-irsa:overrides.frontend.rolePath: 'x' cannot be "
            "the path of a role; a path begins and ends with '/' and has at most 512 "
            "printable ASCII characters without space, such as '/eks/'"
        ),
        (
            "dev.yaml:7:23: config.eks-irsa:accountId: '1' is not an AWS account id; "
            "expected 12 digits"
        ),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "- a\n",
            ["dev.yaml:1:1: expected a map with the map 'config', as Pulumi writes it"],
            id="list",
        ),
        pytest.param(
            "config: text\n",
            ["dev.yaml:1:1: expected a map with the map 'config', as Pulumi writes it"],
            id="config as text",
        ),
        pytest.param(
            "config:\n  eks-irsa:audience: a\n  eks-irsa:audience: b\n",
            [
                (
                    "dev.yaml:3:3: config.eks-irsa:audience: the key "
                    "'eks-irsa:audience' is here already, on line 2; keep one"
                )
            ],
            id="key twice",
        ),
        pytest.param(
            "config:\n\tx: y\n",
            ["dev.yaml:2:1: a tab cannot indent YAML; indent with spaces"],
            id="tab",
        ),
    ],
)
def test_text_that_is_no_stack_file_is_refused(
    text: str, expected: list[str], read_stack: Callable[[str], StackSettings]
) -> None:
    """The refusal says where, as for a ClusterConfig."""
    assert refusal(lambda: read_stack(text)) == expected


def test_stack_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """The reason is the system's own."""
    lines = refusal(lambda: read_stack_file(tmp_path / "Pulumi.prod.yaml"))

    assert lines == [
        (
            "prod.yaml: cannot be read: No such file or directory; give the path of a "
            "stack file"
        )
    ]


def test_too_many_problems_are_counted_not_listed() -> None:
    """Who made thousands of mistakes corrects some first."""
    patterns = ",".join(f'"{number}"' for number in range(1001))

    lines = refusal(lambda: settings_of_config({"eks-irsa:include": f"[{patterns}]"}))

    assert len(lines) == 1001
    assert lines[:2] == [
        "stack settings: more than 1,000 problems; correct the ones shown first",
        (
            "stack settings: eks-irsa:include[0]: '0' matches no entry; expected "
            "'<namespace>/<name>', parts of which may be '*'"
        ),
    ]


def test_later_finding_is_placed_in_the_stack_file(
    read_stack: Callable[[str], StackSettings],
) -> None:
    """What the plan finds wrong in the settings is shown where it stands."""
    read = read_stack("config:\n  eks-irsa:limits:\n    tagsPerRole: 3\n")

    placed = read.problems([Finding(("limits", "tagsPerRole"), "E-X", "too few")])

    assert [str(one).rpartition("/")[2] for one in placed] == [
        "Pulumi.dev.yaml:3:18: config.eks-irsa:limits.tagsPerRole: too few"
    ]


def test_later_finding_is_named_in_pulumis_configuration() -> None:
    """There are no lines there, and the key says enough."""
    placed = default_settings().problems([Finding(("accountId",), "E-X", "another")])

    assert [str(one) for one in placed] == [
        "stack settings: eks-irsa:accountId: another"
    ]


def test_limits_not_given_keep_aws_defaults() -> None:
    """Raising one quota leaves the others."""
    settings = settings_of_config({"eks-irsa:limits": '{"tagsPerRole": 60}'}).settings

    assert settings.limits.limits() == Limits(tags_per_role=60)


def test_spelling_of_the_stack_file_is_known() -> None:
    """Messages name a field as its user writes it."""
    names = [RoleSettings.alias_of(name) for name in ("role_path", "tags")]

    assert names == ["rolePath", "tags"]


def test_text_that_nobody_replaced_is_a_warning_that_stays_with_the_settings() -> None:
    """It stops nothing, here as in the file."""
    read = settings_of_config({"eks-irsa:defaults": '{"tags": {"team": "YOUR_TEAM"}}'})

    assert read.settings.defaults.tags == {"team": "YOUR_TEAM"}
    assert [(one.code, str(one)) for one in read.warnings] == [
        (
            "W-NOT-REPLACED",
            (
                "stack settings: warning: eks-irsa:defaults.tags.team: 'YOUR_TEAM' was "
                "not replaced; write the text that it stands for"
            ),
        )
    ]


def test_settings_stand_under_the_name_of_the_project_too() -> None:
    """Those of other namespaces are left alone."""
    read = settings_of_config(
        {"shop:audience": "vault", "eks-irsa:kubernetes": "off", "other:include": "1"},
        project="shop",
    )

    settings = read.settings
    assert (settings.audience, settings.kubernetes) == ("vault", "off")
    assert settings.include == []
    assert [read.name_of(key) for key in ("audience", "kubernetes", "include")] == [
        "shop:audience",
        "eks-irsa:kubernetes",
        "shop:include",
    ]


def test_a_setting_under_both_names_is_refused() -> None:
    """Which of them counts would be left to chance; the message is the files'."""
    config = {"zoo:audience": "vault", "eks-irsa:audience": "vault"}

    with pytest.raises(SettingsError) as caught:
        settings_of_config(config, project="zoo")

    assert str(caught.value) == (
        "stack settings: eks-irsa:audience: 'eks-irsa:audience' is the setting "
        "'zoo:audience' of this project, which the stack or Pulumi.yaml has too; write "
        "'zoo:audience' alone"
    )
