"""A session policy bounds as a permissions boundary does, and beside one.

Source:
    https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#policies_session
"""

import itertools
import random
from typing import Final

import pytest

from eks_irsa.access.authority import Authority
from eks_irsa.access.differences import Change, effective_difference
from eks_irsa.access.evaluation import applies, decide
from eks_irsa.access.requests import Request
from eks_irsa.documents.policy_statements import Grant, read_policy

ACTIONS: Final = ("s3:GetObject", "s3:PutObject", "s3:ListBucket")
RESOURCES: Final = ("arn:aws:s3:::a/x", "arn:aws:s3:::a/y", "arn:aws:s3:::b/x")
REQUESTS: Final = [
    Request(action=action, resource=resource)
    for action, resource in itertools.product(ACTIONS, RESOURCES)
]
PATTERNS: Final = ("*", "s3:*", "s3:Get*", "s3:*Object", *ACTIONS)
PLACES: Final = ("*", "arn:aws:s3:::a/*", "arn:aws:s3:::*/x", *RESOURCES)


def policy(*statements: tuple[str, str, str]) -> frozenset[Grant]:
    """Write a policy of effects, actions and resources."""
    return read_policy(
        {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": effect, "Action": action, "Resource": resource}
                for effect, action, resource in statements
            ],
        }
    )


def drawn(draw: random.Random, *, maybe: bool = False) -> frozenset[Grant] | None:
    """Draw a policy."""
    if maybe and draw.random() < 0.3:
        return None
    return policy(
        *(
            (draw.choice(["Allow", "Allow", "Deny"]), draw.choice(PATTERNS), place)
            for place in draw.choices(PLACES, k=draw.randint(1, 3))
        )
    )


def role(draw: random.Random) -> Authority:
    """Draw a role, maybe with a boundary, maybe with a session policy."""
    return Authority(
        drawn(draw) or frozenset(), drawn(draw, maybe=True), drawn(draw, maybe=True)
    )


def outcomes(authority: Authority) -> list[str]:
    """Decide every request."""
    return [decide(authority, one).outcome for one in REQUESTS]


def through(change: Change) -> set[int]:
    """Number the requests that a change is about."""
    return {
        index
        for index, one in enumerate(REQUESTS)
        if applies(change.part_of or change.grant, one)
    }


@pytest.mark.parametrize("seed", range(40))
def test_session_policy_decides_as_a_boundary_does(seed: int) -> None:
    """Alone it is one; beside one a request must pass both."""
    draw = random.Random(seed)  # noqa: S311 - no secret
    given, bound, session = role(draw).grants, drawn(draw), drawn(draw)

    assert outcomes(Authority(given, None, session)) == outcomes(
        Authority(given, session)
    )
    assert [one == "allowed" for one in outcomes(Authority(given, bound, session))] == [
        "allowed" == one == other
        for one, other in zip(
            outcomes(Authority(given, bound)),
            outcomes(Authority(given, session)),
            strict=True,
        )
    ]


@pytest.mark.parametrize("seed", range(150))
def test_difference_tells_each_request_that_changes(seed: int) -> None:
    """Decided one by one; and nothing is told where none changes."""
    draw = random.Random(seed)  # noqa: S311 - likewise
    before, after = role(draw), role(draw)
    old, new = outcomes(before), outcomes(after)

    found = effective_difference(before, after)

    for changes, one, two in ((found.gained, old, new), (found.lost, new, old)):
        changed = {
            index
            for index in range(len(REQUESTS))
            if (one[index], two[index]) == ("denied", "allowed")
        }
        told = set[int]().union(*map(through, changes))
        assert changed <= told
        for change in changes:
            assert change.example is not None
            example = change.example
            assert decide(before if two is new else after, example).outcome == "denied"
            assert decide(after if two is new else before, example).outcome == "allowed"


def test_what_a_session_policy_lets_through_is_told_as_that() -> None:
    """Shorter where it alone narrows what the role has."""
    everything = policy(("Allow", "s3:*", "*"))
    reads = policy(("Allow", "s3:GetObject", "arn:aws:s3:::a/*"))

    gone = effective_difference(
        Authority(everything, everything, reads), Authority(everything, everything)
    )
    come = effective_difference(
        Authority(everything), Authority(everything, None, reads)
    )

    assert [(one.because, *one.grant.actions_as_written) for one in gone.gained] == [
        ("session", "s3:*")
    ]
    assert gone.lost == come.gained == ()
    assert [(one.because, *one.grant.actions_as_written) for one in come.lost] == [
        ("session", "s3:*")
    ]


def test_decision_says_which_of_both_masks() -> None:
    """The boundary, where both do."""
    given = policy(("Allow", "s3:*", "*"))
    other = policy(("Allow", "sqs:*", "*"))
    (request, *_) = REQUESTS

    masked = [
        decide(Authority(given, *bounds), request)
        for bounds in ((given, other), (other, given), (other, other), (given, given))
    ]

    assert [(one.bounded, one.bounded_by_session) for one in masked] == [
        (True, True),
        (True, False),
        (True, False),
        (False, False),
    ]


def test_what_may_let_through_is_told_of_the_bound_it_hangs_on() -> None:
    """Of one that surely does, nothing hangs on its other grants."""
    given = policy(("Allow", "s3:*", "*"))
    maybe = read_policy(
        {
            "Version": "2012-10-17",
            "Statement": {
                "Effect": "Allow",
                "Action": "s3:*",
                "Resource": "*",
                "Condition": {"StringEquals": {"k": "v"}},
            },
        }
    )
    (request, *_) = REQUESTS

    found = decide(Authority(given, given | maybe, maybe), request)
    sure = decide(Authority(given, given | maybe, given), request)

    assert (found.outcome, found.perhaps_let_through_by) == (
        "conditional",
        tuple(maybe),
    )
    assert (sure.outcome, sure.perhaps_let_through_by) == ("allowed", ())
