"""`eks-irsa can` and `eks-irsa who`: what is asked, of whom, and what is printed.

What an answer means is proved in tests/answers; the usual answers are in
docs/asking.md, whose examples are run.
"""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., tuple[int, str, str]]

CONFIG = """\
apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig
metadata: {name: shop, region: eu-west-1}
iam:
  withOIDC: true
  serviceAccounts:
  - metadata: {name: reader, namespace: apps}
    attachPolicyARNs: ["arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"]
  - metadata: {name: legacy, namespace: apps}
    attachRoleARN: arn:aws:iam::111122223333:role/legacy
  - metadata: {name: batch, namespace: jobs}
    roleOnly: true
    roleName: batch
    subjectPattern: batch-*
    wellKnownPolicies: {externalDNS: true}
    permissionsBoundary: arn:aws:iam::111122223333:policy/Bound
"""
TRUST = (
    "pods get it with a token of system:serviceaccount:apps:reader from the issuer of "
    "the cluster shop in eu-west-1"
)
OWN = "its own, whose name depends on the AWS account (setting accountId)"
ROLE = "arn:aws:iam::111122223333:role/shop-apps-reader-599748b0"
THROUGH = "through the role of jobs/batch"
LIST_ZONES = ("route53:ListHostedZones",)


@pytest.fixture(name="fleet")
def _fleet(folder: Path) -> Path:
    """Make a project of three stacks; `prod` has no service account `apps/legacy`."""
    (folder / "Pulumi.yaml").write_text("name: eks-irsa\n", encoding="utf-8")
    (folder / "shop.yaml").write_text(CONFIG, encoding="utf-8")
    for name, settings in {
        "dev": "",
        "prod": (
            '  eks-irsa:accountId: "111122223333"\n'
            "  eks-irsa:exclude: [apps/legacy]\n"
            "  eks-irsa:overrides:\n"
            "    jobs/*: {permissionsBoundary: ''}\n"
        ),
    }.items():
        (folder / f"Pulumi.{name}.yaml").write_text(
            f"config:\n  eks-irsa:clusterConfig: shop.yaml\n{settings}",
            encoding="utf-8",
        )
    return folder


def test_each_stack_is_answered(run: Run, fleet: Path) -> None:
    """A line for each, then what it hangs on."""
    assert fleet.is_dir()

    code, out, err = run("can", "apps/reader", "s3:GetObject", "arn:aws:s3:::b/k")

    by = (
        "  by AWS managed policy AmazonS3ReadOnlyAccess v3 Statement[0], s3:Get* on * "
        "(shop.yaml:8:24)"
    )
    assert out.splitlines() == [
        "Pulumi.dev.yaml: apps/reader: allowed",
        by,
        f"  role: {OWN}; {TRUST}",
        "Pulumi.prod.yaml: apps/reader: allowed",
        by,
        f"  role: {ROLE}; {TRUST}",
    ]
    assert (code, err) == (0, "")


@pytest.mark.parametrize(
    ("arguments", "code", "headlines"),
    [
        (
            ("apps/legacy", "s3:GetObject"),
            3,
            [
                "Pulumi.dev.yaml: apps/legacy: unknown",
                "1 other stack without apps/legacy",
            ],
        ),
        (
            ("jobs/batch-x", *LIST_ZONES),
            3,
            [
                f"Pulumi.dev.yaml: jobs/batch-x: unknown, {THROUGH}",
                f"Pulumi.prod.yaml: jobs/batch-x: allowed, {THROUGH}",
            ],
        ),
        (
            ("jobs/batch", *LIST_ZONES, "--stack", "prod"),
            0,
            ["Pulumi.prod.yaml: jobs/batch: allowed"],
        ),
        (
            ("apps/reader", "s3:PutObject", "shop.yaml"),
            3,
            ["shop.yaml: apps/reader: denied"],
        ),
        (
            ("apps/reader", "s3:GetObject", "*", "Pulumi.dev.yaml", "shop.yaml"),
            0,
            ["Pulumi.dev.yaml: apps/reader: allowed"],
        ),
        (
            ("apps/reader", "s3:*", "Pulumi.dev.yaml"),
            3,
            ["Pulumi.dev.yaml: apps/reader: allowed, in part"],
        ),
    ],
)
def test_exit_code_is_three_for_everything_but_a_yes(
    run: Run,
    fleet: Path,
    arguments: tuple[str, ...],
    code: int,
    headlines: list[str],
) -> None:
    """In one of the stacks; a stack without the service account does not count."""
    assert fleet.is_dir()

    ran = run("can", *arguments)

    printed = [*ran[1].splitlines(), *ran[2].splitlines()]
    assert [line for line in printed if not line.startswith(" ")] == headlines
    assert ran[0] == code


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ("can", "apps/raeder", "s3:GetObject"),
            (
                "there is no service account 'apps/raeder' in 2 stacks; did you mean "
                "'apps/reader'?"
            ),
        ),
        (
            ("can", "default/legacy", "s3:GetObject"),
            (
                "there is no service account 'default/legacy' in 2 stacks; did you "
                "mean 'apps/legacy'?"
            ),
        ),
        (
            ("can", "x/y", "s3:GetObject"),
            (
                "there is no service account 'x/y' in 2 stacks; of 3 service accounts "
                "none is nearly called so"
            ),
        ),
        (
            ("can", "reader", "s3:GetObject"),
            (
                "Invalid value for SUBJECT: 'reader' is no service account; expected "
                "<namespace>/<name>"
            ),
        ),
        (
            ("who", "GetObject", "b/k"),
            (
                "'b/k' is neither a file that is there nor a RESOURCE; a RESOURCE "
                "stands behind ACTION and is an ARN or '*'"
            ),
        ),
        (
            ("who", "GetObject"),
            ("ACTION: 'GetObject' is no Action; expected '<service>:<action>' or '*'"),
        ),
        (
            ("who", "s3:GetObject", "arn:aws:s3"),
            (
                "RESOURCE: 'arn:aws:s3' has 3 parts of an ARN's six; expected "
                "arn:<partition>:s3::<AWS account or nothing>:<resource>"
            ),
        ),
        (
            ("who", "s3:GetObject", "--context", "aws:SourceIp"),
            (
                "Invalid value for --context: 'aws:SourceIp' is no context; write "
                "KEY=VALUE, or KEY= for an absent key"
            ),
        ),
        (
            ("who", "s3:GetObject", "--context", "a:b=", "--context", "A:B=1"),
            (
                "Invalid value for --context: 'A:B' cannot have a value and be absent; "
                "keep one of the two"
            ),
        ),
        (
            ("who", "s3:GetObject", "--stack", "prd"),
            "the project has no stack 'prd'; did you mean 'prod'?",
        ),
        (
            ("who", "s3:GetObject", "shop.yaml", "--stack", "prod"),
            (
                "--stack takes stacks of the project; leave out FILE, or name their "
                "files"
            ),
        ),
    ],
)
def test_wrong_usage(
    run: Run, fleet: Path, arguments: tuple[str, ...], said: str
) -> None:
    """Exit code 2, and what to do instead."""
    assert fleet.is_dir()

    code, out, err = run(*arguments)

    assert (code, out, err.splitlines()[-1]) == (2, "", f"Error: {said}")


def test_without_a_project_files_are_named(run: Run, folder: Path) -> None:
    """There is nothing to ask."""
    assert folder.is_dir()

    code, _, err = run("who", "s3:GetObject")

    assert code == 2
    assert err.endswith(
        "Error: name a FILE; no Pulumi.yaml is in this folder or above it\n"
    )


@pytest.mark.parametrize("command", [("can", "apps/reader"), ("who",)])
@pytest.mark.parametrize(
    ("action", "near"),
    [
        ("s3:GetObjekt", "did you mean 's3:GetObject'?"),
        ("s3:GetObjekt*", "did you mean 's3:GetObject'?"),
        ("sqss:SendMessage", "did you mean 'sqs'?"),
        ("s3:Frobnicate", "look it up among the actions of 's3'"),
    ],
)
def test_action_that_aws_does_not_have_is_no_question(
    run: Run, fleet: Path, command: tuple[str, ...], action: str, near: str
) -> None:
    """`s3:*` allows it, and the script that asked would go on."""
    assert fleet.is_dir()

    code, out, err = run(*command, action)

    assert (code, out) == (2, "")
    assert err.splitlines()[-1].startswith("Error: ACTION: AWS had no ")
    assert near in err


@pytest.mark.parametrize("command", [("can", "apps/reader"), ("who",)])
def test_condition_key_that_aws_does_not_have_is_a_warning(
    run: Run, fleet: Path, command: tuple[str, ...]
) -> None:
    """It makes no yes of a no, and AWS adds keys every day."""
    assert fleet.is_dir()

    code, out, err = run(*command, "s3:GetObject", "--context", "aws:SourceIpp=1")

    first = err.splitlines()[0]
    assert first.startswith("warning: --context: AWS had no condition key ")
    assert first.endswith("did you mean 'aws:SourceIp'? [W-UNKNOWN-CONDITION-KEY]")
    assert "apps/reader" in out
    assert code == 0


@pytest.mark.parametrize("command", [("can", "apps/reader"), ("who",)])
def test_errors_of_one_stack_do_not_hide_the_others(
    run: Run, fleet: Path, command: tuple[str, ...]
) -> None:
    """They are printed, the exit code is 1, and the others are answered."""
    (fleet / "broken.yaml").write_text(CONFIG.replace("true", "yep"), encoding="utf-8")
    (fleet / "Pulumi.broken.yaml").write_text(
        "config: {clusterConfig: broken.yaml}\n", encoding="utf-8"
    )

    code, out, err = run(*command, "s3:GetObject")

    assert code == 1
    assert err.startswith("broken.yaml:5:13: iam.withOIDC: expected true or false")
    assert "\nnot answered, because of errors: 1 of 3\n" in err
    assert "Pulumi.dev.yaml: apps/reader" in out


@pytest.mark.parametrize("command", [("can", "apps/reader"), ("who",)])
def test_breach_of_a_rule_of_the_house_hides_no_answer(
    run: Run, fleet: Path, command: tuple[str, ...]
) -> None:
    """What a role may do is the question all the more; the breach, `check` names."""
    with (fleet / "Pulumi.prod.yaml").open("a", encoding="utf-8") as file:
        file.write("  eks-irsa:rules: {tags: {owner: '*'}}\n")

    checked, *_ = run("check", "--all")
    code, out, err = run(*command, "s3:GetObject")

    assert checked == 1
    assert code == 0
    assert "Pulumi.prod.yaml: apps/reader" in out
    assert "owner" not in err


def test_who_groups_by_answer(run: Run, fleet: Path) -> None:
    """Those who may not are counted."""
    assert fleet.is_dir()

    code, out, err = run("who", *LIST_ZONES)

    zones = (
        "PolicyExternalDNSHostedZones of the well-known policy externalDNS "
        "Statement[0], route53:ListHostedZones on * (shop.yaml:15:38)"
    )
    assert out.splitlines() == [
        "allowed:",
        f"  Pulumi.prod.yaml: jobs/batch: by {zones}",
        "unknown:",
        (
            "  Pulumi.dev.yaml: apps/legacy: not known: role "
            "arn:aws:iam::111122223333:role/legacy (shop.yaml:9:5): an existing role, "
            "whose policies are not in the file"
        ),
        f"  Pulumi.dev.yaml: jobs/batch: by {zones} (and 1 more)",
    ]
    assert err == ("5 service accounts in 2 stacks: 1 allowed, 2 unknown, 2 denied\n")
    assert code == 0


def test_json_has_all_of_an_answer(run: Run, fleet: Path) -> None:
    """The same keys for each, and places as check writes them."""
    assert fleet.is_dir()

    _, out, _ = run(
        *("can", "jobs/batch", *LIST_ZONES, "Pulumi.dev.yaml"),
        *("--output", "json", "--context", "aws:SourceIp=10.0.0.1"),
    )

    document = json.loads(out)
    (answer,) = document.pop("answers")
    assert document == {
        "version": 1,
        "question": {
            "serviceAccount": "jobs/batch",
            "action": "route53:ListHostedZones",
            "resource": "*",
            "context": {"aws:sourceip": ["10.0.0.1"]},
        },
        "problems": [],
    }
    (allowing,) = answer["allowedBy"]
    assert allowing == {
        "policy": "PolicyExternalDNSHostedZones of the well-known policy externalDNS",
        "arn": None,
        "statement": "Statement[0]",
        "sid": "",
        "action": "route53:ListHostedZones",
        "resource": "*",
        "conditions": [],
        "place": {
            "file": "shop.yaml",
            "line": 15,
            "column": 38,
            "path": "iam.serviceAccounts[2].wellKnownPolicies.externalDNS",
        },
    }
    (unknown,) = answer["unknown"]
    assert unknown["arn"] == "arn:aws:iam::111122223333:policy/Bound"
    assert unknown["place"]["line"] == 16
    assert {
        key: answer[key] for key in ("stack", "outcome", "roleArn", "roleName")
    } == {
        "stack": "Pulumi.dev.yaml",
        "outcome": "unknown",
        "roleArn": None,
        "roleName": "batch",
    }


def test_json_of_who_counts_the_rest(run: Run, fleet: Path) -> None:
    """Who may not is no answer."""
    assert fleet.is_dir()

    _, out, err = run("who", "s3:PutObject", "--output", "json")

    document = json.loads(out)
    assert [one["serviceAccount"] for one in document["answers"]] == ["apps/legacy"]
    assert document["denied"] == 4
    assert err == ""


def test_policy_that_may_deny_is_a_condition(run: Run, folder: Path) -> None:
    """Its content is not known, and something else allows it."""
    arn = "arn:aws:iam::111122223333:policy/Own"
    reader = "AmazonS3ReadOnlyAccess"
    text = CONFIG.replace(f'{reader}"', f'{reader}", "{arn}"')
    (folder / "a.yaml").write_text(text, encoding="utf-8")

    code, out, _ = run("can", "apps/reader", "s3:GetObject", "a.yaml")

    first, _, second, _ = out.splitlines()
    assert (code, first) == (3, "a.yaml: apps/reader: allowed on conditions")
    assert second == (
        f"  unless denied by managed policy {arn} (a.yaml:8:74): a customer's policy, "
        "whose content is not in the file"
    )


def test_who_names_the_way_of_those_who_have_not_irsa_alone(
    run: Run, fleet: Path
) -> None:
    """In words, and for programs."""
    with (fleet / "Pulumi.dev.yaml").open("a", encoding="utf-8") as file:
        file.write("  eks-irsa:overrides: {apps/reader: {identity: both}}\n")
    asked = ("s3:GetObject", "arn:aws:s3:::b/k", "--stack", "dev", "--stack", "prod")

    _, text, _ = run("who", *asked)
    _, document, _ = run("who", *asked, "--output", "json")

    by = "by AWS managed policy AmazonS3ReadOnlyAccess v3 Statement[0], s3:Get* on *"
    assert [line.partition(" (shop")[0] for line in text.splitlines()][1:3] == [
        f"  Pulumi.dev.yaml: apps/reader (IRSA and EKS Pod Identity): {by}",
        f"  Pulumi.prod.yaml: apps/reader: {by}",
    ]
    assert [
        one["identity"]
        for one in json.loads(document)["answers"]
        if one["serviceAccount"] == "apps/reader"
    ] == ["both", "irsa"]
