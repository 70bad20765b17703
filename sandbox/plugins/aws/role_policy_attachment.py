"""`aws:iam/rolePolicyAttachment:RolePolicyAttachment`.

Source:
    hashicorp/terraform-provider-aws, internal/service/iam/role_policy_attachment.go
"""

from typing_extensions import override

from sandbox.plugins.aws.account import GONE, Account
from sandbox.plugins.aws.fields import Field, schema
from sandbox.plugins.aws.resource_type import ResourceType, Update, text
from sandbox.plugins.aws.validators import arn
from sandbox.plugins.refusal import Refusal
from sandbox.plugins.values import Properties

__all__ = ["RolePolicyAttachment"]


class RolePolicyAttachment(ResourceType):
    """A managed policy that is attached to a role."""

    token = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"  # noqa: S105 (a type token)
    fields = schema(
        policyArn=Field(required=True, replaces=True, validators=(arn,)),
        role=Field(required=True, replaces=True),
    )

    @override
    def create(self, account: Account, inputs: Properties) -> str:
        role, policy = text(inputs, "role"), text(inputs, "policyArn")
        what = f"attaching IAM Policy ({policy}) to IAM Role ({role})"
        account.attempt(
            what, "iam", "AttachRolePolicy", RoleName=role, PolicyArn=policy
        )
        return f"{role}/{policy}"

    @override
    def find(
        self, account: Account, resource_id: str, recorded: Properties
    ) -> Properties | None:
        role, policy = text(recorded, "role"), text(recorded, "policyArn")
        found = account.attempt(
            f"reading IAM Role Policy Attachment ({role}:{policy})",
            "iam",
            "ListAttachedRolePolicies",
            unless=GONE,
            RoleName=role,
        )
        attached = {one["PolicyArn"] for one in found.get("AttachedPolicies", [])}
        if policy not in attached:
            return None
        return {"id": resource_id, "policyArn": policy, "role": role}

    @override
    def change(self, account: Account, resource_id: str, update: Update) -> None:
        message = f"{resource_id}: an attachment has nothing that can be updated"
        raise Refusal(message)

    @override
    def remove(self, account: Account, resource_id: str, state: Properties) -> None:
        role, policy = text(state, "role"), text(state, "policyArn")
        account.attempt(
            f"detaching IAM Policy ({policy}) from IAM Role ({role})",
            "iam",
            "DetachRolePolicy",
            unless=GONE,
            RoleName=role,
            PolicyArn=policy,
        )

    @override
    def imported(self, resource_id: str) -> Properties:
        role, _, policy = resource_id.partition("/")
        if not role or not policy:
            message = (
                f'unexpected format for Import ID ("{resource_id}"), expected '
                "<role-name>/<policy_arn>"
            )
            raise Refusal(message)
        return {"role": role, "policyArn": policy}
