"""Which names of roles are taken in IAM."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final

import pulumi_aws as aws

from eks_irsa.cluster import find
from eks_irsa.plan.obstacles import ExistingRole

__all__ = ["existing_roles"]

# IAM throttles an AWS account, not a caller.
_AT_ONCE: Final = 16
_GET_ROLE: Final = "aws:iam/getRole:getRole"


async def existing_roles(names: Sequence[str]) -> Mapping[str, ExistingRole]:
    """Look roles up with the default AWS provider; nothing stops the run.

    The first is looked up alone, so that a caller who may read no role is refused once.

    Args:
        names: Names of roles; IAM is not asked if it is empty.

    Returns:
        By name, the roles that exist, and with the reason those that could not be
        looked up.
    """
    if not names:
        return {}
    first, *others = names
    answer = await _look_up(first)
    if answer and answer.unread:
        return dict.fromkeys(names, answer)
    gate = asyncio.Semaphore(_AT_ONCE)

    async def in_turn(name: str) -> ExistingRole | None:
        async with gate:
            return await _look_up(name)

    answers = [answer, *await asyncio.gather(*map(in_turn, others))]
    return {name: found for name, found in zip(names, answers, strict=True) if found}


async def _look_up(name: str) -> ExistingRole | None:
    try:
        found = await find(_GET_ROLE, {"name": name}, aws.iam.GetRoleResult)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is said
        return ExistingRole(tags={}, unread=" ".join(str(error).split()))
    return ExistingRole(tags=found.tags) if found else None
