"""Whose the cluster's IAM OIDC provider is: this stack's to manage, or only to use."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from eks_irsa.errors import ClusterError, Problem
from eks_irsa.plan.model import Cluster

__all__ = [
    "CLUSTER_TAG",
    "STACK_TAG",
    "FoundProvider",
    "ProviderUse",
    "ownership_tags",
    "provider_use",
    "provider_warnings",
]

CLUSTER_TAG: Final = "eks-irsa/cluster"
STACK_TAG: Final = "eks-irsa/stack"

ProviderUse: TypeAlias = Literal["manage", "adopt", "read"]
"""manage: make it, or go on managing it; adopt: manage it, and take it in if the state
does not know it; read: use it as it is."""


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
    return {CLUSTER_TAG: cluster.arn, STACK_TAG: stack}


def provider_use(
    found: FoundProvider | None,
    *,
    setting: str,
    cluster: Cluster,
    stack: str,
    audience: str,
) -> ProviderUse:
    """Decide whether the stack manages the provider or only reads it.

    The tags alone say whose it is, so that a lost one releases the provider. To take it
    in takes a second word, the setting `managed`: a copy of the stack with a state of
    its own has the same tags.

    Args:
        found: The provider of the cluster's issuer; None if there is none.
        setting: `auto`, `managed` or `existing`.
        cluster: The cluster whose issuer it is for.
        stack: `<organization>/<project>/<stack>`.
        audience: Audience the roles will trust.

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
        return "manage"
    tags = ownership_tags(cluster, stack=stack)
    ours = all(found.tags.get(key) == value for key, value in tags.items())
    if setting == "managed" and not ours:
        msg = (
            f"the IAM OIDC provider {cluster.provider_arn} exists and is not this "
            "stack's; set oidcProvider to existing to use it as it is, or put the tags "
            + ", ".join(f"{key}={value}" for key, value in tags.items())
            + " on it to have this stack manage it"
        )
        raise ClusterError(msg)
    if ours and setting != "existing":
        return "adopt" if setting == "managed" else "manage"
    if audience not in found.client_ids:
        msg = (
            f"the IAM OIDC provider {cluster.provider_arn} accepts the audiences "
            f"{', '.join(found.client_ids) or 'none'}, not {audience}; every pod "
            "would get 'Incorrect token audience'; add the client id to it"
        )
        raise ClusterError(msg)
    return "read"


def provider_warnings(
    use: ProviderUse, *, exists: bool, provider_arn: str, stack: str
) -> Iterator[Problem]:
    """Say what becomes of a provider that the stack managed until now.

    Args:
        use: What the stack does with it from now on.
        exists: IAM has it.
        provider_arn: Its ARN.
        stack: `<organization>/<project>/<stack>`, the source of the warnings.
    """
    if use == "read":
        code = "W-PROVIDER-RELEASED"
        message = (
            f"the IAM OIDC provider {provider_arn} is not this stack's any more, by "
            "its tags or the setting; it is only read from now on, and stays when the "
            "stack goes"
        )
    elif not exists:
        code = "W-PROVIDER-GONE"
        message = (
            f"the IAM OIDC provider {provider_arn} is gone, and with it the "
            "credentials of every pod; pulumi up --refresh makes it again"
        )
    else:
        return
    yield Problem(
        source=stack,
        path="oidcProvider",
        code=code,
        severity="warning",
        message=message,
    )
