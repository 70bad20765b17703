"""`aws:s3/bucket:Bucket`.

Source:
    hashicorp/terraform-provider-aws, internal/service/s3/bucket.go
"""

from collections.abc import Sequence
from typing import Final

from typing_extensions import override

from sandbox.plugins.aws.account import Account, ServiceError, failed
from sandbox.plugins.aws.fields import Field, Kind, uncovered
from sandbox.plugins.aws.resource_type import ResourceType, text
from sandbox.plugins.aws.tags import from_list, to_list
from sandbox.plugins.aws.validators import length_between
from sandbox.plugins.values import Properties

__all__ = ["Bucket"]

_LONGEST_NAME: Final = 63
# The one region that has no location. Source:
# https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html
_WITHOUT_LOCATION: Final = "us-east-1"


class Bucket(ResourceType):
    """A bucket, empty and private; its other settings are not covered."""

    token = "aws:s3/bucket:Bucket"  # noqa: S105 (a type token)
    fields = {  # noqa: RUF012 (the base class says ClassVar)
        "arn": Field(terraform_name="arn", read_only=True),
        "bucket": Field(
            terraform_name="bucket",
            computed=True,
            replaces=True,
            longest_autoname=_LONGEST_NAME,
            validators=(length_between(0, _LONGEST_NAME),),
        ),
        "bucketDomainName": Field(terraform_name="bucket_domain_name", read_only=True),
        "bucketRegion": Field(terraform_name="bucket_region", read_only=True),
        "bucketRegionalDomainName": Field(
            terraform_name="bucket_regional_domain_name", read_only=True
        ),
        "tags": Field(terraform_name="tags", kind=Kind.TEXT_MAP),
        "tagsAll": Field(terraform_name="tags_all", kind=Kind.TEXT_MAP, read_only=True),
        **uncovered(
            "accelerationStatus",
            "acl",
            "bucketNamespace",
            "bucketPrefix",
            "corsRules",
            "forceDestroy",
            "grants",
            "lifecycleRules",
            "logging",
            "objectLockConfiguration",
            "objectLockEnabled",
            "policy",
            "region",
            "replicationConfiguration",
            "requestPayer",
            "serverSideEncryptionConfiguration",
            "versioning",
            "website",
        ),
    }

    @override
    def create(self, account: Account, inputs: Properties) -> str:
        name = text(inputs, "bucket")
        location = {"LocationConstraint": account.region}
        try:
            account.call(
                "s3",
                "CreateBucket",
                Bucket=name,
                CreateBucketConfiguration=(
                    None if account.region == _WITHOUT_LOCATION else location
                ),
            )
        except ServiceError as error:
            message = f"creating S3 Bucket ({name}): {error}"
            raise failed(message) from error
        if inputs.get("tags"):
            _put_tags(account, name, inputs)
        return name

    @override
    def find(
        self, account: Account, resource_id: str, recorded: Properties
    ) -> Properties | None:
        try:
            account.call("s3", "HeadBucket", Bucket=resource_id)
        except ServiceError as error:
            if error.code in {"404", "NoSuchBucket"}:
                return None
            message = f"reading S3 Bucket ({resource_id}): {error}"
            raise failed(message) from error
        partition = account.partition_of(account.region)
        suffix = partition["dnsSuffix"]
        tags = _tags(account, resource_id)
        return {
            "arn": f"arn:{partition['partition']}:s3:::{resource_id}",
            "bucket": resource_id,
            "bucketDomainName": f"{resource_id}.s3.{suffix}",
            "bucketRegion": account.region,
            "bucketRegionalDomainName": f"{resource_id}.s3.{account.region}.{suffix}",
            "id": resource_id,
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
        if news.get("tags"):
            _put_tags(account, resource_id, news)
        else:
            account.call("s3", "DeleteBucketTagging", Bucket=resource_id)

    @override
    def remove(self, account: Account, resource_id: str, state: Properties) -> None:
        try:
            account.call("s3", "DeleteBucket", Bucket=resource_id)
        except ServiceError as error:
            if error.code == "NoSuchBucket":
                return
            message = f"deleting S3 Bucket ({resource_id}): {error}"
            raise failed(message) from error


def _put_tags(account: Account, name: str, inputs: Properties) -> None:
    try:
        tagging = {"TagSet": to_list(inputs.get("tags"))}
        account.call("s3", "PutBucketTagging", Bucket=name, Tagging=tagging)
    except ServiceError as error:
        message = f"setting S3 Bucket ({name}) tags: {error}"
        raise failed(message) from error


def _tags(account: Account, name: str) -> Properties:
    try:
        found = account.call("s3", "GetBucketTagging", Bucket=name)
    except ServiceError as error:
        if error.code == "NoSuchTagSet":
            return {}
        message = f"listing tags for S3 Bucket ({name}): {error}"
        raise failed(message) from error
    return from_list(found["TagSet"])
