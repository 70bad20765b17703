"""Questions about many requests, held against each of the requests.

Resources and actions are texts of few letters, so that all of them can be asked one by
one; that single requests are decided as IAM does is proved beside `access`.
"""

import itertools
import random

import pytest

from eks_irsa.access.authority import Authority
from eks_irsa.access.evaluation import decide
from eks_irsa.access.requests import Request
from eks_irsa.answers.judgements import judged
from eks_irsa.documents.patterns import Patterns, matches
from eks_irsa.documents.policy_statements import Grant, read_policy

# All short ones, and longer ones of the letters that patterns have.
TEXTS = [
    "".join(one)
    for letters, sizes in (("abc", (0, 1, 2)), ("ab", (3,)))
    for size in sizes
    for one in itertools.product(letters, repeat=size)
]
WORDS = ["", "a", "b", "ab", "*", "a*", "*b", "?", "a?", "*a*", "?*", "b*a"]
SOME: dict[str, object] = {"StringEquals": {"k": "1"}}


def statement(draw: random.Random) -> dict[str, object]:
    """Draw a statement, inverted now and then, under a condition now and then."""
    action, resource = draw.choice(WORDS), draw.choice(WORDS)
    one: dict[str, object] = {
        "Effect": draw.choice(["Allow", "Allow", "Allow", "Deny"]),
        draw.choice(["Action", "Action", "NotAction"]): [f"x:{action}"],
        draw.choice(["Resource", "Resource", "NotResource"]): [f"r:{resource}"],
    }
    if draw.random() < 1 / 4:
        one["Condition"] = SOME
    return one


def grants(draw: random.Random) -> frozenset[Grant]:
    """Draw a policy."""
    statements = [statement(draw) for _ in range(draw.randint(1, 4))]
    return read_policy({"Version": "2012-10-17", "Statement": statements})


@pytest.mark.parametrize("seed", range(400))
def test_judgement_is_that_of_the_single_requests(seed: int) -> None:
    """All allowed means every one, denied means none, a part means at least one."""
    draw = random.Random(seed)  # noqa: S311 - no secret
    authority = Authority(grants(draw), draw.choice([None, grants(draw)]))
    action, resource = f"x:{draw.choice(WORDS[1:])}", f"r:{draw.choice(WORDS)}"
    request = Request(
        action="", context=draw.choice([{}, {"k": ("1",)}, {"k": ()}]), open=True
    )

    found = judged(
        authority,
        action=Patterns(frozenset({action})),
        resource=Patterns(frozenset({resource})),
        request=request,
    )

    outcomes = {
        decide(
            authority,
            Request(action=one, resource=other, context=request.context),
        ).outcome
        for one in (f"x:{text}" for text in TEXTS[1:])
        if matches(action, one)
        for other in (f"r:{text}" for text in TEXTS)
        if matches(resource, other)
    }
    assert not found.unsure
    assert {one.outcome for one in found.decisions} <= {found.outcome}
    if found.scope == "all":
        assert outcomes == {found.outcome}
    else:
        # A longer text may be allowed where none of these is.
        assert outcomes != {found.outcome}
        if found.outcome == "conditional":
            assert "allowed" not in outcomes
