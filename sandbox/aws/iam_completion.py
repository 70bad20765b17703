"""What IAM adds to a request of its own accord and moto does not.

Where moto would forget or double something that IAM keeps, the request that goes on to
moto is completed, so that moto's state ends up as IAM's would.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from sandbox.aws.call import Call
from sandbox.aws.moto_account import MotoIam

__all__ = ["STAND_IN_THUMBPRINT", "completed"]

# IAM fetches the thumbprint of the issuer's certificate authority when none is given;
# the sandbox has no certificate to look at, so every issuer gets this one.
# Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateOpenIDConnectProvider.html
STAND_IN_THUMBPRINT: Final = "5a4db0c15a4db0c15a4db0c15a4db0c15a4db0c1"


def completed(call: Call, iam: MotoIam) -> Mapping[str, str]:
    """Return the parameters to send to moto; *call*'s own where IAM adds nothing."""
    complete = _COMPLETIONS.get(call.action)
    return call.parameters if complete is None else complete(call, iam)


def _with_thumbprint(call: Call, _iam: MotoIam) -> Mapping[str, str]:
    return {"ThumbprintList.member.1": STAND_IN_THUMBPRINT, **call.parameters}


def _with_what_stays(call: Call, iam: MotoIam) -> Mapping[str, str]:
    """Keep description and duration, which moto's UpdateRole resets.

    Source:
        localstack/localstack tests/aws/services/iam/test_iam_roles.snapshot.json,
        test_update_role (recorded 2026-02-11)
    """
    role = iam.role(call.parameters["RoleName"])
    kept: dict[str, str] = {}
    if role:
        kept["MaxSessionDuration"] = str(role.max_session_seconds)
        kept["Description"] = role.description or ""
    return {**kept, **call.parameters}


def _without_other_spellings(call: Call, iam: MotoIam) -> Mapping[str, str]:
    """Let a tag replace the one whose key differs in case only.

    Source:
        aws/aws-cdk#26253
    """
    name = call.parameters["RoleName"]
    role = iam.role(name)
    given = {key for key, _ in call.tags()}
    without_case = {key.lower() for key in given}
    if role:
        held = [key for key in role.tags if key.lower() in without_case]
        iam.drop_role_tags(name, [key for key in held if key not in given])
    return call.parameters


_COMPLETIONS: Final[Mapping[str, Callable[[Call, MotoIam], Mapping[str, str]]]] = (
    MappingProxyType(
        {
            "CreateOpenIDConnectProvider": _with_thumbprint,
            "TagRole": _without_other_spellings,
            "UpdateRole": _with_what_stays,
        }
    )
)
