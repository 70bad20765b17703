"""The AWS provider's configuration: read, checked and tried out.

Source:
    pulumi/pulumi-aws, provider/resources.go (`preConfigureCallback`) and its tests
    (`TestMissingCredentialsErrorMessage`, `TestMissingRegionErrorMessage`);
    pulumi/pulumi-terraform-bridge, pkg/tfbridge/check_failures.go;
    hashicorp/aws-sdk-go-base, `VerifyAccountIDAllowed`
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, cast

from sandbox.plugins.aws.account import Account, ServiceError
from sandbox.plugins.aws.comparing import paths_of
from sandbox.plugins.aws.tags import TagSettings
from sandbox.plugins.plugin import Change, Checked, Difference, Failure
from sandbox.plugins.refusal import NotCovered, Refusal
from sandbox.plugins.values import Properties, Value, has_unknown, without_secrets

__all__ = [
    "Configuration",
    "check_configuration",
    "compare_configurations",
    "verify_account",
]

_COVERED: Final = frozenset(
    {
        "accessKey",
        "allowedAccountIds",
        "defaultTags",
        "endpoints",
        "forbiddenAccountIds",
        "ignoreTags",
        "profile",
        "region",
        "secretKey",
        "skipCredentialsValidation",
        "skipMetadataApiCheck",
        "skipRegionValidation",
        "skipRequestingAccountId",
        "token",
    }
)
_NOT_COVERED: Final = frozenset(
    {
        "assumeRoleWithWebIdentity",
        "assumeRoles",
        "customCaBundle",
        "ec2MetadataServiceEndpoint",
        "ec2MetadataServiceEndpointMode",
        "httpProxy",
        "httpsProxy",
        "insecure",
        "maxRetries",
        "noProxy",
        "retryMode",
        "s3UsEast1RegionalEndpoint",
        "s3UsePathStyle",
        "sharedConfigFiles",
        "sharedCredentialsFiles",
        "stsRegion",
        "tagPolicyCompliance",
        "tokenBucketRateLimiterCapacity",
        "useDualstackEndpoint",
        "useFipsEndpoint",
        "userAgents",
    }
)
_OF_THE_ENGINE: Final = frozenset({"version", "pluginDownloadURL", "pluginChecksums"})
_DEFAULTS: Final = {
    "skipCredentialsValidation": "false",
    "skipRegionValidation": "true",
}
"""What the bridge fills in, as it stands in the provider's state."""
_SERVICES: Final = frozenset({"dynamodb", "eks", "iam", "s3", "sqs", "sts"})
_REGION: Final = re.compile(r"[a-z]{2}(-[a-z]+)+-\d{1,2}")

_WHERE_TO_READ: Final = (
    "\nPlease see https://www.pulumi.com/registry/packages/aws/"
    "installation-configuration/ for more information about providing credentials."
    "\nNEW: You can use Pulumi ESC to set up dynamic credentials with AWS OIDC to "
    "ensure the correct and valid credentials are used."
    "\nLearn more: https://www.pulumi.com/registry/packages/aws/"
    "installation-configuration/#dynamically-generate-credentials-via-pulumi-esc"
)
_NO_REGION: Final = (
    "Missing region information\nMake sure you have set your AWS region, e.g. "
    "`pulumi config set aws:region us-west-2`."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """What the double understands of the provider's configuration.

    Attributes:
        endpoints: Service, one of `_SERVICES` -> URL that replaces AWS's.
        allowed_account_ids: The only accounts to touch; empty for all.
        forbidden_account_ids: Accounts never to touch.
        tags: What is said of every resource's tags.
    """

    region: str = ""
    profile: str = ""
    access_key: str = ""
    secret_key: str = ""
    token: str = ""
    endpoints: Mapping[str, str] = field(default_factory=dict[str, str])
    allowed_account_ids: tuple[str, ...] = ()
    forbidden_account_ids: tuple[str, ...] = ()
    tags: TagSettings = field(default_factory=TagSettings)
    skip_credentials_validation: bool = False
    skip_metadata_api_check: bool = True
    skip_region_validation: bool = True
    skip_requesting_account_id: bool = False

    @classmethod
    def from_properties(cls, given: Mapping[str, Value]) -> "Configuration":
        """Read properties, whose nested values may be JSON texts.

        Raises:
            Refusal: An endpoint of a service that is not covered.
        """
        found = {key: _parsed(without_secrets(value)) for key, value in given.items()}
        endpoints: dict[str, str] = {}
        for entry in _listed(found.get("endpoints")):
            if isinstance(entry, dict):
                endpoints |= {key: str(url) for key, url in entry.items()}
        if unknown := sorted(endpoints.keys() - _SERVICES):
            raise NotCovered(plugin="aws", what=f"the endpoint of {unknown[0]}")
        return cls(
            region=_text(found, "region"),
            profile=_text(found, "profile"),
            access_key=_text(found, "accessKey"),
            secret_key=_text(found, "secretKey"),
            token=_text(found, "token"),
            endpoints=endpoints,
            allowed_account_ids=_texts(found, "allowedAccountIds"),
            forbidden_account_ids=_texts(found, "forbiddenAccountIds"),
            tags=_tag_settings(found),
            skip_credentials_validation=found.get("skipCredentialsValidation") is True,
            skip_metadata_api_check=found.get("skipMetadataApiCheck") is not False,
            skip_region_validation=found.get("skipRegionValidation") is not False,
            skip_requesting_account_id=found.get("skipRequestingAccountId") is True,
        )


def check_configuration(*, urn: str, news: Properties) -> Checked:
    """Refuse unknown keys; then try region and credentials out, where they are known.

    Raises:
        NotCovered: A key that the real plugin takes and the double does not.
    """
    given = {key: news[key] for key in news.keys() - _OF_THE_ENGINE}
    if uncovered := sorted(given.keys() & _NOT_COVERED):
        raise NotCovered(plugin="aws", what=f"the configuration key aws:{uncovered[0]}")
    failures = tuple(_unknown_keys(urn, given))
    if not failures and not any(has_unknown(value) for value in given.values()):
        failures = tuple(_trial(Configuration.from_properties(given)))
    return Checked(inputs={**_DEFAULTS, **news}, failures=failures)


def compare_configurations(olds: Properties, news: Properties) -> Difference:
    """Compare; nothing in this provider's configuration replaces it.

    Source:
        pulumi/pulumi-terraform-bridge, pkg/tfbridge/provider.go (`DiffConfig`)
    """
    keys = sorted(olds.keys() | news.keys())
    changed = [key for key in keys if olds.get(key) != news.get(key)]
    changes: dict[str, Change] = {}
    for key in changed:
        old, new = (_object(_parsed(one.get(key))) for one in (olds, news))
        changes |= {key: Change.UPDATE, **dict(paths_of(key, old, new))}
    return Difference(changes=changes, properties=tuple(changed))


def verify_account(configuration: Configuration, account: Account) -> None:
    """Ask whose the credentials are, and refuse an AWS account that is not meant.

    Raises:
        Refusal: The credentials are those of another AWS account, or of none.
    """
    if configuration.skip_requesting_account_id:
        return
    found = str(account.call("sts", "GetCallerIdentity")["Account"])
    allowed = configuration.allowed_account_ids
    forbidden = configuration.forbidden_account_ids
    if found in forbidden or (allowed and found not in allowed):
        message = f"Invalid account ID: AWS account ID not allowed: {found}"
        raise Refusal(message)


def _unknown_keys(urn: str, given: Mapping[str, Value]) -> Iterator[Failure]:
    name = urn.split("::", maxsplit=3)[3]
    for key in sorted(given.keys() - _COVERED):
        if name.startswith("default"):
            reason = (
                f"`aws:{key}` is not a valid configuration key for the aws provider. "
                "If the key is not intended for the provider, please choose a "
                "different namespace from `aws:`."
            )
        else:
            reason = (
                "could not validate provider configuration: Invalid or unknown key. "
                f"Examine values at '{name}.{key}'."
            )
        yield Failure(reason=reason)


def _trial(configuration: Configuration) -> Iterator[Failure]:
    account = Account(configuration)
    try:
        region, credentials = account.region, account.has_credentials()
    except Exception as error:  # noqa: BLE001 (boto3 raises what it likes for a wrong profile)
        yield Failure(reason=f"unable to validate AWS credentials.\nDetails: {error}\n")
        return
    if not region:
        yield Failure(reason=_NO_REGION)
    elif not configuration.skip_region_validation and not _REGION.fullmatch(region):
        yield Failure(reason=f"Invalid AWS Region: {region}")
    elif configuration.skip_credentials_validation:
        return
    elif not credentials:
        yield Failure(reason=f"No valid credential sources found.{_WHERE_TO_READ}")
    else:
        try:
            account.call("sts", "GetCallerIdentity")
        except ServiceError:
            yield Failure(reason=f"Invalid credentials configured.{_WHERE_TO_READ}")


def _parsed(value: Value) -> Value:
    if not isinstance(value, str) or value[:1] not in {"[", "{", "t", "f"}:
        return value
    try:
        return cast("Value", json.loads(value))
    except ValueError:
        return value


def _tag_settings(found: Mapping[str, Value]) -> TagSettings:
    defaults = _object(_object(found.get("defaultTags")).get("tags"))
    ignored = _object(found.get("ignoreTags"))
    return TagSettings(
        defaults={key: str(value) for key, value in defaults.items()},
        ignored_keys=_texts(ignored, "keys"),
        ignored_prefixes=_texts(ignored, "keyPrefixes"),
    )


def _object(value: Value) -> Mapping[str, Value]:
    return value if isinstance(value, dict) else {}


def _listed(value: Value) -> list[Value]:
    return value if isinstance(value, list) else []


def _text(found: Mapping[str, Value], key: str) -> str:
    value = found.get(key)
    return value if isinstance(value, str) else ""


def _texts(found: Mapping[str, Value], key: str) -> tuple[str, ...]:
    return tuple(str(item) for item in _listed(found.get(key)))
