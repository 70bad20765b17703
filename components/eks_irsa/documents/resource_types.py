"""Which resources say something of a role or a service account, and where.

Of each type the names of its properties as they stand in a preview: those of
pulumi-aws, and of aws-native, which has CloudFormation's names in lower camel case.

Source:
    https://www.pulumi.com/registry/packages/aws/api-docs/iam/
    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_IAM.html
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

__all__ = [
    "ATTACHMENTS",
    "COMPONENT",
    "EXCLUSIVE_ATTACHMENTS",
    "EXCLUSIVE_INLINE",
    "INLINE",
    "MANAGED",
    "OF_ROLES",
    "POD_IDENTITIES",
    "POLICY_ATTACHMENT",
    "PROVIDERS",
    "PROVIDER_COMPONENT",
    "ROLES",
    "SERVICE_ACCOUNTS",
    "SERVICE_ACCOUNT_LIST",
    "SERVICE_ACCOUNT_PATCHES",
    "AttachmentType",
    "InlineType",
    "ManagedType",
    "ProviderType",
    "RoleType",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class RoleType:
    """The properties of a role.

    Attributes:
        name: Its name.
        trust: Who may assume it.
        inline: A list of inline policies, maps of `inline_name` and `inline_policy`.
        inline_name: See `inline`.
        inline_policy: See `inline`.
        exclusive: A list of policies in it takes away what it does not name, and one
            that is left out is not looked at. If not, the list is only its own.
    """

    name: str
    trust: str
    inline: str
    inline_name: str
    inline_policy: str
    exclusive: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class ManagedType:
    """The properties of a managed policy.

    Attributes:
        name: Its name.
        document: What it allows.
        arn: Its ARN.
        roles: Names of roles it is attached to; empty where it has no such list.
    """

    name: str
    document: str
    arn: str
    roles: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class InlineType:
    """The properties of one inline policy: role, name and what it allows."""

    role: str
    name: str
    document: str


@dataclass(frozen=True, kw_only=True, slots=True)
class AttachmentType:
    """The properties of what attaches policies: role or roles, policy or policies."""

    role: str
    policy: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ProviderType:
    """The properties of an IAM OIDC provider: issuer URL and client ids."""

    url: str
    audiences: str


COMPONENT: Final = "eks-irsa:index:IrsaServiceAccount"
PROVIDER_COMPONENT: Final = "eks-irsa:index:EksOidcProvider"

ROLES: Final[Mapping[str, RoleType]] = {
    "aws:iam/role:Role": RoleType(
        name="name",
        trust="assumeRolePolicy",
        inline="inlinePolicies",
        inline_name="name",
        inline_policy="policy",
        exclusive=True,
    ),
    "aws-native:iam:Role": RoleType(
        name="roleName",
        trust="assumeRolePolicyDocument",
        inline="policies",
        inline_name="policyName",
        inline_policy="policyDocument",
        exclusive=False,
    ),
}
MANAGED: Final[Mapping[str, ManagedType]] = {
    "aws:iam/policy:Policy": ManagedType(name="name", document="policy", arn="arn"),
    "aws-native:iam:ManagedPolicy": ManagedType(
        name="managedPolicyName",
        document="policyDocument",
        arn="policyArn",
        roles="roles",
    ),
}
INLINE: Final[Mapping[str, InlineType]] = {
    "aws:iam/rolePolicy:RolePolicy": InlineType(
        role="role", name="name", document="policy"
    ),
    "aws-native:iam:RolePolicy": InlineType(
        role="roleName", name="policyName", document="policyDocument"
    ),
}
ATTACHMENTS: Final[Mapping[str, AttachmentType]] = {
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": AttachmentType(
        role="role", policy="policyArn"
    ),
}
# Attaches one policy to roles, and takes it away from all others.
POLICY_ATTACHMENT: Final = "aws:iam/policyAttachment:PolicyAttachment"
# Take away from one role what they do not name; the first attaches what they name.
EXCLUSIVE_ATTACHMENTS: Final = (
    "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive"
)
EXCLUSIVE_INLINE: Final = "aws:iam/rolePoliciesExclusive:RolePoliciesExclusive"
OF_ROLES: Final[Mapping[str, AttachmentType]] = {
    POLICY_ATTACHMENT: AttachmentType(role="roles", policy="policyArn"),
    EXCLUSIVE_ATTACHMENTS: AttachmentType(role="roleName", policy="policyArns"),
    EXCLUSIVE_INLINE: AttachmentType(role="roleName", policy="policyNames"),
}
PROVIDERS: Final[Mapping[str, ProviderType]] = {
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": ProviderType(
        url="url", audiences="clientIdLists"
    ),
    "aws-native:iam:OidcProvider": ProviderType(url="url", audiences="clientIdList"),
}
# Each has two tokens: its own, and the one that a CustomResource of its kind gets.
SERVICE_ACCOUNT_PATCHES: Final = frozenset(
    {"kubernetes:core/v1:ServiceAccountPatch", "kubernetes:v1:ServiceAccountPatch"}
)
SERVICE_ACCOUNTS: Final = SERVICE_ACCOUNT_PATCHES | {
    "kubernetes:core/v1:ServiceAccount",
    "kubernetes:v1:ServiceAccount",
}
# Gives the pods of a service account a role without any annotation.
POD_IDENTITIES: Final = frozenset(
    {
        "aws:eks/podIdentityAssociation:PodIdentityAssociation",
        "aws-native:eks:PodIdentityAssociation",
    }
)
# Its `items` are service accounts.
SERVICE_ACCOUNT_LIST: Final = "kubernetes:core/v1:ServiceAccountList"
