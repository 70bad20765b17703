"""The comparison and the evaluator, held against an evaluator that is not ours.

Requests near to generated roles, and the example of everything that is called gained
or lost, are decided by both.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import pytest
from outside_evaluator import Asked, OutsideEvaluator, Role
from role_pairs import Pair, pairs

from eks_irsa.access.authority import Authority
from eks_irsa.access.differences import Change, Difference, effective_difference
from eks_irsa.access.evaluation import applies, decide
from eks_irsa.access.requests import Request
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


FEW: Final = 1_000


def test_some_pairs_agree_with_the_outside_evaluator(outside: OutsideEvaluator) -> None:
    """No gain and no loss is missed, none is false, and few are undecided."""
    account = account_of(pairs(FEW, seed=11, requests=8), outside)

    assert account.otherwise == []
    assert account.missed == []
    assert account.false == []
    assert account.changes > FEW
    assert account.undecided < FEW * 0.05
