"""What each of eksctl's well-known policies grants, held word by word.

The files are the specification: they follow eksctl 0.231.0-dev, and the counts below
were taken from its sources separately. What they come to in a role is kept with the
registrations.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict
from importlib import resources
from typing import NotRequired, TypedDict, cast

import pytest

from eks_irsa.documents.arns import PARTITIONS, is_policy_arn
from eks_irsa.documents.limits import Limits
from eks_irsa.documents.well_known_policies import (
    WELL_KNOWN_POLICY_NAMES,
    InlinePolicy,
    WellKnownPolicy,
    well_known_policy,
)


class Statement(TypedDict):
    """A statement as eksctl writes it: actions are a list, also one alone."""

    Effect: str
    Action: list[str]
    Resource: str | list[str]
    Condition: NotRequired[dict[str, dict[str, str | list[str]]]]


def statements_of(policy: InlinePolicy) -> list[Statement]:
    """Return the statements of *policy* for counting."""
    return cast("list[Statement]", policy.document["Statement"])


def size_characters(policies: Sequence[InlinePolicy]) -> int:
    """Count as IAM counts the inline policies of a role: without white space."""
    return sum(
        len(json.dumps(policy.document, separators=(",", ":"))) for policy in policies
    )


def all_policies(partition: str) -> list[WellKnownPolicy]:
    """Return what a role gets that has all flags set."""
    return [
        well_known_policy(name=name, partition=partition)
        for name in WELL_KNOWN_POLICY_NAMES
    ]


def file_of(name: str) -> str:
    """Return the text of a policy's file."""
    folder = resources.files("eks_irsa.documents").joinpath("well_known")
    return folder.joinpath(f"{name}.json").read_text("utf-8")


@pytest.mark.parametrize("partition", PARTITIONS)
@pytest.mark.parametrize("name", WELL_KNOWN_POLICY_NAMES)
def test_policy_is_its_file_in_each_partition(name: str, partition: str) -> None:
    """The partition is put into every ARN, and nothing else changes."""
    policy = well_known_policy(name=name, partition=partition)

    file = json.loads(file_of(name).replace("${AWS::Partition}", partition))
    assert asdict(policy) == {
        "name": name,
        "managed_policy_arns": tuple(
            f"arn:{partition}:iam::aws:policy/{managed}"
            for managed in file["managedPolicies"]
        ),
        "inline_policies": tuple(file["inlinePolicies"]),
    }
    assert "${AWS" not in json.dumps(asdict(policy))
    assert all(is_policy_arn(arn) for arn in policy.managed_policy_arns)


@pytest.mark.parametrize(
    ("name", "statements"),
    [
        ("imageBuilder", {}),
        ("autoScaler", {"PolicyAutoScaling": 2}),
        ("awsLoadBalancerController", {"PolicyAWSLoadBalancerController": 16}),
        (
            "externalDNS",
            {"PolicyExternalDNSChangeSet": 1, "PolicyExternalDNSHostedZones": 1},
        ),
        (
            "certManager",
            {
                "PolicyCertManagerChangeSet": 1,
                "PolicyCertManagerGetChange": 1,
                "PolicyCertManagerHostedZones": 1,
            },
        ),
        ("ebsCSIController", {}),
        ("efsCSIController", {"PolicyEFSCSIController": 4}),
    ],
)
def test_policy_has_as_many_statements_as_in_eksctl(
    name: str, statements: dict[str, int]
) -> None:
    """Each inline policy has eksctl's id and number of statements."""
    policy = well_known_policy(name=name, partition="aws")

    assert {
        inline.name: len(statements_of(inline)) for inline in policy.inline_policies
    } == statements


def test_load_balancer_controller_has_as_many_actions_as_in_eksctl() -> None:
    """Its 16 statements hold 86 actions, 80 different ones, in 5,196 characters."""
    policy = well_known_policy(name="awsLoadBalancerController", partition="aws")

    actions = [
        action
        for inline in policy.inline_policies
        for statement in statements_of(inline)
        for action in statement["Action"]
    ]

    assert len(actions) == 86
    assert len(set(actions)) == 80
    assert size_characters(policy.inline_policies) == 5_196


def test_all_flags_together_give_eksctls_policies_in_eksctls_order() -> None:
    """A role with all seven flags has two managed and eight inline policies."""
    policies = all_policies("aws")

    assert [arn for policy in policies for arn in policy.managed_policy_arns] == [
        "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPowerUser",
        "arn:aws:iam::aws:policy/service-role/AmazonEBSCSIDriverPolicy",
    ]
    assert [
        inline.name for policy in policies for inline in policy.inline_policies
    ] == [
        "PolicyAutoScaling",
        "PolicyAWSLoadBalancerController",
        "PolicyExternalDNSChangeSet",
        "PolicyExternalDNSHostedZones",
        "PolicyCertManagerChangeSet",
        "PolicyCertManagerGetChange",
        "PolicyCertManagerHostedZones",
        "PolicyEFSCSIController",
    ]


@pytest.mark.parametrize("partition", PARTITIONS)
def test_all_flags_together_fit_into_one_role(partition: str) -> None:
    """The inline policies of all flags stay below what IAM takes for a role."""
    inline = [
        one for policy in all_policies(partition) for one in policy.inline_policies
    ]

    assert size_characters(inline) <= Limits().inline_policy_characters


@pytest.mark.parametrize("name", WELL_KNOWN_POLICY_NAMES)
def test_every_statement_allows_in_the_current_policy_language(name: str) -> None:
    """Documents have Version and Statement alone, and each statement is an Allow."""
    policy = well_known_policy(name=name, partition="aws")

    for inline in policy.inline_policies:
        assert list(inline.document) == ["Version", "Statement"]
        assert inline.document["Version"] == "2012-10-17"
        assert {one["Effect"] for one in statements_of(inline)} == {"Allow"}


def test_changing_a_document_changes_no_later_one() -> None:
    """A caller may do with a document what it likes; the next call is not touched."""
    before = well_known_policy(name="autoScaler", partition="aws")
    before.inline_policies[0].document.clear()

    after = well_known_policy(name="autoScaler", partition="aws")

    assert len(statements_of(after.inline_policies[0])) == 2


def test_every_file_is_a_flag_and_names_its_source() -> None:
    """No file lies unused, and each says which eksctl it was taken from."""
    folder = resources.files("eks_irsa.documents").joinpath("well_known")
    files = {
        file.name: json.loads(file.read_text("utf-8")) for file in folder.iterdir()
    }

    assert files.keys() == {f"{name}.json" for name in WELL_KNOWN_POLICY_NAMES}
    for file_name, file in files.items():
        assert list(file) == ["name", "source", "managedPolicies", "inlinePolicies"]
        assert file_name == f"{file['name']}.json"
        assert list(file["source"]) == ["upstream", "version", "commit", "file"]
        assert all(file["source"].values())


def test_unknown_name_is_refused_with_those_there_are() -> None:
    """A misspelt flag never grants nothing in silence; spelling is eksctl's."""
    with pytest.raises(ValueError, match="well-known") as refusal:
        well_known_policy(name="autoscaler", partition="aws")

    assert str(refusal.value) == (
        "'autoscaler' is not a well-known policy; expected one of imageBuilder, "
        "autoScaler, awsLoadBalancerController, externalDNS, certManager, "
        "ebsCSIController, efsCSIController"
    )


def test_unknown_partition_is_refused_with_those_there_are() -> None:
    """A partition nobody knows gives no ARNs."""
    with pytest.raises(ValueError, match="partition") as refusal:
        well_known_policy(name="externalDNS", partition="aws-moon")

    assert str(refusal.value) == (
        "'aws-moon' is not a partition; expected one of aws, aws-cn, aws-eusc, "
        "aws-iso, aws-iso-b, aws-iso-e, aws-iso-f, aws-us-gov"
    )
