"""The programs of examples/: preview, up, a preview without change, destroy.

What is there afterwards is read from AWS and from the API server, and everything that
was there before is still as it was.
"""

import json
import time
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from admission import admitted
from own_programs import EXAMPLES, configure, open_program
from workbench import Workbench

from sandbox.aws.clients import administrator
from sandbox.control_plane import ControlPlane
from sandbox.inventory import Inventory, take_inventory
from sandbox.proof import AUDIENCE
from sandbox.session import Sandbox, issuer_url_of

pytestmark = pytest.mark.engine

REGION = "us-west-2"
WITHIN_SECONDS = 60.0
EXPORTER = {"namespace": "reports", "service_account": "exporter"}
Open = Callable[..., Workbench]


@pytest.fixture(name="cluster")
def _cluster(sandbox: Sandbox, numbers: Iterator[int]) -> str:
    """Give a cluster of its own, by name."""
    name = f"example-{next(numbers)}"
    issuer = issuer_url_of(cluster=name, region=REGION)
    sandbox.add_cluster(name=name, region=REGION, issuer_url=issuer)
    return name


@pytest.fixture(name="opened")
def _opened(sandbox: Sandbox, tmp_path: Path) -> Generator[Open]:
    """Open examples by name, and destroy their stacks at the end."""
    benches: list[Workbench] = []

    def open_example(example: str, name: str, **config: object) -> Workbench:
        bench = open_program(
            sandbox,
            folder=tmp_path / name,
            program=EXAMPLES / example,
            cluster=name,
            config=config,
        )
        benches.append(bench)
        return bench

    yield open_example
    for bench in benches:
        bench.stack.destroy()


def provider_arn(sandbox: Sandbox, cluster: str) -> str:
    """Derive the ARN of a cluster's OIDC provider."""
    issuer = issuer_url_of(cluster=cluster, region=REGION).removeprefix("https://")
    return f"arn:aws:iam::{sandbox.aws.account_id}:oidc-provider/{issuer}"


def assert_nothing_left(before: Inventory, after: Inventory) -> None:
    """Hold the account and the cluster to what was there before, namespaces aside."""
    assert (after.providers, after.roles) == (before.providers, before.roles)
    assert after.service_accounts == before.service_accounts
    kept = {name: after.namespaces.get(name) for name in before.namespaces}
    assert kept == before.namespaces


def operations(bench: Workbench) -> set[str]:
    """Preview, and give what the engine would do, looking up aside."""
    return {step.operation for step in bench.preview()}


def test_application_has_least_privilege_and_pods_that_start_with_it(
    sandbox: Sandbox, cluster: str, opened: Open
) -> None:
    """A policy of its own is attached by an ARN known later; pods come last."""
    iam = administrator(sandbox.aws, "iam")
    arn = iam.create_open_id_connect_provider(
        Url=issuer_url_of(cluster=cluster, region=REGION), ClientIDList=[AUDIENCE]
    )["OpenIDConnectProviderArn"]
    before = take_inventory(sandbox)
    bench = opened(
        "application",
        cluster,
        cluster=cluster,
        namespace=cluster,
        image="worker:1",
        bucketArn="arn:aws:s3:::receipts",
        queueArn="arn:aws:sqs:us-west-2:111122223333:incoming",
        keyArn="arn:aws:kms:us-west-2:111122223333:key/0d9a1e2c",
    )

    previewed = operations(bench)
    bench.up()
    made, outputs = bench.inventory(), bench.outputs()
    pods = await_pods(sandbox, cluster, count=2)
    unchanged = bench.preview()
    bench.destroy()
    await_pods(sandbox, cluster, count=0)

    account = made.service_accounts[f"{cluster}/worker"]
    (role,) = [made.roles[name] for name in made.roles.keys() - before.roles.keys()]
    assert (previewed, unchanged) == ({"create"}, [])
    assert {
        name: document["Statement"][0]["Resource"]
        for name, document in role.inline_policies.items()
    } == {
        "receipts": "arn:aws:s3:::receipts/*",
        "incoming": "arn:aws:sqs:us-west-2:111122223333:incoming",
    }
    (attached,) = role.managed_policy_arns
    assert attached.startswith(f"arn:aws:iam::{sandbox.aws.account_id}:policy/encrypt-")
    assert role.subjects == (f"system:serviceaccount:{cluster}:worker",)
    assert account["metadata"]["annotations"] == {
        "eks.amazonaws.com/role-arn": outputs["roleArn"]
    }
    for pod in pods:
        assert pod["spec"]["serviceAccountName"] == "worker"
        created = pod["metadata"]["creationTimestamp"]
        assert created >= account["metadata"]["creationTimestamp"]
    assert_nothing_left(before, take_inventory(sandbox))
    iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=arn)


def await_pods(sandbox: Sandbox, namespace: str, *, count: int) -> list[dict[str, Any]]:
    """Wait until a namespace has so many pods, which controllers make and remove."""
    path = f"/api/v1/namespaces/{namespace}/pods"
    until = time.monotonic() + WITHIN_SECONDS
    while True:
        pods = sandbox.control_plane.request(method="GET", path=path).document["items"]
        if len(pods) == count:
            return list(pods)
        assert time.monotonic() < until, f"{len(pods)} pods, not {count}"
        time.sleep(0.1)  # between two looks


def test_platform_hands_the_roles_of_its_controllers_to_helm_values(
    sandbox: Sandbox, cluster: str, opened: Open
) -> None:
    """Every role is known in the first preview, and narrowed to cluster and zones."""
    before = take_inventory(sandbox)
    bench = opened("platform", cluster, cluster=cluster, hostedZones=["Z1", "Z2"])

    previewed = operations(bench)
    bench.up()
    made, values = bench.inventory(), bench.outputs()["helmValues"]
    unchanged = bench.preview()
    bench.destroy()

    subjects = {
        name.removeprefix(f"{cluster}-"): made.roles[name].subjects
        for name in made.roles.keys() - before.roles.keys()
    }
    named = [
        values["aws-load-balancer-controller"]["serviceAccount"],
        values["external-dns"]["serviceAccount"],
        values["cluster-autoscaler"]["rbac"]["serviceAccount"],
        values["cert-manager"]["serviceAccount"],
        values["aws-ebs-csi-driver"]["controller"]["serviceAccount"],
    ]
    assert (previewed, unchanged) == ({"create"}, [])
    assert subjects == {
        name: (f"system:serviceaccount:{namespace}:{name}",)
        for name, namespace in (
            ("aws-load-balancer-controller", "kube-system"),
            ("external-dns", "external-dns"),
            ("cluster-autoscaler", "kube-system"),
            ("cert-manager", "cert-manager"),
            ("ebs-csi-controller-sa", "kube-system"),
        )
    }
    for one in named:
        role_arn = one["annotations"]["eks.amazonaws.com/role-arn"]
        assert role_arn == made.roles[f"{cluster}-{one['name']}"].role["Arn"]
    zones = made.roles[f"{cluster}-external-dns"].inline_policies["zones"]
    assert zones["Statement"][0]["Resource"] == [
        "arn:aws:route53:::hostedzone/Z1",
        "arn:aws:route53:::hostedzone/Z2",
    ]
    balancers = made.roles[f"{cluster}-aws-load-balancer-controller"]
    text = json.dumps(balancers.inline_policies["load-balancers"])
    assert f'"aws:ResourceTag/elbv2.k8s.aws/cluster": "{cluster}"' in text
    assert '"aws:ResourceTag/elbv2.k8s.aws/cluster": "false"' not in text
    assert made.service_accounts == before.service_accounts
    assert_nothing_left(before, take_inventory(sandbox))


def test_a_new_clusters_first_preview_works_and_its_second_run_replaces_nothing(
    sandbox: Sandbox, opened: Open, numbers: Iterator[int]
) -> None:
    """Issuer and kubeconfig are unknown before the cluster exists."""
    before = take_inventory(sandbox)
    subnets = ["subnet-1", "subnet-2"]
    bench = opened("new-cluster", f"new-{next(numbers)}", subnetIds=subnets)

    previewed = operations(bench)
    bench.up()
    made, outputs = bench.inventory(), bench.outputs()
    unchanged = bench.preview()
    again = bench.up(refresh=True)
    bench.destroy()

    account = made.service_accounts["backend-apps/s3-reader"]
    trusted = provider_arn(sandbox, outputs["cluster"])
    assert (previewed, unchanged, again) == ({"create"}, [], [])
    assert made.providers.keys() - before.providers.keys() == {trusted}
    assert account["metadata"]["annotations"] == {
        "eks.amazonaws.com/role-arn": outputs["roleArn"]
    }
    assert_nothing_left(before, take_inventory(sandbox))


def test_two_clusters_share_a_role_until_one_is_taken_away_in_place(
    sandbox: Sandbox,
    green: tuple[str, ControlPlane],
    opened: Open,
    numbers: Iterator[int],
) -> None:
    """Tokens of both are admitted, then only the owner's, to the very same role."""
    blue = f"blue-{next(numbers)}"
    sandbox.add_cluster(name=blue, region=REGION)
    planes = (sandbox.control_plane, green[1])
    before = take_inventory(sandbox)
    bench = opened("two-clusters", blue, owner=blue, others=[green[0]])

    previewed = operations(bench)
    bench.up()
    role_arn = bench.outputs()["roleArn"]
    name = role_arn.rpartition("/")[2]
    shared = bench.inventory().roles[name]
    both = [admitted(sandbox, plane, role_arn, **EXPORTER) for plane in planes]
    unchanged = bench.preview()
    configure(bench, owner=blue, others=[])
    taken_away = bench.up()
    alone = bench.inventory().roles[name]
    one = [admitted(sandbox, plane, role_arn, **EXPORTER) for plane in planes]
    bench.destroy()

    assert (previewed, unchanged) == ({"create"}, [])
    assert len(shared.trust_policy["Statement"]) == 2
    assert set(shared.subjects) == {"system:serviceaccount:reports:exporter"}
    assert (both, one) == ([True, True], [True, False])
    changed = {step.name: step.operation for step in taken_away}
    assert changed[f"{blue}-exporter-role"] == "update"
    assert {one for key, one in changed.items() if blue not in key} == {"delete"}
    assert alone.role["RoleId"] == shared.role["RoleId"]
    (left,) = alone.trust_policy["Statement"]
    assert left in shared.trust_policy["Statement"]
    assert_nothing_left(before, take_inventory(sandbox))
