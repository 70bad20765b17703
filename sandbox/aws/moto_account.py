"""The one typed edge to moto: what its IAM holds now, and its WSGI applications.

moto reads `MOTO_IAM_LOAD_MANAGED_POLICIES` while it is imported, so it is set here
first; AWS's managed policies exist in every partition after that.
"""

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"

from moto.eks.models import eks_backends
from moto.iam.models import IAMBackend, Role, iam_backends
from moto.moto_server import werkzeug_app
from moto.utilities.utils import get_partition

__all__ = [
    "ACCOUNT_HEADER",
    "POD_IDENTITY_AGENT",
    "ClusterFacts",
    "ClusterState",
    "MotoIam",
    "OidcProvider",
    "RoleState",
    "WsgiApp",
    "applications",
    "cluster_state",
    "cluster_states",
    "dress_cluster",
    "forget_account",
    "partition_of",
    "put_cluster",
]

WsgiApp = Callable[[dict[str, Any], Any], Iterable[bytes]]

# Tells moto whose request it is; otherwise it looks every key up in every partition.
# Source: moto 5.2.5, moto/core/responses.py, BaseResponse.get_current_account
ACCOUNT_HEADER: Final = "HTTP_X_MOTO_ACCOUNT_ID"
_SERVICES: Final = ("eks", "iam")
# Source: https://docs.aws.amazon.com/eks/latest/userguide/pod-id-agent-setup.html
POD_IDENTITY_AGENT: Final = "eks-pod-identity-agent"


@dataclass(frozen=True, kw_only=True, slots=True)
class ClusterFacts:
    """What is told of an EKS cluster in place of what moto makes up.

    Attributes:
        issuer_url: `https://...`, the issuer of its service account tokens, or None.
        endpoint: `https://<host>:<port>` of its API server.
        ca_data: The certificate authority of the endpoint, base64 of PEM.
        addons: Names of its EKS add-ons. Default: none, as EKS has it.
        auto_mode: Whether it is one of EKS Auto Mode. Default: no.
    """

    issuer_url: str | None
    endpoint: str
    ca_data: str
    addons: tuple[str, ...] = ()
    auto_mode: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class ClusterState:
    """An EKS cluster as EKS holds it now, and what moto does not hold of it.

    Attributes:
        name: As it was given.
        arn: `arn:<partition>:eks:<region>:<account id>:cluster/<name>`.
        issuer_url: As in `ClusterFacts`.
        created_at: When it was made.
        addons: As in `ClusterFacts`.
        associations: Id of each Pod Identity association -> what
            DescribePodIdentityAssociation answers; changed in place.
    """

    name: str
    arn: str
    issuer_url: str | None
    created_at: datetime
    addons: tuple[str, ...]
    associations: dict[str, dict[str, Any]]


@dataclass(frozen=True, kw_only=True, slots=True)
class RoleState:
    """A role as IAM holds it now.

    Attributes:
        name: As it was given.
        arn: `arn:<partition>:iam::<account id>:role<path><name>`.
        role_id: `AROA...`.
        trust_policy: JSON text.
        description: None if the role has none.
        max_session_seconds: 3600 to 43200.
        inline_policies: Name -> JSON text.
        attached_arns: ARNs of the managed policies attached.
        tags: Key -> value.
    """

    name: str
    arn: str
    role_id: str
    trust_policy: str
    description: str | None
    max_session_seconds: int
    inline_policies: Mapping[str, str]
    attached_arns: frozenset[str]
    tags: Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class OidcProvider:
    """An IAM OIDC provider as IAM holds it now; *issuer* has no scheme."""

    arn: str
    issuer: str
    client_ids: tuple[str, ...]
    tags: Mapping[str, str]


class MotoIam:
    """IAM of one account in one partition."""

    def __init__(self, *, account_id: str, partition: str) -> None:
        """Look at *account_id*, 12 digits, in *partition*, such as `aws-cn`."""
        self.account_id = account_id
        self.partition = partition

    @property
    def _backend(self) -> IAMBackend:
        return iam_backends[self.account_id][self.partition]

    def roles(self) -> tuple[RoleState, ...]:
        """Return every role, oldest first."""
        # the list is taken in one step, whatever other threads do meanwhile
        return tuple(_role_state(role) for role in list(self._backend.get_roles()))

    def role(self, name: str) -> RoleState | None:
        """Return the role of exactly this *name*."""
        found = (role for role in list(self._backend.get_roles()) if role.name == name)
        return next(map(_role_state, found), None)

    def has_policy(self, arn: str) -> bool:
        """Tell whether a managed policy, AWS's or the account's, has this ARN."""
        return arn in self._backend.managed_policies

    def providers(self) -> tuple[OidcProvider, ...]:
        """Return every OIDC provider, oldest first."""
        return tuple(
            OidcProvider(
                arn=provider.arn,
                issuer=provider.url,
                client_ids=tuple(provider.client_id_list),
                tags={tag["Key"]: tag["Value"] for tag in provider.get_tags()},
            )
            for provider in list(self._backend.open_id_providers.values())
        )

    def provider(self, arn: str) -> OidcProvider | None:
        """Return the OIDC provider of this ARN."""
        return next((found for found in self.providers() if found.arn == arn), None)

    def change_client_ids(
        self, arn: str, *, added: Iterable[str] = (), removed: Iterable[str] = ()
    ) -> None:
        """Change the client ids of a provider that exists; both are idempotent."""
        held = self._backend.open_id_providers[arn].client_id_list
        gone = set(removed)
        kept = [one for one in held if one not in gone]
        held[:] = [*kept, *(one for one in added if one not in kept)]

    def put_role_tags(self, name: str, tags: Mapping[str, str]) -> None:
        """Put tags on a role that exists, those that only AWS writes included."""
        given = [{"Key": key, "Value": value} for key, value in tags.items()]
        self._backend.tag_role(name, given)

    def drop_role_tags(self, name: str, keys: Iterable[str]) -> None:
        """Take the tags of exactly these *keys* off a role that exists."""
        self._backend.untag_role(name, list(keys))


def applications() -> dict[str, WsgiApp]:
    """Build moto's WSGI applications, by service name."""
    return {name: werkzeug_app.create_backend_app(name) for name in _SERVICES}


def partition_of(region: str) -> str:
    """Return the partition a region lies in; `aws` for one that moto does not know."""
    return get_partition(region)


def put_cluster(
    *, account_id: str, region: str, name: str, facts: ClusterFacts, version: str
) -> str:
    """Put an active EKS cluster into moto, with these facts in place of moto's own.

    Args:
        account_id: 12 digits.
        region: Where the cluster is.
        name: Of the cluster; not there yet.
        facts: Issuer and API server.
        version: Kubernetes version, such as `1.34`.

    Returns:
        The cluster's ARN.
    """
    partition = get_partition(region)
    cluster = eks_backends[account_id][region].create_cluster(
        name=name,
        role_arn=f"arn:{partition}:iam::{account_id}:role/{name}-cluster",
        resources_vpc_config={},
        version=version,
    )
    dress_cluster(account_id=account_id, region=region, name=name, facts=facts)
    return cluster.arn


def dress_cluster(
    *, account_id: str, region: str, name: str, facts: ClusterFacts
) -> None:
    """Give a cluster that moto holds these facts in place of moto's own."""
    cluster = eks_backends[account_id][region].clusters[name]
    issuer = facts.issuer_url
    cluster.identity = {"oidc": {"issuer": issuer}} if issuer else {}
    cluster.endpoint = facts.endpoint
    cluster.certificate_authority = {"data": facts.ca_data}
    # What moto does not know lives and goes with what it knows.
    made_here: Any = cluster
    made_here.compute_config = {"enabled": facts.auto_mode}
    made_here.addons, made_here.associations = facts.addons, {}


def cluster_state(*, account_id: str, region: str, name: str) -> ClusterState | None:
    """Return the EKS cluster of exactly this name and region."""
    cluster = eks_backends[account_id][region].clusters.get(name)
    return cluster and _cluster_state(cluster)


def cluster_states(*, account_id: str) -> tuple[ClusterState, ...]:
    """Return every EKS cluster, of every region."""
    regions = list(eks_backends[account_id].values())
    clusters = [one for region in regions for one in region.clusters.values()]
    return tuple(map(_cluster_state, clusters))


def _cluster_state(cluster: Any) -> ClusterState:  # noqa: ANN401 - more than moto's
    return ClusterState(
        name=cluster.name,
        arn=cluster.arn,
        issuer_url=cluster.identity.get("oidc", {}).get("issuer"),
        created_at=cluster.created_at,
        addons=cluster.addons,
        associations=cluster.associations,
    )


def forget_account(account_id: str) -> None:
    """Drop everything moto holds for *account_id*, in every partition and region."""
    for backends in (eks_backends, iam_backends):
        backends.pop(account_id, None)


def _role_state(role: Role) -> RoleState:
    return RoleState(
        name=role.name,
        arn=role.arn,
        role_id=role.id,
        trust_policy=role.assume_role_policy_document,
        description=role.description,
        max_session_seconds=int(role.max_session_duration or 3600),
        inline_policies=dict(role.policies),
        attached_arns=frozenset(role.managed_policies),
        tags={tag["Key"]: tag["Value"] for tag in role.tags},
    )
