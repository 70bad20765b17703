"""What the pod identity webhook of EKS reads of a service account.

Source: https://github.com/aws/amazon-eks-pod-identity-webhook
"""

import difflib
import re
from typing import Final

__all__ = [
    "ANNOTATIONS",
    "AUDIENCE_ANNOTATION",
    "REGIONAL_STS_ANNOTATION",
    "ROLE_ARN_ANNOTATION",
    "TOKEN_EXPIRATION_ANNOTATION",
    "TOKEN_SECONDS",
    "near_annotation",
    "webhook_value_fault",
]

# ARN of the role that the pods of the service account get.
ROLE_ARN_ANNOTATION: Final = "eks.amazonaws.com/role-arn"
# Audience of their tokens. Default: `sts.amazonaws.com`.
AUDIENCE_ANNOTATION: Final = "eks.amazonaws.com/audience"
# Whether SDKs call the STS of their region, `true` or `false`.
REGIONAL_STS_ANNOTATION: Final = "eks.amazonaws.com/sts-regional-endpoints"
# Lifetime of their tokens in seconds. Default: 86400.
TOKEN_EXPIRATION_ANNOTATION: Final = "eks.amazonaws.com/token-expiration"  # noqa: S105 - a key
# All it reads; every other one is inert, a misspelt one too.
ANNOTATIONS: Final = (
    ROLE_ARN_ANNOTATION,
    AUDIENCE_ANNOTATION,
    REGIONAL_STS_ANNOTATION,
    TOKEN_EXPIRATION_ANNOTATION,
)
# Source: pkg/constants.go of the webhook, whose nearer bound takes the place of what is
# below; and the most that EKS gives a token, 24 hours.
TOKEN_SECONDS: Final = range(600, 86_401)
# What Go's strconv.ParseInt and ParseBool take; the webhook ignores anything else.
# Source: pkg/cache/cache.go of the webhook.
_INTEGER: Final = re.compile(r"[-+]?\d+", re.ASCII)
_BOOLEANS: Final = frozenset(
    ("1", "t", "T", "TRUE", "true", "True", "0", "f", "F", "FALSE", "false", "False")
)
# Read of pods alone. Source: pkg/handler/handler.go of the webhook.
_OF_PODS: Final = "eks.amazonaws.com/skip-containers"
# A slip in the prefix or in the name, not another tool's annotation.
_CLOSE_ENOUGH: Final = 0.85


def near_annotation(key: str) -> str | None:
    """Find the webhook's annotation that a key misspells.

    Args:
        key: Key of an annotation.

    Returns:
        One of `ANNOTATIONS`; None if *key* is one of them, or near none.

    Source: https://github.com/aws/amazon-eks-pod-identity-webhook/issues/200
    """
    folded = key.casefold().replace("_", "-")
    if key in ANNOTATIONS or ("aws" not in folded and "amazon" not in folded):
        return None
    close = difflib.get_close_matches(folded, ANNOTATIONS, n=1, cutoff=_CLOSE_ENOUGH)
    return close[0] if close else None


def webhook_value_fault(key: str, value: str) -> str | None:
    """Say what the webhook makes of an annotation that is not what it says.

    Args:
        key: Key of an annotation of a service account.
        value: Its value.

    Returns:
        The fault, with what to write; None if the webhook takes the value as it is, or
        does not read the annotation.
    """
    if key == _OF_PODS:
        return f"{key!r} is read of pods, not of service accounts; write it on the pods"
    if key == REGIONAL_STS_ANNOTATION and value not in _BOOLEANS:
        return (
            f"the pod identity webhook ignores {value!r} here; write 'true' or 'false'"
        )
    return _seconds_fault(value) if key == TOKEN_EXPIRATION_ANNOTATION else None


def _seconds_fault(value: str) -> str | None:
    least, most = TOKEN_SECONDS[0], TOKEN_SECONDS[-1]
    remedy = f"write seconds, '{least}' to '{most}'"
    if not _INTEGER.fullmatch(value):
        return f"the pod identity webhook ignores {value!r} and takes {most}; {remedy}"
    if int(value) < least:
        return (
            f"{value!r} is too short, and the pod identity webhook takes {least}; "
            f"{remedy}"
        )
    if int(value) > most:
        return f"{value!r} is longer than EKS gives a token, 24 hours; {remedy}"
    return None
