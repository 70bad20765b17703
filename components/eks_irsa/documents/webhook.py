"""What the pod identity webhook of EKS reads of a service account.

Source: https://github.com/aws/amazon-eks-pod-identity-webhook
"""

from typing import Final

__all__ = [
    "ANNOTATIONS",
    "AUDIENCE_ANNOTATION",
    "REGIONAL_STS_ANNOTATION",
    "ROLE_ARN_ANNOTATION",
    "TOKEN_EXPIRATION_ANNOTATION",
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
