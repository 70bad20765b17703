"""`eks-irsa check` on many stacks: which file is checked with which settings."""

from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., tuple[int, str, str]]

TWENTY_POLICIES = ", ".join(
    f"arn:aws:iam::111122223333:policy/P{index}" for index in range(20)
)


def add_stack(folder: Path, name: str, text: str, *, settings: str = "") -> None:
    """Put a ClusterConfig and a stack that names it into a project."""
    stacks = folder / "stacks"
    (stacks / f"{name}.yaml").write_text(text, encoding="utf-8")
    (stacks / f"Pulumi.{name}.yaml").write_text(
        f"config:\n  eks-irsa:clusterConfig: stacks/{name}.yaml\n{settings}",
        encoding="utf-8",
    )


@pytest.fixture(name="fleet")
def _fleet(folder: Path, good: str) -> Path:
    """Make a project of two stacks; `large` is right with its own settings only."""
    (folder / "Pulumi.yaml").write_text(
        "name: eks-irsa\nstackConfigDir: stacks\n", encoding="utf-8"
    )
    (folder / "stacks").mkdir()
    add_stack(folder, "dev", good)
    add_stack(
        folder,
        "large",
        good.replace('"arn:aws:iam::aws:policy/ReadOnlyAccess"', TWENTY_POLICIES),
        settings="  eks-irsa:limits: {managedPoliciesPerRole: 20}\n",
    )
    return folder


def break_dev(fleet: Path) -> str:
    """Put an error into the ClusterConfig of `dev`; give the line that says so."""
    file = fleet / "stacks/dev.yaml"
    file.write_text(file.read_text().replace("true", "yep"), encoding="utf-8")
    return (
        "stacks/dev.yaml:5:13: iam.withOIDC: expected true or false, got the text "
        "'yep' [E-TYPE]\n"
    )


def test_stack_files_and_cluster_configs_are_told_apart(run: Run, fleet: Path) -> None:
    """`check stacks/*.yaml` takes each ClusterConfig with the stack that names it."""
    names = sorted(f"stacks/{one.name}" for one in (fleet / "stacks").iterdir())

    ran = run("check", *names)

    assert len(names) == 4
    assert ran == (0, "", "2 files and 2 stacks checked: no problems\n")


def test_cluster_config_that_no_named_stack_has_is_checked_alone(
    run: Run, fleet: Path
) -> None:
    """The stack beside it is not asked for, so its settings do not count."""
    assert fleet.is_dir()

    code, out, err = run("check", "stacks/Pulumi.dev.yaml", "stacks/large.yaml")

    assert (code, err) == (1, "2 files and 1 stack checked: 1 error\n")
    assert out.startswith("stacks/large.yaml:8:23: iam.serviceAccounts[0].attachPol")


def test_cluster_config_of_a_broken_stack_is_checked_alone(
    run: Run, fleet: Path
) -> None:
    """What a stack file hides by its own errors is not left unchecked."""
    line = break_dev(fleet)
    with (fleet / "stacks/Pulumi.dev.yaml").open("a", encoding="utf-8") as file:
        file.write("  eks-irsa:oidcProvider: mine\n")

    code, out, _ = run("check", "stacks/Pulumi.dev.yaml", "stacks/dev.yaml")

    assert code == 1
    assert out == (
        "stacks/Pulumi.dev.yaml:3:26: config.eks-irsa:oidcProvider: expected 'auto', "
        f"'managed' or 'existing', got the text 'mine' [E-TYPE]\n{line}"
    )


@pytest.mark.parametrize(
    "arguments", [("--all",), ("Pulumi.yaml",), ("Pulumi.yaml", "stacks/dev.yaml")]
)
def test_all_stacks_of_a_project_are_checked(
    run: Run, fleet: Path, arguments: tuple[str, ...]
) -> None:
    """One command, one summary; a Pulumi.yaml stands for all of its stacks too."""
    line = break_dev(fleet)

    ran = run("check", *arguments)

    assert ran == (1, line, "2 files and 2 stacks checked: 1 error\n")


def test_all_begins_at_the_project_above(
    run: Run, fleet: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files are named from where the user stands."""
    line = break_dev(fleet)
    monkeypatch.chdir(fleet / "stacks")

    ran = run("check", "--all")

    assert ran == (
        1,
        line.removeprefix("stacks/"),
        "2 files and 2 stacks checked: 1 error\n",
    )


def test_all_reads_the_folder_of_the_project_without_another(
    run: Run, folder: Path, good: str
) -> None:
    """Pulumi's own default; files that only look like stack files are none."""
    (folder / "Pulumi.yaml").write_text("name: eks-irsa\n", encoding="utf-8")
    (folder / "a.yaml").write_text(good, encoding="utf-8")
    (folder / "Pulumi.a.yaml").write_text("config: {clusterConfig: a.yaml}\n")
    (folder / "Pulumi.a.yml").write_text("config: [\n", encoding="utf-8")

    ran = run("check", "--all")

    assert ran == (0, "", "1 file and 1 stack checked: no problems\n")


def test_project_without_stacks_is_no_success(run: Run, folder: Path) -> None:
    """Green must not mean that nothing was checked."""
    (folder / "Pulumi.yaml").write_text("name: eks-irsa\n", encoding="utf-8")

    ran = run("check", "--all")

    assert ran == (
        1,
        (
            "Pulumi.yaml: the project has no stack; expected a file "
            "Pulumi.<stack>.yaml in its stackConfigDir, by default the project's "
            "folder [E-FILE]\n"
        ),
        "0 files checked: 1 error\n",
    )


def test_project_file_that_cannot_be_read_does_not_hide_the_rest(
    run: Run, folder: Path, good: str
) -> None:
    """Its stacks are unknown, and that is an error; other files are still checked."""
    (folder / "Pulumi.yaml").write_text("name: [\n", encoding="utf-8")
    (folder / "a.yaml").write_text(good.replace("true", "yep"), encoding="utf-8")

    code, out, err = run("check", "Pulumi.yaml", "a.yaml")

    assert (code, err) == (1, "1 file checked: 2 errors\n")
    assert [line.partition(":")[0] for line in out.splitlines()] == [
        "Pulumi.yaml",
        "a.yaml",
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ("--all",),
            "--all needs a project, and no Pulumi.yaml is in this folder or above it",
        ),
        (
            ("--all", "a.yaml"),
            (
                "--all takes every stack of the project; leave out FILE, --settings, "
                "--find"
            ),
        ),
        (
            ("--find",),
            "name a FILE, '-' for standard input, or a stack's --settings",
        ),
        (
            ("",),
            (
                "Invalid value for '[FILE]...': '' names no file; give a path (a "
                "shell variable that is not set looks like this)"
            ),
        ),
        (
            ("--settings", ""),
            (
                "Invalid value for '--settings': '' names no file; give a path (a "
                "shell variable that is not set looks like this)"
            ),
        ),
    ],
)
def test_wrong_usage(
    run: Run, folder: Path, arguments: tuple[str, ...], said: str
) -> None:
    """Exit code 2, and what to do instead."""
    assert folder.is_dir()

    code, out, err = run("check", *arguments)

    assert (code, out, err.splitlines()[-1]) == (2, "", f"Error: {said}")


def test_several_settings_are_taken_each_with_its_file(run: Run, fleet: Path) -> None:
    """None of them is lost."""
    line = break_dev(fleet)
    both = [f"--settings=stacks/Pulumi.{name}.yaml" for name in ("dev", "large")]

    ran = run("check", *both)

    assert ran == (1, line, "2 files checked: 1 error\n")


def test_one_file_is_taken_with_each_of_several_settings(run: Run, fleet: Path) -> None:
    """It is wrong if it is wrong with one of them."""
    assert fleet.is_dir()
    both = [f"--settings=stacks/Pulumi.{name}.yaml" for name in ("large", "dev")]

    code, out, err = run("check", *both, "stacks/large.yaml")

    assert (code, err) == (1, "1 file checked: 1 error\n")
    assert "[E-LIMIT-MANAGED-POLICIES]" in out


def test_what_concerns_us_is_found_among_any_files(
    run: Run, fleet: Path, good: str
) -> None:
    """By what it is: kind or API version, settings or project, in whatever file."""
    other = fleet / "other"
    other.mkdir()
    texts = {
        "Pulumi.yaml": "name: website\nruntime: yaml\n",
        "Pulumi.dev.yaml": "config:\n  aws:region: eu-west-1\n",
        "deployment.yaml": "apiVersion: apps/v1\nkind: Deployment\n",
        "config-map.yaml": f"kind: ConfigMap\ndata:\n  a: |\n{_indented(good)}",
        "list.yaml": "- kind: ClusterConfig\n",
        "broken.yaml": "a: [\n",
        "kind.yaml": good.replace("ClusterConfig", "clusterConfig"),
        "version.yaml": good.replace("kind: ClusterConfig", "kind: Cluster"),
        "template.yaml": good.replace("metadata", "{{ if }}\nmetadata"),
        "prod.yml": good,
    }
    for name, text in texts.items():
        (other / name).write_text(text, encoding="utf-8")

    code, out, err = run(
        "check", "--find", *(f"other/{name}" for name in texts), "other/gone.yaml"
    )

    assert code == 1
    assert [line.partition(":")[0] for line in out.splitlines()] == [
        "other/kind.yaml",
        "other/version.yaml",
        "other/template.yaml",
    ]
    assert err == "4 files checked: 3 errors; 7 other files left out\n"


def _indented(text: str) -> str:
    return "".join(f"    {line}\n" for line in text.splitlines())


def test_found_cluster_config_is_taken_with_the_stacks_that_name_it(
    run: Run, fleet: Path
) -> None:
    """A hook that is given the ClusterConfig alone judges it as `--all` does."""
    assert fleet.is_dir()

    ran = run("check", "--find", "stacks/large.yaml")

    assert ran == (0, "", "1 file checked: no problems\n")


@pytest.mark.parametrize("changed", ["Pulumi.yaml", "stacks/Pulumi.large.yaml"])
def test_found_settings_are_checked_with_what_they_are_for(
    run: Run, fleet: Path, changed: str
) -> None:
    """A change of settings can make a ClusterConfig wrong that did not change."""
    stack = fleet / "stacks/Pulumi.large.yaml"
    stack.write_text(stack.read_text().replace("20", "19"), encoding="utf-8")

    code, out, _ = run("check", "--find", changed)

    assert (code, out.count("\n")) == (1, 1)
    assert out.startswith("stacks/large.yaml:8:23: ")


@pytest.mark.parametrize(
    ("project", "key"),
    [
        ("name: irsa\nconfig: {clusterConfig: {type: string}}\n", "irsa:"),
        ("name: irsa\nconfig: {'irsa:clusterConfig': a.yaml}\n", ""),
        ("name: irsa\n", "eks-irsa:"),
        ("name: irsa\n", "irsa:"),
        ("name: irsa\n", ""),
    ],
)
@pytest.mark.parametrize("found", ["stacks/Pulumi.dev.yaml", "Pulumi.yaml"])
def test_a_project_is_ours_by_what_it_or_a_stack_sets(
    run: Run, fleet: Path, project: str, key: str, found: str
) -> None:
    """Under whatever name it has; `pulumi config set` writes into the stack alone."""
    (fleet / "Pulumi.yaml").write_text(f"{project}stackConfigDir: stacks\n", "utf-8")
    file = fleet / "stacks/Pulumi.dev.yaml"
    file.write_text(f"config: {{'{key}clusterConfig': stacks/none.yaml}}\n", "utf-8")

    code, out, _ = run("check", "--find", found)

    assert (code, out.partition(":")[0]) == (1, "stacks/none.yaml")


def test_a_stack_file_that_may_be_ours_and_is_no_yaml_is_checked(
    run: Run, fleet: Path
) -> None:
    """Nothing stays unchecked because it cannot be read."""
    (fleet / "Pulumi.yaml").write_text("name: irsa\n", encoding="utf-8")
    file = fleet / "stacks/Pulumi.dev.yaml"
    file.write_text("config: {clusterConfig: [", encoding="utf-8")

    code, out, _ = run("check", "--find", "stacks/Pulumi.dev.yaml")

    assert (code, out.partition(":")[0]) == (1, "stacks/Pulumi.dev.yaml")


def test_the_settings_of_any_other_project_are_left_alone(
    run: Run, fleet: Path
) -> None:
    """One of the same name may mean something else there."""
    (fleet / "Pulumi.yaml").write_text(
        "name: irsa\nconfig: {audience: {type: string}}\nstackConfigDir: stacks\n",
        encoding="utf-8",
    )
    file = fleet / "stacks/Pulumi.dev.yaml"
    file.write_text(
        "config: {irsa:include: x, other:clusterConfig: none.yaml}\n", "utf-8"
    )
    (fleet / "stacks/Pulumi.large.yaml").write_text("config: {a: [\n", "utf-8")

    names = ("stacks/Pulumi.dev.yaml", "stacks/Pulumi.large.yaml", "Pulumi.yaml")

    ran = run("check", "--find", *names)

    assert ran == (0, "", "0 files checked: no problems; 3 other files left out\n")
