"""`aws:eks/cluster:Cluster`.

Source:
    hashicorp/terraform-provider-aws, internal/service/eks/cluster.go
"""

from typing import Final

from typing_extensions import override

from sandbox.plugins.aws.account import Account
from sandbox.plugins.aws.eks_cluster import NO_CLUSTER, find_cluster
from sandbox.plugins.aws.fields import READ_ONLY, TAGS, Field, Kind, schema, uncovered
from sandbox.plugins.aws.resource_type import ResourceType, Update, given_or_none, text
from sandbox.plugins.aws.validators import arn
from sandbox.plugins.refusal import NotCovered
from sandbox.plugins.values import Properties

__all__ = ["Cluster"]

_LONGEST_NAME: Final = 100


class Cluster(ResourceType):
    """A cluster, in front of the sandbox's API server; nothing of it can be changed."""

    token = "aws:eks/cluster:Cluster"  # noqa: S105 (a type token)
    fields = schema(
        arn=READ_ONLY,
        certificateAuthority=READ_ONLY,
        createdAt=READ_ONLY,
        endpoint=READ_ONLY,
        identities=READ_ONLY,
        name=Field(
            required=True,
            replaces=True,
            longest_autoname=_LONGEST_NAME,
        ),
        platformVersion=READ_ONLY,
        roleArn=Field(required=True, replaces=True, validators=(arn,)),
        status=READ_ONLY,
        tags=TAGS,
        tagsAll=Field(kind=Kind.TEXT_MAP, read_only=True),
        version=Field(computed=True),
        vpcConfig=Field(kind=Kind.OBJECT, required=True),
        **uncovered(
            "accessConfig",
            "bootstrapSelfManagedAddons",
            "computeConfig",
            "controlPlaneScalingConfig",
            "defaultAddonsToRemoves",
            "deletionProtection",
            "enabledClusterLogTypes",
            "encryptionConfig",
            "forceUpdateVersion",
            "kubeApiServerConfig",
            "kubeControllerManagerConfig",
            "kubeSchedulerConfig",
            "kubernetesNetworkConfig",
            "outpostConfig",
            "region",
            "remoteNetworkConfig",
            "storageConfig",
            "upgradePolicy",
            "zonalShiftConfig",
        ),
    )

    @override
    def create(self, account: Account, inputs: Properties) -> str:
        name = text(inputs, "name")
        account.attempt(
            f"creating EKS Cluster ({name})",
            "eks",
            "CreateCluster",
            name=name,
            roleArn=inputs["roleArn"],
            resourcesVpcConfig=inputs["vpcConfig"],
            tags=given_or_none(inputs, "tags"),
            version=given_or_none(inputs, "version"),
        )
        return name

    @override
    def find(
        self, account: Account, resource_id: str, recorded: Properties
    ) -> Properties | None:
        found = find_cluster(account, resource_id, region=account.region)
        if found is None:
            return None
        authorities = found["certificateAuthorities"]
        assert isinstance(authorities, list)  # noqa: S101 (as `find_cluster` makes it)
        return {
            **{
                key: one
                for key, one in found.items()
                if key in self.fields and self.fields[key].covered
            },
            "certificateAuthority": authorities[0],
            "id": resource_id,
            "tagsAll": found["tags"],
        }

    @override
    def change(self, account: Account, resource_id: str, update: Update) -> None:
        what = f"a change of an EKS cluster's {update.changed[0]}"
        raise NotCovered(plugin="aws", what=what)

    @override
    def remove(self, account: Account, resource_id: str, state: Properties) -> None:
        account.attempt(
            f"deleting EKS Cluster ({resource_id})",
            "eks",
            "DeleteCluster",
            unless=NO_CLUSTER,
            name=resource_id,
        )
