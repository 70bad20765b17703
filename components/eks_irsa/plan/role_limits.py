"""What AWS and Kubernetes would refuse for its size; paths begin at the entry."""

from collections.abc import Iterator, Mapping
from typing import Final

from eks_irsa.cluster_config.model import ServiceAccount
from eks_irsa.documents.limits import Limits
from eks_irsa.documents.permission_policy import document_characters
from eks_irsa.plan.model import RolePlan
from eks_irsa.source.findings import Finding, Path

__all__ = ["annotation_limit_findings", "role_limit_findings"]

_DEFAULTS: Final = Limits()


def role_limit_findings(
    role: RolePlan, account: ServiceAccount, limits: Limits, *, assumed: bool
) -> Iterator[Finding]:
    """Check the counts and sizes of a role.

    Args:
        role: The planned role.
        account: The entry it is for.
        limits: What AWS takes.
        assumed: Issuer and account are placeholders, so that sizes are at most so.
    """
    at_most = " at most, as issuer and account are not known yet" if assumed else ""
    inline = [policy.document for policy in role.inline_policies]
    for code, setting, count, (limit, default), what, keys in (
        (
            "E-LIMIT-MANAGED-POLICIES",
            "managedPoliciesPerRole",
            len(role.managed_policy_arns),
            (limits.managed_policies_per_role, _DEFAULTS.managed_policies_per_role),
            "managed policies",
            ("attachPolicyARNs", "wellKnownPolicies"),
        ),
        (
            "E-LIMIT-TRUST-POLICY",
            "trustPolicyCharacters",
            document_characters(role.assume_role_policy),
            (limits.trust_policy_characters, _DEFAULTS.trust_policy_characters),
            f"characters of trust policy{at_most}",
            ("subjectPattern",),
        ),
        (
            "E-LIMIT-INLINE-POLICY",
            "inlinePolicyCharacters",
            sum(map(document_characters, inline)),
            (limits.inline_policy_characters, _DEFAULTS.inline_policy_characters),
            "characters of inline policies without white space",
            ("attachPolicy", "wellKnownPolicies"),
        ),
        (
            "E-LIMIT-TAGS",
            "tagsPerRole",
            len(role.tags),
            (limits.tags_per_role, _DEFAULTS.tags_per_role),
            "tags, with those of the cluster, of the settings and our own",
            ("tags",),
        ),
    ):
        if count > limit:
            message = f"{count:,} {what}; {_rule(setting, limit, default)}"
            yield Finding(_first_given(account, keys), code, message)


def annotation_limit_findings(
    annotations: Mapping[str, str], limits: Limits
) -> Iterator[Finding]:
    """Check the size of what a service account will carry."""
    size = sum(len(text.encode()) for pair in annotations.items() for text in pair)
    if size > limits.annotation_bytes:
        message = (
            f"{size:,} bytes of annotations; Kubernetes takes "
            f"{limits.annotation_bytes:,} on an object"
        )
        yield Finding(("metadata", "annotations"), "E-LIMIT-ANNOTATIONS", message)


def _rule(setting: str, limit: int, default: int) -> str:
    if limit != default:
        return f"the setting limits.{setting} takes {limit:,}"
    return (
        f"AWS takes {limit:,} by default (if the account's quota was raised, say so in "
        f"the setting limits.{setting})"
    )


def _first_given(account: ServiceAccount, keys: tuple[str, ...]) -> Path:
    """Find the key of the entry to point at; the entry itself if none is given."""
    given = account.model_dump(by_alias=True, exclude_none=True)
    return next(((key,) for key in keys if key in given), ())
