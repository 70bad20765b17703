"""AWS's managed policies as data: the content is moto's, and nothing else is known."""

import json
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import pytest
from golden_files import GoldenFiles
from moto.iam.aws_managed_policies import aws_managed_policies_data

from eks_irsa.documents.aws_managed_policies import (
    aws_managed_policies_source,
    aws_managed_policy,
)
from eks_irsa.documents.policy_statements import read_policy

PACKAGE: Final = Path(__file__).parents[2] / "components/eks_irsa"
# What a ClusterConfig of this kind attaches: eksctl's examples, the controllers a
# cluster needs first, applications that read S3, DynamoDB, ElastiCache, queues and
# secrets, and what is given as a permissions boundary. ReadOnlyAccess and
# ViewOnlyAccess are left out: a hundred kilobytes that change every week.
NAMES: Final = (
    "AWSXRayDaemonWriteAccess",
    "AWSXrayWriteOnlyAccess",
    "AdministratorAccess",
    "AmazonDynamoDBFullAccess",
    "AmazonDynamoDBReadOnlyAccess",
    "AmazonEC2ContainerRegistryPowerUser",
    "AmazonEC2ContainerRegistryPullOnly",
    "AmazonEC2ContainerRegistryReadOnly",
    "AmazonEC2FullAccess",
    "AmazonEC2ReadOnlyAccess",
    "AmazonEKS_CNI_Policy",
    "AmazonElastiCacheFullAccess",
    "AmazonElastiCacheReadOnlyAccess",
    "AmazonKinesisFullAccess",
    "AmazonKinesisReadOnlyAccess",
    "AmazonPrometheusQueryAccess",
    "AmazonPrometheusRemoteWriteAccess",
    "AmazonRoute53FullAccess",
    "AmazonRoute53ReadOnlyAccess",
    "AmazonS3FullAccess",
    "AmazonS3ReadOnlyAccess",
    "AmazonSNSFullAccess",
    "AmazonSNSReadOnlyAccess",
    "AmazonSQSFullAccess",
    "AmazonSQSReadOnlyAccess",
    "AmazonSSMReadOnlyAccess",
    "AutoScalingFullAccess",
    "CloudWatchAgentServerPolicy",
    "CloudWatchLogsFullAccess",
    "ElasticLoadBalancingFullAccess",
    "IAMReadOnlyAccess",
    "PowerUserAccess",
    "SecretsManagerReadWrite",
    "service-role/AmazonEBSCSIDriverPolicy",
    "service-role/AmazonEFSCSIDriverPolicy",
)


def test_content_is_that_of_the_pinned_moto(request: pytest.FixtureRequest) -> None:
    """`--update-golden` takes it over again after moto was raised."""
    theirs: dict[str, dict[str, Any]] = json.loads(aws_managed_policies_data)
    entries: dict[str, object] = {}
    for name in NAMES:
        path, _, last = name.rpartition("/")
        entry = theirs[last]
        assert entry["Path"] == (f"/{path}/" if path else "/")
        entries[name] = {
            "version": entry["DefaultVersionId"],
            "updated": entry["UpdateDate"][:10],
            "document": entry["Document"],
        }
    file = {
        "source": f"moto {version('moto')}, moto/iam/aws_managed_policies.py",
        "newest": max(entry["UpdateDate"] for entry in theirs.values())[:10],
        "policies": entries,
    }

    kept = GoldenFiles(
        folder=PACKAGE / "documents",
        test=request.node.nodeid,
        update=bool(request.config.getoption("--update-golden")),
    )

    kept("aws_managed_policies.json", json.dumps(file))


@pytest.mark.parametrize("name", NAMES)
def test_each_can_be_read(name: str) -> None:
    """Whatever is kept means something to the one reader of policies."""
    policy = aws_managed_policy(f"arn:aws:iam::aws:policy/{name}")

    assert policy is not None
    assert read_policy(policy.document)


@pytest.mark.parametrize(
    "arn",
    [
        pytest.param("arn:aws:iam::aws:policy/ReadOnlyAccess", id="not kept"),
        pytest.param(
            "arn:aws-cn:iam::aws:policy/AmazonS3ReadOnlyAccess", id="another partition"
        ),
        pytest.param(
            "arn:aws:iam::111122223333:policy/AmazonS3ReadOnlyAccess", id="a customer's"
        ),
    ],
)
def test_of_every_other_policy_nothing_is_known(arn: str) -> None:
    """A policy of the same name elsewhere may say anything."""
    assert aws_managed_policy(arn) is None


def test_source_is_named_with_its_date() -> None:
    """A reader must know how old the content may be."""
    assert aws_managed_policies_source() == (
        "moto 5.2.5, moto/iam/aws_managed_policies.py, which holds AWS's changes up to "
        "2026-09-30"
    )
