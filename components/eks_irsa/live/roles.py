"""A role as IAM holds it, with every policy of it."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from eks_irsa.live.model import LiveRole, Read, Unread, known
from eks_irsa.live.refusals import found, read

__all__ = ["ReadRole", "read_policy", "read_role"]

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
    arns = sorted(one["PolicyArn"] for one in known(attached) or ())
    boundary = held.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
    unread = (attached, names, *inline.values())
    return ReadRole(
        role=_role(held, arns=arns, inline=inline),
        policies={arn: managed(arn) for arn in arns},
        boundary=managed(boundary) if boundary else None,
        unread=tuple(dict.fromkeys(one for one in unread if isinstance(one, Unread))),
    )


def _role(
    held: Mapping[str, Any], *, arns: list[str], inline: Mapping[str, Read[str]]
) -> LiveRole:
    return LiveRole(
        name=held["RoleName"],
        arn=held["Arn"],
        unique_id=held["RoleId"],
        path=held["Path"],
        trust_policy=_text(held["AssumeRolePolicyDocument"]),
        description=held.get("Description", ""),
        max_session_duration_seconds=held.get("MaxSessionDuration"),
        permissions_boundary=held.get("PermissionsBoundary", {}).get(
            "PermissionsBoundaryArn"
        ),
        managed_policy_arns=tuple(arns),
        inline_policies={
            one: text for one, text in inline.items() if not isinstance(text, Unread)
        },
        tags={one["Key"]: one["Value"] for one in held.get("Tags", ())},
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
        lambda: _text(
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
        lambda: _text(
            iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"][
                "Document"
            ]
        ),
    )


def _text(document: object) -> str:
    """Give a policy as JSON; botocore reads what it can."""
    return document if isinstance(document, str) else json.dumps(document)
