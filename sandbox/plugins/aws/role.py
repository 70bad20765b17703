"""`aws:iam/role:Role`.

Source:
    hashicorp/terraform-provider-aws, internal/service/iam/role.go;
    pulumi/pulumi-aws, provider/resources.go (`aws_iam_role`)
"""

import re
from datetime import UTC, datetime
from typing import Any, Final

from typing_extensions import override

from sandbox.plugins.aws.account import GONE, Account, ServiceError, failed
from sandbox.plugins.aws.fields import ALL_TAGS, READ_ONLY, TAGS, Field, Kind, schema
from sandbox.plugins.aws.policy_documents import (
    are_equivalent,
    normalised,
    unless_equivalent,
)
from sandbox.plugins.aws.resource_type import (
    ResourceType,
    Tagged,
    Update,
    given_or_none,
    text,
)
from sandbox.plugins.aws.role_policies import (
    attached_policies,
    delete_role,
    document,
    inline_policies,
)
from sandbox.plugins.aws.tags import from_list, to_list
from sandbox.plugins.aws.unique_names import name_fields, named, prefix_of
from sandbox.plugins.aws.validators import (
    arn,
    iam_description,
    integer_between,
    length_between,
    policy_json,
)
from sandbox.plugins.values import Properties

__all__ = ["Role"]

_LONGEST_NAME: Final = 64


class Role(ResourceType):
    """An IAM role."""

    token = "aws:iam/role:Role"  # noqa: S105 (a type token)
    fields = schema(
        arn=READ_ONLY,
        assumeRolePolicy=Field(
            required=True,
            validators=(policy_json(),),
            normalise=normalised,
            same=are_equivalent,
        ),
        createDate=READ_ONLY,
        description=Field(validators=(iam_description,)),
        forceDetachPolicies=Field(kind=Kind.FLAG),
        inlinePolicies=Field(
            terraform_name="inline_policy",
            kind=Kind.OBJECT_SET,
            computed=True,
            covered=False,
        ),
        managedPolicyArns=Field(
            kind=Kind.TEXT_SET,
            computed=True,
            covered=False,
        ),
        maxSessionDuration=Field(
            kind=Kind.NUMBER,
            default=3600,
            validators=(integer_between(3600, 43200),),
        ),
        **name_fields(_LONGEST_NAME, longest_autoname=_LONGEST_NAME),
        path=Field(
            replaces=True,
            default="/",
            validators=(length_between(0, 512),),
        ),
        permissionsBoundary=Field(validators=(arn,)),
        tags=TAGS,
        tagsAll=ALL_TAGS,
        uniqueId=READ_ONLY,
    )

    @override
    def create(self, account: Account, inputs: Properties) -> str:
        name = named(inputs)
        created = account.attempt(
            f"creating IAM Role ({name})",
            "iam",
            "CreateRole",
            RoleName=name,
            Path=text(inputs, "path"),
            AssumeRolePolicyDocument=normalised(text(inputs, "assumeRolePolicy")),
            Description=given_or_none(inputs, "description"),
            MaxSessionDuration=given_or_none(inputs, "maxSessionDuration"),
            PermissionsBoundary=given_or_none(inputs, "permissionsBoundary"),
            Tags=to_list(inputs.get("tagsAll")) or None,
        )
        return str(created["Role"]["RoleName"])

    @override
    def find(
        self, account: Account, resource_id: str, recorded: Properties
    ) -> Properties | None:
        try:
            role = account.call("iam", "GetRole", RoleName=resource_id)["Role"]
            inline = inline_policies(account, resource_id)
            attached = attached_policies(account, resource_id)
        except ServiceError as error:
            if error.code == GONE:
                return None
            message = f"reading IAM Role ({resource_id}): {error}"
            raise failed(message) from error
        boundary = role.get("PermissionsBoundary", {})
        return {
            "arn": str(role["Arn"]),
            "assumeRolePolicy": unless_equivalent(
                text(recorded, "assumeRolePolicy"),
                normalised(document(role["AssumeRolePolicyDocument"])),
            ),
            "createDate": _rfc3339(role["CreateDate"]),
            "description": str(role.get("Description") or ""),
            "forceDetachPolicies": recorded.get("forceDetachPolicies") is True,
            "id": resource_id,
            "inlinePolicies": [
                {"name": name, "policy": inline[name]} for name in sorted(inline)
            ],
            "managedPolicyArns": [*sorted(attached)],
            "maxSessionDuration": int(role.get("MaxSessionDuration", 3600)),
            "name": str(role["RoleName"]),
            "namePrefix": prefix_of(str(role["RoleName"])),
            "path": str(role["Path"]),
            "permissionsBoundary": str(boundary.get("PermissionsBoundaryArn", "")),
            "tags": from_list(role.get("Tags", [])),
            "uniqueId": str(role["RoleId"]),
        }

    @override
    def change(self, account: Account, resource_id: str, update: Update) -> None:
        for name, operation, words, parameters in _updates(update.news):
            if name in update.changed:
                what = words.format(f"IAM Role ({resource_id})")
                account.attempt(
                    what, "iam", operation, RoleName=resource_id, **parameters
                )

    @override
    def tagged(self, resource_id: str, state: Properties) -> Tagged:
        return Tagged(kind="Role", identity=("RoleName", resource_id), title="Role")

    @override
    def remove(self, account: Account, resource_id: str, state: Properties) -> None:
        try:
            delete_role(account, resource_id, state)
        except ServiceError as error:
            message = f"deleting IAM Role ({resource_id}): {error}"
            raise failed(message) from error


def _updates(news: Properties) -> list[tuple[str, str, str, dict[str, Any]]]:
    """Give property, operation, words for its failure and parameters, in real order."""
    boundary = text(news, "permissionsBoundary")
    return [
        (
            "assumeRolePolicy",
            "UpdateAssumeRolePolicy",
            "updating {} assume role policy",
            {"PolicyDocument": normalised(text(news, "assumeRolePolicy"))},
        ),
        (
            "description",
            "UpdateRoleDescription",
            "updating {} description",
            {"Description": text(news, "description")},
        ),
        (
            "maxSessionDuration",
            "UpdateRole",
            "updating {} MaxSessionDuration",
            {"MaxSessionDuration": news.get("maxSessionDuration")},
        ),
        (
            "permissionsBoundary",
            "PutRolePermissionsBoundary"
            if boundary
            else "DeleteRolePermissionsBoundary",
            ("updating" if boundary else "deleting") + " {} permissions boundary",
            {"PermissionsBoundary": boundary} if boundary else {},
        ),
    ]


def _rfc3339(moment: datetime) -> str:
    text_form = moment.astimezone(UTC).isoformat(timespec="seconds")
    return re.sub(r"\+00:00$", "Z", text_form)
