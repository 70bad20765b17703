"""An AWS account and its EKS cluster as they are, read once and whole.

Nothing is asked that changes anything. Each part that cannot be read is an `Unread`,
and the others are read all the same.
"""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any, Final

from eks_irsa.documents import arns
from eks_irsa.live.clients import AwsSession
from eks_irsa.live.clusters import (
    described_association,
    listed_associations,
    provider_of,
)
from eks_irsa.live.model import (
    NOT_LOOKED_UP,
    LiveAssociation,
    LiveCluster,
    LiveProvider,
    LiveRole,
    LiveServiceAccount,
    LiveStack,
    Read,
    Unread,
)
from eks_irsa.live.refusals import read
from eks_irsa.live.roles import live_role, with_details
from eks_irsa.live.stacks import listed_stacks

__all__ = [
    "LiveAccount",
    "by_key",
    "read_account",
]

# IAM throttles an AWS account, not a caller.
_AT_ONCE: Final = 8
_OF_PODS: Final = "pods.eks.amazonaws.com"


@dataclass(frozen=True, kw_only=True, slots=True)
class LiveAccount:
    """What adoption looks at.

    Attributes:
        cluster: The EKS cluster.
        roles: All roles of the AWS account, by name.
        provider: The IAM OIDC provider of the cluster's issuer; None if there is none.
        stacks: CloudFormation stacks of the cluster's region.
        associations: EKS Pod Identity associations of the cluster.
        service_accounts: Of all namespaces, by `<namespace>/<name>`.
        details: Why description and longest session of a role could not be read; None
            if nothing was refused.
    """

    cluster: LiveCluster
    roles: Read[Mapping[str, LiveRole]]
    provider: Read[LiveProvider | None]
    stacks: Read[tuple[LiveStack, ...]]
    associations: Read[tuple[LiveAssociation, ...]]
    service_accounts: Read[Mapping[str, LiveServiceAccount]]
    details: Read[None] = None

    @property
    def provider_arn(self) -> str:
        """ARN of the IAM OIDC provider of the issuer; empty if it has no issuer."""
        if not self.cluster.issuer_url:
            return ""
        place = arns.parse_cluster_arn(self.cluster.arn)
        return arns.provider_arn(
            partition=place.partition,
            account_id=place.account_id,
            issuer_url=self.cluster.issuer_url,
        )

    @property
    def unread(self) -> dict[str, str]:
        """What could not be read -> why."""
        parts: dict[str, Read[object]] = {
            "roles": self.roles,
            "descriptions and longest sessions of roles": self.details,
            "the IAM OIDC provider": self.provider,
            "CloudFormation stacks": self.stacks,
            "EKS Pod Identity associations": self.associations,
            "service accounts": self.service_accounts,
        }
        return {
            what: part.reason
            for what, part in parts.items()
            if isinstance(part, Unread)
        }


def read_account(
    session: AwsSession,
    *,
    cluster: LiveCluster,
    service_accounts: Read[tuple[LiveServiceAccount, ...]],
) -> LiveAccount:
    """Read everything, with what the identity may read.

    Args:
        session: The identity, and the region of the cluster.
        cluster: The EKS cluster.
        service_accounts: Those of the cluster.
    """
    account = LiveAccount(
        cluster=cluster,
        roles=NOT_LOOKED_UP,
        provider=None,
        stacks=NOT_LOOKED_UP,
        associations=NOT_LOOKED_UP,
        service_accounts=by_key(service_accounts),
    )
    arn, iam = account.provider_arn, session.client("iam")
    formation, eks = session.client("cloudformation"), session.client("eks")
    roles = read("iam:GetAccountAuthorizationDetails", lambda: _roles(iam))
    details = None
    if not isinstance(roles, Unread):
        roles, details = _detailed(iam, roles, arn)
    return replace(
        account,
        roles=roles,
        details=details,
        provider=provider_of(iam, arn) if arn else None,
        stacks=read("cloudformation:DescribeStacks", lambda: listed_stacks(formation)),
        associations=_associations(eks, arns.parse_cluster_arn(cluster.arn).name),
    )


def by_key(
    service_accounts: Read[tuple[LiveServiceAccount, ...]],
) -> Read[dict[str, LiveServiceAccount]]:
    """Put service accounts under `<namespace>/<name>`.

    Args:
        service_accounts: As they were listed.
    """
    if isinstance(service_accounts, Unread):
        return service_accounts
    return {one.key: one for one in service_accounts}


def _roles(client: Any) -> Mapping[str, LiveRole]:  # noqa: ANN401 - without types
    pages = client.get_paginator("get_account_authorization_details")
    roles = [
        live_role(one)
        for page in pages.paginate(Filter=["Role"])
        for one in page.get("RoleDetailList") or ()
    ]
    return {role.name: role for role in roles}


def _detailed(
    client: Any,  # noqa: ANN401 - without types
    roles: Mapping[str, LiveRole],
    provider_arn: str,
) -> tuple[Mapping[str, LiveRole], Unread | None]:
    """Add description and longest session to roles that pods may get."""
    wanted = [one for one in roles.values() if _is_for_pods(one, provider_arn)]

    def asked(role: LiveRole) -> Read[Mapping[str, Any]]:
        return read("iam:GetRole", lambda: client.get_role(RoleName=role.name)["Role"])

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        answers = [*pool.map(asked, wanted)]
    found = {
        role.name: with_details(role, answer)
        for role, answer in zip(wanted, answers, strict=True)
        if not isinstance(answer, Unread)
    }
    refused = (one for one in answers if isinstance(one, Unread))
    return {**roles, **found}, next(refused, None)


def _is_for_pods(role: LiveRole, provider_arn: str) -> bool:
    ours = bool(provider_arn) and provider_arn in role.trust_policy
    return ours or _OF_PODS in role.trust_policy


def _associations(eks: Any, cluster: str) -> Read[tuple[LiveAssociation, ...]]:  # noqa: ANN401 - without types
    listed = listed_associations(eks, cluster)
    if isinstance(listed, Unread):
        return listed

    def described(one: LiveAssociation) -> Read[LiveAssociation]:
        return described_association(eks, cluster, one)

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        asked = [*pool.map(described, listed)]
    unread = next((one for one in asked if isinstance(one, Unread)), None)
    return unread or tuple(one for one in asked if not isinstance(one, Unread))
