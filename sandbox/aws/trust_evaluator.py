"""Who may assume a role: IAM's evaluation of a trust policy for a web identity.

It reads the JSON text and the claims of a token, and knows nothing of how either was
made. What it does not understand it refuses by name instead of guessing.

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

__all__ = ["Decision", "UnsupportedPolicyError", "may_assume"]

_ACTION: Final = "sts:assumerolewithwebidentity"
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
class _Statement:
    """One statement of a trust policy.

    Attributes:
        effect: `Allow` or `Deny`.
        federated: Identity providers it speaks of, as written.
        actions: As written; `*` and `?` are wildcards.
        conditions: All must hold.
    """

    effect: str
    federated: tuple[str, ...]
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
    context = _context(provider_arn, claims)
    refusals: list[str] = []
    allowed = ""
    for number, statement in enumerate(_read_trust_policy(trust_policy_json), start=1):
        lacking = _lacking(statement, provider_arn=provider_arn, context=context)
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
        federated=_texts(cast("dict[str, object]", principal).get("Federated", [])),
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
    statement: _Statement, *, provider_arn: str, context: Mapping[str, Claims]
) -> str:
    """Say why a statement does not apply; empty if it does."""
    if provider_arn not in statement.federated:
        return f"the principal is not {provider_arn}"
    if not any(wildcard_match(one.lower(), text=_ACTION) for one in statement.actions):
        return "the action is not sts:AssumeRoleWithWebIdentity"
    return failed_condition(statement.conditions, context=context)
