"""docs/blue-green.md, walked: roles that outlive the clusters that share them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import pulumi.automation as auto
import pytest
from admission import admitted
from workbench import Step, Workbench

from sandbox.control_plane import ControlPlane
from sandbox.inventory import LiveRole
from sandbox.session import Sandbox

pytestmark = pytest.mark.engine

Benches = Callable[..., Workbench]
NAME: Final = "exporter"
TRUST: Final = ("assumeRolePolicy",)


@dataclass(kw_only=True)
class Shared:
    """A role and the two clusters that share it.

    Attributes:
        roles: The stack of the role.
        blue: The stack of the cluster that goes.
        green: The stack of the cluster that comes.
        planes: The control planes of both.
        role_name: Name of the role.
    """

    sandbox: Sandbox
    roles: Workbench
    blue: Workbench
    green: Workbench
    planes: tuple[ControlPlane, ControlPlane]
    role_name: str

    @property
    def role_arn(self) -> str:
        """ARN of the role."""
        return f"arn:aws:iam::{self.sandbox.aws.account_id}:role/{self.role_name}"

    @property
    def key(self) -> str:
        """`<namespace>/<name>` of the service account in both clusters."""
        return f"{self.blue.cluster}-apps/{NAME}"

    def trust(self, *clusters: str, home: str) -> None:
        """Write file and settings of the stack of the role."""
        self.roles.cluster = home
        self.roles.entries({self.key: {"roleName": self.role_name}})
        listed = [{"name": cluster} for cluster in clusters]
        self.roles.settings(
            kubernetes="off",
            oidcProvider="existing",
            defaults={"trustedClusters": listed},
        )

    def role(self) -> LiveRole:
        """Read the role."""
        return self.roles.inventory().roles[self.role_name]

    def admitted(self) -> list[bool]:
        """Tell whose tokens open the role, blue's and green's; no wrong one does."""
        namespace = self.key.partition("/")[0]
        return [
            admitted(
                self.sandbox,
                plane,
                self.role_arn,
                namespace=namespace,
                service_account=NAME,
            )
            for plane in self.planes
        ]


@pytest.fixture(name="shared")
def _shared(
    sandbox: Sandbox, green: tuple[str, ControlPlane], bench: Benches
) -> Shared:
    """Bring up the stacks of blue and of the role; green's is yet to come."""
    name, plane = green
    blue = bench(issuing=True)
    shared = Shared(
        sandbox=sandbox,
        blue=blue,
        green=bench(beside=replace(blue, cluster=name)),
        roles=bench(beside=blue),
        planes=(sandbox.control_plane, plane),
        role_name=f"{blue.cluster}-{NAME}",
    )
    for one in (blue, shared.green):
        one.entries({shared.key: {"attachRoleARN": shared.role_arn}})
    shared.trust(home=blue.cluster)
    blue.up()
    shared.roles.up()
    return shared


def on_the_role(steps: list[Step]) -> list[tuple[str, tuple[str, ...]]]:
    """Give what was done to roles and their policies, and what changed of them."""
    return [
        (step.operation, step.changed)
        for step in steps
        if step.type.startswith("aws:iam/role")
    ]


def refusal(bench: Workbench) -> str:
    """Bring up what is refused; give what the engine prints."""
    with pytest.raises(auto.CommandError) as caught:
        bench.up()
    return " ".join(str(caught.value).split())


def test_green_takes_the_place_of_blue_and_the_role_stays(shared: Shared) -> None:
    """Its trust policy changes in place; at every step the right tokens are taken."""
    blue, green, roles = shared.blue, shared.green, shared.roles
    before = shared.role()

    shared.trust("gone", home=blue.cluster)
    gone = refusal(roles)
    shared.trust(blue.cluster, green.cluster, home=blue.cluster)
    too_early = refusal(roles)
    green.up()
    only_blue = shared.admitted()
    untouched = shared.role()
    added = on_the_role(roles.up())
    both = shared.admitted()
    shared.trust(green.cluster, blue.cluster, home=blue.cluster)
    turned = roles.preview()
    shared.trust(green.cluster, blue.cluster, home=green.cluster)
    moved = on_the_role(roles.up())
    still_both = shared.admitted()
    shared.trust(green.cluster, home=green.cluster)
    removed = on_the_role(roles.up())
    only_green = shared.admitted()
    blue.destroy()
    after, unchanged = shared.role(), roles.preview()
    left = shared.admitted()

    assert only_blue == [True, False]
    assert "defaults.trustedClusters[0]: there is no EKS cluster 'gone'" in gone
    assert "defaults.trustedClusters[1]: there is no IAM OIDC provider" in too_early
    assert untouched == before
    assert added == removed == [("update", TRUST)]
    assert turned == unchanged == []
    assert both == still_both == [True, True]
    ((operation, changed),) = moved
    assert operation == "update"
    assert changed == (
        "description",
        'tagsAll["eks-irsa/cluster"]',
        'tags["eks-irsa/cluster"]',
    )
    assert only_green == left == [False, True]
    assert after.role["RoleId"] == before.role["RoleId"]
    assert [one["Principal"] for one in after.trust_policy["Statement"]] == [
        {"Federated": green.outputs()["oidcProviderArn"]}
    ]
