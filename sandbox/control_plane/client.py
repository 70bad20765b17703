"""The administrator's way to the API server, with the standard library alone.

It is for starting up, for proofs and for looking around; the programs under test come
with clients of their own.
"""

import http.client
import json
import ssl
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

__all__ = ["AdminClient", "Answer"]

TIMEOUT_SECONDS: Final = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the API server said.

    Attributes:
        status: HTTP status.
        text: The body.
    """

    status: int
    text: str

    @property
    def document(self) -> dict[str, Any]:
        """The body as a JSON object.

        Raises:
            ValueError: The body is not JSON.
        """
        return json.loads(self.text)


class AdminClient:
    """Requests over TLS that trust one CA, carry one token and never use a proxy."""

    def __init__(self, *, endpoint: str, ca_pem: str, token: str) -> None:
        """Remember the way; nothing is sent yet.

        Args:
            endpoint: `https://<host>:<port>`.
            ca_pem: The CA's certificate, PEM.
            token: Bearer token.
        """
        self._address = urlsplit(endpoint).netloc
        self._trust = ssl.create_default_context(cadata=ca_pem)
        self._token = token

    def request(
        self,
        *,
        method: str,
        path: str,
        body: object = None,
        content_type: str = "application/json",
        token: str | None = None,
    ) -> Answer:
        """Send one request and give the answer, whatever its status.

        Args:
            method: HTTP method.
            path: Path and query, beginning with a slash.
            body: What is sent as JSON; bytes are sent as they are. Default: nothing.
            content_type: Media type of *body*. Default: `application/json`.
            token: Bearer token. Default: the administrator's.

        Raises:
            OSError: The server cannot be reached, or is not the one the CA vouches for.
        """
        connection = http.client.HTTPSConnection(
            self._address, context=self._trust, timeout=TIMEOUT_SECONDS
        )
        is_document = body is not None and not isinstance(body, bytes)
        document = json.dumps(body) if is_document else None
        try:
            connection.request(
                method,
                path,
                body=body if isinstance(body, bytes) else document,
                headers={
                    "Accept": "application/json, */*;q=0.1",
                    "Authorization": f"Bearer {token or self._token}",
                    "Content-Type": content_type,
                },
            )
            response = connection.getresponse()
            return Answer(status=response.status, text=response.read().decode())
        except http.client.HTTPException as error:
            message = f"no HTTP answer to {method} {path}: {error!r}"
            raise ConnectionError(message) from error
        finally:
            connection.close()
