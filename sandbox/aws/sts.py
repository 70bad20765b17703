"""The STS double: credentials for a web identity, and whose credentials they are.

moto's STS gives credentials for any token and any role, so nothing of it is used. All
other actions of STS are refused by name.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from sandbox.aws.call import Call
from sandbox.aws.credentials import Identity, KeyRing
from sandbox.aws.moto_account import MotoIam, RoleState, partition_of
from sandbox.aws.refusal import Refusal, not_covered
from sandbox.aws.trust_evaluator import UnsupportedPolicyError, may_assume
from sandbox.aws.web_identity import Jwks, WebIdentity, verify
from sandbox.aws.xml_text import Fields, response

__all__ = ["assume_role_with_web_identity", "get_caller_identity"]

_LEAST_SECONDS: Final = 900
_MOST_SECONDS: Final = 43_200
_DEFAULT_SECONDS: Final = 3600
_SESSION_NAME: Final = re.compile(r"[\w+=,.@-]*", re.ASCII)
_SHORTEST_SESSION_NAME: Final = 2
_LONGEST_SESSION_NAME: Final = 64

_ROLE_ARN: Final = re.compile(
    r"arn:(?P<partition>aws[a-z-]*):iam::(?P<account>\d{12}):role/.+", re.ASCII
)
_OPTIONS: Final = ("Policy", "PolicyArns.member.1.arn", "ProviderId")
# Source: aws-actions/configure-aws-credentials#318
_NOT_AUTHORIZED: Final = "Not authorized to perform sts:AssumeRoleWithWebIdentity"


def assume_role_with_web_identity(
    call: Call, *, keys: KeyRing, jwks: Mapping[str, Jwks]
) -> tuple[bytes, str]:
    """Trade a token for credentials of a role that trusts it.

    Args:
        call: The request.
        keys: Where the new session's keys go.
        jwks: Issuer URL -> function that fetches its keys.

    Returns:
        The response, and how the role's trust policy let the token in.

    Raises:
        Refusal: In STS's words. `AccessDenied` says the same of a role that does not
            exist and one that does not trust the token; its `detail` says which.
    """
    arn = _role_arn(call)
    session_name = _session_name(call)
    seconds = _duration_seconds(call)
    for option in _OPTIONS:
        if option in call.parameters:
            raise not_covered(what=f"{option} of sts:AssumeRoleWithWebIdentity")
    iam = MotoIam(account_id=arn["account"], partition=arn["partition"])
    identity = verify(
        call.parameters.get("WebIdentityToken", ""),
        providers=iam.providers(),
        jwks=jwks,
    )
    role, reason = _trusting_role(arn.string, iam=iam, identity=identity)
    if seconds > role.max_session_seconds:
        # Source: kreuzwerker/awsu#27
        raise Refusal(
            code="ValidationError",
            message=(
                "The requested DurationSeconds exceeds the MaxSessionDuration set for "
                "this role."
            ),
        )
    now = datetime.now(UTC).replace(microsecond=0)
    session = keys.open_session(
        resource=f"sts::{arn['account']}:assumed-role/{role.name}/{session_name}",
        user_id=f"{role.role_id}:{session_name}",
        expires_at=now + timedelta(seconds=seconds),
    )
    partition = arn["partition"]
    return _response(call, session, identity=identity, partition=partition), reason


def get_caller_identity(call: Call, *, identity: Identity) -> bytes:
    """Tell the caller who it is."""
    return response(
        call,
        {
            "Arn": f"arn:{partition_of(call.region)}:{identity.resource}",
            "UserId": identity.user_id,
            "Account": identity.account_id,
        },
    )


def _role_arn(call: Call) -> re.Match[str]:
    """Read RoleArn.

    Source:
        localstack/localstack tests/aws/services/sts/test_sts.snapshot.json (2025-07-21)
    """
    text = call.parameters.get("RoleArn", "")
    match = _ROLE_ARN.fullmatch(text)
    if match is None:
        raise Refusal(code="ValidationError", message=f"{text} is invalid")
    return match


def _session_name(call: Call) -> str:
    """Read RoleSessionName.

    Source:
        As `_role_arn`; unlike IAM, STS repeats the value in the text
    """
    name = call.parameters.get("RoleSessionName", "")
    if len(name) < _SHORTEST_SESSION_NAME:
        bound = f"have length greater than or equal to {_SHORTEST_SESSION_NAME}"
        raise _invalid(field="roleSessionName", value=name, constraint=bound)
    if len(name) > _LONGEST_SESSION_NAME:
        bound = f"have length less than or equal to {_LONGEST_SESSION_NAME}"
        raise _invalid(field="roleSessionName", value=name, constraint=bound)
    if not _SESSION_NAME.fullmatch(name):
        pattern = r"satisfy regular expression pattern: [\w+=,.@-]*"
        raise _invalid(field="roleSessionName", value=name, constraint=pattern)
    return name


def _duration_seconds(call: Call) -> int:
    text = call.parameters.get("DurationSeconds", str(_DEFAULT_SECONDS))
    if int(text) < _LEAST_SECONDS:
        bound = f"have value greater than or equal to {_LEAST_SECONDS}"
        raise _invalid(field="durationSeconds", value=text, constraint=bound)
    if int(text) > _MOST_SECONDS:
        bound = f"have value less than or equal to {_MOST_SECONDS}"
        raise _invalid(field="durationSeconds", value=text, constraint=bound)
    return int(text)


def _invalid(*, field: str, value: str, constraint: str) -> Refusal:
    text = (
        f"1 validation error detected: Value '{value}' at '{field}' failed to satisfy "
        f"constraint: Member must {constraint}"
    )
    return Refusal(code="ValidationError", message=text)


def _trusting_role(
    arn: str, *, iam: MotoIam, identity: WebIdentity
) -> tuple[RoleState, str]:
    """Return the role, if it is there and trusts the token as IAM holds it now."""
    role = next((role for role in iam.roles() if role.arn == arn), None)
    if role is None:
        raise _not_authorized(detail=f"there is no role {arn}")
    try:
        decision = may_assume(
            role.trust_policy,
            provider_arn=identity.provider.arn,
            claims={"sub": identity.subject, "aud": identity.audience},
        )
    except UnsupportedPolicyError as error:
        raise not_covered(what=f"the trust policy of {arn}: {error}") from error
    if not decision.allowed:
        raise _not_authorized(detail=decision.reason)
    return role, decision.reason


def _not_authorized(*, detail: str) -> Refusal:
    return Refusal(code="AccessDenied", message=_NOT_AUTHORIZED, detail=detail)


def _response(
    call: Call, session: Identity, *, identity: WebIdentity, partition: str
) -> bytes:
    expires = session.expires_at.isoformat() if session.expires_at else ""
    fields: Fields = {
        "Credentials": {
            "AccessKeyId": session.access_key_id,
            "SecretAccessKey": session.secret_access_key,
            "SessionToken": session.session_token or "",
            "Expiration": expires.replace("+00:00", "Z"),
        },
        "SubjectFromWebIdentityToken": identity.subject,
        "AssumedRoleUser": {
            "AssumedRoleId": session.user_id,
            "Arn": f"arn:{partition}:{session.resource}",
        },
        "Provider": identity.provider.arn,
        "Audience": identity.audience,
    }
    return response(call, fields)
