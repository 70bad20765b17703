"""The way to AWS: which endpoint, which credentials, and how AWS says no."""

import threading
from collections.abc import Mapping
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from sandbox.plugins.refusal import Refusal

if TYPE_CHECKING:
    from sandbox.plugins.aws.configuration import Configuration
    from sandbox.plugins.aws.tags import TagSettings

__all__ = [
    "GONE",
    "NOT_FOUND",
    "Account",
    "Diagnosed",
    "FrameworkDiagnosed",
    "ServiceError",
    "failed",
]

GONE: Final = "NoSuchEntity"
"""IAM's code for whatever is not there."""

NOT_FOUND: Final = "couldn't find resource"
"""What is said of anything that is not there, whatever AWS called it.

Source:
    hashicorp/terraform-plugin-sdk, helper/retry/error.go (`NotFoundError`)
"""

# Source: aws/aws-sdk-go-v2, service/*/api_client.go (`ServiceID`)
_SERVICE_IDS: Final = {
    "dynamodb": "DynamoDB",
    "eks": "EKS",
    "iam": "IAM",
    "s3": "S3",
    "sqs": "SQS",
    "sts": "STS",
}
# The provider's `max_retries`, which the SDK takes as its number of attempts; the mode
# is the SDK's default. Both SDKs retry the same codes (`Throttling` and its kin,
# `RequestTimeout`) and statuses (500, 502, 503, 504) in this mode.
# Source: hashicorp/terraform-provider-aws, website/docs/index.html.markdown
# (`max_retries`); hashicorp/aws-sdk-go-base, aws_config.go (`WithRetryMaxAttempts`,
# `resolveRetryer`); aws/aws-sdk-go-v2, aws/retry/standard.go; botocore,
# retries/standard.py
_ATTEMPTS: Final = 25


class ServiceError(Refusal):
    """AWS refused a call, or could not be asked.

    Attributes:
        code: AWS's own word, for example `NoSuchEntity`; empty when not reached.
        message: AWS's own sentence.
    """

    def __init__(self, text: str, *, code: str = "", message: str = "") -> None:
        """Remember what AWS said, and how AWS's SDK for Go words it."""
        super().__init__(text)
        self.code = code
        self.message = message


class Diagnosed(Refusal):
    r"""One of Terraform's diagnostics, worded as a list of errors is shown.

    Attributes:
        diagnostic: What failed and why: `creating IAM Role (x): operation ...`.

    Source:
        hashicorp/go-multierror, format.go (`ListFormatFunc`)
    """

    def __init__(self, diagnostic: str) -> None:
        """Word a list of one."""
        super().__init__(f"1 error occurred:\n\t* {diagnostic}\n\n")
        self.diagnostic = diagnostic

    def as_logged(self, version: str) -> str:
        """Give the line of Terraform's own log, which goes before the error.

        Source:
            pulumi/pulumi-terraform-bridge, pkg/tfshim/sdk-v2/provider2.go
        """
        where = "  sdk-v2/provider2.go:571: sdk.helper_schema: "
        return f"{where}{self.diagnostic}: provider=aws@{version}"


class FrameworkDiagnosed(Diagnosed):
    """A diagnostic of a type that is written for Terraform's plugin framework.

    Source:
        pulumi/pulumi-terraform-bridge, pkg/pf/tfbridge/provider_diagnostics.go
    """

    def __init__(self, summary: str, detail: object) -> None:
        """Word it: what failed, and why."""
        Refusal.__init__(self, f"{summary}: {detail}")
        self.diagnostic = f"[ERROR] {detail}: {summary}"

    def as_logged(self, version: str) -> str:
        """Give the same the other way round, whatever the plugin's version."""
        del version
        return self.diagnostic


def failed(what: str) -> Diagnosed:
    """Give the failure of one call: what failed and why."""
    return Diagnosed(what)


class Account:
    """AWS as one configuration reaches it; connects when first asked."""

    def __init__(self, configuration: "Configuration") -> None:
        """Remember the configuration; nothing is sent yet."""
        self._configuration = configuration
        self._clients: dict[tuple[str, str], Any] = {}
        # boto3 makes clients out of one session that is not safe between threads.
        self._lock = threading.RLock()

    @property
    def region(self) -> str:
        """The region in use: configured, else the environment's or the profile's."""
        return self._configuration.region or str(self._session.region_name or "")

    @property
    def tags(self) -> "TagSettings":
        """What the configuration says of tags."""
        return self._configuration.tags

    def has_credentials(self) -> bool:
        """Tell whether there are credentials at all; they may still be no good."""
        return self._session.get_credentials() is not None

    def call(
        self, service: str, operation: str, *, region: str = "", **parameters: object
    ) -> Mapping[str, Any]:
        """Call one operation.

        Args:
            service: Name of one of those in `_SERVICE_IDS`.
            operation: Its name in AWS's documentation, for example `GetRole`.
            region: Other region than the provider's; empty for that one.
            parameters: The operation's parameters; None is left out.

        Returns:
            What AWS answered.

        Raises:
            ServiceError: AWS refused, or was not reached.
        """
        client = self._client(service, region or self.region)
        exceptions: Any = import_module("botocore.exceptions")
        parsers: Any = import_module("botocore.parsers")
        run = getattr(client, import_module("botocore").xform_name(operation))
        given = {key: value for key, value in parameters.items() if value is not None}
        try:
            return run(**given)
        except exceptions.ClientError as error:
            raise _worded(client, service, operation, error.response) from error
        except (exceptions.BotoCoreError, parsers.ResponseParserError) as error:
            text = (
                f"operation error {_SERVICE_IDS[service]}: {operation}, "
                f"request send failed, {error}"
            )
            raise ServiceError(text) from error

    def attempt(
        self,
        what: str,
        service: str,
        operation: str,
        *,
        unless: str = "",
        region: str = "",
        **parameters: object,
    ) -> Mapping[str, Any]:
        """Call one operation; a failure is worded as Terraform does.

        Args:
            what: What is done, for example `creating IAM Role (x)`.
            service: As in `call`.
            operation: As in `call`.
            unless: AWS's code of a refusal that is passed over, with an empty answer.
                Default: none is.
            region: As in `call`.
            parameters: As in `call`.

        Raises:
            Diagnosed: AWS refused, or was not reached: *what*, and why.
        """
        try:
            return self.call(service, operation, region=region, **parameters)
        except ServiceError as error:
            if unless and error.code == unless:
                return {}
            message = f"{what}: {error}"
            raise failed(message) from error

    def partition_of(self, region: str) -> Mapping[str, Any]:
        """Give what AWS's SDKs know of a region's partition.

        Returns:
            `partition`, `dnsSuffix`, `regions` (name -> `description`) and more.
        """
        loader: Any = self._session._session.get_component("data_loader")  # noqa: SLF001 (boto3 has no public way to its data)
        name: str = self._session.get_partition_for_region(region)
        partitions: list[dict[str, Any]] = loader.load_data("endpoints")["partitions"]
        return next(one for one in partitions if one["partition"] == name)

    @cached_property
    def _session(self) -> Any:  # noqa: ANN401 (boto3 makes its classes as it runs)
        chosen = self._configuration
        session: Any = import_module("boto3").Session(
            aws_access_key_id=chosen.access_key or None,
            aws_secret_access_key=chosen.secret_key or None,
            aws_session_token=chosen.token or None,
            profile_name=chosen.profile or None,
        )
        if chosen.skip_metadata_api_check:
            providers: Any = session._session.get_component("credential_provider")  # noqa: SLF001 (boto3 has no public way to its providers)
            providers.remove("iam-role")
        return session

    def _client(self, service: str, region: str) -> Any:  # noqa: ANN401 (boto3 makes its classes as it runs)
        with self._lock:
            if (service, region) not in self._clients:
                config: Any = import_module("botocore.config").Config
                self._clients[service, region] = self._session.client(
                    service,
                    region_name=region,
                    endpoint_url=self._configuration.endpoints.get(service),
                    config=config(
                        retries={"mode": "standard", "total_max_attempts": _ATTEMPTS}
                    ),
                )
            return self._clients[service, region]


def _worded(
    client: Any,  # noqa: ANN401 (boto3 makes its classes as it runs)
    service: str,
    operation: str,
    response: Mapping[str, Any],
) -> ServiceError:
    """Word a refusal as AWS's SDK for Go does.

    Source:
        aws/smithy-go, errors.go (`OperationError`, `GenericAPIError`);
        aws/aws-sdk-go-v2, aws/transport/http/response_error.go
    """
    metadata = response.get("ResponseMetadata", {})
    code = str(response["Error"].get("Code", ""))
    message = str(response["Error"].get("Message", ""))
    shapes = client.meta.service_model.operation_model(operation).error_shapes
    modelled = code in {shape.error_code for shape in shapes}
    said = f"{code}: {message}" if modelled else f"api error {code}: {message}"
    text = (
        f"operation error {_SERVICE_IDS[service]}: {operation}, https response error "
        f"StatusCode: {metadata.get('HTTPStatusCode', 0)}, "
        f"RequestID: {metadata.get('RequestId', '')}, {said}"
    )
    return ServiceError(text, code=code, message=message)
