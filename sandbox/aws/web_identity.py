"""A web identity token, checked as STS checks it: who signed it, for whom, how old.

Source:
    https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html;
    the texts stand beside each refusal. Since summer 2026 STS answers several of these
    cases with one and the same text (`NOT_VALIDATED`); the older ones are kept here
    because they name the case.
"""

import base64
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from sandbox.aws.moto_account import OidcProvider
from sandbox.aws.refusal import Refusal

__all__ = ["NOT_VALIDATED", "Jwks", "WebIdentity", "verify"]

Jwks = Callable[[], dict[str, Any]]

# Source: recorded by users of aws-actions/configure-aws-credentials from July 2026 on
NOT_VALIDATED: Final = (
    "The web identity token provided could not be validated. See the "
    "AssumeRoleWithWebIdentity documentation for requirements."
)
# Source: aws/aws-sdk-js-v3#3052; the two spaces are STS's
_NO_KEY: Final = (
    "Couldn't retrieve verification key from your identity provider,  please reference "
    "AssumeRoleWithWebIdentity documentation for requirements"
)
# Source: terraform and Vault users on an access token sent in place of an id token
_NO_JWT: Final = (
    "The ID Token provided is not a valid JWT. (You may see this error if you sent an "
    "Access Token)"
)
# Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html#manage-oidc-provider-prerequisites
_ALGORITHMS: Final = ("RS256", "RS384", "RS512", "ES256", "ES384", "ES512")
_PARTS_OF_A_JWT: Final = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class WebIdentity:
    """A token that is what it says.

    Attributes:
        subject: Its `sub`.
        audience: Its one `aud`, a client id of *provider*.
        provider: The account's OIDC provider for its issuer.
        claims: All that it says.
    """

    subject: str
    audience: str
    provider: OidcProvider
    claims: Mapping[str, Any]


def verify(
    token: str,
    *,
    providers: tuple[OidcProvider, ...],
    jwks: Mapping[str, Jwks],
) -> WebIdentity:
    """Check *token* against the account's providers.

    Args:
        token: A signed JWT.
        providers: The OIDC providers of the role's account.
        jwks: Issuer URL -> function that fetches the keys it signs with now.

    Raises:
        Refusal: `InvalidIdentityToken` or `ExpiredTokenException`.
    """
    claims = _part(token, position=1)
    issuer_url = str(claims.get("iss", ""))
    provider = _provider(issuer_url, providers)
    _check_signature(token, jwks=jwks.get(issuer_url))
    for name in ("exp", "iat", "sub", "aud"):
        if name not in claims:
            # Source: aws/aws-sdk-ruby#2698
            raise _invalid(text=f"Missing a required claim: {name}")
    _check_age(int(claims["exp"]))
    audience = _audience(claims["aud"])
    if audience is None or audience not in provider.client_ids:
        # Source: awslabs/amazon-eks-irsa-cfn#18
        raise _invalid(text="Incorrect token audience")
    return WebIdentity(
        subject=str(claims["sub"]),
        audience=audience,
        provider=provider,
        claims=claims,
    )


def _invalid(*, text: str) -> Refusal:
    return Refusal(code="InvalidIdentityToken", message=text)


def _part(token: str, *, position: int) -> dict[str, Any]:
    """Read header (0) or claims (1) of a token, whoever signed it."""
    parts = token.split(".")
    if len(parts) != _PARTS_OF_A_JWT:
        raise _invalid(text=_NO_JWT)
    padded = parts[position] + "=" * (-len(parts[position]) % 4)
    try:
        part: object = json.loads(base64.urlsafe_b64decode(padded))
    except ValueError as error:
        raise _invalid(text=_NO_JWT) from error
    if not isinstance(part, dict):
        raise _invalid(text=_NO_JWT)
    return cast("dict[str, Any]", part)


def _provider(issuer_url: str, providers: tuple[OidcProvider, ...]) -> OidcProvider:
    for provider in providers:
        if f"https://{provider.issuer}" == issuer_url:
            return provider
    # Source: kubernetes-sigs/aws-load-balancer-controller#2315
    raise _invalid(
        text=f"No OpenIDConnect provider found in your account for {issuer_url}"
    )


def _check_signature(token: str, *, jwks: Jwks | None) -> None:
    """Refuse a token that no current key of the issuer has signed."""
    key_id = _part(token, position=0).get("kid")
    if jwks is None:
        raise _invalid(text=_NO_KEY)
    try:
        published = jwks()
        keys = KeySet.import_key_set(cast("Any", published))
    except (OSError, ValueError, KeyError, JoseError) as error:
        raise _invalid(text=_NO_KEY) from error
    if key_id not in {key.get("kid") for key in published["keys"]}:
        raise _invalid(text=_NO_KEY)
    try:
        jws.deserialize_compact(token, keys, algorithms=list(_ALGORITHMS))
    except (ValueError, JoseError) as error:
        raise _invalid(text=NOT_VALIDATED) from error


def _check_age(expires: int) -> None:
    """Refuse a token on its last second and after; STS gives no leeway.

    Source:
        Text: aws/aws-sdk-java-v2#5709. No leeway of minutes:
        awslabs/aws-orbit-workbench#707 (refused 198 seconds late)
    """
    now = int(time.time())
    if now >= expires:
        raise Refusal(
            code="ExpiredTokenException",
            message=(
                f"Token expired: current date/time {now} must be before the expiration "
                f"date/time {expires}"
            ),
        )


def _audience(aud: object) -> str | None:
    """Return the one audience; None for several, which STS wants an `azp` for."""
    if isinstance(aud, list):
        several = cast("list[object]", aud)
        return str(several[0]) if len(several) == 1 else None
    return str(aud)
