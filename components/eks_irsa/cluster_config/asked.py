"""What the sections of the file ask for, in the fields `identity` decides from."""

from collections.abc import Mapping
from typing import Any, Final

from eks_irsa.cluster_config.model import ServiceAccount, Texts
from eks_irsa.source.findings import Path

__all__ = ["ASKED_BY_SERVICE_ACCOUNT", "plain_texts", "service_account_asks"]

# Name of the policy that the file writes itself; no well-known one is called so.
_INLINE_POLICY_NAME: Final = "attachPolicy"
# Field -> where an entry says it.
ASKED_BY_SERVICE_ACCOUNT: Final[Mapping[str, Path]] = {
    "annotations": ("metadata", "annotations"),
    "attach_policy_arns": ("attachPolicyARNs",),
    "inline_policies": (_INLINE_POLICY_NAME,),
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


def service_account_asks(account: ServiceAccount) -> dict[str, Any]:
    """Word an entry of `iam.serviceAccounts` in the fields of `identity`.

    Args:
        account: The entry.

    Returns:
        Field -> value; what the entry does not say is absent, null is the empty text.
        Pseudo parameters stand in policies as they were written.
    """
    metadata = account.metadata
    fields: dict[str, Any] = {
        "service_account_name": account.name,
        "namespace": account.namespace,
        "service_account_mode": "notManaged" if account.role_only else None,
        "labels": plain_texts(metadata.labels if metadata else None) or None,
        "annotations": plain_texts(metadata.annotations if metadata else None) or None,
        "attach_policy_arns": [arn or "" for arn in account.attach_policy_arns or []]
        or None,
        "well_known_policies": [*account.well_known_names] or None,
        "role_arn": account.attach_role_arn,
        "permissions_boundary": account.permissions_boundary,
        "role_name": account.role_name or None,
        "tags": plain_texts(account.tags) or None,
        "subject_pattern": account.subject_pattern or None,
        "inline_policies": None
        if account.attach_policy is None
        else {_INLINE_POLICY_NAME: account.attach_policy},
    }
    return {field: value for field, value in fields.items() if value is not None}


def plain_texts(texts: Texts | None) -> dict[str, str]:
    """Read null as the empty text, as eksctl does."""
    return {key: value or "" for key, value in (texts or {}).items()}
