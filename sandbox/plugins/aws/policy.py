"""`aws:iam/policy:Policy`, for programs that make a policy of their own.

Source:
    hashicorp/terraform-provider-aws, internal/service/iam/policy.go
"""

from collections.abc import Sequence
from typing import Any, Final

from typing_extensions import override

from sandbox.plugins.aws.account import Account, ServiceError, failed
from sandbox.plugins.aws.fields import Field, uncovered
from sandbox.plugins.aws.policy_documents import are_equivalent, unless_equivalent
from sandbox.plugins.aws.resource_type import ResourceType, given_or_none, text
from sandbox.plugins.aws.role_policies import document
from sandbox.plugins.aws.unique_names import UNIQUE_LENGTH, named, prefix_of
from sandbox.plugins.aws.validators import iam_name, policy_json
from sandbox.plugins.values import Properties

__all__ = ["Policy"]

_LONGEST_NAME: Final = 128
_LONGEST_DOCUMENT: Final = 6144


class Policy(ResourceType):
    """A managed policy of the AWS account; tags are not covered."""

    token = "aws:iam/policy:Policy"  # noqa: S105 (a type token)
    fields = {  # noqa: RUF012 (the base class says ClassVar)
        "arn": Field(terraform_name="arn", read_only=True),
        "description": Field(terraform_name="description", replaces=True),
        "name": Field(
            terraform_name="name",
            computed=True,
            replaces=True,
            longest_autoname=_LONGEST_NAME,
            conflicts_with="namePrefix",
            validators=(iam_name(_LONGEST_NAME),),
        ),
        "namePrefix": Field(
            terraform_name="name_prefix",
            computed=True,
            replaces=True,
            conflicts_with="name",
            validators=(iam_name(_LONGEST_NAME - UNIQUE_LENGTH),),
        ),
        "path": Field(terraform_name="path", replaces=True, default="/"),
        "policy": Field(
            terraform_name="policy",
            required=True,
            validators=(policy_json(_LONGEST_DOCUMENT),),
            same=are_equivalent,
        ),
        "policyId": Field(terraform_name="policy_id", read_only=True),
        **uncovered("delayAfterPolicyCreationInMs", "tags"),
    }

    @override
    def create(self, account: Account, inputs: Properties) -> str:
        name = named(inputs)
        made = _call(
            account,
            f"creating IAM Policy ({name})",
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
        try:
            found = account.call("iam", "GetPolicy", PolicyArn=resource_id)["Policy"]
        except ServiceError as error:
            if error.code == "NoSuchEntity":
                return None
            message = f"reading IAM Policy ({resource_id}): {error}"
            raise failed(message) from error
        version = _call(
            account,
            f"reading IAM Policy ({resource_id}) version",
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
    def change(
        self,
        account: Account,
        resource_id: str,
        olds: Properties,
        news: Properties,
        changed: Sequence[str],
    ) -> None:
        """Make a new version the default one, and keep it alone.

        The real plugin keeps the older ones, up to the four that IAM holds beside it.
        """
        what = f"updating IAM Policy ({resource_id})"
        _call(
            account,
            what,
            "CreatePolicyVersion",
            PolicyArn=resource_id,
            PolicyDocument=text(news, "policy"),
            SetAsDefault=True,
        )
        _delete_old_versions(account, what, resource_id)

    @override
    def remove(self, account: Account, resource_id: str, state: Properties) -> None:
        try:
            account.call("iam", "DeletePolicy", PolicyArn=resource_id)
        except ServiceError as error:
            if error.code == "NoSuchEntity":
                return
            message = f"deleting IAM Policy ({resource_id}): {error}"
            raise failed(message) from error


def _delete_old_versions(account: Account, what: str, policy_arn: str) -> None:
    listed = _call(account, what, "ListPolicyVersions", PolicyArn=policy_arn)
    for version in listed["Versions"]:
        if not version["IsDefaultVersion"]:
            _call(
                account,
                what,
                "DeletePolicyVersion",
                PolicyArn=policy_arn,
                VersionId=version["VersionId"],
            )


def _call(account: Account, what: str, operation: str, **parameters: Any) -> Any:  # noqa: ANN401 (boto3 has no types)
    try:
        return account.call("iam", operation, **parameters)
    except ServiceError as error:
        message = f"{what}: {error}"
        raise failed(message) from error
