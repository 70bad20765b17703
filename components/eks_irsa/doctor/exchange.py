"""What AWS answered to a token, against what was to be expected.

Source:
    https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html#API_AssumeRoleWithWebIdentity_Errors
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from eks_irsa.doctor.model import Facts, Finding, Link
from eks_irsa.doctor.notes import SKIPPED, Gap, Notes, command, finding
from eks_irsa.doctor.route import (
    asked_audience,
    asked_issuer_url,
    asked_role_arn,
    part_of_arn,
)
from eks_irsa.live.model import Attempt, Read, Unread, known

__all__ = ["exchange_notes", "in_the_light_of"]

# Links that decide what AWS answers; the pod's own environment has no part in it.
_DECIDING: Final[frozenset[Link]] = frozenset(
    {"annotation", "token", "association", "provider", "role"}
)
# Parts of texts of STS. Sources: aws/aws-sdk-js-v3#3052 (keys),
# kubernetes-sigs/aws-load-balancer-controller#2315 (provider),
# awslabs/amazon-eks-irsa-cfn#18 (audience), and the page above.
_NO_PROVIDER: Final = "No OpenIDConnect provider found"
_AUDIENCE: Final = "Incorrect token audience"
_KEYS: Final = ("verification key", "thumbprint")
_TRAIL: Final = "AttributeKey=EventName,AttributeValue=AssumeRoleWithWebIdentity"


def exchange_notes(facts: Facts, earlier: Sequence[Finding]) -> Notes:
    """Judge what AWS answered.

    Args:
        facts: What was read.
        earlier: What the other links found; a refusal that follows from it is not said
            again.
    """
    attempt = facts.attempt
    if isinstance(attempt, Unread):
        yield Gap("what AWS gives for a token", attempt)
        return
    if attempt is None:
        yield SKIPPED
        return
    causes = [
        one.code for one in earlier if one.link in _DECIDING and one.severity == "error"
    ]
    if not attempt.code:
        if causes:
            yield finding(
                "D-EXCHANGE-CONTRADICTS",
                f"AWS gave credentials ({attempt.message}) although {causes[0]} was "
                "found: what was read may be of a moment ago, or is read wrongly here",
            )
        return
    if causes:
        yield SKIPPED
        return
    unsure = any(one.link == "role" and one.severity == "unknown" for one in earlier)
    yield _refusal(facts, attempt, unsure=unsure)


def in_the_light_of(
    attempt: Read[Attempt | None], findings: Iterable[Finding]
) -> list[Finding]:
    """Call nothing broken that did not keep AWS from giving credentials.

    Args:
        attempt: What AWS answered.
        findings: Of all links.
    """
    answer = known(attempt)
    works = answer is not None and not answer.code
    return [
        replace(one, severity="warning")
        if works and one.link in _DECIDING and one.severity == "error"
        else one
        for one in findings
    ]


def _refusal(facts: Facts, attempt: Attempt, *, unsure: bool) -> Finding:
    said = f"AWS answers {attempt.code}: {attempt.message}"
    if found := _of_the_provider(facts, attempt, said):
        return found
    if attempt.code == "AccessDenied":
        return _denied(facts, said, unsure=unsure)
    if attempt.code == "ExpiredTokenException":
        return finding(
            "D-EXCHANGE-EXPIRED",
            f"{said}; a token that was issued a moment ago is only expired where the "
            "clocks of the API server and of AWS differ",
            command("date", "--utc"),
        )
    if attempt.code == "RegionDisabledException":
        return finding(
            "D-EXCHANGE-REGION",
            f"{said}; activate STS for the region {facts.region!r} in the account "
            "settings of IAM, or let SDKs ask another region",
        )
    if attempt.code == "IDPCommunicationError" or any(
        one in attempt.message for one in _KEYS
    ):
        return _keys(facts, said)
    return finding("D-EXCHANGE-FAILED", said)


def _of_the_provider(facts: Facts, attempt: Attempt, said: str) -> Finding | None:
    """Read what STS says of an OIDC provider that could not be read."""
    audience = asked_audience(facts.service_account)
    if _NO_PROVIDER in attempt.message:
        url = asked_issuer_url(facts) or "ISSUER_URL"
        create = ("aws", "iam", "create-open-id-connect-provider", "--url", url)
        return finding(
            "D-PROVIDER-ABSENT",
            said,
            command(*create, "--client-id-list", audience, *_profile(facts)),
        )
    if _AUDIENCE in attempt.message:
        return finding(
            "D-PROVIDER-AUDIENCE",
            said,
            command(
                *("aws", "iam", "add-client-id-to-open-id-connect-provider"),
                *("--open-id-connect-provider-arn", "PROVIDER_ARN"),
                *("--client-id", audience, *_profile(facts)),
            ),
        )
    return None


def _profile(facts: Facts) -> tuple[str, ...]:
    """Write the option that a command needs which is for another AWS account."""
    role_arn = asked_role_arn(facts.service_account, facts.associations) or ""
    asked = known(facts.account_id)
    is_asked = asked is None or part_of_arn(role_arn, 4) == asked
    return () if is_asked else ("--profile", "PROFILE")


def _denied(facts: Facts, said: str, *, unsure: bool) -> Finding:
    if isinstance(facts.role, Unread):
        why = "the role is not there, or its trust policy does not fit this token"
    elif unsure:
        why = "what is not known of the role's trust policy may be why"
    else:
        why = (
            "the role's trust policy fits. IAM needs a moment after a change; if this "
            "stays, a policy of the organization (SCP, RCP) denies it"
        )
    words = ("aws", "cloudtrail", "lookup-events", "--lookup-attributes", _TRAIL)
    return finding(
        "D-EXCHANGE-DENIED",
        f"{said}; {why}",
        command("eks-irsa", "doctor", facts.key, *_profile(facts)),
        command(*words, *_profile(facts)),
    )


def _keys(facts: Facts, said: str) -> Finding:
    url = asked_issuer_url(facts)
    document = f"{url}/.well-known/openid-configuration"
    return finding(
        "D-EXCHANGE-KEYS",
        f"{said}; AWS has to reach the issuer's keys over the internet. The "
        "thumbprints of the OIDC provider count only where its certificate is none "
        "that AWS trusts anyway",
        *((command("curl", "--fail", document),) if url else ()),
    )
