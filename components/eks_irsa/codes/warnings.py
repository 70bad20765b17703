"""What is worth knowing where a warning stands, by its code."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

__all__ = ["WARNINGS"]

WARNINGS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "W-ACCOUNT-UNKNOWN": (
            "a stack without `accountId`, which is not counted ([more](quotas.md))"
        ),
        "W-ACTION-RESOURCE": (
            "an action that is never about a resource of its statement"
        ),
        "W-ADD-ON": (
            "an add-on must be told by which way it has its role "
            "([more](pod-identity.md#add-ons))"
        ),
        "W-ADOPT": (
            "what an import leaves on a service account, or takes off it "
            "([more](service-accounts.md#taking-in-what-exists))"
        ),
        "W-ASSOCIATION-ENDS": (
            "pods lose what an association gave them, hours later "
            "([more](pod-identity.md))"
        ),
        "W-AUDIENCE": "pods get tokens that their role refuses",
        "W-CLOUDFORMATION": (
            "a role that is imported, and that a CloudFormation stack deletes "
            "([more](service-accounts.md#taking-in-what-exists))"
        ),
        "W-CLUSTER-REPLACED": (
            "the cluster was deleted and made again under its name "
            "([more](operations.md))"
        ),
        "W-CREATED": "a patched service account counts as created from now on",
        "W-CREDENTIALS-GAP": (
            "a move in one step leaves pods without credentials "
            "([more](pod-identity.md))"
        ),
        "W-EXISTING-ROLE": (
            "an existing role must trust EKS for an association "
            "([more](pod-identity.md#an-existing-role))"
        ),
        "W-FILTERED": "settings leave entries out",
        "W-ISSUER-ASSUMED": (
            "the issuer of a cluster of `trustedClusters` is not known to `synth`"
        ),
        "W-KEY-NEVER-SET": (
            "a condition on a key that no action of its statement sets"
        ),
        "W-LIMIT-OIDC-PROVIDERS": (
            "an AWS account that has all the OIDC providers it takes "
            "([more](quotas.md))"
        ),
        "W-NO-ENTRY": "settings name an entry that is not there",
        "W-NO-SESSION-TAGS": (
            "without session tags the role is not bound to one service account "
            "([more](pod-identity.md))"
        ),
        "W-NOT-ANNOTATED": (
            "settings give pods tokens, and nobody annotates their service account "
            "([more](pod-identity.md))"
        ),
        "W-NOT-LOOKED-UP": (
            "what would be created, or is needed, could not be looked up in the "
            "cluster or in AWS"
        ),
        "W-NOT-MADE": "an add-on whose role is not made here",
        "W-NOT-MANAGED": (
            "labels or annotations beside `roleOnly`, which leaves the service "
            "account alone"
        ),
        "W-NOT-REPLACED": (
            "text that was to be replaced, such as `${BUCKET}` or `ACCOUNT_ID`, and"
            " names nothing"
        ),
        "W-NOTHING-TO-PATCH": "there is no service account to patch; it is made",
        "W-OWNERSHIP-KEY": (
            "a label or annotation that a patched service account keeps as it is"
        ),
        "W-PATCHED": "the role a patched service account has until now is not put back",
        "W-POD-IDENTITY": (
            "what has no effect on pods with [EKS Pod Identity](pod-identity.md), or "
            "on those without"
        ),
        "W-POD-IDENTITY-AGENT": (
            "the cluster lacks the agent of [EKS Pod Identity](pod-identity.md)"
        ),
        "W-POD-IDENTITY-FARGATE": (
            "pods on Fargate get no credentials from [EKS Pod Identity]"
            "(pod-identity.md)"
        ),
        "W-POD-IDENTITY-HYBRID": (
            "hybrid nodes need an agent of their own kind for [EKS Pod Identity]"
            "(pod-identity.md)"
        ),
        "W-POD-IDENTITY-WINDOWS": (
            "pods on Windows get no credentials from [EKS Pod Identity]"
            "(pod-identity.md)"
        ),
        "W-POD-RESTART": (
            "pods change over to EKS Pod Identity when they are restarted "
            "([more](pod-identity.md))"
        ),
        "W-POLICY-ARN-TWICE": "attached once",
        "W-PROVIDER-GONE": "the OIDC provider was deleted ([more](oidc-provider.md))",
        "W-PROVIDER-IN-USE": (
            "the OIDC provider is deleted, and service accounts still get their role "
            "by it ([more](oidc-provider.md))"
        ),
        "W-PROVIDER-RELEASED": (
            "the OIDC provider is not the stack's any more ([more](oidc-provider.md))"
        ),
        "W-PSEUDO-PARAMETER": (
            "CloudFormation's variable in plain text, where nobody replaces it"
        ),
        "W-REGION": "a region that is not known here; its prefix tells its partition",
        "W-RETAINED": "a service account is left in the cluster as it is",
        "W-ROLE-REPLACED": "a new name or path makes a new role",
        "W-SECRET": "a secret setting, which is not read from a stack file",
        "W-SUBJECT-PATTERN": (
            "the pattern lets in every service account of the namespace"
        ),
        "W-TOKENS-END": (
            "roles stop trusting tokens that pods may still have "
            "([more](pod-identity.md))"
        ),
        "W-TRUST-ANYONE": (
            "a statement of the trust policy lets anyone in any AWS account in"
        ),
        "W-UNKNOWN-ACTION": (
            "an action that AWS did not have on the date given "
            "([more](#names-that-mean-nothing))"
        ),
        "W-UNKNOWN-AWS-POLICY": (
            "AWS had no managed policy of this name and path when [our "
            "list](report.md#what-it-cannot-know) was made"
        ),
        "W-UNKNOWN-CONDITION-KEY": (
            "a condition key that AWS did not have on the date given "
            "([more](#names-that-mean-nothing))"
        ),
        "W-UNKNOWN-SERVICE": (
            "a service that AWS did not have on the date given "
            "([more](#names-that-mean-nothing))"
        ),
        "W-WEBHOOK-VALUE": (
            "an annotation whose value the pod identity webhook does not take as it is"
        ),
    }
)
"""Code, `W-...` -> what it is about, in Markdown, on one line."""
