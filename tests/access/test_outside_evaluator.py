"""The comparison and the evaluator, held against an evaluator that is not ours.

Requests near to generated roles, and the example of everything that is called gained
or lost, are decided by both.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import pytest
from outside_evaluator import Asked, OutsideEvaluator, Role
from role_pairs import Pair, pairs

from eks_irsa.access.authority import Authority
from eks_irsa.access.differences import Change, Difference, effective_difference
from eks_irsa.access.evaluation import applies, decide
from eks_irsa.access.requests import Request
from eks_irsa.documents.conditions import BASE_OPERATORS
from eks_irsa.documents.policy_statements import Grant, read_policy


@dataclass
class Account:
    """What was found in some pairs.

    Attributes:
        missed: A request that one side alone lets through, and nothing names.
        false: The example of a change that the outside evaluator decides otherwise.
        otherwise: A request that it decides otherwise.
        undecided: How many pairs have anything undecided.
        changes: How many changes have an example.
    """

    missed: list[object] = field(default_factory=list[object])
    false: list[object] = field(default_factory=list[object])
    otherwise: list[object] = field(default_factory=list[object])
    undecided: int = 0
    changes: int = 0


def authority(role: Role) -> Authority:
    """Read both policies of a role."""
    boundary = None if role.boundary is None else read_policy(role.boundary)
    return Authority(read_policy(role.policy), boundary)


def request_of(asked: Asked) -> Request:
    """Ask ours the same."""
    return Request(
        action=asked.action,
        resource=asked.resource,
        context={
            key.lower(): tuple(value) if isinstance(value, list) else (value,)
            for key, value in asked.context.items()
        },
        open=False,
    )


def asked_of(request: Request) -> Asked:
    """Ask theirs the same."""
    return Asked(
        action=request.action,
        resource=request.resource,
        context={
            key: list(values) if key == "aws:tagkeys" else values[0]
            for key, values in request.context.items()
            if values
        },
    )


def account_of(found: Sequence[Pair], outside: OutsideEvaluator) -> Account:
    """Compare all pairs, and let the outside evaluator judge."""
    sides = [(authority(one.before), authority(one.after)) for one in found]
    differences = [effective_difference(*both) for both in sides]
    asked = [
        [*pair.asked, *map(asked_of, examples(one))]
        for pair, one in zip(found, differences, strict=True)
    ]
    old = outside.allowed(
        (pair.before, some) for pair, some in zip(found, asked, strict=True)
    )
    new = outside.allowed(
        (pair.after, some) for pair, some in zip(found, asked, strict=True)
    )
    account = Account()
    for index, pair in enumerate(found):
        judge(
            account,
            pair,
            sides[index],
            differences[index],
            [*zip(asked[index], old[index], new[index], strict=True)],
        )
    return account


def examples(difference: Difference) -> Iterator[Request]:
    """Give the examples of all changes, gained ones first."""
    for change in (*difference.gained, *difference.lost):
        assert change.example is not None
        yield change.example


def judge(
    account: Account,
    pair: Pair,
    sides: tuple[Authority, Authority],
    difference: Difference,
    answers: list[tuple[Asked, bool, bool]],
) -> None:
    """Enter one pair into the account."""
    unsure = [*difference.undecided_before, *difference.undecided_after]
    account.undecided += bool(unsure)
    account.changes += len(difference.gained) + len(difference.lost)
    for asked, was, is_now in answers:
        request = request_of(asked)
        for side, theirs in zip(sides, (was, is_now), strict=True):
            ours = decide(side, request).outcome
            if ours != ("allowed" if theirs else "denied"):
                account.otherwise.append((pair, asked, ours, theirs))
        changes = difference.gained if is_now else difference.lost
        if was != is_now and not names(changes, unsure, request):
            account.missed.append((pair, asked))
    several = [*difference.gained, *difference.lost]
    for index, change in enumerate(several):
        asked, was, is_now = answers[len(pair.asked) + index]
        gained = index < len(difference.gained)
        if (was, is_now) != (not gained, gained):
            account.false.append((pair, change, asked))


def names(changes: Sequence[Change], unsure: Sequence[Grant], request: Request) -> bool:
    """Tell whether a request is among what changes, or may."""
    grants = [*(change.grant for change in changes), *unsure]
    return any(applies(one, request) is not False for one in grants)


@pytest.fixture(name="outside", scope="module")
def _outside() -> OutsideEvaluator:
    return OutsideEvaluator()


FEW: Final = 500
ALL: Final = 20_000


def assert_agreed(account: Account, *, count: int) -> None:
    """Expect that nothing is missed or false, and that few pairs are undecided."""
    assert account.otherwise == []
    assert account.missed == []
    assert account.false == []
    assert account.changes > count
    assert account.undecided < count * 0.05


def test_some_pairs_agree_with_the_outside_evaluator(outside: OutsideEvaluator) -> None:
    """No gain and no loss is missed, none is false, and few are undecided."""
    assert_agreed(account_of(pairs(FEW, seed=11, requests=6), outside), count=FEW)


@pytest.mark.engine
def test_all_pairs_agree_with_the_outside_evaluator(outside: OutsideEvaluator) -> None:
    """The same of many more; it takes minutes, and runs with what else does."""
    account = account_of(pairs(ALL, seed=20_000, requests=6), outside)

    assert_agreed(account, count=ALL)


# Values of a policy and of a request, by the beginning of the operator.
VALUES: Final[Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "String": (("a", "a*", "A?", "b"), ("a", "A", "ab", "a*", "c")),
    "Numeric": (("5", "10.5", "20"), ("4", "5", "5.0", "10.5", "11", "20", "-3")),
    "Date": (
        ("2024-01-01T00:00:00Z", "2025-01-01"),
        ("2023-12-31T23:59:59Z", "2024-01-01T01:00:00+01:00", "2025-01-01T00:00:00Z"),
    ),
    "Bool": (("true", "false"), ("true", "false")),
    "Binary": (("QQ==", "Qg=="), ("QQ==", "Qw==")),
    "IpAddress": (
        ("10.0.0.0/8", "10.0.0.0/9", "2001:db8::/32"),
        ("10.1.2.3", "10.200.0.1", "192.0.2.1", "2001:db8::1", "2001:db9::1"),
    ),
    "Arn": (
        ("arn:aws:s3:::a*", "arn:aws:*:::b", "arn:aws:s3:*:1:x/?"),
        ("arn:aws:s3:::ab", "arn:aws:s3:::a:b", "arn:aws:x:::b", "arn:aws:s3:r:1:x/y"),
    ),
}
KEY: Final = "aws:PrincipalTag/team"


def operators() -> Iterator[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    """Give every operator with what it is to compare."""
    for base in sorted(BASE_OPERATORS - {"Null"}):
        wanted, given = next(
            values
            for beginning, values in VALUES.items()
            if base.removeprefix("Not").startswith(beginning)
        )
        for quantifier in ("", "ForAllValues:", "ForAnyValue:"):
            for ending in ("", "IfExists"):
                yield f"{quantifier}{base}{ending}", wanted, given
    yield "Null", ("true", "false"), ("a",)


def asked_with(operator: str, given: tuple[str, ...]) -> list[Asked]:
    """Give a request without the key, and one with each value, or with two."""
    contexts: list[Mapping[str, str | list[str]]] = [{}]
    if ":" in operator:
        pairs_of_values = zip(given, (*given[1:], given[0]), strict=True)
        contexts += [{KEY: [*values]} for values in pairs_of_values]
        contexts += [{KEY: [value]} for value in given]
    else:
        contexts += [{KEY: value} for value in given]
    return [
        Asked(action="s3:GetObject", resource="arn:aws:s3:::a/x", context=one)
        for one in contexts
    ]


def is_otherwise_on_purpose(operator: str, asked: Asked) -> bool:
    """Tell whether the outside evaluator differs from IAM's guide here.

    Without the key, `IfExists` is met whatever is before it, the guide says; the
    outside evaluator holds that `ForAnyValue` is not.

    Source:
        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_IfExists
    """
    any_value = operator.startswith("ForAnyValue") and operator.endswith("IfExists")
    return any_value and not asked.context


def test_every_operator_is_decided_as_the_outside_evaluator_does(
    outside: OutsideEvaluator,
) -> None:
    """Each with one value and with all, over keys that are absent, single, several."""
    questions: list[tuple[Role, list[Asked]]] = []
    names_of_operators: list[str] = []
    for operator, wanted, given in operators():
        for values in (*((one,) for one in wanted), wanted):
            statement = {
                "Effect": "Allow",
                "Action": "*",
                "Resource": "*",
                "Condition": {operator: {KEY: [*values]}},
            }
            policy = {"Version": "2012-10-17", "Statement": [statement]}
            questions.append((Role(policy=policy), asked_with(operator, given)))
            names_of_operators.append(operator)

    answers = outside.allowed(questions)

    differing = [
        (operator, asked, theirs)
        for operator, (role, several), some in zip(
            names_of_operators, questions, answers, strict=True
        )
        for asked, theirs in zip(several, some, strict=True)
        if decide(authority(role), request_of(asked)).outcome
        != ("allowed" if theirs else "denied")
    ]
    assert [
        one for one in differing if not is_otherwise_on_purpose(one[0], one[1])
    ] == []
    assert len(differing) < sum(map(len, answers)) * 0.05
