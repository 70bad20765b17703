"""`aws:sqs/queue:Queue`.

Source:
    hashicorp/terraform-provider-aws, internal/service/sqs/queue.go
"""

from collections.abc import Mapping, Sequence
from typing import Final

from typing_extensions import override

from sandbox.plugins.aws.account import Account, ServiceError, failed
from sandbox.plugins.aws.fields import Field, Kind, uncovered
from sandbox.plugins.aws.resource_type import ResourceType, text
from sandbox.plugins.aws.validators import integer_between
from sandbox.plugins.values import Properties, Value

__all__ = ["Queue"]

_LONGEST_NAME: Final = 80
_GONE: Final = frozenset(
    {"AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"}
)
_ATTRIBUTES: Final = {
    "messageRetentionSeconds": "MessageRetentionPeriod",
    "visibilityTimeoutSeconds": "VisibilityTimeout",
}


class Queue(ResourceType):
    """A standard queue; its other settings are not covered."""

    token = "aws:sqs/queue:Queue"  # noqa: S105 (a type token)
    fields = {  # noqa: RUF012 (the base class says ClassVar)
        "arn": Field(terraform_name="arn", read_only=True),
        "messageRetentionSeconds": Field(
            terraform_name="message_retention_seconds",
            kind=Kind.NUMBER,
            default=345_600,
            validators=(integer_between(60, 1_209_600),),
        ),
        "name": Field(
            terraform_name="name",
            computed=True,
            replaces=True,
            longest_autoname=_LONGEST_NAME,
        ),
        "tags": Field(terraform_name="tags", kind=Kind.TEXT_MAP),
        "tagsAll": Field(terraform_name="tags_all", kind=Kind.TEXT_MAP, read_only=True),
        "url": Field(terraform_name="url", read_only=True),
        "visibilityTimeoutSeconds": Field(
            terraform_name="visibility_timeout_seconds",
            kind=Kind.NUMBER,
            default=30,
            validators=(integer_between(0, 43_200),),
        ),
        **uncovered(
            "contentBasedDeduplication",
            "deduplicationScope",
            "delaySeconds",
            "fifoQueue",
            "fifoThroughputLimit",
            "kmsDataKeyReusePeriodSeconds",
            "kmsMasterKeyId",
            "maxMessageSize",
            "namePrefix",
            "policy",
            "receiveWaitTimeSeconds",
            "redriveAllowPolicy",
            "redrivePolicy",
            "region",
            "sqsManagedSseEnabled",
        ),
    }

    @override
    def create(self, account: Account, inputs: Properties) -> str:
        name = text(inputs, "name")
        try:
            created = account.call(
                "sqs",
                "CreateQueue",
                QueueName=name,
                Attributes=_attributes(inputs),
                tags=_texts(inputs.get("tags")) or None,
            )
        except ServiceError as error:
            message = f"creating SQS Queue ({name}): {error}"
            raise failed(message) from error
        return str(created["QueueUrl"])

    @override
    def find(
        self, account: Account, resource_id: str, recorded: Properties
    ) -> Properties | None:
        url = {"QueueUrl": resource_id}
        try:
            found = account.call(
                "sqs", "GetQueueAttributes", AttributeNames=["All"], **url
            )
            listed = account.call("sqs", "ListQueueTags", **url)
        except ServiceError as error:
            if error.code in _GONE:
                return None
            message = f"reading SQS Queue ({resource_id}): {error}"
            raise failed(message) from error
        attributes: Mapping[str, str] = found["Attributes"]
        tags: Properties = {**_texts(listed.get("Tags"))}
        return {
            "arn": attributes["QueueArn"],
            "id": resource_id,
            "name": attributes["QueueArn"].rpartition(":")[2],
            "tags": tags,
            "tagsAll": tags,
            "url": resource_id,
            **{key: int(attributes[name]) for key, name in _ATTRIBUTES.items()},
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
        url = {"QueueUrl": resource_id}
        before, after = _texts(olds.get("tags")), _texts(news.get("tags"))
        try:
            if set(changed) - {"tags"}:
                account.call(
                    "sqs", "SetQueueAttributes", Attributes=_attributes(news), **url
                )
            if removed := sorted(before.keys() - after.keys()):
                account.call("sqs", "UntagQueue", TagKeys=removed, **url)
            if after != before and after:
                account.call("sqs", "TagQueue", Tags=after, **url)
        except ServiceError as error:
            message = f"updating SQS Queue ({resource_id}): {error}"
            raise failed(message) from error

    @override
    def remove(self, account: Account, resource_id: str, state: Properties) -> None:
        try:
            account.call("sqs", "DeleteQueue", QueueUrl=resource_id)
        except ServiceError as error:
            if error.code in _GONE:
                return
            message = f"deleting SQS Queue ({resource_id}): {error}"
            raise failed(message) from error


def _attributes(inputs: Properties) -> dict[str, str]:
    return {name: str(inputs[key]) for key, name in _ATTRIBUTES.items()}


def _texts(value: Value) -> dict[str, str]:
    found = value if isinstance(value, dict) else {}
    return {key: str(one) for key, one in found.items()}
