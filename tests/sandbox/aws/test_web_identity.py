"""Tokens for credentials: STS lets one service account in, and refuses all others.

The issuer is a key pair and a function that hands out its public half; no API server
is needed for STS to check what it checks.
"""

import base64
import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from aws_client import AwsClient
from joserfc import jwt
from joserfc.jwk import RSAKey

from sandbox.aws.server import Aws

AUDIENCE = "sts.amazonaws.com"
SUBJECT = "system:serviceaccount:backend-apps:s3-reader"
OPERATION = "assume_role_with_web_identity"
NOT_AUTHORIZED = (
    403,
    "AccessDenied",
    "Not authorized to perform sts:AssumeRoleWithWebIdentity",
)
NOT_VALIDATED = (
    "The web identity token provided could not be validated. See the "
    "AssumeRoleWithWebIdentity documentation for requirements."
)
NO_KEY = (
    "Couldn't retrieve verification key from your identity provider,  please reference "
    "AssumeRoleWithWebIdentity documentation for requirements"
)

Token = Callable[..., str]


@pytest.fixture(scope="session")
def key() -> RSAKey:
    """Sign as the API server does."""
    return RSAKey.generate_key(2048, parameters={"kid": "current"})


@pytest.fixture(scope="session")
def stolen_key() -> RSAKey:
    """Sign as somebody who only claims to be the API server."""
    return RSAKey.generate_key(2048, parameters={"kid": "current"})


@pytest.fixture
def issuer(aws: Aws, client: AwsClient, issuer_url: str, key: RSAKey) -> str:
    """Register an issuer with IAM, and its keys with STS; return its name in IAM."""
    aws.trust_issuer(issuer_url, lambda: {"keys": [key.as_dict(private=False)]})
    client.call(
        "iam",
        "create_open_id_connect_provider",
        Url=issuer_url,
        ClientIDList=[AUDIENCE, "vault"],
    )
    return issuer_url.removeprefix("https://")


def _trust(issuer: str) -> str:
    condition = {f"{issuer}:sub": SUBJECT, f"{issuer}:aud": AUDIENCE}
    provider = f"arn:aws:iam::410987654321:oidc-provider/{issuer}"
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": provider},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringEquals": condition},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.fixture
def role_arn(client: AwsClient, issuer: str, name: str) -> str:
    """Make a role that trusts one service account of the issuer."""
    role = client.call(
        "iam", "create_role", RoleName=name, AssumeRolePolicyDocument=_trust(issuer)
    )
    arn: str = role["Role"]["Arn"]
    return arn


@pytest.fixture
def token(issuer_url: str, key: RSAKey) -> Token:
    """Issue tokens as the API server would, but for the claims named."""

    def issue(
        *, sign_with: RSAKey = key, kid: str = "current", **claims: object
    ) -> str:
        now = int(time.time())
        usual = {
            "iss": issuer_url,
            "sub": SUBJECT,
            "aud": [AUDIENCE],
            "iat": now,
            "exp": now + 3600,
        }
        return jwt.encode({"alg": "RS256", "kid": kid}, {**usual, **claims}, sign_with)

    return issue


def _ask(role_arn: str, token: str, **changes: object) -> dict[str, object]:
    return {
        "RoleArn": role_arn,
        "RoleSessionName": "proof",
        "WebIdentityToken": token,
        **changes,
    }


def test_trusted_service_account_gets_credentials_that_work(
    aws: Aws, client: AwsClient, role_arn: str, token: Token, name: str
) -> None:
    """STS answers as AWS does, and knows the session by its keys afterwards."""
    provider = (
        "arn:aws:iam::410987654321:oidc-provider/oidc.eks.us-west-2.amazonaws.com"
    )

    answer = client.call("sts", OPERATION, **_ask(role_arn, token()))

    keys = answer.pop("Credentials")
    caller = AwsClient(aws, keys=keys).call("sts", "get_caller_identity")
    user_id = answer["AssumedRoleUser"]["AssumedRoleId"]
    arn = f"arn:aws:sts::410987654321:assumed-role/{name}/proof"
    lifetime = keys["Expiration"].timestamp() - time.time()
    assert keys["AccessKeyId"].startswith("ASIA")
    assert 3590 < lifetime <= 3600
    assert answer == {
        "SubjectFromWebIdentityToken": SUBJECT,
        "AssumedRoleUser": {"AssumedRoleId": user_id, "Arn": arn},
        "Provider": f"{provider}/id/{name}",
        "Audience": AUDIENCE,
    }
    assert caller == {"UserId": user_id, "Account": "410987654321", "Arn": arn}


def test_audience_may_be_a_plain_text(
    client: AwsClient, role_arn: str, token: Token
) -> None:
    """The `aud` of a token is a text or a list of one."""
    answer = client.call("sts", OPERATION, **_ask(role_arn, token(aud=AUDIENCE)))

    assert answer["Audience"] == AUDIENCE


@pytest.mark.parametrize(
    "claims",
    [
        pytest.param(
            {"sub": "system:serviceaccount:other:s3-reader"}, id="other namespace"
        ),
        pytest.param(
            {"sub": "system:serviceaccount:backend-apps:other"}, id="other name"
        ),
        pytest.param({"aud": ["vault"]}, id="other audience of the provider"),
    ],
)
def test_token_the_role_does_not_trust_is_refused(
    client: AwsClient, role_arn: str, token: Token, claims: dict[str, object]
) -> None:
    """A good token of somebody else gets nothing."""
    refusal = client.refused("sts", OPERATION, **_ask(role_arn, token(**claims)))

    assert refusal == NOT_AUTHORIZED


def test_the_sandbox_tells_what_sts_does_not(
    aws: Aws, client: AwsClient, role_arn: str, token: Token, issuer: str
) -> None:
    """Why a trust policy kept a token out stands in the record, not in the answer."""
    other = "system:serviceaccount:backend-apps:other"

    client.refused("sts", OPERATION, **_ask(role_arn, token(sub=other)))

    record = aws.calls[-1]
    assert (record.service, record.action) == ("sts", "AssumeRoleWithWebIdentity")
    assert (record.status, record.code) == (403, "AccessDenied")
    assert record.detail == (
        f"statement 1: StringEquals wants {SUBJECT}, but {issuer}:sub is {other}"
    )


def test_role_that_is_not_there_is_refused_in_the_same_words(
    client: AwsClient, role_arn: str, token: Token
) -> None:
    """STS does not tell a missing role from one that does not trust the caller."""
    refusal = client.refused("sts", OPERATION, **_ask(f"{role_arn}x", token()))

    assert refusal == NOT_AUTHORIZED


def test_trust_policy_counts_as_iam_holds_it_now(
    client: AwsClient, role_arn: str, token: Token, name: str, issuer: str
) -> None:
    """A changed trust policy lets in somebody else from the next call on."""
    other = "system:serviceaccount:backend-apps:other"
    client.call(
        "iam",
        "update_assume_role_policy",
        RoleName=name,
        PolicyDocument=_trust(issuer).replace(SUBJECT, other),
    )

    refusal = client.refused("sts", OPERATION, **_ask(role_arn, token()))
    answer = client.call("sts", OPERATION, **_ask(role_arn, token(sub=other)))

    assert refusal == NOT_AUTHORIZED
    assert answer["SubjectFromWebIdentityToken"] == other


def test_audience_unknown_to_the_provider_is_refused(
    client: AwsClient, role_arn: str, token: Token
) -> None:
    """The audience has to be a client id of the provider before trust is asked."""
    refusal = client.refused("sts", OPERATION, **_ask(role_arn, token(aud=["other"])))

    assert refusal == (400, "InvalidIdentityToken", "Incorrect token audience")


def test_issuer_without_a_provider_is_refused(
    client: AwsClient, role_arn: str, token: Token
) -> None:
    """The account has to know the issuer."""
    other = "https://oidc.eks.us-west-2.amazonaws.com/id/ANOTHER"

    refusal = client.refused("sts", OPERATION, **_ask(role_arn, token(iss=other)))

    text = f"No OpenIDConnect provider found in your account for {other}"
    assert refusal == (400, "InvalidIdentityToken", text)


def _with_header(token: str, *, alg: str) -> str:
    text = json.dumps({"kid": "current", "alg": alg})
    encoded = base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
    return ".".join([encoded, *token.split(".")[1:]])


def _broken(how: str, token: str) -> str:
    """Break a good token in one way."""
    match how.split():
        case ["changed"]:
            return token[:-4] + "AAAA"
        case ["cut"]:
            return token[:-5]
        case ["gone"]:
            return token.rpartition(".")[0] + "."
        case ["alg", alg]:
            return _with_header(token, alg=alg)
        case _:
            raise AssertionError(how)


@pytest.mark.parametrize(
    "how", ["changed", "cut", "gone", "alg none", "alg HS256", "alg ES256"]
)
def test_broken_signature_is_refused(
    client: AwsClient, role_arn: str, token: Token, how: str
) -> None:
    """Nothing but the issuer's signature will do."""
    broken = _broken(how, token())

    refusal = client.refused("sts", OPERATION, **_ask(role_arn, broken))

    assert refusal == (400, "InvalidIdentityToken", NOT_VALIDATED)


def test_signature_of_another_key_of_that_name_is_refused(
    client: AwsClient, role_arn: str, token: Token, stolen_key: RSAKey
) -> None:
    """The name of a key proves nothing."""
    forged = token(sign_with=stolen_key)

    refusal = client.refused("sts", OPERATION, **_ask(role_arn, forged))

    assert refusal == (400, "InvalidIdentityToken", NOT_VALIDATED)


def test_key_the_issuer_does_not_publish_is_refused(
    client: AwsClient, role_arn: str, token: Token
) -> None:
    """STS finds no key of that name."""
    refusal = client.refused("sts", OPERATION, **_ask(role_arn, token(kid="old")))

    assert refusal == (400, "InvalidIdentityToken", NO_KEY)


def test_issuer_that_cannot_be_reached_is_refused(
    aws: Aws, client: AwsClient, role_arn: str, token: Token, issuer_url: str
) -> None:
    """Without the issuer's keys no token of it is good."""

    def unreachable() -> dict[str, Any]:
        msg = "connection refused"
        raise OSError(msg)

    aws.trust_issuer(issuer_url, unreachable)

    refusal = client.refused("sts", OPERATION, **_ask(role_arn, token()))

    assert refusal == (400, "InvalidIdentityToken", NO_KEY)


def test_expired_token_is_refused(
    client: AwsClient, role_arn: str, token: Token
) -> None:
    """One second is enough."""
    expired = int(time.time()) - 1

    status, code, message = client.refused(
        "sts", OPERATION, **_ask(role_arn, token(exp=expired))
    )

    before, _, after = message.partition(" must be ")
    assert (status, code) == (400, "ExpiredTokenException")
    assert before.startswith("Token expired: current date/time ")
    assert after == f"before the expiration date/time {expired}"


def test_text_that_is_no_token_is_refused(client: AwsClient, role_arn: str) -> None:
    """Garbage is not looked at twice."""
    refusal = client.refused("sts", OPERATION, **_ask(role_arn, "garbage"))

    text = (
        "The ID Token provided is not a valid JWT. (You may see this error if you sent "
        "an Access Token)"
    )
    assert refusal == (400, "InvalidIdentityToken", text)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        pytest.param(
            {"DurationSeconds": 899},
            "1 validation error detected: Value '899' at 'durationSeconds' failed to "
            "satisfy constraint: Member must have value greater than or equal to 900",
            id="too short",
        ),
        pytest.param(
            {"DurationSeconds": 3601},
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this "
            "role.",
            id="longer than the role's",
        ),
        pytest.param(
            {"RoleSessionName": "a:b"},
            "1 validation error detected: Value 'a:b' at 'roleSessionName' failed to "
            r"satisfy constraint: Member must satisfy regular expression pattern: "
            r"[\w+=,.@-]*",
            id="session's name",
        ),
        pytest.param(
            {"RoleArn": "arn:aws:iam::410987654321:user/somebody"},
            "arn:aws:iam::410987654321:user/somebody is invalid",
            id="no role",
        ),
    ],
)
def test_request_out_of_bounds_is_refused(
    client: AwsClient,
    role_arn: str,
    token: Token,
    changes: dict[str, object],
    message: str,
) -> None:
    """Duration and names have bounds."""
    refusal = client.refused("sts", OPERATION, **_ask(role_arn, token(), **changes))

    assert refusal == (400, "ValidationError", message)


def test_session_may_ask_who_it_is_and_nothing_else(
    aws: Aws, client: AwsClient, role_arn: str, token: Token, name: str
) -> None:
    """What permission policies allow is not evaluated, so nothing is assumed."""
    keys = client.call("sts", OPERATION, **_ask(role_arn, token()))["Credentials"]

    refusal = AwsClient(aws, keys=keys).refused("iam", "list_roles")

    text = (
        "the sandbox's AWS does not cover what the permission policies of "
        f"sts::410987654321:assumed-role/{name}/proof allow; its session may call "
        "sts:GetCallerIdentity only"
    )
    assert refusal == (501, "NotImplemented", text)


def test_other_ways_into_a_role_are_refused_by_name(
    client: AwsClient, role_arn: str
) -> None:
    """There moto would give credentials for any role."""
    refusal = client.refused(
        "sts", "assume_role", RoleArn=role_arn, RoleSessionName="proof"
    )

    text = "the sandbox's AWS does not cover sts:AssumeRole"
    assert refusal == (501, "NotImplemented", text)
