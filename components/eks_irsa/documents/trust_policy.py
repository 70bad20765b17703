"""Who may assume the role: the one place in the project that writes a trust policy.

Most published implementations have a hole or a break exactly here: a lost `sub` lets
every service account of the cluster in, a missing `aud` takes a token meant for
somebody else, a scheme or an ARN in a condition key never matches.
"""

import json
import re
from collections.abc import Iterable
from typing import Final

from eks_irsa.documents import names
from eks_irsa.documents.arns import issuer_of

__all__ = ["DEFAULT_AUDIENCE", "subject", "trust_policy"]

# The audience of the tokens the pod identity webhook mounts, in every partition.
# Source: https://github.com/aws/amazon-eks-pod-identity-webhook and eksctl#1910, where
# a partition's own host name broke IRSA in China.
DEFAULT_AUDIENCE: Final = "sts.amazonaws.com"

_WILDCARD: Final = re.compile(r"[*?]")


def trust_policy(  # noqa: PLR0913 - keywords, each with a meaning of its own
    *,
    provider_arn: str,
    namespace: str,
    service_account: str,
    audience: str = DEFAULT_AUDIENCE,
    trusted_providers: Iterable[str] = (),
    trust_policy_characters: float | None = None,
) -> str:
    """Let one Kubernetes service account, and no other, assume a role.

    Both claims are pinned, `sub` to the service account and `aud` to STS; without
    `sub` every service account of the cluster could assume the role. Further clusters
    each have a statement of their own, with the same service account pinned.

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
        trusted_providers: ARNs of the OIDC providers of further clusters, of the same
            account. They count as a set: neither their order nor *provider_arn* among
            them makes a difference. Default: none.
        trust_policy_characters: Longest policy the account takes, in characters
            without white space. Default: any, the caller looks.

    Returns:
        The trust policy as compact JSON, keys in a fixed order, so that equal
        arguments give equal text and an unchanged stack previews no change. `Action`
        is a list, as eksctl writes it.

    Raises:
        ValueError: A provider's ARN is none or of another account than the first, a
            name or the audience is none, or the policy is too long.

    Source:
        https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html
        https://docs.aws.amazon.com/eks/latest/userguide/cross-account-access.html
    """
    if fault := names.audience_fault(audience):
        raise ValueError(fault)
    who = subject(namespace=namespace, service_account=service_account)
    further = sorted({*trusted_providers} - {provider_arn})
    policy = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                _statement(provider_arn, who, audience),
                *(_statement(other, who, audience) for other in further),
            ],
        },
        separators=(",", ":"),
    )
    for other in further:
        _require_same_account(provider_arn, other)
    # No name, ARN or audience holds white space.
    limit = trust_policy_characters
    if limit is not None and len(policy) > limit:
        msg = (
            f"{len(policy):,} characters of trust policy with {len(further)} further "
            f"clusters; the account takes {limit:,.0f} (if its quota was raised, say "
            "so in trust_policy_characters)"
        )
        raise ValueError(msg)
    return policy


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


def _statement(provider_arn: str, who: str, audience: str) -> dict[str, object]:
    """Let the subject in with the tokens of one cluster."""
    issuer = issuer_of(provider_arn)
    claims = {f"{issuer}:aud": audience}
    sub = {f"{issuer}:sub": who}
    # A wildcard in StringEquals is a plain character, so only `sub` and only then
    # moves to StringLike; `aud` never does.
    condition = (
        {"StringEquals": claims, "StringLike": sub}
        if _WILDCARD.search(who)
        else {"StringEquals": claims | sub}
    )
    return {
        "Effect": "Allow",
        "Principal": {"Federated": provider_arn},
        "Action": ["sts:AssumeRoleWithWebIdentity"],
        "Condition": condition,
    }


def _require_same_account(provider_arn: str, other: str) -> None:
    """Refuse a provider that STS would not look at.

    STS looks for the issuer in the role's account; the statement would never match.
    """
    place = provider_arn.partition(":oidc-provider/")[0]
    if not other.startswith(f"{place}:oidc-provider/"):
        msg = (
            f"{other!r} is not of the role's account ({place}); a role trusts the "
            "providers of its own account only, so make one for the other cluster's "
            "issuer there"
        )
        raise ValueError(msg)
