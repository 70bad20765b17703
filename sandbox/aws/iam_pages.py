"""Pages of answers of IAM that moto gives whole."""

from typing import Final
from xml.etree import ElementTree as ET

from sandbox.aws.call import Call

__all__ = ["one_page"]

_ACTION: Final = "GetAccountAuthorizationDetails"
# Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
_DEFAULT_ITEMS: Final = "100"


def one_page(call: Call, body: bytes) -> bytes:
    """Cut an answer to the page that was asked for; those to other calls stay.

    Args:
        call: The request.
        body: moto's answer, or its refusal.
    """
    if call.action != _ACTION or b"<Error>" in body:
        return body
    root = ET.fromstring(body)  # noqa: S314 - moto wrote it
    space = root.tag.removesuffix(f"{_ACTION}Response")
    ET.register_namespace("", space.strip("{}"))
    result = root[0]
    start = int(call.parameters.get("Marker", "0"))
    end = start + int(call.parameters.get("MaxItems", _DEFAULT_ITEMS))
    members = [
        (found, member)
        for found in result
        for member in found.findall(f"{space}member")
    ]
    for position, (found, member) in enumerate(members):
        if not start <= position < end:
            found.remove(member)
    truncated = result.find(f"{space}IsTruncated")
    if end < len(members) and truncated is not None:
        truncated.text = "true"
        ET.SubElement(result, f"{space}Marker").text = str(end)
    return ET.tostring(root)
