"""OIDC providers: what IAM refuses, with the whole message, and what it adds."""

from collections.abc import Mapping

import pytest
from aws_client import AwsClient

from sandbox.aws.iam_completion import STAND_IN_THUMBPRINT

ADD = "add_client_id_to_open_id_connect_provider"
REMOVE = "remove_client_id_from_open_id_connect_provider"
CREATE = "create_open_id_connect_provider"
GET = "get_open_id_connect_provider"
STS = "sts.amazonaws.com"


def test_provider_is_held_without_scheme(client: AwsClient, issuer_url: str) -> None:
    """Without a thumbprint IAM finds one itself."""
    arn = client.call(
        "iam",
        CREATE,
        Url=issuer_url,
        ClientIDList=[STS],
        Tags=[{"Key": "a", "Value": "b"}],
    )["OpenIDConnectProviderArn"]

    held = client.call("iam", GET, OpenIDConnectProviderArn=arn)
    issuer = issuer_url.removeprefix("https://")
    created = held.pop("CreateDate")
    assert created
    assert arn == f"arn:aws:iam::410987654321:oidc-provider/{issuer}"
    assert held == {
        "Url": issuer,
        "ClientIDList": [STS],
        "ThumbprintList": [STAND_IN_THUMBPRINT],
        "Tags": [{"Key": "a", "Value": "b"}],
    }


def test_second_provider_of_an_issuer_is_refused(
    client: AwsClient, issuer_url: str
) -> None:
    """One provider per issuer and account."""
    client.call("iam", CREATE, Url=issuer_url, ClientIDList=[STS])

    refusal = client.refused("iam", CREATE, Url=issuer_url, ClientIDList=["other"])

    text = f"Provider with url {issuer_url} already exists."
    assert refusal == (409, "EntityAlreadyExists", text)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param(
            {"Url": "oidc.example.com"},
            (400, "ValidationError", "Invalid Open ID Connect Provider URL"),
            id="no scheme",
        ),
        pytest.param(
            {"Url": "http://oidc.example.com"},
            (
                400,
                "InvalidInput",
                (
                    "Invalid Open ID Connect Provider URL. The URL must begin with "
                    "https://."
                ),
            ),
            id="http",
        ),
        pytest.param(
            {"Url": "https://oidc.example.com:443/id"},
            (400, "InvalidInput", "Invalid Open ID Connect Provider URL."),
            id="port",
        ),
        pytest.param(
            {"ClientIDList": [f"id{number}" for number in range(101)]},
            (
                409,
                "LimitExceeded",
                "Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: 100",
            ),
            id="client ids",
        ),
        pytest.param(
            {"ThumbprintList": ["a" * 40] * 6},
            (
                400,
                "InvalidInput",
                "Thumbprint list must contain fewer than 5 entries.",
            ),
            id="thumbprints",
        ),
    ],
)
def test_create_refuses(
    client: AwsClient,
    issuer_url: str,
    given: Mapping[str, object],
    expected: tuple[int, str, str],
) -> None:
    """URL and lists are checked before the provider is made."""
    provider = {"Url": issuer_url, "ClientIDList": [STS], **given}

    assert client.refused("iam", CREATE, **provider) == expected


@pytest.mark.parametrize(
    ("operation", "message"),
    [
        (GET, "OpenIDConnect Provider not found for arn {}"),
        (
            "delete_open_id_connect_provider",
            "OpenId connect Provider {} cannot be found.",
        ),
    ],
)
def test_provider_that_is_not_there_is_refused(
    client: AwsClient, name: str, operation: str, message: str
) -> None:
    """IAM words it in two ways."""
    arn = f"arn:aws:iam::410987654321:oidc-provider/oidc.example.com/{name}"

    refusal = client.refused("iam", operation, OpenIDConnectProviderArn=arn)

    assert refusal == (404, "NoSuchEntity", message.format(arn))


def test_client_ids_are_added_and_removed(client: AwsClient, issuer_url: str) -> None:
    """Both are fine where there is nothing to do."""
    created = client.call("iam", CREATE, Url=issuer_url, ClientIDList=[STS])
    arn = created["OpenIDConnectProviderArn"]
    name = {"OpenIDConnectProviderArn": arn}

    for client_id in ("vault", "vault", STS):
        client.call("iam", ADD, ClientID=client_id, **name)
    both = client.call("iam", GET, **name)["ClientIDList"]
    for client_id in (STS, STS):
        client.call("iam", REMOVE, ClientID=client_id, **name)
    one = client.call("iam", GET, **name)["ClientIDList"]

    assert (both, one) == ([STS, "vault"], ["vault"])


def test_client_id_too_many_or_of_no_provider_is_refused(
    client: AwsClient, issuer_url: str
) -> None:
    """A hundred fit."""
    many = [f"id{number}" for number in range(100)]
    created = client.call("iam", CREATE, Url=issuer_url, ClientIDList=many)
    arn = created["OpenIDConnectProviderArn"]

    full = client.refused("iam", ADD, ClientID="x", OpenIDConnectProviderArn=arn)
    absent = client.refused(
        "iam", REMOVE, ClientID="x", OpenIDConnectProviderArn=f"{arn}x"
    )

    quota = "Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: 100"
    assert full == (409, "LimitExceeded", quota)
    assert absent == (
        404,
        "NoSuchEntity",
        f"OpenIDConnect Provider not found for arn {arn}x",
    )
