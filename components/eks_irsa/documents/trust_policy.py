"""Who may assume the role: the one place in the project that writes a trust policy.

Most published implementations have a hole or a break exactly here: a lost `sub` lets
every service account of the cluster in, a missing `aud` takes a token meant for
somebody else, a scheme or an ARN in a condition key never matches.
"""

import json
import re
from typing import Final

from eks_irsa.documents import names
from eks_irsa.documents.arns import issuer_of

__all__ = ["DEFAULT_AUDIENCE", "subject", "trust_policy"]

# The audience of the tokens the pod identity webhook mounts, in every partition.
# Source: https://github.com/aws/amazon-eks-pod-identity-webhook and eksctl#1910, where
# a partition's own host name broke IRSA in China.
DEFAULT_AUDIENCE: Final = "sts.amazonaws.com"

_WILDCARD: Final = re.compile(r"[*?]")


def trust_policy(
    *,
    provider_arn: str,
    namespace: str,
    service_account: str,
    audience: str = DEFAULT_AUDIENCE,
) -> str:
    """Let one Kubernetes service account, and no other, assume a role.

    Both claims are pinned, `sub` to the service account and `aud` to STS; without
    `sub` every service account of the cluster could assume the role.

    Args:
        provider_arn: ARN of the cluster's IAM OIDC provider,
            `arn:<partition>:iam::<12 digits>:oidc-provider/<issuer>`.
        namespace: Namespace of the service account, an RFC 1123 label
            (1 to 63 characters).
        service_account: Name of the service account, an RFC 1123 subdomain
            (1 to 253 characters), or a pattern of such names in which `*` stands for
            any text and `?` for one character.
        audience: The one audience a token must be made for, which must be among the
            provider's client ids. Default: `sts.amazonaws.com`, as in EKS.

    Returns:
        The trust policy as compact JSON, keys in a fixed order, so that equal
        arguments give equal text and an unchanged stack previews no change. `Action`
        is a list, as eksctl writes it.

    Raises:
        ValueError: *provider_arn* is not the ARN of an OIDC provider, or a name or the
            audience is none.

    Source:
        https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html
    """
    issuer = issuer_of(provider_arn)
    if fault := names.audience_fault(audience):
        raise ValueError(fault)
    claims = {f"{issuer}:aud": audience}
    who = {
        f"{issuer}:sub": subject(namespace=namespace, service_account=service_account)
    }
    # A wildcard in StringEquals is a plain character, so only `sub` and only then
    # moves to StringLike; `aud` never does.
    condition = (
        {"StringEquals": claims, "StringLike": who}
        if _WILDCARD.search(service_account)
        else {"StringEquals": claims | who}
    )
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Federated": provider_arn},
                    "Action": ["sts:AssumeRoleWithWebIdentity"],
                    "Condition": condition,
                }
            ],
        },
        separators=(",", ":"),
    )


def subject(*, namespace: str, service_account: str) -> str:
    """Name a service account as the `sub` claim of its tokens does.

    Args:
        namespace: RFC 1123 label, 1 to 63 characters.
        service_account: RFC 1123 subdomain, or a pattern with `*` and `?`.

    Returns:
        `system:serviceaccount:<namespace>:<name>`.

    Raises:
        ValueError: *namespace* or *service_account* is none. Nothing else may stand in
            a subject: `${` would begin a policy variable, `:` would reach into the
            namespace.

    Source:
        https://kubernetes.io/docs/reference/access-authn-authz/authentication/#service-account-tokens
    """
    fault = names.namespace_fault(namespace)
    fault = fault or names.subject_pattern_fault(service_account)
    if fault:
        raise ValueError(fault)
    return f"system:serviceaccount:{namespace}:{service_account}"
