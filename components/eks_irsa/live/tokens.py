"""Tokens of service accounts: asked for, read, and taken to STS; never shown."""

import base64
import json
from collections.abc import Mapping
from typing import Any, Final, cast

from eks_irsa.live.model import Attempt

__all__ = ["claims_of", "requested_token", "web_identity_attempt"]

_SESSION: Final = "eks-irsa-doctor"
# The least that STS gives: nobody needs these credentials.
_SECONDS: Final = 900
# The least that the API server gives.
# Source: ValidateTokenRequest in pkg/apis/authentication/validation of Kubernetes
_TOKEN_SECONDS: Final = 600
# Source: https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html
_BUSY: Final = frozenset(
    ("Throttling", "ThrottlingException", "RequestLimitExceeded", "TooManyRequests")
)
_FAILED: Final = 500


def requested_token(
    client: Any,  # noqa: ANN401 - half typed
    *,
    namespace: str,
    name: str,
    audience: str,
) -> str:
    """Have the API server issue a token of a service account, as the kubelet does.

    Args:
        client: A `lightkube.Client`.
        namespace: Namespace of the service account.
        name: Its name.
        audience: Whom the token is for.

    Returns:
        The token, which must not be shown.

    Raises:
        Exception: Of lightkube: there is none, or `create serviceaccounts/token` is not
            allowed.
    """
    from lightkube.models.authentication_v1 import TokenRequestSpec  # noqa: PLC0415
    from lightkube.models.meta_v1 import ObjectMeta  # noqa: PLC0415
    from lightkube.resources.core_v1 import ServiceAccountToken  # noqa: PLC0415

    asked = ServiceAccountToken(
        metadata=ObjectMeta(),
        spec=TokenRequestSpec(audiences=[audience], expirationSeconds=_TOKEN_SECONDS),
    )
    answer = client.create(asked, name=name, namespace=namespace)
    return cast("str", answer.status.token)


def claims_of(token: str) -> Mapping[str, Any]:
    """Read what a token says, whoever signed it.

    Args:
        token: A JWT.

    Raises:
        ValueError: It is none.
    """
    body = token.split(".")[1] if token.count(".") == 2 else ""  # noqa: PLR2004
    padded = body + "=" * (-len(body) % 4)
    claims: object = json.loads(base64.urlsafe_b64decode(padded))
    if not isinstance(claims, dict):
        msg = "the token holds no claims"
        raise ValueError(msg)  # noqa: TRY004 - what the docstring says
    return cast("dict[str, Any]", claims)


def web_identity_attempt(
    sts: Any,  # noqa: ANN401 - without types
    *,
    role_arn: str,
    token: str,
) -> Attempt:
    """Take a token to STS, as an SDK in a pod does; the credentials are thrown away.

    Args:
        sts: A client of STS, as `AwsSession.anonymous` makes it.
        role_arn: Role to assume.
        token: Token of the service account.

    Returns:
        What STS answered; the token is in none of it.

    Raises:
        Exception: STS could not be reached, or is too busy to answer.

    Source:
        https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
    """
    from botocore.exceptions import (  # type: ignore[import-untyped]  # noqa: PLC0415
        ClientError,
    )

    try:
        answer = sts.assume_role_with_web_identity(
            RoleArn=role_arn,
            RoleSessionName=_SESSION,
            WebIdentityToken=token,
            DurationSeconds=_SECONDS,
        )
    except ClientError as error:
        answer = cast("Any", error).response
        refusal = answer["Error"]
        status = answer.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        if refusal["Code"] in _BUSY or status >= _FAILED:
            raise  # which says nothing of the token
        # Of a value that it does not like, AWS may repeat it.
        message = refusal["Message"].replace(token, "(the token)")
        return Attempt(code=refusal["Code"], message=message)
    return Attempt(code="", message=answer["AssumedRoleUser"]["Arn"])
