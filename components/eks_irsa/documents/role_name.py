"""A stable name for a role that was given none.

The name must be known before the role exists (the annotation a reviewer sees holds it)
and must not change while cluster, namespace and name stay the same: a role renamed is
a role replaced, and trust policies elsewhere that name it do not know the new one.
"""

import hashlib
from typing import Final

__all__ = ["role_name"]

# Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
_MAX_LENGTH: Final = 64
_HASH_DIGITS: Final = 8


def role_name(*, cluster_arn: str, cluster: str, namespace: str, name: str) -> str:
    """Derive a role's name from the service account it is for.

    Args:
        cluster_arn: ARN of the EKS cluster; only hashed, so that clusters of one name
            in two regions of an AWS account get two roles.
        cluster: Name of the EKS cluster, 1 to 100 characters.
        namespace: Namespace of the service account, 1 to 63 characters.
        name: Name of the service account, 1 to 253 characters.

    Returns:
        `<cluster>-<namespace>-<name>` cut to fit, `-` and 8 hex digits of a hash over
        cluster ARN, namespace and name; at most 64 characters, all of which IAM takes.
    """
    # NUL is in no name, so no two service accounts are hashed as the same text.
    identity = f"{cluster_arn}\0{namespace}\0{name}".encode()
    digits = hashlib.sha256(identity).hexdigest()[:_HASH_DIGITS]
    room = _MAX_LENGTH - _HASH_DIGITS - 1
    speaking = f"{cluster}-{namespace}-{name}"[:room].rstrip("-._")
    return f"{speaking}-{digits}"
