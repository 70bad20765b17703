"""The AWS double's resources, against the sandbox's AWS."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from aws_client import AwsClient
from plugin_driver import Driver, RefusedError, Screen

from sandbox.aws.server import Aws, start_aws
from sandbox.plugins.aws.provider import AwsPlugin
from sandbox.plugins.values import UNKNOWN, Properties, Value

ROLE = "aws:iam/role:Role"
POLICY = "aws:iam/rolePolicy:RolePolicy"
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
ISSUER = "aws:iam/openIdConnectProvider:OpenIdConnectProvider"
READ_ONLY = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
URL = "https://oidc.example.com/id/1"
ACCOUNT = "210987654321"
PROVIDER = f"arn:aws:iam::{ACCOUNT}:oidc-provider/oidc.example.com/id/1"


def _trust(service: str) -> str:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": f"{service}.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _sorted(document: str) -> str:
    return json.dumps(json.loads(document), sort_keys=True, separators=(",", ":"))


def _permissions(action: str) -> str:
    statement = {"Effect": "Allow", "Action": action, "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.fixture(scope="module", name="aws")
def _aws() -> Iterator[Aws]:
    """Serve an account that no other test folder has."""
    with start_aws(region="us-west-2", account_id=ACCOUNT) as started:
        yield started
        assert started.failures == ()


@pytest.fixture(scope="module", name="client")
def _client(aws: Aws) -> AwsClient:
    return AwsClient(aws)


@pytest.fixture(scope="module", name="driver")
def _driver(aws: Aws) -> Driver:
    """Configure a plugin for the account, without a look at the environment."""
    environment = aws.environment()
    driver = Driver(AwsPlugin(host=Screen()), token=ROLE)
    driver.configure(
        region="us-west-2",
        accessKey=environment["AWS_ACCESS_KEY_ID"],
        secretKey=environment["AWS_SECRET_ACCESS_KEY"],
        endpoints=json.dumps([dict.fromkeys(("iam", "sts", "eks"), aws.endpoint_url)]),
        allowedAccountIds=json.dumps([ACCOUNT]),
    )
    return driver


def _made(driver: Driver, given: Properties) -> tuple[str, Properties, Properties]:
    """Make a resource and give id, inputs and state."""
    inputs = driver.checked(given)
    resource_id, state = driver.create(inputs)
    return resource_id, inputs, state


def test_preview_of_a_creation_knows_what_is_given(driver: Driver) -> None:
    """Known inputs are shown as they will be; what IAM gives is unknown."""
    given = driver.checked(
        {"assumeRolePolicy": _trust("ec2"), "name": "r", "tags": {"a": UNKNOWN}}
    )

    resource_id, state = driver.create(given, preview=True)

    assert resource_id == ""
    assert state == {
        "arn": UNKNOWN,
        "assumeRolePolicy": _sorted(_trust("ec2")),
        "createDate": UNKNOWN,
        "id": UNKNOWN,
        "inlinePolicies": UNKNOWN,
        "managedPolicyArns": UNKNOWN,
        "maxSessionDuration": 3600,
        "name": "r",
        "namePrefix": UNKNOWN,
        "path": "/",
        "tags": {"a": UNKNOWN},
        "tagsAll": UNKNOWN,
        "uniqueId": UNKNOWN,
    }


@pytest.mark.parametrize(
    ("changes", "difference", "delete_first"),
    [
        ({"name": "other"}, {"name": "UPDATE_REPLACE"}, False),
        ({"path": "/b/"}, {"path": "UPDATE_REPLACE"}, True),
        ({"path": UNKNOWN}, {"path": "UPDATE_REPLACE"}, True),
        ({"assumeRolePolicy": UNKNOWN}, {"assumeRolePolicy": "UPDATE"}, False),
    ],
)
def test_only_name_and_path_replace_a_role(
    driver: Driver,
    changes: dict[str, Value],
    difference: dict[str, str],
    delete_first: bool,  # noqa: FBT001 - a parameter of the table
) -> None:
    """A replacement under the same given name must remove the old one first."""
    given: Properties = {
        "__defaults": [],
        "assumeRolePolicy": _trust("ec2"),
        "name": "r",
        "path": "/",
    }
    state: Properties = {**given, "arn": "x", "description": ""}

    answer = driver.full_diff(state, {**given, **changes})

    assert driver.diff(state, {**given, **changes}) == difference
    assert list(answer.replaces) == [
        path for path, change in difference.items() if "REPLACE" in change
    ]
    assert answer.deleteBeforeReplace is delete_first


def test_document_that_means_the_same_is_no_drift(
    driver: Driver, client: AwsClient
) -> None:
    """What IAM holds may be written differently; the state keeps the program's text."""
    given: Properties = {"assumeRolePolicy": _trust("ec2"), "name": "rewritten"}
    resource_id, inputs, state = _made(driver, given)
    rewritten = json.loads(_trust("ec2"))
    rewritten["Statement"][0]["Action"] = ["sts:AssumeRole"]
    client.call(
        "iam",
        "update_assume_role_policy",
        RoleName="rewritten",
        PolicyDocument=json.dumps(rewritten, indent=2),
    )

    found = driver.read(resource_id, inputs=inputs, state=state)

    assert found == (resource_id, inputs, state)


def test_policies_hang_on_a_role(driver: Driver, client: AwsClient) -> None:
    """Inline policy and attachment are found, changed and removed by their ids."""
    _made(driver, {"assumeRolePolicy": _trust("ec2"), "name": "holder"})
    policy, attachment = driver.of(POLICY), driver.of(ATTACHMENT)

    policy_id, policy_inputs, policy_state = _made(
        policy, {"role": "holder", "name": "inline", "policy": _permissions("s3:Get*")}
    )
    attachment_id, attachment_inputs, attachment_state = _made(
        attachment, {"role": "holder", "policyArn": READ_ONLY}
    )
    news = {**policy_inputs, "policy": _permissions("s3:Put*")}
    difference = policy.diff(policy_state, news)
    policy_state = policy.update(policy_id, policy_state, news)
    held = client.call(
        "iam", "get_role_policy", RoleName="holder", PolicyName="inline"
    )["PolicyDocument"]

    assert (policy_id, attachment_id) == ("holder:inline", f"holder/{READ_ONLY}")
    assert difference == {"policy": "UPDATE"}
    assert held == json.loads(_permissions("s3:Put*"))
    assert attachment.diff(
        attachment_state, {**attachment_inputs, "policyArn": READ_ONLY + "2"}
    ) == {"policyArn": "UPDATE_REPLACE"}
    assert policy.diff(policy_state, {**news, "role": "other"}) == {
        "role": "UPDATE_REPLACE"
    }
    policy.delete(policy_id, policy_state)
    attachment.delete(attachment_id, attachment_state)
    assert policy.read(policy_id, state=policy_state)[0] == ""
    assert attachment.read(attachment_id, state=attachment_state)[0] == ""


def test_role_that_is_not_free_is_only_removed_by_force(
    driver: Driver, client: AwsClient
) -> None:
    """`forceDetachPolicies` takes away what somebody else attached."""
    given: Properties = {"assumeRolePolicy": _trust("ec2"), "name": "forced"}
    resource_id, _, state = _made(driver, given)
    client.call(
        "iam",
        "put_role_policy",
        RoleName="forced",
        PolicyName="foreign",
        PolicyDocument=_permissions("s3:*"),
    )
    client.call("iam", "attach_role_policy", RoleName="forced", PolicyArn=READ_ONLY)

    with pytest.raises(RefusedError, match="DeleteConflict: Cannot delete entity"):
        driver.delete(resource_id, state)
    driver.delete(resource_id, {**state, "forceDetachPolicies": True})

    assert driver.read(resource_id, state=state)[0] == ""


def test_issuer_is_made_read_and_removed(driver: Driver) -> None:
    """IAM gives the URL back without its scheme, which is no difference."""
    issuer = driver.of(ISSUER)
    given: Properties = {
        "clientIdLists": ["sts.amazonaws.com"],
        "tags": {"a": "1"},
        "url": URL,
    }

    resource_id, inputs, state = _made(issuer, given)
    unchanged = issuer.diff(state, inputs)
    _, refreshed, _ = issuer.read(resource_id, inputs=inputs, state=state)
    news = issuer.checked({**given, "tags": {"b": "2"}})
    changed = issuer.update(resource_id, state, news)
    looked_up, _ = issuer.invoke(
        "aws:iam/getOpenIdConnectProvider:getOpenIdConnectProvider", {"url": URL}
    )
    issuer.delete(resource_id, state)
    issuer.delete(resource_id, state)

    assert (resource_id, unchanged) == (PROVIDER, {})
    assert state["url"] == refreshed["url"] == "oidc.example.com/id/1"
    assert issuer.diff(state, refreshed) == {}
    assert changed["tags"] == changed["tagsAll"] == {"b": "2"}
    assert looked_up["arn"] == PROVIDER
    assert issuer.read(resource_id, state=state)[0] == ""


def test_other_url_replaces_an_issuer(driver: Driver) -> None:
    """Its client ids are a set, whose order means nothing."""
    issuer = driver.of(ISSUER)
    state: Properties = {
        "clientIdLists": ["a", "b"],
        "thumbprintLists": ["x"],
        "url": "oidc.example.com/id/1",
    }

    reordered = issuer.diff(state, {"clientIdLists": ["b", "a"], "url": URL})
    other = issuer.diff(state, {"clientIdLists": ["a", "c"], "url": URL + "0"})

    assert reordered == {}
    assert other == {"clientIdLists[1]": "UPDATE", "url": "UPDATE_REPLACE"}


def test_import_gives_inputs_that_show_no_change(
    driver: Driver, client: AwsClient
) -> None:
    """An id alone finds each type, and a program that says the same changes nothing."""
    client.call(
        "iam",
        "create_role",
        RoleName="imported",
        AssumeRolePolicyDocument=_trust("ec2"),
        Tags=[{"Key": "a", "Value": "1"}],
    )
    client.call(
        "iam",
        "put_role_policy",
        RoleName="imported",
        PolicyName="p",
        PolicyDocument=_permissions("s3:*"),
    )
    client.call("iam", "attach_role_policy", RoleName="imported", PolicyArn=READ_ONLY)
    programs: dict[tuple[str, str], Properties] = {
        (ROLE, "imported"): {
            "assumeRolePolicy": _trust("ec2"),
            "name": "imported",
            "tags": {"a": "1"},
            "inlinePolicies": [{"name": "p", "policy": _permissions("s3:*")}],
            "managedPolicyArns": [READ_ONLY],
        },
        (POLICY, "imported:p"): {
            "name": "p",
            "policy": _permissions("s3:*"),
            "role": "imported",
        },
        (ATTACHMENT, f"imported/{READ_ONLY}"): {
            "policyArn": READ_ONLY,
            "role": "imported",
        },
    }
    for (token, import_id), program in programs.items():
        of_type = driver.of(token)

        found_id, inputs, state = of_type.read(import_id)

        assert found_id == import_id
        assert inputs.keys() - {"__defaults", "tagsAll"} == program.keys()
        shorter = {
            key: one
            for key, one in program.items()
            if key not in {"inlinePolicies", "managedPolicyArns"}
        }
        assert of_type.diff(state, of_type.checked(shorter)) == {}


@pytest.mark.parametrize(
    ("token", "import_id", "message"),
    [
        (
            ATTACHMENT,
            "role",
            (
                'unexpected format for Import ID ("role"), expected '
                "<role-name>/<policy_arn>"
            ),
        ),
        (
            POLICY,
            "role",
            "role_policy id must be of the form <role name>:<policy name>",
        ),
    ],
)
def test_import_id_of_another_form_is_refused(
    driver: Driver, token: str, import_id: str, message: str
) -> None:
    """The message tells the form."""
    with pytest.raises(RefusedError) as refused:
        driver.of(token).read(import_id)

    assert str(refused.value).endswith(message)


def test_functions_say_who_and_where(driver: Driver) -> None:
    """Account, partition and region are those of the configuration."""
    caller, _ = driver.invoke("aws:index/getCallerIdentity:getCallerIdentity")
    partition, _ = driver.invoke("aws:index/getPartition:getPartition")
    region, _ = driver.invoke("aws:index/getRegion:getRegion")
    china, _ = driver.invoke("aws:index/getRegion:getRegion", {"region": "cn-north-1"})

    assert caller["accountId"] == caller["id"] == ACCOUNT
    assert partition == {
        "dnsSuffix": "amazonaws.com",
        "id": "aws",
        "partition": "aws",
        "reverseDnsPrefix": "com.amazonaws",
    }
    assert region == {
        "description": "US West (Oregon)",
        "endpoint": "ec2.us-west-2.amazonaws.com",
        "id": "us-west-2",
        "name": "us-west-2",
        "region": "us-west-2",
    }
    assert china["endpoint"] == "ec2.cn-north-1.amazonaws.com.cn"


def test_cluster_is_described_in_another_region(driver: Driver, aws: Aws) -> None:
    """The function's own region counts; all that reaching it needs is there."""
    cluster_arn = aws.create_cluster(
        name="c",
        region="eu-central-1",
        issuer_url="https://oidc.eks.eu-central-1.amazonaws.com/id/X",
        endpoint="https://127.0.0.1:6443",
        ca_pem="PEM",
    )

    found, _ = driver.invoke(
        "aws:eks/getCluster:getCluster", {"name": "c", "region": "eu-central-1"}
    )

    assert {
        key: found[key]
        for key in ("arn", "certificateAuthorities", "endpoint", "identities", "region")
    } == {
        "arn": cluster_arn,
        "certificateAuthorities": [{"data": "UEVN"}],
        "endpoint": "https://127.0.0.1:6443",
        "identities": [
            {"oidcs": [{"issuer": "https://oidc.eks.eu-central-1.amazonaws.com/id/X"}]}
        ],
        "region": "eu-central-1",
    }


def test_cluster_without_an_issuer_has_an_identity_without_one(
    driver: Driver, aws: Aws
) -> None:
    """As a local cluster on AWS Outposts."""
    aws.create_cluster(
        name="local",
        region="us-west-2",
        issuer_url=None,
        endpoint="https://127.0.0.1:6443",
        ca_pem="PEM",
    )

    found, _ = driver.invoke(
        "aws:eks/getCluster:getCluster", {"name": "local", "region": "us-west-2"}
    )

    assert found["identities"] == [{"oidcs": []}]


@pytest.mark.parametrize(
    ("token", "arguments", "message"),
    [
        (
            "aws:eks/getCluster:getCluster",
            {"name": "nope"},
            r"reading EKS Cluster \(nope\): couldn't find resource\n\n$",
        ),
        (
            "aws:iam/getOpenIdConnectProvider:getOpenIdConnectProvider",
            {"arn": PROVIDER + "x"},
            r"reading IAM OIDC Provider \(\S+\): couldn't find resource\n\n$",
        ),
        (
            "aws:iam/getOpenIdConnectProvider:getOpenIdConnectProvider",
            {"url": URL + "x"},
            r"finding IAM OIDC Provider by url \(\S+\): couldn't find resource\n\n$",
        ),
    ],
)
def test_what_is_not_there_is_an_error_of_the_function(
    driver: Driver, token: str, arguments: dict[str, Any], message: str
) -> None:
    """A lookup that finds nothing has the real plugin's words."""
    with pytest.raises(RefusedError, match=message):
        driver.invoke(token, arguments)


def test_wrong_arguments_of_a_function_are_told(driver: Driver) -> None:
    """They come back as failures, not as an error."""
    lookup = "aws:iam/getOpenIdConnectProvider:getOpenIdConnectProvider"

    assert driver.invoke(lookup, {"arn": "x", "nmae": "y"}) == (
        {},
        [
            "Invalid or unknown key. Examine values at 'nmae'.",
            '"arn" (x) is an invalid ARN: arn: invalid prefix',
        ],
    )
    assert driver.invoke("aws:eks/getCluster:getCluster", {"name": "-x"})[1] == [
        (
            "invalid value for name (must begin with an alphanumeric character and "
            "contain only alphanumeric characters, dashes and underscores)"
        )
    ]
