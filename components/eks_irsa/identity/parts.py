"""The parts of a decision, each a function of the fields it follows from.

Fields are keyword arguments under their own names, so that a caller may give each part
the fields it names: plain values, or what a component knows of Outputs.
"""

import inspect
import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any, Final, TypeVar

from eks_irsa.documents import arns
from eks_irsa.documents.named_policies import (
    grants_inline,
    named_document,
    named_managed_policy_arns,
)
from eks_irsa.documents.trust_policy import DEFAULT_AUDIENCE, subject, trust_policy
from eks_irsa.documents.webhook import (
    AUDIENCE_ANNOTATION,
    REGIONAL_STS_ANNOTATION,
    ROLE_ARN_ANNOTATION,
    TOKEN_EXPIRATION_ANNOTATION,
)
from eks_irsa.documents.well_known_policies import well_known_policy
from eks_irsa.identity.kinds import holds_later
from eks_irsa.identity.model import LATER

__all__ = [
    "DEFAULT_SESSION_SECONDS",
    "HELM_KEYS",
    "annotations",
    "attachment_key",
    "attachments",
    "description",
    "fields_among",
    "inline_policies",
    "labels",
    "part_of",
    "pull_secrets",
    "role_arn",
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
_ANY_PARTITION: Final = "aws"


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


def trust(  # noqa: PLR0913 - the fields it follows from
    *,
    oidc_provider_arn: str,
    service_account_name: str,
    namespace: str = "default",
    subject_pattern: str | None = None,
    subjects: Iterable[str] = (),
    audience: str = DEFAULT_AUDIENCE,
    trusted_provider_arns: Iterable[str] = (),
    trust_conditions: Mapping[str, Mapping[str, object]] | None = None,
    trust_statements: Sequence[Mapping[str, object]] = (),
) -> str:
    """Return the trust policy of the role as JSON."""
    return trust_policy(
        provider_arn=oidc_provider_arn,
        namespace=namespace,
        service_account=subject_pattern or service_account_name,
        audience=audience,
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
) -> str:
    """Return the description of the role."""
    who = trusted_subject(
        service_account_name=service_account_name,
        namespace=namespace,
        subject_pattern=subject_pattern,
    )
    return role_description if role_description is not None else f"IRSA: {who}"


def role_arn(*, oidc_provider_arn: str, role_name: str, role_path: str = "/") -> str:
    """Return the ARN of the role, before it exists."""
    return arns.role_arn_beside(
        provider_arn=oidc_provider_arn, path=role_path, name=role_name
    )


def whole_seconds(
    *, max_session_duration_seconds: float = DEFAULT_SESSION_SECONDS
) -> int:
    """Return the longest session of the role; other languages give a float."""
    return int(max_session_duration_seconds)


def attachment_key(arn: str) -> str:
    """Name the attachment of a managed policy, `<AWS account id>:policy/<name>`.

    It is the same in every partition, and holds no `::`, the delimiter of URNs.
    """
    return ":".join(arn.split(":")[4:])


def attachments(
    *,
    attach_policy_arns: Sequence[str] = (),
    attach_policies: Mapping[str, V] | None = None,
    well_known_policies: Sequence[str] = (),
    named_policies: Mapping[str, object] | None = None,
    partition: str = _ANY_PARTITION,
) -> dict[str, "str | V"]:
    """Return the managed policies of the role, name of the attachment -> ARN.

    An ARN in plain text names its attachment itself, wherever it is given, so that
    moving it between the fields or renaming its key is no other attachment. What is
    known later has the name of its key.
    """
    attached: dict[str, str | V] = {
        attachment_key(arn): arn for arn in attach_policy_arns if arn
    }
    for key, policy in (attach_policies or {}).items():
        attached[attachment_key(policy) if isinstance(policy, str) else key] = policy
    by_name = [
        *(
            well_known_policy(name=name, partition=partition).managed_policy_arns
            for name in well_known_policies
        ),
        *(
            named_managed_policy_arns(name, partition=partition)
            for name in named_policies or ()
        ),
    ]
    for arn in itertools.chain.from_iterable(by_name):
        attached.setdefault(attachment_key(arn), arn)
    return attached


def inline_policies(
    *,
    inline_policies: Mapping[str, object] | None = None,
    well_known_policies: Sequence[str] = (),
    named_policies: Mapping[str, Mapping[str, object]] | None = None,
    partition: str = _ANY_PARTITION,
) -> dict[str, object]:
    """Return the policies that live in the role, name -> policy.

    One by name whose parameters are only known later is LATER.
    """
    documents = {**(inline_policies or {})}
    for name in well_known_policies:
        for policy in well_known_policy(name=name, partition=partition).inline_policies:
            documents[policy.name] = policy.document
    for name, parameters in (named_policies or {}).items():
        if grants_inline(name, parameters):
            documents[name] = (
                LATER
                if holds_later(parameters)
                else named_document(name, parameters, partition=partition)
            )
    return documents


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
        token_expiration_seconds: Lifetime of the tokens, if asked for.
        sts_regional_endpoints: Whether SDKs call the region's STS, if asked for.
    """
    given: dict[str, str | V] = {**_less_helms(annotations or {}, service_account_mode)}
    if token_expiration_seconds is not None:
        given[TOKEN_EXPIRATION_ANNOTATION] = str(int(token_expiration_seconds))
    if sts_regional_endpoints is not None:
        given[REGIONAL_STS_ANNOTATION] = "true" if sts_regional_endpoints else "false"
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
