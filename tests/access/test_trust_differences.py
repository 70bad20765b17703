"""Who may assume a role, before and after, held against the sandbox's STS.

Its evaluator decides single tokens and was written apart from everything here; whatever
token it admits on one side alone the comparison has to name.
"""

import json
from collections.abc import Iterable
from dataclasses import replace
from itertools import product
from typing import Any, Final

from hypothesis import given
from hypothesis import strategies as st

from eks_irsa.access.authority import Authority
from eks_irsa.access.differences import Change, effective_difference
from eks_irsa.access.requests import Request
from eks_irsa.documents.policy_statements import Grant, read_policy
from sandbox.aws.trust_evaluator import may_assume

PROVIDERS: Final = tuple(
    f"arn:aws:iam::123456789012:oidc-provider/oidc.eks.us-west-2.amazonaws.com/id/{one}"
    for one in ("AAAA", "BBBB")
)
SUBJECTS: Final = tuple(
    f"system:serviceaccount:{namespace}:{name}"
    for namespace, name in product(("apps", "other"), ("a", "ab", "b"))
)
AUDIENCES: Final = ("sts.amazonaws.com", "vault")
PATTERNS: Final = (*SUBJECTS, "system:serviceaccount:apps:*", "*:a", "*:?", "*")
TOKENS: Final = tuple(product(PROVIDERS, SUBJECTS, AUDIENCES))


def issuer(provider: str) -> str:
    """Return the issuer of a provider."""
    return provider.partition("oidc-provider/")[2]


def some(values: tuple[str, ...]) -> st.SearchStrategy[Any]:
    """Give one value, or a list of some."""
    one = st.sampled_from(values)
    return one | st.lists(one, min_size=1, max_size=3)


@st.composite
def statement(draw: st.DrawFn) -> dict[str, Any]:
    """Give a statement, right or with one of the holes that are found in the field."""
    provider = draw(st.sampled_from(PROVIDERS))
    conditions: dict[str, dict[str, Any]] = {}
    for claim, values in (("sub", PATTERNS), ("aud", AUDIENCES)):
        operator = draw(
            st.sampled_from(["StringEquals", "StringLike", "StringNotEquals", ""])
        )
        if operator:
            key = f"{issuer(provider)}:{claim}"
            conditions.setdefault(operator, {})[key] = draw(some(values))
    return {
        "Effect": draw(st.sampled_from(["Allow", "Allow", "Deny"])),
        "Principal": {"Federated": draw(st.just(provider) | some(PROVIDERS))},
        "Action": draw(some(("sts:AssumeRoleWithWebIdentity", "sts:*"))),
        "Condition": conditions,
    }


policies: Final = st.lists(statement(), min_size=1, max_size=3)


def admits(statements: Iterable[dict[str, Any]], token: tuple[str, str, str]) -> bool:
    """Ask the sandbox's STS."""
    provider, subject, audience = token
    document = {"Version": "2012-10-17", "Statement": [*statements]}
    return may_assume(
        json.dumps(document),
        provider_arn=provider,
        claims={"sub": subject, "aud": audience},
    ).allowed


def written(grants: Iterable[Grant]) -> list[dict[str, Any]]:
    """Write grants as statements again."""
    statements: list[dict[str, Any]] = []
    for grant in grants:
        (principal,) = grant.principal.texts
        conditions: dict[str, dict[str, Any]] = {}
        for clause in grant.condition.clauses:
            keys = conditions.setdefault(clause.operator, {})
            keys[clause.key_as_written] = [*clause.values]
        statements.append(
            {
                "Effect": grant.effect,
                "Principal": {"Federated": principal.removeprefix("Federated ")},
                "Action": [*grant.actions_as_written],
                "Condition": conditions,
            }
        )
    return statements


def named(changes: Iterable[Change], token: tuple[str, str, str]) -> bool:
    """Tell whether a token is among what changes, denials taken for what they held."""
    grants = [replace(change.grant, effect="Allow") for change in changes]
    return bool(grants) and admits(written(grants), token)


def token_of(request: Request) -> tuple[str, str, str] | None:
    """Return the token a request is made with; None if no token has such claims."""
    provider = request.principal.removeprefix("Federated ")
    claims = {key: values for key, values in request.context.items() if values}
    keys = [f"{issuer(provider)}:{claim}".lower() for claim in ("sub", "aud")]
    if claims.keys() != set(keys) or request.action != "sts:assumerolewithwebidentity":
        return None
    (subject,), (audience,) = (claims[key] for key in keys)
    return provider, subject, audience


@given(before=policies, after=policies)
def test_every_token_that_one_side_alone_admits_is_named(
    before: list[dict[str, Any]], after: list[dict[str, Any]]
) -> None:
    """Nobody is let in or locked out in silence, and nobody is named who was not."""
    old, new = (
        Authority(read_policy({"Version": "2012-10-17", "Statement": one}))
        for one in (before, after)
    )

    found = effective_difference(old, new)

    assert (found.undecided_before, found.undecided_after) == ((), ())
    for token in TOKENS:
        was, is_now = admits(before, token), admits(after, token)
        if is_now and not was:
            assert named(found.gained, token)
        if was and not is_now:
            assert named(found.lost, token)
    for changes, is_gain in ((found.gained, True), (found.lost, False)):
        for change in changes:
            assert change.example is not None
            shown = token_of(change.example)
            if shown is not None:
                assert admits(after, shown) is is_gain
                assert admits(before, shown) is not is_gain
