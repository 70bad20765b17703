"""The decision itself, and every problem of what is asked for."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from eks_irsa.documents.limits import Limits
from eks_irsa.documents.permission_policy import policy_text
from eks_irsa.identity import parts, role_policies
from eks_irsa.identity.combinations import (
    combination_faults,
    partition_of,
    place_faults,
)
from eks_irsa.identity.model import Association, Fault, Identity, InlinePolicy, Role
from eks_irsa.identity.pod_identity_rules import role_account_faults
from eks_irsa.identity.rules import value_faults
from eks_irsa.identity.sizes import (
    annotation_size_faults,
    inline_policy_size_faults,
    managed_policy_count_faults,
    tag_count_faults,
    trust_policy_size_faults,
)

__all__ = ["asked_faults", "decide", "decided_faults"]

_ATTACHING: Final = ("attach_policy_arns", "well_known_policies", "named_policies")
_WRITING: Final = ("inline_policies", "well_known_policies", "named_policies")


def asked_faults(
    asked: Mapping[str, Any], *, partition: str | None = None
) -> Iterator[Fault]:
    """Find everything that is wrong with what is asked for one service account.

    Args:
        asked: Field -> value, as in `FIELDS`; what is not asked for is absent, and
            what is not known yet is LATER.
        partition: Partition of the cluster. Default: the one of its OIDC provider, or
            any.

    Yields:
        Errors and warnings, in the order of the fields and then of the rules on fields
        beside one another. A value of the wrong kind has no other fault.
    """
    sound: dict[str, Any] = {}
    for field, value in asked.items():
        wrong = [*value_faults(field, value)]
        yield from wrong
        if not any(fault.code == "E-TYPE" for fault in wrong):
            sound[field] = value
    yield from combination_faults(sound)
    if place := partition or partition_of(sound):
        yield from place_faults(sound, partition=place)


def decide(
    asked: Mapping[str, Any],
    *,
    oidc_provider_arn: str,
    cluster_arn: str,
    name_given: bool = True,
    former_keys: Sequence[str] = (),
) -> Identity:
    """Decide everything that follows from what is asked for one service account.

    Args:
        asked: Field -> plain value without an error of `asked_faults`. It has
            `service_account_name`, and `role_name` or `role_arn`.
        oidc_provider_arn: ARN of the cluster's OIDC provider, existing or not.
        cluster_arn: ARN of the EKS cluster.
        name_given: Somebody gave the role's name. Default: true.
        former_keys: `<namespace>/<name>` it had before, the latest first.

    Returns:
        The decision; equal arguments give equal decisions.
    """
    known = {
        **asked,
        "oidc_provider_arn": oidc_provider_arn,
        "cluster_arn": cluster_arn,
        "partition": cluster_arn.split(":")[1],
    }
    existing = asked.get("role_arn")
    role = None if existing else _role(known, name_given=name_given)
    role_arn = existing or (role.arn if role else "")
    return Identity(
        namespace=asked.get("namespace", "default"),
        name=asked["service_account_name"],
        mode=asked.get("service_account_mode", "created"),
        subject=parts.part_of(parts.trusted_subject, known),
        role_arn=role_arn,
        attach_role_arn=existing,
        role=role,
        identity=asked.get("identity", "irsa"),
        association=_association({**known, "role_arn": role_arn}),
        asked=MappingProxyType(dict(asked)),
        former_keys=tuple(former_keys),
        **_carried({**known, "role_arn": role_arn}),
    )


def decided_faults(
    identity: Identity, limits: Limits, *, assumed: bool
) -> Iterator[Fault]:
    """Find what AWS and Kubernetes would refuse of a decision for its size or place.

    Args:
        identity: The decision.
        limits: What the AWS account takes.
        assumed: Issuer and AWS account are placeholders of their greatest length.
    """
    yield from annotation_size_faults(
        identity.annotations, limits, path=("annotations",)
    )
    existing, association = identity.attach_role_arn, identity.association
    if existing and association and not assumed:
        yield from role_account_faults(existing, cluster_arn=association.cluster_arn)
    if identity.role is None:
        tags: Mapping[str, str] = association.tags if association else {}
        at = _first(identity.asked, ("tags",))
        yield from tag_count_faults(tags, limits, path=at)
        return
    role, asked = identity.role, identity.asked
    yield from managed_policy_count_faults(
        role.managed_policy_arns,
        limits,
        path=_first(asked, _ATTACHING),
    )
    yield from trust_policy_size_faults(
        role.assume_role_policy,
        limits,
        path=_first(asked, ("trusted_provider_arns", "subject_pattern")),
        assumed=assumed,
        clusters=1 + len(asked.get("trusted_provider_arns", ())),
    )
    yield from inline_policy_size_faults(
        [policy.document for policy in role.inline_policies],
        limits,
        path=_first(asked, _WRITING),
    )
    yield from tag_count_faults(role.tags, limits, path=_first(asked, ("tags",)))


def _role(known: Mapping[str, Any], *, name_given: bool) -> Role:
    names = role_policies.names_in_iam(known)
    return Role(
        name=known["role_name"],
        name_given=name_given,
        path=known.get("role_path", "/"),
        arn=parts.part_of(parts.role_arn, known),
        description=parts.part_of(parts.description, known) or "",
        permissions_boundary=known.get("permissions_boundary"),
        managed_policy_arns=tuple(
            parts.part_of(role_policies.attachments, known).values()
        ),
        inline_policies=tuple(
            InlinePolicy(key=key, name=names[key], document=policy_text(document))
            for key, document in parts.part_of(
                role_policies.inline_policies, known
            ).items()
        ),
        assume_role_policy=parts.part_of(parts.trust, known),
        tags=MappingProxyType(dict(sorted(known.get("tags", {}).items()))),
        max_session_duration_seconds=parts.part_of(parts.whole_seconds, known),
    )


def _carried(known: Mapping[str, Any]) -> dict[str, Any]:
    """Decide what a service account carries that is managed."""
    if known.get("service_account_mode", "created") not in {"created", "patched"}:
        return {"labels": MappingProxyType({}), "annotations": MappingProxyType({})}
    return {
        "labels": MappingProxyType(parts.part_of(parts.labels, known)),
        "annotations": MappingProxyType(parts.part_of(parts.annotations, known)),
        "image_pull_secrets": parts.part_of(parts.pull_secrets, known),
    }


def _association(known: Mapping[str, Any]) -> Association | None:
    if not parts.part_of(parts.makes_association, known):
        return None
    return Association(
        cluster_arn=known["cluster_arn"],
        target_role_arn=known.get("target_role_arn"),
        disable_session_tags=known.get("disable_session_tags", False),
        session_policy=parts.part_of(parts.session_policy, known),
        tags=MappingProxyType(dict(sorted(known.get("tags", {}).items()))),
        id=known.get("association_id"),
        target_trust_policy=parts.part_of(parts.target_trust, known),
    )


def _first(asked: Mapping[str, Any], fields: Iterable[str]) -> tuple[str, ...]:
    """Find the field to point at; none if none of them was given."""
    return next(((field,) for field in fields if field in asked), ())
