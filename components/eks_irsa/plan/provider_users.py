"""Who still gets a role by the cluster's OIDC provider when a stack deletes it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from eks_irsa.identity import parts
from eks_irsa.plan.fleet import named
from eks_irsa.plan.model import Plan
from eks_irsa.plan.transitions import Recorded
from eks_irsa.source.findings import Finding

__all__ = ["Annotated", "provider_user_findings"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Annotated:
    """The service accounts of a cluster that have a role's ARN as annotation.

    Attributes:
        role_arns: `<namespace>/<name>` -> the ARN.
        unread: Why the cluster did not tell; None if it did.
    """

    role_arns: Mapping[str, str] = field(default_factory=dict[str, str])
    unread: str | None = None


def provider_user_findings(
    plan: Plan, recorded: Mapping[str, Recorded], annotated: Annotated
) -> Iterator[Finding]:
    """Find the service accounts whose pods lose their credentials with the provider.

    Args:
        plan: What is made by the run that deletes the provider.
        recorded: What the state holds, by `<namespace>/<name>`.
        annotated: What the cluster has before.
    """
    entries = plan.service_accounts
    ours = {entry.key for entry in entries if entry.mode != "notManaged"}
    ours |= {key for key, one in recorded.items() if one.mode != "notManaged"}
    account = plan.cluster.account_id
    users = [
        *(entry.key for entry in entries if parts.by_tokens(identity=entry.identity)),
        # A role of another AWS account trusts a provider of its own account.
        *(
            key
            for key, arn in annotated.role_arns.items()
            if key not in ours and arn.split(":")[4:5] == [account]
        ),
    ]
    at = ("iam", "withOIDC")
    if users := [*dict.fromkeys(users)]:
        message = (
            f"without withOIDC: true this run deletes the IAM OIDC provider "
            f"{plan.cluster.provider_arn}, by which {len(users):,} of the cluster's "
            f"service accounts still get their role ({named(users)}); leave it until "
            "they have EKS Pod Identity"
        )
        yield Finding(at, "W-PROVIDER-IN-USE", message, "warning")
    if annotated.unread:
        message = (
            f"this run deletes the IAM OIDC provider {plan.cluster.provider_arn}, and "
            "which service accounts of the cluster still get their role by it could "
            f"not be looked up ({annotated.unread})"
        )
        yield Finding(at, "W-NOT-LOOKED-UP", message, "warning")
