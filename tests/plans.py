"""Plans of ClusterConfigs that tests write as Python values."""

import json
from collections.abc import Mapping, Sequence
from typing import Final

import pytest

from eks_irsa.cluster_config.asked import ASKED_BY_SERVICE_ACCOUNT
from eks_irsa.cluster_config.entries import Entry
from eks_irsa.cluster_config.reading import parse_cluster_config
from eks_irsa.errors import InvalidInputError
from eks_irsa.identity.model import Role
from eks_irsa.plan.model import Cluster, Plan
from eks_irsa.plan.planning import plan
from eks_irsa.settings.reading import settings_of_config

__all__ = [
    "ACCOUNT_ID",
    "CLUSTER",
    "READ_ONLY",
    "entry",
    "in_file",
    "planned",
    "refused",
    "roles",
]

ACCOUNT_ID: Final = "111122223333"
CLUSTER: Final = Cluster(
    name="shop",
    region="us-west-2",
    partition="aws",
    account_id=ACCOUNT_ID,
    issuer_url="https://oidc.eks.us-west-2.amazonaws.com/id/0123456789ABCDEF",
)
READ_ONLY: Final = "arn:aws:iam::aws:policy/ReadOnlyAccess"


def entry(key: str, **given: object) -> dict[str, object]:
    """Write an entry of `iam.serviceAccounts`.

    Args:
        key: `<namespace>/<name>`.
        given: Its other keys; `metadata` is added to. One that grants nothing else gets
            the policy `READ_ONLY`.
    """
    namespace, _, name = key.partition("/")
    more: object = given.pop("metadata", {})
    sources = {"attachPolicyARNs", "attachPolicy", "wellKnownPolicies", "attachRoleARN"}
    if not sources & given.keys():
        given["attachPolicyARNs"] = [READ_ONLY]
    assert isinstance(more, dict)
    return {"metadata": {"name": name, "namespace": namespace} | more, **given}


def in_file(*keys: str) -> dict[str, Entry]:
    """Place entries of `iam.serviceAccounts` in a file, by `<namespace>/<name>`."""
    return {
        key: Entry(
            path=("iam", "serviceAccounts", index),
            identity="irsa",
            fields={},
            places=ASKED_BY_SERVICE_ACCOUNT,
        )
        for index, key in enumerate(keys)
    }


def planned(
    *entries: Mapping[str, object],
    cluster: Cluster = CLUSTER,
    tags: Mapping[str, str | None] | None = None,
    stack: str | None = None,
    settings: Mapping[str, object] | None = None,
) -> Plan:
    """Plan entries for a cluster.

    Args:
        entries: Entries of `iam.serviceAccounts`, as `entry` writes them.
        cluster: Facts of the cluster; the file is about the cluster of that name.
        tags: `metadata.tags` of the file. Default: none.
        stack: `<organization>/<project>/<stack>`. Default: none.
        settings: Settings of the stack, in its file's spelling. Default: none.
    """
    metadata = {"name": cluster.name, "region": cluster.region}
    config = {
        "apiVersion": "eksctl.io/v1alpha5",
        "kind": "ClusterConfig",
        "metadata": metadata | ({"tags": tags} if tags else {}),
        "iam": {"withOIDC": True, "serviceAccounts": entries},
    }
    # JSON is YAML, and leaves no doubt about what is text.
    file = parse_cluster_config(json.dumps(config).encode(), source="shop.yaml")
    texts = {
        f"eks-irsa:{key}": value if isinstance(value, str) else json.dumps(value)
        for key, value in (settings or {}).items()
    }
    return plan(
        file, stack_settings=settings_of_config(texts), cluster=cluster, stack=stack
    )


def refused(
    *entries: Mapping[str, object],
    cluster: Cluster = CLUSTER,
    tags: Mapping[str, str | None] | None = None,
    settings: Mapping[str, object] | None = None,
    stack: str | None = None,
) -> list[tuple[str, str, str]]:
    """Plan what cannot be planned; give path, code and message of each problem."""
    with pytest.raises(InvalidInputError) as caught:
        planned(*entries, cluster=cluster, tags=tags, settings=settings, stack=stack)
    return [(one.path, one.code, one.message) for one in caught.value.problems]


def roles(of: Plan) -> Sequence[Role]:
    """Return the roles a plan makes, in file order."""
    return [one.role for one in of.service_accounts if one.role]
