"""Which settings of the AWS provider are passed on to the cluster's token."""

import pytest

from eks_irsa.stack.credentials import (
    TokenCredentials,
    credential_problems,
    token_credentials,
)

ROLE = "arn:aws:iam::111122223333:role/deployer"
LIST = (
    "expected a list of maps, each with the text roleArn, such as "
    '[{"roleArn": "arn:aws:iam::111122223333:role/deployer"}]'
)
PROFILE = "write it into a profile of ~/.aws/config, and set aws:profile"
OTHERWISE = "or give a kubeconfig in the setting kubeconfig"


def said(**settings: str) -> list[tuple[str, str]]:
    """Give place and message of everything that is wrong with the settings."""
    config = {f"aws:{key}": value for key, value in settings.items()}
    found = [*credential_problems(config)]
    assert {(one.source, one.code, one.severity) for one in found} <= {
        ("stack settings", "E-AWS-CREDENTIALS", "error")
    }
    return [(one.path, one.message) for one in found]


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({}, TokenCredentials()),
        ({"aws:region": "us-west-2", "aws:skipRegionValidation": "true"}, None),
        ({"aws:profile": "p"}, TokenCredentials(profile="p")),
        ({"aws:assumeRoles": "[]"}, TokenCredentials()),
        (
            {"aws:assumeRoles": f'[{{"roleArn": "{ROLE}", "sessionName": "ci"}}]'},
            TokenCredentials(role_arn=ROLE),
        ),
        ({"aws:endpoints": '[{"iam": "http://localhost:1"}]'}, None),
    ],
)
def test_what_changes_the_identity_is_passed_on(
    config: dict[str, str], expected: TokenCredentials | None
) -> None:
    """Who makes the roles also annotates the service accounts."""
    assert [*credential_problems(config)] == []
    assert token_credentials(config) == (expected or TokenCredentials())


@pytest.mark.parametrize(
    ("key", "remedy"),
    [
        *[
            (
                key,
                (
                    f"give it in the environment ({variable}), which the AWS provider "
                    "and the AWS CLI both read"
                ),
            )
            for key, variable in (
                ("accessKey", "AWS_ACCESS_KEY_ID"),
                ("secretKey", "AWS_SECRET_ACCESS_KEY"),
                ("sharedConfigFiles", "AWS_CONFIG_FILE"),
                ("sharedCredentialsFiles", "AWS_SHARED_CREDENTIALS_FILE"),
                ("token", "AWS_SESSION_TOKEN"),
            )
        ],
        ("assumeRole", "pulumi-aws 7 does not read it; write aws:assumeRoles, a list"),
        ("assumeRoleWithWebIdentity", PROFILE),
    ],
)
def test_what_cannot_be_passed_on_is_refused_by_name(key: str, remedy: str) -> None:
    """The token would be of another identity than the roles were made with."""
    assert said(**{key: "x"}) == [
        (
            f"aws:{key}",
            (
                "'aws eks get-token' cannot be given this setting, so the token for "
                f"the cluster would be of another identity; {remedy}, {OTHERWISE}"
            ),
        )
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", LIST),
        ("{}", LIST),
        ('"x"', LIST),
        ("[1]", LIST),
        ("[{}]", LIST),
        ('[{"roleArn": 1}]', LIST),
        ("[" * 100_000, LIST),
        (
            '[{"roleArn": "a"}, {"roleArn": "b"}]',
            (
                "2 roles to assume in turn, and 'aws eks get-token' assumes one; "
                f"{PROFILE}, {OTHERWISE}"
            ),
        ),
        (
            '[{"roleArn": "a", "externalId": "e", "tags": {}}]',
            (
                "'aws eks get-token' cannot be given externalId, tags of a role to "
                f"assume; {PROFILE}, {OTHERWISE}"
            ),
        ),
    ],
)
def test_roles_that_cannot_be_assumed_are_an_error(text: str, message: str) -> None:
    """Malformed ones too, with their place."""
    assert said(assumeRoles=text) == [("aws:assumeRoles", message)]


def test_an_endpoint_of_sts_is_refused() -> None:
    """A token is a signed request to STS."""
    assert said(endpoints='[{"sts": "http://localhost:1"}]') == [
        (
            "aws:endpoints",
            (
                "'aws eks get-token' cannot be given the endpoint of sts; set "
                f"AWS_ENDPOINT_URL_STS in the environment instead, {OTHERWISE}"
            ),
        )
    ]
