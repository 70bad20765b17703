"""Estates of other tools, taken in: no new role, nothing deleted, pods notice nothing.

The way is that of docs/adopting.md. Everything is compared whole, before and after.
"""

import copy
import json
import threading
from collections import Counter
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import pytest
from click.testing import CliRunner
from estates import EksctlEstate, cluster_config, eksctl_entries, make_provider
from hands import ROLE_ARN_ANNOTATION, Hands
from other_estates import OtherEstate
from workbench import CLUSTER_CONFIG, Step, Workbench

from eks_irsa.cli.commands import commands
from eks_irsa.live import cloudformation
from sandbox.aws.clients import ClientError, administrator, anonymous
from sandbox.inventory import Inventory, LiveRole
from sandbox.session import Sandbox

pytestmark = pytest.mark.engine

Benches = Callable[..., Workbench]

# Steps that make nothing in AWS or the cluster: components, providers, and what the
# engine calls a patch.
HARMLESS: Final = ("eks-irsa:", "pulumi:")


@pytest.fixture(autouse=True)
def _as_administrator(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lead the commands to the sandbox, and wait for nothing in vain."""
    for name, value in sandbox.engine_home().environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(cloudformation, "_DELAY_SECONDS", 0)


def eks_irsa(*arguments: str) -> str:
    """Run a command of ours that succeeds, and give what it prints."""
    ran = CliRunner().invoke(commands, arguments, catch_exceptions=False)
    assert ran.exit_code == 0, ran.output
    return ran.stdout


@dataclass
class Pods:
    """Takes tokens of service accounts to STS, again and again.

    Attributes:
        taken: How many got credentials.
        refused: What STS said otherwise.
    """

    sandbox: Sandbox
    roles: Mapping[str, str]
    taken: int = 0
    refused: list[str] = field(default_factory=list[str])

    @contextmanager
    def at_work(self) -> Generator["Pods"]:
        """Go on for as long as this lasts."""
        over = threading.Event()
        thread = threading.Thread(target=self._work, args=(over,))
        thread.start()
        try:
            yield self
        finally:
            over.set()
            thread.join()

    def _work(self, over: threading.Event) -> None:
        sts = anonymous(self.sandbox.aws, "sts")
        plane = self.sandbox.control_plane
        while not over.is_set():
            for key, arn in self.roles.items():
                namespace, _, name = key.partition("/")
                token = plane.request_token(
                    namespace=namespace,
                    service_account=name,
                    audience="sts.amazonaws.com",
                )
                try:
                    sts.assume_role_with_web_identity(
                        RoleArn=arn, RoleSessionName="pod", WebIdentityToken=token
                    )
                    self.taken += 1
                except ClientError as error:
                    self.refused.append(f"{key}: {error}")
            over.wait(0.2)


def announced(before: Inventory, document: Mapping[str, Any]) -> Inventory:
    """Say what there will be, from what there was and what `adopt` printed."""
    roles, accounts = dict(before.roles), dict(before.service_accounts)
    for entry in document["entries"]:
        key, arn = entry["serviceAccount"], entry["roleArn"]
        for change in [*entry["changes"], *entry["marks"]]:
            kind, _, name = change["field"].partition(" ")
            if kind in {"label", "annotation"}:
                account = copy.deepcopy(accounts[key])
                put(account["metadata"].setdefault(f"{kind}s", {}), name, change)
                accounts[key] = account
            else:
                role = arn.rpartition("/")[2]
                roles[role] = changed(roles[role], change)
    return replace(before, roles=roles, service_accounts=accounts)


def put(keys: dict[str, str], name: str, change: Mapping[str, str | None]) -> None:
    """Set a key, or take it off."""
    keys.pop(name, None)
    if (after := change["after"]) is not None:
        keys[name] = after


def changed(held: LiveRole, change: Mapping[str, str]) -> LiveRole:
    """Change a role as it was announced."""
    kind, _, name = change["field"].partition(" ")
    role = dict(held.role)
    if kind == "tag":
        tags = {one["Key"]: one["Value"] for one in role.get("Tags", [])}
        # Files do not tell the organization, which is called so on a backend of files.
        tags[name] = change["after"].replace("<organization>", "organization")
        role["Tags"] = [{"Key": key, "Value": one} for key, one in tags.items()]
    elif kind == "description":
        role["Description"] = change["after"]
    else:
        pytest.fail(f"nobody meant to change {change}")
    return replace(held, role=role)


def plain(inventory: Inventory) -> dict[str, Any]:
    """Leave out of an inventory what every write changes, and the order of tags."""
    roles: dict[str, Any] = {}
    for name, held in inventory.roles.items():
        tags = {one["Key"]: one["Value"] for one in held.role.get("Tags", [])}
        roles[name] = replace(held, role={**held.role, "Tags": tags})
    return {
        "associations": inventory.associations,
        "providers": inventory.providers,
        "roles": roles,
        "namespaces": {key: _object(one) for key, one in inventory.namespaces.items()},
        "service accounts": {
            key: _object(one) for key, one in inventory.service_accounts.items()
        },
    }


def _object(given: Mapping[str, Any]) -> dict[str, Any]:
    metadata = {
        key: one
        for key, one in given["metadata"].items()
        if key not in {"managedFields", "resourceVersion"}
    }
    return {**given, "metadata": metadata}


def files_of(cluster: Workbench) -> tuple[str, str]:
    """Name the ClusterConfig and the stack file of a stack."""
    folder = cluster.project
    settings = folder / f"stacks/Pulumi.{cluster.stack.name}.yaml"
    return str(folder / CLUSTER_CONFIG), str(settings)


def stacks_of(cluster: Workbench) -> list[str]:
    """Name the CloudFormation stacks of a cluster that there are."""
    client = administrator(cluster.sandbox.aws, "cloudformation", region=cluster.region)
    pages = client.get_paginator("describe_stacks").paginate()
    names = [one["StackName"] for page in pages for one in page["Stacks"]]
    return [name for name in names if f"-{cluster.cluster}-" in name]


def operations(steps: list[Step]) -> Counter[str]:
    """Count what is done to things of AWS and the cluster, by operation and type."""
    return Counter(
        f"{one.operation} {one.type.rpartition(':')[2]}"
        for one in steps
        if not one.type.startswith(HARMLESS)
    )


@contextmanager
def provider_of(bench: Workbench) -> Generator[str]:
    """Give the OIDC provider of a cluster as eksctl makes it, and take it back."""
    arn = make_provider(
        bench.sandbox.aws, cluster=bench.cluster, issuer_url=bench.issuer_url
    )
    try:
        yield arn
    finally:
        iam = administrator(bench.sandbox.aws, "iam")
        iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=arn)


def forget_annotations(sandbox: Sandbox, hands: Hands) -> None:
    """Take roles off what other tests left behind, as all share one API server."""
    answer = sandbox.control_plane.request(method="GET", path="/api/v1/serviceaccounts")
    for one in answer.document["items"]:
        metadata = one["metadata"]
        if ROLE_ARN_ANNOTATION in metadata.get("annotations", {}):
            key = f"{metadata['namespace']}/{metadata['name']}"
            hands.edit_service_account(key, annotations={ROLE_ARN_ANNOTATION: None})


def test_an_estate_of_eksctl_is_taken_in_and_pods_notice_nothing(
    bench: Benches, sandbox: Sandbox, hands: Hands
) -> None:
    """Fifty entries, some changed by hand: imports, and then stacks that are gone."""
    cluster = bench(issuing=True)
    entries = eksctl_entries(cluster.cluster)
    file, settings = files_of(cluster)
    cluster.write(cluster_config(cluster.cluster, cluster.region, entries))
    with provider_of(cluster) as provider:
        estate = EksctlEstate(
            aws=sandbox.aws,
            hands=hands,
            cluster=cluster.cluster,
            region=cluster.region,
            provider_arn=provider,
        )
        arns = estate.make(entries)
        estate.drift(entries, arns)
        before = cluster.inventory()

        with Pods(sandbox, dict([*arns.items()][:6])).at_work() as pods:
            said = eks_irsa("adopt", file, "--write", settings, "--output", "json")
            eks_irsa("cloudformation", "retain", file, "--approve")
            retained = cluster.inventory()
            planned = cluster.preview()
            done = cluster.up()
            taken_in = cluster.inventory()
            cluster.preview(expect_no_changes=True)
            eks_irsa("cloudformation", "delete", file, "--approve")
            cluster.pulumi("config", "rm", "adopt")
            cluster.preview(expect_no_changes=True)
            after = cluster.inventory()

        document = json.loads(said)
        assert Counter(one["verdict"] for one in document["entries"]) == {
            "asItIs": 47,
            "changes": 3,
        }
        assert operations(planned) == operations(done)
        assert operations(done) == {
            "import Role": 50,
            "update Role": 50,
            "import RolePolicy": 50,
            "import RolePolicyAttachment": 35,
            "import ServiceAccount": 45,
            "update ServiceAccount": 45,
            "create NamespacePatch": 4,
        }
        assert plain(retained) == plain(before)
        assert plain(taken_in) == plain(announced(before, document))
        assert plain(after) == plain(taken_in)
        assert stacks_of(cluster) == []
        assert pods.refused == []
        assert pods.taken > 6
        estate.undo_drift(entries, arns)
        cluster.destroy()


def test_roles_of_terraform_and_cdk_are_taken_in(
    bench: Benches, sandbox: Sandbox, hands: Hands
) -> None:
    """From a ClusterConfig that `adopt` writes; the service accounts stay Helm's.

    A role of two service accounts is used as it is, and outlives the stack.
    """
    cluster = bench(issuing=True)
    file, settings = files_of(cluster)
    place = ("--cluster", cluster.cluster, "--region", cluster.region)
    Path(file).unlink()
    with provider_of(cluster) as provider:
        estate = OtherEstate(
            sandbox=sandbox,
            cluster=cluster.cluster,
            region=cluster.region,
            provider_arn=provider,
        )
        forget_annotations(sandbox, hands)
        arns = {**estate.terraform(), **estate.cdk()}
        before = cluster.inventory()

        with Pods(sandbox, dict([*arns.items()][:3])).at_work() as pods:
            said = eks_irsa(
                "adopt",
                *place,
                "--write-config",
                file,
                "--write",
                settings,
                "--output",
                "json",
            )
            done = cluster.up()
            taken_in = cluster.inventory()
            cluster.pulumi("config", "rm", "adopt")
            cluster.preview(expect_no_changes=True)

        document = json.loads(said)
        verdicts = {
            one["serviceAccount"]: one["verdict"] for one in document["entries"]
        }
        shared = {key for key, verdict in verdicts.items() if verdict == "existing"}
        assert Counter(verdicts.values()) == {"asItIs": 21, "existing": 4}
        assert operations(done) == {
            "import Role": 21,
            "update Role": 21,
            "import RolePolicy": 12,
            "import RolePolicyAttachment": 18,
            "create ServiceAccountPatch": 25,
            "create NamespacePatch": 2,
        }
        assert plain(taken_in) == plain(announced(before, document))
        assert pods.refused == []
        cluster.destroy()
        left = {arn.rpartition("/")[2] for key, arn in arns.items() if key in shared}
        assert {*cluster.inventory().roles} & {*before.roles} >= left
        estate.remove(left)
