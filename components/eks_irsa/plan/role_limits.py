"""What AWS would refuse of a planned role for its size."""

from collections.abc import Iterator

from eks_irsa.cluster_config.model import ServiceAccount
from eks_irsa.documents.limits import Limits
from eks_irsa.documents.permission_policy import document_characters
from eks_irsa.plan.model import Cluster, RolePlan
from eks_irsa.source.findings import Finding

__all__ = ["limit_findings", "over"]


def limit_findings(
    role: RolePlan, account: ServiceAccount, limits: Limits, cluster: Cluster
) -> Iterator[Finding]:
    count = len(role.managed_policy_arns)
    if count > limits.managed_policies_per_role:
        message = over(count, limits.managed_policies_per_role, "managed policies")
        yield Finding(("attachPolicyARNs",), "E-LIMIT-MANAGED-POLICIES", message)
    size = document_characters(role.assume_role_policy)
    if size > limits.trust_policy_characters:
        about = "characters of trust policy"
        at_most = " (at most: issuer and account are not known)"
        message = over(size, limits.trust_policy_characters, about)
        message += at_most if cluster.assumed else ""
        yield Finding(("subjectPattern",), "E-LIMIT-TRUST-POLICY", message)
    size = sum(document_characters(policy.document) for policy in role.inline_policies)
    if size > limits.inline_policy_characters:
        about = "characters of inline policies without white space"
        message = over(size, limits.inline_policy_characters, about)
        at = (
            "attachPolicy" if account.attach_policy is not None else "wellKnownPolicies"
        )
        yield Finding((at,), "E-LIMIT-INLINE-POLICY", message)
    if len(role.tags) > limits.tags_per_role:
        message = over(len(role.tags), limits.tags_per_role, "tags, ours included")
        yield Finding(("tags",), "E-LIMIT-TAGS", message)


def over(count: int, limit: int, about: str) -> str:
    return (
        f"{count:,} {about}; AWS takes {limit:,} by default (if the account's quota was "
        "raised, say so in the setting limits)"
    )
