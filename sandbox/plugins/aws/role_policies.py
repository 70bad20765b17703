"""What hangs on a role: its policies, and how it is freed of them to be deleted.

Source:
    hashicorp/terraform-provider-aws, internal/service/iam/role.go (`deleteRole`)
"""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote_plus

from sandbox.plugins.aws.account import Account, ServiceError
from sandbox.plugins.aws.policy_documents import version_first
from sandbox.plugins.values import Properties

__all__ = ["attached_policies", "delete_role", "document", "inline_policies"]


def inline_policies(account: Account, role: str) -> dict[str, str]:
    """Give a role's inline policies: name -> document, `Version` first."""
    names = account.call("iam", "ListRolePolicies", RoleName=role)["PolicyNames"]
    return {
        str(name): version_first(
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

    What is gone already is asked for all the same, and passed over.

    Args:
        account: The way to it.
        role: Its name.
        state: Its recorded state; `forceDetachPolicies` frees it of everything.

    Raises:
        ServiceError: AWS refused.
    """
    forced = state.get("forceDetachPolicies") is True
    name = {"RoleName": role}
    for profile in _held(
        account, "ListInstanceProfilesForRole", "InstanceProfiles", role
    ):
        given = {"InstanceProfileName": profile["InstanceProfileName"], **name}
        _try_to(account, "RemoveRoleFromInstanceProfile", given)
    if forced or state.get("managedPolicyArns"):
        for one in _held(account, "ListAttachedRolePolicies", "AttachedPolicies", role):
            given = {"PolicyArn": one["PolicyArn"], **name}
            _try_to(account, "DetachRolePolicy", given)
    if forced or state.get("inlinePolicies"):
        for one in _held(account, "ListRolePolicies", "PolicyNames", role):
            _try_to(account, "DeleteRolePolicy", {"PolicyName": one, **name})
    # The real plugin asks again for two minutes while something is still attached; the
    # sandbox's IAM forgets at once.
    _try_to(account, "DeleteRole", name)


def _held(account: Account, operation: str, key: str, role: str) -> list[Any]:
    """List what a role has; nothing if it is gone."""
    return list(_try_to(account, operation, {"RoleName": role}).get(key, []))


def _try_to(
    account: Account, operation: str, parameters: Mapping[str, str]
) -> Mapping[str, Any]:
    """Call, and overlook that what it is about is gone."""
    try:
        return account.call("iam", operation, **parameters)
    except ServiceError as error:
        if error.code != "NoSuchEntity":
            raise
        return {}
