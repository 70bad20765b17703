"""What asks for a role in a ClusterConfig, as models: an entry of each section.

Structure and types only, as in `model`.

Source: eksctl 0.231, pkg/apis/eksctl.io/v1alpha5 (schema.json, iam.go, addon.go).
"""

from pydantic import BaseModel, ConfigDict, Field

__all__ = [
    "Addon",
    "NamespaceConfig",
    "PodIdentityAssociation",
    "Section",
    "ServiceAccount",
    "ServiceAccountMetadata",
    "ServiceAccountStatus",
    "Texts",
    "WellKnownPolicies",
]

# null stands for the empty text.
Texts = dict[str, str | None]


class Section(BaseModel):
    """A map with a closed list of keys and exact types."""

    # Only the outermost model is ever built: `check` starts faster so.
    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, defer_build=True
    )


class ServiceAccountMetadata(Section):
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


class WellKnownPolicies(Section):
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


class ServiceAccountStatus(Section):
    """What eksctl writes into its output; accepted as input, without effect."""

    role_arn: str | None = Field(None, alias="roleARN")
    stack_name: str | None = Field(None, alias="stackName")
    tags: Texts | None = None
    capabilities: list[str | None] | None = None


class ServiceAccount(Section):
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


class PodIdentityAssociation(Section):
    """A service account that gets a role by an EKS Pod Identity association."""

    model_config = ConfigDict(
        json_schema_extra={"required": ["namespace", "serviceAccountName"]}
    )

    namespace: str | None = Field(
        None, description="Namespace of the service account, an RFC 1123 label."
    )
    service_account_name: str | None = Field(
        None,
        alias="serviceAccountName",
        description="Name of the service account, an RFC 1123 subdomain.",
    )
    create_service_account: bool | None = Field(
        None,
        alias="createServiceAccount",
        description="Make the service account too. Default: false.",
    )
    role_arn: str | None = Field(
        None,
        alias="roleARN",
        description="ARN of an existing role to use; no role is made.",
    )
    permission_policy_arns: list[str | None] | None = Field(
        None,
        alias="permissionPolicyARNs",
        description="ARNs of managed policies to attach, AWS's or your own.",
    )
    permission_policy: dict[str, object] | None = Field(
        None, alias="permissionPolicy", description="An inline policy of the role."
    )
    permission_policy_name: str | None = Field(
        None,
        alias="permissionPolicyName",
        description="Name of the inline policy. Default: `permissionPolicy`.",
    )
    well_known_policies: WellKnownPolicies | None = Field(
        None, alias="wellKnownPolicies", description="Policies by name."
    )
    role_name: str | None = Field(
        None,
        alias="roleName",
        description="Name of the role, at most 64 characters. Default: derived.",
    )
    permissions_boundary_arn: str | None = Field(
        None,
        alias="permissionsBoundaryARN",
        description="ARN of the policy that bounds what the role may do.",
    )
    tags: Texts | None = Field(
        None,
        description="Tags of role and association; they win over metadata.tags.",
    )
    target_role_arn: str | None = Field(
        None,
        alias="targetRoleARN",
        description="ARN of the role that is assumed with the first one.",
    )
    disable_session_tags: bool | None = Field(
        None,
        alias="disableSessionTags",
        description="Have EKS send no session tags. Default: false.",
    )
    policy: str | None = Field(
        None,
        description=(
            "A policy as JSON that narrows what pods may do; it needs "
            "disableSessionTags: true."
        ),
    )


class NamespaceConfig(Section):
    """Where an add-on is installed."""

    namespace: str | None = Field(
        None, description="Namespace of the add-on. Default: its own."
    )


class Addon(Section):
    """An EKS add-on, as far as it asks for roles."""

    model_config = ConfigDict(json_schema_extra={"required": ["name"]})

    name: str | None = Field(None, description="Name of the add-on.")
    service_account_role_arn: str | None = Field(
        None,
        alias="serviceAccountRoleARN",
        description="ARN of an existing role for the add-on; no role is made.",
    )
    attach_policy_arns: list[str | None] | None = Field(
        None,
        alias="attachPolicyARNs",
        description="ARNs of managed policies of a role for the add-on.",
    )
    attach_policy: dict[str, object] | None = Field(
        None,
        alias="attachPolicy",
        description="The inline policy of a role for the add-on.",
    )
    well_known_policies: WellKnownPolicies | None = Field(
        None,
        alias="wellKnownPolicies",
        description="Policies by name of a role for the add-on.",
    )
    permissions_boundary: str | None = Field(
        None,
        alias="permissionsBoundary",
        description="ARN of the policy that bounds what the role may do.",
    )
    pod_identity_associations: list[PodIdentityAssociation | None] | None = Field(
        None,
        alias="podIdentityAssociations",
        description="Roles of the add-on's service accounts, by EKS Pod Identity.",
    )
    use_default_pod_identity_associations: bool | None = Field(
        None,
        alias="useDefaultPodIdentityAssociations",
        description="Have eksctl take what EKS recommends; nothing is made here.",
    )
    namespace_config: NamespaceConfig | None = Field(
        None, alias="namespaceConfig", description="Where the add-on is installed."
    )
    configuration_values: object = Field(None, alias="configurationValues")
    owners: object = None
    publishers: object = None
    resolve_conflicts: object = Field(None, alias="resolveConflicts")
    tags: object = None
    types: object = None
    version: object = None

    @property
    def asks_for_policies(self) -> bool:
        """Whether it names policies, of which a role for IRSA is made."""
        known = self.well_known_policies
        named = bool(known and known.names())
        return bool(self.attach_policy_arns or self.attach_policy or named)
