"""What one entry asks for, once the stack's settings are laid under and over it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from eks_irsa.cluster_config.asked import plain_texts
from eks_irsa.cluster_config.entries import Entry
from eks_irsa.cluster_config.model import ClusterConfig
from eks_irsa.documents.globs import matches_any
from eks_irsa.documents.role_name import role_name
from eks_irsa.documents.tags import OWN_TAG_PREFIX
from eks_irsa.documents.trust_policy import DEFAULT_AUDIENCE
from eks_irsa.identity import parts
from eks_irsa.identity.combinations import OF_ROLES, OF_SERVICE_ACCOUNTS
from eks_irsa.identity.decision import decide
from eks_irsa.identity.model import Identity, IdentityMode, Mode
from eks_irsa.plan.entry_settings import EntrySettings
from eks_irsa.plan.model import Cluster
from eks_irsa.plan.renames import former_keys
from eks_irsa.plan.trusted_clusters import TrustedClusters
from eks_irsa.settings.model import RoleSettings, Settings

__all__ = ["Facts", "decide_entry", "identity_of", "mode_of"]

_MANAGED_BY_LABEL: Final = "app.kubernetes.io/managed-by"


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """All that a plan is made from.

    Attributes:
        config: The checked ClusterConfig.
        settings: The stack's checked settings.
        cluster: Facts of the cluster.
        stack: `<organization>/<project>/<stack>`, or None.
        trusted: What the settings say of further clusters.
    """

    config: ClusterConfig
    settings: Settings
    cluster: Cluster
    stack: str | None
    trusted: TrustedClusters


def decide_entry(entry: Entry, *, facts: Facts, settings: EntrySettings) -> Identity:
    """Decide what follows from an entry and the settings of its stack.

    Args:
        entry: The entry.
        facts: What else it follows from.
        settings: What the stack's settings say of the entry.
    """
    cluster = facts.cluster
    asked = entry.asked(
        partition=cluster.partition,
        region=cluster.region,
        account_id=cluster.account_id,
    )
    former = former_keys(facts.settings, key=entry.key)
    mode = asked["service_account_mode"] = mode_of(entry, facts.settings)
    asked["identity"] = identity_of(entry, settings)
    if not asked.get("role_arn"):
        asked |= _from_settings(asked, settings, OF_ROLES)
        # A role that was renamed with its entry would be another role.
        asked |= _role_fields(entry, facts, settings, first=(entry.key, *former)[-1])
    if entry.of_add_on:
        asked["association_by_eks"] = asked["identity"] != "irsa" or None
    elif asked["identity"] != "irsa":
        asked["association_id"] = settings.value("association_id")
        if asked.get("role_arn"):  # a role of ours has them already
            asked["tags"] = _tags(entry, facts, settings)
    if mode == "notManaged":
        for field in OF_SERVICE_ACCOUNTS:
            asked.pop(field, None)
    else:
        asked |= _from_settings(asked, settings, OF_SERVICE_ACCOUNTS)
    if adoption := facts.settings.adopt.get(entry.key):
        asked["adopt"] = adoption.asked()
    if mode == "created":
        asked["labels"] = _labels(asked.get("labels", {}), settings)
    return decide(
        {field: value for field, value in asked.items() if value is not None},
        oidc_provider_arn=cluster.provider_arn,
        cluster_arn=cluster.arn,
        name_given="role_name" in entry.fields or bool(settings.override.role_name),
        former_keys=former,
    )


def identity_of(entry: Entry, settings: EntrySettings) -> IdentityMode:
    """Tell by which way the pods of an entry get its role.

    An add-on is told by itself, so that one is moved by its full name alone.
    """
    if entry.of_add_on:
        return (settings.named and settings.named.identity) or entry.identity
    return cast("IdentityMode", settings.value("identity") or entry.identity)


def mode_of(entry: Entry, settings: Settings) -> Mode:
    """Tell what is done with the service account of an entry."""
    if settings.kubernetes == "off":
        return "notManaged"
    not_managed = entry.fields.get("service_account_mode") == "notManaged"
    if not_managed and (entry.of_add_on or entry.identity == "irsa"):
        return "notManaged"
    if matches_any(settings.patch_existing, entry.key):
        return "patched"
    return "notManaged" if not_managed else "created"


def _from_settings(
    asked: Mapping[str, Any], settings: EntrySettings, fields: Iterable[str]
) -> dict[str, Any]:
    """Lay the settings under and over the file; tags are merged by their keys."""
    return {
        field: settings.value(field, in_file=asked.get(field))
        for field in fields
        if field in RoleSettings.model_fields and field != "tags"
    }


def _role_fields(
    entry: Entry, facts: Facts, settings: EntrySettings, *, first: str
) -> dict[str, Any]:
    cluster = facts.cluster
    namespace, _, name = first.partition("/")
    who = parts.trusted_subject(
        service_account_name=entry.name, namespace=entry.namespace
    )
    audience = facts.settings.audience
    identity = identity_of(entry, settings)
    by_tokens = parts.by_tokens(identity=identity)
    trusted = facts.trusted.of_entry(settings)
    return {
        "audience": audience if by_tokens and audience != DEFAULT_AUDIENCE else None,
        "role_name": settings.override.role_name
        or entry.fields.get("role_name")
        or role_name(
            cluster_arn=cluster.arn,
            cluster=cluster.name,
            namespace=namespace,
            name=name,
        ),
        "role_description": (
            f"{parts.IDENTITY_WORDS[identity]}: {who} of EKS cluster {cluster.name} "
            f"in {cluster.region}"
        )
        if settings.override.role_description is None
        else settings.override.role_description,
        "tags": _tags(entry, facts, settings),
        "trusted_provider_arns": ([*trusted.values()] if by_tokens else None) or None,
        "trusted_cluster_arns": facts.trusted.cluster_arns(trusted) or None
        if parts.by_association(identity=identity)
        else None,
    }


def _labels(labels: Mapping[str, str], settings: EntrySettings) -> dict[str, str]:
    """Say whose the service account is, unless the file or the settings do."""
    labels = dict(labels)
    if settings.override.managed_by_label is not None:
        labels.pop(_MANAGED_BY_LABEL, None)  # an override wins over the file
    if settings.managed_by_label:
        labels = {_MANAGED_BY_LABEL: settings.managed_by_label} | labels
    return labels


def _tags(entry: Entry, facts: Facts, settings: EntrySettings) -> dict[str, str]:
    """Lay the tags of all sources over one another, ours on top."""
    own = {
        f"{OWN_TAG_PREFIX}cluster": facts.cluster.arn,
        f"{OWN_TAG_PREFIX}namespace": entry.namespace,
        f"{OWN_TAG_PREFIX}service-account": entry.name,
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
        entry.fields.get("tags") or {},
        settings.override.tags or {},
        own,
    ):
        for key, value in layer.items():
            tags[key.lower()] = (key, value)
    return dict(sorted(tags.values()))
