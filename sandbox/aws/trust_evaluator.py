"""Who may assume a role: IAM's evaluation of its trust policy.

For a web identity it reads the JSON text and the claims of a token; for an AWS service
or another role, what the request says. It knows nothing of how either was made. What it
does not understand it refuses by name instead of guessing.

Source:
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from sandbox.aws.trust_conditions import (
    Claims,
    Condition,
    UnsupportedPolicyError,
    failed_condition,
    read_conditions,
    wildcard_match,
)

__all__ = [
    "Decision",
    "Principal",
    "UnsupportedPolicyError",
    "may_assume",
    "may_assume_directly",
]

_WEB_IDENTITY: Final = "sts:AssumeRoleWithWebIdentity"
# Claims of a token that IAM offers to conditions, as `<issuer>:<claim>`.
# Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif
_CLAIMS: Final = frozenset({"amr", "aud", "email", "oaud", "sub"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """The answer, and why.

    Attributes:
        allowed: Whether STS would give credentials.
        reason: One line; for a refusal, what each statement lacked.
    """

    allowed: bool
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Principal:
    """Who asks for a role.

    Attributes:
        kind: `AWS`, `Federated` or `Service`, as policies have it.
        names: What it may be called in a policy, the most exact name first: the ARN of
            an OIDC provider; a service, `pods.eks.amazonaws.com`; a role's ARN, and
            the AWS account it is in.
    """

    kind: str
    names: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Statement:
    """One statement of a trust policy.

    Attributes:
        effect: `Allow` or `Deny`.
        principals: Kind -> whom it speaks of, as written.
        actions: As written; `*` and `?` are wildcards.
        conditions: All must hold.
    """

    effect: str
    principals: Mapping[str, tuple[str, ...]]
    actions: tuple[str, ...]
    conditions: tuple[Condition, ...]


def may_assume(
    trust_policy_json: str,
    *,
    provider_arn: str,
    claims: Mapping[str, str | Sequence[str]],
) -> Decision:
    """Decide whether a token may be traded for credentials of a role.

    The token's signature, age and audience are for somebody else to check.

    Args:
        trust_policy_json: The role's trust policy, as IAM holds it.
        provider_arn: The account's OIDC provider for the token's issuer,
            `arn:<partition>:iam::<account id>:oidc-provider/<issuer>`.
        claims: The token's claims by name; only those that IAM knows are looked at.

    Returns:
        Allowed if a statement allows it and none denies it.

    Raises:
        ValueError: *trust_policy_json* is not a policy, or *provider_arn* not the
            ARN of a provider.
        UnsupportedPolicyError: The policy has an element, operator or key that is not
            implemented here; the text names it.
    """
    return _decide(
        trust_policy_json,
        principal=Principal(kind="Federated", names=(provider_arn,)),
        action=_WEB_IDENTITY,
        context=_context(provider_arn, claims),
    )


def may_assume_directly(
    trust_policy_json: str,
    *,
    principal: Principal,
    tags: Mapping[str, str],
    request: Mapping[str, str],
) -> Decision:
    """Decide whether a service or a role may assume a role, with session tags or none.

    What the asking role's own policies allow is for somebody else to check.

    Args:
        trust_policy_json: As in `may_assume`.
        principal: Who asks.
        tags: Session tags that are to be set; with some of them `sts:TagSession` has to
            be allowed too.
        request: Other keys of the request, such as `aws:SourceArn` -> value.

    Returns:
        As `may_assume`; the reason is that of `sts:AssumeRole` if all is allowed.

    Raises:
        ValueError: *trust_policy_json* is not a policy.
        UnsupportedPolicyError: As in `may_assume`.

    Source:
        https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html
    """
    context: dict[str, Claims] = {
        f"aws:requesttag/{key}".lower(): (value,) for key, value in tags.items()
    }
    context |= {key.lower(): (value,) for key, value in request.items()}
    actions = ["sts:AssumeRole", *(["sts:TagSession"] if tags else [])]
    decisions = [
        _decide(trust_policy_json, principal=principal, action=action, context=context)
        for action in actions
    ]
    return next((one for one in decisions if not one.allowed), decisions[0])


def _decide(
    trust_policy_json: str,
    *,
    principal: Principal,
    action: str,
    context: Mapping[str, Claims],
) -> Decision:
    refusals: list[str] = []
    allowed = ""
    for number, statement in enumerate(_read_trust_policy(trust_policy_json), start=1):
        lacking = _lacking(statement, principal, action, context)
        if lacking:
            refusals.append(f"statement {number}: {lacking}")
        elif statement.effect == "Deny":
            return Decision(allowed=False, reason=f"statement {number} denies it")
        else:
            allowed = allowed or f"statement {number} allows it"
    return Decision(allowed=bool(allowed), reason=allowed or "; ".join(refusals))


def _read_trust_policy(trust_policy_json: str) -> tuple[_Statement, ...]:
    """Read the statements of a trust policy, at least one."""
    policy: object = json.loads(
        trust_policy_json, object_pairs_hook=_refuse_double_keys
    )
    if not isinstance(policy, dict):
        msg = "a trust policy is a JSON object"
        raise ValueError(msg)  # noqa: TRY004 - the text is wrong, not a type of ours
    found = cast("dict[str, object]", policy).get("Statement")
    items = cast("list[object]", found if isinstance(found, list) else [found])
    if not items or not all(isinstance(item, dict) for item in items):
        msg = "a trust policy has at least one statement, each a JSON object"
        raise ValueError(msg)
    return tuple(_read_statement(item) for item in cast("list[dict[str, Any]]", items))


def _issuer_of(provider_arn: str) -> str:
    """Return what IAM writes before the colon of a condition key."""
    _, separator, issuer = provider_arn.partition(":oidc-provider/")
    if not separator or not issuer or not provider_arn.startswith("arn:"):
        msg = f"{provider_arn!r} is not the ARN of an OIDC provider"
        raise ValueError(msg)
    return issuer


def _refuse_double_keys(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = sorted({name for name in names if names.count(name) > 1})
        msg = f"a key of the policy is there twice: {', '.join(twice)}"
        raise ValueError(msg)
    return found


def _read_statement(statement: dict[str, Any]) -> _Statement:
    known = {"Sid", "Effect", "Principal", "Action", "Condition"}
    if unknown := sorted(set(statement) - known):
        msg = f"the element {unknown[0]!r} is not implemented"
        raise UnsupportedPolicyError(msg)
    if statement.get("Effect") not in {"Allow", "Deny"}:
        msg = f"an effect is 'Allow' or 'Deny', not {statement.get('Effect')!r}"
        raise ValueError(msg)
    principal: object = statement.get("Principal")
    if not isinstance(principal, dict):
        msg = f"the principal {principal!r} is not implemented"
        raise UnsupportedPolicyError(msg)
    return _Statement(
        effect=statement["Effect"],
        principals={
            kind: _texts(names)
            for kind, names in cast("dict[str, object]", principal).items()
        },
        actions=_texts(statement.get("Action", [])),
        conditions=read_conditions(statement.get("Condition", {})),
    )


def _texts(value: object) -> tuple[str, ...]:
    items = cast("list[object]", value if isinstance(value, list) else [value])
    if not all(isinstance(item, str) for item in items):
        msg = f"expected a text or a list of texts, not {value!r}"
        raise ValueError(msg)
    return tuple(cast("list[str]", items))


def _context(
    provider_arn: str, claims: Mapping[str, str | Sequence[str]]
) -> Mapping[str, Claims]:
    issuer = _issuer_of(provider_arn)
    context = {
        f"{issuer}:{name}".lower(): (value,) if isinstance(value, str) else tuple(value)
        for name, value in claims.items()
        if name in _CLAIMS
    }
    # Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-federatedprovider
    return {**context, "aws:federatedprovider": (provider_arn,)}


def _lacking(
    statement: _Statement,
    principal: Principal,
    action: str,
    context: Mapping[str, Claims],
) -> str:
    """Say why a statement does not apply; empty if it does."""
    named = statement.principals.get(principal.kind, ())
    if not set(principal.names).intersection(named):
        return f"the principal is not {principal.names[0]}"
    patterns = [one.lower() for one in statement.actions]
    if not any(wildcard_match(one, text=action.lower()) for one in patterns):
        return f"the action is not {action}"
    return failed_condition(statement.conditions, context=context)
