"""EKS's Pod Identity associations and add-ons: what is held, and what is refused.

`AwsClient` holds every answer to botocore's model of EKS.
"""

import json
from typing import Any

import pytest
from aws_client import AwsClient
from aws_faults import Lost

from sandbox.aws.moto_account import cluster_state
from sandbox.aws.pod_identity_rules import MAX_ASSOCIATIONS
from sandbox.aws.server import Aws

ACCOUNT = "410987654321"
PODS = {"Service": "pods.eks.amazonaws.com"}
BOTH = ["sts:AssumeRole", "sts:TagSession"]


def _trust(principal: object = PODS, action: object = BOTH) -> str:
    statement = {"Effect": "Allow", "Principal": principal, "Action": action}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _cluster(aws: Aws, name: str, region: str = "us-west-2", **options: Any) -> str:  # noqa: ANN401 - create_cluster's
    return aws.create_cluster(
        name=name,
        region=region,
        issuer_url=f"https://oidc.eks.{region}.amazonaws.com/id/{name}",
        endpoint="https://127.0.0.1:6443",
        ca_pem="-----BEGIN CERTIFICATE-----\n",
        **options,
    )


@pytest.fixture
def cluster(aws: Aws, name: str) -> str:
    """Put a cluster into the account; return its name."""
    _cluster(aws, name)
    return name


@pytest.fixture
def role_arn(client: AwsClient, name: str) -> str:
    """Make a role that Pod Identity may assume, with a path."""
    return _role(client, name, _trust())


def _role(client: AwsClient, name: str, trust: str) -> str:
    role = client.call(
        "iam",
        "create_role",
        RoleName=name,
        Path="/pods/",
        AssumeRolePolicyDocument=trust,
    )
    return str(role["Role"]["Arn"])


def _wanted(cluster: str, role_arn: str, **changes: object) -> dict[str, object]:
    usual = {
        "clusterName": cluster,
        "namespace": "backend-apps",
        "serviceAccount": "s3-reader",
        "roleArn": role_arn,
    }
    return {key: one for key, one in (usual | changes).items() if one is not None}


def _made(client: AwsClient, wanted: dict[str, object]) -> dict[str, Any]:
    answer = client.call("eks", "create_pod_identity_association", **wanted)
    return dict(answer["association"])


def _named(cluster: str, association: dict[str, Any]) -> dict[str, str]:
    return {"clusterName": cluster, "associationId": association["associationId"]}


def _refused(client: AwsClient, wanted: dict[str, object]) -> tuple[int, str, str]:
    return client.refused("eks", "create_pod_identity_association", **wanted)


def test_association_is_held_as_it_was_made(
    client: AwsClient, cluster: str, role_arn: str
) -> None:
    """What was given, and what EKS gives: ARN, id and times."""
    made = _made(client, _wanted(cluster, role_arn, tags={"team": "a"}))

    named = _named(cluster, made)
    held = client.call("eks", "describe_pod_identity_association", **named)
    identifier = made["associationId"]
    assert held == {"association": made}
    assert made.pop("createdAt") == made.pop("modifiedAt")
    assert len(identifier) == len("a-") + 17
    assert made == {
        "clusterName": cluster,
        "namespace": "backend-apps",
        "serviceAccount": "s3-reader",
        "roleArn": role_arn,
        "associationArn": (
            f"arn:aws:eks:us-west-2:{ACCOUNT}:podidentityassociation/{cluster}/"
            f"{identifier}"
        ),
        "associationId": identifier,
        "tags": {"team": "a"},
        "disableSessionTags": False,
    }


def test_second_association_of_a_service_account_is_refused(
    client: AwsClient, cluster: str, role_arn: str
) -> None:
    """In EKS's words, which name the first one; other accounts have their own."""
    first = _made(client, _wanted(cluster, role_arn))

    refusal = _refused(client, _wanted(cluster, role_arn))
    other = _made(client, _wanted(cluster, role_arn, namespace="other"))

    text = f"Association already exists: {first['associationId']}"
    assert refusal == (409, "ResourceInUseException", text)
    assert other["associationId"] != first["associationId"]


def test_same_request_made_again_gives_the_first_answer(
    aws: Aws, client: AwsClient, cluster: str, role_arn: str
) -> None:
    """So that a lost answer costs nothing; another request under its token does."""
    wanted = _wanted(cluster, role_arn, clientRequestToken="once")
    with aws.intercepted(Lost("CreatePodIdentityAssociation")):
        client.refused("eks", "create_pod_identity_association", **wanted)

    again = _made(client, wanted)
    refusal = _refused(client, {**wanted, "roleArn": role_arn, "tags": {"a": "1"}})

    listed = client.call("eks", "list_pod_identity_associations", clusterName=cluster)
    assert [one["associationId"] for one in listed["associations"]] == [
        again["associationId"]
    ]
    assert refusal[1] == "ResourceInUseException"


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        pytest.param(
            {"roleArn": f"arn:aws:iam::{ACCOUNT}:role/nobody"},
            "Role provided in the request does not exist.",
            id="no role",
        ),
        pytest.param(
            {"roleArn": "arn:aws:iam::999999999999:role/theirs"},
            "Cross-account pass role is not allowed.",
            id="role of another account",
        ),
        pytest.param(
            {"roleArn": "s3-reader"}, "s3-reader is not the ARN of a role", id="no ARN"
        ),
        pytest.param(
            {"targetRoleArn": "there"}, "there is not the ARN of a role", id="no target"
        ),
        pytest.param({"namespace": None}, "namespace is required", id="no namespace"),
        pytest.param(
            {"policy": "{}"},
            "a policy requires disableSessionTags to be true",
            id="policy beside session tags",
        ),
        pytest.param(
            {"policy": "[]", "disableSessionTags": True},
            "the policy is no JSON object of at most 2048 characters",
            id="no policy",
        ),
        pytest.param(
            {"tags": {str(number): "" for number in range(51)}},
            "a resource has at most 50 tags",
            id="51 tags",
        ),
        pytest.param(
            {"tags": {"AWS:x": ""}},
            "the tag 'AWS:x' has a prefix of AWS's own",
            id="reserved tag",
        ),
    ],
)
def test_association_that_eks_would_not_hold_is_refused(
    client: AwsClient,
    cluster: str,
    role_arn: str,
    changes: dict[str, object],
    text: str,
) -> None:
    """One thing wrong is enough."""
    refusal = _refused(client, _wanted(cluster, role_arn, **changes))

    assert refusal == (400, "InvalidParameterException", text)


@pytest.mark.parametrize(
    ("trust", "disabled", "taken"),
    [
        (_trust(), False, True),
        (_trust(PODS, "sts:*"), False, True),
        (_trust({"Service": ["ec2.amazonaws.com", PODS["Service"]]}), False, True),
        (_trust(PODS, "sts:AssumeRole"), False, False),
        (_trust(PODS, "sts:AssumeRole"), True, True),
        (_trust({"Service": "ec2.amazonaws.com"}), False, False),
        (_trust({"AWS": "*"}), False, False),
        (_trust().replace("Allow", "Deny"), False, False),
    ],
)
def test_role_has_to_trust_pod_identity(
    client: AwsClient,
    cluster: str,
    trust: str,
    disabled: bool,  # noqa: FBT001 - a parameter of the table
    taken: bool,  # noqa: FBT001 - as above
) -> None:
    """Both actions, or without session tags the one."""
    wanted = _wanted(cluster, _role(client, cluster, trust))
    wanted["disableSessionTags"] = disabled

    if taken:
        assert _made(client, wanted)["disableSessionTags"] == disabled
        return
    assert _refused(client, wanted) == (
        400,
        "InvalidParameterException",
        "Trust policy of role provided in the request is invalid.",
    )


def test_associations_are_listed_by_pages_and_filters(
    client: AwsClient, cluster: str, role_arn: str
) -> None:
    """Summaries have no role; a filter is about one namespace or service account."""
    for number in range(3):
        given = {"namespace": f"n{number % 2}", "serviceAccount": f"a{number}"}
        _made(client, _wanted(cluster, role_arn, **given))

    def listed(**given: object) -> dict[str, Any]:
        call = "list_pod_identity_associations"
        return client.call("eks", call, clusterName=cluster, **given)

    first = listed(maxResults=2)
    second = listed(maxResults=2, nextToken=first["nextToken"])
    pages = [*first["associations"], *second["associations"]]
    filtered = listed(namespace="n0", serviceAccount="a2")["associations"]
    assert [one["serviceAccount"] for one in pages] == ["a0", "a1", "a2"]
    assert ("nextToken" in first, "nextToken" in second) == (True, False)
    assert [one["serviceAccount"] for one in filtered] == ["a2"]
    assert {key for one in pages for key in one} == {
        "associationArn",
        "associationId",
        "clusterName",
        "namespace",
        "serviceAccount",
    }


def test_update_changes_role_target_and_session_tags(
    client: AwsClient, cluster: str, role_arn: str, name: str
) -> None:
    """What is not given stays; an empty target takes it away, with its external id."""
    other = _role(client, f"{name}-2", _trust())
    target = "arn:aws:iam::999999999999:role/theirs"
    made = _made(client, _wanted(cluster, role_arn))

    def updated(**given: object) -> dict[str, Any]:
        call = "update_pod_identity_association"
        return dict(
            client.call("eks", call, **_named(cluster, made), **given)["association"]
        )

    chained = updated(roleArn=other, targetRoleArn=target)
    narrowed = updated(disableSessionTags=True, policy="{}")
    single = updated(targetRoleArn="")
    assert (chained["roleArn"], chained["targetRoleArn"]) == (other, target)
    assert chained["externalId"] == (
        f"us-west-2/{ACCOUNT}/{cluster}/backend-apps/s3-reader"
    )
    assert (narrowed["policy"], narrowed["targetRoleArn"]) == ("{}", target)
    assert {"targetRoleArn", "externalId"}.isdisjoint(single)
    assert single["disableSessionTags"] is True


def test_update_that_eks_would_not_hold_changes_nothing(
    client: AwsClient, cluster: str, role_arn: str
) -> None:
    """Nor does one that names nothing to change."""
    made = _made(client, _wanted(cluster, role_arn))
    call = "update_pod_identity_association"
    named = _named(cluster, made)

    nobody = f"{role_arn}-2"
    absent = client.refused("eks", call, **named, roleArn=nobody)
    tagged = client.refused("eks", call, **named, policy="{}")
    empty = client.refused("eks", call, **named)

    held = client.call("eks", "describe_pod_identity_association", **named)
    assert absent[1:] == (
        "InvalidParameterException",
        "Role provided in the request does not exist.",
    )
    assert (tagged[1], empty[1]) == ("InvalidParameterException",) * 2
    assert held["association"] == made


def test_tags_are_set_and_taken_away(
    client: AwsClient, cluster: str, role_arn: str
) -> None:
    """By the association's ARN, as for every resource of EKS."""
    made = _made(client, _wanted(cluster, role_arn, tags={"a": "1", "b": "2"}))
    arn = made["associationArn"]

    client.call("eks", "tag_resource", resourceArn=arn, tags={"b": "3", "c d": "4"})
    client.call("eks", "untag_resource", resourceArn=arn, tagKeys=["a", "c d"])
    refusal = client.refused(
        "eks", "tag_resource", resourceArn=f"{arn}x", tags={"a": "1"}
    )

    named = _named(cluster, made)
    held = client.call("eks", "describe_pod_identity_association", **named)
    assert held["association"]["tags"] == {"b": "3"}
    assert refusal[:2] == (404, "NotFoundException")


def test_what_is_not_there_is_not_found(
    client: AwsClient, cluster: str, role_arn: str
) -> None:
    """A cluster in EKS's words, an association by EKS's code."""
    made = _made(client, _wanted(cluster, role_arn))
    named = _named(cluster, made)
    client.call("eks", "delete_pod_identity_association", **named)

    gone = client.refused("eks", "describe_pod_identity_association", **named)
    again = client.refused("eks", "delete_pod_identity_association", **named)
    nowhere = _refused(client, _wanted("nowhere", role_arn))

    assert gone[:2] == again[:2] == (404, "ResourceNotFoundException")
    assert nowhere == (
        404,
        "ResourceNotFoundException",
        "No cluster found for name: nowhere.",
    )


def test_associations_go_with_their_cluster(
    aws: Aws, client: AwsClient, cluster: str, role_arn: str
) -> None:
    """A cluster of the same name, here or in another region, begins without any."""
    _made(client, _wanted(cluster, role_arn))
    elsewhere = AwsClient(aws, region="eu-west-1")
    _cluster(aws, cluster, "eu-west-1")

    client.call("eks", "delete_cluster", name=cluster)
    _cluster(aws, cluster)

    for one in (client, elsewhere):
        listed = one.call("eks", "list_pod_identity_associations", clusterName=cluster)
        assert listed == {"associations": []}


def test_cluster_is_full_at_its_quota(
    client: AwsClient, cluster: str, role_arn: str
) -> None:
    """One association more than 5,000 is refused; the code is EKS's."""
    made = _made(client, _wanted(cluster, role_arn))
    state = cluster_state(account_id=ACCOUNT, region="us-west-2", name=cluster)
    assert state is not None
    for number in range(MAX_ASSOCIATIONS - 1):
        state.associations[f"a-{number}"] = {**made, "serviceAccount": str(number)}

    refusal = _refused(client, _wanted(cluster, role_arn, serviceAccount="more"))

    assert refusal[:2] == (400, "ResourceLimitExceededException")


@pytest.mark.parametrize("region", ["cn-north-1", "us-gov-west-1"])
def test_association_is_in_the_partition_of_its_cluster(
    aws: Aws, name: str, region: str
) -> None:
    """Role and association have the same one; the service's name does not change."""
    client = AwsClient(aws, region=region)
    arn = _cluster(aws, name, region)
    role_arn = _role(client, name, _trust())

    made = _made(client, _wanted(name, role_arn))

    where = arn.replace(":cluster/", ":podidentityassociation/")
    assert made["associationArn"].startswith(f"{where}/a-")
    assert role_arn.split(":")[1] == arn.split(":")[1] != "aws"


def test_agent_is_an_add_on_unless_a_test_says_otherwise(aws: Aws, name: str) -> None:
    """Absent, it is refused in EKS's words."""
    client, agent = AwsClient(aws), "eks-pod-identity-agent"
    _cluster(aws, name)
    _cluster(aws, f"{name}-2", addons=())

    addon = client.call("eks", "describe_addon", clusterName=name, addonName=agent)
    listed = client.call("eks", "list_addons", clusterName=name)
    bare = client.call("eks", "list_addons", clusterName=f"{name}-2")
    refusal = client.refused(
        "eks", "describe_addon", clusterName=f"{name}-2", addonName=agent
    )

    assert addon["addon"]["status"] == "ACTIVE"
    assert (listed, bare) == ({"addons": [agent]}, {"addons": []})
    text = f"No addon: {agent} found in cluster: {name}-2"
    assert refusal == (404, "ResourceNotFoundException", text)


@pytest.mark.parametrize("auto_mode", [True, False])
def test_cluster_tells_whether_it_is_of_auto_mode(
    aws: Aws,
    name: str,
    auto_mode: bool,  # noqa: FBT001 - a parameter of the table
) -> None:
    """By its compute configuration, as EKS describes it."""
    _cluster(aws, name, auto_mode=auto_mode)

    described = AwsClient(aws).call("eks", "describe_cluster", name=name)

    assert described["cluster"]["computeConfig"] == {"enabled": auto_mode}
