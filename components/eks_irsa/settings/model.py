"""The settings of a stack, as a model; the spelling of the stack file is the alias.

Everything has a default but the ClusterConfig. What is plain text in Pulumi's
configuration stays text; maps and lists are JSON there.
"""

from typing import Final, Literal

from pydantic import BaseModel, Field

from eks_irsa.documents.limits import Limits
from eks_irsa.documents.trust_policy import DEFAULT_AUDIENCE
from eks_irsa.settings.adoption import Adoption
from eks_irsa.settings.house_rules import HouseRuleSettings
from eks_irsa.settings.sections import Pattern, Section
from eks_irsa.source.findings import Path

__all__ = [
    "MODELS",
    "TRUSTED_CLUSTER",
    "LimitSettings",
    "RoleSettings",
    "Settings",
    "TrustedCluster",
]

DEFAULT_MANAGED_BY: Final = "eks-irsa"
TRUSTED_CLUSTER: Final[Path] = ("trustedClusters", -1)
_DEFAULTS: Final = Limits()


class TrustedCluster(Section):
    """A further cluster whose service accounts may assume a role."""

    name: str | None = Field(None, description="Name of the EKS cluster.")
    region: str | None = Field(
        None, description="Its AWS region. Default: that of the ClusterConfig."
    )
    oidc_provider: str | None = Field(
        None,
        alias="oidcProvider",
        description=(
            "In place of name and region, for a cluster that cannot be described, such "
            "as one in another AWS account: ARN of the IAM OIDC provider that the "
            "AWS account of the roles has for its issuer."
        ),
    )


class RoleSettings(Section):
    """What entries get besides what the file says of them.

    A field that `identity` knows is laid under the file or over it by its name alone.
    """

    identity: Literal["irsa", "podIdentity", "both"] | None = Field(
        None,
        description=(
            "By which way pods get the role: irsa, podIdentity, or both, which is the "
            "step between the two. Default: that of the section of the file."
        ),
    )
    association_id: str | None = Field(
        None,
        alias="associationId",
        description=(
            "Id of an EKS Pod Identity association that exists, `a-...`, to take in; "
            "for one entry alone. Default: none."
        ),
    )
    role_name: str | None = Field(
        None,
        alias="roleName",
        description=(
            "Name of the role, 1 to 64 characters, in place of the file's; for one "
            "entry alone. Default: the file's, or one that is derived."
        ),
    )
    role_description: str | None = Field(
        None,
        alias="roleDescription",
        description=(
            "Description of the role; empty for none; for one entry alone. Default: "
            "which service account of which cluster it is for."
        ),
    )
    inline_policy_names: dict[str, str] | None = Field(
        None,
        alias="inlinePolicyNames",
        description=(
            "Inline policy of the entry, such as attachPolicy -> its name in IAM; for "
            "one entry alone. Default: the same names."
        ),
    )
    permissions_boundary: str | None = Field(
        None,
        alias="permissionsBoundary",
        description=(
            "ARN of the policy that bounds what the role may do; empty for none, which "
            "takes an entry out of a default."
        ),
    )
    role_path: str | None = Field(
        None,
        alias="rolePath",
        description="Path of the role, begins and ends with '/'. Default: '/'.",
    )
    tags: dict[str, str] | None = Field(None, description="Tags of the role.")
    max_session_duration_seconds: int | None = Field(
        None,
        alias="maxSessionDurationSeconds",
        description="Longest session of the role, 3600 to 43200. Default: 3600.",
    )
    image_pull_secrets: list[Pattern] | None = Field(
        None,
        alias="imagePullSecrets",
        description="Names of the secrets that pods pull images with. Default: none.",
    )
    named_policies: dict[str, object] | None = Field(
        None,
        alias="namedPolicies",
        description=(
            "Policies by name beside those of the file: name -> parameter -> text or "
            "list of texts; 'eks-irsa policies' lists them. Default: none."
        ),
    )
    trusted_clusters: list[TrustedCluster | None] | None = Field(
        None,
        alias="trustedClusters",
        description=(
            "Further clusters whose service account of the same namespace and name "
            "may assume the role, in any order. Default: none."
        ),
    )
    managed_by_label: str | None = Field(
        None,
        alias="managedByLabel",
        description=(
            "Value of the label app.kubernetes.io/managed-by on service "
            "accounts that are created; empty for no label. Default: eks-irsa."
        ),
    )

    @classmethod
    def alias_of(cls, field: str) -> str:
        """Return how the stack file spells a field."""
        return cls.model_fields[field].alias or field


class LimitSettings(Section):
    """Quotas that AWS raised."""

    managed_policies_per_role: int = Field(
        _DEFAULTS.managed_policies_per_role, alias="managedPoliciesPerRole", ge=1
    )
    trust_policy_characters: int = Field(
        _DEFAULTS.trust_policy_characters, alias="trustPolicyCharacters", ge=1
    )
    inline_policy_characters: int = Field(
        _DEFAULTS.inline_policy_characters, alias="inlinePolicyCharacters", ge=1
    )
    tags_per_role: int = Field(_DEFAULTS.tags_per_role, alias="tagsPerRole", ge=1)
    annotation_bytes: int = Field(
        _DEFAULTS.annotation_bytes, alias="annotationBytes", ge=1
    )
    roles_per_account: int = Field(
        _DEFAULTS.roles_per_account, alias="rolesPerAccount", ge=1
    )
    oidc_providers_per_account: int = Field(
        _DEFAULTS.oidc_providers_per_account, alias="oidcProvidersPerAccount", ge=1
    )

    def limits(self) -> Limits:
        """Return the limits these settings set."""
        return Limits(**self.model_dump())


class Settings(Section):
    """All settings of a stack."""

    cluster_config: str | None = Field(
        None,
        alias="clusterConfig",
        description="Path of the ClusterConfig file, from the folder of Pulumi.yaml.",
    )
    account_id: str | None = Field(
        None,
        alias="accountId",
        description=(
            "AWS account the cluster must be in, 12 digits; any other is refused. "
            "Default: any."
        ),
    )
    audience: str = Field(
        DEFAULT_AUDIENCE,
        description=(
            "Audience of the tokens that roles trust. Default: sts.amazonaws.com."
        ),
    )
    oidc_provider: Literal["auto", "managed", "existing"] = Field(
        "auto",
        alias="oidcProvider",
        description=(
            "auto: use the cluster's IAM OIDC provider or make one; managed: it is "
            "this stack's; existing: it is only read. Default: auto."
        ),
    )
    kubernetes: Literal["on", "off"] = Field(
        "on",
        description=(
            "off: make roles and policies only, nothing in the cluster. Default: on."
        ),
    )
    kubeconfig: str | None = Field(
        None,
        description=(
            "Kubeconfig (content or path) for another API server endpoint, such as a "
            "tunnel. Default: the endpoint EKS describes."
        ),
    )
    create_namespaces: bool = Field(
        True,  # noqa: FBT003 - the default of a field
        alias="createNamespaces",
        description="false: namespaces are made by another tool. Default: true.",
    )
    patch_existing: list[Pattern] = Field(
        [],
        alias="patchExisting",
        description=(
            "Entries, '<namespace>/<name>' or globs, whose service account exists "
            "already and is annotated in place. Default: none."
        ),
    )
    # Not as values: pydantic 2.11.0 cannot put those into a JSON Schema.
    defaults: RoleSettings = Field(
        default_factory=RoleSettings.model_construct,
        description="For every entry, where the file does not say otherwise.",
    )
    overrides: dict[str, RoleSettings] = Field(
        {},
        description=(
            "'<namespace>/<name>' or glob -> settings that win over the file; a full "
            "name wins over a glob."
        ),
    )
    adopt: dict[str, Adoption] = Field(
        {},
        description=(
            "'<namespace>/<name>' -> what exists of it and is imported by the next "
            "run; taken out again after it, which changes nothing. Default: none."
        ),
    )
    renames: dict[str, str] = Field(
        {},
        description=(
            "Old '<namespace>/<name>' -> new one: the role of the old entry goes on as "
            "the new entry's, under its first name, for as long as this stands. "
            "Default: none."
        ),
    )
    limits: LimitSettings = Field(
        default_factory=LimitSettings.model_construct,
        description="Quotas AWS raised.",
    )
    rules: HouseRuleSettings = Field(
        default_factory=HouseRuleSettings.model_construct,
        description="Rules of the house: what every role must be. Default: none.",
    )
    include: list[Pattern] = Field(
        [],
        description="Globs of the entries that belong to this stack. Default: all.",
    )
    exclude: list[Pattern] = Field(
        [],
        description="Globs of the entries that do not belong to this stack.",
    )


MODELS: Final[dict[Path, type[BaseModel]]] = {
    (): Settings,
    ("defaults",): RoleSettings,
    ("defaults", *TRUSTED_CLUSTER): TrustedCluster,
    ("limits",): LimitSettings,
    ("rules",): HouseRuleSettings,
}
