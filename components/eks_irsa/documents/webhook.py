"""What the pod identity webhook of EKS reads of a service account.

Source: https://github.com/aws/amazon-eks-pod-identity-webhook
"""

from typing import Final

__all__ = ["ANNOTATIONS", "AUDIENCE_ANNOTATION", "ROLE_ARN_ANNOTATION"]

# ARN of the role that the pods of the service account get.
ROLE_ARN_ANNOTATION: Final = "eks.amazonaws.com/role-arn"
# Audience of their tokens. Default: `sts.amazonaws.com`.
AUDIENCE_ANNOTATION: Final = "eks.amazonaws.com/audience"
# All it reads; every other one is inert, a misspelt one too.
ANNOTATIONS: Final = (
    ROLE_ARN_ANNOTATION,
    AUDIENCE_ANNOTATION,
    "eks.amazonaws.com/sts-regional-endpoints",
    "eks.amazonaws.com/token-expiration",
)
