"""What an entry of the file asks for, in the fields that `identity` decides from."""

from collections.abc import Mapping
from typing import Any, Final

from eks_irsa.cluster_config.model import ServiceAccount, Texts
from eks_irsa.documents.pseudo_parameters import resolve_pseudo_parameters
from eks_irsa.source.findings import Path

__all__ = ["INLINE_POLICY_NAME", "asked_of", "path_in_file", "plain_texts"]

# Name of the policy that the file writes itself; no well-known one is called so.
INLINE_POLICY_NAME: Final = "attachPolicy"
# Field -> where an entry says it.
_PATHS: Final[Mapping[str, Path]] = {
    "annotations": ("metadata", "annotations"),
    "attach_policy_arns": ("attachPolicyARNs",),
    "labels": ("metadata", "labels"),
    "namespace": ("metadata", "namespace"),
    "permissions_boundary": ("permissionsBoundary",),
    "role_arn": ("attachRoleARN",),
    "role_name": ("roleName",),
    "service_account_mode": ("roleOnly",),
    "service_account_name": ("metadata", "name"),
    "subject_pattern": ("subjectPattern",),
    "tags": ("tags",),
    "well_known_policies": ("wellKnownPolicies",),
}


def asked_of(
    entry: ServiceAccount, *, partition: str, region: str, account_id: str
) -> dict[str, Any]:
    """Word an entry in the fields of `identity`.

    Args:
        entry: The entry.
        partition: Value of `AWS::Partition` in its policy.
        region: Value of `AWS::Region`.
        account_id: Value of `AWS::AccountId`.

    Returns:
        Field -> value; what the entry does not say is absent, null is the empty text.
    """
    metadata = entry.metadata
    policy = entry.attach_policy
    fields: dict[str, Any] = {
        "service_account_name": entry.name,
        "namespace": entry.namespace,
        "service_account_mode": "notManaged" if entry.role_only else None,
        "labels": plain_texts(metadata.labels if metadata else None) or None,
        "annotations": plain_texts(metadata.annotations if metadata else None) or None,
        "attach_policy_arns": [arn or "" for arn in entry.attach_policy_arns or []]
        or None,
        "well_known_policies": [*entry.well_known_names] or None,
        "role_arn": entry.attach_role_arn,
        "permissions_boundary": entry.permissions_boundary,
        "role_name": entry.role_name or None,
        "tags": plain_texts(entry.tags) or None,
        "subject_pattern": entry.subject_pattern or None,
    }
    if policy is not None:
        fields["inline_policies"] = {
            INLINE_POLICY_NAME: resolve_pseudo_parameters(
                policy, partition=partition, region=region, account_id=account_id
            )
        }
    return {field: value for field, value in fields.items() if value is not None}


def path_in_file(path: Path) -> Path:
    """Word the path of a fault as the file does; it begins at the entry."""
    if not path:
        return ()
    field, *steps = path
    if field == "named_policies":
        return ()  # the settings alone say it
    if field == "inline_policies":
        return (INLINE_POLICY_NAME, *steps[1:])  # the file's key is its name
    return (*_PATHS[str(field)], *steps)


def plain_texts(texts: Texts | None) -> dict[str, str]:
    """Read null as the empty text, as eksctl does."""
    return {key: value or "" for key, value in (texts or {}).items()}
