"""What IAM checks of the managed policies a request names.

The texts were recorded from IAM: localstack/localstack
tests/aws/services/iam/test_iam_roles.snapshot.json (2026-02-11).
"""

import re
from typing import Final

from sandbox.aws.call import Call
from sandbox.aws.moto_account import MotoIam, RoleState
from sandbox.aws.refusal import Refusal, quota_exceeded
from sandbox.aws.shapes import required

__all__ = [
    "MAX_ATTACHED_POLICIES",
    "boundary_exists",
    "may_attach",
    "policy_is_attached",
]

# Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html;
# the default, which AWS raises to 25 on request
MAX_ATTACHED_POLICIES: Final = 10

_POLICY_ARN: Final = re.compile(
    r"arn:aws[a-z-]*:iam::(?:\d{12}|aws):policy/[!-~]+", re.ASCII
)


def may_attach(call: Call, iam: MotoIam, *, role: RoleState) -> None:
    """Refuse to attach what is no policy, is not attachable, or is one too many."""
    arn = required(call, "PolicyArn")
    if not _POLICY_ARN.fullmatch(arn):
        raise Refusal(code="ValidationError", message=f"ARN {arn} is not valid.")
    if not iam.has_policy(arn):
        raise Refusal(
            code="NoSuchEntity",
            message=f"Policy {arn} does not exist or is not attachable.",
        )
    if "::aws:policy/aws-service-role/" in arn:
        # Source: aws/aws-cdk#6131
        raise Refusal(
            code="PolicyNotAttachable",
            message="Cannot attach a Service Role Policy to a Customer Role.",
        )
    if len(role.attached_arns | {arn}) > MAX_ATTACHED_POLICIES:
        # Source: aws/eks-hybrid#741
        raise quota_exceeded(quota="PoliciesPerRole", limit=MAX_ATTACHED_POLICIES)


def policy_is_attached(call: Call, *, role: RoleState) -> None:
    """Refuse to detach a policy the role does not have."""
    arn = required(call, "PolicyArn")
    if arn not in role.attached_arns:
        raise Refusal(code="NoSuchEntity", message=f"Policy {arn} was not found.")


def boundary_exists(call: Call, iam: MotoIam) -> None:
    """Refuse a permissions boundary that is no policy of this account or AWS."""
    arn = call.parameters.get("PermissionsBoundary")
    if arn is None:
        return
    if not _POLICY_ARN.fullmatch(arn):
        raise Refusal(code="InvalidInput", message=f"ARN {arn} is not valid.")
    if not iam.has_policy(arn):
        raise Refusal(
            code="NoSuchEntity",
            message=f"Scope ARN: {arn} does not exist or is not attachable.",
        )
