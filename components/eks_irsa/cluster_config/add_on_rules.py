"""The rules of an add-on as a whole; paths begin at the add-on.

Those of the roles it asks for are in `entry_rules`.

Source: eksctl 0.231, pkg/apis/eksctl.io/v1alpha5/addon.go (Validate) and its tests.
"""

from collections.abc import Iterator
from typing import Final

from eks_irsa.cluster_config.asked import ASKED_BY_ADD_ON
from eks_irsa.cluster_config.entries import known_add_on
from eks_irsa.cluster_config.entry_models import Addon, PodIdentityAssociation
from eks_irsa.documents.pod_identity import AGENT_ADD_ON
from eks_irsa.identity.decision import asked_faults
from eks_irsa.source.findings import Finding

__all__ = ["add_on_findings"]

_ASSOCIATIONS: Final = "podIdentityAssociations"
_DEFAULT: Final = "useDefaultPodIdentityAssociations"
_BOUNDARY: Final = "permissionsBoundary"


def add_on_findings(addon: Addon, *, partition: str | None) -> Iterator[Finding]:
    """Find every breach of a rule in one add-on, and what of it is not made.

    Args:
        addon: The add-on, less what is wrong in structure.
        partition: Partition of the cluster; None if its region is wrong.
    """
    if not addon.name:
        message = "missing; write the name of the add-on"
        yield Finding(("name",), "E-KEY-MISSING", message)
    sources = _sources(addon)
    yield from _twice_findings(addon, sources)
    yield from _existing_role_findings(addon, partition)
    for index, association in enumerate(addon.pod_identity_associations or []):
        if association:
            for finding in _association_findings(association):
                yield finding._replace(path=(_ASSOCIATIONS, index, *finding.path))
    yield from _not_made_findings(addon, sources)


def _sources(addon: Addon) -> list[str]:
    """Name the keys by which an add-on asks for a role by IRSA."""
    known = addon.well_known_policies
    given = {
        "serviceAccountRoleARN": addon.service_account_role_arn,
        "attachPolicyARNs": addon.attach_policy_arns,
        "attachPolicy": addon.attach_policy,
        "wellKnownPolicies": known and known.names(),
    }
    return [key for key, value in given.items() if value]


def _twice_findings(addon: Addon, sources: list[str]) -> Iterator[Finding]:
    """Find what asks for the role of an add-on in a second way."""
    if len(sources) > 1:
        first, *others = sources
        message = (
            f"is beside {first}, and eksctl takes one of serviceAccountRoleARN, "
            "attachPolicyARNs, attachPolicy and wellKnownPolicies; take the others out"
        )
        for key in others:
            yield Finding((key,), "E-ADDON", message, at_key=True)
    ways = [*sources[:1]]
    for key, given in (
        (_ASSOCIATIONS, addon.pod_identity_associations),
        (_DEFAULT, addon.use_default_pod_identity_associations),
    ):
        if given and ways:
            message = f"is beside {ways[0]}, and eksctl takes one of them; take one out"
            yield Finding((key,), "E-ADDON", message, at_key=True)
        ways += [key] if given else []
    if not addon.pod_identity_associations:
        return
    if (addon.name or "").lower() == AGENT_ADD_ON:
        message = "the agent itself takes no role; take it out"
        yield Finding((_ASSOCIATIONS,), "E-ADDON", message, at_key=True)
    if addon.permissions_boundary:
        message = (
            "has no effect on podIdentityAssociations; write permissionsBoundaryARN in "
            "each of them"
        )
        yield Finding((_BOUNDARY,), "E-ADDON", message, at_key=True)


def _existing_role_findings(addon: Addon, partition: str | None) -> Iterator[Finding]:
    if addon.service_account_role_arn is None:
        return
    asked: dict[str, object] = {"role_arn": addon.service_account_role_arn}
    if addon.permissions_boundary:
        asked["permissions_boundary"] = addon.permissions_boundary
    for fault in asked_faults(asked, partition=partition):
        path = (*ASKED_BY_ADD_ON[str(fault.path[0])], *fault.path[1:])
        yield Finding(path, fault.code, fault.message, fault.severity, fault.at_key)


def _association_findings(association: PodIdentityAssociation) -> Iterator[Finding]:
    """Find what an association of an add-on cannot have.

    EKS takes a service account and a role for it, and nothing more.

    Source:
        https://docs.aws.amazon.com/eks/latest/APIReference/API_AddonPodIdentityAssociations.html
    """
    known = association.well_known_policies
    refused = "eksctl does not take it in an add-on; take it out"
    lost = (
        "has no effect in an add-on, whose service account and association EKS makes; "
        "take it out"
    )
    given: list[tuple[str, object, str]] = [
        ("wellKnownPolicies", known and known.names(), refused),
        ("tags", association.tags, refused),
        ("createServiceAccount", association.create_service_account, lost),
        ("targetRoleARN", association.target_role_arn, lost),
        ("disableSessionTags", association.disable_session_tags, lost),
        ("policy", association.policy, lost),
    ]
    for key, value, message in given:
        if value:
            yield Finding((key,), "E-ADDON", message, at_key=True)


def _not_made_findings(addon: Addon, sources: list[str]) -> Iterator[Finding]:
    """Warn of a role that eksctl makes and we do not."""
    unasked = (
        f"the role that eksctl makes for the add-on {addon.name!r} unasked is not made "
        "here; leave it to eksctl, or name its policies"
    )
    if addon.asks_for_policies and not known_add_on(addon) and len(sources) == 1:
        message = (
            f"the service account of the add-on {addon.name!r} is not known here, so "
            "its role is not made; leave it to eksctl, or list the service account "
            "under iam.serviceAccounts as roleOnly, and give the add-on the role as "
            "serviceAccountRoleARN"
        )
        yield Finding((sources[0],), "W-NOT-MADE", message, "warning", at_key=True)
    elif not sources and not addon.pod_identity_associations:
        for key, given in (
            (_DEFAULT, addon.use_default_pod_identity_associations),
            (_BOUNDARY, addon.permissions_boundary),
        ):
            if given:
                yield Finding((key,), "W-NOT-MADE", unasked, "warning", at_key=True)
                break
