"""What each value must be, whatever else is asked for: one rule per field."""

import difflib
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, get_args

from eks_irsa.documents import arns, names
from eks_irsa.documents.aws_managed_policy_names import unknown_policy_fault
from eks_irsa.documents.permission_policy import policy_faults, policy_text
from eks_irsa.documents.policy_grammar import DocumentFault, conditions_faults
from eks_irsa.documents.tags import tag_faults
from eks_irsa.documents.trust_grammar import open_to_anyone, trust_statement_faults
from eks_irsa.documents.trust_policy import subject_fault
from eks_irsa.documents.webhook import TOKEN_SECONDS
from eks_irsa.documents.well_known_policies import WELL_KNOWN_POLICY_NAMES
from eks_irsa.identity.adoption_rules import adopt_faults
from eks_irsa.identity.annotation_rules import annotations_faults
from eks_irsa.identity.kinds import (
    ADOPTION,
    CONDITIONS,
    FLAG,
    NAMED_POLICIES,
    POLICIES,
    POLICY,
    STATEMENTS,
    TEXT,
    TEXT_MAP,
    TEXTS,
    WHOLE,
    holds_later,
    kind_faults,
)
from eks_irsa.identity.model import LATER, Fault, IdentityMode, Mode
from eks_irsa.identity.named_policies import named_policies_faults
from eks_irsa.identity.unreplaced import with_unreplaced

__all__ = ["FIELDS", "value_faults"]

# Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
_SESSION_SECONDS: Final = range(3600, 43_201)
# Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
_SESSION_POLICY_CHARACTERS: Final = 2048
_POLICY: Final = "arn:<partition>:iam::<12 digits or 'aws'>:policy/<name>"


def value_faults(field: str, value: object) -> Iterator[Fault]:
    """Find what is wrong with the value of one field.

    Args:
        field: A key of `FIELDS`.
        value: What was given; values that are LATER, or hold it, are not looked at.

    Yields:
        Every fault; a value of the wrong kind has no other.
    """
    kind, rule = FIELDS[field]
    wrong = [*kind_faults(field, value, kind)]
    yield from wrong
    if not wrong and value is not LATER:
        found = [fault._replace(path=(field, *fault.path)) for fault in rule(value)]
        yield from with_unreplaced(field, value, found)


# Yields faults whose paths begin at the value.
_Rule = Callable[[Any], Iterator[Fault]]


def _anything(_: object) -> Iterator[Fault]:
    return iter(())


def _text(code: str, fault: Callable[[str], str | None]) -> _Rule:
    def rule(value: str) -> Iterator[Fault]:
        if message := fault(value):
            yield Fault((), code, message)

    return rule


def _each(code: str, fault: Callable[[str], str | None]) -> _Rule:
    return _each_of(_text(code, fault))


def _each_of(rule: _Rule) -> _Rule:
    def rule_of_all(value: list[object] | Mapping[str, object]) -> Iterator[Fault]:
        pairs = value.items() if isinstance(value, Mapping) else enumerate(value)
        for step, item in pairs:
            if isinstance(item, str):
                for fault in rule(item):
                    yield fault._replace(path=(step,))

    return rule_of_all


def _seconds(code: str, bounds: range) -> _Rule:
    def rule(value: float) -> Iterator[Fault]:
        if value not in bounds:
            message = (
                f"{value:.0f} is out of bounds; "
                f"expected {bounds[0]} to {bounds[-1]} seconds"
            )
            yield Fault((), code, message)

    return rule


def _managed_policy(code: str) -> _Rule:
    def rule(arn: str) -> Iterator[Fault]:
        if not arns.is_policy_arn(arn):
            message = f"{arn!r} is not the ARN of a policy; expected {_POLICY}"
            yield Fault((), code, message)
        elif unknown := unknown_policy_fault(arn):
            yield Fault((), "W-UNKNOWN-AWS-POLICY", unknown, "warning")

    return rule


def _role_arn_fault(arn: str) -> str | None:
    if arns.is_role_arn(arn):
        return None
    return (
        f"{arn!r} is not the ARN of a role; "
        "expected arn:<partition>:iam::<12 digits>:role/<name>"
    )


def _raised(function: Callable[[str], object]) -> Callable[[str], str | None]:
    def fault(text: str) -> str | None:
        try:
            function(text)
        except ValueError as error:
            return str(error)
        return None

    return fault


def _one_of(modes: tuple[str, ...]) -> Callable[[str], str | None]:
    def fault(mode: str) -> str | None:
        if mode in modes:
            return None
        return f"{mode!r} is no mode; expected one of {', '.join(modes)}"

    return fault


def _well_known_fault(name: str) -> str | None:
    if name in WELL_KNOWN_POLICY_NAMES:
        return None
    near = difflib.get_close_matches(name, WELL_KNOWN_POLICY_NAMES, n=1)
    remedy = (
        f"did you mean {near[0]!r}?"
        if near
        else f"expected one of {', '.join(WELL_KNOWN_POLICY_NAMES)}"
    )
    return f"{name!r} is not a well-known policy; {remedy}"


def _labels(
    labels: Mapping[str, str | None],
) -> Iterator[Fault]:
    for key, value in labels.items():
        if fault := names.label_key_fault(key):
            yield Fault((key,), "E-LABEL", fault, at_key=True)
        if isinstance(value, str) and (fault := names.label_value_fault(value)):
            yield Fault((key,), "E-LABEL", fault)


def _tags(tags: Mapping[str, object]) -> Iterator[Fault]:
    known = {
        key: value if isinstance(value, str) else "" for key, value in tags.items()
    }
    for key, message in tag_faults(known):
        yield Fault((key,), "E-TAG", message, at_key=True)


def _policies(
    policies: Mapping[str, object],
) -> Iterator[Fault]:
    for name, document in policies.items():
        if fault := names.policy_name_fault(name):
            yield Fault((name,), "E-POLICY-NAME", fault, at_key=True)
        if not holds_later(document):
            for found in policy_faults(document):
                yield Fault((name, *found.path), "E-POLICY-DOCUMENT", found.message)


def _session_policy(document: object) -> Iterator[Fault]:
    if holds_later(document):
        return
    wrong = [*policy_faults(document)]
    for found in wrong:
        yield Fault(found.path, "E-POLICY-DOCUMENT", found.message)
    if not wrong:
        size = len(policy_text(document))
        if size > _SESSION_POLICY_CHARACTERS:
            message = (
                f"{size:,} characters; STS takes {_SESSION_POLICY_CHARACTERS:,} of a "
                "policy of a session"
            )
            yield Fault((), "E-LIMIT-SESSION-POLICY", message)


def _policy_keys(
    policies: Mapping[str, str],
) -> Iterator[Fault]:
    for key in policies:
        if fault := names.policy_name_fault(key):
            yield Fault((key,), "E-POLICY-NAME", fault, at_key=True)
    yield from _each_of(_managed_policy("E-POLICY-ARN"))(policies)


def _documents(code: str, faults: Callable[[object], Iterator[DocumentFault]]) -> _Rule:
    def rule(value: object) -> Iterator[Fault]:
        if not holds_later(value):
            for found in faults(value):
                yield Fault(found.path, code, found.message)

    return rule


def _trust_statements(statements: object) -> Iterator[Fault]:
    yield from _documents("E-TRUST-STATEMENT", trust_statement_faults)(statements)
    for path in open_to_anyone(statements):
        message = (
            "lets anyone in any AWS account assume the role; name who may, or narrow "
            "the statement by a Condition"
        )
        yield Fault(path, "W-TRUST-ANYONE", message, "warning")


FIELDS: Final[Mapping[str, tuple[str, _Rule]]] = {
    "adopt": (ADOPTION, adopt_faults),
    "annotations": (TEXT_MAP, annotations_faults),
    "association_id": (TEXT, _text("E-ASSOCIATION-ID", names.association_id_fault)),
    "attach_policies": (TEXT_MAP, _policy_keys),
    "attach_policy_arns": (TEXTS, _each_of(_managed_policy("E-POLICY-ARN"))),
    "audience": (TEXT, _text("E-AUDIENCE", names.audience_fault)),
    "automount_service_account_token": (FLAG, _anything),
    "client_ids": (TEXTS, _each("E-AUDIENCE", names.audience_fault)),
    "cluster_arn": (TEXT, _text("E-CLUSTER-ARN", _raised(arns.parse_cluster_arn))),
    "cluster_name": (TEXT, _text("E-CLUSTER-NAME", names.cluster_name_fault)),
    "cluster_region": (TEXT, _anything),
    "create_namespace": (FLAG, _anything),
    "disable_session_tags": (FLAG, _anything),
    "wait": (FLAG, _anything),
    "identity": (TEXT, _text("E-MODE", _one_of(get_args(IdentityMode)))),
    "image_pull_secrets": (TEXTS, _each("E-SECRET-NAME", names.secret_name_fault)),
    "import_arn": (TEXT, _text("E-PROVIDER-ARN", _raised(arns.issuer_of))),
    "inline_policies": (POLICIES, _policies),
    "inline_policy_names": (
        TEXT_MAP,
        _each("E-POLICY-NAME", names.policy_name_fault),
    ),
    "issuer_url": (TEXT, _text("E-ISSUER-URL", _raised(arns.issuer_of_url))),
    "labels": (TEXT_MAP, _labels),
    "max_session_duration_seconds": (
        WHOLE,
        _seconds("E-SESSION-DURATION", _SESSION_SECONDS),
    ),
    "mode": (TEXT, _text("E-MODE", _one_of(("auto", "managed", "existing")))),
    "named_policies": (NAMED_POLICIES, named_policies_faults),
    "namespace": (TEXT, _text("E-SA-NAMESPACE", names.namespace_fault)),
    "oidc_provider_arn": (TEXT, _text("E-PROVIDER-ARN", _raised(arns.issuer_of))),
    "permissions_boundary": (TEXT, _managed_policy("E-BOUNDARY-ARN")),
    "provider_credential_opts": (TEXT_MAP, _anything),
    "role_arn": (TEXT, _text("E-ROLE-ARN", _role_arn_fault)),
    "role_description": (TEXT, _text("E-ROLE-DESCRIPTION", names.description_fault)),
    "role_name": (TEXT, _text("E-ROLE-NAME", names.role_name_fault)),
    "role_path": (TEXT, _text("E-ROLE-PATH", names.role_path_fault)),
    "service_account_mode": (TEXT, _text("E-MODE", _one_of(get_args(Mode)))),
    "service_account_name": (
        TEXT,
        _text("E-SA-NAME", names.service_account_name_fault),
    ),
    "session_policy": (POLICY, _session_policy),
    "sts_regional_endpoints": (FLAG, _anything),
    "subject_pattern": (TEXT, _text("E-SUBJECT-PATTERN", names.subject_pattern_fault)),
    "subjects": (TEXTS, _each("E-SUBJECT", subject_fault)),
    "tags": (TEXT_MAP, _tags),
    "target_role_arn": (TEXT, _text("E-ROLE-ARN", _role_arn_fault)),
    "thumbprints": (TEXTS, _each("E-THUMBPRINT", names.thumbprint_fault)),
    "token_expiration_seconds": (WHOLE, _seconds("E-TOKEN-EXPIRATION", TOKEN_SECONDS)),
    "trust_conditions": (
        CONDITIONS,
        _documents("E-TRUST-CONDITION", conditions_faults),
    ),
    "trust_statements": (
        STATEMENTS,
        _trust_statements,
    ),
    "trusted_cluster_arns": (
        TEXTS,
        _each("E-CLUSTER-ARN", _raised(arns.parse_cluster_arn)),
    ),
    "trusted_provider_arns": (TEXTS, _each("E-PROVIDER-ARN", _raised(arns.issuer_of))),
    "well_known_policies": (TEXTS, _each("E-WELL-KNOWN", _well_known_fault)),
}
"""Field -> the kind of value it takes, and its rule; no other field exists."""
