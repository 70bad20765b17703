"""What is the same for every service account of a cluster, read once."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final, cast

from eks_irsa.doctor.sources import Sources
from eks_irsa.live import cluster_objects, clusters
from eks_irsa.live.model import (
    LiveAssociation,
    LiveServiceAccount,
    Read,
    Unread,
)
from eks_irsa.live.refusals import read

__all__ = ["AT_ONCE", "Surroundings", "surroundings"]

AT_ONCE: Final = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class Surroundings:
    """What is the same for every service account.

    Attributes:
        account_id: AWS account of the identity that asks.
        agent: Whether the cluster has the agent of EKS Pod Identity.
        webhooks: As of `Facts`.
        associations: Those of the cluster, or of the service account in question.
        service_accounts: Those of the cluster, or of a namespace; None if one service
            account alone is in question.
        pods: Theirs; None as *service_accounts*.
    """

    account_id: Read[str]
    agent: Read[bool]
    webhooks: Read[tuple[Mapping[str, Any], ...]]
    associations: Read[tuple[LiveAssociation, ...]]
    service_accounts: Read[tuple[LiveServiceAccount, ...]] | None = None
    pods: Read[tuple[Mapping[str, Any], ...]] | None = None


def surroundings(
    sources: Sources,
    *,
    one: tuple[str, str] | None = None,
    namespace: str | None = None,
) -> Surroundings:
    """Read what is the same for every service account.

    Args:
        sources: Whom to ask.
        one: Namespace and name of the service account in question. Default: all are.
        namespace: The namespace whose service accounts are. Default: all namespaces.
    """
    client = sources.kubernetes
    where = namespace or cluster_objects.EVERYWHERE
    with ThreadPoolExecutor(AT_ONCE) as pool:
        account_id = pool.submit(_account_id, sources)
        agent = pool.submit(_agent, sources)
        webhooks = pool.submit(cluster_objects.identity_webhooks, client)
        associations = pool.submit(_associations, sources, one, namespace)
    listed, pods = cluster_objects.listed_service_accounts, cluster_objects.listed_pods
    return Surroundings(
        account_id=account_id.result(),
        agent=agent.result(),
        webhooks=webhooks.result(),
        associations=associations.result(),
        service_accounts=None if one else listed(client, where),
        pods=None if one else pods(client, where),
    )


def _account_id(sources: Sources) -> Read[str]:
    return read(
        "sts:GetCallerIdentity", lambda: sources.sts.get_caller_identity()["Account"]
    )


def _agent(sources: Sources) -> Read[bool]:
    if sources.auto_mode:
        return True
    if not sources.cluster_name:
        return cast("Unread", sources.cluster)
    return clusters.has_agent(sources.eks, sources.cluster_name)


def _associations(
    sources: Sources, one: tuple[str, str] | None, namespace: str | None
) -> Read[tuple[LiveAssociation, ...]]:
    if not sources.cluster_name:
        return cast("Unread", sources.cluster)
    only = {"namespace": namespace} if namespace else {}
    if one:
        only = {"namespace": one[0], "serviceAccount": one[1]}
    return clusters.listed_associations(sources.eks, sources.cluster_name, **only)
