"""`eks-irsa synth`: what goes where. What the documents hold is in tests/synthesis."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., tuple[int, str, str]]

NOT_MADE = "addons: [{name: vpc-cni, useDefaultPodIdentityAssociations: true}]\n"

CLUSTER = (
    "--account-id",
    "123456789012",
    "--issuer-url",
    "https://oidc.eks.eu-west-1.amazonaws.com/id/0123456789ABCDEF",
)


def test_plan_is_all_there_is_on_standard_output(run: Run, good: str) -> None:
    """The output is one JSON document, made for the cluster that was given."""
    code, out, err = run("synth", "-", *CLUSTER, stdin=good)

    document = json.loads(out)
    assert list(document) == [
        "cluster",
        "oidcProvider",
        "trustedClusters",
        "namespaces",
        "warnings",
        "serviceAccounts",
    ]
    assert document["cluster"] == {
        "name": "shop",
        "region": "eu-west-1",
        "partition": "aws",
        "accountId": "123456789012",
        "issuerUrl": "https://oidc.eks.eu-west-1.amazonaws.com/id/0123456789ABCDEF",
    }
    assert (code, err) == (0, "")


def test_issuer_of_another_region_is_warned_of(run: Run, good: str) -> None:
    """The plan is made all the same; the warning leaves the document as it is."""
    elsewhere = [one.replace("eu-west-1", "us-east-1") for one in CLUSTER]

    code, out, err = run("synth", "-", *elsewhere, stdin=good)

    assert json.loads(out)["cluster"]["region"] == "eu-west-1"
    assert (code, err) == (
        0,
        (
            "warning: --issuer-url is that of a cluster in us-east-1, and the file's "
            "is in eu-west-1; compare it with 'aws eks describe-cluster --name shop "
            "--region eu-west-1'\n"
        ),
    )


def test_settings_shape_the_plan(run: Run, stack: Path) -> None:
    """Settings and the file they name become one plan."""
    with stack.open("a", encoding="utf-8") as file:
        file.write("  eks-irsa:defaults: {rolePath: /irsa/}\n")

    code, out, err = run("synth", *CLUSTER, "--settings", "stacks/Pulumi.dev.yaml")

    (entry,) = json.loads(out)["serviceAccounts"]
    assert (
        entry["roleArn"]
        == "arn:aws:iam::123456789012:role/irsa/shop-shop-orders-8bc4ab1a"
    )
    assert (code, err) == (0, "")


def test_clusters_that_are_trusted_are_shown_with_the_size_of_the_policy(
    run: Run, stack: Path
) -> None:
    """What stands for an issuer that is not known is said to be a placeholder."""
    arn = "arn:aws:iam::123456789012:oidc-provider/oidc.example.com/there"
    with stack.open("a", encoding="utf-8") as file:
        file.write(
            "  eks-irsa:defaults:\n"
            f"    trustedClusters: [{{name: green}}, {{oidcProvider: '{arn}'}}]\n"
        )

    code, out, err = run("synth", *CLUSTER, "--settings", str(stack))

    document = json.loads(out)
    text = document["serviceAccounts"][0]["role"]["assumeRolePolicy"]
    given, placeholder = document["trustedClusters"]["clusters"]
    assert given == {"name": None, "region": None, "oidcProviderArn": arn}
    assert (placeholder["name"], placeholder["region"]) == ("green", "eu-west-1")
    assert "/id/" + "0" * 24 in placeholder["oidcProviderArn"]
    assert document["trustedClusters"]["trustPolicyCharacters"] == {
        "longest": len(json.dumps(text, separators=(",", ":"))),
        "limit": 2048,
    }
    assert [one["code"] for one in document["warnings"]] == ["W-ISSUER-ASSUMED"]
    assert (code, err) == (0, "")


def test_errors_are_the_document_instead_of_the_plan(run: Run, good: str) -> None:
    """A reader of the output learns from it that there is no plan, and why."""
    code, out, err = run("synth", "-", *CLUSTER, stdin=good.replace("name: sh", "n: s"))

    assert json.loads(out) == {
        "version": 1,
        "valid": False,
        "problems": [
            {
                "file": "<stdin>",
                "line": 3,
                "column": 11,
                "path": "metadata.name",
                "code": "E-CLUSTER-NAME",
                "severity": "error",
                "message": "missing; write the name of the EKS cluster",
            },
            {
                "file": "<stdin>",
                "line": 3,
                "column": 12,
                "path": "metadata.n",
                "code": "E-KEY-UNKNOWN",
                "severity": "error",
                "message": "unknown key; expected one of annotations, "
                "forceUpdateVersion, name, region, rollbackConfig, tags, version",
            },
        ],
    }
    assert (code, err) == (1, "")


def test_cluster_in_another_account_than_the_settings_say_is_an_error(
    run: Run, stack: Path
) -> None:
    """What `up` would refuse is refused here."""
    with stack.open("a", encoding="utf-8") as file:
        file.write('  eks-irsa:accountId: "999999999999"\n')

    code, out, err = run("synth", *CLUSTER, "--settings", str(stack))

    document = json.loads(out)
    assert [problem["code"] for problem in document["problems"]] == ["E-ACCOUNT"]
    assert (code, err) == (1, "")


def test_manifests_are_all_there_is_on_standard_output(
    run: Run, folder: Path, good: str
) -> None:
    """Warnings go to standard error, so that the output can be applied as it is."""
    (folder / "a.yaml").write_text(good + NOT_MADE, encoding="utf-8")

    ran = run("synth", "a.yaml", *CLUSTER, "--output", "yaml")

    assert ran == (
        0,
        (
            "# Made by `eks-irsa synth` from a.yaml; edit that file instead.\n"
            "# EKS cluster: arn:aws:eks:eu-west-1:123456789012:cluster/shop\n"
            "---\n"
            "apiVersion: v1\n"
            "kind: Namespace\n"
            "metadata:\n"
            "  name: shop\n"
            "---\n"
            "apiVersion: v1\n"
            "kind: ServiceAccount\n"
            "metadata:\n"
            "  name: orders\n"
            "  namespace: shop\n"
            "  labels:\n"
            "    app.kubernetes.io/managed-by: eks-irsa\n"
            "  annotations:\n"
            "    eks.amazonaws.com/role-arn: "
            '"arn:aws:iam::123456789012:role/shop-shop-orders-8bc4ab1a"\n'
        ),
        (
            "a.yaml:9:26: warning: addons[0].useDefaultPodIdentityAssociations: the "
            "role that eksctl makes for the add-on 'vpc-cni' unasked is not made "
            "here; leave it to eksctl, or name its policies [W-NOT-MADE]\n"
        ),
    )


def test_errors_leave_no_manifests(run: Run, good: str) -> None:
    """Nothing reaches `kubectl apply` while an error stands."""
    ran = run(
        *("synth", "-", *CLUSTER, "--output", "yaml"),
        stdin=good.replace("kind: Cluster", "kind: cluster"),
    )

    assert ran == (
        1,
        "",
        "<stdin>:2:7: kind: expected 'ClusterConfig', got 'clusterConfig' [E-KIND]\n",
    )


def test_partition_that_agrees_with_the_region_is_taken(run: Run, good: str) -> None:
    """The partition may be said."""
    code, out, _ = run("synth", "-", *CLUSTER, "--partition", "aws", stdin=good)

    assert (code, json.loads(out)["cluster"]["partition"]) == (0, "aws")


USAGE = (
    "Usage: eks-irsa synth [OPTIONS] [FILE]\nTry 'eks-irsa synth --help' for help.\n\n"
)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        pytest.param(
            ("-", *CLUSTER, "--partition", "aws-cn"),
            "Invalid value for --partition: the region 'eu-west-1' of the file is in "
            "the partition 'aws'",
            id="contradicts the region",
        ),
        pytest.param(
            ("-", "--account-id", "1234-5678-9012", *CLUSTER[2:]),
            "Invalid value for '--account-id': '1234-5678-9012' is not an AWS account "
            "id; expected 12 digits",
            id="account",
        ),
        pytest.param(
            ("-", *CLUSTER[:2], "--issuer-url", "oidc.eks.eu-west-1.amazonaws.com"),
            "Invalid value for '--issuer-url': 'oidc.eks.eu-west-1.amazonaws.com' is "
            "not an issuer URL; expected https://<host>[/<path>], as 'aws eks "
            "describe-cluster' shows it",
            id="issuer",
        ),
        pytest.param(
            ("-", *CLUSTER[2:]), "Missing option '--account-id'.", id="no account"
        ),
        pytest.param(
            CLUSTER,
            "name a FILE, '-' for standard input, or a stack's --settings",
            id="no file",
        ),
    ],
)
def test_wrong_usage(
    run: Run, good: str, arguments: tuple[str, ...], reason: str
) -> None:
    """A mistake in the command is exit code 2 and leaves standard output empty."""
    ran = run("synth", *arguments, stdin=good)

    assert ran == (2, "", f"{USAGE}Error: {reason}\n")
