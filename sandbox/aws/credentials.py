"""The key ring of the sandbox's account: its administrator, and the sessions STS gave.

Keys live in memory and open nothing but the sandbox.
"""

import secrets
import string
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from sandbox.aws.call import Credential, WireRequest
from sandbox.aws.refusal import Refusal
from sandbox.aws.signature import signature_of

__all__ = ["Identity", "KeyRing"]

# Unique ids begin with a prefix that tells the kind: keys of users, of sessions, roles.
# Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
_ID_ALPHABET: Final = string.ascii_uppercase + "234567"
_ID_LENGTH: Final = 16
# Source: https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html
_UNKNOWN: Final = "The security token included in the request is invalid."
_EXPIRED: Final = "The security token included in the request is expired"
_MISMATCH: Final = (
    "The request signature we calculated does not match the signature you provided. "
    "Check your AWS Secret Access Key and signing method. Consult the service "
    "documentation for details."
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Identity:
    """Somebody with keys.

    Attributes:
        access_key_id: `AKIA...` for the administrator, `ASIA...` for a session.
        secret_access_key: Known to the key ring and to whom it was given.
        session_token: Sent along with every request; None for the administrator.
        resource: What follows `arn:<partition>:` in the identity's ARN.
        user_id: AWS's unique id, as GetCallerIdentity answers it.
        expires_at: None for the administrator.
    """

    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str | None = field(default=None, repr=False)
    resource: str
    user_id: str
    expires_at: datetime | None = None

    @property
    def account_id(self) -> str:
        """The AWS account it is in: 12 digits."""
        return self.resource.split(":")[2]

    @property
    def is_session(self) -> bool:
        """Tell a role's session from the account's administrator."""
        return self.session_token is not None


class KeyRing:
    """Every identity that may sign requests to the sandbox's account."""

    def __init__(self, *, account_id: str) -> None:
        """Begin with one administrator of *account_id*, 12 digits."""
        self.administrator = Identity(
            access_key_id=_unique_id("AKIA"),
            secret_access_key=secrets.token_urlsafe(30),
            resource=f"iam::{account_id}:user/sandbox-administrator",
            user_id=_unique_id("AIDA"),
        )
        self._identities = {self.administrator.access_key_id: self.administrator}

    def open_session(
        self, *, resource: str, user_id: str, expires_at: datetime
    ) -> Identity:
        """Give keys to a session of a role, which work until *expires_at*."""
        session = Identity(
            access_key_id=_unique_id("ASIA"),
            secret_access_key=secrets.token_urlsafe(30),
            session_token=secrets.token_urlsafe(200),
            resource=resource,
            user_id=user_id,
            expires_at=expires_at,
        )
        self._identities[session.access_key_id] = session
        return session

    def authenticate(self, request: WireRequest, credential: Credential) -> Identity:
        """Tell who signed *request*.

        Raises:
            Refusal: The key is unknown, its session token is not the one given with
                it, the session has ended, or the signature is not the key's.
        """
        identity = self._identities.get(credential.access_key_id)
        token = request.headers.get("x-amz-security-token")
        if identity is None or token != identity.session_token:
            raise Refusal(code="InvalidClientTokenId", message=_UNKNOWN)
        if identity.expires_at and identity.expires_at <= datetime.now(UTC):
            raise Refusal(code="ExpiredToken", message=_EXPIRED)
        expected = signature_of(
            request, credential, secret_access_key=identity.secret_access_key
        )
        if not secrets.compare_digest(expected, credential.signature):
            raise Refusal(code="SignatureDoesNotMatch", message=_MISMATCH)
        return identity


def _unique_id(prefix: str) -> str:
    return prefix + "".join(secrets.choice(_ID_ALPHABET) for _ in range(_ID_LENGTH))
