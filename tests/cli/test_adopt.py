"""`eks-irsa adopt`: where it reads, what it prints and writes, and its exit codes.

What becomes of an entry is decided in tests/adoption.
"""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from golden_files import GoldenFiles
from live_estates import READ_ONLY, Estate, trusting

Run = Callable[..., tuple[int, str, str]]
Files = Callable[..., tuple[str, ...]]

CONFIG = f"""\
apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig
metadata: {{name: shop, region: us-west-2}}
iam:
  withOIDC: true
  serviceAccounts:
  - metadata: {{name: reader, namespace: apps}}
    attachPolicyARNs: ["{READ_ONLY}"]
    tags: {{team: new}}
  - metadata: {{name: new, namespace: apps}}
    attachPolicyARNs: ["{READ_ONLY}"]
"""


@pytest.fixture(name="estate")
def _estate() -> Estate:
    """Return an AWS account in which eksctl made a role, with some drift."""
    estate = Estate()
    estate.made_by_eksctl(
        "apps/reader",
        attached=(READ_ONLY, "arn:aws:iam::aws:policy/AmazonSQSReadOnlyAccess"),
        tags={"team": "old"},
    )
    return estate


@pytest.fixture(name="files")
def _files(estate: Estate, folder: Path) -> Files:
    """Write what commands printed; returns the options that name these files."""

    def files(*names: str) -> tuple[str, ...]:
        paths = estate.write(folder)
        return tuple(
            text for name in names or paths for text in (f"--{name}", str(paths[name]))
        )

    return files


@pytest.fixture(name="config")
def _config(folder: Path) -> str:
    """Write a ClusterConfig with an entry that has a role, and one that has none."""
    (folder / "shop.yaml").write_text(CONFIG, encoding="utf-8")
    return "shop.yaml"


def test_text_has_a_table_what_there_is_to_say_and_the_settings(
    run: Run, files: Files, config: str, golden: GoldenFiles
) -> None:
    """Every entry is in the table; what needs no words has none."""
    code, out, err = run("adopt", config, *files())

    golden("adoption/text.txt", out)
    assert (code, err) == (0, "")


def test_fifty_entries_are_a_table_of_fifty_lines(
    run: Run, estate: Estate, files: Files, folder: Path
) -> None:
    """Nobody has to read a paragraph for each."""
    keys = [f"apps/s{number:02}" for number in range(50)]
    for key in keys:
        estate.made_by_eksctl(key)
    entries = "".join(
        f"  - metadata: {{name: {key[5:]}, namespace: apps}}\n"
        f'    attachPolicyARNs: ["{READ_ONLY}"]\n'
        for key in keys
    )
    text = CONFIG.partition("  - metadata")[0] + entries
    (folder / "many.yaml").write_text(text, encoding="utf-8")

    code, out, _ = run("adopt", "many.yaml", *files())

    assert (code, out.splitlines()[51:54]) == (
        0,
        [
            "",
            "50 entries: 50 as it is",
            (
                "each role that is taken in gets the tags eks-irsa/cluster, "
                "eks-irsa/namespace, eks-irsa/service-account, eks-irsa/stack"
            ),
        ],
    )


def test_tags_of_associations_are_not_those_of_roles(
    run: Run, estate: Estate, files: Files, folder: Path
) -> None:
    """A role that is used as it is gets none."""
    eks = {"Service": "pods.eks.amazonaws.com"}
    actions = ["sts:AssumeRole", "sts:TagSession"]
    trust = {"Effect": "Allow", "Principal": eks, "Action": actions}
    arn = estate.role("used", {"Version": "2012-10-17", "Statement": [trust]})
    estate.association("apps/user", arn)
    section = (
        "  podIdentityAssociations:\n"
        f"  - {{namespace: apps, serviceAccountName: user, roleARN: '{arn}'}}\n"
    )
    head = CONFIG.partition("  serviceAccounts:")[0]
    (folder / "pods.yaml").write_text(head + section, encoding="utf-8")

    code, out, _ = run("adopt", "pods.yaml", *files())

    assert code == 0
    assert (
        "each association that is taken in gets the tags eks-irsa/cluster, "
        "eks-irsa/namespace, eks-irsa/service-account\n" in out
    )
    assert "each role that is taken in" not in out


def test_json_is_one_document(run: Run, files: Files, config: str) -> None:
    """Its keys are those that the page names."""
    code, out, err = run("adopt", config, *files(), "--output", "json")

    document = json.loads(out)
    assert list(document) == [
        "version",
        "cluster",
        "entries",
        "settings",
        "notes",
        "unread",
        "problems",
    ]
    entry = document["entries"][0]
    assert {
        key: entry[key] for key in ("serviceAccount", "verdict", "serviceAccountStep")
    } == {
        "serviceAccount": "apps/reader",
        "verdict": "changes",
        "serviceAccountStep": "imported",
    }
    assert entry["changes"] == [{"field": "tag team", "before": "old", "after": "new"}]
    assert list(document["settings"]) == ["adopt", "overrides"]
    assert (code, err) == (0, "")


def test_yaml_is_a_stack_file(run: Run, files: Files, config: str) -> None:
    """Of the settings alone; it is checked without a fault."""
    code, out, err = run("adopt", config, *files(), "--output", "yaml")
    Path("Pulumi.shop.yaml").write_text(out, encoding="utf-8")

    assert (code, err) == (0, "")
    assert list(yaml.safe_load(out)["config"]) == ["adopt", "overrides"]
    assert run("check", config, "--settings", "Pulumi.shop.yaml")[0] == 0


def test_write_adds_to_the_stack_file(
    run: Run, files: Files, stack: Path, config: str
) -> None:
    """What it has stays; a second time finds the same."""
    before = stack.read_text("utf-8")

    first = run("adopt", config, *files(), "--write", str(stack))
    written = stack.read_text("utf-8")
    second = run("adopt", config, *files(), "--write", str(stack))

    assert written.startswith(before)
    assert "  eks-irsa:adopt:\n    apps/reader:\n" in written
    assert first[0] == 0
    assert f"the settings are in {stack}; then" in first[1]
    assert (second, stack.read_text("utf-8")) == (first, written)


def test_write_makes_a_stack_file_that_is_not_there(
    run: Run, files: Files, stack: Path, config: str
) -> None:
    """It names the ClusterConfig, and goes on without the command line's."""
    new = stack.with_name("Pulumi.new.yaml")

    code, _, err = run("adopt", config, *files(), "--write", str(new))
    written = new.read_text("utf-8")
    again = run("adopt", *files(), "--write", str(new))

    assert (code, err) == (0, "")
    assert list(yaml.safe_load(written)["config"]) == [
        "clusterConfig",
        "adopt",
        "overrides",
    ]
    assert yaml.safe_load(written)["config"]["clusterConfig"] == "shop.yaml"
    assert (again[0], new.read_text("utf-8")) == (0, written)


def test_write_spells_settings_as_a_project_of_the_template_does(
    run: Run, files: Files, folder: Path, config: str
) -> None:
    """The same key in the namespace of ours, too, would be refused."""
    template = Path(__file__).parents[2] / "templates/stack/Pulumi.yaml"
    project = template.read_text("utf-8").replace("${PROJECT}", "irsa")
    (folder / "Pulumi.yaml").write_text(project, encoding="utf-8")
    path = folder / "stacks/Pulumi.dev.yaml"
    path.parent.mkdir()
    path.write_text("config:\n  clusterConfig: shop.yaml\n", encoding="utf-8")

    code, out, err = run("adopt", config, *files(), "--write", str(path))

    assert (code, err) == (0, "")
    assert list(yaml.safe_load(path.read_text("utf-8"))["config"]) == [
        "clusterConfig",
        "adopt",
        "overrides",
    ]
    assert "pulumi config rm adopt, then" in out
    assert run("check", "--settings", str(path))[0] == 0


def test_a_stack_that_names_no_file_is_said(
    run: Run, files: Files, stack: Path, config: str
) -> None:
    """Where a path cannot be told."""
    new = stack.with_name("Pulumi.new.yaml")
    text = Path(config).read_text("utf-8")

    code, _, err = run("adopt", "-", *files(), "--write", str(new), stdin=text)

    assert (code, err) == (
        0,
        (
            f"{new} names no clusterConfig; write the path of the ClusterConfig, from "
            "the folder of Pulumi.yaml\n"
        ),
    )


def test_steps_know_the_entries_as_this_run_did(
    run: Run, files: Files, stack: Path, config: str
) -> None:
    """What the settings exclude is left out of every step; the steps come last."""
    code, out, _ = run("adopt", config, *files(), "--settings", str(stack))

    steps = out.partition("the settings above are for the stack file; then\n")[2]
    assert code == 0
    assert steps.splitlines() == [
        (
            f"  1. eks-irsa cloudformation retain shop.yaml --settings {stack}, then "
            "the same with --approve, before anything else: eksctl's stacks keep what "
            "they made"
        ),
        "  2. pulumi stack select --create dev",
        "  3. pulumi preview: imports, and no replacement or deletion",
        "  4. pulumi up, then pulumi preview, which shows no change",
        (
            f"  5. eks-irsa cloudformation delete shop.yaml --settings {stack}, then "
            "the same with --approve: the stacks go, nothing else"
        ),
        (
            "  6. pulumi config rm eks-irsa:adopt, then pulumi preview, which shows no "
            "change"
        ),
    ]


@pytest.mark.parametrize("listed", [None, []])
def test_stacks_that_were_not_read_are_retained_all_the_same(
    run: Run, estate: Estate, files: Files, config: str, listed: list[str] | None
) -> None:
    """The roles' tags tell whose they are."""
    estate.stacks.clear()
    names = ["roles", "cluster-description", "service-accounts"]
    names += ["stacks"] if listed is not None else []

    code, out, _ = run("adopt", config, *files(*names))

    assert code == 0
    assert "; by their tags 1 role belongs to a stack of eksctl's\n" in out
    assert ("CloudFormation stacks were not read; by" in out) is (listed is None)
    assert "  1. eks-irsa cloudformation retain shop.yaml, then" in out
    assert "  4. eks-irsa cloudformation delete shop.yaml, then" in out
    assert "let go of" not in out


def test_a_role_without_a_stack_is_let_be_where_it_was_made(
    run: Run, estate: Estate, files: Files, config: str
) -> None:
    """It may be Terraform's; that of eksctl's stack is not."""
    estate.role("new", trusting("apps:new"))

    _, out, _ = run("adopt", config, *files())

    assert "  1. eks-irsa cloudformation retain" in out
    assert "  6. stop managing the other roles where they were made: Terraform" in out


def test_nothing_is_left_once_the_stack_has_every_role(
    run: Run, estate: Estate, files: Files, config: str, stack: Path
) -> None:
    """Its roles keep CloudFormation's tags when eksctl's stacks are gone."""
    estate.stacks.clear()
    (role,) = estate.roles
    own = "organization/eks-irsa/dev"
    role["Tags"].append({"Key": "eks-irsa/stack", "Value": own})
    named = f"{{apps/reader: {{roleName: {role['RoleName']}}}}}"
    with stack.open("a", encoding="utf-8") as file:
        file.write(f"  eks-irsa:overrides: {named}\n  eks-irsa:exclude: [apps/new]\n")

    code, out, _ = run("adopt", config, *files(), "--settings", str(stack))

    assert "aws:cloudformation:stack-name" in str(role["Tags"])
    shown = out.splitlines()[2:]
    assert (code, shown[-1]) == (0, "  nothing is left to take in")
    assert "1 entry: 1 ours" in shown
    assert not any("CloudFormation" in one or "pulumi preview" in one for one in shown)
    assert "settings above" not in out


def test_a_tag_that_every_role_gets_is_said_once(
    run: Run, estate: Estate, files: Files, config: str, stack: Path
) -> None:
    """Not in a paragraph for each."""
    estate.role("new", trusting("apps:new"))
    with stack.open("a", encoding="utf-8") as file:
        file.write("  eks-irsa:defaults: {tags: {owner: platform}}\n")

    _, out, _ = run("adopt", config, *files(), "--settings", str(stack))

    assert out.count("owner 'platform'") == 1
    assert "each role that is taken in gets tag owner 'platform'\n" in out
    assert "2 entries: 2 with changes\n" in out


def test_a_label_of_eksctls_on_what_is_patched_is_said(
    run: Run, files: Files, config: str, stack: Path
) -> None:
    """Eksctl would delete the service account by it."""
    with stack.open("a", encoding="utf-8") as file:
        file.write("  eks-irsa:patchExisting: [apps/reader]\n")

    _, out, _ = run("adopt", config, *files(), "--settings", str(stack))

    assert (
        "take it off: kubectl label serviceaccount reader --namespace apps "
        "app.kubernetes.io/managed-by-\n" in out
    )


def test_a_stack_file_that_cannot_be_added_to_stays(
    run: Run, files: Files, folder: Path, config: str
) -> None:
    """The settings are printed, and the reason; whoever goes on with it is stopped."""
    path = folder / "Pulumi.odd.yaml"
    path.write_text("config: {aws:region: x}\n", encoding="utf-8")

    code, out, err = run("adopt", config, *files(), "--write", str(path))

    assert path.read_text("utf-8") == "config: {aws:region: x}\n"
    assert "\n  adopt:\n" in out
    assert (code, err) == (
        1,
        (
            f"{path} names no clusterConfig; write the path of the ClusterConfig, from "
            "the folder of Pulumi.yaml\n"
            f"{path} cannot be added to: it has a map on one line where settings "
            "belong; write the settings by hand\n"
        ),
    )


def test_ends_of_lines_stay_as_they_are(
    run: Run, files: Files, stack: Path, config: str
) -> None:
    """A file of Windows is one afterwards, as far as it was one."""
    before = stack.read_bytes().replace(b"\n", b"\r\n")
    stack.write_bytes(before)

    code, _, err = run("adopt", config, *files(), "--write", str(stack))

    assert stack.read_bytes().startswith(before)
    assert (code, err) == (0, "")


def test_one_that_cannot_be_taken_in_is_exit_code_1(
    run: Run, estate: Estate, files: Files, config: str
) -> None:
    """The others are suggested all the same."""
    estate.role("shared", trusting("apps:new", "apps:other"))

    code, out, _ = run("adopt", config, *files())

    assert code == 1
    assert "apps/new: cannot\n  the role trusts apps:other too" in out
    assert "2 entries: 1 with changes, 1 not taken in\n" in out
    assert (
        "then\n  0. settle apps/new first (see above) and run this again: pulumi up "
        "stops at it, or makes a new role\n  1. " in out
    )


def test_where_nothing_is_taken_in_the_step_is_to_settle_it(
    run: Run, estate: Estate, files: Files, config: str
) -> None:
    """There are no settings, and nothing to import."""
    estate.role("shared", trusting("apps:new", "apps:reader", "apps:other"))
    del estate.roles[0], estate.stacks[:], estate.service_accounts[:]

    code, out, _ = run("adopt", config, *files())

    assert (code, out.splitlines()[-2:-1]) == (1, [""])
    assert out.splitlines()[-1].startswith(
        "  0. settle apps/reader, apps/new first (see above) and run this again"
    )


def test_files_with_errors_are_exit_code_1(run: Run, files: Files) -> None:
    """They are told as `check` tells them."""
    code, out, err = run("adopt", "-", *files(), stdin="kind: ClusterConfig\n")

    assert (code, out) == (1, "")
    assert "[E-KEY-MISSING]" in err


def test_what_no_file_tells_is_said(run: Run, files: Files, config: str) -> None:
    """A service account that was not read is not taken for none."""
    code, out, _ = run("adopt", config, *files("roles", "cluster-description"))

    assert code == 1
    assert (
        "  0. service accounts were not read: pulumi up stops at each that exists; "
        "give --service-accounts" in out
    )
    assert "not read: service accounts: no file was given" in out
    assert "not read: CloudFormation stacks: no file was given" in out


def test_cluster_writes_a_cluster_config(
    run: Run, files: Files, golden: GoldenFiles
) -> None:
    """On standard output, and with --write-config into a file that is then adopted."""
    cluster = ("--cluster", "shop", "--region", "us-west-2")

    code, out, err = run("adopt", *cluster, *files())
    going_on = run("adopt", *cluster, *files(), "--write-config", "new.yaml")
    again = run("adopt", *cluster, *files(), "--write-config", "new.yaml")

    golden("adoption/cluster-config.yaml", out)
    assert (code, err) == (0, "")
    assert Path("new.yaml").read_text("utf-8") == out
    assert going_on[0] == 0
    assert "1 entry: 1 as it is" in going_on[1]
    assert going_on[2] == "new.yaml is written, 1 entry\n"
    assert run("check", "new.yaml")[0] == 0
    assert again[0] == 2
    assert "new.yaml exists, and is not written over" in again[2]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "name a FILE, '-' for standard input, or a stack's --settings"),
        (
            ("shop.yaml", "--settings", "a", "--write", "b"),
            "--write reads the settings too",
        ),
        (
            ("shop.yaml", "--settings", "stacks/nope.yaml"),
            "stacks/nope.yaml is not there; --write makes a stack file",
        ),
        (("shop.yaml", "--cluster", "shop"), "FILE says which cluster it is"),
        (("--cluster", "shop"), "--cluster and --region are given together"),
        (("shop.yaml", "--stacks", "x.json"), "--stacks needs --roles"),
        (("shop.yaml", "--roles", "x.json"), "--roles needs --cluster-description"),
        (
            ("shop.yaml", "--roles", "x.json", "--cluster-description", "y.json"),
            "y.json cannot be read: No such file or directory",
        ),
    ],
)
@pytest.mark.usefixtures("config")
def test_wrong_usage_is_exit_code_2(
    run: Run, arguments: tuple[str, ...], message: str
) -> None:
    """The message says what to give."""
    code, out, err = run("adopt", *arguments)

    assert (code, out) == (2, "")
    assert message in " ".join(err.split())


def test_a_description_of_no_cluster_is_refused(
    run: Run, files: Files, folder: Path, config: str
) -> None:
    """It is said which command prints what is needed."""
    arguments = files()
    text = '{"cluster": {"arn": "arn:aws:eks"}}'
    (folder / "cluster-description.json").write_text(text, encoding="utf-8")

    code, out, err = run("adopt", config, *arguments)

    assert (code, out) == (2, "")
    assert "is not what 'aws eks describe-cluster --name CLUSTER' prints" in err


def test_a_description_of_another_cluster_is_refused(
    run: Run, files: Files, folder: Path
) -> None:
    """Its roles would be taken for those of the file's."""
    other = CONFIG.replace("name: shop,", "name: other,")
    (folder / "other.yaml").write_text(other, encoding="utf-8")

    code, _, err = run("adopt", "other.yaml", *files())

    assert code == 2
    assert "the description is of the cluster 'shop' in us-west-2" in err
