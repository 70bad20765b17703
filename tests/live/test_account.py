"""What is read of an AWS account, held against botocore's models and moto."""

import importlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from live_estates import ACCOUNT, ISSUER, READ_ONLY, Estate, account_of, trusting

from eks_irsa.live.account import LiveAccount, read_account
from eks_irsa.live.clients import AwsSession
from eks_irsa.live.clusters import described_cluster
from eks_irsa.live.model import (
    LiveAssociation,
    LiveCluster,
    LiveProvider,
    LiveRole,
    LiveStack,
    Unread,
)
from eks_irsa.live.offline import (
    COMMANDS,
    FileError,
    account_of_files,
    service_accounts_of_file,
)
from eks_irsa.live.roles import live_role
from eks_irsa.live.stacks import service_account_stacks

OTHER = "444455556666"
OBJECTS = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}],
}


@pytest.fixture(name="session")
def _session(monkeypatch: pytest.MonkeyPatch) -> Iterator[AwsSession]:
    """Return a session in an AWS account that moto stands in for."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    moto: Any = importlib.import_module("moto")
    with moto.mock_aws():
        yield AwsSession(region="us-west-2")


@pytest.fixture(name="cluster")
def _cluster(session: AwsSession) -> LiveCluster:
    """Make a cluster, and return it as it is read."""
    eks = session.client("eks")
    eks.create_cluster(
        name="shop",
        roleArn=f"arn:aws:iam::{ACCOUNT}:role/cluster",
        resourcesVpcConfig={"subnetIds": ["subnet-1", "subnet-2"]},
    )
    found, _ = described_cluster(eks, "shop")
    assert isinstance(found, LiveCluster)
    return found


def read(session: AwsSession, cluster: LiveCluster) -> LiveAccount:
    """Read the account; the cluster has no service accounts."""
    return read_account(session, cluster=cluster, service_accounts=())


def test_a_role_is_read_with_all_it_has(
    session: AwsSession, cluster: LiveCluster
) -> None:
    """Policies, boundary, tags, path; description and session of roles for pods."""
    provider = read(session, cluster).provider_arn
    iam = session.client("iam")
    boundary = iam.create_policy(
        PolicyName="bound", PolicyDocument=json.dumps(OBJECTS)
    )["Policy"]["Arn"]
    made = iam.create_role(
        RoleName="reader",
        Path="/irsa/",
        AssumeRolePolicyDocument=json.dumps(trusting("apps:reader", provider=provider)),
        Description="reads",
        MaxSessionDuration=7200,
        PermissionsBoundary=boundary,
        Tags=[{"Key": "team", "Value": "x"}],
    )["Role"]
    iam.attach_role_policy(RoleName="reader", PolicyArn=boundary)
    iam.put_role_policy(
        RoleName="reader", PolicyName="own", PolicyDocument=json.dumps(OBJECTS)
    )
    iam.create_role(
        RoleName="other", AssumeRolePolicyDocument=json.dumps(trusting("a:b"))
    )

    roles = read(session, cluster).roles

    assert not isinstance(roles, Unread)
    assert roles["reader"] == LiveRole(
        name="reader",
        arn=made["Arn"],
        path="/irsa/",
        trust_policy=json.dumps(
            trusting("apps:reader", provider=provider), separators=(",", ":")
        ),
        description="reads",
        max_session_duration_seconds=7200,
        permissions_boundary=boundary,
        managed_policy_arns=(boundary,),
        inline_policies={"own": json.dumps(OBJECTS, separators=(",", ":"))},
        tags={"team": "x"},
    )
    assert roles["other"].description is None


def test_the_provider_is_read_or_known_to_be_absent(
    session: AwsSession, cluster: LiveCluster
) -> None:
    """None is no provider, and not one that could not be read."""
    before = read(session, cluster)

    session.client("iam").create_open_id_connect_provider(
        Url=cluster.issuer_url,
        ClientIDList=["sts.amazonaws.com"],
        ThumbprintList=["9" * 40],
    )

    assert before.provider is None
    assert read(session, cluster).provider == LiveProvider(
        arn=before.provider_arn,
        client_ids=("sts.amazonaws.com",),
        tags={},
    )


def test_associations_are_read_with_their_roles(
    session: AwsSession, cluster: LiveCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Listing them does not tell the role. Moto has none; botocore holds these."""
    arn = f"arn:aws:iam::{ACCOUNT}:role/reader"
    both = {
        "associationId": "a-1",
        "namespace": "apps",
        "serviceAccount": "reader",
        "associationArn": "arn:aws:eks:us-west-2:1:podidentityassociation/shop/a-1",
    }
    client = session.client
    stub: Any = importlib.import_module("botocore.stub")
    eks = client("eks")
    answers = stub.Stubber(eks)
    answers.add_response("list_pod_identity_associations", {"associations": [both]})
    described = {"association": both | {"roleArn": arn}}
    answers.add_response("describe_pod_identity_association", described)
    answers.activate()

    def stubbed(service: str) -> Any:  # noqa: ANN401 - without types
        return eks if service == "eks" else client(service)

    monkeypatch.setattr(session, "client", stubbed)

    found = read(session, cluster).associations

    assert not isinstance(found, Unread)
    assert [(one.key, one.role_arn) for one in found] == [("apps/reader", arn)]


def test_what_cannot_be_read_is_said_and_the_rest_is_read(
    session: AwsSession, cluster: LiveCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A refusal of one call is no absence, and stops nothing else."""
    client = session.client
    errors: Any = importlib.import_module("botocore.exceptions")

    def refuse(**_given: object) -> None:
        refusal = {"Error": {"Code": "AccessDenied", "Message": "no"}}
        raise errors.ClientError(refusal, "DescribeStacks")

    def refusing(service: str) -> Any:  # noqa: ANN401 - without types
        made = client(service)
        if service == "cloudformation":
            made.meta.events.register("before-call", refuse)
        return made

    monkeypatch.setattr(session, "client", refusing)

    account = read(session, cluster)

    assert account.stacks == Unread("cloudformation:DescribeStacks is not allowed")
    assert "CloudFormation stacks" in account.unread
    assert account.roles == {}


def test_a_role_whose_details_are_refused_is_read_without_them(
    session: AwsSession, cluster: LiveCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its policies are known all the same."""
    client = session.client
    errors: Any = importlib.import_module("botocore.exceptions")
    provider = read(session, cluster).provider_arn
    client("iam").create_role(
        RoleName="reader",
        AssumeRolePolicyDocument=json.dumps(trusting("apps:reader", provider=provider)),
    )

    def refuse(**_given: object) -> None:
        refusal = {"Error": {"Code": "AccessDenied", "Message": "no"}}
        raise errors.ClientError(refusal, "GetRole")

    def refusing(service: str) -> Any:  # noqa: ANN401 - without types
        made = client(service)
        made.meta.events.register("before-call.iam.GetRole", refuse)
        return made

    monkeypatch.setattr(session, "client", refusing)

    roles = read(session, cluster).roles

    assert not isinstance(roles, Unread)
    assert roles["reader"].max_session_duration_seconds is None


@pytest.mark.parametrize(
    ("service", "operation", "option"),
    [
        pytest.param("iam", "GetAccountAuthorizationDetails", "roles", id="roles"),
        pytest.param("iam", "ListRoles", "role-details", id="details"),
        pytest.param("cloudformation", "DescribeStacks", "stacks", id="stacks"),
        pytest.param("eks", "DescribeCluster", "cluster-description", id="cluster"),
    ],
)
def test_documents_of_these_tests_are_what_the_aws_cli_prints(
    estate: Estate, tmp_path: Path, service: str, operation: str, option: str
) -> None:
    """They have botocore's members, and what is required of them."""
    estate.made_by_eksctl("apps/reader", inline={"Policy1": OBJECTS})
    document = json.loads(estate.write(tmp_path)[option].read_text("utf-8"))
    session: Any = importlib.import_module("botocore.session").Session()
    shape = session.get_service_model(service).operation_model(operation).output_shape

    assert unknown(document, shape) == []


def test_associations_of_these_tests_are_what_the_aws_cli_prints(
    estate: Estate, tmp_path: Path
) -> None:
    """A list without roles, then the description of each."""
    estate.association("apps/reader", f"arn:aws:iam::{ACCOUNT}:role/reader")
    text = estate.write(tmp_path)["associations"].read_text("utf-8")
    listed, end = json.JSONDecoder().raw_decode(text)
    session: Any = importlib.import_module("botocore.session").Session()
    service = session.get_service_model("eks")

    for operation, document in (
        ("ListPodIdentityAssociations", listed),
        ("DescribePodIdentityAssociation", json.loads(text[end:])),
    ):
        assert unknown(document, service.operation_model(operation).output_shape) == []


def unknown(value: Any, shape: Any, at: str = "") -> list[str]:  # noqa: ANN401 - without types
    """List members that a shape of botocore does not have, or that are missing."""
    if shape.type_name == "structure":
        found = [f"{at}.{key}" for key in value if key not in shape.members]
        found += [f"{at}.{key}" for key in shape.required_members if key not in value]
        for key in value.keys() & shape.members.keys():
            found += unknown(value[key], shape.members[key], f"{at}.{key}")
        return found
    if shape.type_name == "list":
        return [it for one in value for it in unknown(one, shape.member, at)]
    return []


def test_policies_are_read_in_every_way_they_are_printed() -> None:
    """The AWS CLI decodes them; the API gives them URL-encoded."""
    written = json.dumps(trusting("apps:reader"), separators=(",", ":"))
    documents = [trusting("apps:reader"), written, quote(written)]
    described = {"RoleName": "r", "Arn": f"arn:aws:iam::{ACCOUNT}:role/r"}

    roles = [
        live_role({**described, "AssumeRolePolicyDocument": one}) for one in documents
    ]

    assert [one.trust_policy for one in roles] == [written] * 3


def test_files_tell_what_an_account_has(estate: Estate, tmp_path: Path) -> None:
    """And what no file tells, is not read."""
    arn = estate.made_by_eksctl("apps/reader")
    paths = estate.write(tmp_path)

    account = account_of_files(
        cluster=paths["cluster-description"],
        roles=paths["roles"],
        service_accounts=service_accounts_of_file(paths["service-accounts"]),
    )

    assert account.cluster.issuer_url == f"https://{ISSUER}"
    assert not isinstance(account.roles, Unread)
    (role,) = account.roles.values()
    assert (role.arn, role.description, role.managed_policy_arns) == (
        arn,
        None,
        (READ_ONLY,),
    )
    assert account.unread == {
        "the IAM OIDC provider": "no option gives it; pulumi up looks at it",
        "CloudFormation stacks": "no file was given",
        "EKS Pod Identity associations": "no file was given",
    }


def test_associations_are_read_of_a_file(estate: Estate, tmp_path: Path) -> None:
    """The list tells that they are all, and each description its role."""
    arn = f"arn:aws:iam::{ACCOUNT}:role/reader"
    none = account_of(estate.write(tmp_path)).associations
    first = estate.association("apps/reader", arn, tags={"team": "x"})
    second = estate.association("apps/other", arn, disableSessionTags=True)

    found = account_of(estate.write(tmp_path)).associations

    assert none == ()
    assert found == (
        LiveAssociation(
            id=first,
            namespace="apps",
            service_account="reader",
            role_arn=arn,
            tags={"team": "x"},
        ),
        LiveAssociation(
            id=second,
            namespace="apps",
            service_account="other",
            role_arn=arn,
            disable_session_tags=True,
        ),
    )


def test_associations_that_nobody_described_are_named(
    estate: Estate, tmp_path: Path
) -> None:
    """Without its role an association says nothing."""
    for name in ("reader", "other"):
        estate.association(f"apps/{name}", f"arn:aws:iam::{ACCOUNT}:role/{name}")
    paths = estate.write(tmp_path)
    path = paths["associations"]
    listed, _ = json.JSONDecoder().raw_decode(path.read_text("utf-8"))
    path.write_text(json.dumps(listed), encoding="utf-8")

    with pytest.raises(FileError) as refused:
        account_of(paths)

    ids = [one["associationId"] for one in estate.associations]
    assert str(refused.value) == (
        f"{path} lacks what describes {ids[0]}, {ids[1]}; add to it, for each, what "
        "'aws eks describe-pod-identity-association --cluster-name CLUSTER "
        f"--association-id {ids[0]}' prints"
    )


@pytest.mark.parametrize(
    ("file", "before", "after", "place"),
    [
        pytest.param("roles", ACCOUNT, OTHER, "AWS account", id="roles"),
        pytest.param("role-details", ACCOUNT, OTHER, "AWS account", id="details"),
        pytest.param("stacks", ACCOUNT, OTHER, "AWS account", id="stacks"),
        pytest.param("associations", ACCOUNT, OTHER, "AWS account", id="associations"),
        pytest.param("stacks", "us-west-2", "eu-west-1", "AWS region", id="region"),
    ],
)
def test_a_file_of_another_place_is_refused(  # noqa: PLR0913 - the parameters
    estate: Estate, tmp_path: Path, file: str, *, before: str, after: str, place: str
) -> None:
    """All that there is would pass for absent, or be of a role of the same name."""
    estate.association("apps/reader", estate.made_by_eksctl("apps/reader"))
    paths = estate.write(tmp_path)
    text = paths[file].read_text("utf-8").replace(before, after)
    paths[file].write_text(text, encoding="utf-8")

    with pytest.raises(FileError) as refused:
        account_of(paths)

    command = COMMANDS[file.replace("-", "_")]
    assert str(refused.value) == (
        f"{paths[file]} is of the {place} {after}, and the cluster is in {before}; run "
        f"'{command}' there"
    )


def test_associations_of_another_cluster_are_refused(
    estate: Estate, tmp_path: Path
) -> None:
    """Its service accounts may have the same names."""
    estate.association("apps/reader", f"arn:aws:iam::{ACCOUNT}:role/reader")
    paths = estate.write(tmp_path)
    path = paths["associations"]
    text = path.read_text("utf-8").replace("association/shop/", "association/shop2/")
    path.write_text(text, encoding="utf-8")

    with pytest.raises(FileError, match="which is not of 'shop'"):
        account_of(paths)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"items": 1}',
        '{"items": [{}]}',
        '{"items": []} {"items": []}',
        '{"items": [{"kind": "Pod", "metadata": {"name": "a", "namespace": "b"}}]}',
    ],
)
def test_a_file_of_something_else_is_named(tmp_path: Path, text: str) -> None:
    """With the command that would have printed it."""
    path = tmp_path / "x.json"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(FileError) as refused:
        service_accounts_of_file(path)

    assert str(refused.value) == (
        f"{path} is not what 'kubectl get serviceaccounts --all-namespaces "
        "--show-managed-fields --output json' prints as JSON"
    )


@pytest.mark.parametrize(
    "mark",
    [
        pytest.param({"NextToken": "t"}, id="max-items"),
        pytest.param({"IsTruncated": True, "Marker": "m"}, id="no-paginate"),
        pytest.param({"nextToken": "t"}, id="no-paginate of EKS"),
        pytest.param({"metadata": {"continue": "c"}}, id="limit"),
    ],
)
def test_a_list_that_was_cut_off_is_not_taken_for_the_whole(
    tmp_path: Path, mark: dict[str, object]
) -> None:
    """What is missing would pass for absent."""
    path = tmp_path / "x.json"
    path.write_text(json.dumps({"items": [], **mark}), encoding="utf-8")

    with pytest.raises(FileError) as refused:
        service_accounts_of_file(path)

    assert str(refused.value) == (
        f"{path} is only a part of what there is; run 'kubectl get serviceaccounts "
        "--all-namespaces --show-managed-fields --output json' without --max-items, "
        "--no-paginate and --limit"
    )


@pytest.mark.parametrize(
    "mark", [{"IsTruncated": False}, {"metadata": {"resourceVersion": ""}}]
)
def test_a_list_that_says_that_it_is_whole_is_read(
    tmp_path: Path, mark: dict[str, object]
) -> None:
    """As the AWS CLI and kubectl do."""
    path = tmp_path / "x.json"
    path.write_text(json.dumps({"items": [], **mark}), encoding="utf-8")

    assert service_accounts_of_file(path) == ()


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """With the system's reason."""
    with pytest.raises(FileError, match="cannot be read: No such file or directory"):
        service_accounts_of_file(tmp_path / "x.json")


IRSA = "alpha.eksctl.io/iamserviceaccount-name"
BY_AGENT = "alpha.eksctl.io/podidentityassociation-name"


def stack(
    name: str, key: str, *, tag: str = IRSA, cluster: str = "shop", status: str = ""
) -> LiveStack:
    """Give a stack as eksctl tags it."""
    return LiveStack(
        name=name,
        id="",
        status=status,
        tags={"alpha.eksctl.io/cluster-name": cluster, tag: key},
        outputs={},
    )


def test_stacks_are_told_by_their_tags() -> None:
    """Names are ambiguous: `a-b/c` and `a/b-c` have one; a move takes a tag off."""
    prefix = "eksctl-shop-addon-iamserviceaccount"
    own = stack(f"{prefix}-a-b-c", "a-b/c")
    moved = stack(f"{prefix}-m-m", "m/m", tag=BY_AGENT)
    by_agent = stack("eksctl-shop-podidentityrole-a-b-c", "a-b/c", tag=BY_AGENT)
    others = [
        stack("eksctl-shop-addon-vpc-cni", "kube-system/aws-node"),
        stack("eksctl-shop-addon-vpc-cni-podidentityrole-x", "k/x", tag=BY_AGENT),
        stack(f"{prefix}-a-d", "a/d", cluster="shop-2"),
        stack(f"{prefix}-e-e", "e/e", status="DELETE_COMPLETE"),
        stack(f"{prefix}-f-f", "f/f", tag="another"),
    ]

    found = service_account_stacks([by_agent, *others, moved, own], cluster="shop")

    assert found == {"a-b/c": [own, by_agent], "m/m": [moved]}
