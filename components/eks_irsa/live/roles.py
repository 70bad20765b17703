"""A role as IAM holds it, with every policy of it."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final
from urllib.parse import unquote

from eks_irsa.live.model import LiveRole, Read, Unread, known
from eks_irsa.live.refusals import found, read

__all__ = ["ReadRole", "live_role", "read_policy", "read_role", "with_details"]

# Action -> name of the operation, and of the list in its answer.
_LISTS: Final = {
    "ListAttachedRolePolicies": ("list_attached_role_policies", "AttachedPolicies"),
    "ListRolePolicies": ("list_role_policies", "PolicyNames"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadRole:
    """A role and what its policies say.

    Attributes:
        role: The role; None if there is none of that name. What of its policies could
            not be read is missing in it, and in *unread*.
        policies: ARN of each managed policy -> JSON of its default version.
        boundary: JSON of the permissions boundary's default version; None without one.
        unread: Why policies are missing in *role*.
    """

    role: Read[LiveRole | None]
    policies: Mapping[str, Read[str]] = field(default_factory=dict[str, Read[str]])
    boundary: Read[str | None] = None
    unread: tuple[Unread, ...] = ()


def read_role(
    iam: Any,  # noqa: ANN401 - without types
    name: str,
    *,
    managed: Callable[[str], Read[str]],
) -> ReadRole:
    """Read a role, its policies and what they say.

    Args:
        iam: A client of IAM, of the AWS account of the role.
        name: Name of the role, without its path.
        managed: Reads a managed policy by its ARN, as `read_policy` does.
    """
    held = found("iam:GetRole", lambda: iam.get_role(RoleName=name)["Role"])
    if held is None or isinstance(held, Unread):
        return ReadRole(role=held)
    attached = _listed(iam, "ListAttachedRolePolicies", name)
    names = _listed(iam, "ListRolePolicies", name)
    inline = {one: _inline(iam, name, one) for one in sorted(known(names) or ())}
    unread = (attached, names, *inline.values())
    role = live_role(
        {
            **held,
            "AttachedManagedPolicies": known(attached),
            "RolePolicyList": [
                {"PolicyName": one, "PolicyDocument": text}
                for one, text in inline.items()
                if not isinstance(text, Unread)
            ],
        }
    )
    boundary = role.permissions_boundary
    return ReadRole(
        role=with_details(role, held),
        policies={arn: managed(arn) for arn in role.managed_policy_arns},
        boundary=managed(boundary) if boundary else None,
        unread=tuple(dict.fromkeys(one for one in unread if isinstance(one, Unread))),
    )


def _listed(
    iam: Any,  # noqa: ANN401 - without types
    action: str,
    name: str,
) -> "Read[list[Any]]":
    operation, member = _LISTS[action]

    def listed() -> list[Any]:
        pages = iam.get_paginator(operation).paginate(RoleName=name)
        return [one for page in pages for one in page[member]]

    return read(f"iam:{action}", listed)


def _inline(
    iam: Any,  # noqa: ANN401 - without types
    name: str,
    policy: str,
) -> Read[str]:
    return read(
        "iam:GetRolePolicy",
        lambda: _policy(
            iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
        ),
    )


def read_policy(
    iam: Any,  # noqa: ANN401 - without types
    arn: str,
) -> Read[str]:
    """Read the default version of a managed policy, as JSON.

    Args:
        iam: A client of IAM.
        arn: ARN of the policy.
    """
    version = read(
        "iam:GetPolicy",
        lambda: iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"],
    )
    if isinstance(version, Unread):
        return version
    return read(
        "iam:GetPolicyVersion",
        lambda: _policy(
            iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"][
                "Document"
            ]
        ),
    )


def live_role(document: Mapping[str, Any]) -> LiveRole:
    """Read a role.

    Args:
        document: As GetAccountAuthorizationDetails describes it, in an element of
            `RoleDetailList`; its policies as JSON, as JSON values, or URL-encoded.

    Returns:
        The role, without description and longest session, which that does not tell.

    Raises:
        KeyError: It has no name.
        ValueError: A policy is no JSON.

    Source:
        https://docs.aws.amazon.com/IAM/latest/APIReference/API_RoleDetail.html
    """
    boundary: Mapping[str, Any] = document.get("PermissionsBoundary") or {}
    attached = document.get("AttachedManagedPolicies") or ()
    inline = document.get("RolePolicyList") or ()
    return LiveRole(
        name=document["RoleName"],
        arn=document["Arn"],
        path=document.get("Path") or "/",
        trust_policy=_policy(document["AssumeRolePolicyDocument"]),
        description=None,
        max_session_duration_seconds=None,
        permissions_boundary=boundary.get("PermissionsBoundaryArn"),
        managed_policy_arns=tuple(sorted(one["PolicyArn"] for one in attached)),
        inline_policies={
            one["PolicyName"]: _policy(one["PolicyDocument"])
            for one in sorted(inline, key=lambda one: str(one["PolicyName"]))
        },
        tags={one["Key"]: one["Value"] for one in document.get("Tags") or ()},
    )


def with_details(role: LiveRole, document: Mapping[str, Any]) -> LiveRole:
    """Add what the authorization details do not tell.

    Args:
        role: The role.
        document: It, as GetRole and ListRoles describe it.

    Source:
        https://docs.aws.amazon.com/IAM/latest/APIReference/API_Role.html
    """
    return replace(
        role,
        description=document.get("Description") or "",
        max_session_duration_seconds=document.get("MaxSessionDuration"),
    )


def _policy(given: object) -> str:
    if not isinstance(given, str):
        return json.dumps(given, separators=(",", ":"))
    text = given if given.lstrip().startswith("{") else unquote(given)
    return json.dumps(json.loads(text), separators=(",", ":"))
