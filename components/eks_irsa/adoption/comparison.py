"""What changes of a role and a service account that exist, field by field, in words."""

import json
from collections.abc import Iterator, Mapping
from typing import Final

from eks_irsa.adoption.model import Change
from eks_irsa.adoption.policy_texts import written_alike
from eks_irsa.adoption.suggestions import inline_pairs
from eks_irsa.adoption.trust import TrustChange
from eks_irsa.documents.tags import OWN_TAG_PREFIX
from eks_irsa.identity.model import Association, Identity, Role
from eks_irsa.live.model import LiveAssociation, LiveRole, LiveServiceAccount
from eks_irsa.plan.imports import is_taken_over

__all__ = [
    "association_changes",
    "is_mark",
    "left_alone",
    "role_changes",
    "service_account_changes",
    "taken_off",
    "trust_changes",
]

_MANAGED_BY: Final = "app.kubernetes.io/managed-by"


def role_changes(planned: Role, role: LiveRole) -> Iterator[Change]:
    """Compare a role with the plan, trust policy, name and path left aside.

    Args:
        planned: The role as it would be.
        role: The role as it is.

    Yields:
        Changes, tags of ours included.
    """
    if role.description not in {None, planned.description}:
        yield Change("description", role.description or None, planned.description)
    if (seconds := role.max_session_duration_seconds) not in {
        None,
        planned.max_session_duration_seconds,
    }:
        yield Change(
            "longest session in seconds",
            str(seconds),
            str(planned.max_session_duration_seconds),
        )
    yield from _text(
        "permissions boundary", role.permissions_boundary, planned.permissions_boundary
    )
    for arn in planned.managed_policy_arns:
        if arn not in role.managed_policy_arns:
            yield Change("managed policy", None, arn)
    pairs = inline_pairs(planned, role)
    for name, policy in pairs.items():
        if not written_alike(role.inline_policies[name], policy.document):
            yield Change(
                f"inline policy {name}", role.inline_policies[name], policy.document
            )
    paired = {policy.key for policy in pairs.values()}
    for policy in planned.inline_policies:
        if policy.key not in paired:
            yield Change(f"inline policy {policy.name}", None, policy.document)
    yield from _tags(role.tags, planned.tags)


def trust_changes(
    planned: Role, role: LiveRole, found: TrustChange
) -> Iterator[Change]:
    """Say what becomes of the trust policy where nobody is shut out.

    Args:
        planned: The role as it would be.
        role: The role as it is.
        found: What was found of the two trust policies.
    """
    if written_alike(role.trust_policy, planned.assume_role_policy):
        return
    how = {
        (False, False): "written otherwise, lets in the same",
        (False, True): "lets in more than before",
        (True, False): "lets in less than before",
        (True, True): "lets in more than before, and some no longer",
    }[found.narrower, found.wider]
    # With their keys in one order, to be compared by eye.
    before, after = (
        json.dumps(json.loads(policy), sort_keys=True)
        for policy in (role.trust_policy, planned.assume_role_policy)
    )
    yield Change(f"trust policy, {how}", before, after)


def service_account_changes(
    entry: Identity, found: LiveServiceAccount
) -> Iterator[Change]:
    """Compare labels and annotations of ours with those that are there.

    Args:
        entry: What is planned.
        found: The service account as it is.
    """
    yield from _texts("label", found.labels, entry.labels)
    yield from _texts("annotation", found.annotations, entry.annotations)
    for name in entry.image_pull_secrets:
        if name not in found.image_pull_secrets:
            yield Change("image pull secret", None, name)


def association_changes(
    planned: Association, found: LiveAssociation, role_arn: str
) -> Iterator[Change]:
    """Compare an EKS Pod Identity association with the plan.

    Args:
        planned: The association as it would be.
        found: The association as it is.
        role_arn: The role that it would have.
    """
    for field, before, after in (
        ("role", found.role_arn, role_arn),
        ("target role", found.target_role_arn, planned.target_role_arn),
        ("session policy", found.policy, planned.session_policy),
        (
            "session tags",
            "off" if found.disable_session_tags else "on",
            "off" if planned.disable_session_tags else "on",
        ),
    ):
        yield from _text(f"association's {field}", before, after)
    for key in sorted({*found.tags, *planned.tags}):
        if not key.startswith("aws:"):
            yield from _text(
                f"tag {key} of the association",
                found.tags.get(key),
                planned.tags.get(key),
            )


def taken_off(entry: Identity, found: LiveServiceAccount) -> Iterator[Change]:
    """Name what an import takes off a service account: what kubectl alone put there.

    Args:
        entry: What is planned.
        found: The service account as it is.
    """
    for section, kind, texts, asked in (
        ("labels", "label", found.labels, entry.labels),
        ("annotations", "annotation", found.annotations, entry.annotations),
    ):
        for key, text in sorted(texts.items()):
            managers = (found.managers or {}).get(f"{section}.{key}", frozenset())
            if key not in asked and managers and all(map(is_taken_over, managers)):
                yield Change(f"{kind} {key}", text, None)


def is_mark(change: Change) -> bool:
    """Tell whether a change only says whose something is."""
    kind, _, key = change.field.partition(" ")
    if kind == "tag":
        return key.startswith(OWN_TAG_PREFIX)
    return change.field == f"label {_MANAGED_BY}"


def left_alone(planned: Role, role: LiveRole) -> Iterator[str]:
    """Name what a role has that is not asked for, and that stays.

    Args:
        planned: The role as it would be.
        role: The role as it is.
    """
    for arn in role.managed_policy_arns:
        if arn not in planned.managed_policy_arns:
            yield f"managed policy {arn}"
    pairs = inline_pairs(planned, role)
    for name in role.inline_policies:
        if name not in pairs:
            yield (
                f"inline policy {name}, of which can, who and later reports know "
                "nothing; ask for it in the entry, or take it off"
            )


def _tags(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Change]:
    """Compare tags, whose keys IAM takes for one where they differ in case alone.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html
    """
    written = {key.lower(): key for key in before}
    for key, value in sorted(after.items()):
        was = written.get(key.lower(), key)
        if was == key:
            yield from _text(f"tag {key}", before.get(key), value)
        else:
            yield Change(f"tag {key}, so far {was}", before[was], value)


def _texts(
    kind: str, before: Mapping[str, str], after: Mapping[str, str]
) -> Iterator[Change]:
    for key, value in sorted(after.items()):
        yield from _text(f"{kind} {key}", before.get(key), value)


def _text(field: str, before: str | None, after: str | None) -> Iterator[Change]:
    if before != after:
        yield Change(field, before, after)
