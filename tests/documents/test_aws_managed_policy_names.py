"""Names of AWS's managed policies: what is said of one that AWS does not have."""

import pytest

from eks_irsa.documents.aws_managed_policy_names import (
    aws_policy_index,
    unknown_policy_fault,
)
from eks_irsa.documents.well_known_policies import (
    WELL_KNOWN_POLICY_NAMES,
    well_known_policy,
)

PREFIX = "arn:aws:iam::aws:policy/"
LIST = "on 2026-09-30, the date of our list"


@pytest.mark.parametrize(
    ("arn", "said"),
    [
        pytest.param(
            f"{PREFIX}AmazonS3ReadOnlyAcess",
            f"AWS had no managed policy 'AmazonS3ReadOnlyAcess' {LIST}; did you mean "
            f"'{PREFIX}AmazonS3ReadOnlyAccess'?",
            id="a letter is missing",
        ),
        pytest.param(
            f"{PREFIX}AmazonEBSCSIDriverPolicy",
            f"AWS had no managed policy 'AmazonEBSCSIDriverPolicy' {LIST}; did you "
            f"mean '{PREFIX}service-role/AmazonEBSCSIDriverPolicy'?",
            id="a path is missing",
        ),
        pytest.param(
            f"{PREFIX}service-role/AmazonEKSCNIPolicy",
            f"AWS had no managed policy 'service-role/AmazonEKSCNIPolicy' {LIST}; did "
            f"you mean '{PREFIX}AmazonEKS_CNI_Policy'?",
            id="path and spelling",
        ),
        pytest.param(
            f"{PREFIX}amazons3fullaccess",
            f"AWS had no managed policy 'amazons3fullaccess' {LIST}; did you mean "
            f"'{PREFIX}AmazonS3FullAccess'?",
            id="letters have a case",
        ),
        pytest.param(
            f"{PREFIX}MyOwn",
            f"AWS had no managed policy 'MyOwn' {LIST}; compare it with the output of "
            "'aws iam list-policies --scope AWS'",
            id="nothing is near",
        ),
        pytest.param(
            "arn:aws-cn:iam::aws:policy/AmazonS3FulAccess",
            f"AWS had no managed policy 'AmazonS3FulAccess' in the partition aws {LIST}"
            "; did you mean 'arn:aws-cn:iam::aws:policy/AmazonS3FullAccess'?",
            id="another partition",
        ),
    ],
)
def test_name_that_aws_does_not_have_is_named_with_the_right_arn(
    arn: str, said: str
) -> None:
    """The whole message, with the date of what it was compared with."""
    assert unknown_policy_fault(arn) == said


@pytest.mark.parametrize(
    "arn",
    [
        pytest.param("arn:aws-cn:iam::aws:policy/OfChinaAlone", id="another partition"),
        pytest.param(
            "arn:aws-us-gov:iam::aws:policy/AmazonS3FullAccess", id="the same elsewhere"
        ),
        pytest.param("arn:aws:iam::111122223333:policy/Own", id="a customer's"),
        pytest.param("arn:aws:iam::111122223333:policy/Own::aws", id="not AWS's"),
    ],
)
def test_nothing_is_said_where_nothing_is_known(arn: str) -> None:
    """No list of the other partitions was found, and a customer's are not listed."""
    assert unknown_policy_fault(arn) is None


def test_nothing_is_said_of_those_that_aws_has() -> None:
    """All of the list, AWS's service roles' too."""
    names = aws_policy_index().policies

    said = [unknown_policy_fault(PREFIX + name) for name in names]

    assert len(names) == 1582
    assert set(said) == {None}


def test_a_policy_of_aws_services_is_never_proposed() -> None:
    """IAM attaches those to service-linked roles alone."""
    said = unknown_policy_fault(f"{PREFIX}AmazonEKSServiceRolePolicyy")

    assert said is not None
    assert "aws-service-role/" not in said


@pytest.mark.parametrize("name", WELL_KNOWN_POLICY_NAMES)
def test_well_known_policies_attach_what_aws_has(name: str) -> None:
    """What eksctl's source says holds in AWS's own list."""
    known = well_known_policy(name=name, partition="aws")

    assert [
        fault for fault in map(unknown_policy_fault, known.managed_policy_arns) if fault
    ] == []
