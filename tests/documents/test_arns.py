"""ARNs, issuers and partitions: taken apart, put together, refused."""

import json
from collections.abc import Callable
from importlib.resources import files
from typing import Any

import pytest

from eks_irsa.documents import arns
from eks_irsa.documents.regions import REGIONS

ISSUER_REFUSAL = (
    "is not an issuer URL; expected https://<host>[/<path>], as 'aws eks "
    "describe-cluster' shows it"
)
PARTITION_REFUSAL = (
    "'moon' is not a partition; expected one of aws, aws-cn, aws-eusc, aws-iso, "
    "aws-iso-b, aws-iso-e, aws-iso-f, aws-us-gov"
)


@pytest.mark.parametrize(
    ("region", "partition"),
    [
        ("us-west-2", "aws"),
        ("ap-southeast-7", "aws"),
        ("mx-central-1", "aws"),
        ("il-central-1", "aws"),
        ("cn-north-1", "aws-cn"),
        ("cn-northwest-1", "aws-cn"),
        ("us-gov-east-1", "aws-us-gov"),
        ("us-iso-east-1", "aws-iso"),
        ("us-isob-east-1", "aws-iso-b"),
        ("eu-isoe-west-1", "aws-iso-e"),
        ("us-isof-south-1", "aws-iso-f"),
        ("eusc-de-east-1", "aws-eusc"),
        ("us-west", None),
        ("us-WEST-2", None),
        ("us-west-2a", None),
        ("us-west-2\n", None),
        ("us-w_st-2", None),
        ("nz-north-1", "aws"),
        ("cn-south-9", "aws-cn"),
        ("eusc-fr-west-1", "aws-eusc"),
        ("mars-north-1", None),
        ("us-west-²", None),
        ("", None),
    ],
)
def test_region_lies_in_its_partition(region: str, partition: str | None) -> None:
    """Each region AWS has or may open is known by its shape, and nothing else is."""
    assert arns.partition_of_region(region) == partition


def test_each_region_of_aws_is_known_in_the_partition_that_aws_says() -> None:
    """By the list of AWS's own SDK."""
    pytest.importorskip("botocore")
    text = (files("botocore") / "data" / "partitions.json").read_text(encoding="utf-8")
    listed: list[dict[str, Any]] = json.loads(text)["partitions"]
    regions = {
        region: partition["id"]
        for partition in listed
        for region in partition["regions"]
        if not region.endswith("-global")
    }

    assert regions.keys() <= set(REGIONS)
    assert {one: arns.partition_of_region(one) for one in regions} == regions


def test_each_region_of_the_list_lies_in_a_partition() -> None:
    """The list of regions and the shapes of the partitions do not part."""
    by_partition = {arns.partition_of_region(region) for region in REGIONS}

    assert by_partition == set(arns.PARTITIONS)
    assert list(REGIONS) == sorted(set(REGIONS))


@pytest.mark.parametrize(
    ("arn", "partition"),
    [
        ("arn:aws-cn:iam::aws:policy/X", "aws-cn"),
        ("arn:aws:s3:::bucket/key:1", "aws"),
        ("arn:aws-us-gov:ec2:us-gov-west-1:1:vpc/x", "aws-us-gov"),
        ("arn:aws-moon:s3:::bucket", None),
        ("arn:aws:s3", None),
        ("aws", None),
    ],
)
def test_arn_names_its_partition(arn: str, partition: str | None) -> None:
    """The second part counts, if it is a partition and the rest an ARN."""
    assert arns.partition_of_arn(arn) == partition


def test_arn_in_another_partition_keeps_its_name() -> None:
    """Only the second part changes, colons of the rest included."""
    assert (
        arns.in_partition("arn:aws:logs:*:1:group:a:*", "aws-cn")
        == "arn:aws-cn:logs:*:1:group:a:*"
    )


@pytest.mark.parametrize(
    ("url", "issuer"),
    [
        (
            "https://oidc.eks.us-west-2.amazonaws.com/id/0A",
            "oidc.eks.us-west-2.amazonaws.com/id/0A",
        ),
        ("https://issuer.example.com", "issuer.example.com"),
        ("https://issuer.example.com/", "issuer.example.com/"),
        ("https://issuer.example.com/a/b/", "issuer.example.com/a/b/"),
        ("https://issuer.example.com:443/a", "issuer.example.com/a"),
    ],
)
def test_issuer_is_the_url_without_scheme_and_port(url: str, issuer: str) -> None:
    """The path stays as it is, for IAM compares texts."""
    assert arns.issuer_of_url(url) == issuer


@pytest.mark.parametrize(
    "url",
    [
        "http://issuer.example.com",
        "issuer.example.com",
        "https://",
        "https:///path",
        "https://issuer.example.com?a=b",
        "https://issuer.example.com/a#b",
        "https://issuer.example.com/a b",
        "https://*",
        "https://issuer.example.com/id/*",
        "https://issuer.example.com\n",
        "",
    ],
)
def test_url_that_is_no_issuer_is_refused(url: str) -> None:
    """An issuer has https, a host, and neither query nor fragment."""
    with pytest.raises(ValueError) as refusal:  # noqa: PT011 - compared whole below
        arns.issuer_of_url(url)

    assert str(refusal.value) == f"{url!r} {ISSUER_REFUSAL}"


def test_provider_arn_gives_its_issuer_back() -> None:
    """What is derived from an issuer URL ends in the issuer."""
    arn = arns.provider_arn(
        partition="aws-cn",
        account_id="111122223333",
        issuer_url="https://issuer.example.com:443/id/",
    )

    assert arn == "arn:aws-cn:iam::111122223333:oidc-provider/issuer.example.com/id/"
    assert arns.issuer_of(arn) == "issuer.example.com/id/"


@pytest.mark.parametrize(
    "issuer", ["*", "i.example.com/*", "i.example.com/id/0?", "i?", "i/a#b", "i#b"]
)
def test_provider_of_no_one_issuer_is_refused(issuer: str) -> None:
    """A wildcard would be every issuer; what no URL of an issuer has is in none."""
    arn = f"arn:aws:iam::111122223333:oidc-provider/{issuer}"

    with pytest.raises(ValueError, match="is not the ARN of an OIDC provider"):
        arns.issuer_of(arn)


def test_role_arn_holds_path_and_name() -> None:
    """A role's ARN is known before the role exists."""
    arn = arns.role_arn(
        partition="aws", account_id="111122223333", path="/eks/a/", name="reader"
    )

    assert arn == "arn:aws:iam::111122223333:role/eks/a/reader"
    assert arns.role_name_of(arn) == "reader"


@pytest.mark.parametrize(
    "beside",
    [
        "arn:aws-us-gov:iam::111122223333:oidc-provider/i.example.com/x",
        "arn:aws-us-gov:eks:us-gov-west-1:111122223333:cluster/shop",
    ],
)
def test_role_is_in_the_account_and_partition_of_what_it_trusts(beside: str) -> None:
    """An OIDC provider, or a cluster by EKS Pod Identity."""
    arn = arns.role_arn_beside(arn=beside, path="/", name="reader")

    assert arn == "arn:aws-us-gov:iam::111122223333:role/reader"


def test_cluster_arn_is_taken_apart() -> None:
    """Partition, region, account and name are its parts."""
    parsed = arns.parse_cluster_arn(
        "arn:aws-us-gov:eks:us-gov-west-1:111122223333:cluster/team_1-a"
    )

    assert parsed == arns.ClusterArn(
        partition="aws-us-gov",
        region="us-gov-west-1",
        account_id="111122223333",
        name="team_1-a",
    )


@pytest.mark.parametrize(
    ("call", "message"),
    [
        pytest.param(
            lambda: arns.provider_arn(
                partition="moon", account_id="111122223333", issuer_url="https://i"
            ),
            PARTITION_REFUSAL,
            id="provider in no partition",
        ),
        pytest.param(
            lambda: arns.provider_arn(
                partition="aws", account_id="1111", issuer_url="https://i"
            ),
            "'1111' is not an AWS account id; expected 12 digits",
            id="provider in no account",
        ),
        pytest.param(
            lambda: arns.role_arn(
                partition="aws", account_id="11112222333x", path="/", name="a"
            ),
            "'11112222333x' is not an AWS account id; expected 12 digits",
            id="role in no account",
        ),
        pytest.param(
            lambda: arns.role_arn(
                partition="moon", account_id="111122223333", path="/", name="a"
            ),
            PARTITION_REFUSAL,
            id="role in no partition",
        ),
        pytest.param(
            lambda: arns.issuer_of("arn:aws:iam::1111:oidc-provider/i.example.com"),
            "'arn:aws:iam::1111:oidc-provider/i.example.com' is not the ARN of an OIDC "
            "provider; expected "
            "arn:<partition>:iam::<12 digits>:oidc-provider/<issuer>",
            id="provider ARN with a short account",
        ),
        pytest.param(
            lambda: arns.role_name_of("arn:aws:iam::aws:role/x"),
            "'arn:aws:iam::aws:role/x' is not the ARN of a role; "
            "expected arn:<partition>:iam::<12 digits>:role/<name>",
            id="role of AWS",
        ),
        pytest.param(
            lambda: arns.parse_cluster_arn("arn:aws:eks:us-west-2:1:cluster/a"),
            "'arn:aws:eks:us-west-2:1:cluster/a' is not the ARN of an EKS cluster; "
            "expected arn:<partition>:eks:<region>:<12 digits>:cluster/<name>",
            id="cluster in no account",
        ),
    ],
)
def test_what_has_not_its_shape_is_refused(
    call: Callable[[], object], message: str
) -> None:
    """A refusal names the value and the shape."""
    with pytest.raises(ValueError) as refusal:  # noqa: PT011 - compared whole below
        call()

    assert str(refusal.value) == message


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess", True),
        ("arn:aws:iam::aws:policy/service-role/AmazonEBSCSIDriverPolicy", True),
        ("arn:aws-cn:iam::111122223333:policy/team/a+=,.@-_b", True),
        (f"arn:aws:iam::111122223333:policy/{'a' * 128}", True),
        (f"arn:aws:iam::111122223333:policy/{'a' * 129}", False),
        ("arn:aws:iam::111122223333:policy/", False),
        ("arn:aws:iam::111122223333:policy/a b", False),
        ("arn:aws:iam:us-west-2:111122223333:policy/a", False),
        ("arn:aws:iam::11112222333:policy/a", False),
        ("arn:aws:iam::111122223333:role/a", False),
        ("arn:aws-moon:iam::111122223333:policy/a", False),
        ("arn:aws:iam::111122223333:policy/a\n", False),
        ("AmazonS3ReadOnlyAccess", False),
        ("", False),
    ],
)
def test_policy_arn_is_told_from_other_text(text: str, *, expected: bool) -> None:
    """AWS's policies and those of an account count, with or without a path."""
    assert arns.is_policy_arn(text) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("arn:aws:iam::111122223333:role/reader", True),
        ("arn:aws:iam::111122223333:role/a/b/reader", True),
        (f"arn:aws:iam::111122223333:role/{'a' * 64}", True),
        (f"arn:aws:iam::111122223333:role/{'a' * 65}", False),
        ("arn:aws:iam::aws:role/reader", False),
        ("arn:aws:iam::111122223333:role/", False),
        ("arn:aws:sts::111122223333:assumed-role/reader/session", False),
    ],
)
def test_role_arn_is_told_from_other_text(text: str, *, expected: bool) -> None:
    """A role belongs to an account and has a name of at most 64 characters."""
    assert arns.is_role_arn(text) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("111122223333", True), ("000000000000", True), ("11112222333", False),
     ("1111222233334", False), ("11112222333a", False), ("١١١١٢٢٢٢٣٣٣٣", False)],
)  # fmt: skip
def test_account_id_is_twelve_digits(text: str, *, expected: bool) -> None:
    """Leading zeros count, digits of other scripts do not."""
    assert arns.is_account_id(text) is expected
