"""The files Pulumi takes settings from: a stack's own, and what its project shares."""

from pathlib import Path

import pytest

from eks_irsa.errors import SettingsError
from eks_irsa.settings.model import Settings
from eks_irsa.settings.stack_file import read_stack_file
from eks_irsa.source.findings import Finding

PROJECT = """\
name: eks-irsa
config:
  clusterConfig: {type: string}
  audience: vault
  eks-irsa:oidcProvider: {type: string, default: existing}
  defaults:
    type: object
    default: {rolePath: /shared/, tags: {owner: platform}}
  exclude: [kube-system/*]
  kubeconfig: {type: string, default: shared}
  aws:region: {value: us-west-2}
"""


@pytest.fixture(name="stacks")
def _stacks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in a project with a folder of stacks, `stacks`."""
    (tmp_path / "Pulumi.yaml").write_text(PROJECT, encoding="utf-8")
    (tmp_path / "stacks").mkdir()
    monkeypatch.chdir(tmp_path)
    return Path("stacks")


def settings_of(stacks: Path, text: str) -> dict[str, object]:
    """Read a stack file; give what is not a default, in Python's spelling."""
    file = stacks / "Pulumi.dev.yaml"
    file.write_text(text, encoding="utf-8")
    return read_stack_file(file).settings.model_dump(exclude_unset=True)


def test_what_the_project_shares_counts_for_a_stack(stacks: Path) -> None:
    """A default of Pulumi.yaml is a setting of every stack, however it is written."""
    settings = settings_of(stacks, "")

    assert settings == {
        "audience": "vault",
        "oidc_provider": "existing",
        "defaults": {"role_path": "/shared/", "tags": {"owner": "platform"}},
        "exclude": ["kube-system/*"],
        "kubeconfig": "shared",
    }


def test_a_stack_replaces_the_whole_value(stacks: Path) -> None:
    """Pulumi does not merge maps, and a secret nobody can read counts as set too."""
    settings = settings_of(
        stacks,
        "config:\n  eks-irsa:defaults: {rolePath: /own/}\n  eks-irsa:exclude: []\n"
        "  eks-irsa:kubeconfig: {secure: AAABAAAA}\n",
    )

    assert settings == {
        "audience": "vault",
        "oidc_provider": "existing",
        "defaults": {"role_path": "/own/"},
        "exclude": [],
    }


def test_secrets_are_named_in_the_file_that_has_them(stacks: Path) -> None:
    """One of Pulumi.yaml is not named where the stack replaces it."""
    project = stacks.parent / "Pulumi.yaml"
    project.write_text(
        "name: eks-irsa\nconfig:\n  audience: {secure: AAABAAAA}\n"
        "  exclude: {value: {secure: AAABAAAA}}\n  include: {secure: AAABAAAA}\n",
        encoding="utf-8",
    )
    file = stacks / "Pulumi.dev.yaml"
    file.write_text(
        "config:\n  include: []\n  clusterConfig: {secure: AAABAAAA}\n", "utf-8"
    )
    read = read_stack_file(file)

    later = read.problems([Finding(("clusterConfig",), "E-KEY-MISSING", "missing")])

    assert [str(one).partition(": is")[0] for one in read.warnings] == [
        "stacks/Pulumi.dev.yaml:3:3: warning: config.clusterConfig",
        "Pulumi.yaml:3:3: warning: config.audience",
        "Pulumi.yaml:4:3: warning: config.exclude",
    ]
    assert str(*later).startswith("stacks/Pulumi.dev.yaml:3:18: config.clusterConfig")


def test_keys_need_not_name_the_project(stacks: Path) -> None:
    """Pulumi takes a key without a namespace for one of the project."""
    settings = settings_of(stacks, "config: {audience: own, clusterConfig: a.yaml}\n")

    assert (settings["audience"], settings["cluster_config"]) == ("own", "a.yaml")


def shop(stacks: Path, text: str) -> None:
    """Give the project another name, and other content."""
    (stacks.parent / "Pulumi.yaml").write_text(f"name: shop\n{text}", "utf-8")


def test_another_project_shares_nothing(stacks: Path) -> None:
    """Its keys, with a namespace or without, are in a namespace of its own."""
    shop(stacks, "config: {audience: {type: string, default: vault}, defaults: 1}\n")

    settings = settings_of(
        stacks,
        "config: {include: 1, shop:exclude: 1, eks-irsa:rules: {tags: {owner: '*'}}}\n",
    )

    assert settings.keys() == {"rules"}


@pytest.mark.parametrize(
    "key",
    [
        "clusterConfig",
        "shop:clusterConfig",
        "shop:config:clusterConfig",
        "eks-irsa:clusterConfig",
    ],
)
def test_a_project_of_any_name_has_settings_under_it(stacks: Path, key: str) -> None:
    """`clusterConfig` in the stack file makes them ours, in either namespace."""
    shop(stacks, "config: {audience: {type: string, default: vault}, exclude: [a/*]}\n")

    settings = settings_of(
        stacks, f"config: {{{key}: a.yaml, shop:exclude: [], eks-irsa:kubernetes: off}}"
    )

    assert settings == {
        "cluster_config": "a.yaml",
        "audience": "vault",
        "exclude": [],
        "kubernetes": "off",
    }


def test_a_project_of_any_name_shares_what_it_defines(stacks: Path) -> None:
    """Of another namespace Pulumi takes a `value`, of its own a `default`."""
    shop(
        stacks,
        "config:\n  clusterConfig: {type: string}\n  eks-irsa:audience: vault\n"
        "  eks-irsa:include: {value: [x]}\n  exclude: {default: [y]}\n",
    )

    with pytest.raises(SettingsError) as caught:
        settings_of(stacks, "config: {shop:accountId: '1'}")

    where = [str(one).partition(": '")[0] for one in caught.value.problems]
    assert where == [
        "stacks/Pulumi.dev.yaml:1:26: config.shop:accountId",
        "Pulumi.yaml:5:30: config.eks-irsa:include.value[0]",
        "Pulumi.yaml:6:23: config.exclude.default[0]",
    ]


def test_a_setting_stands_in_one_namespace(stacks: Path) -> None:
    """A stack file and Pulumi.yaml count together, as they do for the program."""
    shop(
        stacks,
        "config:\n  clusterConfig: {type: string}\n  kubernetes: on\n"
        "  eks-irsa:exclude: []\n",
    )

    with pytest.raises(SettingsError) as caught:
        settings_of(
            stacks,
            "config:\n  eks-irsa:clusterConfig: a.yaml\n  eks-irsa:audience: a\n"
            "  audience: a\n  shop:exclude: []\n",
        )

    assert [str(problem) for problem in caught.value.problems] == [
        f"{place}: config.eks-irsa:{key}: 'eks-irsa:{key}' is the setting 'shop:{key}' "
        "of this project, which the stack or Pulumi.yaml has too; write "
        f"'shop:{key}' alone"
        for place, key in (
            ("stacks/Pulumi.dev.yaml:2:3", "clusterConfig"),
            ("stacks/Pulumi.dev.yaml:3:3", "audience"),
            ("Pulumi.yaml:5:3", "exclude"),
        )
    ]


def test_what_lacks_is_named_as_the_project_would_write_it(stacks: Path) -> None:
    """A finding about a setting that nobody wrote stands in the project's namespace."""
    shop(stacks, "config: {clusterConfig: {type: string}}\n")
    file = stacks / "Pulumi.dev.yaml"
    file.write_text("config: {}\n", encoding="utf-8")

    (problem,) = read_stack_file(file).problems(
        [Finding(("accountId",), "E-ACCOUNT-ROLE", "missing")]
    )

    assert problem.path == "config.shop:accountId"


def test_what_is_wrong_is_named_in_its_file(stacks: Path) -> None:
    """The stack's problems first, each with the path of the text it stands in."""
    project = stacks.parent / "Pulumi.yaml"
    project.write_text(
        PROJECT.replace("/shared/", "shared").replace(
            "exclude: [kube-system/*]", "exclude: [kube-system]\n  wrong: 1"
        ),
        encoding="utf-8",
    )

    with pytest.raises(SettingsError) as caught:
        settings_of(stacks, "config:\n  accountId: 1\n  eks-irsa:include: [1]\n")

    assert [f"{problem.code} {problem}" for problem in caught.value.problems] == [
        (
            "E-ACCOUNT-ID stacks/Pulumi.dev.yaml:2:14: config.accountId: '1' is not an "
            "AWS account id; expected 12 digits"
        ),
        (
            "E-TYPE stacks/Pulumi.dev.yaml:3:22: config.eks-irsa:include[0]: expected "
            'text, got the integer 1; quote it: "1"'
        ),
        (
            "E-ROLE-PATH Pulumi.yaml:8:25: config.defaults.default.rolePath: 'shared' "
            "cannot be the path of a role; a path begins and ends with '/' and has at "
            "most 512 printable ASCII characters without space, such as '/eks/'"
        ),
        (
            "E-GLOB Pulumi.yaml:9:13: config.exclude[0]: 'kube-system' matches no "
            "entry; expected '<namespace>/<name>', parts of which may be '*'"
        ),
        (
            "E-KEY-UNKNOWN Pulumi.yaml:10:3: config.wrong: unknown key; expected one "
            f"of {', '.join(sorted(map(alias_of, Settings.model_fields)))}"
        ),
    ]


def alias_of(field: str) -> str:
    """Return how a file spells a setting."""
    return Settings.model_fields[field].alias or field


def test_a_later_finding_is_placed_in_the_file_that_sets_it(stacks: Path) -> None:
    """What a plan says of a shared setting points into Pulumi.yaml."""
    file = stacks / "Pulumi.dev.yaml"
    file.write_text("config: {accountId: '111122223333'}\n", encoding="utf-8")
    settings = read_stack_file(file)

    placed = settings.problems(
        [
            Finding(("exclude", 0), "W-NO-ENTRY", "one"),
            Finding(("accountId",), "E-ACCOUNT", "two"),
            Finding(("clusterConfig",), "E-KEY-MISSING", "three"),
        ]
    )

    assert [str(problem) for problem in placed] == [
        "stacks/Pulumi.dev.yaml:1:9: config.eks-irsa:clusterConfig: three",
        "stacks/Pulumi.dev.yaml:1:21: config.accountId: two",
        "Pulumi.yaml:9:13: config.exclude[0]: one",
    ]


def test_a_key_with_and_without_the_project_is_there_twice(stacks: Path) -> None:
    """Which of them Pulumi takes is left to chance."""
    with pytest.raises(SettingsError) as caught:
        settings_of(stacks, "config:\n  audience: a\n  eks-irsa:audience: b\n")

    assert str(caught.value) == (
        "stacks/Pulumi.dev.yaml:3:3: config.eks-irsa:audience: the key "
        "'eks-irsa:audience' is here as 'audience' too; keep one"
    )
