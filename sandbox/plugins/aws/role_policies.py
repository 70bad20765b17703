"""What hangs on a role: its policies, and how it is freed of them to be deleted.

Source:
    hashicorp/terraform-provider-aws, internal/service/iam/role.go (`deleteRole`)
"""

import json
from urllib.parse import unquote_plus

from sandbox.plugins.aws.account import Account, ServiceError
from sandbox.plugins.aws.policy_documents import normalised
from sandbox.plugins.values import Properties

__all__ = ["attached_policies", "delete_role", "document", "inline_policies"]


def inline_policies(account: Account, role: str) -> dict[str, str]:
    """Give a role's inline policies: name -> normalised document."""
    names = account.call("iam", "ListRolePolicies", RoleName=role)["PolicyNames"]
    return {
        str(name): normalised(
            document(
                account.call(
                    "iam", "GetRolePolicy", RoleName=role, PolicyName=str(name)
                )["PolicyDocument"]
            )
        )
        for name in names
    }


def attached_policies(account: Account, role: str) -> list[str]:
    """Give the ARNs of the policies attached to a role."""
    found = account.call("iam", "ListAttachedRolePolicies", RoleName=role)
    return [str(one["PolicyArn"]) for one in found["AttachedPolicies"]]


def document(value: object) -> str:
    """Give a policy document as text; boto3 decodes most of them, not all."""
    return unquote_plus(value) if isinstance(value, str) else json.dumps(value)


def delete_role(account: Account, role: str, state: Properties) -> None:
    """Delete a role; what its state shows attached goes first, as in the real plugin.

    Args:
        account: The way to it.
        role: Its name.
        state: Its recorded state; `forceDetachPolicies` frees it of everything.

    Raises:
        ServiceError: AWS refused.
    """
    forced = state.get("forceDetachPolicies") is True
    _leave_instance_profiles(account, role)
    if forced or state.get("managedPolicyArns"):
        for policy in attached_policies(account, role):
            _try_to(account, "DetachRolePolicy", RoleName=role, PolicyArn=policy)
    if forced or state.get("inlinePolicies"):
        for policy in inline_policies(account, role):
            _try_to(account, "DeleteRolePolicy", RoleName=role, PolicyName=policy)
    # The real plugin asks again for two minutes while something is still attached; the
    # sandbox's IAM forgets at once.
    account.call("iam", "DeleteRole", RoleName=role)


def _leave_instance_profiles(account: Account, role: str) -> None:
    found = account.call("iam", "ListInstanceProfilesForRole", RoleName=role)
    for profile in found["InstanceProfiles"]:
        _try_to(
            account,
            "RemoveRoleFromInstanceProfile",
            RoleName=role,
            InstanceProfileName=str(profile["InstanceProfileName"]),
        )


def _try_to(account: Account, operation: str, **parameters: str) -> None:
    try:
        account.call("iam", operation, **parameters)
    except ServiceError as error:
        if error.code != "NoSuchEntity":
            raise
