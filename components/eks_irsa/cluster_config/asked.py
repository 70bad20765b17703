"""What the sections of the file ask for, in the fields `identity` decides from."""

from collections.abc import Mapping
from typing import Any, Final

from eks_irsa.cluster_config.entry_models import (
    Addon,
    PodIdentityAssociation,
    ServiceAccount,
    ServiceAccountMetadata,
    Texts,
    WellKnownPolicies,
)
from eks_irsa.documents.add_ons import AddOn
from eks_irsa.source.findings import Path

__all__ = [
    "ASKED_BY_ADD_ON",
    "ASKED_BY_ASSOCIATION",
    "ASKED_BY_SERVICE_ACCOUNT",
    "add_on_asks",
    "association_asks",
    "plain_texts",
    "service_account_asks",
]

# Keys of the policy that the file writes itself, which name it unless the file does; no
# well-known one is called so.
_ATTACHED: Final = "attachPolicy"
_PERMISSION: Final = "permissionPolicy"
# Field -> where an entry says it.
ASKED_BY_SERVICE_ACCOUNT: Final[Mapping[str, Path]] = {
    "annotations": ("metadata", "annotations"),
    "attach_policy_arns": ("attachPolicyARNs",),
    "inline_policies": (_ATTACHED,),
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
ASKED_BY_ASSOCIATION: Final[Mapping[str, Path]] = {
    "attach_policy_arns": ("permissionPolicyARNs",),
    "disable_session_tags": ("disableSessionTags",),
    "inline_policies": (_PERMISSION,),
    "inline_policy_name": ("permissionPolicyName",),
    "namespace": ("namespace",),
    "permissions_boundary": ("permissionsBoundaryARN",),
    "role_arn": ("roleARN",),
    "role_name": ("roleName",),
    "service_account_mode": ("createServiceAccount",),
    "service_account_name": ("serviceAccountName",),
    "session_policy": ("policy",),
    "tags": ("tags",),
    "target_role_arn": ("targetRoleARN",),
    "well_known_policies": ("wellKnownPolicies",),
}
ASKED_BY_ADD_ON: Final[Mapping[str, Path]] = {
    "attach_policy_arns": ("attachPolicyARNs",),
    "inline_policies": (_ATTACHED,),
    "namespace": ("namespaceConfig", "namespace"),
    "permissions_boundary": ("permissionsBoundary",),
    "role_arn": ("serviceAccountRoleARN",),
    "service_account_name": ("name",),
    "subjects": ("name",),
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
    metadata = account.metadata or ServiceAccountMetadata.model_construct()
    return _said(
        {
            "service_account_name": metadata.name or "",
            "namespace": metadata.namespace or "default",
            "service_account_mode": "notManaged" if account.role_only else None,
            "labels": plain_texts(metadata.labels) or None,
            "annotations": plain_texts(metadata.annotations) or None,
            "attach_policy_arns": _arns(account.attach_policy_arns),
            "well_known_policies": _names(account.well_known_policies),
            "role_arn": account.attach_role_arn,
            "permissions_boundary": account.permissions_boundary,
            "role_name": account.role_name or None,
            "tags": plain_texts(account.tags) or None,
            "subject_pattern": account.subject_pattern or None,
            "inline_policies": _policy(_ATTACHED, account.attach_policy),
        }
    )


def association_asks(association: PodIdentityAssociation) -> dict[str, Any]:
    """Word an entry of `iam.podIdentityAssociations` in the fields of `identity`.

    Args:
        association: The entry, or one of an add-on.

    Returns:
        As `service_account_asks`; a namespace or name that is missing is empty.
    """
    is_created = association.create_service_account
    return _said(
        {
            "service_account_name": association.service_account_name or "",
            "namespace": association.namespace or "",
            "service_account_mode": None if is_created else "notManaged",
            "attach_policy_arns": _arns(association.permission_policy_arns),
            "well_known_policies": _names(association.well_known_policies),
            "role_arn": association.role_arn,
            "permissions_boundary": association.permissions_boundary_arn,
            "role_name": association.role_name or None,
            "tags": plain_texts(association.tags) or None,
            "inline_policies": _policy(
                association.permission_policy_name or _PERMISSION,
                association.permission_policy,
            ),
            "target_role_arn": association.target_role_arn,
            "disable_session_tags": association.disable_session_tags or None,
            "session_policy": association.policy or None,
        }
    )


def add_on_asks(addon: Addon, known: AddOn) -> dict[str, Any]:
    """Word what an add-on asks for by IRSA in the fields of `identity`.

    Args:
        addon: The add-on.
        known: Its service accounts.

    Returns:
        As `service_account_asks`.
    """
    config = addon.namespace_config
    namespace = (config and config.namespace) or known.namespace
    return _said(
        {
            "service_account_name": known.service_account,
            "namespace": namespace,
            "service_account_mode": "notManaged",
            "subjects": [f"{namespace}:{name}" for name in known.others] or None,
            "attach_policy_arns": _arns(addon.attach_policy_arns),
            "well_known_policies": _names(addon.well_known_policies),
            "permissions_boundary": addon.permissions_boundary,
            "inline_policies": _policy(_ATTACHED, addon.attach_policy),
        }
    )


def plain_texts(texts: Texts | None) -> dict[str, str]:
    """Read null as the empty text, as eksctl does."""
    return {key: value or "" for key, value in (texts or {}).items()}


def _said(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {field: value for field, value in fields.items() if value is not None}


def _arns(arns: list[str | None] | None) -> list[str] | None:
    return [arn or "" for arn in arns or []] or None


def _names(policies: WellKnownPolicies | None) -> list[str] | None:
    return [*policies.names()] or None if policies else None


def _policy(name: str, document: object) -> dict[str, object] | None:
    return None if document is None else {name: document}
