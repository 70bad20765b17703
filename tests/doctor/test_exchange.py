"""What AWS answers, against what the chain lets expect."""

from dataclasses import replace

import pytest
from doctor.facts import (
    HEALTHY,
    ISSUER_URL,
    ROLE_ARN,
    annotated,
    codes,
    container,
    found,
    injected,
    only,
    pod,
    role_trusting,
    statement,
)

from eks_irsa.doctor.diagnosis import diagnose
from eks_irsa.doctor.model import Facts
from eks_irsa.live.model import Attempt, Unread

DENIED = Attempt(
    code="AccessDenied",
    message="Not authorized to perform sts:AssumeRoleWithWebIdentity",
)


def answered(code: str, message: str) -> Facts:
    """Make facts with an answer of STS."""
    return replace(HEALTHY, attempt=Attempt(code=code, message=message))


@pytest.mark.parametrize(
    ("code", "message", "expected"),
    [
        (DENIED.code, DENIED.message, "D-EXCHANGE-DENIED"),
        (
            "InvalidIdentityToken",
            (
                "Couldn't retrieve verification key from your identity provider,  "
                "please reference AssumeRoleWithWebIdentity documentation for "
                "requirements"
            ),
            "D-EXCHANGE-KEYS",
        ),
        (
            "InvalidIdentityToken",
            (
                "OpenIDConnect provider's HTTPS certificate doesn't match configured "
                "thumbprint"
            ),
            "D-EXCHANGE-KEYS",
        ),
        ("IDPCommunicationError", "timeout", "D-EXCHANGE-KEYS"),
        ("ExpiredTokenException", "Token expired: ...", "D-EXCHANGE-EXPIRED"),
        ("RegionDisabledException", "STS is not activated", "D-EXCHANGE-REGION"),
        (
            "InvalidIdentityToken",
            f"No OpenIDConnect provider found in your account for {ISSUER_URL}",
            "D-PROVIDER-ABSENT",
        ),
        ("InvalidIdentityToken", "Incorrect token audience", "D-PROVIDER-AUDIENCE"),
        ("ValidationError", "1 validation error", "D-EXCHANGE-FAILED"),
    ],
)
def test_refusal_that_nothing_explains_is_explained_by_itself(
    code: str, message: str, expected: str
) -> None:
    """The answer is quoted, and what it means is said."""
    one = only(answered(code, message))

    assert one.code == expected
    assert f"AWS answers {code}: {message}" in one.message


def test_refusal_that_follows_is_not_said_again() -> None:
    """The trust policy is the cause."""
    facts = replace(
        answered(DENIED.code, DENIED.message),
        role=role_trusting(statement(Action="sts:AssumeRole")),
    )

    assert codes(facts) == ["D-TRUST-ACTION"]
    assert diagnose(facts).links["exchange"] == "skipped"


def test_pod_of_before_does_not_explain_a_refusal() -> None:
    """The token was not the pod's."""
    facts = replace(answered(DENIED.code, DENIED.message), webhooks=(), pods=())

    assert codes(facts) == ["D-WEBHOOK-NONE", "D-EXCHANGE-DENIED"]


def test_denied_without_a_look_at_the_role_says_so() -> None:
    """It may be the role after all."""
    facts = replace(answered(DENIED.code, DENIED.message), role=Unread("no"))

    one = next(one for one in found(facts) if one.severity == "error")

    assert one.message.endswith(
        "the role is not there, or its trust policy does not fit this token"
    )


def test_denied_under_a_condition_that_is_not_known_is_no_proof_of_a_policy() -> None:
    """The trust policy does not fit for sure, and is where to look."""
    condition = {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}
    facts = replace(
        answered(DENIED.code, DENIED.message),
        role=role_trusting(statement(Condition=condition)),
    )

    conditional, denied = found(facts)

    assert conditional.code == "D-TRUST-CONDITIONAL"
    assert denied.code == "D-EXCHANGE-DENIED"
    assert denied.message.endswith(
        "; what is not known of the role's trust policy may be why"
    )


def test_answer_of_sts_tells_of_a_provider_that_could_not_be_read() -> None:
    """With the command that makes it."""
    facts = replace(
        answered("InvalidIdentityToken", "No OpenIDConnect provider found in ..."),
        provider=Unread("AccessDenied: iam:GetOpenIDConnectProvider"),
    )

    diagnosis = diagnose(facts)

    assert diagnosis.verdict
    assert diagnosis.verdict.code == "D-PROVIDER-ABSENT"
    (remedy,) = diagnosis.verdict.remedy
    assert remedy == (
        f"aws iam create-open-id-connect-provider --url {ISSUER_URL} "
        "--client-id-list sts.amazonaws.com"
    )
    assert diagnosis.links["provider"] == "broken"


def test_credentials_in_spite_of_a_fault_are_a_contradiction() -> None:
    """It is said, for the fault may be ours."""
    facts = replace(
        answered("", "arn:aws:sts::123456789012:assumed-role/dev-web/s"),
        role=role_trusting(statement(Action="sts:AssumeRole")),
    )

    assert codes(facts) == ["D-TRUST-ACTION", "D-EXCHANGE-CONTRADICTS"]


def test_what_works_is_not_called_broken() -> None:
    """The annotation lacks the path, and AWS gives credentials all the same."""
    plain = ROLE_ARN.replace("/irsa/", "/")
    facts = replace(
        answered("", "arn:aws:sts::123456789012:assumed-role/dev-web/s"),
        service_account=annotated(role_arn=plain),
        pods=(pod(injected(AWS_ROLE_ARN=plain)),),
    )

    diagnosis = diagnose(facts)

    assert diagnosis.healthy
    assert diagnosis.links["annotation"] == "warning"
    assert codes(facts) == ["D-ANNOTATION-PATH", "D-EXCHANGE-CONTRADICTS"]


def test_fault_of_the_pods_stays_one_where_a_token_works() -> None:
    """The token was not the pod's."""
    facts = replace(
        answered("", "arn"), pods=(pod(container(env={"AWS_REGION": "x"})),)
    )

    assert not diagnose(facts).healthy


def test_credentials_make_the_link_good() -> None:
    """And nothing is said."""
    facts = answered("", "arn:aws:sts::123456789012:assumed-role/dev-web/s")

    assert codes(facts) == []
    assert diagnose(facts).links["exchange"] == "ok"


def test_exchange_that_was_not_tried_is_skipped() -> None:
    """STS that cannot be reached is a gap."""
    unreachable = replace(HEALTHY, attempt=Unread("EndpointConnectionError: sts"))

    assert diagnose(HEALTHY).links["exchange"] == "skipped"
    assert diagnose(unreachable).links["exchange"] == "unknown"
