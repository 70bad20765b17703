"""What a program makes beside service accounts: a cluster, and policies of its own."""

import json
from collections.abc import Iterator

import pytest
from plugin_driver import Driver, RefusedError, Screen

from sandbox.aws.server import Aws, start_aws
from sandbox.plugins.aws.provider import AwsPlugin
from sandbox.plugins.values import UNKNOWN, Properties

ACCOUNT = "510987654321"
CLUSTER_ROLE = f"arn:aws:iam::{ACCOUNT}:role/cluster"
CLUSTER = "aws:eks/cluster:Cluster"
POLICY = "aws:iam/policy:Policy"
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


@pytest.fixture(scope="module", name="driver")
def _driver(aws: Aws) -> Driver:
    environment = aws.environment()
    driver = Driver(AwsPlugin(host=Screen()))
    driver.configure(
        region="us-west-2",
        accessKey=environment["AWS_ACCESS_KEY_ID"],
        secretKey=environment["AWS_SECRET_ACCESS_KEY"],
        endpoints=json.dumps([dict.fromkeys(("eks", "iam", "sts"), aws.endpoint_url)]),
        allowedAccountIds=json.dumps([ACCOUNT]),
    )
    return driver


def document(*actions: str) -> str:
    """Write a policy that allows actions on everything."""
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def test_a_cluster_is_made_with_the_sandboxs_issuer_and_endpoint(
    driver: Driver,
) -> None:
    """All of it is unknown in a preview but what is given."""
    of = driver.of(CLUSTER)
    inputs = of.checked({"name": "new", "roleArn": CLUSTER_ROLE, "vpcConfig": SUBNETS})

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


def test_a_policy_of_the_programs_own_is_made_changed_and_removed(
    driver: Driver,
) -> None:
    """Its ARN is unknown in a preview; another document is a new version of it."""
    of = driver.of(POLICY)
    inputs = of.checked({"name": "own", "policy": document("s3:GetObject")})
    wider = of.checked({"name": "own", "policy": document("s3:GetObject", "s3:List*")})

    _, planned = of.create(inputs, preview=True)
    resource_id, state = of.create(inputs)
    found = of.read(resource_id, inputs=inputs, state=state)
    changes = of.diff(state, wider)
    changed = of.update(resource_id, state, wider)
    none = of.diff(changed, wider)
    of.delete(resource_id, changed)
    gone = of.read(resource_id, inputs=wider, state=changed)

    arn = f"arn:aws:iam::{ACCOUNT}:policy/own"
    assert (planned["arn"], resource_id, state["arn"]) == (UNKNOWN, arn, arn)
    assert found == (resource_id, inputs, state)
    assert (changes, none) == ({"policy": "UPDATE"}, {})
    assert changed["policy"] == wider["policy"]
    assert gone == ("", {}, {})


@pytest.mark.parametrize(
    ("token", "given"),
    [
        pytest.param(CLUSTER, {"computeConfig": {}}, id="cluster"),
        pytest.param(POLICY, {"tags": {}}, id="policy"),
    ],
)
def test_what_is_not_covered_is_refused_by_name(
    driver: Driver, token: str, given: Properties
) -> None:
    """Nothing is dropped silently."""
    (name,) = given

    with pytest.raises(RefusedError, match=f"{token}'s property {name}"):
        driver.of(token).check(given)


def test_a_change_of_a_cluster_is_refused_by_name(driver: Driver) -> None:
    """It stays as it was made."""
    of = driver.of(CLUSTER)
    given: Properties = {"name": "stays", "roleArn": CLUSTER_ROLE}
    resource_id, state = of.create(of.checked({**given, "vpcConfig": SUBNETS}))
    other = of.checked({**given, "vpcConfig": {"subnetIds": ["subnet-3"]}})

    with pytest.raises(RefusedError, match="a change of an EKS cluster's vpcConfig"):
        of.update(resource_id, state, other)
    of.delete(resource_id, state)
