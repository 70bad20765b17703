"""`aws:iam/rolePolicy:RolePolicy`.

Source:
    hashicorp/terraform-provider-aws, internal/service/iam/role_policy.go
"""

from typing import Final

from typing_extensions import override

from sandbox.plugins.aws.account import GONE, Account
from sandbox.plugins.aws.fields import Field, schema
from sandbox.plugins.aws.policy_documents import (
    are_equivalent,
    unless_equivalent,
    version_first,
)
from sandbox.plugins.aws.resource_type import ResourceType, Update, text
from sandbox.plugins.aws.role_policies import document
from sandbox.plugins.aws.unique_names import name_fields, named, prefix_of
from sandbox.plugins.aws.validators import policy_json, role_name_not_arn
from sandbox.plugins.refusal import Refusal
from sandbox.plugins.values import Properties

__all__ = ["RolePolicy"]

_LONGEST_NAME: Final = 128
_LONGEST_AUTONAME: Final = 255
"""Source: pulumi/pulumi-aws, provider/resources.go (`SetAutonaming`)"""
_LONGEST_DOCUMENT: Final = 10240


class RolePolicy(ResourceType):
    """An inline policy of a role."""

    token = "aws:iam/rolePolicy:RolePolicy"  # noqa: S105 (a type token)
    fields = schema(
        **name_fields(_LONGEST_NAME, longest_autoname=_LONGEST_AUTONAME),
        policy=Field(
            required=True,
            validators=(policy_json(_LONGEST_DOCUMENT),),
            normalise=version_first,
            same=are_equivalent,
        ),
        role=Field(
            required=True,
            replaces=True,
            validators=(role_name_not_arn,),
        ),
    )

    @override
    def create(self, account: Account, inputs: Properties) -> str:
        role, name = text(inputs, "role"), named(inputs)
        _put(account, role, name, text(inputs, "policy"))
        resource_id = f"{role}:{name}"
        # The real plugin looks whether it is there before it reads it.
        self.find(account, resource_id, inputs)
        return resource_id

    @override
    def find(
        self, account: Account, resource_id: str, recorded: Properties
    ) -> Properties | None:
        role, name = _parts(resource_id)
        found = account.attempt(
            f"reading IAM Role Policy ({resource_id})",
            "iam",
            "GetRolePolicy",
            unless=GONE,
            RoleName=role,
            PolicyName=name,
        )
        if not found:
            return None
        return {
            "id": resource_id,
            "name": name,
            "namePrefix": prefix_of(name),
            "policy": unless_equivalent(
                text(recorded, "policy"),
                version_first(document(found["PolicyDocument"])),
            ),
            "role": role,
        }

    @override
    def change(self, account: Account, resource_id: str, update: Update) -> None:
        role, name = _parts(resource_id)
        if "policy" in update.changed:
            _put(account, role, name, text(update.news, "policy"))

    @override
    def remove(self, account: Account, resource_id: str, state: Properties) -> None:
        role, name = _parts(resource_id)
        account.attempt(
            f"deleting IAM Role Policy ({resource_id})",
            "iam",
            "DeleteRolePolicy",
            unless=GONE,
            RoleName=role,
            PolicyName=name,
        )


def _put(account: Account, role: str, name: str, document: str) -> None:
    account.attempt(
        f"putting IAM Role ({role}) Policy ({name})",
        "iam",
        "PutRolePolicy",
        RoleName=role,
        PolicyName=name,
        PolicyDocument=version_first(document),
    )


def _parts(resource_id: str) -> tuple[str, str]:
    role, colon, name = resource_id.partition(":")
    if not colon:
        message = "role_policy id must be of the form <role name>:<policy name>"
        raise Refusal(message)
    return role, name
