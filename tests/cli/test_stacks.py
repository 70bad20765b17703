"""`eks-irsa stacks`: which stacks a pull request touches, and with which role."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
from repositories import commit, git

Run = Callable[..., tuple[int, str, str]]
ACCOUNTS: Final = """\
accounts:
- id: "111122223333"
  preview: arn:aws:iam::111122223333:role/eks-irsa-preview
  deploy: arn:aws:iam::111122223333:role/ci/eks-irsa-deploy
- id: "444455556666"
  preview: arn:aws-cn:iam::444455556666:role/eks-irsa-preview
  region: cn-north-1
"""
# What is said of the file of accounts that has every slip.
SLIPS: Final = (
    "accounts.yaml:2:7: accounts[0].id: expected text, got the integer 111122223333; "
    'quote it: "111122223333" [E-TYPE]\n'
    "accounts.yaml:3:8: accounts[1].id: '1' is not an AWS account id; expected 12 "
    "digits [E-ACCOUNT-ID]\n"
    "accounts.yaml:3:22: accounts[1].preview: 'x' is not the ARN of a role; expected "
    "arn:<partition>:iam::<account>:role/<path and name> [E-ROLE-ARN]\n"
    "accounts.yaml:3:25: accounts[1].deplyo: unknown key; did you mean 'deploy'? "
    "[E-KEY-UNKNOWN]\n"
    "accounts.yaml:5:7: accounts[3].id: the AWS account 444455556666 is in "
    "accounts[2] too; keep one [E-ACCOUNT-DUP]\n"
    "accounts.yaml:6:3: accounts[4]: expected a map, got the integer 7 [E-TYPE]\n"
    "accounts.yaml:7:2: accounts[5]: expected a map, got nothing [E-TYPE]\n"
    "accounts.yaml:8:3: accounts[6].id: missing; write the 12 digits "
    "[E-KEY-MISSING]\n"
)


def add_stack(folder: Path, name: str, config: str, account: str = "") -> None:
    """Write a stack that names a ClusterConfig."""
    account_id = f'  eks-irsa:accountId: "{account}"\n' if account else ""
    (folder / f"stacks/Pulumi.{name}.yaml").write_text(
        f"config:\n  eks-irsa:clusterConfig: stacks/{config}\n{account_id}",
        encoding="utf-8",
    )


@pytest.fixture(name="fleet")
def _fleet(folder: Path, good: str) -> Path:
    """Make a repository of three stacks, two of which share a ClusterConfig."""
    (folder / "Pulumi.yaml").write_text(
        "name: eks-irsa\nstackConfigDir: stacks\n", encoding="utf-8"
    )
    (folder / "__main__.py").write_text("", encoding="utf-8")
    (folder / "README.md").write_text("", encoding="utf-8")
    (folder / "stacks").mkdir()
    for name in ("shop", "pay"):
        (folder / f"stacks/{name}.yaml").write_text(
            good.replace("shop", name), encoding="utf-8"
        )
    add_stack(folder, "blue", "shop.yaml", "111122223333")
    add_stack(folder, "green", "shop.yaml", "111122223333")
    add_stack(folder, "pay", "pay.yaml", "444455556666")
    (folder / "stacks/accounts.yaml").write_text(ACCOUNTS, encoding="utf-8")
    git("init", "--initial-branch", "main")
    commit()
    git("checkout", "-b", "change")
    return folder


def change(path: Path, text: str = "# changed\n") -> None:
    """Add to a file, which may be new."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(text)


def names(run: Run, *arguments: str) -> list[str]:
    """List stacks by name, those touched since `main`."""
    code, out, _ = run("stacks", "--changed-since", "main", *arguments)
    assert code == 0
    return [line.partition("\t")[0] for line in out.splitlines()]


def test_every_stack_is_listed_with_account_region_and_roles(
    run: Run, fleet: Path
) -> None:
    """The region is the ClusterConfig's; what is not known is empty."""
    (fleet / "stacks/pay.yaml").write_text("kind: ClusterConfig\n", encoding="utf-8")

    code, out, err = run(
        "stacks", "--accounts", "stacks/accounts.yaml", "--output", "json"
    )

    blue, _, pay = json.loads(out)
    assert (code, err) == (0, "3 of 3 stacks\n")
    assert blue == {
        "stack": "blue",
        "stackFile": "stacks/Pulumi.blue.yaml",
        "clusterConfig": "stacks/shop.yaml",
        "accountId": "111122223333",
        "region": "eu-west-1",
        "previewRole": "arn:aws:iam::111122223333:role/eks-irsa-preview",
        "deployRole": "arn:aws:iam::111122223333:role/ci/eks-irsa-deploy",
    }
    assert (pay["region"], pay["deployRole"]) == ("cn-north-1", "")


def test_text_has_a_stack_to_a_line_and_no_empty_column(run: Run, fleet: Path) -> None:
    """A shell that reads columns parted by tabs runs empty ones together."""
    assert fleet.is_dir()

    assert run("stacks") == (
        0,
        (
            "blue\t111122223333\teu-west-1\t-\t-\n"
            "green\t111122223333\teu-west-1\t-\t-\n"
            "pay\t444455556666\teu-west-1\t-\t-\n"
        ),
        "3 of 3 stacks\n",
    )


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("stacks/Pulumi.blue.yaml", ["blue"]),
        ("stacks/shop.yaml", ["blue", "green"]),
        ("stacks/pay.yaml", ["pay"]),
        ("Pulumi.yaml", ["blue", "green", "pay"]),
        ("__main__.py", ["blue", "green", "pay"]),
        ("requirements.txt", ["blue", "green", "pay"]),
        ("stacks/nobody's.yaml", ["blue", "green", "pay"]),
        ("stacks/accounts.yaml", []),
        ("README.md", []),
        ("docs/a page.md", []),
        (".github/workflows/preview.yml", []),
        ("Pulumi.elsewhere.yaml", []),
    ],
)
def test_changed_file_touches(
    run: Run, fleet: Path, file: str, expected: list[str]
) -> None:
    """Files of one stack touch that; whatever may be the program touches all."""
    text = "# c\n" if file != "stacks/accounts.yaml" else ""
    change(fleet / file, text)
    commit()

    assert names(run, "--accounts", "stacks/accounts.yaml") == expected


def test_ignored_file_touches_nothing_and_one_that_is_a_stacks_does(
    run: Run, fleet: Path
) -> None:
    """`*` stands for `/` too; what belongs to a stack cannot be ignored."""
    change(fleet / "frontend/page.js")
    change(fleet / "stacks/Pulumi.pay.yaml")
    commit()

    assert names(run, "--ignore", "frontend/*", "--ignore", "stacks/*") == ["pay"]
    assert names(run) == ["blue", "green", "pay"]


def test_change_is_what_the_branch_did_and_not_what_others_did_since(
    run: Run, fleet: Path
) -> None:
    """Committed or not, as long as Git knows the file; renamed under both names."""
    change(fleet / "stacks/Pulumi.blue.yaml")
    commit()
    git("checkout", "main")
    change(fleet / "stacks/Pulumi.pay.yaml")
    commit()
    git("checkout", "change")

    assert names(run) == ["blue"]
    git("mv", "stacks/pay.yaml", "stacks/payments.yaml")
    assert names(run, "--ignore", "stacks/payments.yaml") == ["blue", "pay"]


def test_merge_commit_of_a_pull_request_is_compared_with_its_first_parent(
    run: Run, fleet: Path
) -> None:
    """As the workflow has it: GitHub checks out the merge of branch and base."""
    change(fleet / "stacks/Pulumi.blue.yaml")
    commit()
    git("checkout", "main")
    change(fleet / "stacks/Pulumi.pay.yaml")
    commit()
    git("merge", "--no-ff", "--no-edit", "change")

    _, out, _ = run("stacks", "--changed-since", "HEAD^")

    assert out.split("\t")[0] == "blue"
    assert len(out.splitlines()) == 1


def test_it_says_by_which_files_a_stack_is_touched(run: Run, fleet: Path) -> None:
    """Beside the matrix, which thousands of files must not make too large."""
    change(fleet / "stacks/shop.yaml")
    change(fleet / "stacks/Pulumi.green.yaml")

    _, out, err = run("stacks", "--changed-since", "main", "--output", "json")

    found: list[dict[str, Any]] = json.loads(out)
    assert [one["stack"] for one in found] == ["blue", "green"]
    assert err == (
        "blue: stacks/shop.yaml\n"
        "green: stacks/Pulumi.green.yaml and 1 other file\n"
        "2 of 3 stacks\n"
    )


def test_cluster_config_behind_a_link_touches_its_stack(run: Run, fleet: Path) -> None:
    """Whether the link changed, or what it leads to."""
    (fleet / "stacks/pay.yaml").rename(fleet / "shared.yaml")
    (fleet / "stacks/pay.yaml").symlink_to("../shared.yaml")
    commit()
    git("branch", "--force", "main")

    change(fleet / "shared.yaml")
    assert names(run) == ["pay"]

    git("checkout", "--", ".")
    (fleet / "stacks/pay.yaml").unlink()
    (fleet / "stacks/pay.yaml").symlink_to("shop.yaml")
    assert names(run) == ["pay"]


def test_stack_whose_file_is_gone_is_named(run: Run, fleet: Path) -> None:
    """It cannot be previewed any more, and nothing is dropped in silence."""
    (fleet / "stacks/Pulumi.pay.yaml").unlink()

    assert run("stacks", "--changed-since", "main") == (
        0,
        "",
        "stacks/Pulumi.pay.yaml is gone; its stack is not listed\n0 of 2 stacks\n",
    )


def test_project_may_be_in_a_folder_of_the_repository(
    run: Run, fleet: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Changed files are named from the top, stacks from here."""
    monkeypatch.chdir(fleet / "stacks")
    change(fleet / "stacks/pay.yaml")

    assert run("stacks", "--changed-since", "main") == (
        0,
        "pay\t444455556666\teu-west-1\t-\t-\n",
        "pay: stacks/pay.yaml\n1 of 3 stacks\n",
    )


def test_stacks_of_a_program_of_ones_own_are_listed_too(run: Run, fleet: Path) -> None:
    """It names no ClusterConfig; where it has roles it says its AWS account."""
    (fleet / "Pulumi.yaml").write_text("name: platform\n", encoding="utf-8")
    for name, text in (("a", "platform:size: 3"), ("b", "aws:region: eu-west-1")):
        (fleet / f"Pulumi.{name}.yaml").write_text(f"config:\n  {text}\n")

    assert run("stacks")[1] == "a\t-\t-\t-\t-\nb\t-\t-\t-\t-\n"

    code, out, err = run("stacks", "--accounts", "stacks/accounts.yaml")
    assert (code, out) == (1, "")
    assert err.splitlines()[0] == (
        "Pulumi.a.yaml: config.eks-irsa:accountId: missing; write the AWS account, so "
        "that its role is found [E-ACCOUNT-ROLE]"
    )
    for name in ("a", "b"):
        change(fleet / f"Pulumi.{name}.yaml", '  eks-irsa:accountId: "111122223333"\n')
    assert run("stacks", "--accounts", "stacks/accounts.yaml")[0] == 0


def test_stack_that_alone_sets_its_cluster_config_is_touched(
    run: Run, fleet: Path
) -> None:
    """`pulumi config set` writes the project's name, and nothing into Pulumi.yaml."""
    (fleet / "Pulumi.yaml").write_text("name: platform\nstackConfigDir: stacks\n")
    for file in (fleet / "stacks").glob("Pulumi.*.yaml"):
        file.write_text(file.read_text().replace("eks-irsa:", "platform:"))
    commit()
    git("branch", "--force", "main")
    change(fleet / "stacks/shop.yaml")
    commit()

    assert names(run, "--accounts", "stacks/accounts.yaml") == ["blue", "green"]


def test_stack_without_a_role_is_an_error_at_its_account(run: Run, fleet: Path) -> None:
    """All of them at once, beside what else is wrong with the settings."""
    add_stack(fleet, "blue", "shop.yaml", "777788889999")
    add_stack(fleet, "cyan", "shop.yaml", "777788889999")  # one cause, one message
    add_stack(fleet, "green", "shop.yaml")
    change(fleet / "stacks/Pulumi.pay.yaml", "  eks-irsa:oidcProvider: mine\n")

    code, out, err = run("stacks", "--accounts", "stacks/accounts.yaml")

    assert (code, out) == (1, "")
    pay, blue, green = err.splitlines()[:3]
    assert blue == (
        "stacks/Pulumi.blue.yaml:3:23: config.eks-irsa:accountId: the file of AWS "
        "accounts has no 777788889999; add it with its roles [E-ACCOUNT-ROLE]"
    )
    assert green == (
        "stacks/Pulumi.green.yaml:2:3: config.eks-irsa:accountId: missing; write the "
        "AWS account, so that its role is found [E-ACCOUNT-ROLE]"
    )
    assert pay.startswith("stacks/Pulumi.pay.yaml:4:26: ")


def test_stack_that_is_not_touched_needs_no_role(run: Run, fleet: Path) -> None:
    """It is not run; it stops no pull request but those that touch it."""
    add_stack(fleet, "old", "shop.yaml")
    commit()
    git("branch", "--force", "main")
    accounts = ("--accounts", "stacks/accounts.yaml")

    change(fleet / "stacks/pay.yaml")
    untouched = run("stacks", "--changed-since", "main", *accounts)
    change(fleet / "stacks/shop.yaml")
    touched = run("stacks", "--changed-since", "main", *accounts)

    assert untouched[:2] == (
        0,
        (
            "pay\t444455556666\teu-west-1\t"
            "arn:aws-cn:iam::444455556666:role/eks-irsa-preview\t-\n"
        ),
    )
    assert touched[:2] == (1, "")
    assert touched[2].startswith(
        "stacks/Pulumi.old.yaml:2:3: config.eks-irsa:accountId"
    )


def test_every_slip_in_the_file_of_accounts_is_named(run: Run, fleet: Path) -> None:
    """With its place, the rule and the remedy; the stacks are not blamed for it."""
    (fleet / "accounts.yaml").write_text(
        "accounts:\n"
        "- id: 111122223333\n"
        "- {id: '1', preview: x, deplyo: y}\n"
        "- id: '444455556666'\n"
        "- id: '444455556666'\n"
        "- 7\n"
        "-\n"
        "- preview:\n",
        encoding="utf-8",
    )

    code, out, err = run("stacks", "--accounts", "accounts.yaml")

    assert (code, out) == (1, "")
    assert err == SLIPS


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "accounts.yaml: cannot be read: No such file or directory; give the "),
        ("", "accounts.yaml:1:1: expected a map with the list 'accounts' [E-TYPE]"),
        ("a: [", "accounts.yaml:2:1: not YAML: "),
    ],
)
def test_file_of_accounts_that_is_none_is_refused(
    run: Run, fleet: Path, text: str | None, said: str
) -> None:
    """Not there, not a map, not YAML."""
    if text is not None:
        (fleet / "accounts.yaml").write_text(text, encoding="utf-8")

    code, out, err = run("stacks", "--accounts", "accounts.yaml")

    assert (code, out) == (1, "")
    assert err.startswith(said)
    assert len(err.splitlines()) == 1


def test_git_that_cannot_tell_is_no_empty_list(run: Run, fleet: Path) -> None:
    """A commit that is not there, and a folder that is not Git's."""
    unknown = run("stacks", "--changed-since", "nowhere")
    option = run("stacks", "--changed-since", "--output=stolen")

    said = "eks-irsa: Git has no commit 'nowhere' here; fetch it with its history\n"
    assert unknown == (2, "", said)
    assert option[:2] == (2, "")
    assert not (fleet / "stolen").exists()


def test_folder_without_project_is_wrong_usage(run: Run, folder: Path) -> None:
    """There is nothing to list."""
    assert folder.is_dir()

    code, out, err = run("stacks")

    assert (code, out) == (2, "")
    assert "no Pulumi.yaml is in this folder or above it; go into a project" in err
