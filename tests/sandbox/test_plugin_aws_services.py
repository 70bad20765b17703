"""Buckets, tables, queues and clusters of the AWS double, against the sandbox's AWS."""

import json
from collections.abc import Iterator

import pytest
from aws_client import AwsClient
from plugin_driver import Driver, RefusedError, Screen

from sandbox.aws.server import Aws, start_aws
from sandbox.plugins.aws.provider import AwsPlugin
from sandbox.plugins.values import UNKNOWN, Properties

ACCOUNT = "510987654321"
BUCKET = "aws:s3/bucket:Bucket"
TABLE = "aws:dynamodb/table:Table"
QUEUE = "aws:sqs/queue:Queue"
CLUSTER = "aws:eks/cluster:Cluster"
ROLE = "aws:iam/role:Role"
KEY: Properties = {"attributes": [{"name": "id", "type": "S"}], "hashKey": "id"}
SUBNETS: Properties = {"subnetIds": ["subnet-1", "subnet-2"]}


@pytest.fixture(scope="module", name="aws")
def _aws() -> Iterator[Aws]:
    """Serve an account that no other test folder has, and EKS clusters in it."""
    with start_aws(region="us-west-2", account_id=ACCOUNT) as started:
        started.serve_new_clusters(
            lambda region, name: f"https://oidc.example.com/{region}/{name}",
            endpoint="https://127.0.0.1:6443",
            ca_pem="PEM",
        )
        yield started
        assert started.failures == ()


@pytest.fixture(scope="module", name="client")
def _client(aws: Aws) -> AwsClient:
    return AwsClient(aws)


@pytest.fixture(scope="module", name="driver")
def _driver(aws: Aws) -> Driver:
    environment = aws.environment()
    services = ("dynamodb", "eks", "iam", "s3", "sqs", "sts")
    driver = Driver(AwsPlugin(host=Screen()))
    driver.configure(
        region="us-west-2",
        accessKey=environment["AWS_ACCESS_KEY_ID"],
        secretKey=environment["AWS_SECRET_ACCESS_KEY"],
        endpoints=json.dumps([dict.fromkeys(services, aws.endpoint_url)]),
        allowedAccountIds=json.dumps([ACCOUNT]),
    )
    return driver


@pytest.fixture(scope="module", name="cluster_role")
def _cluster_role(client: AwsClient) -> str:
    """Make a role that EKS may assume, and give its ARN."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "eks.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    made = client.call(
        "iam",
        "create_role",
        RoleName="cluster",
        AssumeRolePolicyDocument=json.dumps(
            {"Version": "2012-10-17", "Statement": [statement]}
        ),
    )
    return str(made["Role"]["Arn"])


@pytest.mark.parametrize(
    ("token", "given", "expected"),
    [
        pytest.param(
            BUCKET,
            {"bucket": "made", "tags": {"a": "1"}},
            {
                "arn": "arn:aws:s3:::made",
                "bucket": "made",
                "bucketDomainName": "made.s3.amazonaws.com",
                "bucketRegion": "us-west-2",
                "bucketRegionalDomainName": "made.s3.us-west-2.amazonaws.com",
                "id": "made",
                "tags": {"a": "1"},
                "tagsAll": {"a": "1"},
            },
            id="bucket",
        ),
        pytest.param(
            TABLE,
            {**KEY, "name": "made", "billingMode": "PAY_PER_REQUEST"},
            {
                **KEY,
                "arn": f"arn:aws:dynamodb:us-west-2:{ACCOUNT}:table/made",
                "billingMode": "PAY_PER_REQUEST",
                "id": "made",
                "name": "made",
                "rangeKey": "",
                "tags": {},
                "tagsAll": {},
            },
            id="table",
        ),
        pytest.param(
            QUEUE,
            {"name": "made", "visibilityTimeoutSeconds": 60},
            {
                "arn": f"arn:aws:sqs:us-west-2:{ACCOUNT}:made",
                "messageRetentionSeconds": 345600,
                "name": "made",
                "tags": {},
                "tagsAll": {},
                "visibilityTimeoutSeconds": 60,
            },
            id="queue",
        ),
    ],
)
def test_a_thing_is_made_read_and_removed(
    driver: Driver, token: str, given: Properties, expected: Properties
) -> None:
    """A second look shows no change; a second removal finds nothing to do."""
    of = driver.of(token)

    inputs = of.checked(given)
    resource_id, state = of.create(inputs)
    unchanged = of.diff(state, inputs)
    found = of.read(resource_id, inputs=inputs, state=state)
    of.delete(resource_id, state)
    of.delete(resource_id, state)
    gone = of.read(resource_id, inputs=inputs, state=state)

    if token == QUEUE:  # its id is its address
        expected = {**expected, "id": resource_id, "url": resource_id}
    assert (unchanged, found) == ({}, (resource_id, inputs, state))
    assert gone == ("", {}, {})
    assert state == expected


@pytest.mark.parametrize(
    ("token", "given"),
    [
        pytest.param(BUCKET, {"bucket": "tagged"}, id="bucket"),
        pytest.param(
            TABLE,
            {**KEY, "name": "tagged", "billingMode": "PAY_PER_REQUEST"},
            id="table",
        ),
        pytest.param(QUEUE, {"name": "tagged"}, id="queue"),
    ],
)
def test_tags_change_in_place(driver: Driver, token: str, given: Properties) -> None:
    """Tags come, change and go, and what is read says so."""
    of = driver.of(token)
    inputs = of.checked({**given, "tags": {"a": "1", "b": "1"}})
    resource_id, state = of.create(inputs)

    fewer = of.checked({**given, "tags": {"a": "2"}})
    changes = of.diff(state, fewer)
    changed = of.update(resource_id, state, fewer)
    none = of.update(resource_id, changed, of.checked(given))
    of.delete(resource_id, none)

    assert changes == {
        "tags.a": "UPDATE",
        "tags.b": "DELETE",
        "tagsAll.a": "UPDATE",
        "tagsAll.b": "DELETE",
    }
    assert (changed["tags"], none["tags"]) == ({"a": "2"}, {})


def test_a_queue_changes_in_place(driver: Driver) -> None:
    """Its timeout is no new queue."""
    of = driver.of(QUEUE)
    resource_id, state = of.create(of.checked({"name": "slow"}))
    slower = of.checked({"name": "slow", "visibilityTimeoutSeconds": 90})

    changes = of.diff(state, slower)
    changed = of.update(resource_id, state, slower)
    of.delete(resource_id, changed)

    assert changes == {"visibilityTimeoutSeconds": "UPDATE"}
    assert changed["visibilityTimeoutSeconds"] == 90


def test_a_cluster_is_made_with_the_sandboxs_issuer_and_endpoint(
    driver: Driver, cluster_role: str
) -> None:
    """All of it is unknown in a preview but what is given."""
    of = driver.of(CLUSTER)
    inputs = of.checked({"name": "new", "roleArn": cluster_role, "vpcConfig": SUBNETS})

    _, planned = of.create(inputs, preview=True)
    resource_id, state = of.create(inputs)
    unchanged = of.diff(state, inputs)
    found = of.read(resource_id, inputs=inputs, state=state)
    of.delete(resource_id, state)
    gone = of.read(resource_id, inputs=inputs, state=state)

    computed = ("arn", "certificateAuthority", "endpoint", "identities")
    assert [planned[key] for key in computed] == [UNKNOWN] * 4
    assert planned["name"] == "new"
    assert (resource_id, unchanged, found) == ("new", {}, ("new", inputs, state))
    assert {key: state[key] for key in computed} == {
        "arn": f"arn:aws:eks:us-west-2:{ACCOUNT}:cluster/new",
        "certificateAuthority": {"data": "UEVN"},
        "endpoint": "https://127.0.0.1:6443",
        "identities": [
            {"oidcs": [{"issuer": "https://oidc.example.com/us-west-2/new"}]}
        ],
    }
    assert gone == ("", {}, {})


def test_a_cluster_needs_a_role_that_eks_may_assume(driver: Driver) -> None:
    """EKS looks at the role before it makes anything."""
    of = driver.of(CLUSTER)
    role = f"arn:aws:iam::{ACCOUNT}:role/nobodys"
    inputs = of.checked({"name": "bad", "roleArn": role, "vpcConfig": SUBNETS})

    with pytest.raises(RefusedError) as refused:
        of.create(inputs)

    assert str(refused.value).partition("RequestID: ")[0] == (
        "1 error occurred:\n\t* creating EKS Cluster (bad): operation error EKS: "
        "CreateCluster, https response error StatusCode: 400, "
    )
    assert str(refused.value).partition(", InvalidParameterException: ")[2] == (
        f"Role with arn: {role}, could not be assumed because it does not exist or "
        "the trusted entity is not correct\n\n"
    )


@pytest.mark.parametrize(
    ("token", "given", "what"),
    [
        pytest.param(
            BUCKET,
            {"forceDestroy": True},
            "aws:s3/bucket:Bucket's property forceDestroy",
            id="bucket",
        ),
        pytest.param(
            TABLE, {"ttl": {}}, "aws:dynamodb/table:Table's property ttl", id="table"
        ),
        pytest.param(
            QUEUE,
            {"fifoQueue": True},
            "aws:sqs/queue:Queue's property fifoQueue",
            id="q",
        ),
        pytest.param(
            CLUSTER,
            {"computeConfig": {}},
            "aws:eks/cluster:Cluster's property computeConfig",
            id="cluster",
        ),
    ],
)
def test_what_is_not_covered_is_refused_by_name(
    driver: Driver, token: str, given: Properties, what: str
) -> None:
    """Nothing is dropped silently."""
    with pytest.raises(RefusedError) as refused:
        driver.of(token).check(given)

    assert what in str(refused.value)


def test_changes_that_are_not_covered_are_refused_by_name(
    driver: Driver, cluster_role: str
) -> None:
    """A cluster stays as it was made, and a table keeps its keys."""
    clusters, tables = driver.of(CLUSTER), driver.of(TABLE)
    given: Properties = {"name": "stays", "roleArn": cluster_role}
    inputs = clusters.checked({**given, "vpcConfig": SUBNETS})
    resource_id, state = clusters.create(inputs)
    other = clusters.checked({**given, "vpcConfig": {"subnetIds": ["subnet-3"]}})

    with pytest.raises(RefusedError, match="a change of an EKS cluster's vpcConfig"):
        clusters.update(resource_id, state, other)
    with pytest.raises(RefusedError, match="billingMode is not PAY_PER_REQUEST"):
        tables.create(tables.checked({**KEY, "name": "provisioned"}))
    clusters.delete(resource_id, state)
