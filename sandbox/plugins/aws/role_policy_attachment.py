"""`aws:iam/rolePolicyAttachment:RolePolicyAttachment`.

Source:
    hashicorp/terraform-provider-aws, internal/service/iam/role_policy_attachment.go
"""

from collections.abc import Sequence

from typing_extensions import override

from sandbox.plugins.aws.account import Account, ServiceError, failed
from sandbox.plugins.aws.fields import Field
from sandbox.plugins.aws.resource_type import ResourceType, text
from sandbox.plugins.aws.validators import arn
from sandbox.plugins.refusal import Refusal
from sandbox.plugins.values import Properties

__all__ = ["RolePolicyAttachment"]


class RolePolicyAttachment(ResourceType):
    """A managed policy that is attached to a role."""

    token = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"  # noqa: S105 (a type token)
    fields = {  # noqa: RUF012 (the base class says ClassVar)
        "policyArn": Field(
            terraform_name="policy_arn", required=True, replaces=True, validators=(arn,)
        ),
        "role": Field(terraform_name="role", required=True, replaces=True),
    }

    @override
    def create(self, account: Account, inputs: Properties) -> str:
        role, policy = text(inputs, "role"), text(inputs, "policyArn")
        try:
            account.call("iam", "AttachRolePolicy", RoleName=role, PolicyArn=policy)
        except ServiceError as error:
            message = f"attaching IAM Policy ({policy}) to IAM Role ({role}): {error}"
            raise failed(message) from error
        return f"{role}/{policy}"

    @override
    def find(
        self, account: Account, resource_id: str, recorded: Properties
    ) -> Properties | None:
        role, policy = text(recorded, "role"), text(recorded, "policyArn")
        try:
            found = account.call("iam", "ListAttachedRolePolicies", RoleName=role)
        except ServiceError as error:
            if error.code == "NoSuchEntity":
                return None
            message = f"reading IAM Role Policy Attachment ({role}:{policy}): {error}"
            raise failed(message) from error
        if policy not in {one["PolicyArn"] for one in found["AttachedPolicies"]}:
            return None
        return {"id": resource_id, "policyArn": policy, "role": role}

    @override
    def change(
        self,
        account: Account,
        resource_id: str,
        olds: Properties,
        news: Properties,
        changed: Sequence[str],
    ) -> None:
        message = f"{resource_id}: an attachment has nothing that can be updated"
        raise Refusal(message)

    @override
    def remove(self, account: Account, resource_id: str, state: Properties) -> None:
        role, policy = text(state, "role"), text(state, "policyArn")
        try:
            account.call("iam", "DetachRolePolicy", RoleName=role, PolicyArn=policy)
        except ServiceError as error:
            if error.code == "NoSuchEntity":
                return
            message = f"detaching IAM Policy ({policy}) from IAM Role ({role}): {error}"
            raise failed(message) from error

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
