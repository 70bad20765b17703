"""What we read of a ClusterConfig, as models; the spelling of the file is the alias.

A key that eksctl knows and we do not need is listed, so that an unknown one is seen,
and its content is not looked at. null stands for an absent key everywhere, as in
eksctl. Structure and types only: the meaning is checked in `rules`.

Source: eksctl 0.231, pkg/apis/eksctl.io/v1alpha5 (schema.json and types).
"""

from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from eks_irsa.cluster_config.entry_models import (
    Addon,
    NamespaceConfig,
    PodIdentityAssociation,
    Section,
    ServiceAccount,
    ServiceAccountMetadata,
    ServiceAccountStatus,
    Texts,
    WellKnownPolicies,
)
from eks_irsa.source.findings import Path

__all__ = ["MODELS", "ClusterConfig", "ClusterMetadata", "Iam"]


class ClusterMetadata(Section):
    """Which EKS cluster the file is about."""

    model_config = ConfigDict(json_schema_extra={"required": ["name", "region"]})

    name: str | None = Field(None, description="Name of the EKS cluster.")
    region: str | None = Field(None, description="AWS region of the EKS cluster.")
    tags: Texts | None = Field(None, description="Tags of every role.")
    annotations: Texts | None = Field(None, description="Ignored.")
    force_update_version: bool | None = Field(None, alias="forceUpdateVersion")
    rollback_config: object = Field(None, alias="rollbackConfig")
    version: str | None = None


class Iam(Section):
    """The OIDC provider and the service accounts with their roles."""

    with_oidc: bool | None = Field(
        None,
        alias="withOIDC",
        description="Have an IAM OIDC provider for the cluster. Default: false.",
    )
    service_accounts: list[ServiceAccount | None] | None = Field(
        None, alias="serviceAccounts", description="Service accounts with a role."
    )
    pod_identity_associations: list[PodIdentityAssociation | None] | None = Field(
        None,
        alias="podIdentityAssociations",
        description="Service accounts that get a role by EKS Pod Identity.",
    )
    service_role_arn: str | None = Field(None, alias="serviceRoleARN")
    service_role_permissions_boundary: str | None = Field(
        None, alias="serviceRolePermissionsBoundary"
    )
    fargate_pod_execution_role_arn: str | None = Field(
        None, alias="fargatePodExecutionRoleARN"
    )
    fargate_pod_execution_role_permissions_boundary: str | None = Field(
        None, alias="fargatePodExecutionRolePermissionsBoundary"
    )
    vpc_resource_controller_policy: bool | None = Field(
        None, alias="vpcResourceControllerPolicy"
    )


class ClusterConfig(Section):
    """An eksctl ClusterConfig, as far as IAM roles for service accounts go."""

    model_config = ConfigDict(
        json_schema_extra={"required": ["apiVersion", "kind", "metadata"]}
    )

    api_version: str | None = Field(
        None, alias="apiVersion", description="Always `eksctl.io/v1alpha5`."
    )
    kind: str | None = Field(None, description="Always `ClusterConfig`.")
    metadata: ClusterMetadata | None = Field(None, description="Which cluster.")
    iam: Iam | None = Field(None, description="Who gets which AWS permissions.")
    access_config: object = Field(None, alias="accessConfig")
    addons: list[Addon | None] | None = Field(
        None, description="EKS add-ons; only their roles are looked at."
    )
    addons_config: object = Field(None, alias="addonsConfig")
    auto_mode_config: object = Field(None, alias="autoModeConfig")
    availability_zones: object = Field(None, alias="availabilityZones")
    capabilities: object = None
    cloud_watch: object = Field(None, alias="cloudWatch")
    control_plane_scaling_config: object = Field(
        None, alias="controlPlaneScalingConfig"
    )
    fargate_profiles: object = Field(None, alias="fargateProfiles")
    gitops: object = None
    iam_identity_mappings: object = Field(None, alias="iamIdentityMappings")
    identity_providers: object = Field(None, alias="identityProviders")
    karpenter: object = None
    kube_api_server_config: object = Field(None, alias="kubeAPIServerConfig")
    kube_controller_manager_config: object = Field(
        None, alias="kubeControllerManagerConfig"
    )
    kube_scheduler_config: object = Field(None, alias="kubeSchedulerConfig")
    kubernetes_network_config: object = Field(None, alias="kubernetesNetworkConfig")
    local_zones: object = Field(None, alias="localZones")
    managed_node_groups: object = Field(None, alias="managedNodeGroups")
    node_groups: object = Field(None, alias="nodeGroups")
    outpost: object = None
    private_cluster: object = Field(None, alias="privateCluster")
    remote_network_config: object = Field(None, alias="remoteNetworkConfig")
    secrets_encryption: object = Field(None, alias="secretsEncryption")
    upgrade_policy: object = Field(None, alias="upgradePolicy")
    vpc: object = None
    zonal_shift_config: object = Field(None, alias="zonalShiftConfig")


_ACCOUNT: Final[Path] = ("iam", "serviceAccounts", -1)
_ASSOCIATION: Final[Path] = ("iam", "podIdentityAssociations", -1)
_ADDON: Final[Path] = ("addons", -1)
_OF_ADDON: Final[Path] = (*_ADDON, "podIdentityAssociations", -1)
MODELS: Final[dict[Path, type[BaseModel]]] = {
    (): ClusterConfig,
    ("metadata",): ClusterMetadata,
    ("iam",): Iam,
    _ACCOUNT: ServiceAccount,
    (*_ACCOUNT, "metadata"): ServiceAccountMetadata,
    (*_ACCOUNT, "wellKnownPolicies"): WellKnownPolicies,
    (*_ACCOUNT, "status"): ServiceAccountStatus,
    _ASSOCIATION: PodIdentityAssociation,
    (*_ASSOCIATION, "wellKnownPolicies"): WellKnownPolicies,
    _ADDON: Addon,
    (*_ADDON, "wellKnownPolicies"): WellKnownPolicies,
    (*_ADDON, "namespaceConfig"): NamespaceConfig,
    _OF_ADDON: PodIdentityAssociation,
    (*_OF_ADDON, "wellKnownPolicies"): WellKnownPolicies,
}
