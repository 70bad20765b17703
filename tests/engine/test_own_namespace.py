"""What people write around a service account: a namespace, a policy, a ConfigMap."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from own_programs import open_program

from sandbox.session import Sandbox, issuer_url_of

pytestmark = pytest.mark.engine

REGION: Final = "us-west-2"
PROGRAM: Final = """
import json

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as kubernetes

from eks_irsa import EksOidcProvider, IrsaServiceAccount, kubeconfig

config = pulumi.Config()
cluster = aws.eks.get_cluster_output(name=config.require("cluster"))
in_cluster = kubernetes.Provider(
    "cluster",
    kubeconfig=pulumi.Output.all(
        cluster_arn=cluster.arn,
        endpoint=cluster.endpoint,
        certificate_authority=cluster.certificate_authorities[0].data,
    ).apply(lambda known: kubeconfig(**known)),
    cluster_identifier=cluster.arn,
)
options = pulumi.ResourceOptions(provider=in_cluster)
namespace = kubernetes.core.v1.Namespace(
    "own",
    metadata={"name": config.require("cluster"), "labels": {"team": "a"}},
    opts=options,
)
statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
policy = aws.iam.Policy(
    "read",
    policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
)
provider = EksOidcProvider("own", {"cluster_name": config.require("cluster")})
reader = IrsaServiceAccount(
    "reader",
    {
        "oidc_provider_arn": provider.provider_arn,
        "namespace": namespace.metadata.name,
        "service_account_name": "reader",
        "create_namespace": False,
        "attach_policies": {"read": policy.arn},
    },
    pulumi.ResourceOptions(providers=[in_cluster]),
)
kubernetes.core.v1.ConfigMap(
    "settings",
    metadata={"name": "settings", "namespace": namespace.metadata.name},
    data={"roleArn": reader.role_arn},
    opts=options,
)
pulumi.export("roleArn", reader.role_arn)
"""


def test_a_program_may_make_namespace_policy_and_configmap_beside_a_service_account(
    sandbox: Sandbox, numbers: Iterator[int], tmp_path: Path
) -> None:
    """The API server says which kinds there are; the policy's ARN is known in `up`."""
    cluster = f"own-{next(numbers)}"
    issuer = issuer_url_of(cluster=cluster, region=REGION)
    sandbox.add_cluster(name=cluster, region=REGION, issuer_url=issuer)
    bench = open_program(
        sandbox,
        folder=tmp_path / cluster,
        program=PROGRAM,
        cluster=cluster,
        config={"cluster": cluster},
    )
    before = bench.inventory()

    bench.preview()
    bench.up()
    made = bench.inventory()
    path = f"/api/v1/namespaces/{cluster}/configmaps/settings"
    settings = sandbox.control_plane.request(method="GET", path=path).document
    unchanged = bench.up(refresh=True)
    role_arn = bench.outputs()["roleArn"]
    bench.destroy()

    assert unchanged == []
    assert made.namespaces[cluster]["metadata"]["labels"]["team"] == "a"
    assert settings["data"] == {"roleArn": role_arn}
    (policy_arn,) = made.roles[role_arn.rpartition("/")[2]].managed_policy_arns
    assert policy_arn.startswith(f"arn:aws:iam::{sandbox.aws.account_id}:policy/read-")
    left = bench.inventory()
    assert (left.roles, left.providers) == (before.roles, before.providers)
    assert cluster not in left.namespaces
