"""Stacks that an interrupted run left behind: what may still be done with them.

The way of all others is in tests/cli/test_cloudformation.py.
"""

import json

import pytest

from eks_irsa.adoption.letting_go import hindrances, retention_hindrance
from eks_irsa.adoption.retention import retaining
from eks_irsa.live.cloudformation import HeldRole, StackParts
from eks_irsa.live.model import LiveStack

TEMPLATE = json.dumps({"Resources": {"Role1": {"Type": "AWS::IAM::Role"}}})


def stack(status: str) -> LiveStack:
    """Describe a stack in a status."""
    return LiveStack(name="s", id="s/1", status=status, tags={}, outputs={})


def parts(template: str) -> StackParts:
    """Give a template the role of a stack that was taken in."""
    role = HeldRole(
        name="r", unique_id="A", owner="o", managed_policy_arns=(), inline_policies=()
    )
    return StackParts(template=template, roles={"r": role})


@pytest.mark.parametrize(
    ("status", "reasons"),
    [
        ("UPDATE_COMPLETE", ()),
        ("DELETE_FAILED", ()),
        ("DELETE_IN_PROGRESS", ("it is in DELETE_IN_PROGRESS",)),
    ],
)
def test_a_deletion_that_failed_is_asked_for_again(
    status: str, reasons: tuple[str, ...]
) -> None:
    """If all is retained, as for any other stack."""
    assert hindrances(stack(status), parts(retaining(TEMPLATE))) == reasons


def test_what_such_a_stack_does_not_retain_is_kept_by_the_deletion() -> None:
    """Its template cannot be changed any more; the AWS CLI names what stays."""
    said = retention_hindrance(stack("DELETE_FAILED"), ("Role1", "Policy1"))

    assert (said or "").partition("delete it by: ")[2] == (
        "aws cloudformation delete-stack --stack-name s --retain-resources Role1 "
        "Policy1"
    )
    assert retention_hindrance(stack("UPDATE_COMPLETE"), ("Role1",)) is None
