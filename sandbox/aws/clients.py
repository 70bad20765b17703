"""boto3 clients for the sandbox's AWS; boto3 has no types, so only here."""

from importlib import import_module
from typing import Any

from sandbox.aws.server import Aws

__all__ = ["ClientError", "administrator", "anonymous"]

ClientError: type[Exception] = import_module("botocore.exceptions").ClientError


def administrator(aws: Aws, service: str, *, region: str | None = None) -> Any:  # noqa: ANN401 - boto3 has no types
    """Give a client that signs as the account's administrator.

    Args:
        aws: The account.
        service: Such as `iam`, which is one in all regions of a partition.
        region: Region it signs for. Default: that of *aws*.
    """
    environment = aws.environment()
    return _client(
        aws,
        service,
        region_name=region or aws.region,
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
    )


def anonymous(aws: Aws, service: str) -> Any:  # noqa: ANN401 - boto3 has no types
    """Give a client that signs nothing and tries once."""
    config = import_module("botocore.config").Config(
        signature_version=import_module("botocore").UNSIGNED,
        retries={"max_attempts": 0},
    )
    return _client(aws, service, region_name=aws.region, config=config)


def _client(aws: Aws, service: str, **options: Any) -> Any:  # noqa: ANN401 - see above
    return import_module("boto3").client(
        service, endpoint_url=aws.endpoint_url, **options
    )
