"""The AWS double's configuration: region, credentials and the account that is meant."""

import json
from collections.abc import Iterator

import pytest
from plugin_driver import Driver, RefusedError, Screen

from sandbox.aws.server import Aws, start_aws
from sandbox.plugins.aws.provider import AwsPlugin
from sandbox.plugins.values import UNKNOWN, Properties, Value

ACCOUNT = "310987654321"


@pytest.fixture(name="aws", scope="module")
def _aws() -> Iterator[Aws]:
    with start_aws(region="us-west-2", account_id=ACCOUNT) as started:
        yield started


@pytest.fixture(name="right")
def _right(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> Properties:
    """Give a configuration that works, in an environment that says nothing."""
    for name, value in aws.anonymous_environment().items():
        monkeypatch.setenv(name, value)
    for name in (
        "REGION",
        "DEFAULT_REGION",
        "PROFILE",
        "ENDPOINT_URL",
        "ACCESS_KEY_ID",
    ):
        monkeypatch.delenv(f"AWS_{name}", raising=False)
    keys = aws.environment()
    return {
        "accessKey": keys["AWS_ACCESS_KEY_ID"],
        "endpoints": [dict.fromkeys(("iam", "sts", "eks"), aws.endpoint_url)],
        "region": "us-west-2",
        "secretKey": keys["AWS_SECRET_ACCESS_KEY"],
        "version": "7.51.1",
    }


def _failures(news: Properties) -> list[str]:
    return Driver(AwsPlugin(host=Screen())).check_config(news, name="default_7_51_1")


def test_right_configuration_is_tried_out(right: Properties, aws: Aws) -> None:
    """The credentials are used once before anything else happens."""
    before = len(aws.calls)

    assert _failures(right) == []
    assert [call.action for call in aws.calls[before:]] == ["GetCallerIdentity"]


@pytest.mark.parametrize(
    ("changes", "beginning"),
    [
        (
            {"region": None},
            (
                "Missing region information\nMake sure you have set your AWS region, "
                "e.g. `pulumi config set aws:region us-west-2`."
            ),
        ),
        (
            {"accessKey": None, "secretKey": None},
            "No valid credential sources found.\nPlease see https://www.pulumi.com/",
        ),
        (
            {"secretKey": "guessed"},
            "Invalid credentials configured.\nPlease see https://www.pulumi.com/",
        ),
        (
            {"accessKey": None, "secretKey": None, "profile": "nope"},
            "unable to validate AWS credentials.\nDetails: The config profile (nope)",
        ),
        (
            {"regoin": "x"},
            (
                "`aws:regoin` is not a valid configuration key for the aws provider. "
                "If the key is not intended"
            ),
        ),
    ],
)
def test_wrong_configuration_is_told_in_the_real_words(
    right: Properties, changes: dict[str, Value], beginning: str
) -> None:
    """One failure, which says what to do."""
    (failure,) = _failures({**right, **changes})

    assert failure.startswith(beginning)


def test_unknown_configuration_is_not_tried_out(right: Properties, aws: Aws) -> None:
    """A preview may not know the credentials yet."""
    before = len(aws.calls)

    assert _failures({**right, "secretKey": UNKNOWN}) == []
    assert aws.calls[before:] == ()


def test_configuration_the_double_does_not_take_is_refused(right: Properties) -> None:
    """By name, and so is the endpoint of a service it never calls."""
    with pytest.raises(RefusedError, match="the configuration key aws:assumeRoles"):
        _failures({**right, "assumeRoles": [{"roleArn": "x"}]})
    with pytest.raises(RefusedError, match="the endpoint of kms is not covered"):
        _failures({**right, "endpoints": [{"kms": "http://127.0.0.1"}]})


@pytest.mark.parametrize(
    "limit",
    [{"allowedAccountIds": ["111111111111"]}, {"forbiddenAccountIds": [ACCOUNT]}],
)
def test_wrong_account_is_refused_before_anything_is_made(
    right: Properties, limit: dict[str, list[str]]
) -> None:
    """The account is that of the credentials, asked for at once."""
    variables = {
        key: value if isinstance(value, str) else json.dumps(value)
        for key, value in {**right, **limit}.items()
    }

    with pytest.raises(RefusedError) as refused:
        Driver(AwsPlugin(host=Screen())).configure(**variables)

    assert str(refused.value) == (
        f"Invalid account ID: AWS account ID not allowed: {ACCOUNT}"
    )
