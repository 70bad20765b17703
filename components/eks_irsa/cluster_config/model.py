"""What we read of a ClusterConfig, as models; the spelling of the file is the alias.

A key that eksctl knows and we do not need is listed, so that an unknown one is seen,
and its content is not looked at. null stands for an absent key everywhere, as in
eksctl. Structure and types only: the meaning is checked in `rules`.

Source: eksctl 0.231, pkg/apis/eksctl.io/v1alpha5 (schema.json and types).
"""

from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from eks_irsa.source.findings import Path

__all__ = [
    "MODELS",
    "ClusterConfig",
    "ClusterMetadata",
    "Iam",
    "ServiceAccount",
    "ServiceAccountMetadata",
    "ServiceAccountStatus",
    "Texts",
    "WellKnownPolicies",
]

# null stands for the empty text.
Texts = dict[str, str | None]


class _Section(BaseModel):
    """A map with a closed list of keys and exact types."""

    # Only the outermost model is ever built: `check` starts faster so.
    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, defer_build=True
    )


class ServiceAccountMetadata(_Section):
    """Name, namespace, labels and annotations of the Kubernetes service account."""

    model_config = ConfigDict(json_schema_extra={"required": ["name"]})

    name: str | None = Field(
        None, description="Name of the service account, an RFC 1123 subdomain."
    )
    namespace: str | None = Field(
        None, description="Its namespace, an RFC 1123 label. Default: `default`."
    )
    labels: Texts | None = Field(None, description="Labels of the service account.")
    annotations: Texts | None = Field(
        None,
        description="Annotations of the service account; the role's ARN is added.",
    )


class WellKnownPolicies(_Section):
    """Policies by name, for controllers that nearly every cluster runs."""

    image_builder: bool | None = Field(
        None, alias="imageBuilder", description="Full access to ECR repositories."
    )
    auto_scaler: bool | None = Field(
        None, alias="autoScaler", description="What cluster-autoscaler needs."
    )
    aws_load_balancer_controller: bool | None = Field(
        None,
        alias="awsLoadBalancerController",
        description="What the AWS load balancer controller needs.",
    )
    external_dns: bool | None = Field(
        None, alias="externalDNS", description="What ExternalDNS needs."
    )
    cert_manager: bool | None = Field(
        None, alias="certManager", description="What cert-manager needs for DNS-01."
    )
    ebs_csi_controller: bool | None = Field(
        None, alias="ebsCSIController", description="What the EBS CSI driver needs."
    )
    efs_csi_controller: bool | None = Field(
        None, alias="efsCSIController", description="What the EFS CSI driver needs."
    )

    def names(self) -> tuple[str, ...]:
        """Return the names that are true, in eksctl's order."""
        return tuple(
            str(field.alias)
            for name, field in type(self).model_fields.items()
            if getattr(self, name)
        )


class ServiceAccountStatus(_Section):
    """What eksctl writes into its output; accepted as input, without effect."""

    role_arn: str | None = Field(None, alias="roleARN")
    stack_name: str | None = Field(None, alias="stackName")
    tags: Texts | None = None
    capabilities: list[str | None] | None = None


class ServiceAccount(_Section):
    """One service account and the permissions of its role."""

    model_config = ConfigDict(json_schema_extra={"required": ["metadata"]})

    metadata: ServiceAccountMetadata | None = Field(
        None, description="Name, namespace, labels and annotations."
    )
    attach_policy_arns: list[str | None] | None = Field(
        None,
        alias="attachPolicyARNs",
        description="ARNs of managed policies to attach, AWS's or your own.",
    )
    attach_policy: dict[str, object] | None = Field(
        None, alias="attachPolicy", description="An inline policy of the role."
    )
    well_known_policies: WellKnownPolicies | None = Field(
        None, alias="wellKnownPolicies", description="Policies by name."
    )
    attach_role_arn: str | None = Field(
        None,
        alias="attachRoleARN",
        description="ARN of an existing role to use; no role is made.",
    )
    permissions_boundary: str | None = Field(
        None,
        alias="permissionsBoundary",
        description="ARN of the policy that bounds what the role may do.",
    )
    role_name: str | None = Field(
        None,
        alias="roleName",
        description="Name of the role, at most 64 characters. Default: derived.",
    )
    role_only: bool | None = Field(
        None,
        alias="roleOnly",
        description="Make the role alone; the service account is not managed.",
    )
    tags: Texts | None = Field(
        None, description="Tags of the role; they win over metadata.tags."
    )
    subject_pattern: str | None = Field(
        None,
        alias="subjectPattern",
        description="Pattern (`*`, `?`) of the names that may assume the role.",
    )
    status: ServiceAccountStatus | None = Field(
        None, description="Output of eksctl; accepted, without effect."
    )

    @property
    def well_known_names(self) -> tuple[str, ...]:
        """The well-known policies that are true, in eksctl's order."""
        policies = self.well_known_policies
        return policies.names() if policies else ()

    @property
    def namespace(self) -> str:
        """Namespace of the service account, `default` if the file says none."""
        return (self.metadata.namespace if self.metadata else None) or "default"

    @property
    def name(self) -> str:
        """Name of the service account; empty if the file says none, an error."""
        return (self.metadata.name if self.metadata else None) or ""

    @property
    def key(self) -> str:
        """`<namespace>/<name>`, which identifies the entry."""
        return f"{self.namespace}/{self.name}"


class ClusterMetadata(_Section):
    """Which EKS cluster the file is about."""

    model_config = ConfigDict(json_schema_extra={"required": ["name", "region"]})

    name: str | None = Field(None, description="Name of the EKS cluster.")
    region: str | None = Field(None, description="AWS region of the EKS cluster.")
    tags: Texts | None = Field(None, description="Tags of every role.")
    annotations: Texts | None = Field(None, description="Ignored.")
    force_update_version: bool | None = Field(None, alias="forceUpdateVersion")
    rollback_config: object = Field(None, alias="rollbackConfig")
    version: str | None = None


class Iam(_Section):
    """The OIDC provider and the service accounts with their roles."""

    with_oidc: bool | None = Field(
        None,
        alias="withOIDC",
        description="Have an IAM OIDC provider for the cluster. Default: false.",
    )
    service_accounts: list[ServiceAccount | None] | None = Field(
        None, alias="serviceAccounts", description="Service accounts with a role."
    )
    pod_identity_associations: list[object] | None = Field(
        None, alias="podIdentityAssociations"
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


class ClusterConfig(_Section):
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
    addons: object = None
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
MODELS: Final[dict[Path, type[BaseModel]]] = {
    (): ClusterConfig,
    ("metadata",): ClusterMetadata,
    ("iam",): Iam,
    _ACCOUNT: ServiceAccount,
    (*_ACCOUNT, "metadata"): ServiceAccountMetadata,
    (*_ACCOUNT, "wellKnownPolicies"): WellKnownPolicies,
    (*_ACCOUNT, "status"): ServiceAccountStatus,
}
