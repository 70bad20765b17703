"""Which EKS Pod Identity associations a cluster has.

The AWS provider has a resource for one and nothing that lists them, so EKS is asked
here, as the identity of the AWS provider.
"""

import asyncio
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from eks_irsa.live.clients import AwsSession, unread_reason
from eks_irsa.live.clusters import associations_of, described_association
from eks_irsa.live.model import known
from eks_irsa.plan.associations import ExistingAssociation
from eks_irsa.plan.model import Cluster
from eks_irsa.stack.credentials import (
    TokenCredentials,
    credential_problems,
    token_credentials,
)

__all__ = ["existing_associations"]

_AT_ONCE: Final = 16


async def existing_associations(
    cluster: Cluster, keys: Sequence[str], *, config: Mapping[str, str]
) -> Mapping[str, ExistingAssociation]:
    """List the associations of a cluster; nothing stops the run.

    Args:
        cluster: The cluster.
        keys: `<namespace>/<name>` of the service accounts whose association will be
            made; EKS is not asked if it is empty.
        config: Pulumi's configuration, `<namespace>:<key>` -> text, for the identity.

    Returns:
        All associations of the cluster by `<namespace>/<name>`, those of *keys* with
        their tags; or each of *keys* with the reason why there is no answer.
    """
    if not keys:
        return {}
    if setting := _not_followed(config):
        reason = f"the setting {setting} counts for the AWS provider alone"
        return _unread(keys, reason)
    return await asyncio.to_thread(_read, cluster, keys, token_credentials(config))


def _not_followed(config: Mapping[str, str]) -> str | None:
    """Name a setting by which the AWS provider is another, or asks elsewhere."""
    if '"eks"' in config.get("aws:endpoints", ""):
        return "aws:endpoints"
    return next((problem.path for problem in credential_problems(config)), None)


def _unread(keys: Sequence[str], reason: str) -> dict[str, ExistingAssociation]:
    return dict.fromkeys(keys, ExistingAssociation(unread=reason))


def _read(
    cluster: Cluster, keys: Sequence[str], credentials: TokenCredentials
) -> dict[str, ExistingAssociation]:
    try:
        session = AwsSession(
            region=cluster.region,
            profile=credentials.profile,
            role_arn=credentials.role_arn,
        )
        client = session.client("eks")
        listed = {one.key: one for one in associations_of(client, cluster.name)}
    except Exception as error:  # noqa: BLE001 - whatever it is, it is said
        return _unread(keys, unread_reason(error))

    def tags_of(key: str) -> Mapping[str, str] | None:
        # That it exists is what matters.
        answer = known(described_association(client, cluster.name, listed[key]))
        return answer.tags if answer else None

    taken = [key for key in keys if key in listed]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        tags = dict(zip(taken, pool.map(tags_of, taken), strict=True))
    return {
        key: ExistingAssociation(id=one.id, owner=one.owner, tags=tags.get(key))
        for key, one in listed.items()
    }
