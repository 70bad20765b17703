"""Who may assume a role, before and after, held against the sandbox's STS.

Its evaluator decides single tokens and was written apart from everything here; whatever
token it admits on one side alone the comparison has to name.
"""

import json
from collections.abc import Iterable
from itertools import product
from typing import Any, Final

from hypothesis import given
from hypothesis import strategies as st

from eks_irsa.access.differences import difference
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
        "Effect": "Allow",
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


@given(before=policies, after=policies)
def test_every_token_that_one_side_alone_admits_is_named(
    before: list[dict[str, Any]], after: list[dict[str, Any]]
) -> None:
    """Nobody is let in or locked out in silence, and nobody is named who was not."""
    old, new = (
        read_policy({"Version": "2012-10-17", "Statement": one})
        for one in (before, after)
    )

    found = difference(old, new)

    gained = written(change.grant for change in found.gained)
    lost = written(change.grant for change in found.lost)
    unsure = written([*found.undecided_before, *found.undecided_after])
    for token in TOKENS:
        was, is_now = admits(before, token), admits(after, token)
        perhaps = bool(unsure) and admits(unsure, token)
        if is_now and not was:
            assert perhaps or (bool(gained) and admits(gained, token))
        if was and not is_now:
            assert perhaps or (bool(lost) and admits(lost, token))
        if gained and admits(gained, token):
            assert is_now
        if lost and admits(lost, token):
            assert was
