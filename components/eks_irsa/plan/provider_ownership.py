"""Whose the cluster's IAM OIDC provider is: this stack's to manage, or only to use."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from eks_irsa.errors import ClusterError
from eks_irsa.plan.model import Cluster

__all__ = ["FoundProvider", "is_ours_to_manage", "ownership_tags"]


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundProvider:
    """An IAM OIDC provider that exists.

    Attributes:
        client_ids: Audiences it accepts.
        tags: Its tags.
    """

    client_ids: Sequence[str]
    tags: Mapping[str, str]


def ownership_tags(cluster: Cluster, *, stack: str) -> dict[str, str]:
    """Return the tags that mark a provider as made by one stack for one cluster.

    Args:
        cluster: The cluster whose issuer it is for.
        stack: `<organization>/<project>/<stack>`.
    """
    return {"eks-irsa/cluster": cluster.arn, "eks-irsa/stack": stack}


def is_ours_to_manage(
    found: FoundProvider | None,
    *,
    setting: str,
    cluster: Cluster,
    stack: str,
    audience: str,
) -> bool:
    """Decide whether the stack manages the provider or only reads it.

    Args:
        found: The provider of the cluster's issuer; None if there is none.
        setting: `auto`, `managed` or `existing`.
        cluster: The cluster whose issuer it is for.
        stack: `<organization>/<project>/<stack>`.
        audience: Audience the roles will trust.

    Returns:
        True: make it, or go on managing it. False: use it as it is. One that lost our
        tags is used and thereby released, never deleted.

    Raises:
        ClusterError: The setting contradicts what exists, or the provider does not
            accept our audience.
    """
    if found is None:
        if setting == "existing":
            msg = (
                f"there is no IAM OIDC provider {cluster.provider_arn}; make it, or "
                "set oidcProvider to auto or managed"
            )
            raise ClusterError(msg)
        return True
    tags = ownership_tags(cluster, stack=stack)
    ours = all(found.tags.get(key) == value for key, value in tags.items())
    if setting == "managed" and not ours:
        msg = (
            f"the IAM OIDC provider {cluster.provider_arn} exists and is not this "
            "stack's; set oidcProvider to existing to use it as it is, or import it "
            "with its tags "
            + ", ".join(f"{key}={value}" for key, value in tags.items())
            + " to manage it"
        )
        raise ClusterError(msg)
    if setting == "existing" or not ours:
        if audience not in found.client_ids:
            msg = (
                f"the IAM OIDC provider {cluster.provider_arn} accepts the audiences "
                f"{', '.join(found.client_ids) or 'none'}, not {audience}; every pod "
                "would get 'Incorrect token audience'; add the client id to it"
            )
            raise ClusterError(msg)
        return False
    return True
