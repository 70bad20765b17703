"""What AWS and Kubernetes would refuse for its size, one function per quota."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from eks_irsa.documents.limits import Limits
from eks_irsa.documents.permission_policy import document_characters
from eks_irsa.identity.model import Fault

__all__ = [
    "annotation_size_faults",
    "inline_policy_size_faults",
    "managed_policy_count_faults",
    "tag_count_faults",
    "trust_policy_size_faults",
]

_DEFAULTS: Final = Limits()


def managed_policy_count_faults(
    policies: Sequence[object], limits: Limits, *, path: Sequence[str] = ()
) -> Iterator[Fault]:
    """Check how many managed policies are attached to a role.

    Args:
        policies: The policies, each once.
        limits: What the AWS account takes.
        path: The field to point at.
    """
    limit = limits.managed_policies_per_role
    if len(policies) > limit:
        rule = _rule(
            "managedPoliciesPerRole", limit, _DEFAULTS.managed_policies_per_role
        )
        message = f"{len(policies):,} managed policies; {rule}"
        yield Fault((*path,), "E-LIMIT-MANAGED-POLICIES", message)


def trust_policy_size_faults(
    policy: str,
    limits: Limits,
    *,
    path: Sequence[str] = (),
    assumed: bool = False,
    clusters: int = 1,
) -> Iterator[Fault]:
    """Check the size of a trust policy.

    Args:
        policy: The policy as JSON.
        limits: What the AWS account takes.
        path: The field to point at.
        assumed: Issuer and AWS account are placeholders of their greatest length.
            Default: false.
        clusters: How many clusters it trusts, each by a statement, which are its first.
            Default: 1.
    """
    limit = limits.trust_policy_characters
    if (size := document_characters(policy)) > limit:
        most = (
            " at most, as issuer and AWS account are not known yet" if assumed else ""
        )
        fit = (
            f" for {clusters} clusters ({_fitting(policy, limit, clusters)} fit)"
            if clusters > 1
            else ""
        )
        rule = _rule("trustPolicyCharacters", limit, _DEFAULTS.trust_policy_characters)
        message = f"{size:,} characters of trust policy{fit}{most}; {rule}"
        yield Fault((*path,), "E-LIMIT-TRUST-POLICY", message)


def _fitting(policy: str, limit: int, clusters: int) -> int:
    """Count the clusters that fit in whatever choice, the longest of all included."""
    statements = json.loads(policy)["Statement"][:clusters]
    sizes = [len(json.dumps(one, separators=(",", ":"))) + 1 for one in statements]
    rest = document_characters(policy) - sum(sizes)
    return max((limit - rest) // max(sizes), 0)


def inline_policy_size_faults(
    policies: Iterable[str], limits: Limits, *, path: Sequence[str] = ()
) -> Iterator[Fault]:
    """Check the sum of the sizes of a role's inline policies.

    Args:
        policies: The policies as JSON.
        limits: What the AWS account takes.
        path: The field to point at.
    """
    limit = limits.inline_policy_characters
    if (size := sum(map(document_characters, policies))) > limit:
        rule = _rule(
            "inlinePolicyCharacters", limit, _DEFAULTS.inline_policy_characters
        )
        message = f"{size:,} characters of inline policies without white space; {rule}"
        yield Fault((*path,), "E-LIMIT-INLINE-POLICY", message)


def tag_count_faults(
    tags: Mapping[str, object], limits: Limits, *, path: Sequence[str] = ()
) -> Iterator[Fault]:
    """Check how many tags a role has.

    Args:
        tags: All its tags.
        limits: What the AWS account takes.
        path: The field to point at.
    """
    limit = limits.tags_per_role
    if len(tags) > limit:
        rule = _rule("tagsPerRole", limit, _DEFAULTS.tags_per_role)
        message = (
            f"{len(tags):,} tags, with those of the cluster, of the settings and our "
            f"own; {rule}"
        )
        yield Fault((*path,), "E-LIMIT-TAGS", message)


def annotation_size_faults(
    annotations: Mapping[str, str], limits: Limits, *, path: Sequence[str] = ()
) -> Iterator[Fault]:
    """Check the size of what a service account carries.

    Args:
        annotations: All its annotations.
        limits: What Kubernetes takes.
        path: The field to point at.
    """
    size = sum(len(text.encode()) for pair in annotations.items() for text in pair)
    if size > limits.annotation_bytes:
        message = (
            f"{size:,} bytes of annotations; Kubernetes takes "
            f"{limits.annotation_bytes:,} on an object"
        )
        yield Fault((*path,), "E-LIMIT-ANNOTATIONS", message)


def _rule(setting: str, limit: int, default: int) -> str:
    if limit != default:
        return f"the setting limits.{setting} takes {limit:,}"
    return (
        f"AWS takes {limit:,} by default (if the quota was raised, say so in the "
        f"setting limits.{setting})"
    )
