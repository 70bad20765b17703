# ruff: noqa: ANN401 - policies are JSON
"""The comparison of policies, held against an evaluator that decides single requests.

The evaluator reads statements itself and knows nothing of sets; whatever it lets
through on one side alone the comparison has to name.
"""

import random
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, cast

from hypothesis import given
from hypothesis import strategies as st

from eks_irsa.access.differences import difference
from eks_irsa.documents.policy_statements import Grant, read_policy

ACTIONS: Final = ("s3:Get", "s3:GetX", "s3:Put", "sqs:Get")
RESOURCES: Final = ("a", "ab", "b", "ba")
ACTION_PATTERNS: Final = (*ACTIONS, "s3:*", "s3:Get*", "*", "*:Get", "s3:???")
RESOURCE_PATTERNS: Final = (*RESOURCES, "a*", "*a", "?", "*")
CONTEXTS: Final[tuple[Mapping[str, str], ...]] = tuple(
    {key: value for key, value in (("k", one), ("l", two)) if value}
    for one in ("x", "y", "xy", "")
    for two in ("1", "")
)


def texts(patterns: tuple[str, ...]) -> st.SearchStrategy[Any]:
    """Give one pattern, or a list of some."""
    one = st.sampled_from(patterns)
    return one | st.lists(one, min_size=1, max_size=3)


conditions = st.dictionaries(
    st.sampled_from(["StringEquals", "StringLike", "StringNotEquals", "StringNotLike"]),
    st.dictionaries(
        st.sampled_from(["k", "l"]),
        texts(("x", "y", "x*", "*", "1")),
        min_size=1,
        max_size=2,
    ),
    max_size=2,
)


def statement(
    effect: str,
    action: tuple[str, Any],
    resource: tuple[str, Any],
    condition: dict[str, Any],
) -> dict[str, Any]:
    """Write one statement."""
    return dict([("Effect", effect), action, resource, ("Condition", condition)])


def usually(name: str, patterns: tuple[str, ...]) -> st.SearchStrategy[tuple[str, Any]]:
    """Give a part of a statement, now and then its opposite."""
    return st.tuples(st.sampled_from([name, name, f"Not{name}"]), texts(patterns))


statements: Final = st.builds(
    statement,
    st.sampled_from(["Allow", "Allow", "Deny"]),
    usually("Action", ACTION_PATTERNS),
    usually("Resource", RESOURCE_PATTERNS),
    conditions,
)
policies = st.lists(statements, min_size=1, max_size=4)


def document(statements: list[dict[str, Any]]) -> dict[str, Any]:
    """Write a policy."""
    return {"Version": "2012-10-17", "Statement": statements}


def listed(value: Any) -> list[str]:
    """Return what may stand alone or in a list."""
    return cast("list[str]", value if isinstance(value, list) else [value])


def hit(patterns: Any, text: str) -> bool:
    """Match wildcards by a regular expression."""
    return any(
        re.fullmatch(re.escape(one).replace(r"\*", ".*").replace(r"\?", "."), text)
        for one in listed(patterns)
    )


def applies(statement: Mapping[str, Any], request: tuple[str, str, Any]) -> bool:
    """Decide one request by one statement."""
    action, resource, context = request
    for key, text in (("Action", action), ("Resource", resource)):
        if key in statement and not hit(statement[key], text):
            return False
        if f"Not{key}" in statement and hit(statement[f"Not{key}"], text):
            return False
    for operator, keys in statement["Condition"].items():
        for key, values in keys.items():
            given_value = context.get(key)
            like = operator.endswith("Like")
            found = given_value is not None and (
                hit(values, given_value) if like else given_value in listed(values)
            )
            if found == ("Not" in operator):
                return False
    return True


def written(grants: Iterable[Grant]) -> list[dict[str, Any]]:
    """Write grants as statements again."""
    return [
        {
            "Effect": grant.effect,
            "NotAction" if grant.action.inverted else "Action": [
                *grant.actions_as_written
            ],
            "NotResource" if grant.resource.inverted else "Resource": [
                *grant.resource.texts
            ],
            "Condition": _condition(grant),
        }
        for grant in grants
    ]


def _condition(grant: Grant) -> dict[str, dict[str, list[str]]]:
    found: dict[str, dict[str, list[str]]] = {}
    for clause in grant.condition.clauses:
        found.setdefault(clause.operator, {})[clause.key] = [*clause.values]
    return found


@given(before=policies, after=policies)
def test_whatever_one_side_alone_lets_through_is_named(
    before: list[dict[str, Any]], after: list[dict[str, Any]]
) -> None:
    """No request is gained or lost in silence, and none by something not named."""
    found = difference(read_policy(document(before)), read_policy(document(after)))

    gained = written([change.grant for change in found.gained])
    lost = written([change.grant for change in found.lost])
    unsure = written([*found.undecided_before, *found.undecided_after])
    for effect in ("Allow", "Deny"):
        for action in ACTIONS:
            for resource in RESOURCES:
                for context in CONTEXTS:
                    request = (action, resource, context)
                    old, new, more, less, perhaps = (
                        any(
                            one["Effect"] == effect and applies(one, request)
                            for one in side
                        )
                        for side in (before, after, gained, lost, unsure)
                    )
                    assert not (new and not old) or more or perhaps
                    assert not (old and not new) or less or perhaps


@given(policy=policies, seed=st.integers(0, 99))
def test_policy_and_itself_rewritten_differ_in_nothing(
    policy: list[dict[str, Any]], seed: int
) -> None:
    """Order, repetition, statements cut in two, case of actions, Sids."""
    shuffled = random.Random(seed)  # noqa: S311 - no secret

    other: list[dict[str, Any]] = []
    for index, statement in enumerate(policy):
        rewritten = dict(shuffled.sample([*statement.items()], len(statement)))
        for key in ("Action", "NotAction", "Resource", "NotResource"):
            if key in rewritten:
                several = [*listed(rewritten[key])]
                shuffled.shuffle(several)
                if key.endswith("Action"):
                    several = [
                        shuffled.choice([str.upper, str])(one) for one in several
                    ]
                rewritten[key] = several
        rewritten["Sid"] = f"S{index}"
        other += _cut(rewritten) if shuffled.random() < 0.5 else [rewritten]
    shuffled.shuffle(other)
    found = difference(read_policy(document(policy)), read_policy(document(other)))

    assert not found
    assert (found.gained, found.lost) == ((), ())


def _cut(statement: dict[str, Any]) -> list[dict[str, Any]]:
    """Cut a statement in one for each action."""
    if "Action" not in statement:
        return [statement, statement]
    return [{**statement, "Action": one} for one in listed(statement["Action"])]


@given(policy=policies, more=policies)
def test_policy_with_more_statements_only_gains(
    policy: list[dict[str, Any]], more: list[dict[str, Any]]
) -> None:
    """What stays is not lost, and the way back gains nothing."""
    small, large = (read_policy(document(one)) for one in (policy, [*policy, *more]))

    there, back = difference(small, large), difference(large, small)

    assert there.lost == ()
    assert there.undecided_before == there.undecided_after == ()
    assert back.gained == ()
    assert [one.grant for one in there.gained] == [one.grant for one in back.lost]


@given(before=policies, after=policies)
def test_comparison_is_the_same_from_either_side(
    before: list[dict[str, Any]], after: list[dict[str, Any]]
) -> None:
    """What one direction gains the other loses."""
    old, new = read_policy(document(before)), read_policy(document(after))

    there, back = difference(old, new), difference(new, old)

    assert [one.grant for one in there.gained] == [one.grant for one in back.lost]
    assert there.undecided_before == back.undecided_after
