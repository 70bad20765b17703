"""A value, that there is none, and why it could not be read are never confused."""

from typing import NoReturn

import pytest
from botocore.exceptions import ClientError  # type: ignore[import-untyped]

from eks_irsa.live.model import Unread
from eks_irsa.live.refusals import NotReachedError, Unreachable, client_of, found, read


def refuse(code: str, message: str) -> NoReturn:
    """Answer as AWS does."""
    error = {"Error": {"Code": code, "Message": message}}
    raise ClientError(error, "GetRole")


@pytest.mark.parametrize(
    ("code", "message", "expected"),
    [
        (
            "AccessDenied",
            "User: u is not authorized because no identity-based policy allows it",
            "iam:GetRole is not allowed: no identity-based policy allows it",
        ),
        ("AccessDeniedException", "no", "iam:GetRole is not allowed"),
        ("ExpiredToken", "It is\nexpired", "ExpiredToken: It is expired"),
        (
            "SignatureDoesNotMatch",
            "It does not match.\n\nThe Canonical String\nx-amz-security-token:secret",
            "SignatureDoesNotMatch: It does not match.",
        ),
    ],
)
def test_refusal_names_the_permission(code: str, message: str, expected: str) -> None:
    """What every call meets is the same text for each."""
    assert read("iam:GetRole", lambda: refuse(code, message)) == Unread(expected)


def test_what_is_not_there_is_none() -> None:
    """Only where it need not be there."""
    absent = read("iam:GetRole", lambda: refuse("NoSuchEntity", "none"))

    assert absent == Unread("NoSuchEntity: none")
    assert found("iam:GetRole", lambda: refuse("NoSuchEntity", "none")) is None
    assert found("iam:GetRole", lambda: "role") == "role"


def test_client_that_cannot_be_made_says_why_at_each_call() -> None:
    """Whatever it is asked."""

    def fail() -> NoReturn:
        message = "there is no kubeconfig"
        raise NotReachedError(message)

    client = client_of(fail)

    assert isinstance(client, Unreachable)
    assert read("get pods", lambda: client.get("pod")) == Unread(
        "there is no kubeconfig"
    )
