"""Inputs of one service account; the string under a field documents it everywhere."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, NotRequired, TypedDict

import pulumi

__all__ = [
    "AdoptArgs",
    "IdentityMode",
    "IrsaServiceAccountArgs",
    "ProviderCredentialOpts",
    "ServiceAccountMode",
]


class IdentityMode(StrEnum):
    """By which way pods get the role."""

    IRSA = "irsa"
    """With a token that the role trusts through the cluster's OIDC provider."""

    POD_IDENTITY = "podIdentity"
    """By an EKS Pod Identity association; needs the add-on eks-pod-identity-agent."""

    BOTH = "both"
    """The step between the two: a pod that is started has the role by the association,
    and one that is older goes on with its token."""


class ServiceAccountMode(StrEnum):
    """What is done with the service account itself."""

    CREATED = "created"
    """It is made, and deleted with the component; one that exists fails the run."""

    PATCHED = "patched"
    """It exists, and exactly our keys are put on it; they are taken off with the
    component, and the service account stays."""

    NOT_MANAGED = "notManaged"
    """It is not touched, as with eksctl's roleOnly."""

    RETAINED = "retained"
    """This component created it, and from now on it is not managed: it stays in the
    cluster as it is. Needed for one `up`, then `notManaged`, which would delete it."""


class ProviderCredentialOpts(TypedDict):
    """Whose token the cluster is called with, as in pulumi-eks."""

    profile_name: NotRequired[pulumi.Input[str]]
    """Profile of the AWS configuration. Default: the environment's credentials."""

    role_arn: NotRequired[pulumi.Input[str]]
    """ARN of a role to assume for the token. Default: none."""


class AdoptArgs(TypedDict):
    """What exists already and is imported by the next run."""

    role: NotRequired[str]
    """Name of the role, the same as `role_name`. Default: the role is made."""

    attached_policies: NotRequired[Sequence[str]]
    """ARNs of the managed policies, of those that are asked for, that are attached
    already. Default: none."""

    inline_policies: NotRequired[Sequence[str]]
    """Names in IAM of the inline policies, of those that are asked for, that the role
    has already. Default: none."""

    service_account: NotRequired[bool]
    """The service account exists and is the component's from now on, deleted with it.
    Default: false."""


class IrsaServiceAccountArgs(TypedDict):
    """Inputs of `IrsaServiceAccount`."""

    service_account_name: pulumi.Input[str]
    """Name of the service account, an RFC 1123 subdomain (1 to 253 characters)."""

    namespace: NotRequired[pulumi.Input[str]]
    """Its namespace, an RFC 1123 label (1 to 63 characters). Default: `default`."""

    cluster_name: NotRequired[pulumi.Input[str]]
    """Name of the EKS cluster: its OIDC provider is used if it exists and made if not,
    and without a Kubernetes provider in the options one is built for it. Give one of
    `cluster_name`, `issuer_url`, `oidc_provider_arn` and `role_arn`; `cluster_name` may
    stand beside the last two, for the Kubernetes provider. EKS Pod Identity needs it,
    and makes no OIDC provider."""

    identity: NotRequired[IdentityMode]
    """By which way pods get the role. Default: `irsa`."""

    cluster_region: NotRequired[pulumi.Input[str]]
    """AWS region of the EKS cluster of `cluster_name`. Default: the AWS provider's."""

    provider_credential_opts: NotRequired[ProviderCredentialOpts]
    """Whose token the cluster of `cluster_name` is called with. Default: the
    environment's credentials."""

    issuer_url: NotRequired[pulumi.Input[str]]
    """`https://<host>[/<path>]` of the cluster's issuer: its OIDC provider is used if
    it exists and made if not. AWS account and partition are the AWS provider's."""

    oidc_provider_arn: NotRequired[pulumi.Input[str]]
    """ARN of an IAM OIDC provider that exists,
    `arn:<partition>:iam::<account id>:oidc-provider/<issuer>`; many share one."""

    role_arn: NotRequired[pulumi.Input[str]]
    """ARN of a role that exists, to annotate the service account with; no role is made,
    and its trust policy is its owner's business."""

    trusted_provider_arns: NotRequired[pulumi.Input[Sequence[pulumi.Input[str]]]]
    """ARNs of the OIDC providers of further clusters, in the role's AWS account, whose
    service account of the same namespace and name may assume the role too; there it is
    annotated by a component with `role_arn`. In any order. Default: none."""

    trusted_cluster_arns: NotRequired[pulumi.Input[Sequence[pulumi.Input[str]]]]
    """ARNs of further EKS clusters whose associations of the same namespace and name
    may use the role too. In any order. Default: none."""

    target_role_arn: NotRequired[pulumi.Input[str]]
    """ARN of a role, also of another AWS account, that EKS Pod Identity assumes with
    the first one; its permissions are what pods have. It needs the trust policy
    `target_trust_policy`, and the first role must be allowed to assume it. Default:
    none."""

    disable_session_tags: NotRequired[bool]
    """Have EKS Pod Identity send no session tags. The trust policy cannot name the
    service account then. Default: false."""

    session_policy: NotRequired[Any]
    """A policy, as a mapping or as JSON, that narrows what pods with EKS Pod Identity
    may do, at most 2,048 characters; needs `disable_session_tags`. Default: none."""

    association_id: NotRequired[str]
    """Id of an EKS Pod Identity association that exists, `a-...`, to take in as it is.
    Default: none."""

    audience: NotRequired[pulumi.Input[str]]
    """Audience that tokens must be made for; must be among the provider's client ids.
    Default: `sts.amazonaws.com`, in every partition."""

    subject_pattern: NotRequired[pulumi.Input[str]]
    """Pattern of the names that may assume the role, `*` for any text and `?` for one
    character; the namespace is always the entry's own. Default: exactly the name."""

    subjects: NotRequired[pulumi.Input[Sequence[pulumi.Input[str]]]]
    """Further service accounts that may assume the role, `<namespace>:<name>`, both of
    which may be patterns; all of a cluster cannot be said. They are annotated by
    components with `role_arn`. In any order. Default: none."""

    trust_conditions: NotRequired[Mapping[str, Any]]
    """Conditions that the trust policy demands besides subject and audience, operator
    -> key -> value or values. Default: none."""

    trust_statements: NotRequired[Sequence[Any]]
    """Further statements of the trust policy, as in IAM, for others than this cluster's
    service accounts. Default: none."""

    attach_policy_arns: NotRequired[Sequence[str]]
    """ARNs of managed policies to attach, plain text, each known by its ARN. Policies
    that are known later go into `attach_policies`. Default: none."""

    attach_policies: NotRequired[Mapping[str, pulumi.Input[str]]]
    """Managed policies to attach, a key of your choice -> ARN. The key names the
    attachment where the ARN is known later, so keep it. Default: none."""

    well_known_policies: NotRequired[Sequence[str]]
    """Names of eksctl's well-known policies: `imageBuilder`, `autoScaler`,
    `awsLoadBalancerController`, `externalDNS`, `certManager`, `ebsCSIController` and
    `efsCSIController`. Default: none."""

    inline_policies: NotRequired[Mapping[str, Any]]
    """Policies that live in the role, name -> policy, as a mapping or as JSON; the name
    has 1 to 128 characters of `[A-Za-z0-9+=,.@_-]`. Default: none."""

    inline_policy_names: NotRequired[Mapping[str, str]]
    """Inline policy, by name or well-known ones included -> its name in IAM. Default:
    the same names."""

    named_policies: NotRequired[Mapping[str, Any]]
    """Policies by name for controllers, beyond eksctl's: name -> parameter -> text or
    list of texts, `{}` where a policy takes none. What narrows must be given, `*` alone
    asks for everything; `eks-irsa policies` lists names and parameters. The values may
    be known later. Default: none."""

    permissions_boundary: NotRequired[pulumi.Input[str]]
    """ARN of the policy that bounds what the role may do. Default: none."""

    role_name: NotRequired[pulumi.Input[str]]
    """Name of the role, 1 to 64 characters; a new one replaces the role. Default:
    Pulumi's autonaming."""

    role_path: NotRequired[pulumi.Input[str]]
    """Path of the role, begins and ends with `/`; a new one replaces the role.
    Default: `/`."""

    role_description: NotRequired[pulumi.Input[str]]
    """Description of the role, at most 1,000 characters. Default: which service
    account it is for."""

    max_session_duration_seconds: NotRequired[int]
    """Longest session of the role in seconds, 3600 to 43200. Default: 3600."""

    tags: NotRequired[Mapping[str, pulumi.Input[str]]]
    """Tags of the role. Default: none."""

    wait: NotRequired[bool]
    """Whether the output `ready` is there only once a token of the service account gets
    credentials of the role, which is tried for two minutes; needs `cluster_name`, and
    may not stand beside EKS Pod Identity alone. Default: false."""

    adopt: NotRequired[AdoptArgs]
    """What exists already and is imported by the next run; taken out again after it,
    which changes nothing. Default: none."""

    service_account_mode: NotRequired[ServiceAccountMode]
    """What is done with the service account. Default: `created`."""

    create_namespace: NotRequired[bool]
    """Have the namespace made when it is missing; it is never deleted. Default: true
    for a namespace in plain text that is not one of Kubernetes' own."""

    labels: NotRequired[Mapping[str, pulumi.Input[str]]]
    """Labels of the service account. Default: none."""

    annotations: NotRequired[Mapping[str, pulumi.Input[str]]]
    """Annotations of the service account besides the role's ARN. Default: none."""

    image_pull_secrets: NotRequired[pulumi.Input[Sequence[pulumi.Input[str]]]]
    """Names of the secrets that its pods pull images with. Default: none."""

    automount_service_account_token: NotRequired[pulumi.Input[bool]]
    """Whether its pods get a token for the Kubernetes API as well; the token for AWS
    does not depend on it. Default: Kubernetes' own, true."""

    token_expiration_seconds: NotRequired[int]
    """Lifetime of the tokens for AWS in seconds, 600 to 86400. Default: the webhook's,
    86400."""

    sts_regional_endpoints: NotRequired[bool]
    """Whether the SDKs in its pods call the STS of their region. Default: the
    webhook's, true."""
