"""What IAM checks of OIDC providers.

The texts were recorded from IAM: localstack/localstack
tests/aws/services/iam/test_iam_oidc.snapshot.json (2026-02-17 and -18), and for URLs
versity/versitygw iamapi/internal/iamutil/oidc.go.
"""

from typing import Final
from urllib.parse import urlsplit

from sandbox.aws.call import Call
from sandbox.aws.moto_account import MotoIam, OidcProvider
from sandbox.aws.refusal import Refusal, quota_exceeded
from sandbox.aws.shapes import MAX_TAGS, check_length, required, too_many_tags

__all__ = [
    "MAX_PROVIDERS",
    "client_id_shape",
    "client_ids_fit",
    "provider_exists",
    "provider_is_new",
    "provider_takes_tags",
    "provider_url_shape",
    "takes_client_id",
    "thumbprints_fit",
]

# Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
MAX_PROVIDERS: Final = 100
# Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateOpenIDConnectProvider.html
_MAX_CLIENT_IDS: Final = 100
_LONGEST_CLIENT_ID: Final = 255
_LONGEST_URL: Final = 255
_MAX_THUMBPRINTS: Final = 5

_BAD_URL: Final = "Invalid Open ID Connect Provider URL"


def provider_url_shape(call: Call, _iam: MotoIam) -> None:
    """Refuse an issuer that is not `https://<host>[/<path>]`."""
    url = required(call, "Url")
    check_length("url", url, most=_LONGEST_URL)
    parts = urlsplit(url)
    if not parts.scheme or not parts.netloc:
        raise Refusal(code="ValidationError", message=_BAD_URL)
    if parts.scheme != "https":
        raise Refusal(
            code="InvalidInput",
            message=f"{_BAD_URL}. The URL must begin with https://.",
        )
    if ":" in parts.netloc or "@" in parts.netloc or parts.query or parts.fragment:
        raise Refusal(code="InvalidInput", message=f"{_BAD_URL}.")


def client_ids_fit(call: Call, _iam: MotoIam) -> None:
    """Refuse more client ids (audiences) than a provider may have."""
    if len(call.members("ClientIDList")) > _MAX_CLIENT_IDS:
        raise quota_exceeded(
            quota="ClientIdsPerOpenIdConnectProvider", limit=_MAX_CLIENT_IDS
        )


def client_id_shape(call: Call, _iam: MotoIam) -> None:
    """Refuse a client id that is empty or too long."""
    check_length("clientID", required(call, "ClientID"), most=_LONGEST_CLIENT_ID)


def takes_client_id(call: Call, iam: MotoIam) -> None:
    """Refuse one client id too many; one that is there already is fine."""
    held = {*_provider(call, iam).client_ids, required(call, "ClientID")}
    if len(held) > _MAX_CLIENT_IDS:
        raise quota_exceeded(
            quota="ClientIdsPerOpenIdConnectProvider", limit=_MAX_CLIENT_IDS
        )


def thumbprints_fit(call: Call, _iam: MotoIam) -> None:
    """Refuse more thumbprints than a provider may have; none at all is fine."""
    if len(call.members("ThumbprintList")) > _MAX_THUMBPRINTS:
        raise Refusal(
            code="InvalidInput",
            message="Thumbprint list must contain fewer than 5 entries.",
        )


def provider_is_new(call: Call, iam: MotoIam) -> None:
    """Refuse a second provider of one issuer, and one provider too many."""
    url = required(call, "Url")
    issuers = {provider.issuer for provider in iam.providers()}
    if url.removeprefix("https://") in issuers:
        raise Refusal(
            code="EntityAlreadyExists",
            message=f"Provider with url {url} already exists.",
        )
    if len(issuers) >= MAX_PROVIDERS:
        raise quota_exceeded(
            quota="OpenIdConnectProvidersPerAccount", limit=MAX_PROVIDERS
        )


def provider_exists(call: Call, iam: MotoIam) -> None:
    """Refuse to act on a provider that is not there."""
    _provider(call, iam)


def provider_takes_tags(call: Call, iam: MotoIam) -> None:
    """Refuse a 51st tag."""
    held = {key.lower() for key in _provider(call, iam).tags}
    if len(held | {key.lower() for key, _ in call.tags()}) > MAX_TAGS:
        raise too_many_tags()


def _provider(call: Call, iam: MotoIam) -> OidcProvider:
    arn = required(call, "OpenIDConnectProviderArn")
    provider = iam.provider(arn)
    if provider is None:
        raise Refusal(
            code="NoSuchEntity",
            message=(
                f"OpenId connect Provider {arn} cannot be found."
                if call.action == "DeleteOpenIDConnectProvider"
                else f"OpenIDConnect Provider not found for arn {arn}"
            ),
        )
    return provider
