"""The two calls on an OIDC provider's client ids, which moto does not have.

Both are idempotent.

Source:
    https://docs.aws.amazon.com/IAM/latest/APIReference/API_AddClientIDToOpenIDConnectProvider.html
    and .../API_RemoveClientIDFromOpenIDConnectProvider.html
"""

from collections.abc import Mapping
from typing import Final

from sandbox.aws.call import Call
from sandbox.aws.moto_account import MotoIam
from sandbox.aws.xml_text import response

__all__ = ["change_client_ids"]

_ACTIONS: Final[Mapping[str, str]] = {
    "AddClientIDToOpenIDConnectProvider": "added",
    "RemoveClientIDFromOpenIDConnectProvider": "removed",
}


def change_client_ids(call: Call, iam: MotoIam) -> bytes | None:
    """Carry a call out that IAM's rules allow, and answer it; None for other calls."""
    if call.action not in _ACTIONS:
        return None
    given = {_ACTIONS[call.action]: [call.parameters["ClientID"]]}
    iam.change_client_ids(call.parameters["OpenIDConnectProviderArn"], **given)
    return response(call)
