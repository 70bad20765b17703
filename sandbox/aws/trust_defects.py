"""The holes and breaks of published trust policies for service accounts, by name.

`may_assume` answers for one token; this looks at the document, for all tokens at once.

Source:
    Roulbac/pulumi-eks-ml (`sub` lost), pulumi-aws-iam (an ARN in the key),
    pulumi/pulumi-eks examples/oidc-iam-sa (`aud` missing), mitodl/ol-infrastructure
    (`arn:aws:` hard-coded), cloudtoolkit Irsa (`StringLike` on everything)
"""

import re
from collections.abc import Iterable
from typing import Final

from sandbox.aws.trust_conditions import Condition
from sandbox.aws.trust_evaluator import (
    TrustStatement,
    issuer_of_provider,
    read_trust_policy,
)

__all__ = ["defects"]

_WILDCARD: Final = re.compile(r"[*?]")
# A subject that leaves open which account of *one* namespace is meant is a choice; one
# that leaves the namespace open is a hole.
# Source: https://kubernetes.io/docs/reference/access-authn-authz/authentication/#service-account-tokens
_ONE_NAMESPACE: Final = re.compile(r"system:serviceaccount:[a-z0-9-]+:[a-z0-9.*?-]+")


def defects(trust_policy_json: str, *, provider_arn: str) -> tuple[str, ...]:
    """Find what lets too many in, or nobody.

    Args:
        trust_policy_json: A trust policy for service accounts of one cluster.
        provider_arn: The cluster's OIDC provider,
            `arn:<partition>:iam::<account id>:oidc-provider/<issuer>`.

    Returns:
        One line for each defect, in the order of the statements; empty for a policy
        that pins `aud`, and `sub` to at least one namespace.

    Raises:
        ValueError: *trust_policy_json* is not a policy, or *provider_arn* not the
            ARN of a provider.
        UnsupportedPolicyError: The policy has something the evaluator does not know.
    """
    issuer = issuer_of_provider(provider_arn)
    return tuple(
        f"statement {number}: {defect}"
        for number, statement in enumerate(read_trust_policy(trust_policy_json), 1)
        if statement.effect == "Allow" and statement.covers_web_identity()
        for defect in _defects(statement, issuer=issuer, provider_arn=provider_arn)
    )


def _defects(
    statement: TrustStatement, *, issuer: str, provider_arn: str
) -> Iterable[str]:
    for federated in statement.federated:
        if federated != provider_arn:
            yield f"trusts {federated}, which is not {provider_arn}"
    for condition in statement.conditions:
        yield from _condition_defects(condition, issuer=issuer)
    if not _pinned(statement, key=f"{issuer}:sub"):
        yield f"does not pin {issuer}:sub; every service account may assume the role"
    if not _pinned(statement, key=f"{issuer}:aud"):
        yield f"does not pin {issuer}:aud; a token for any client id is enough"


def _condition_defects(condition: Condition, *, issuer: str) -> Iterable[str]:
    key = condition.key.lower()
    if key not in {f"{issuer}:{claim}".lower() for claim in ("aud", "sub")}:
        yield f"{condition.key} is no claim of {issuer}; the condition never matches"
        return
    for value in condition.values:
        if not _WILDCARD.search(value):
            continue
        if condition.base == "StringEquals":
            yield f"{value} has a wildcard, which StringEquals takes literally"
        elif key.endswith(":aud") or not _ONE_NAMESPACE.fullmatch(value):
            yield f"{condition.operator} {value} opens {condition.key} too far"


def _pinned(statement: TrustStatement, *, key: str) -> bool:
    """Tell whether a token without the claim, or with any other value, is kept out."""
    return any(
        condition.key.lower() == key.lower()
        and condition.base in {"StringEquals", "StringEqualsIgnoreCase", "StringLike"}
        and not condition.if_exists
        and condition.quantifier != "ForAllValues:"
        for condition in statement.conditions
    )
