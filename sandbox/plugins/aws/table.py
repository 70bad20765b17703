"""`aws:dynamodb/table:Table`.

Source:
    hashicorp/terraform-provider-aws, internal/service/dynamodb/table.go
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from typing_extensions import override

from sandbox.plugins.aws.account import Account, ServiceError, failed
from sandbox.plugins.aws.fields import Field, Kind, uncovered
from sandbox.plugins.aws.resource_type import ResourceType, text
from sandbox.plugins.aws.tags import from_list, tag_changes, to_list
from sandbox.plugins.refusal import NotCovered
from sandbox.plugins.values import Properties, Value

__all__ = ["Table"]

_LONGEST_NAME: Final = 255
_ON_DEMAND: Final = "PAY_PER_REQUEST"


class Table(ResourceType):
    """A table that is paid for per request; its other settings are not covered."""

    token = "aws:dynamodb/table:Table"  # noqa: S105 (a type token)
    fields = {  # noqa: RUF012 (the base class says ClassVar)
        "arn": Field(terraform_name="arn", read_only=True),
        "attributes": Field(terraform_name="attribute", kind=Kind.OBJECT_SET),
        "billingMode": Field(terraform_name="billing_mode", default="PROVISIONED"),
        "hashKey": Field(terraform_name="hash_key", computed=True, replaces=True),
        "name": Field(
            terraform_name="name",
            required=True,
            replaces=True,
            longest_autoname=_LONGEST_NAME,
        ),
        "rangeKey": Field(terraform_name="range_key", replaces=True),
        "tags": Field(terraform_name="tags", kind=Kind.TEXT_MAP),
        "tagsAll": Field(terraform_name="tags_all", kind=Kind.TEXT_MAP, read_only=True),
        **uncovered(
            "deletionProtectionEnabled",
            "globalSecondaryIndexes",
            "globalTableWitness",
            "importTable",
            "localSecondaryIndexes",
            "onDemandThroughput",
            "pointInTimeRecovery",
            "readCapacity",
            "region",
            "replicas",
            "restoreBackupArn",
            "restoreDateTime",
            "restoreSourceName",
            "restoreSourceTableArn",
            "restoreToLatestTime",
            "serverSideEncryption",
            "streamEnabled",
            "streamViewType",
            "tableClass",
            "ttl",
            "warmThroughput",
            "writeCapacity",
        ),
    }

    @override
    def create(self, account: Account, inputs: Properties) -> str:
        name = text(inputs, "name")
        if inputs.get("billingMode") != _ON_DEMAND:
            what = f"a table whose billingMode is not {_ON_DEMAND}"
            raise NotCovered(plugin="aws", what=what)
        try:
            account.call(
                "dynamodb",
                "CreateTable",
                TableName=name,
                AttributeDefinitions=[
                    {"AttributeName": one["name"], "AttributeType": one["type"]}
                    for one in _objects(inputs.get("attributes"))
                ],
                KeySchema=[
                    {"AttributeName": text(inputs, key), "KeyType": kind}
                    for key, kind in (("hashKey", "HASH"), ("rangeKey", "RANGE"))
                    if text(inputs, key)
                ],
                BillingMode=_ON_DEMAND,
                Tags=to_list(inputs.get("tags")) or None,
            )
        except ServiceError as error:
            message = f"creating AWS DynamoDB Table ({name}): {error}"
            raise failed(message) from error
        return name

    @override
    def find(
        self, account: Account, resource_id: str, recorded: Properties
    ) -> Properties | None:
        try:
            found = account.call("dynamodb", "DescribeTable", TableName=resource_id)
            arn = str(found["Table"]["TableArn"])
            listed = account.call("dynamodb", "ListTagsOfResource", ResourceArn=arn)
        except ServiceError as error:
            if error.code == "ResourceNotFoundException":
                return None
            message = f"reading Amazon DynamoDB Table ({resource_id}): {error}"
            raise failed(message) from error
        table: Mapping[str, Any] = found["Table"]
        keys = {one["KeyType"]: one["AttributeName"] for one in table["KeySchema"]}
        tags = from_list(listed["Tags"])
        return {
            "arn": arn,
            "attributes": [
                {"name": one["AttributeName"], "type": one["AttributeType"]}
                for one in table["AttributeDefinitions"]
            ],
            "billingMode": str(table["BillingModeSummary"]["BillingMode"]),
            "hashKey": str(keys["HASH"]),
            "id": resource_id,
            "name": resource_id,
            "rangeKey": str(keys.get("RANGE", "")),
            "tags": tags,
            "tagsAll": tags,
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
        if other := sorted(set(changed) - {"tags"}):
            what = f"a change of a table's {other[0]}"
            raise NotCovered(plugin="aws", what=what)
        removed, added = tag_changes(olds.get("tags"), news.get("tags"))
        arn = text(olds, "arn")
        if removed:
            account.call("dynamodb", "UntagResource", ResourceArn=arn, TagKeys=removed)
        if added:
            account.call("dynamodb", "TagResource", ResourceArn=arn, Tags=added)

    @override
    def remove(self, account: Account, resource_id: str, state: Properties) -> None:
        try:
            account.call("dynamodb", "DeleteTable", TableName=resource_id)
        except ServiceError as error:
            if error.code == "ResourceNotFoundException":
                return
            message = f"deleting Amazon DynamoDB Table ({resource_id}): {error}"
            raise failed(message) from error


def _objects(value: Value) -> list[Properties]:
    listed = value if isinstance(value, list) else []
    return [one for one in listed if isinstance(one, dict)]
