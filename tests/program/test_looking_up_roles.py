"""Looking up many roles costs so much for each, however many there are."""

import sys
from types import FrameType
from typing import Any

import pulumi

from eks_irsa.stack.existing_roles import existing_roles
from eks_irsa.testing import deploy


def calls_for(count: int) -> int:
    """Count the calls of functions that looking up so many absent roles takes.

    Unlike time they do not depend on what else the machine does.
    """
    calls = 0

    def counted(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event in {"call", "c_call"}

    async def main() -> None:
        sys.setprofile(counted)
        try:
            found = await existing_roles([f"role-{number}" for number in range(count)])
        finally:
            sys.setprofile(None)
        assert found == {}

    answers: dict[str, Any] = {"aws:iam/getRole:getRole": "couldn't find resource"}
    deploy(lambda: pulumi.run(main), answers=answers)
    return calls


def test_looking_up_twice_as_many_roles_takes_twice_the_calls() -> None:
    """A stack of thousands of entries would wait for it otherwise."""
    calls_for(10)  # what is only done once

    assert calls_for(200) / calls_for(100) < 2.1
