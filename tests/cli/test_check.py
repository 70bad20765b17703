"""`eks-irsa check`: every problem, where it stands, and an exit code to rely on."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., tuple[int, str, str]]

NOT_MADE = "addons: [{name: vpc-cni, useDefaultPodIdentityAssociations: true}]\n"


def test_good_file_is_silent_but_for_the_summary(
    run: Run, folder: Path, good: str
) -> None:
    """A file without problems prints nothing on standard output and exits with 0."""
    (folder / "a.yaml").write_text(good, encoding="utf-8")

    ran = run("check", "a.yaml")

    assert ran == (0, "", "1 file checked: no problems\n")


def test_every_problem_of_every_file_is_a_line(
    run: Run, folder: Path, good: str
) -> None:
    """Files in the order they were named, problems in the order of the file."""
    (folder / "one.yaml").write_text(
        good.replace("attachPolicyARNs", "attachPolicyARNS").replace("eu-west-1", "eu"),
        encoding="utf-8",
    )
    (folder / "two.yaml").write_text(
        good.replace("withOIDC: true", "withOIDC: yep"), encoding="utf-8"
    )
    (folder / "three.yaml").write_text(good, encoding="utf-8")

    ran = run("check", "two.yaml", "three.yaml", "one.yaml", "two.yaml")

    assert ran == (
        1,
        (
            "two.yaml:5:13: iam.withOIDC: expected true or false, got the text 'yep' "
            "[E-TYPE]\n"
            "one.yaml:3:32: metadata.region: 'eu' has not the shape of an AWS region; "
            "expected one such as 'us-west-2' [E-REGION]\n"
            "one.yaml:8:5: iam.serviceAccounts[0].attachPolicyARNS: unknown key; did "
            "you mean 'attachPolicyARNs'? [E-KEY-UNKNOWN]\n"
        ),
        "3 files checked: 3 errors\n",
    )


def test_warnings_are_printed_and_allowed(run: Run, folder: Path, good: str) -> None:
    """A warning does not fail a pre-commit hook."""
    (folder / "a.yaml").write_text(good + NOT_MADE, encoding="utf-8")

    ran = run("check", "a.yaml")

    assert ran == (
        0,
        (
            "a.yaml:9:26: warning: addons[0].useDefaultPodIdentityAssociations: the "
            "role that eksctl makes for the add-on 'vpc-cni' unasked is not made "
            "here; leave it to eksctl, or name its policies [W-NOT-MADE]\n"
        ),
        "1 file checked: 1 warning\n",
    )


def test_limits_are_checked_without_knowing_the_account(
    run: Run, folder: Path, good: str
) -> None:
    """What AWS would refuse for its size is refused before anybody asks AWS."""
    arns = ", ".join(
        f"arn:aws:iam::111122223333:policy/P{index}" for index in range(11)
    )
    (folder / "a.yaml").write_text(
        good.replace('"arn:aws:iam::aws:policy/ReadOnlyAccess"', arns),
        encoding="utf-8",
    )

    ran = run("check", "a.yaml")

    assert ran == (
        1,
        (
            "a.yaml:8:23: iam.serviceAccounts[0].attachPolicyARNs: 11 managed "
            "policies; AWS takes 10 by default (if the quota was raised, "
            "say so in the setting limits.managedPoliciesPerRole) "
            "[E-LIMIT-MANAGED-POLICIES]\n"
        ),
        "1 file checked: 1 error\n",
    )


def test_the_tag_of_the_stack_counts(run: Run, folder: Path, good: str) -> None:
    """A file that passes the check is not refused by the run for a tag of ours."""
    tags = ", ".join(f"t{index}: x" for index in range(47))
    (folder / "a.yaml").write_text(f"{good}    tags: {{{tags}}}\n", encoding="utf-8")

    ran = run("check", "a.yaml")

    assert ran == (
        1,
        (
            "a.yaml:9:11: iam.serviceAccounts[0].tags: 51 tags, with those of the "
            "cluster, of the settings and our own; AWS takes 50 by default (if the "
            "quota was raised, say so in the setting limits.tagsPerRole) "
            "[E-LIMIT-TAGS]\n"
        ),
        "1 file checked: 1 error\n",
    )


def test_settings_are_not_blamed_for_an_entry_that_cannot_be_read(
    run: Run, stack: Path, folder: Path, good: str
) -> None:
    """The entry that `include` means is there, and only misspelt."""
    with stack.open("a", encoding="utf-8") as file:
        file.write("  eks-irsa:include: [shop/orders]\n")
    (folder / "a.yaml").write_text(
        good.replace("{name: orders", "{nmae: orders")
        + '  - metadata: {name: carts, namespace: shop}\n    attachPolicyARNs: ["x"]\n',
        encoding="utf-8",
    )

    ran = run("check", "--settings", "stacks/Pulumi.dev.yaml", "a.yaml")

    assert ran == (
        1,
        (
            "a.yaml:7:15: iam.serviceAccounts[0].metadata.name: missing; write the "
            "name of the service account [E-SA-NAME]\n"
            "a.yaml:7:16: iam.serviceAccounts[0].metadata.nmae: unknown key; did you "
            "mean 'name'? [E-KEY-UNKNOWN]\n"
            "a.yaml:10:24: iam.serviceAccounts[1].attachPolicyARNs[0]: 'x' is not the "
            "ARN of a policy; expected arn:<partition>:iam::<12 digits or "
            "'aws'>:policy/<name> [E-POLICY-ARN]\n"
        ),
        "1 file checked: 3 errors\n",
    )


def test_errors_of_the_plan_do_not_hide_warnings_of_the_file(
    run: Run, folder: Path, good: str
) -> None:
    """Both kinds come out, in the order of the file."""
    arns = ", ".join(
        f"arn:aws:iam::111122223333:policy/P{index}" for index in range(11)
    )
    text = good.replace('"arn:aws:iam::aws:policy/ReadOnlyAccess"', arns)
    (folder / "a.yaml").write_text(text + NOT_MADE, encoding="utf-8")

    code, out, err = run("check", "a.yaml", "--output", "json")

    problems = json.loads(out)["problems"]
    assert [problem["code"] for problem in problems] == [
        "E-LIMIT-MANAGED-POLICIES",
        "W-NOT-MADE",
    ]
    assert (code, err) == (1, "")


def test_json_holds_the_problems_and_nothing_else(
    run: Run, folder: Path, good: str
) -> None:
    """For tools: the same shape as that of a refused `synth`, nothing beside it."""
    (folder / "a.yaml").write_text(
        good.replace("withOIDC: true", "withOIDC: jéin"), encoding="utf-8"
    )

    code, out, err = run("check", "--output", "json", "a.yaml")

    assert json.loads(out) == {
        "version": 1,
        "valid": False,
        "problems": [
            {
                "file": "a.yaml",
                "line": 5,
                "column": 13,
                "path": "iam.withOIDC",
                "code": "E-TYPE",
                "severity": "error",
                "message": "expected true or false, got the text 'jéin'",
            }
        ],
    }
    assert (code, err, out.isascii()) == (1, "", True)


def test_json_of_a_good_file_is_valid(run: Run, folder: Path, good: str) -> None:
    """A tool need not know the exit code."""
    (folder / "a.yaml").write_text(good, encoding="utf-8")

    code, out, err = run("check", "--output", "json", "a.yaml")

    assert (code, json.loads(out), err) == (
        0,
        {"version": 1, "valid": True, "problems": []},
        "",
    )


def test_dash_is_standard_input(run: Run, good: str) -> None:
    """`-` reads a ClusterConfig from a pipe, as eksctl's `-f -`."""
    ran = run("check", "-", stdin=good.replace("kind: Cluster", "kind: cluster"))

    assert ran == (
        1,
        "<stdin>:2:7: kind: expected 'ClusterConfig', got 'clusterConfig' [E-KIND]\n",
        "1 file checked: 1 error\n",
    )


def test_endless_standard_input_is_read_only_as_far_as_a_file_may_go(run: Run) -> None:
    """A pipe that never ends costs no more memory than the largest file."""
    ran = run("check", "-", stdin=b"a" * 5_000_000)

    assert ran == (
        1,
        (
            "<stdin>:1:1: the file has more than 4,194,304 bytes; split "
            "it over several stacks [E-FILE-SIZE]\n"
        ),
        "1 file checked: 1 error\n",
    )


def test_what_cannot_be_read_is_a_problem_of_that_file(
    run: Run, folder: Path, good: str
) -> None:
    """A missing file and a folder are named, and the other files are still checked."""
    (folder / "a.yaml").write_text(good, encoding="utf-8")

    ran = run("check", "missing.yaml", ".", "a.yaml")

    assert ran == (
        1,
        (
            "missing.yaml: cannot be read: No such file or directory; give the path "
            "of a ClusterConfig file [E-FILE]\n"
            ".: cannot be read: Is a directory; give the path of a ClusterConfig file "
            "[E-FILE]\n"
        ),
        "3 files checked: 2 errors\n",
    )


def test_names_in_a_file_cannot_steer_the_terminal(run: Run, good: str) -> None:
    """Control characters are shown by their escapes, so a problem stays on its line."""
    ran = run("check", "-", stdin=good + '  "\\e[2Ja\\nb\\u202e": 1\n')

    assert ran == (
        1,
        (
            '<stdin>:9:3: iam["\\u001b[2Ja\\nb\\u202e"]: unknown key; expected one of '
            "fargatePodExecutionRoleARN, fargatePodExecutionRolePermissionsBoundary, "
            "podIdentityAssociations, serviceAccounts, serviceRoleARN, "
            "serviceRolePermissionsBoundary, vpcResourceControllerPolicy, withOIDC "
            "[E-KEY-UNKNOWN]\n"
        ),
        "1 file checked: 1 error\n",
    )


def test_settings_are_checked_with_the_file_they_name(run: Run, stack: Path) -> None:
    """Without FILE the stack's own is taken, from the folder of Pulumi.yaml."""
    with stack.open("a", encoding="utf-8") as file:
        file.write('  eks-irsa:accountId: "1"\n')
    config = stack.with_name("dev.cluster.yaml")
    config.write_text(config.read_text().replace("true", "false"), encoding="utf-8")

    ran = run("check", "--settings", "stacks/Pulumi.dev.yaml")

    # With settings that cannot be used the file named in them is not looked for.
    assert ran == (
        1,
        (
            "stacks/Pulumi.dev.yaml:4:23: config.eks-irsa:accountId: '1' is not an "
            "AWS account id; expected 12 digits [E-ACCOUNT-ID]\n"
        ),
        "1 file checked: 1 error\n",
    )


def test_file_of_the_stack_is_named_as_the_user_would(run: Run, stack: Path) -> None:
    """Problems lead to the file from where the user stands."""
    config = stack.with_name("dev.cluster.yaml")
    config.write_text(config.read_text().replace("true", "false"), encoding="utf-8")
    problem = (
        "iam.withOIDC: iam.serviceAccounts are listed, and their roles trust the "
        "cluster's OIDC provider; write withOIDC: true under iam, or set identity "
        "to podIdentity [E-OIDC-REQUIRED]\n"
    )

    relative = run("check", "--settings", "stacks/Pulumi.dev.yaml")
    absolute = run("check", "--settings", str(stack))

    summary = "1 file checked: 1 error\n"
    assert relative == (1, f"stacks/dev.cluster.yaml:5:13: {problem}", summary)
    assert absolute == (1, f"{config}:5:13: {problem}", summary)


def test_settings_raise_the_limits_of_the_file(
    run: Run, stack: Path, good: str
) -> None:
    """File and settings are judged together."""
    with stack.open("a", encoding="utf-8") as file:
        file.write("  eks-irsa:limits: {managedPoliciesPerRole: 20}\n")
    arns = ", ".join(
        f"arn:aws:iam::111122223333:policy/P{index}" for index in range(11)
    )
    stack.with_name("dev.cluster.yaml").write_text(
        good.replace('"arn:aws:iam::aws:policy/ReadOnlyAccess"', arns),
        encoding="utf-8",
    )

    ran = run("check", "--settings", str(stack))

    assert ran == (0, "", "1 file checked: no problems\n")


def test_the_summary_says_how_much_of_the_trust_policy_several_clusters_take(
    run: Run, stack: Path
) -> None:
    """Before the list is too long, and against the limit of the stack."""
    with stack.open("a", encoding="utf-8") as file:
        file.write(
            "  eks-irsa:defaults: {trustedClusters: [{name: green}]}\n"
            "  eks-irsa:limits: {trustPolicyCharacters: 4096}\n"
        )

    ran = run("check", "--settings", str(stack))

    assert ran == (
        0,
        "",
        (
            "1 file checked: no problems; trust policies for several clusters have up "
            "to 910 of 4,096 characters\n"
        ),
    )


@pytest.mark.parametrize("issuer", ["*", "i.example.com/id/?", "i.example.com/a#b"])
def test_provider_of_no_one_cluster_is_no_trusted_cluster(
    run: Run, stack: Path, issuer: str
) -> None:
    """Roles would trust every issuer that a wildcard matches."""
    arn = f"arn:aws:iam::111122223333:oidc-provider/{issuer}"
    with stack.open("a", encoding="utf-8") as file:
        file.write(
            f"  eks-irsa:defaults: {{trustedClusters: [oidcProvider: '{arn}']}}\n"
        )

    code, out, _ = run("check", "--settings", str(stack))

    assert code == 1
    assert f"{arn!r} is not the ARN of an OIDC provider; expected arn:" in out
    assert out.endswith(" [E-PROVIDER-ARN]\n")


def test_warnings_about_settings_come_once_for_many_files(
    run: Run, stack: Path, folder: Path, good: str
) -> None:
    """Settings are taken with each file, and their problems are said once."""
    with stack.open("a", encoding="utf-8") as file:
        file.write("  eks-irsa:exclude: [shop/cart]\n")
    for name in ("a.yaml", "b.yaml"):
        (folder / name).write_text(good, encoding="utf-8")

    ran = run("check", "--settings", "stacks/Pulumi.dev.yaml", "a.yaml", "b.yaml")

    assert ran == (
        0,
        (
            "stacks/Pulumi.dev.yaml:4:22: warning: config.eks-irsa:exclude[0]: "
            "'shop/cart' is no entry of the ClusterConfig; correct it, or take it out "
            "[W-NO-ENTRY]\n"
        ),
        "2 files checked: 1 warning\n",
    )


def test_wrong_settings_do_not_hide_the_problems_of_the_file(
    run: Run, stack: Path, folder: Path, good: str
) -> None:
    """What can be said of the file alone is said, the file's problems first."""
    with stack.open("a", encoding="utf-8") as file:
        file.write("  eks-irsa:oidcProvider: mine\n")
    (folder / "a.yaml").write_text(
        good.replace("eu-west-1", "xx-west"), encoding="utf-8"
    )

    ran = run("check", "--settings", "stacks/Pulumi.dev.yaml", "a.yaml")

    assert ran == (
        1,
        (
            "a.yaml:3:32: metadata.region: 'xx-west' has not the shape of an AWS "
            "region; expected one such as 'us-west-2' [E-REGION]\n"
            "stacks/Pulumi.dev.yaml:4:26: config.eks-irsa:oidcProvider: expected "
            "'auto', 'managed' or 'existing', got the text 'mine' [E-TYPE]\n"
        ),
        "1 file checked: 2 errors\n",
    )


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        pytest.param(
            "",
            "1:1: config.eks-irsa:clusterConfig: missing; write the path of the "
            "ClusterConfig, from Pulumi.yaml's folder [E-KEY-MISSING]",
            id="names no file",
        ),
        pytest.param(
            '  eks-irsa:clusterConfig: "a\\0"\n',
            "2:27: config.eks-irsa:clusterConfig: holds a null character, which no "
            "path may; write the path of a file [E-FILE]",
            id="is no path",
        ),
        pytest.param(
            "  eks-irsa:clusterConfig: a.yaml\n",
            "2:27: config.eks-irsa:clusterConfig: no folder above the stack file holds "
            "a Pulumi.yaml, where 'a.yaml' would begin; name the ClusterConfig on the "
            "command line [E-FILE]",
            id="lies in no project",
        ),
    ],
)
def test_stack_whose_file_cannot_be_found(
    run: Run, folder: Path, line: str, problem: str
) -> None:
    """A stack file alone says which file is meant, or what to do."""
    text = f"config:\n{line}" if line else "{}\n"
    (folder / "Pulumi.dev.yaml").write_text(text, encoding="utf-8")

    ran = run("check", "--settings", "Pulumi.dev.yaml")

    assert ran == (1, f"Pulumi.dev.yaml:{problem}\n", "1 file checked: 1 error\n")


def test_nothing_to_check_is_wrong_usage(run: Run) -> None:
    """Exit code 2 tells a mistake in the command from a mistake in a file."""
    ran = run("check")

    assert ran == (
        2,
        "",
        (
            "Usage: eks-irsa check [OPTIONS] [FILE]...\n"
            "Try 'eks-irsa check --help' for help.\n\n"
            "Error: name a FILE, '-' for standard input, or a stack's --settings\n"
        ),
    )
