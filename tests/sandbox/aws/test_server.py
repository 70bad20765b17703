"""The server: who may call, what clusters look like, what it leaves behind."""

import base64
import os
import socket
import subprocess
import sys
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from aws_client import AwsClient

from sandbox.aws.server import Aws, CallRecord, start_aws

ROOT = Path(__file__).resolve().parents[3]


def _keys(aws: Aws, **changes: str) -> dict[str, str]:
    environment = aws.environment()
    return {
        "AccessKeyId": environment["AWS_ACCESS_KEY_ID"],
        "SecretAccessKey": environment["AWS_SECRET_ACCESS_KEY"],
        **changes,
    }


def test_administrator_is_known(aws: Aws, client: AwsClient) -> None:
    """The keys of `environment` are those of an IAM user of the account."""
    caller = client.call("sts", "get_caller_identity")

    assert caller.pop("UserId").startswith("AIDA")
    assert caller == {
        "Account": aws.account_id,
        "Arn": f"arn:aws:iam::{aws.account_id}:user/sandbox-administrator",
    }


@pytest.mark.parametrize(
    ("changes", "code", "message"),
    [
        pytest.param(
            {"AccessKeyId": "AKIAIOSFODNN7EXAMPLE"},
            "InvalidClientTokenId",
            "The security token included in the request is invalid.",
            id="unknown key",
        ),
        pytest.param(
            {"SessionToken": "somebody else's"},
            "InvalidClientTokenId",
            "The security token included in the request is invalid.",
            id="session token",
        ),
        pytest.param(
            {"SecretAccessKey": "guessed"},
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you "
            "provided. Check your AWS Secret Access Key and signing method. Consult "
            "the service documentation for details.",
            id="wrong secret",
        ),
    ],
)
def test_stranger_is_refused(
    aws: Aws, changes: dict[str, str], code: str, message: str
) -> None:
    """Key, secret and token have to belong together."""
    stranger = AwsClient(aws, keys=_keys(aws, **changes))

    assert stranger.refused("iam", "list_roles") == (403, code, message)


def test_service_that_is_not_there_is_refused_by_name(aws: Aws) -> None:
    """So is what a service that is there could do."""
    client = AwsClient(aws)

    refusals = [
        client.refused("kms", "list_keys"),
        client.refused("dynamodb", "list_tables"),
        client.refused("s3", "put_object", Bucket="b", Key="k", Body=b""),
        client.refused("eks", "list_nodegroups", clusterName="c"),
    ]

    assert refusals == [
        (501, "NotImplemented", f"the sandbox's AWS does not cover {what}")
        for what in (
            "the service 'kms'",
            "the service 'dynamodb'",
            "the service 's3'",
            "eks:GET /clusters/c/node-groups",
        )
    ]


@pytest.mark.parametrize(
    ("region", "partition"),
    [
        ("us-west-2", "aws"),
        ("cn-north-1", "aws-cn"),
        ("us-gov-west-1", "aws-us-gov"),
    ],
)
def test_cluster_is_described_as_it_was_put(
    aws: Aws, name: str, region: str, partition: str
) -> None:
    """Issuer, endpoint and authority are those of the API server, not moto's."""
    issuer_url = f"https://oidc.eks.{region}.amazonaws.com/id/{name}"
    endpoint = "https://127.0.0.1:6443"

    arn = aws.create_cluster(
        name=name,
        region=region,
        issuer_url=issuer_url,
        endpoint=endpoint,
        ca_pem="-----BEGIN CERTIFICATE-----\n",
    )

    cluster = AwsClient(aws, region=region).call("eks", "describe_cluster", name=name)[
        "cluster"
    ]
    authority = base64.b64decode(cluster["certificateAuthority"]["data"])
    assert arn == f"arn:{partition}:eks:{region}:{aws.account_id}:cluster/{name}"
    assert (cluster["arn"], cluster["status"]) == (arn, "ACTIVE")
    assert cluster["identity"] == {"oidc": {"issuer": issuer_url}}
    assert cluster["endpoint"] == endpoint
    assert authority == b"-----BEGIN CERTIFICATE-----\n"


def test_cluster_that_is_not_there_is_refused(client: AwsClient, name: str) -> None:
    """EKS words it so."""
    refusal = client.refused("eks", "describe_cluster", name=name)

    text = f"No cluster found for name: {name}."
    assert refusal == (404, "ResourceNotFoundException", text)


@pytest.mark.parametrize(
    ("region", "partition"),
    [("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")],
)
def test_iam_of_another_partition_has_arns_of_its_own(
    aws: Aws, name: str, region: str, partition: str
) -> None:
    """Roles, providers and AWS's own policies are named in the region's partition."""
    there = AwsClient(aws, region=region)
    issuer = f"oidc.eks.{region}.amazonaws.com/id/{name}"
    policy = f"arn:{partition}:iam::aws:policy/AmazonS3ReadOnlyAccess"
    provider = there.call(
        "iam",
        "create_open_id_connect_provider",
        Url=f"https://{issuer}",
        ClientIDList=["sts.amazonaws.com"],
    )["OpenIDConnectProviderArn"]
    trust = (
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":'
        f'{{"Federated":"{provider}"}},"Action":"sts:AssumeRoleWithWebIdentity"}}]}}'
    )

    role = there.call(
        "iam", "create_role", RoleName=name, AssumeRolePolicyDocument=trust
    )["Role"]
    there.call("iam", "attach_role_policy", RoleName=name, PolicyArn=policy)

    attached = there.call("iam", "list_attached_role_policies", RoleName=name)
    account = aws.account_id
    assert provider == f"arn:{partition}:iam::{account}:oidc-provider/{issuer}"
    assert role["Arn"] == f"arn:{partition}:iam::{account}:role/{name}"
    assert [found["PolicyArn"] for found in attached["AttachedPolicies"]] == [policy]


def test_every_call_is_recorded(aws: Aws, client: AwsClient, name: str) -> None:
    """Service, action and outcome, in order."""
    before = len(aws.calls)

    client.call("iam", "list_roles")
    client.refused("iam", "get_role", RoleName=name)
    client.refused("eks", "describe_cluster", name=name)

    assert aws.calls[before:] == (
        CallRecord(service="iam", action="ListRoles", status=200),
        CallRecord(service="iam", action="GetRole", status=404, code="NoSuchEntity"),
        CallRecord(
            service="eks",
            action="DescribeCluster",
            status=404,
            code="ResourceNotFoundException",
        ),
    )


def test_environment_leaves_nothing_of_the_users(aws: Aws) -> None:
    """A client started with it finds no profile, no file and no instance metadata."""
    environment = aws.environment()

    assert set(environment.pop("AWS_ACCESS_KEY_ID")[:4]) == set("AKIA")
    assert environment.pop("AWS_SECRET_ACCESS_KEY")
    assert environment == aws.anonymous_environment()
    assert environment == {
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_DEFAULT_REGION": "us-west-2",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ENDPOINT_URL": aws.endpoint_url,
        "AWS_REGION": "us-west-2",
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }


def test_account_ends_with_its_server() -> None:
    """Nothing listens afterwards, and the next account of that number is empty."""
    account_id = "999999999999"
    with start_aws(account_id=account_id) as first:
        port = urlsplit(first.endpoint_url).port
        first.create_cluster(
            name="demo",
            region="us-west-2",
            issuer_url="https://oidc.example.com",
            endpoint="https://127.0.0.1:1",
            ca_pem="",
        )

    with socket.socket() as probe:
        refused = probe.connect_ex(("127.0.0.1", port))
    with start_aws(account_id=account_id) as second:
        clusters = AwsClient(second).call("eks", "list_clusters")["clusters"]
    assert refused
    assert clusters == []


def test_account_is_served_once(aws: Aws) -> None:
    """The state behind an account is one per process, so a second server is refused."""
    again = start_aws(account_id=aws.account_id)

    with pytest.raises(RuntimeError, match="serves the account 410987654321 already"):
        again.__enter__()


def test_failure_of_the_sandbox_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """A traceback goes into `failures`, the client gets AWS's InternalFailure."""

    def fail(*_: object) -> None:
        msg = "on purpose"
        raise ZeroDivisionError(msg)

    monkeypatch.setattr("sandbox.aws.gateway.check_iam_call", fail)
    with start_aws(account_id="888888888888") as aws:
        refusal = AwsClient(aws).refused("iam", "list_roles")

        kept = aws.failures
    assert refusal == (
        500,
        "InternalFailure",
        "The sandbox's AWS failed; Aws.failures holds the traceback.",
    )
    assert [text.splitlines()[-1] for text in kept] == ["ZeroDivisionError: on purpose"]


def test_package_is_light() -> None:
    """Importing the package and its command line loads neither moto nor boto3."""
    program = (
        "import sys, sandbox.aws, sandbox.aws.cli, sandbox.aws.trust_evaluator; "
        "print([n for n in ('moto', 'boto3', 'botocore', 'flask') if n in sys.modules])"
    )

    loaded = subprocess.run(  # noqa: S603 - our own interpreter and program
        [sys.executable, "-c", program],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout

    assert loaded == "[]\n"


def test_unsigned_call_is_refused(aws: Aws) -> None:
    """Only a web identity comes without a signature."""
    connection = HTTPConnection(urlsplit(aws.endpoint_url).netloc)
    with closing(connection):
        connection.request("GET", "/?Action=GetCallerIdentity&Version=2011-06-15")
        response = connection.getresponse()
        body = response.read().decode()

    assert response.status == 403
    assert "<Code>MissingAuthenticationToken</Code>" in body
    assert "<Message>Request is missing Authentication Token</Message>" in body
