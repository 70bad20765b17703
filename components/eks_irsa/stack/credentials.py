"""One identity for AWS and for the cluster's token.

The AWS provider takes its identity from the stack's `aws:*` settings, and
`aws eks get-token` takes its own from arguments and the environment. A setting that
changes the identity is passed on, or refused by name.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, cast

from eks_irsa.errors import Problem

__all__ = ["TokenCredentials", "credential_problems", "token_credentials"]

_IN_ENVIRONMENT: Final = (
    "give it in the environment ({}), which the AWS provider and the AWS CLI both read"
)
_PROFILE: Final = "write it into a profile of ~/.aws/config, and set aws:profile"
# Setting of pulumi-aws -> what to do instead. The others of its settings do not change
# the identity. Source: the provider's inputs in pulumi-aws 7's schema.json, and
# https://docs.aws.amazon.com/cli/latest/reference/eks/get-token.html
_REFUSED: Final = {
    "accessKey": _IN_ENVIRONMENT.format("AWS_ACCESS_KEY_ID"),
    "assumeRole": "pulumi-aws 7 does not read it; write aws:assumeRoles, a list",
    "assumeRoleWithWebIdentity": _PROFILE,
    "secretKey": _IN_ENVIRONMENT.format("AWS_SECRET_ACCESS_KEY"),
    "sharedConfigFiles": _IN_ENVIRONMENT.format("AWS_CONFIG_FILE"),
    "sharedCredentialsFiles": _IN_ENVIRONMENT.format("AWS_SHARED_CREDENTIALS_FILE"),
    "token": _IN_ENVIRONMENT.format("AWS_SESSION_TOKEN"),
}
_ASSUME_ROLES: Final = "aws:assumeRoles"
# Keys of a role that do not change what its session may do, or who it is to EKS.
_HARMLESS: Final = frozenset({"duration", "roleArn", "sessionName"})
_OTHERWISE: Final = "or give a kubeconfig in the setting kubeconfig"


@dataclass(frozen=True, kw_only=True, slots=True)
class TokenCredentials:
    """Whom the cluster's token is for.

    Attributes:
        profile: AWS profile; None for the one of the environment.
        role_arn: Role to assume with it; None for none.
    """

    profile: str | None = None
    role_arn: str | None = None


def token_credentials(config: Mapping[str, str]) -> TokenCredentials:
    """Give what `aws eks get-token` needs to be who the AWS provider is.

    Args:
        config: Pulumi's configuration, `<namespace>:<key>` -> text, of which
            `credential_problems` found nothing wrong.
    """
    roles = _assumed_roles(config) or []
    return TokenCredentials(
        profile=config.get("aws:profile"),
        role_arn=str(roles[0]["roleArn"]) if roles else None,
    )


def credential_problems(config: Mapping[str, str]) -> Iterator[Problem]:
    """Find the settings of the AWS provider that cannot be passed on.

    Args:
        config: Pulumi's configuration, `<namespace>:<key>` -> text; maps and lists as
            JSON.
    """
    for key, remedy in _REFUSED.items():
        if f"aws:{key}" in config:
            message = (
                "'aws eks get-token' cannot be given this setting, so the token for "
                f"the cluster would be of another identity; {remedy}, {_OTHERWISE}"
            )
            yield _problem(f"aws:{key}", message)
    endpoints = config.get("aws:endpoints")
    if endpoints and '"sts"' in endpoints:
        message = (
            "'aws eks get-token' cannot be given the endpoint of sts; set "
            f"AWS_ENDPOINT_URL_STS in the environment instead, {_OTHERWISE}"
        )
        yield _problem("aws:endpoints", message)
    if fault := _assume_roles_fault(config):
        yield _problem(_ASSUME_ROLES, fault)


def _assume_roles_fault(config: Mapping[str, str]) -> str | None:
    roles = _assumed_roles(config)
    if roles is None:
        return (
            "expected a list of maps, each with the text roleArn, such as "
            '[{"roleArn": "arn:aws:iam::111122223333:role/deployer"}]'
        )
    if len(roles) > 1:
        return (
            f"{len(roles)} roles to assume in turn, and 'aws eks get-token' assumes "
            f"one; {_PROFILE}, {_OTHERWISE}"
        )
    others = sorted({key for role in roles for key in role} - _HARMLESS)
    if others:
        return (
            f"'aws eks get-token' cannot be given {', '.join(others)} of a role to "
            f"assume; {_PROFILE}, {_OTHERWISE}"
        )
    return None


def _assumed_roles(config: Mapping[str, str]) -> list[Mapping[str, object]] | None:
    """Read `aws:assumeRoles`; None if it is not what the provider takes."""
    try:
        value: object = json.loads(config.get(_ASSUME_ROLES) or "[]")
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, list):
        return None
    roles: list[Mapping[str, object]] = []
    for one in cast("list[object]", value):
        if not isinstance(one, dict):
            return None
        role = cast("Mapping[str, object]", one)
        if not isinstance(role.get("roleArn"), str):
            return None
        roles.append(role)
    return roles


def _problem(path: str, message: str) -> Problem:
    return Problem(
        source="stack settings",
        path=path,
        code="E-AWS-CREDENTIALS",
        severity="error",
        message=message,
    )
