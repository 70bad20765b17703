"""What a statement opens that trusts EKS Pod Identity.

Each was judged from AWS's documentation before it was run: a tag that no condition
holds to values may be that of any association of the AWS account.

Source:
    https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
"""

from collections.abc import Mapping
from typing import Any, Final

import pytest

from eks_irsa.documents.policy_statements import read_policy
from eks_irsa.review.forms.lines import lines
from eks_irsa.review.forms.markdown_form import markdown_words
from eks_irsa.review.forms.wording import IN_FULL, trusted
from eks_irsa.review.weighing.trust_risks import trust_risks

ARN: Final = "arn:aws:eks:us-west-2:123456789012:cluster/shop"
CLUSTER: Final = "aws:RequestTag/eks-cluster-arn"
NAMESPACE: Final = "aws:RequestTag/kubernetes-namespace"
NAME: Final = "aws:RequestTag/kubernetes-service-account"
TAGS: Final = {CLUSTER: ARN, NAMESPACE: "apps", NAME: "api"}
WHERE: Final = {"aws:SourceAccount": "123456789012"}
OPEN: Final = "no-cluster no-subject"


def like(**tags: str) -> dict[str, Any]:
    """Pin the service account by patterns, some of them others."""
    keys = {"cluster": CLUSTER, "namespace": NAMESPACE, "name": NAME}
    return {"StringLike": TAGS | {keys[one]: tags[one] for one in tags}}


def statement(condition: Mapping[str, Any], *actions: str) -> dict[str, Any]:
    """Write a trust policy of one statement."""
    one = {
        "Effect": "Allow",
        "Principal": {"Service": "pods.eks.amazonaws.com"},
        "Action": [*(actions or ("sts:AssumeRole", "sts:TagSession"))],
        "Condition": condition,
    }
    return {"Version": "2012-10-17", "Statement": [one]}


def marks(policy: object) -> str:
    """Mark a policy."""
    found = {mark for one in read_policy(policy) for mark in trust_risks(one)}
    return " ".join(sorted(found))


@pytest.mark.parametrize(
    ("condition", "judged"),
    [
        pytest.param({"StringEquals": TAGS}, "", id="all three"),
        pytest.param(
            {"ForAnyValue:StringEquals": TAGS}, "", id="one of several values"
        ),
        pytest.param({"StringEqualsIgnoreCase": TAGS}, "", id="in any case"),
        pytest.param(like(), "", id="patterns without a wildcard"),
        pytest.param(
            {"StringEquals": TAGS, "StringLike": {NAME: "*"}}, "", id="a pattern too"
        ),
        pytest.param(
            {"StringEquals": TAGS | {NAMESPACE: ["apps", "web"]}}, "", id="two of them"
        ),
        pytest.param(
            {"StringEquals": TAGS, "Null": {NAME: "false"}}, "", id="and is there"
        ),
        pytest.param(
            {
                "ArnEquals": {CLUSTER: ARN},
                "StringEquals": {NAMESPACE: "apps", NAME: "api"},
            },
            "",
            id="the cluster as ARN",
        ),
        pytest.param(
            {
                "StringEquals": {
                    "aws:RequestTag/eks-cluster-name": "shop",
                    NAMESPACE: "apps",
                    NAME: "api",
                }
            },
            "",
            id="the cluster by name",
        ),
        pytest.param({"StringEquals": WHERE}, OPEN, id="the AWS account alone"),
        pytest.param({"StringEquals": {CLUSTER: ARN}}, "no-subject", id="a cluster"),
        pytest.param(
            {"StringEquals": WHERE, "ArnEquals": {"aws:SourceArn": ARN}},
            "no-subject",
            id="session tags disabled",
        ),
        pytest.param(
            {"StringEquals": {NAMESPACE: "apps", NAME: "api"}},
            "no-cluster",
            id="no cluster",
        ),
        pytest.param(
            {"StringEquals": {CLUSTER: ARN, NAMESPACE: "apps"}},
            "wildcard-subject",
            id="a namespace",
        ),
        pytest.param(
            {"StringEquals": {CLUSTER: ARN, NAME: "api"}},
            "wildcard-subject",
            id="a name in every namespace",
        ),
        pytest.param(like(name="api-*"), "wildcard-subject", id="pattern of names"),
        pytest.param(
            like(cluster=ARN.replace("shop", "shop-*")),
            "wildcard-subject",
            id="pattern of clusters",
        ),
        pytest.param(
            like(cluster=ARN.replace("us-west-2", "*")),
            "wildcard-subject",
            id="a name in every region",
        ),
        pytest.param(
            like(cluster=ARN.replace("shop", "*")), "no-cluster", id="every cluster"
        ),
        pytest.param(
            like(cluster="arn:aws:eks:us-*"), "no-cluster", id="every cluster, short"
        ),
        pytest.param(
            like(cluster="*", namespace="*", name="*"), OPEN, id="nothing but stars"
        ),
        pytest.param(
            like(namespace="*", name="?*"), "no-subject", id="every service account"
        ),
        pytest.param({"StringEqualsIfExists": TAGS}, OPEN, id="if it is there"),
        pytest.param({"ForAllValues:StringEquals": TAGS}, OPEN, id="all values"),
        pytest.param({"Null": dict.fromkeys(TAGS, "false")}, OPEN, id="is there"),
        pytest.param({"Null": dict.fromkeys(TAGS, "true")}, OPEN, id="is not there"),
        pytest.param({"StringNotEquals": TAGS}, OPEN, id="is another"),
        pytest.param(
            {"StringEquals": {key: f"${{{key}}}" for key in TAGS}}, OPEN, id="is itself"
        ),
        pytest.param(
            {
                "StringEquals": {
                    key.replace("RequestTag", "PrincipalTag"): one
                    for key, one in TAGS.items()
                }
            },
            OPEN,
            id="tags of somebody else",
        ),
    ],
)
def test_mark_is_the_one_judged(condition: dict[str, Any], judged: str) -> None:
    """Whether the tags are pinned decides, however that is written."""
    lower = {
        operator: {key.lower(): one for key, one in pairs.items()}
        for operator, pairs in condition.items()
    }

    assert marks(statement(condition)) == judged
    assert marks(statement(lower)) == judged
    assert marks(statement(condition, "sts:*")) == judged
    assert marks(statement(condition, "sts:AssumeRole")) == judged


def test_session_tags_alone_assume_nothing() -> None:
    """Nor does what is denied."""
    denied = statement({})
    denied["Statement"][0]["Effect"] = "Deny"

    assert marks(statement({}, "sts:TagSession")) == ""
    assert marks(denied) == ""


@pytest.mark.parametrize(
    ("condition", "actions", "words"),
    [
        (
            {"StringEquals": TAGS},
            (),
            f"EKS Pod Identity for `apps/api` in cluster `{ARN}`",
        ),
        (
            {"StringLike": TAGS | {NAMESPACE: ["apps", "web"], NAME: "api-*"}},
            (),
            f"EKS Pod Identity for `api-*` of `apps`, `web` in cluster `{ARN}`",
        ),
        (
            {"StringEquals": TAGS, "StringLike": {NAME: "a*"}},
            ("sts:AssumeRole",),
            (
                f"EKS Pod Identity for `apps/api` in cluster `{ARN}` if `{NAME}` "
                "StringLike `a*`, `sts:AssumeRole`"
            ),
        ),
        (
            {"StringEqualsIfExists": {NAME: "api"}},
            ("sts:*",),
            (
                "EKS Pod Identity for **every service account** of **every namespace** "
                f"in **every cluster** if `{NAME}` StringEqualsIfExists `api`, `sts:*`"
            ),
        ),
        (
            {"StringEquals": {NAME: "api"}},
            (),
            "EKS Pod Identity for `api` of **every namespace** in **every cluster**",
        ),
    ],
)
def test_pods_are_named_by_what_pins_them(
    condition: dict[str, Any], actions: tuple[str, ...], words: str
) -> None:
    """What does not pin them is a condition like any other."""
    (line,) = lines(read_policy(statement(condition, *actions)))

    assert markdown_words(trusted(line, IN_FULL, home=""), most=2_000) == words
