"""AWS Signature Version 4, seen from the server: what the signature should have been.

The age of a request is not looked at; AWS refuses those older than five minutes.

Source:
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

import hashlib
import hmac
from typing import Final
from urllib.parse import parse_qsl, quote

from sandbox.aws.call import Credential, WireRequest

__all__ = ["signature_of"]

_UNRESERVED: Final = "-_.~"


def signature_of(
    request: WireRequest, credential: Credential, *, secret_access_key: str
) -> str:
    """Sign *request* again, as the owner of *secret_access_key* would have.

    Returns:
        64 lower-case hex digits; equal to `credential.signature` if the owner did.
    """
    scope = f"{credential.date}/{credential.region}/{credential.service}/aws4_request"
    canonical = _canonical_request(request, credential.signed_headers)
    to_sign = "\n".join(
        (
            "AWS4-HMAC-SHA256",
            request.headers.get("x-amz-date", ""),
            scope,
            hashlib.sha256(canonical.encode()).hexdigest(),
        )
    )
    key = f"AWS4{secret_access_key}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.digest(key, to_sign.encode(), "sha256").hex()


def _canonical_request(request: WireRequest, signed_headers: tuple[str, ...]) -> str:
    pairs = parse_qsl(request.query, keep_blank_values=True)
    query = "&".join(
        f"{key}={value}"
        for key, value in sorted(
            (quote(key, safe=_UNRESERVED), quote(value, safe=_UNRESERVED))
            for key, value in pairs
        )
    )
    headers = "".join(
        f"{name}:{' '.join(request.headers.get(name, '').split())}\n"
        for name in signed_headers
    )
    return "\n".join(
        (
            request.method,
            quote(request.path, safe="/" + _UNRESERVED),
            query,
            headers,
            ";".join(signed_headers),
            hashlib.sha256(request.body).hexdigest(),
        )
    )
