"""A program is run as the engine would run it, and every run begins anew."""

import inspect
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pulumi
import pulumi_aws as aws
import pytest
from pulumi.runtime.rpc import is_rpc_secret

from eks_irsa.testing import ACCOUNT_ID, ISSUER_URL, Secret, deploy
from eks_irsa.testing.mock_aws import described_cluster

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = (ROOT / "docs/unit-tests.md").read_text(encoding="utf-8")
BUCKET: Final = "arn:aws:s3:::receipts"
NEW_CLUSTER: Final[dict[str, Any]] = {
    **described_cluster({"name": "new"}),
    "certificateAuthority": {"data": "Q0E="},
}
# Settings of each example, and what AWS gives what it makes.
EXAMPLES: Final[dict[str, tuple[dict[str, str], dict[str, dict[str, object]]]]] = {
    "application": (
        {
            "cluster": "blue",
            "namespace": "shop",
            "bucketArn": BUCKET,
            "queueArn": "arn:aws:sqs:us-west-2:111122223333:incoming",
            "image": "worker:1",
            "keyArn": "arn:aws:kms:us-west-2:111122223333:key/1",
        },
        {},
    ),
    "new-cluster": ({"subnetIds": '["a"]'}, {"new": NEW_CLUSTER}),
    "platform": ({"cluster": "blue", "hostedZones": '["Z1"]'}, {}),
    "two-clusters": ({"owner": "blue", "others": '["green"]'}, {}),
}
# What IAM has for the two examples that read a provider.
PROVIDER: Final = {
    "aws:iam/getOpenIdConnectProvider:getOpenIdConnectProvider": {
        "clientIdLists": ["sts.amazonaws.com"]
    }
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_runs_with_the_answers_of_the_page(name: str) -> None:
    """With its own configuration, and nothing of AWS but what it reads and makes."""
    settings, returned = EXAMPLES[name]
    answers = PROVIDER if name == "application" else {}

    made = deploy(
        ROOT / "examples" / name,
        project=name,
        config={f"{name}:{key}": value for key, value in settings.items()},
        answers=answers,
        returned=returned,
    )

    assert made.of_type(":IrsaServiceAccount")
    assert made.logs == []


def test_every_example_is_run() -> None:
    """A new one is not forgotten."""
    programs = (ROOT / "examples").glob("*/__main__.py")

    assert {one.parent.name for one in programs} == set(EXAMPLES)


def test_modules_of_a_program_are_loaded_in_every_run(tmp_path: Path) -> None:
    """What they register is there each time, and another program's are not met."""
    for name in ("one", "two"):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "__main__.py").write_text("import made", encoding="utf-8")
        (folder / "made.py").write_text(
            f"import pulumi_aws as aws\naws.sqs.Queue({name!r})", encoding="utf-8"
        )

    names = [
        [one.name for one in deploy(tmp_path / name).of_type(":Queue")]
        for name in ("one", "one", "two")
    ]

    assert names == [["one"], ["one"], ["two"]]
    assert "made" not in sys.modules


def test_a_question_without_an_answer_names_what_to_write() -> None:
    """No answer is made up."""
    with pytest.raises(AssertionError) as raised:
        deploy(lambda: aws.get_availability_zones(state="available") and None)

    assert str(raised.value) == (
        "the program asks for "
        "aws:index/getAvailabilityZones:getAvailabilityZones of "
        "{'state': 'available'}; give the answer: "
        "answers={'aws:index/getAvailabilityZones:getAvailabilityZones': ...}"
    )


def test_what_a_program_raises_is_kept_if_it_is_asked_for() -> None:
    """With what it had registered before."""

    def program() -> None:
        aws.sqs.Queue("before")
        msg = "stopped"
        raise ValueError(msg)

    made = deploy(program, check=False)

    assert str(made.error) == "stopped"


def test_a_resource_that_is_not_there_is_missed_with_those_that_are() -> None:
    """The message says what to look for instead."""
    made = deploy(lambda: aws.sqs.Queue("jobs") and None)

    with pytest.raises(AssertionError, match=r"0 resources end in ':Topic'.*'jobs'"):
        made.only(":Topic")


def test_a_secret_of_the_configuration_is_one_to_the_program() -> None:
    """As one that was set with `--secret`."""

    def program() -> None:
        password = pulumi.Config("shop").require_secret("password")
        aws.sqs.Queue("jobs", tags={"password": password})

    made = deploy(program, config={"shop:password": Secret("x")})

    assert is_rpc_secret(made.only(":Queue").inputs["tags"])


def test_the_stack_program_runs_and_asks_no_api_server(tmp_path: Path) -> None:
    """With the two lines of a project, and a ClusterConfig beside them."""
    (tmp_path / "__main__.py").write_text(
        "from eks_irsa.stack import deploy\n\ndeploy()\n", encoding="utf-8"
    )
    (tmp_path / "c.yaml").write_bytes((ROOT / "stacks/cluster-13.yaml").read_bytes())

    made = deploy(tmp_path, config={"eks-irsa:clusterConfig": "c.yaml"})

    assert len(made.of_type(":IrsaServiceAccount")) == 3
    assert made.only(":OpenIdConnectProvider").inputs["url"] == ISSUER_URL


def test_neither_program_nor_command_line_loads_it() -> None:
    """Only a test does."""
    program = "import sys, eks_irsa, eks_irsa.stack, eks_irsa.cli; print(*sys.modules)"

    done = subprocess.run(  # noqa: S603 - our own text
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert not [one for one in done.stdout.split() if "eks_irsa.testing" in one]


def test_the_page_names_every_argument_and_its_default() -> None:
    """In the order of the function."""
    parameters = [*inspect.signature(deploy).parameters][1:]

    assert re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE) == parameters


@pytest.mark.parametrize(
    ("region", "partition"),
    [
        ("us-west-2", "aws"),
        ("cn-north-1", "aws-cn"),
        ("us-gov-west-1", "aws-us-gov"),
        ("us-iso-east-1", "aws-iso"),
        ("eusc-de-east-1", "aws-eusc"),
    ],
)
def test_a_cluster_is_in_the_partition_of_its_region(
    region: str, partition: str
) -> None:
    """The ARNs of a program there are those that AWS would give."""
    found = described_cluster({"name": "there", "region": region})

    assert found["arn"] == f"arn:{partition}:eks:{region}:{ACCOUNT_ID}:cluster/there"


def _worker(name: str, role: str) -> aws.iam.Role:
    return aws.iam.Role(name, name=role, assume_role_policy="{}")


def _provider(name: str) -> aws.iam.OpenIdConnectProvider:
    return aws.iam.OpenIdConnectProvider(
        name, url=ISSUER_URL, client_id_lists=["sts.amazonaws.com"]
    )


def _association(
    name: str,
    *,
    region: str | None = None,
    policy: str | None = None,
    disable_session_tags: bool | None = None,
) -> aws.eks.PodIdentityAssociation:
    return aws.eks.PodIdentityAssociation(
        name,
        cluster_name="blue",
        namespace="shop",
        service_account="worker",
        role_arn=f"arn:aws:iam::{ACCOUNT_ID}:role/worker",
        region=region,
        policy=policy,
        disable_session_tags=disable_session_tags,
    )


@pytest.mark.parametrize(
    ("make", "refusal"),
    [
        (
            lambda: (_worker("a", "worker"), _worker("b", "WORKER")),
            "EntityAlreadyExists: Role with name (worker|WORKER) already exists.",
        ),
        (
            lambda: (_provider("a"), _provider("b")),
            f"EntityAlreadyExists: Provider with url {ISSUER_URL} already exists.",
        ),
        (
            lambda: (_association("a"), _association("b", region="us-west-2")),
            "ResourceInUseException: Association already exists: a-[0-9a-z]{17}$",
        ),
    ],
    ids=["roles", "providers", "associations"],
)
def test_what_aws_has_already_is_refused(
    make: Callable[[], object], refusal: str
) -> None:
    """In `up`; a preview cannot know it, as the plugin's does not."""
    deploy(make, preview=True)

    with pytest.raises(Exception, match=refusal):
        deploy(make)


def test_policy_of_an_association_goes_without_session_tags() -> None:
    """EKS takes it together with disableSessionTags alone."""
    with pytest.raises(Exception, match="a policy requires disableSessionTags"):
        deploy(lambda: _association("a", policy="{}"))

    deploy(lambda: _association("a", policy="{}", disable_session_tags=True))


def test_association_has_an_id_and_an_arn_of_its_region() -> None:
    """In `up`; in a preview both are unknown, as on AWS."""

    def make() -> None:
        made = _association("there", region="cn-north-1")
        pulumi.export("id", made.association_id)
        pulumi.export("arn", made.association_arn)

    outputs = deploy(make).outputs
    previewed = deploy(make, preview=True).outputs

    where = f"arn:aws-cn:eks:cn-north-1:{ACCOUNT_ID}:podidentityassociation/blue"
    assert outputs["arn"] == f"{where}/{outputs['id']}"
    assert previewed == {"id": None, "arn": None}


def test_roles_that_the_engine_names_are_all_new() -> None:
    """Each gets a suffix of its own."""

    def make() -> None:
        for name in ("a", "A"):
            aws.iam.Role(name, assume_role_policy="{}")

    assert len(deploy(make).of_type(":Role")) == 2
