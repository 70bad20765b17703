"""Responses and errors of AWS's query protocol, as XML.

Source:
    https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html and botocore's
    service models for the namespaces
"""

import re
from collections.abc import Mapping
from typing import Final
from uuid import uuid4
from xml.sax.saxutils import escape

from sandbox.aws.refusal import Refusal

__all__ = ["Fields", "error_code", "error_response", "iam_response", "sts_response"]

Fields = Mapping[str, "str | Fields"]

_NAMESPACES: Final[Mapping[str, str]] = {
    "iam": "https://iam.amazonaws.com/doc/2010-05-08/",
    "sts": "https://sts.amazonaws.com/doc/2011-06-15/",
}
_CODE: Final = re.compile(r"<Code>([^<]+)</Code>")


def sts_response(action: str, fields: Fields) -> bytes:
    """Write the answer to *action* of STS; elements come in the order of *fields*."""
    return (
        f'<{action}Response xmlns="{_NAMESPACES["sts"]}">'
        f"<{action}Result>{_elements(fields)}</{action}Result>"
        f"<ResponseMetadata><RequestId>{uuid4()}</RequestId></ResponseMetadata>"
        f"</{action}Response>"
    ).encode()


def iam_response(action: str) -> bytes:
    """Write the answer to an *action* of IAM that has nothing to tell."""
    return (
        f'<{action}Response xmlns="{_NAMESPACES["iam"]}">'
        f"<ResponseMetadata><RequestId>{uuid4()}</RequestId></ResponseMetadata>"
        f"</{action}Response>"
    ).encode()


def error_response(refusal: Refusal, *, service: str) -> bytes:
    """Write *refusal* as *service* would."""
    namespace = _NAMESPACES.get(service, _NAMESPACES["iam"])
    error = {"Type": "Sender", "Code": refusal.code, "Message": refusal.message}
    return (
        f'<ErrorResponse xmlns="{namespace}"><Error>{_elements(error)}</Error>'
        f"<RequestId>{uuid4()}</RequestId></ErrorResponse>"
    ).encode()


def error_code(body: bytes) -> str:
    """Read the error code out of a response of moto; empty if there is none."""
    match = _CODE.search(body.decode(errors="replace"))
    return match[1] if match else ""


def _elements(fields: Fields) -> str:
    return "".join(
        f"<{name}>{escape(value) if isinstance(value, str) else _elements(value)}"
        f"</{name}>"
        for name, value in fields.items()
    )
