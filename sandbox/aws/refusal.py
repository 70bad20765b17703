"""The answer no, as AWS words it: an error code, a message and an HTTP status."""

from collections.abc import Mapping
from typing import Final

__all__ = ["Refusal", "not_covered", "quota_exceeded"]

# Source: the error shapes of botocore's service models for IAM, STS, EKS and
# CloudFormation (data/iam/2010-05-08, data/sts/2011-06-15, data/eks/2017-11-01,
# data/eks-auth/2023-11-26 and data/cloudformation/2010-05-15), and for the codes every
# service shares
# https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html
_STATUS: Final[Mapping[str, int]] = {
    "AccessDenied": 403,
    "AccessDeniedException": 400,
    "AlreadyExistsException": 400,
    "DeleteConflict": 409,
    "EntityAlreadyExists": 409,
    "ExpiredToken": 403,
    "ExpiredTokenException": 400,
    "IncompleteSignature": 400,
    "InsufficientCapabilitiesException": 400,
    "InternalFailure": 500,
    "InvalidClientTokenId": 403,
    "InvalidIdentityToken": 400,
    "InvalidInput": 400,
    "InvalidParameterException": 400,
    "InvalidRequestException": 400,
    "InvalidTokenException": 400,
    "LimitExceeded": 409,
    "MalformedPolicyDocument": 400,
    "MissingAuthenticationToken": 403,
    "NoSuchEntity": 404,
    "NotFoundException": 404,
    "NotImplemented": 501,
    "PolicyNotAttachable": 400,
    "ResourceInUseException": 409,
    "ResourceLimitExceededException": 400,
    "ResourceNotFoundException": 404,
    "SignatureDoesNotMatch": 403,
    "ServiceUnavailable": 503,
    "Throttling": 400,
    "TooManyRequestsException": 429,
    "ValidationError": 400,
}


class Refusal(Exception):  # noqa: N818 - AWS refuses; nothing of ours went wrong
    """A request AWS would not carry out.

    Attributes:
        code: AWS's name of the error, such as `NoSuchEntity`.
        message: AWS's text.
        status: HTTP status AWS answers the code with.
        detail: What AWS does not tell and the sandbox does, in `Aws.calls` only.
    """

    def __init__(self, *, code: str, message: str, detail: str = "") -> None:
        """Refuse with *code*, which must be one AWS has, and AWS's *message*."""
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.detail = detail
        self.status = _STATUS[code]


def not_covered(*, what: str) -> Refusal:
    """Refuse by name something AWS can do and the sandbox cannot.

    The words are the sandbox's own, so that nobody takes them for AWS's.
    """
    return Refusal(
        code="NotImplemented", message=f"the sandbox's AWS does not cover {what}"
    )


def quota_exceeded(*, quota: str, limit: int) -> Refusal:
    """Refuse one thing more than AWS's *quota*, named as AWS does, allows."""
    return Refusal(
        code="LimitExceeded", message=f"Cannot exceed quota for {quota}: {limit}"
    )
