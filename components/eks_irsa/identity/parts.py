"""The parts of a decision, each a function of the fields it follows from.

Fields are keyword arguments under their own names, so that a caller may give each part
the fields it names: plain values, or what a component knows of Outputs.
"""

import inspect
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any, Final, TypeVar

from eks_irsa.documents import arns
from eks_irsa.documents.permission_policy import policy_text
from eks_irsa.documents.pod_identity import (
    other_cluster_fault,
    pod_identity_statement,
    target_trust_policy,
)
from eks_irsa.documents.trust_policy import DEFAULT_AUDIENCE, subject, trust_policy
from eks_irsa.documents.webhook import (
    AUDIENCE_ANNOTATION,
    REGIONAL_STS_ANNOTATION,
    ROLE_ARN_ANNOTATION,
    TOKEN_EXPIRATION_ANNOTATION,
)

__all__ = [
    "DEFAULT_SESSION_SECONDS",
    "HELM_KEYS",
    "IDENTITY_WORDS",
    "annotations",
    "by_association",
    "by_tokens",
    "description",
    "fields_among",
    "labels",
    "makes_association",
    "part_of",
    "pull_secrets",
    "role_arn",
    "session_policy",
    "target_trust",
    "trust",
    "trusted_subject",
    "whole_seconds",
]

V = TypeVar("V")
R = TypeVar("R")

# Helm knows its objects by these, and upgrades none on which they were overwritten.
# Source: https://helm.sh/docs/chart_best_practices/labels/, and validate.go of
# helm/helm, pkg/action, which refuses an object without them.
HELM_KEYS: Final = (
    "app.kubernetes.io/managed-by",
    "meta.helm.sh/release-name",
    "meta.helm.sh/release-namespace",
)
# Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
DEFAULT_SESSION_SECONDS: Final = 3600
# How descriptions begin.
IDENTITY_WORDS: Final = {
    "irsa": "IRSA",
    "podIdentity": "EKS Pod Identity",
    "both": "IRSA and EKS Pod Identity",
}


@cache
def _fields_of(part: Callable[..., object]) -> tuple[str, ...]:
    """Name the fields that a part follows from."""
    return tuple(inspect.signature(part).parameters)


def fields_among(
    part: Callable[..., object], known: Mapping[str, Any]
) -> dict[str, Any]:
    """Pick the fields that a part follows from, as far as they are known.

    Args:
        part: A function of this module.
        known: Field -> value; others are left out.
    """
    return {field: known[field] for field in _fields_of(part) if field in known}


def part_of(part: Callable[..., R], known: Mapping[str, Any]) -> R:
    """Decide a part from the fields that are known.

    Args:
        part: A function of this module.
        known: Field -> value, with all that the part needs.
    """
    return part(**fields_among(part, known))


def trusted_subject(
    *,
    service_account_name: str,
    namespace: str = "default",
    subject_pattern: str | None = None,
) -> str:
    """Return the subject that the role trusts, or the pattern of its own subjects."""
    return subject(
        namespace=namespace, service_account=subject_pattern or service_account_name
    )


def by_tokens(*, identity: str = "irsa") -> bool:
    """Tell whether pods may get the role with a token of the OIDC provider."""
    return identity != "podIdentity"


def by_association(*, identity: str = "irsa") -> bool:
    """Tell whether pods get the role by an association of EKS Pod Identity."""
    return identity != "irsa"


def makes_association(
    *, identity: str = "irsa", association_by_eks: bool = False
) -> bool:
    """Tell whether that association is ours to make; EKS makes those of add-ons."""
    return by_association(identity=identity) and not association_by_eks


def trust(  # noqa: PLR0913 - the fields it follows from
    *,
    service_account_name: str,
    identity: str = "irsa",
    oidc_provider_arn: str | None = None,
    cluster_arn: str | None = None,
    trusted_cluster_arns: Iterable[str] = (),
    disable_session_tags: bool = False,
    namespace: str = "default",
    subject_pattern: str | None = None,
    subjects: Iterable[str] = (),
    audience: str = DEFAULT_AUDIENCE,
    trusted_provider_arns: Iterable[str] = (),
    trust_conditions: Mapping[str, Mapping[str, object]] | None = None,
    trust_statements: Sequence[Mapping[str, object]] = (),
) -> str:
    """Return the trust policy of the role as JSON."""
    association = cluster_arn if by_association(identity=identity) else None
    for other in trusted_cluster_arns if association else ():
        if fault := other_cluster_fault(other, cluster_arn=association or ""):
            raise ValueError(fault)
    return trust_policy(
        provider_arn=oidc_provider_arn if by_tokens(identity=identity) else None,
        namespace=namespace,
        service_account=subject_pattern or service_account_name,
        audience=audience,
        pod_identity=pod_identity_statement(
            cluster_arns=[association, *trusted_cluster_arns],
            namespace=namespace,
            service_account=service_account_name,
            with_session_tags=not disable_session_tags,
        )
        if association
        else None,
        trusted_providers=trusted_provider_arns,
        further_subjects=subjects,
        conditions=trust_conditions,
        statements=trust_statements,
    )


def description(
    *,
    service_account_name: str,
    namespace: str = "default",
    subject_pattern: str | None = None,
    role_description: str | None = None,
    identity: str = "irsa",
) -> str | None:
    """Return the description of the role; None for an empty one."""
    who = trusted_subject(
        service_account_name=service_account_name,
        namespace=namespace,
        subject_pattern=subject_pattern,
    )
    if role_description is not None:
        return role_description or None
    return f"{IDENTITY_WORDS[identity]}: {who}"


def role_arn(
    *,
    role_name: str,
    role_path: str = "/",
    oidc_provider_arn: str | None = None,
    cluster_arn: str | None = None,
) -> str:
    """Return the ARN of the role, before it exists."""
    place = oidc_provider_arn or cluster_arn or ""
    return arns.role_arn_beside(arn=place, path=role_path, name=role_name)


def session_policy(*, session_policy: object = None) -> str | None:
    """Return the policy that narrows what pods may do by an association, as JSON."""
    return policy_text(session_policy) if session_policy else None


def target_trust(  # noqa: PLR0913 - the fields it follows from
    *,
    role_arn: str,
    service_account_name: str,
    cluster_arn: str | None = None,
    namespace: str = "default",
    target_role_arn: str | None = None,
    disable_session_tags: bool = False,
) -> str | None:
    """Return the trust policy that the target role needs as JSON, if there is one."""
    if not target_role_arn or not cluster_arn:
        return None
    policy = target_trust_policy(
        role_arn=role_arn,
        cluster_arn=cluster_arn,
        namespace=namespace,
        service_account=service_account_name,
        with_session_tags=not disable_session_tags,
    )
    return json.dumps(policy, separators=(",", ":"))


def whole_seconds(
    *, max_session_duration_seconds: float = DEFAULT_SESSION_SECONDS
) -> int:
    """Return the longest session of the role; other languages give a float."""
    return int(max_session_duration_seconds)


def labels(
    *, service_account_mode: str = "created", labels: Mapping[str, V] | None = None
) -> dict[str, V]:
    """Return the labels of the service account, those left out that are Helm's."""
    return _less_helms(labels or {}, service_account_mode)


def annotations(  # noqa: PLR0913 - the fields it follows from
    *,
    role_arn: "str | V",
    service_account_mode: str = "created",
    annotations: Mapping[str, V] | None = None,
    audience: "str | V" = DEFAULT_AUDIENCE,
    identity: str = "irsa",
    token_expiration_seconds: float | None = None,
    sts_regional_endpoints: bool | None = None,
) -> dict[str, "str | V"]:
    """Return the annotations of the service account.

    Args:
        role_arn: The role that its pods get.
        service_account_mode: What is done with it.
        annotations: Those that are asked for.
        audience: Audience that the role trusts; the default for an existing role,
            whose trust policy is its owner's.
        identity: By which way they get it; the webhook reads role and audience for
            IRSA alone.
        token_expiration_seconds: Lifetime of the tokens, if asked for.
        sts_regional_endpoints: Whether SDKs call the region's STS, if asked for.
    """
    given: dict[str, str | V] = {**_less_helms(annotations or {}, service_account_mode)}
    if token_expiration_seconds is not None:
        given[TOKEN_EXPIRATION_ANNOTATION] = str(int(token_expiration_seconds))
    if sts_regional_endpoints is not None:
        given[REGIONAL_STS_ANNOTATION] = "true" if sts_regional_endpoints else "false"
    if not by_tokens(identity=identity):
        return given
    given[ROLE_ARN_ANNOTATION] = role_arn
    if audience != DEFAULT_AUDIENCE:
        given.setdefault(AUDIENCE_ANNOTATION, audience)
    return given


def pull_secrets(*, image_pull_secrets: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the names of the secrets that pods pull images with, each once, sorted."""
    return tuple(sorted({*image_pull_secrets}))


def _less_helms(texts: Mapping[str, V], mode: str) -> dict[str, V]:
    """Leave out the keys by which Helm knows a patched service account."""
    return {
        key: text
        for key, text in texts.items()
        if mode != "patched" or key not in HELM_KEYS
    }
