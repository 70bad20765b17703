"""A ClusterConfig from its file or text: the model, or why there is none."""

from pathlib import Path

import pytest
from config_texts import HEADER, parsed, problems_of, with_entries, with_entry

from eks_irsa.cluster_config.entries import entries_of
from eks_irsa.cluster_config.reading import parse_cluster_config, read_cluster_config
from eks_irsa.errors import ClusterConfigError
from eks_irsa.source.findings import Finding

SEED = Path(__file__).parents[2] / "stacks/cluster-13.yaml"


def test_seed_file_is_read_as_its_page_says() -> None:
    """The example of eksctl's own page, word by word."""
    file = read_cluster_config(SEED, source="stacks/cluster-13.yaml")

    assert file.warnings == ()
    assert file.config.model_dump(by_alias=True, exclude_none=True) == {
        "apiVersion": "eksctl.io/v1alpha5",
        "kind": "ClusterConfig",
        "metadata": {"name": "cluster-13", "region": "us-west-2"},
        "iam": {
            "withOIDC": True,
            "serviceAccounts": [
                {
                    "metadata": {
                        "name": "s3-reader",
                        "namespace": "backend-apps",
                        "labels": {"aws-usage": "application"},
                    },
                    "attachPolicyARNs": [
                        "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
                    ],
                },
                {
                    "metadata": {
                        "name": "cache-access",
                        "namespace": "backend-apps",
                        "labels": {"aws-usage": "application"},
                    },
                    "attachPolicyARNs": [
                        "arn:aws:iam::aws:policy/AmazonDynamoDBReadOnlyAccess",
                        "arn:aws:iam::aws:policy/AmazonElastiCacheFullAccess",
                    ],
                },
                {
                    "metadata": {
                        "name": "cluster-autoscaler",
                        "namespace": "kube-system",
                        "labels": {"aws-usage": "cluster-ops"},
                    },
                    "attachPolicy": {
                        "Version": "2012-10-17",
                        "Statement": [
                            {
                                "Effect": "Allow",
                                "Action": [
                                    "autoscaling:DescribeAutoScalingGroups",
                                    "autoscaling:DescribeAutoScalingInstances",
                                    "autoscaling:DescribeLaunchConfigurations",
                                    "autoscaling:DescribeTags",
                                    "autoscaling:SetDesiredCapacity",
                                    "autoscaling:TerminateInstanceInAutoScalingGroup",
                                ],
                                "Resource": "*",
                            }
                        ],
                    },
                },
            ],
        },
        "nodeGroups": [
            {
                "name": "ng-1",
                "tags": {
                    "k8s.io/cluster-autoscaler/enabled": "true",
                    "k8s.io/cluster-autoscaler/cluster-13": "owned",
                },
                "desiredCapacity": 1,
            }
        ],
    }


def test_entry_knows_its_key_and_its_well_known_policies() -> None:
    """The namespace is defaulted, and eksctl's order is kept."""
    file = parsed(
        with_entry(
            "metadata: {name: app}\n"
            "wellKnownPolicies: {efsCSIController: true, imageBuilder: true}\n"
        )
    )

    (entry,) = entries_of(file.config)
    assert entry.key == "default/app"
    assert entry.fields["well_known_policies"] == ["imageBuilder", "efsCSIController"]


def test_later_checks_place_what_they_find_in_the_file() -> None:
    """A plan knows paths, and the file knows places."""
    file = parsed(HEADER)

    (problem,) = file.problems([Finding(("metadata", "name"), "E-X", "wrong")])

    assert str(problem) == "a.yaml:3:18: metadata.name: wrong"


@pytest.mark.parametrize(
    ("name", "reason"),
    [("missing.yaml", "No such file or directory"), (".", "Is a directory")],
)
def test_file_that_cannot_be_read_is_a_problem(
    name: str, reason: str, tmp_path: Path
) -> None:
    """It is one as every other, with the name the user gave."""
    with pytest.raises(ClusterConfigError) as refusal:
        read_cluster_config(tmp_path / name, source=name)

    assert str(refusal.value) == (
        f"{name}: cannot be read: {reason}; give the path of a ClusterConfig file"
    )
    assert [problem.code for problem in refusal.value.problems] == ["E-FILE"]


def test_problems_carry_the_path_when_no_other_name_is_given(tmp_path: Path) -> None:
    """The path is what the user gave."""
    path = tmp_path / "a.yaml"
    path.write_text(HEADER.replace("demo", "-"), encoding="utf-8")

    with pytest.raises(ClusterConfigError) as refusal:
        read_cluster_config(path)

    assert str(refusal.value).startswith(f"{path}:3:18: metadata.name: ")


def test_same_text_gives_the_same_model_in_json_and_with_windows_line_ends() -> None:
    """YAML has many ways to say one thing."""
    text = with_entry("metadata: {name: app}\nattachRoleARN: ''\n").replace(
        "attachRoleARN: ''", 'attachPolicyARNs: ["arn:aws:iam::111122223333:policy/X"]'
    )
    model = parsed(text).config
    json = model.model_dump_json(by_alias=True, exclude_none=True)

    assert parsed(json).config == model
    assert parsed(text.replace("\n", "\r\n")).config == model
    assert parsed("\ufeff" + text).config == model


def test_anchors_and_merges_mean_what_they_stand_for() -> None:
    """As in eksctl; an override beside a merge is a key given twice."""
    text = (
        HEADER
        + "iam:\n  withOIDC: true\n  serviceAccounts:\n"
        + "  - &base\n    metadata: {name: a, labels: &labels {team: x}}\n"
        + "    attachPolicyARNs: [arn:aws:iam::111122223333:policy/X]\n"
        + "  - metadata: {name: b, labels: *labels}\n    attachPolicyARNs: []\n"
        + "    wellKnownPolicies: {autoScaler: true}\n"
        + "  - {<<: *base, metadata: {name: c}}\n"
    )

    assert problems_of(text) == [
        (
            "E-YAML-DUPLICATE-KEY a.yaml:13:17: iam.serviceAccounts[2].metadata: the "
            "key 'metadata' is here and among what '<<' merges on line 13, which "
            "eksctl refuses; keep one"
        )
    ]


def test_more_problems_than_anybody_reads_are_not_all_named() -> None:
    """A file made to have millions of them is told in bounded time."""
    entry = "metadata: {name: A}\nattachPolicyARNs: [x]\n"

    with pytest.raises(ClusterConfigError) as refusal:
        parse_cluster_config(with_entries(*[entry] * 600).encode(), source="a.yaml")

    problems = refusal.value.problems
    assert len(problems) == 1001
    assert str(problems[0]) == (
        "a.yaml:1:1: more than 1,000 problems; correct the ones shown first"
    )


def test_too_much_of_a_wrong_structure_ends_the_check() -> None:
    """What the rest would mean is not asked then."""
    text = HEADER + "iam: {serviceAccounts: [" + "1, " * 2000 + "]}\n"

    with pytest.raises(ClusterConfigError) as refusal:
        parse_cluster_config(text.encode(), source="a.yaml")

    assert {problem.code for problem in refusal.value.problems} == {
        "E-TOO-MANY",
        "E-TYPE",
    }
    assert len(refusal.value.problems) == 1001
