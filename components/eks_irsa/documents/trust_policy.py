"""Who may assume the role: the one place in the project that writes a trust policy.

Most published implementations have a hole or a break exactly here: a lost `sub` lets
every service account of the cluster in, a missing `aud` takes a token made for
another audience, a scheme or an ARN in a condition key never matches.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, cast

from eks_irsa.documents import names
from eks_irsa.documents.arns import issuer_of

__all__ = [
    "DEFAULT_AUDIENCE",
    "same_account_fault",
    "subject",
    "subject_fault",
    "trust_policy",
]

# The audience of the tokens the pod identity webhook mounts, in every partition.
# Source: https://github.com/aws/amazon-eks-pod-identity-webhook and eksctl#1910, where
# a partition's own host name broke IRSA in China.
DEFAULT_AUDIENCE: Final = "sts.amazonaws.com"

_WILDCARD: Final = re.compile(r"[*?]")
_SUBJECT: Final = "system:serviceaccount:"


def trust_policy(  # noqa: PLR0913 - keywords, each with a meaning of its own
    *,
    provider_arn: str | None,
    namespace: str,
    service_account: str,
    audience: str = DEFAULT_AUDIENCE,
    pod_identity: Mapping[str, object] | None = None,
    trusted_providers: Iterable[str] = (),
    further_subjects: Iterable[str] = (),
    conditions: Mapping[str, Mapping[str, object]] | None = None,
    statements: Sequence[Mapping[str, object]] = (),
) -> str:
    """Let one Kubernetes service account, and no other, assume a role.

    Both claims are pinned, `sub` to the service account and `aud` to STS; without
    `sub` every service account of the cluster could assume the role. Further clusters
    each have a statement of their own, with the same service account pinned.

    Args:
        provider_arn: ARN of the cluster's IAM OIDC provider,
            `arn:<partition>:iam::<12 digits>:oidc-provider/<issuer>`; None where no
            token of an OIDC provider is taken.
        namespace: Namespace of the service account, an RFC 1123 label
            (1 to 63 characters).
        service_account: Name of the service account, an RFC 1123 subdomain
            (1 to 253 characters), or a pattern of such names in which `*` stands for
            any text and `?` for one character.
        audience: The one audience a token must be made for, which must be among the
            provider's client ids. Default: `sts.amazonaws.com`, as in EKS.
        pod_identity: Statement for EKS Pod Identity, put after those for OIDC
            providers. Default: none.
        trusted_providers: ARNs of the OIDC providers of further clusters, of the same
            AWS account. They count as a set: neither their order nor *provider_arn*
            among them makes a difference. Default: none.
        further_subjects: Further service accounts, `<namespace>:<name>`, both of which
            may be patterns. They count as a set. Default: none.
        conditions: Conditions that every one of these statements has besides its own,
            operator -> key -> value or values. Default: none.
        statements: Further statements, put after these as they are. Default: none.

    Returns:
        The trust policy as compact JSON, keys in a fixed order, so that equal
        arguments give equal text and an unchanged stack previews no change. `Action`
        is a list, as eksctl writes it.

    Raises:
        ValueError: A provider's ARN is none or of another AWS account than the first;
            a name, a subject or the audience is none; or a condition takes the place
            of one that pins a claim.

    Source:
        https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html
        https://docs.aws.amazon.com/eks/latest/userguide/cross-account-access.html
    """
    if fault := names.audience_fault(audience):
        raise ValueError(fault)
    own = subject(namespace=namespace, service_account=service_account)
    others = {_further_subject(text) for text in further_subjects} - {own}
    subjects = [own, *sorted(others)]
    providers = sorted({provider_arn, *trusted_providers}) if provider_arn else []
    for other in providers:
        issuer_of(other)
        if fault := same_account_fault(provider_arn or "", other):
            raise ValueError(fault)
    # Whose cluster makes the role is no part of the policy: IAM takes statements in
    # another order for the same, and what reads them back must not see a difference.
    pinned = [_statement(arn, subjects, audience) for arn in providers]
    pinned += [pod_identity] if pod_identity else []
    bound = [_with_conditions(one, conditions or {}) for one in pinned]
    policy = {"Version": "2012-10-17", "Statement": [*bound, *statements]}
    return json.dumps(policy, separators=(",", ":"))


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
    return f"{_SUBJECT}{namespace}:{service_account}"


def subject_fault(text: str) -> str | None:
    """Say why *text* names no further service account a role may trust.

    Args:
        text: `<namespace>:<name>`, both of which may be patterns with `*` and `?`.

    Returns:
        The rule, the value and the remedy; None if the text is right.
    """
    namespace, colon, name = text.partition(":")
    if not colon:
        return f"{text!r} is no subject; expected '<namespace>:<name>'"
    if not (namespace + name).strip("*?"):
        return (
            f"{text!r} would let every service account of the cluster assume the role; "
            "name the namespaces or the service accounts"
        )
    fault = names.namespace_pattern_fault(namespace)
    return fault or names.subject_pattern_fault(name)


def _further_subject(text: str) -> str:
    if fault := subject_fault(text):
        raise ValueError(fault)
    return f"{_SUBJECT}{text}"


def _statement(
    provider_arn: str, subjects: Sequence[str], audience: str
) -> Mapping[str, object]:
    """Let the subjects in with the tokens of one cluster."""
    issuer = issuer_of(provider_arn)
    sub = {f"{issuer}:sub": subjects[0] if len(subjects) == 1 else [*subjects]}
    condition: dict[str, dict[str, object]] = {
        "StringEquals": {f"{issuer}:aud": audience}
    }
    # A wildcard in StringEquals is a plain character, so only `sub` and only then
    # moves to StringLike; `aud` never does.
    has_pattern = any(map(_WILDCARD.search, subjects))
    operator = "StringLike" if has_pattern else "StringEquals"
    condition[operator] = condition.get(operator, {}) | sub
    return {
        "Effect": "Allow",
        "Principal": {"Federated": provider_arn},
        "Action": ["sts:AssumeRoleWithWebIdentity"],
        "Condition": condition,
    }


def _with_conditions(
    statement: Mapping[str, object], conditions: Mapping[str, Mapping[str, object]]
) -> Mapping[str, object]:
    """Add conditions to a statement, none of which takes the place of its own."""
    own = cast("Mapping[str, Mapping[str, object]]", statement.get("Condition", {}))
    condition = {operator: {**keys} for operator, keys in own.items()}
    for operator, keys in conditions.items():
        bound = condition.setdefault(operator, {})
        for key, value in keys.items():
            if key.lower() in {pinned.lower() for pinned in bound}:
                msg = (
                    f"{operator} on {key!r} would take the place of the condition that "
                    "pins the claim; take it out"
                )
                raise ValueError(msg)
            bound[key] = value
    return {**statement, "Condition": condition} if condition else statement


def same_account_fault(provider_arn: str, other: str) -> str | None:
    """Say why a role cannot trust a provider beside the first.

    STS looks for the issuer in the role's AWS account; the statement would never match.

    Args:
        provider_arn: ARN of the first provider, of the role's AWS account.
        other: ARN of the other.

    Returns:
        The rule, the value and the remedy; None if both are of one AWS account.
    """
    place = provider_arn.partition(":oidc-provider/")[0]
    if other.startswith(f"{place}:oidc-provider/"):
        return None
    return (
        f"{other!r} is not of the role's AWS account ({place}); a role trusts "
        "the providers of its own AWS account only, so make one for the other "
        "cluster's issuer there"
    )
