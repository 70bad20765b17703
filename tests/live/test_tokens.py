"""A token taken to STS: what is an answer, and what is none."""

import pytest
from botocore.exceptions import ClientError  # type: ignore[import-untyped]

from eks_irsa.live.model import Attempt
from eks_irsa.live.tokens import web_identity_attempt


class Refusing:
    """Stands for an STS that refuses."""

    def __init__(self, code: str, status: int, message: str = "no") -> None:
        """Take what is answered."""
        self._response = {
            "Error": {"Code": code, "Message": message},
            "ResponseMetadata": {"HTTPStatusCode": status},
        }

    def assume_role_with_web_identity(self, **_: object) -> None:
        """Refuse."""
        raise ClientError(self._response, "AssumeRoleWithWebIdentity")


def attempt(code: str, status: int) -> Attempt:
    """Take a token to it."""
    return web_identity_attempt(Refusing(code, status), role_arn="arn", token="token")  # noqa: S106


@pytest.mark.parametrize(
    ("code", "status"),
    [("AccessDenied", 403), ("IDPCommunicationError", 400), ("ExpiredToken", 400)],
)
def test_refusal_is_an_answer(code: str, status: int) -> None:
    """It says something of the token or the role."""
    assert attempt(code, status) == Attempt(code=code, message="no")


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("Throttling", 400),
        ("ThrottlingException", 400),
        ("InternalFailure", 500),
        ("ServiceUnavailable", 503),
    ],
)
def test_busy_sts_has_answered_nothing(code: str, status: int) -> None:
    """Nothing is broken for that."""
    with pytest.raises(ClientError, match=code):
        attempt(code, status)


def test_token_that_aws_repeats_is_not_handed_on() -> None:
    """A message may have the value that was wrong."""
    token = "eyJhbGciOiJSUzI1NiJ9.e30.c2ln"  # noqa: S105 - of nobody
    said = f"Value '{token}' at 'webIdentityToken' failed to satisfy constraint"
    sts = Refusing("ValidationError", 400, said)

    found = web_identity_attempt(sts, role_arn="arn", token=token)

    assert found.message == (
        "Value '(the token)' at 'webIdentityToken' failed to satisfy constraint"
    )
