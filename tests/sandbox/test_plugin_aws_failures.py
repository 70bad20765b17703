"""What the AWS double says and records when a call fails; against the sandbox's AWS."""

import json
from collections.abc import Iterator

import pytest
from aws_client import AwsClient
from aws_faults import Denied, Late
from plugin_driver import Driver, RefusedError, Screen

from sandbox.aws.server import Aws, start_aws
from sandbox.plugins.aws.provider import AwsPlugin
from sandbox.plugins.values import Properties  # noqa: TC001 - as its neighbours

ROLE = "aws:iam/role:Role"
ISSUER = "aws:iam/openIdConnectProvider:OpenIdConnectProvider"
LOOKUP = "aws:iam/getOpenIdConnectProvider:getOpenIdConnectProvider"
ACCOUNT = "910987654321"
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "ec2.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
)


@pytest.fixture(scope="module", name="aws")
def _aws() -> Iterator[Aws]:
    """Serve an AWS account that no other test folder has."""
    with start_aws(region="us-west-2", account_id=ACCOUNT) as started:
        yield started
        assert started.failures == ()


@pytest.fixture(name="screen")
def _screen() -> Screen:
    return Screen()


def _driver(aws: Aws, screen: Screen, **settings: str) -> Driver:
    environment = aws.environment()
    plugin = AwsPlugin(host=screen, visible_after_seconds=0)
    driver = Driver(plugin, token=ROLE)
    driver.configure(
        region="us-west-2",
        accessKey=environment["AWS_ACCESS_KEY_ID"],
        secretKey=environment["AWS_SECRET_ACCESS_KEY"],
        endpoints=json.dumps([dict.fromkeys(("iam", "sts", "eks"), aws.endpoint_url)]),
        **settings,
    )
    return driver


def test_failed_call_is_shown_as_terraform_logs_it(aws: Aws, screen: Screen) -> None:
    """Once by itself, before the error of the resource."""
    driver = _driver(aws, screen)
    given: Properties = {"assumeRolePolicy": TRUST, "name": "tagged"}
    resource_id, state = driver.create(driver.checked(given))
    news = driver.checked({**given, "tags": {"a": "1"}})

    with (
        aws.intercepted(Denied("TagRole")),
        pytest.raises(RefusedError, match="StatusCode: 403"),
    ):
        driver.update(resource_id, state, news)

    (line,) = screen.lines
    assert line.startswith(
        "error:   sdk-v2/provider2.go:571: sdk.helper_schema: updating tags for IAM "
        "(Identity & Access Management) Role (tagged): tagging resource (tagged): "
        "operation error IAM: TagRole, https response error StatusCode: 403, "
    )
    assert line.endswith(": provider=aws@7.51.1")


def test_creation_that_cannot_be_read_is_recorded(aws: Aws, screen: Screen) -> None:
    """The next update goes on with it; nothing is made twice."""
    driver = _driver(aws, screen)
    news = driver.checked({"assumeRolePolicy": TRUST, "name": "unread"})

    with (
        aws.intercepted(Denied("GetRole")),
        pytest.raises(RefusedError, match=r"^creating urn:\S+: 1 error occurred:"),
    ):
        driver.create(news)
    recorded = driver.recorded
    state = driver.update("unread", recorded, news)

    assert recorded["id"] == "unread"
    assert driver.diff(recorded, news) == {}
    assert state["arn"] == f"arn:aws:iam::{ACCOUNT}:role/unread"


def test_creation_that_is_never_visible_is_recorded(aws: Aws, screen: Screen) -> None:
    """AWS is asked for it as long as its own propagation may take, here not at all."""
    driver = _driver(aws, screen)
    news = driver.checked({"assumeRolePolicy": TRUST, "name": "hidden"})

    with (
        aws.intercepted(Late(times=9)),
        pytest.raises(RefusedError, match="couldn't find resource"),
    ):
        driver.create(news)

    assert driver.recorded["id"] == "hidden"


def test_client_ids_of_an_issuer_are_added_and_removed(
    aws: Aws, screen: Screen
) -> None:
    """One call for each, the new ones first."""
    issuer = _driver(aws, screen).of(ISSUER)
    given: Properties = {"url": "https://oidc.example.com/id/2", "clientIdLists": ["a"]}
    resource_id, state = issuer.create(issuer.checked(given))
    news = issuer.checked({**given, "clientIdLists": ["b", "c"]})
    before = len(aws.calls)

    changed = issuer.update(resource_id, state, news)
    called = [call.action for call in aws.calls[before:]]
    held = AwsClient(aws).call(
        "iam", "get_open_id_connect_provider", OpenIDConnectProviderArn=resource_id
    )

    assert called == [
        "AddClientIDToOpenIDConnectProvider",
        "AddClientIDToOpenIDConnectProvider",
        "RemoveClientIDFromOpenIDConnectProvider",
        "GetOpenIDConnectProvider",
    ]
    assert sorted(held["ClientIDList"]) == ["b", "c"]
    assert issuer.diff(changed, news) == {}


def test_ignored_tags_are_neither_seen_nor_touched(aws: Aws, screen: Screen) -> None:
    """Not of resources, and not in a lookup either: nobody is told whose they are."""
    url = "https://oidc.example.com/id/3"
    made, _ = (
        _driver(aws, screen)
        .of(ISSUER)
        .create(
            {
                "url": url,
                "clientIdLists": ["a"],
                "tagsAll": {"eks-irsa/stack": "s", "a": "1", "secret": "2"},
            }
        )
    )
    ignored = {"keyPrefixes": ["eks-irsa/"], "keys": ["secret"]}
    issuer = _driver(aws, screen, ignoreTags=json.dumps(ignored)).of(ISSUER)

    _, inputs, state = issuer.read(made)
    looked_up, _ = issuer.invoke(LOOKUP, {"url": url})
    issuer.update(made, state, issuer.checked({"url": url, "clientIdLists": ["a"]}))
    held = AwsClient(aws).call(
        "iam", "get_open_id_connect_provider", OpenIDConnectProviderArn=made
    )

    assert state["tags"] == state["tagsAll"] == looked_up["tags"] == {"a": "1"}
    assert inputs["tags"] == {"__defaults": [], "a": "1"}
    assert {tag["Key"] for tag in held["Tags"]} == {"eks-irsa/stack", "secret"}
