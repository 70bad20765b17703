"""`aws:iam/policy:Policy`, for programs that make a policy of their own.

Source:
    hashicorp/terraform-provider-aws, internal/service/iam/policy.go
"""

from typing import Final

from typing_extensions import override

from sandbox.plugins.aws.account import GONE, Account
from sandbox.plugins.aws.fields import READ_ONLY, Field, schema, uncovered
from sandbox.plugins.aws.policy_documents import are_equivalent, unless_equivalent
from sandbox.plugins.aws.resource_type import ResourceType, Update, given_or_none, text
from sandbox.plugins.aws.role_policies import document
from sandbox.plugins.aws.unique_names import name_fields, named, prefix_of
from sandbox.plugins.aws.validators import policy_json
from sandbox.plugins.values import Properties

__all__ = ["Policy"]

_LONGEST_NAME: Final = 128
_LONGEST_DOCUMENT: Final = 6144


class Policy(ResourceType):
    """A managed policy of the AWS account; tags are not covered."""

    token = "aws:iam/policy:Policy"  # noqa: S105 (a type token)
    fields = schema(
        arn=READ_ONLY,
        description=Field(replaces=True),
        **name_fields(_LONGEST_NAME, longest_autoname=_LONGEST_NAME),
        path=Field(replaces=True, default="/"),
        policy=Field(
            required=True,
            validators=(policy_json(_LONGEST_DOCUMENT),),
            same=are_equivalent,
        ),
        policyId=READ_ONLY,
        **uncovered("delayAfterPolicyCreationInMs", "tags"),
    )

    @override
    def create(self, account: Account, inputs: Properties) -> str:
        name = named(inputs)
        made = account.attempt(
            f"creating IAM Policy ({name})",
            "iam",
            "CreatePolicy",
            PolicyName=name,
            Path=inputs["path"],
            Description=given_or_none(inputs, "description"),
            PolicyDocument=text(inputs, "policy"),
        )
        return str(made["Policy"]["Arn"])

    @override
    def find(
        self, account: Account, resource_id: str, recorded: Properties
    ) -> Properties | None:
        what = f"reading IAM Policy ({resource_id})"
        read = account.attempt(
            what, "iam", "GetPolicy", unless=GONE, PolicyArn=resource_id
        )
        if not read:
            return None
        found = read["Policy"]
        version = account.attempt(
            f"{what} version",
            "iam",
            "GetPolicyVersion",
            PolicyArn=resource_id,
            VersionId=found["DefaultVersionId"],
        )
        name = str(found["PolicyName"])
        return {
            "arn": resource_id,
            "description": str(found.get("Description") or ""),
            "id": resource_id,
            "name": name,
            "namePrefix": prefix_of(name),
            "path": str(found["Path"]),
            "policy": unless_equivalent(
                text(recorded, "policy"), document(version["PolicyVersion"]["Document"])
            ),
            "policyId": str(found["PolicyId"]),
        }

    @override
    def change(self, account: Account, resource_id: str, update: Update) -> None:
        """Make a new version the default one, and keep it alone.

        The real plugin keeps the older ones, up to the four that IAM holds beside it.
        """
        what = f"updating IAM Policy ({resource_id})"
        account.attempt(
            what,
            "iam",
            "CreatePolicyVersion",
            PolicyArn=resource_id,
            PolicyDocument=text(update.news, "policy"),
            SetAsDefault=True,
        )
        _delete_old_versions(account, what, resource_id)

    @override
    def remove(self, account: Account, resource_id: str, state: Properties) -> None:
        what = f"deleting IAM Policy ({resource_id})"
        account.attempt(what, "iam", "DeletePolicy", unless=GONE, PolicyArn=resource_id)


def _delete_old_versions(account: Account, what: str, policy_arn: str) -> None:
    listed = account.attempt(what, "iam", "ListPolicyVersions", PolicyArn=policy_arn)
    for version in listed["Versions"]:
        if not version["IsDefaultVersion"]:
            account.attempt(
                what,
                "iam",
                "DeletePolicyVersion",
                PolicyArn=policy_arn,
                VersionId=version["VersionId"],
            )
