"""The AWS double's Pod Identity association and add-on lookup, on the sandbox's AWS."""

import inspect
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

import pulumi_aws as aws_sdk
import pytest
from aws_client import AwsClient
from aws_faults import Denied
from plugin_driver import Driver, RefusedError, Screen

from sandbox.aws.server import Aws, start_aws
from sandbox.plugins.aws.fields import inputs_of
from sandbox.plugins.aws.pod_identity_association import PodIdentityAssociation
from sandbox.plugins.aws.provider import AwsPlugin
from sandbox.plugins.values import UNKNOWN, Properties, Value

TOKEN: Final = PodIdentityAssociation.token
ADDON: Final = "aws:eks/getAddon:getAddon"
AGENT: Final = "eks-pod-identity-agent"
ACCOUNT: Final = "610987654321"
CLUSTER: Final = "pods"
TARGET: Final = "arn:aws:iam::999999999999:role/theirs"
TRUST: Final = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Principal": {"Service": "pods.eks.amazonaws.com"},
            "Action": ["sts:AssumeRole", "sts:TagSession"],
        },
    }
)


@pytest.fixture(scope="module", name="aws")
def _aws() -> Iterator[Aws]:
    """Serve an AWS account that no other test folder has, with two clusters."""
    with start_aws(region="us-west-2", account_id=ACCOUNT) as started:
        for region, addons in (("us-west-2", (AGENT,)), ("eu-west-1", ())):
            started.create_cluster(
                name=CLUSTER,
                region=region,
                issuer_url=f"https://oidc.eks.{region}.amazonaws.com/id/X",
                endpoint="https://127.0.0.1:6443",
                ca_pem="PEM",
                addons=addons,
            )
        yield started
        assert started.failures == ()


@pytest.fixture(scope="module", name="client")
def _client(aws: Aws) -> AwsClient:
    return AwsClient(aws)


@pytest.fixture(scope="module", name="roles")
def _roles(client: AwsClient) -> tuple[str, str]:
    """Make two roles that Pod Identity may assume."""
    one, two = (
        client.call(
            "iam", "create_role", RoleName=name, AssumeRolePolicyDocument=TRUST
        )["Role"]["Arn"]
        for name in ("one", "two")
    )
    return one, two


@pytest.fixture(name="screen")
def _screen() -> Screen:
    return Screen()


@pytest.fixture(name="driver")
def _driver(aws: Aws, screen: Screen) -> Driver:
    environment = aws.environment()
    driver = Driver(AwsPlugin(host=screen, visible_after_seconds=0), token=TOKEN)
    driver.configure(
        region="us-west-2",
        accessKey=environment["AWS_ACCESS_KEY_ID"],
        secretKey=environment["AWS_SECRET_ACCESS_KEY"],
        endpoints=json.dumps([dict.fromkeys(("iam", "sts", "eks"), aws.endpoint_url)]),
        defaultTags=json.dumps({"tags": {"stack": "dev"}}),
    )
    return driver


def _given(role: Value, service_account: str, **changes: Value) -> Properties:
    return {
        "clusterName": CLUSTER,
        "namespace": "apps",
        "roleArn": role,
        "serviceAccount": service_account,
        **changes,
    }


def _in_python(names: Iterable[str]) -> set[str]:
    return {re.sub("[A-Z]", lambda one: f"_{one[0].lower()}", one) for one in names}


def _held(client: AwsClient, state: Properties) -> dict[str, Any]:
    named = {"clusterName": CLUSTER, "associationId": state["associationId"]}
    return dict(
        client.call("eks", "describe_pod_identity_association", **named)["association"]
    )


def test_properties_are_those_of_the_sdk() -> None:
    """Inputs and outputs of the released package, by its own schema."""
    inputs = inspect.signature(aws_sdk.eks.PodIdentityAssociationArgs).parameters
    outputs = {
        name
        for name, found in vars(aws_sdk.eks.PodIdentityAssociation).items()
        if isinstance(found, property)
    }

    fields = PodIdentityAssociation.fields
    # The bridge fills `tagsAll` in, and no program may give it.
    assert _in_python(inputs_of(fields)) - {"tags_all"} == set(inputs)
    assert _in_python(fields) == outputs


def test_preview_of_a_creation_knows_what_is_given(driver: Driver) -> None:
    """The ARN of a role that is not made yet is unknown, and so is what EKS gives."""
    given = driver.checked(_given(UNKNOWN, "previewed", tags={"a": "1"}))

    resource_id, state = driver.create(given, preview=True)

    assert resource_id == ""
    assert state == {
        "associationArn": UNKNOWN,
        "associationId": UNKNOWN,
        "clusterName": CLUSTER,
        "disableSessionTags": False,
        "externalId": UNKNOWN,
        "id": UNKNOWN,
        "namespace": "apps",
        "region": UNKNOWN,
        "roleArn": UNKNOWN,
        "serviceAccount": "previewed",
        "tags": {"a": "1"},
        "tagsAll": {"a": "1", "stack": "dev"},
    }


def test_association_is_made_changed_and_removed(
    driver: Driver, client: AwsClient, roles: tuple[str, str]
) -> None:
    """Role, target and tags in place; a second removal is fine."""
    given = driver.checked(_given(roles[0], "changed", tags={"a": "1", "b": "2"}))
    resource_id, state = driver.create(given)
    made = _held(client, state)

    news = driver.checked(
        _given(roles[1], "changed", tags={"a": "3"}, targetRoleArn=TARGET)
    )
    previewed = driver.update(resource_id, state, news, preview=True)
    changed = driver.update(resource_id, state, news)
    held = _held(client, changed)
    driver.delete(resource_id, changed)
    driver.delete(resource_id, changed)
    gone = driver.read(resource_id, inputs=news, state=changed)

    external_id = f"us-west-2/{ACCOUNT}/{CLUSTER}/apps/changed"
    assert resource_id == state["id"] == made["associationId"]
    assert state["associationArn"] == made["associationArn"]
    assert made["tags"] == {"a": "1", "b": "2", "stack": "dev"}
    assert driver.diff(state, given) == {}
    assert driver.diff(state, news) == {
        "roleArn": "UPDATE",
        "tags.a": "UPDATE",
        "tags.b": "DELETE",
        "tagsAll.a": "UPDATE",
        "tagsAll.b": "DELETE",
        "targetRoleArn": "ADD",
    }
    assert previewed["externalId"] is UNKNOWN
    assert changed == {**previewed, "externalId": external_id}
    assert (held["roleArn"], held["targetRoleArn"]) == (roles[1], TARGET)
    assert held["tags"] == {"a": "3", "stack": "dev"}
    assert gone == ("", {}, {})


@pytest.mark.parametrize(
    "name", ["clusterName", "namespace", "serviceAccount", "region"]
)
def test_another_service_account_is_another_association(
    driver: Driver, name: str
) -> None:
    """Whose association it is cannot be changed, as EKS has no call for it."""
    olds = {**_given("arn:aws:iam::1:role/r", "a"), "region": "us-west-2"}

    difference = driver.diff(olds, {**olds, name: "eu-west-1"})

    assert difference == {name: "UPDATE_REPLACE"}


def test_session_tags_and_policy_change_together(
    driver: Driver, client: AwsClient, roles: tuple[str, str]
) -> None:
    """EKS takes a policy only without session tags; equal policies are no change."""
    given = driver.checked(_given(roles[0], "narrowed"))
    resource_id, state = driver.create(given)
    policy: dict[str, object] = {"Version": "2012-10-17", "Statement": []}
    alone = driver.checked(_given(roles[0], "narrowed", policy=json.dumps(policy)))
    both = driver.checked({**alone, "disableSessionTags": True})

    with pytest.raises(RefusedError, match="a policy requires disableSessionTags"):
        driver.update(resource_id, state, alone)
    narrowed = driver.update(resource_id, state, both)
    spaced = {**both, "policy": json.dumps(policy, indent=2)}
    back = driver.diff(narrowed, given)

    assert _held(client, narrowed)["disableSessionTags"] is True
    assert driver.diff(narrowed, spaced) == {}
    assert back == {"disableSessionTags": "DELETE", "policy": "DELETE"}


def test_target_role_that_is_taken_away_stays_in_eks(
    driver: Driver, client: AwsClient, roles: tuple[str, str]
) -> None:
    """The plugin does not send what is not set; the next refresh shows it again."""
    chained = driver.checked(_given(roles[0], "chained", targetRoleArn=TARGET))
    resource_id, state = driver.create(chained)
    news = driver.checked(_given(roles[0], "chained"))

    changed = driver.update(resource_id, state, news)
    _, _, seen = driver.read(resource_id, inputs=news, state=changed)

    assert driver.diff(state, news) == {"targetRoleArn": "DELETE"}
    assert driver.diff(changed, news) == {}
    assert _held(client, changed)["targetRoleArn"] == TARGET
    assert driver.diff(seen, news) == {"targetRoleArn": "DELETE"}


def test_drift_and_deletion_by_hand_are_seen(
    driver: Driver, client: AwsClient, roles: tuple[str, str]
) -> None:
    """A refresh reads role and tags; what is gone is made again."""
    given = driver.checked(_given(roles[0], "drifted"))
    resource_id, state = driver.create(given)
    named = {"clusterName": CLUSTER, "associationId": resource_id}
    call = "update_pod_identity_association"
    client.call("eks", call, **named, roleArn=roles[1])

    _, inputs, seen = driver.read(resource_id, inputs=given, state=state)
    client.call("eks", "delete_pod_identity_association", **named)
    gone = driver.read(resource_id, inputs=given, state=seen)

    assert (seen["roleArn"], inputs["roleArn"]) == (roles[1], roles[1])
    assert driver.diff(seen, given) == {"roleArn": "UPDATE"}
    assert gone == ("", {}, {})


def test_import_knows_an_association_by_cluster_and_id(
    driver: Driver, roles: tuple[str, str]
) -> None:
    """The state has the id alone, as if the stack had made it."""
    given = driver.checked(_given(roles[0], "imported"))
    resource_id, made = driver.create(given)

    found_id, inputs, state = driver.read(f"{CLUSTER},{resource_id}")
    with pytest.raises(RefusedError) as wrong:
        driver.read(resource_id)

    assert found_id == resource_id
    assert {key: one for key, one in state.items() if one is not None} == {
        key: one for key, one in made.items() if one is not None
    } | {"tags": {}}
    assert driver.diff(state, given) == {}
    assert {key for key in inputs if not key.startswith("__")} >= {
        "clusterName",
        "namespace",
        "roleArn",
        "serviceAccount",
    }
    assert str(wrong.value).endswith(
        f"wrong format of import ID ({resource_id}), use: 'cluster-name,association-id'"
    )


def test_second_association_is_refused_in_the_plugins_words(
    driver: Driver, screen: Screen, roles: tuple[str, str]
) -> None:
    """Without a list of errors, and the other way round before it."""
    given = driver.checked(_given(roles[0], "twice"))
    first, _ = driver.create(given)

    with pytest.raises(RefusedError) as refused:
        driver.create(given)

    what, _, why = str(refused.value).partition(": ")
    assert what == "creating EKS Pod Identity Association"
    assert re.fullmatch(
        "operation error EKS: CreatePodIdentityAssociation, https response error "
        r"StatusCode: 409, RequestID: \S*, ResourceInUseException: "
        f"Association already exists: {first}",
        why,
    )
    assert screen.lines == [f"error: [ERROR] {why}: {what}"]


def test_update_that_fails_is_made_again(
    aws: Aws, driver: Driver, client: AwsClient, roles: tuple[str, str]
) -> None:
    """The recorded state stays, unlike that of a role."""
    resource_id, state = driver.create(driver.checked(_given(roles[0], "failed")))
    news = driver.checked(_given(roles[1], "failed"))

    with (
        aws.intercepted(Denied("UpdatePodIdentityAssociation")),
        pytest.raises(RefusedError, match=r"^updating EKS Pod Identity Association"),
    ):
        driver.update(resource_id, state, news)

    assert driver.recorded == {}
    assert driver.diff(state, news) == {"roleArn": "UPDATE"}
    assert _held(client, state)["roleArn"] == roles[0]


def test_role_has_to_be_passed(
    aws: Aws, driver: Driver, roles: tuple[str, str]
) -> None:
    """Whoever makes or changes an association needs `iam:PassRole` on its role."""
    given = driver.checked(_given(roles[0], "passed"))

    with (
        aws.intercepted(Denied("PassRole")),
        pytest.raises(RefusedError, match=f"PassRole on resource: {roles[0]}"),
    ):
        driver.create(given)


def test_add_on_is_found_or_not(driver: Driver) -> None:
    """In the words of the real plugin's lookups."""
    found, _ = driver.invoke(ADDON, {"addonName": AGENT, "clusterName": CLUSTER})
    bare = {"addonName": AGENT, "clusterName": CLUSTER, "region": "eu-west-1"}
    with pytest.raises(RefusedError) as refused:
        driver.invoke(ADDON, bare)
    _, failures = driver.invoke(ADDON, {"addonName": AGENT})

    results = inspect.signature(aws_sdk.eks.GetAddonResult).parameters
    assert (found["id"], found["addonName"]) == (f"{CLUSTER}:{AGENT}", AGENT)
    assert _in_python(found) == set(results)
    assert str(refused.value) == (
        f"invoking {ADDON}: 1 error occurred:\n\t* reading EKS Add-On "
        f"({CLUSTER}:{AGENT}): couldn't find resource\n\n"
    )
    assert failures == ["Missing required property 'clusterName'"]


def test_cluster_of_auto_mode_is_told(driver: Driver, aws: Aws) -> None:
    """By the lookup that the program makes anyway."""
    aws.create_cluster(
        name="auto",
        region="us-west-2",
        issuer_url=None,
        endpoint="https://127.0.0.1:6443",
        ca_pem="PEM",
        auto_mode=True,
    )

    lookup = "aws:eks/getCluster:getCluster"
    classic, _ = driver.invoke(lookup, {"name": CLUSTER})
    auto, _ = driver.invoke(lookup, {"name": "auto"})

    nothing: Properties = {"nodePools": [], "nodeRoleArn": ""}
    assert classic["computeConfigs"] == [{"enabled": False, **nothing}]
    assert auto["computeConfigs"] == [{"enabled": True, **nothing}]
