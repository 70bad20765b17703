"""The output `ready`: what is asked, how often, and what a refusal says."""

import asyncio
from typing import Any, Final

import pulumi
import pytest

from eks_irsa import ClusterError, IrsaServiceAccount
from eks_irsa.live.model import Attempt
from eks_irsa.resources import readiness
from eks_irsa.resources.inputs import InputError
from eks_irsa.resources.irsa_service_account_args import IrsaServiceAccountArgs
from eks_irsa.testing import deploy

QUESTION: Final = readiness.Question(
    kubeconfig="{}",
    cluster_arn="arn:aws:eks:us-west-2:111122223333:cluster/blue",
    namespace="apps",
    service_account_name="reader",
    role_arn="arn:aws:iam::111122223333:role/reader",
    audience="vault",
)
ROLE: Final[IrsaServiceAccountArgs] = {
    "service_account_name": "reader",
    "namespace": "apps",
    "cluster_name": "cluster-13",
    "role_name": "reader",
    "wait": True,
}


def program(args: IrsaServiceAccountArgs) -> None:
    """Export what the component says of being ready."""
    pulumi.export("ready", IrsaServiceAccount("reader", args).ready)


def answered(
    monkeypatch: pytest.MonkeyPatch, *answers: Attempt | Exception
) -> list[dict[str, Any]]:
    """Have STS answer this, the last for ever, in no time; list each question."""
    left, asked = [*answers], list[dict[str, Any]]()
    clock = iter(range(0, 10_000, 50))

    def token(_: object, **given: Any) -> str:  # noqa: ANN401 - whatever is asked
        asked.append(given)
        return "the token"

    def attempt(_: object, **given: Any) -> Attempt:  # noqa: ANN401 - as above
        asked.append(given)
        answer = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def slept(_: float) -> None:
        """Take no time."""

    monkeypatch.setattr(readiness, "_client", str)
    monkeypatch.setattr(readiness, "requested_token", token)
    monkeypatch.setattr(readiness, "web_identity_attempt", attempt)
    monkeypatch.setattr(readiness.time, "monotonic", lambda: next(clock))
    monkeypatch.setattr(readiness.time, "sleep", slept)
    return asked


def test_it_is_asked_until_credentials_come(monkeypatch: pytest.MonkeyPatch) -> None:
    """IAM lets a new role in after a moment, and tokens are those of the entry."""
    refused = Attempt(code="AccessDenied", message="Not authorized")
    asked = answered(
        monkeypatch, refused, OSError("no route"), Attempt(code="", message="arn")
    )

    assert not readiness.refused(QUESTION)
    assert asked[:2] == [
        {"namespace": "apps", "name": "reader", "audience": "vault"},
        {"role_arn": QUESTION.role_arn, "token": "the token"},
    ]
    assert len(asked) == 6


def test_a_refusal_that_lasts_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """After two minutes it is no delay; the token is not in the message."""
    refused = Attempt(code="AccessDenied", message="Not authorized")
    asked = answered(monkeypatch, refused)

    found = readiness.refused(QUESTION)

    assert "AccessDenied: Not authorized" in found
    assert "the token" not in found
    assert 2 < len(asked) / 2 < readiness.SECONDS / 50 + 3


def test_nothing_is_asked_without_the_input(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is off by default, and a preview asks for no token."""
    calls: list[object] = []
    monkeypatch.setattr(readiness, "refused", calls.append)
    plain: IrsaServiceAccountArgs = {**ROLE, "wait": False}

    assert deploy(lambda: program(plain)).outputs["ready"] is None
    assert calls == []


def test_it_is_the_arn_of_the_role() -> None:
    """In a unit test, and in a preview, nothing is asked."""
    in_test = deploy(lambda: program(ROLE)).outputs["ready"]
    in_preview = deploy(lambda: program(ROLE), preview=True).outputs["ready"]

    assert in_test == in_preview
    assert str(in_test).endswith(":role/reader")


def test_the_run_fails_with_what_was_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names the component, the service account, the role and the reason."""

    async def run() -> str:
        return await readiness._answered("reader", QUESTION)  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]

    loop = asyncio.new_event_loop()

    def refused(_: object) -> str:
        return "AccessDenied: no"

    def found(_: object) -> str:
        return "\nD-TRUST-SUBJECT: mend it"

    monkeypatch.setattr(readiness, "refused", refused)
    monkeypatch.setattr(readiness, "_verdict", found)
    monkeypatch.setattr(pulumi.runtime, "is_dry_run", lambda: False)

    with pytest.raises(
        ClusterError, match=r"reader: .*apps/reader.*role/reader.* no\nD-TRUST"
    ):
        loop.run_until_complete(run())
    loop.close()


def test_it_needs_an_api_server_to_ask() -> None:
    """A provider of the caller's cannot be read."""
    args: IrsaServiceAccountArgs = {
        "service_account_name": "reader",
        "issuer_url": "https://oidc.eks.us-west-2.amazonaws.com/id/1",
        "wait": True,
    }

    with pytest.raises(InputError, match="needs cluster_name") as caught:
        deploy(lambda: program(args))
    assert "E-WAIT" in caught.value.codes
