"""A cluster that was deleted, and one that was made again under its name."""

from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager
from typing import Final

import pytest
from config_texts import cluster_13
from hands import Hands
from pulumi.automation.errors import CommandError
from reliability.faults import NoFault
from workbench import Workbench

from sandbox.aws.clients import administrator
from sandbox.control_plane.front import serve_front
from sandbox.session import Sandbox

pytestmark = pytest.mark.engine

Benches = Callable[..., Workbench]

KEY: Final = "apps/a"


class Cluster:
    """An EKS cluster whose API server can go away."""

    def __init__(self, bench: Workbench, hands: Hands, door: ExitStack) -> None:
        """Put the API server behind a door of its own, and bring the stack up."""
        self.bench = bench
        self._hands = hands
        self._door = door
        self.key = f"{bench.cluster}-{KEY}"
        front = serve_front(bench.sandbox.control_plane, NoFault())
        self._delete_in_eks()
        self._add(bench.issuer_url, endpoint=door.enter_context(front))
        bench.up()

    def delete(self) -> None:
        """Delete the cluster: EKS, the API server and what was in it are gone."""
        self._delete_in_eks()
        self._door.close()
        self._hands.delete_service_account(self.key)
        self._hands.delete_namespace(self.key.partition("/")[0])

    def make_again(self) -> str:
        """Make a cluster of the same name, with nothing in it; give its issuer."""
        issuer = f"{self.bench.issuer_url[:-4]}0NEW"
        self._add(issuer)
        return issuer

    @contextmanager
    def deleting_unreachable(self) -> Generator[None]:
        """Have the Kubernetes plugin forget what it cannot reach, as docs say."""
        workspace = self.bench.stack.workspace
        before = workspace.env_vars
        workspace.env_vars = {**before, "PULUMI_K8S_DELETE_UNREACHABLE": "true"}
        try:
            yield
        finally:
            workspace.env_vars = before

    def _delete_in_eks(self) -> None:
        eks = administrator(self.bench.sandbox.aws, "eks", region=self.bench.region)
        eks.delete_cluster(name=self.bench.cluster)

    def _add(self, issuer_url: str, *, endpoint: str | None = None) -> None:
        self.bench.sandbox.add_cluster(
            name=self.bench.cluster,
            region=self.bench.region,
            issuer_url=issuer_url,
            endpoint=endpoint,
        )


@pytest.fixture(name="cluster")
def _cluster(bench: Benches, hands: Hands) -> Iterator[Cluster]:
    with ExitStack() as door:
        it = bench(config=cluster_13(f"cluster-13-{KEY}"))
        yield Cluster(it, hands, door)


def test_destroy_after_the_cluster_is_gone(cluster: Cluster, sandbox: Sandbox) -> None:
    """What was in the cluster went with it; roles and provider are deleted."""
    cluster.delete()

    with pytest.raises(CommandError, match="cluster is unreachable"):
        cluster.bench.destroy()
    with cluster.deleting_unreachable():
        cluster.bench.destroy()

    assert cluster.bench.resources() == []
    roles = administrator(sandbox.aws, "iam").list_roles()["Roles"]
    mine = f"{cluster.bench.cluster}-"
    assert [one for one in roles if one["RoleName"].startswith(mine)] == []


def test_a_cluster_that_was_made_again_is_filled_again(
    cluster: Cluster, hands: Hands
) -> None:
    """A preview warns, and the run it names makes everything in the new one."""
    cluster.delete()
    issuer = cluster.make_again()

    cluster.bench.preview()
    warned = " ".join("".join(cluster.bench.output).split())
    with cluster.deleting_unreachable():
        cluster.bench.up(refresh=True)
    outputs = cluster.bench.outputs()
    cluster.bench.up()

    assert "has another OIDC issuer than before" in warned
    role_arn = outputs["serviceAccounts"][cluster.key]["roleArn"]
    assert outputs["oidcProviderArn"].endswith(issuer.removeprefix("https://"))
    assert hands.role_arn(cluster.key) == role_arn
    cluster.bench.preview(expect_no_changes=True)
