"""`aws:eks/cluster:Cluster`.

Source:
    hashicorp/terraform-provider-aws, internal/service/eks/cluster.go
"""

from collections.abc import Sequence
from typing import Final

from typing_extensions import override

from sandbox.plugins.aws.account import Account, ServiceError, failed
from sandbox.plugins.aws.eks_cluster import find_cluster
from sandbox.plugins.aws.fields import Field, Kind, uncovered
from sandbox.plugins.aws.resource_type import ResourceType, given_or_none, text
from sandbox.plugins.aws.validators import arn
from sandbox.plugins.refusal import NotCovered
from sandbox.plugins.values import Properties

__all__ = ["Cluster"]

_LONGEST_NAME: Final = 100


class Cluster(ResourceType):
    """A cluster, in front of the sandbox's API server; nothing of it can be changed."""

    token = "aws:eks/cluster:Cluster"  # noqa: S105 (a type token)
    fields = {  # noqa: RUF012 (the base class says ClassVar)
        "arn": Field(terraform_name="arn", read_only=True),
        "certificateAuthority": Field(
            terraform_name="certificate_authority", read_only=True
        ),
        "createdAt": Field(terraform_name="created_at", read_only=True),
        "endpoint": Field(terraform_name="endpoint", read_only=True),
        "identities": Field(terraform_name="identity", read_only=True),
        "name": Field(
            terraform_name="name",
            required=True,
            replaces=True,
            longest_autoname=_LONGEST_NAME,
        ),
        "platformVersion": Field(terraform_name="platform_version", read_only=True),
        "roleArn": Field(
            terraform_name="role_arn", required=True, replaces=True, validators=(arn,)
        ),
        "status": Field(terraform_name="status", read_only=True),
        "tags": Field(terraform_name="tags", kind=Kind.TEXT_MAP),
        "tagsAll": Field(terraform_name="tags_all", kind=Kind.TEXT_MAP, read_only=True),
        "version": Field(terraform_name="version", computed=True),
        "vpcConfig": Field(
            terraform_name="vpc_config", kind=Kind.OBJECT, required=True
        ),
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
    }

    @override
    def create(self, account: Account, inputs: Properties) -> str:
        name = text(inputs, "name")
        try:
            account.call(
                "eks",
                "CreateCluster",
                name=name,
                roleArn=inputs["roleArn"],
                resourcesVpcConfig=inputs["vpcConfig"],
                tags=given_or_none(inputs, "tags"),
                version=given_or_none(inputs, "version"),
            )
        except ServiceError as error:
            message = f"creating EKS Cluster ({name}): {error}"
            raise failed(message) from error
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
    def change(
        self,
        account: Account,
        resource_id: str,
        olds: Properties,
        news: Properties,
        changed: Sequence[str],
    ) -> None:
        what = f"a change of an EKS cluster's {changed[0]}"
        raise NotCovered(plugin="aws", what=what)

    @override
    def remove(self, account: Account, resource_id: str, state: Properties) -> None:
        try:
            account.call("eks", "DeleteCluster", name=resource_id)
        except ServiceError as error:
            if error.code == "ResourceNotFoundException":
                return
            message = f"deleting EKS Cluster ({resource_id}): {error}"
            raise failed(message) from error
