"""Estates as eksctl leaves them, read over AWS's API and held against their file."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from click.testing import CliRunner
from estates import (
    BY_HAND_POLICY,
    EksctlEstate,
    Entry,
    cluster_config,
    eksctl_entries,
    make_provider,
    statement,
    tags,
)
from live_estates import READ_ONLY, trusting

from eks_irsa.adoption.adopting import adoption_of
from eks_irsa.adoption.drafting import drafted
from eks_irsa.adoption.model import Adoption
from eks_irsa.cli.commands import commands
from eks_irsa.cluster_config.reading import parse_cluster_config
from eks_irsa.live.account import LiveAccount, read_account
from eks_irsa.live.clients import AwsSession
from eks_irsa.live.clusters import described_cluster
from eks_irsa.live.model import LiveCluster, LiveServiceAccount, Unread
from eks_irsa.settings.reading import default_settings
from sandbox.aws.clients import administrator
from sandbox.aws.server import Aws, start_aws

CLUSTER: Final = "shop"
REGION: Final = "us-west-2"
ENTRIES: Final = eksctl_entries(CLUSTER)


@pytest.fixture(name="estate", scope="module")
def _estate() -> Iterator[tuple[Aws, dict[str, str]]]:
    """Make the cluster and what eksctl made for it; returns the roles by entry."""
    issuer_url = f"https://oidc.eks.{REGION}.amazonaws.com/id/ESTATES"
    with start_aws(region=REGION, account_id="410987654322") as aws:
        aws.create_cluster(
            name=CLUSTER,
            region=REGION,
            issuer_url=issuer_url,
            endpoint="https://localhost:1",
            ca_pem="none",
        )
        estate = EksctlEstate(
            aws=aws,
            hands=None,
            cluster=CLUSTER,
            region=REGION,
            provider_arn=make_provider(aws, cluster=CLUSTER, issuer_url=issuer_url),
        )
        yield aws, estate.make(ENTRIES)
        assert aws.failures == ()


@pytest.fixture(name="account")
def _account(
    estate: tuple[Aws, dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> LiveAccount:
    """Read the account, and service accounts as eksctl makes them."""
    aws, arns = estate
    for name, value in aws.environment().items():
        monkeypatch.setenv(name, value)
    session = AwsSession(region=REGION)
    cluster, _ = described_cluster(session.client("eks"), CLUSTER)
    assert isinstance(cluster, LiveCluster)
    made = [
        LiveServiceAccount(
            namespace=entry["metadata"]["namespace"],
            name=entry["metadata"]["name"],
            labels={
                **entry["metadata"].get("labels", {}),
                "app.kubernetes.io/managed-by": "eksctl",
            },
            annotations={
                **entry["metadata"].get("annotations", {}),
                "eks.amazonaws.com/role-arn": arns[key_of(entry["metadata"])],
            },
            managers={},
        )
        for entry in ENTRIES
        if not entry.get("roleOnly")
    ]
    return read_account(session, cluster=cluster, service_accounts=tuple(made))


def key_of(metadata: dict[str, str]) -> str:
    """Return `<namespace>/<name>`."""
    return f"{metadata['namespace']}/{metadata['name']}"


def adopted(text: str, account: LiveAccount) -> Adoption:
    """Adopt with a ClusterConfig and a stack that sets nothing."""
    file = parse_cluster_config(text.encode(), source="shop.yaml")
    return adoption_of(file, settings=default_settings(), account=account)


def test_fifty_entries_are_taken_in_as_they_are(
    account: LiveAccount, estate: tuple[Aws, dict[str, str]]
) -> None:
    """Each with its own role and stack, whatever of a ClusterConfig it uses."""
    adoption = adopted(cluster_config(CLUSTER, REGION, ENTRIES), account)

    assert account.unread == {}
    assert {
        one.key: (one.verdict, one.role_arn, one.changes, one.left, one.notes)
        for one in adoption.entries
    } == {key: ("asItIs", arn, (), (), ()) for key, arn in estate[1].items()}
    assert all(one.stack for one in adoption.entries)
    steps = [one.service_account for one in adoption.entries]
    assert (steps.count("imported"), steps.count("notManaged")) == (45, 5)


def test_the_file_can_be_written_from_the_account(account: LiveAccount) -> None:
    """Every role is in it, and nothing changes by it."""
    text = drafted(account).text

    adoption = adopted(text, account)

    assert {one.key for one in adoption.entries} == {
        key_of(entry["metadata"]) for entry in ENTRIES
    }
    pattern = [
        one
        for one in yaml.safe_load(text)["iam"]["serviceAccounts"]
        if "subjectPattern" in one
    ]
    assert {one.verdict for one in adoption.entries} == {"asItIs"}
    assert len(pattern) == sum("subjectPattern" in one for one in ENTRIES)


def test_what_people_did_by_hand_is_told(
    account: LiveAccount, estate: tuple[Aws, dict[str, str]]
) -> None:
    """A policy attached and one written are left alone; a changed tag changes back."""
    aws, arns = estate
    first, second = (key_of(one["metadata"]) for one in ENTRIES[:2])
    names = {key: arns[key].rpartition("/")[2] for key in (first, second)}
    iam = administrator(aws, "iam")
    iam.attach_role_policy(RoleName=names[first], PolicyArn=BY_HAND_POLICY)
    iam.put_role_policy(
        RoleName=names[first],
        PolicyName="by-hand",
        PolicyDocument=json.dumps(statement("ec2:DescribeTags")),
    )
    iam.tag_role(RoleName=names[second], Tags=tags({"cost-centre": "42"}))
    assert not isinstance(account.service_accounts, Unread)
    again = read_account(
        AwsSession(region=REGION),
        cluster=account.cluster,
        service_accounts=tuple(account.service_accounts.values()),
    )

    entries = {
        one.key: one
        for one in adopted(cluster_config(CLUSTER, REGION, ENTRIES), again).entries
    }

    assert entries[first].left == (
        f"managed policy {BY_HAND_POLICY}",
        (
            "inline policy by-hand, of which can, who and later reports know nothing; "
            "ask for it in the entry, or take it off"
        ),
    )
    assert [(one.field, one.before, one.after) for one in entries[second].changes] == [
        ("tag cost-centre", "42", "4711")
    ]
    verdicts = [one.verdict for one in entries.values()]
    assert (verdicts.count("asItIs"), verdicts.count("changes")) == (49, 1)


def test_the_command_asks_aws(
    estate: tuple[Aws, dict[str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the API server has may come from a file."""
    for name, value in estate[0].environment().items():
        monkeypatch.setenv(name, value)
    file, listed = tmp_path / "shop.yaml", tmp_path / "service-accounts.json"
    file.write_text(cluster_config(CLUSTER, REGION, ENTRIES), encoding="utf-8")
    listed.write_text('{"items": []}', encoding="utf-8")
    arguments = [str(file), "--service-accounts", str(listed), "--output", "json"]

    ran = CliRunner().invoke(commands, ["adopt", *arguments], prog_name="eks-irsa")

    document = json.loads(ran.stdout)
    assert (ran.exit_code, ran.stderr, document["unread"]) == (0, "", {})
    assert {one["serviceAccount"]: one["roleArn"] for one in document["entries"]} == (
        estate[1]
    )
    assert {one["serviceAccountStep"] for one in document["entries"]} == {
        "created",
        "notManaged",
    }


def test_clusters_that_settings_name_are_looked_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the stack program does; of one whose issuer is not known nobody guesses."""
    issuer = "https://oidc.eks.{}.amazonaws.com/id/{}"
    with start_aws(region=REGION, account_id="410987654323") as aws:
        for variable, value in aws.environment().items():
            monkeypatch.setenv(variable, value)
        trust: dict[str, Any] = {"Version": "2012-10-17", "Statement": []}
        for name, region in ((CLUSTER, REGION), ("green", "eu-west-1")):
            url = issuer.format(region, name.upper())
            aws.create_cluster(
                name=name, region=region, issuer_url=url, endpoint="", ca_pem="none"
            )
            host = url.removeprefix("https://")
            provider = f"arn:aws:iam::{aws.account_id}:oidc-provider/{host}"
            trust["Statement"] += trusting("a:b", provider=provider)["Statement"]
        administrator(aws, "iam").create_role(
            RoleName="of-two", AssumeRolePolicyDocument=json.dumps(trust)
        )

        green = adopted_with_trusted("green", tmp_path)
        gone = adopted_with_trusted("gone", tmp_path)

    assert (green["verdict"], green["roleArn"][-6:]) == ("changes", "of-two")
    assert [it["field"] for it in green["changes"]] == ["managed policy", "tag team"]
    assert gone["reasons"] == [
        (
            "whom the role trusts cannot be held against trustedClusters, for the "
            "issuer of the EKS cluster 'gone' in eu-west-1 is not known: there is no "
            "such cluster, or it has no issuer; give its oidcProvider in place of its "
            "name"
        )
    ]


def adopted_with_trusted(name: str, folder: Path) -> dict[str, Any]:
    """Adopt an entry with the command, in a stack that trusts a further cluster."""
    metadata = {"namespace": "a", "name": "b"}
    entry: Entry = {"metadata": metadata, "attachPolicyARNs": [READ_ONLY]}
    file, stack = folder / "shop.yaml", folder / "Pulumi.dev.yaml"
    file.write_text(cluster_config(CLUSTER, REGION, [entry]), encoding="utf-8")
    trusted = {"defaults": {"trustedClusters": [{"name": name, "region": "eu-west-1"}]}}
    stack.write_text(json.dumps({"config": trusted}), encoding="utf-8")
    listed = folder / "service-accounts.json"
    listed.write_text('{"items": []}', encoding="utf-8")
    arguments = [str(file), "--settings", str(stack), "--output", "json"]
    arguments += ["--service-accounts", str(listed)]
    ran = CliRunner().invoke(commands, ["adopt", *arguments])
    (one,) = json.loads(ran.stdout)["entries"]
    return one


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("other", "there is no EKS cluster 'other' in us-west-2"),
        ("bare", ":cluster/bare has no OIDC issuer"),
    ],
)
def test_a_cluster_of_which_nothing_can_be_told_is_exit_code_2(
    estate: tuple[Aws, dict[str, str]],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    message: str,
) -> None:
    """The message says what there is not."""
    aws = estate[0]
    for variable, value in aws.environment().items():
        monkeypatch.setenv(variable, value)
    if name == "bare":
        aws.create_cluster(
            name=name, region=REGION, issuer_url=None, endpoint="", ca_pem="none"
        )
    arguments = ["adopt", "--cluster", name, "--region", REGION]

    ran = CliRunner().invoke(commands, arguments, prog_name="eks-irsa")

    assert (ran.exit_code, ran.stdout) == (2, "")
    assert message in ran.stderr
