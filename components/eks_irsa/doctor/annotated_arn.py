"""What is wrong with the value of `eks.amazonaws.com/role-arn`."""

import re
from typing import Final, NamedTuple

from eks_irsa.documents.arns import is_role_arn

__all__ = ["ArnFault", "arn_fault"]

_ROLE_ARN: Final = "arn:<partition>:iam::<12 digits>:role/<name>"
_KINDS: Final = {
    "user": "a user",
    "group": "a group",
    "policy": "a policy",
    "instance-profile": "an instance profile",
    "oidc-provider": "an OIDC provider",
    "server-certificate": "a certificate",
}
_SESSION: Final = re.compile(r"arn:([^:]+):sts::(\d{12}):assumed-role/([^/]+)/.*")
_IAM: Final = re.compile(r"arn:[^:]+:iam::\d{12}:([a-z-]+)/.*", re.DOTALL)
_NAME: Final = re.compile(r"(?:role/)?(/?(?:[\w+=,.@-]+/)*[\w+=,.@-]{1,64})", re.ASCII)


class ArnFault(NamedTuple):
    """A value that is not the ARN of a role.

    Attributes:
        words: What it is instead.
        meant: ARN that is probably meant; empty where nothing tells.
    """

    words: str
    meant: str


def arn_fault(text: str, *, partition: str | None, account_id: str | None) -> ArnFault:
    """Say what a text is that is not the ARN of a role.

    Args:
        text: Without spaces around it, not the ARN of a role.
        partition: Of the cluster, to complete a name with; None if it is not known.
        account_id: AWS account of the cluster; None if it is not known.
    """
    if not text:
        return ArnFault(f"is empty; expected {_ROLE_ARN}", "")
    if session := _SESSION.fullmatch(text):
        meant = f"arn:{session[1]}:iam::{session[2]}:role/{session[3]}"
        words = f"is the ARN of a session of the role {session[3]!r}, not of the role"
        return ArnFault(words, meant if is_role_arn(meant) else "")
    found = _IAM.fullmatch(text)
    if found and found[1] in _KINDS:
        kind = _KINDS[found[1]]
        return ArnFault(f"is the ARN of {kind}; expected that of a role", "")
    name = _NAME.fullmatch(text)
    if name and partition and account_id:
        meant = f"arn:{partition}:iam::{account_id}:role/{name[1].removeprefix('/')}"
        return ArnFault("is a name and no ARN", meant if is_role_arn(meant) else "")
    return ArnFault(f"is not the ARN of a role; expected {_ROLE_ARN}", "")
