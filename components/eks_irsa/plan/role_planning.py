"""The role of one entry: name, documents, policies in order, tags."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from eks_irsa.cluster_config.model import ClusterConfig, ServiceAccount, Texts
from eks_irsa.documents import arns
from eks_irsa.documents.permission_policy import canonical_json
from eks_irsa.documents.pseudo_parameters import resolve_pseudo_parameters
from eks_irsa.documents.role_name import role_name
from eks_irsa.documents.tags import OWN_TAG_PREFIX
from eks_irsa.documents.trust_policy import subject, trust_policy
from eks_irsa.documents.well_known_policies import WellKnownPolicy, well_known_policy
from eks_irsa.plan.entry_settings import EntrySettings
from eks_irsa.plan.model import Cluster, InlinePolicy, RolePlan
from eks_irsa.plan.renames import former_keys
from eks_irsa.settings.model import Settings

__all__ = ["Facts", "plain_texts", "plan_role"]

# Name of the policy that the file writes itself; no well-known one is called so.
_INLINE_POLICY_NAME: Final = "attachPolicy"


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """All that a plan is made from.

    Attributes:
        config: The checked ClusterConfig.
        settings: The stack's checked settings.
        cluster: Facts of the cluster.
        stack: `<organization>/<project>/<stack>`, or None.
    """

    config: ClusterConfig
    settings: Settings
    cluster: Cluster
    stack: str | None


def plan_role(
    account: ServiceAccount, *, facts: Facts, settings: EntrySettings
) -> RolePlan:
    """Plan the role of an entry that does not bring its own.

    Args:
        account: The entry.
        facts: What else the plan is made from.
        settings: What the stack's settings say of the entry.
    """
    cluster = facts.cluster
    # A role that was renamed with its entry would be another role.
    first_key = (account.key, *former_keys(facts.settings, key=account.key))[-1]
    first_namespace, _, first_name = first_key.partition("/")
    name = account.role_name or role_name(
        cluster_arn=cluster.arn,
        cluster=cluster.name,
        namespace=first_namespace,
        name=first_name,
    )
    who = subject(namespace=account.namespace, service_account=account.name)
    well_known = [
        well_known_policy(name=policy, partition=cluster.partition)
        for policy in account.well_known_names
    ]
    return RolePlan(
        name=name,
        name_given=bool(account.role_name),
        path=settings.role_path,
        arn=arns.role_arn(
            partition=cluster.partition,
            account_id=cluster.account_id,
            path=settings.role_path,
            name=name,
        ),
        description=f"IRSA: {who} of EKS cluster {cluster.name} in {cluster.region}",
        permissions_boundary=settings.permissions_boundary(
            account.permissions_boundary
        ),
        managed_policy_arns=_managed_policy_arns(account, well_known),
        inline_policies=_inline_policies(account, well_known, cluster),
        subject_pattern=account.subject_pattern or None,
        assume_role_policy=trust_policy(
            provider_arn=cluster.provider_arn,
            namespace=account.namespace,
            service_account=account.subject_pattern or account.name,
            audience=facts.settings.audience,
        ),
        tags=_tags(account, facts, settings),
        max_session_duration_seconds=settings.max_session_duration_seconds,
    )


def plain_texts(texts: Texts | None) -> dict[str, str]:
    """Read null as the empty text, as eksctl does."""
    return {key: value or "" for key, value in (texts or {}).items()}


def _managed_policy_arns(
    account: ServiceAccount, well_known: list[WellKnownPolicy]
) -> tuple[str, ...]:
    own = [arn for arn in account.attach_policy_arns or [] if arn]
    named = [arn for policy in well_known for arn in policy.managed_policy_arns]
    return tuple(dict.fromkeys([*own, *named]))


def _inline_policies(
    account: ServiceAccount, well_known: list[WellKnownPolicy], cluster: Cluster
) -> tuple[InlinePolicy, ...]:
    documents: dict[str, object] = {}
    if account.attach_policy is not None:
        documents[_INLINE_POLICY_NAME] = resolve_pseudo_parameters(
            account.attach_policy,
            partition=cluster.partition,
            region=cluster.region,
            account_id=cluster.account_id,
        )
    for policy in well_known:
        for inline in policy.inline_policies:
            documents[inline.name] = inline.document
    return tuple(
        InlinePolicy(name=name, document=canonical_json(document))
        for name, document in documents.items()
    )


def _tags(
    account: ServiceAccount, facts: Facts, settings: EntrySettings
) -> Mapping[str, str]:
    """Lay the tags of all sources over one another, ours on top."""
    own = {
        f"{OWN_TAG_PREFIX}cluster": facts.cluster.arn,
        f"{OWN_TAG_PREFIX}namespace": account.namespace,
        f"{OWN_TAG_PREFIX}service-account": account.name,
    }
    if facts.stack:
        own[f"{OWN_TAG_PREFIX}stack"] = facts.stack
    metadata = facts.config.metadata
    # IAM takes keys that differ in case for one, so a later layer replaces such a key
    # instead of standing beside it.
    tags: dict[str, tuple[str, str]] = {}
    for layer in (
        settings.defaults.tags or {},
        plain_texts(metadata.tags if metadata else None),
        plain_texts(account.tags),
        settings.override.tags or {},
        own,
    ):
        for key, value in layer.items():
            tags[key.lower()] = (key, value)
    return MappingProxyType(dict(sorted(tags.values())))
