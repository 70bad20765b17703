"""What contradicts itself, has no effect or opens more than it says."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, cast

from eks_irsa.documents import arns
from eks_irsa.documents.policy_partitions import partition_faults
from eks_irsa.documents.trust_policy import DEFAULT_AUDIENCE
from eks_irsa.documents.webhook import (
    AUDIENCE_ANNOTATION,
    REGIONAL_STS_ANNOTATION,
    TOKEN_EXPIRATION_ANNOTATION,
)
from eks_irsa.documents.well_known_policies import (
    WELL_KNOWN_POLICY_NAMES,
    well_known_policy,
)
from eks_irsa.identity import parts
from eks_irsa.identity.model import LATER, Fault
from eks_irsa.identity.named_policies import named_partition_faults
from eks_irsa.identity.pod_identity_rules import pod_identity_faults
from eks_irsa.identity.waiting import waiting_faults

__all__ = [
    "OF_ROLES",
    "OF_SERVICE_ACCOUNTS",
    "combination_faults",
    "partition_of",
    "place_faults",
    "settled_faults",
]

# What says something of a role that is made, and of a service account that is managed.
OF_ROLES: Final = (
    "attach_policies",
    "attach_policy_arns",
    "audience",
    "inline_policies",
    "inline_policy_names",
    "max_session_duration_seconds",
    "named_policies",
    "permissions_boundary",
    "role_description",
    "role_name",
    "role_path",
    "subject_pattern",
    "subjects",
    "tags",
    "trust_conditions",
    "trust_statements",
    "trusted_provider_arns",
    "well_known_policies",
)
OF_SERVICE_ACCOUNTS: Final = (
    "annotations",
    "automount_service_account_token",
    "create_namespace",
    "image_pull_secrets",
    "labels",
    "sts_regional_endpoints",
    "token_expiration_seconds",
)
_POLICIES: Final = (
    "attach_policy_arns",
    "attach_policies",
    "inline_policies",
    "well_known_policies",
    "named_policies",
)
_NOT_MANAGED: Final = frozenset({"notManaged", "retained"})
_TYPED_ANNOTATIONS: Final = (
    ("token_expiration_seconds", TOKEN_EXPIRATION_ANNOTATION),
    ("sts_regional_endpoints", REGIONAL_STS_ANNOTATION),
)


def combination_faults(asked: Mapping[str, Any]) -> Iterator[Fault]:
    """Find what is wrong with fields beside one another.

    Args:
        asked: Fields of the kinds that `FIELDS` has; a value may be LATER.
    """
    if asked.get("role_arn"):
        yield from _existing_role_faults(asked)
    if asked.get("service_account_mode") in _NOT_MANAGED:
        yield from _not_managed_faults(asked)
    yield from pod_identity_faults(asked)
    yield from _policy_faults(asked)
    yield from _inline_name_faults(asked)
    yield from _annotation_faults(asked)
    yield from _pattern_faults(asked)
    yield from waiting_faults(asked)


def settled_faults(asked: Mapping[str, Any]) -> Iterator[Fault]:
    """Find what is wrong with fields that a stack's settings decide besides the file.

    Args:
        asked: Fields without an error of `combination_faults`.
    """
    if asked.get("service_account_mode") == "patched":
        yield from _helm_faults(asked)
    managed = asked.get("service_account_mode") not in _NOT_MANAGED
    if managed and parts.part_of(parts.by_tokens, asked):
        yield from _audience_faults(asked)


def place_faults(asked: Mapping[str, Any], *, partition: str) -> Iterator[Fault]:
    """Find ARNs that no role of a partition can have.

    IAM refuses them: `Partition "aws" is not valid for resource ...`.

    Args:
        asked: Fields of the kinds that `FIELDS` has; a value may be LATER.
        partition: Partition of the cluster.
    """
    named: list[tuple[tuple[str | int, ...], object]] = [
        ((field,), asked.get(field))
        for field in ("permissions_boundary", "role_arn", "target_role_arn")
    ]
    named += [
        (("attach_policy_arns", index), arn)
        for index, arn in enumerate(_list(asked, "attach_policy_arns"))
    ]
    named += [
        (("attach_policies", key), arn)
        for key, arn in _map(asked, "attach_policies").items()
    ]
    for path, arn in named:
        other = arns.partition_of_arn(arn) if isinstance(arn, str) else None
        if isinstance(arn, str) and other and other != partition:
            message = (
                f"{arn!r} is in another partition than the cluster; "
                f"expected {arns.in_partition(arn, partition)!r}"
            )
            yield Fault(path, "E-PARTITION", message)
    for name, document in _map(asked, "inline_policies").items():
        for fault in partition_faults(document, partition=partition):
            yield Fault(
                ("inline_policies", name, *fault.path), "E-PARTITION", fault.message
            )
    if session_policy := asked.get("session_policy"):
        for fault in partition_faults(session_policy, partition=partition):
            at = ("session_policy", *fault.path)
            yield Fault(at, "E-PARTITION", fault.message)
    named_policies = _map(asked, "named_policies")
    for found in named_partition_faults(named_policies, partition=partition):
        yield found._replace(path=("named_policies", *found.path))


def partition_of(asked: Mapping[str, Any]) -> str | None:
    """Return the partition that what is asked for must be in; None if it is unknown."""
    arn = asked.get("oidc_provider_arn") or asked.get("cluster_arn")
    return arns.partition_of_arn(arn) if isinstance(arn, str) else None


def _existing_role_faults(asked: Mapping[str, Any]) -> Iterator[Fault]:
    """Name what would be dropped beside an existing role."""
    beside = [field for field in OF_ROLES if asked.get(field)]
    if parts.part_of(parts.by_association, asked):
        # The association is made, and has the tags.
        beside = [field for field in beside if field != "tags"]
        beside += ["trusted_cluster_arns"] if asked.get("trusted_cluster_arns") else []
    elif asked.get("service_account_mode") == "notManaged":
        beside.append("service_account_mode")  # nothing at all would be made
    for field in beside:
        message = (
            "has no effect beside an existing role, which is used as it is; take one "
            "of the two out"
        )
        yield Fault((field,), "E-ATTACH-ROLE", message, at_key=True)


def _not_managed_faults(asked: Mapping[str, Any]) -> Iterator[Fault]:
    for field in OF_SERVICE_ACCOUNTS:
        if asked.get(field):
            message = (
                "has no effect, as the service account is not managed; take one of the "
                "two out"
            )
            yield Fault((field,), "E-NOT-MANAGED", message, at_key=True)


def _helm_faults(asked: Mapping[str, Any]) -> Iterator[Fault]:
    """Warn of the keys of Helm, which a patched service account keeps as they are."""
    for field in ("labels", "annotations"):
        for key in sorted(_map(asked, field).keys() & set(parts.HELM_KEYS)):
            message = (
                f"{key!r} says whose the service account is, and is left as it is on "
                "one that is patched; take it out"
            )
            path = (field, key)
            yield Fault(path, "W-OWNERSHIP-KEY", message, "warning", at_key=True)


def _policy_faults(asked: Mapping[str, Any]) -> Iterator[Fault]:
    given = [field for field in _POLICIES if field in asked]
    if given and not any(asked[field] for field in given) and "role_arn" not in asked:
        message = "is empty, so it grants nothing; name a policy or take it out"
        yield Fault((given[0],), "E-SA-NO-POLICY", message)
    first: set[object] = set()
    listed = [*enumerate(_list(asked, "attach_policy_arns"))]
    for index, arn in listed:
        path = ("attach_policy_arns", index)
        if arn is LATER:
            message = (
                "the ARN is only known later, and an attachment needs a name before; "
                'write attach_policies={"<key of your choice>": <this value>} instead'
            )
            yield Fault(path, "E-POLICY-LATER", message)
        elif arn and arn in first:
            message = f"{arn!r} is listed already and attached once; take one out"
            yield Fault(path, "W-POLICY-ARN-TWICE", message, "warning")
        else:
            first.add(arn)
    for key, arn in _map(asked, "attach_policies").items():
        if arn in first:
            message = f"{arn!r} is listed already and attached once; take one out"
            at = ("attach_policies", key)
            yield Fault(at, "W-POLICY-ARN-TWICE", message, "warning")
        elif arn is not LATER:
            first.add(arn)


def _inline_name_faults(asked: Mapping[str, Any]) -> Iterator[Fault]:
    written = dict.fromkeys(_map(asked, "named_policies"), "named_policies")
    for name in WELL_KNOWN_POLICY_NAMES:
        if name not in _list(asked, "well_known_policies"):
            continue
        for policy in well_known_policy(name=name, partition="aws").inline_policies:
            written[policy.name] = f"the well-known policy {name}"
    for name in _map(asked, "inline_policies"):
        if name in written:
            message = f"{written[name]} writes {name!r} too; call this one otherwise"
            yield Fault(("inline_policies", name), "E-TWICE", message, at_key=True)


def _annotation_faults(asked: Mapping[str, Any]) -> Iterator[Fault]:
    annotations = _map(asked, "annotations")
    for field, key in _TYPED_ANNOTATIONS:
        if field in asked and key in annotations:
            message = f"{key!r} is written by {field}; give it once"
            yield Fault(("annotations", key), "E-TWICE", message, at_key=True)


def _audience_faults(asked: Mapping[str, Any]) -> Iterator[Fault]:
    """Warn of tokens that our role will refuse; an existing role is its owner's."""
    annotations = _map(asked, "annotations")
    audience = asked.get("audience", DEFAULT_AUDIENCE)
    wanted = annotations.get(AUDIENCE_ANNOTATION, audience)
    if "role_arn" in asked or LATER in (audience, wanted) or wanted == audience:
        return
    message = (
        f"pods get tokens for {wanted!r}, which the role refuses, as it trusts "
        f"{audience!r}; set the audience of the stack instead"
    )
    path = ("annotations", AUDIENCE_ANNOTATION)
    yield Fault(path, "W-AUDIENCE", message, "warning")


def _pattern_faults(asked: Mapping[str, Any]) -> Iterator[Fault]:
    named: list[tuple[tuple[str | int, ...], object]] = [
        (("subject_pattern",), asked.get("subject_pattern"))
    ]
    for index, text in enumerate(_list(asked, "subjects")):
        if isinstance(text, str):
            named.append((("subjects", index), text.rpartition(":")[2]))
    for path, pattern in named:
        if isinstance(pattern, str) and _matches_every_name(pattern):
            message = (
                "lets every service account of the namespace assume the role; name the "
                "ones that should, such as 'worker-*'"
            )
            yield Fault(path, "W-SUBJECT-PATTERN", message, "warning")


def _map(asked: Mapping[str, Any], field: str) -> Mapping[str, object]:
    value = cast("object", asked.get(field))
    return cast("Mapping[str, object]", value) if isinstance(value, Mapping) else {}


def _list(asked: Mapping[str, Any], field: str) -> Sequence[object]:
    value = cast("object", asked.get(field))
    return cast("Sequence[object]", value) if isinstance(value, list | tuple) else ()


def _matches_every_name(pattern: str) -> bool:
    return "*" in pattern and pattern.replace("*", "") in {"", "?"}
