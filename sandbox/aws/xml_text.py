"""Responses and errors of AWS's query protocol, as XML.

Source:
    https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html and botocore's
    service models for the namespaces
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final
from uuid import uuid4
from xml.sax.saxutils import escape, unescape

from sandbox.aws.call import Call
from sandbox.aws.refusal import Refusal

__all__ = ["Fields", "error_code", "error_response", "error_text", "response"]

Fields = Mapping[str, "str | Fields | Sequence[str | Fields]"]

_NAMESPACES: Final[Mapping[str, str]] = {
    "cloudformation": "http://cloudformation.amazonaws.com/doc/2010-05-15/",
    "iam": "https://iam.amazonaws.com/doc/2010-05-08/",
    "sts": "https://sts.amazonaws.com/doc/2011-06-15/",
}
_CODE: Final = re.compile(r"<Code>([^<]+)</Code>")
_MESSAGE: Final = re.compile(r"<Message>([^<]+)</Message>")


def response(call: Call, fields: Fields | None = None) -> bytes:
    """Write the answer to a call of the query protocol.

    Args:
        call: What was asked.
        fields: What there is to tell; elements come in this order. Default: nothing.
    """
    action = call.action
    told = (
        ""
        if fields is None
        else f"<{action}Result>{_elements(fields)}</{action}Result>"
    )
    return (
        f'<{action}Response xmlns="{_NAMESPACES[call.service]}">{told}'
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


def error_text(body: bytes) -> str:
    """Read the message out of a response of moto; empty if there is none."""
    match = _MESSAGE.search(body.decode(errors="replace"))
    return unescape(match[1]) if match else ""


def _elements(fields: Fields) -> str:
    return "".join(f"<{name}>{_element(one)}</{name}>" for name, one in fields.items())


def _element(value: str | Fields | Sequence[str | Fields]) -> str:
    if isinstance(value, str):
        return escape(value)
    if isinstance(value, Mapping):
        return _elements(value)
    return "".join(f"<member>{_element(one)}</member>" for one in value)
