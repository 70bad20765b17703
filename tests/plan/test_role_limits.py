"""What AWS or Kubernetes would refuse for its size, with the whole message."""

import dataclasses

import pytest
from plans import CLUSTER, entry, planned, refused

from eks_irsa.plan.model import Cluster

ASSUMED = dataclasses.replace(CLUSTER, account_id="0" * 12, assumed=True)
RAISED = "(if the quota was raised, say so in the setting limits"


def policies(count: int) -> list[str]:
    """Return the ARNs of so many policies."""
    return [f"arn:aws:iam::111122223333:policy/p{index}" for index in range(count)]


def policy_of(characters: int) -> dict[str, object]:
    """Return a policy of so many characters, counted as IAM counts."""
    resource = "arn:aws:s3:::" + "x" * (characters - 108)
    statement = {"Effect": "Allow", "Action": "s3:GetObjec*", "Resource": resource}
    return {"Version": "2012-10-17", "Statement": [statement]}


@pytest.mark.parametrize(
    ("given", "settings", "expected"),
    [
        pytest.param(
            {"attachPolicyARNs": policies(11)},
            {},
            (
                "attachPolicyARNs",
                "E-LIMIT-MANAGED-POLICIES",
                (
                    f"11 managed policies; AWS takes 10 by default {RAISED}"
                    ".managedPoliciesPerRole)"
                ),
            ),
            id="managed policies",
        ),
        pytest.param(
            {
                "attachPolicyARNs": policies(25),
                "wellKnownPolicies": {"imageBuilder": True},
            },
            {"managedPoliciesPerRole": 25},
            (
                "attachPolicyARNs",
                "E-LIMIT-MANAGED-POLICIES",
                (
                    "26 managed policies; the setting limits.managedPoliciesPerRole "
                    "takes 25"
                ),
            ),
            id="managed policies of both sources",
        ),
        pytest.param(
            {"attachPolicy": policy_of(10_241)},
            {},
            (
                "attachPolicy",
                "E-LIMIT-INLINE-POLICY",
                (
                    "10,241 characters of inline policies without white space; AWS "
                    f"takes 10,240 by default {RAISED}.inlinePolicyCharacters)"
                ),
            ),
            id="inline policy",
        ),
        pytest.param(
            {"wellKnownPolicies": {"imageBuilder": True, "externalDNS": True}},
            {"inlinePolicyCharacters": 10},
            (
                "wellKnownPolicies",
                "E-LIMIT-INLINE-POLICY",
                (
                    "319 characters of inline policies without white space; the "
                    "setting limits.inlinePolicyCharacters takes 10"
                ),
            ),
            id="well-known policies",
        ),
        pytest.param(
            {"tags": {f"t{index}": "" for index in range(48)}},
            {},
            (
                "tags",
                "E-LIMIT-TAGS",
                (
                    "51 tags, with those of the cluster, of the settings and our own; "
                    f"AWS takes 50 by default {RAISED}.tagsPerRole)"
                ),
            ),
            id="tags",
        ),
        pytest.param(
            {},
            {"tagsPerRole": 2},
            (
                "",
                "E-LIMIT-TAGS",
                (
                    "3 tags, with those of the cluster, of the settings and our own; "
                    "the setting limits.tagsPerRole takes 2"
                ),
            ),
            id="tags that are not the entry's",
        ),
        pytest.param(
            {"subjectPattern": "b-*"},
            {"trustPolicyCharacters": 100},
            (
                "subjectPattern",
                "E-LIMIT-TRUST-POLICY",
                (
                    "435 characters of trust policy; the setting "
                    "limits.trustPolicyCharacters takes 100"
                ),
            ),
            id="trust policy",
        ),
        pytest.param(
            {"metadata": {"annotations": {"a": "ü" * 131_072}}},
            {},
            (
                "metadata.annotations",
                "E-LIMIT-ANNOTATIONS",
                "262,219 bytes of annotations; Kubernetes takes 262,144 on an object",
            ),
            id="annotations",
        ),
    ],
)
def test_limit_is_kept(
    given: dict[str, object],
    settings: dict[str, int],
    expected: tuple[str, str, str],
) -> None:
    """The message counts, names the limit and the setting that raises it."""
    problems = refused(
        entry("a/first"), entry("a/b", **given), settings={"limits": settings}
    )

    path, code, message = expected
    at = f"iam.serviceAccounts[1].{path}".removesuffix(".")
    assert [one for one in problems if one[0].startswith("iam.serviceAccounts[1]")] == [
        (at, code, message)
    ]


@pytest.mark.parametrize(
    ("given", "limits"),
    [
        pytest.param({"attachPolicyARNs": policies(10)}, {}, id="managed policies"),
        pytest.param(
            {"attachPolicyARNs": policies(25)},
            {"managedPoliciesPerRole": 25},
            id="managed policies, raised",
        ),
        pytest.param({"attachPolicy": policy_of(10_240)}, {}, id="inline policy"),
        pytest.param(
            {"attachPolicy": policy_of(10_241)},
            {"inlinePolicyCharacters": 10_241},
            id="inline policy, raised",
        ),
        pytest.param({"tags": {f"t{index}": "" for index in range(47)}}, {}, id="tags"),
        pytest.param(
            {"tags": {f"t{index}": "" for index in range(57)}},
            {"tagsPerRole": 60},
            id="tags, raised",
        ),
        pytest.param(
            {"subjectPattern": "b-*"}, {"trustPolicyCharacters": 435}, id="trust policy"
        ),
        pytest.param(
            {"metadata": {"annotations": {"a": "x" * 262_069}}}, {}, id="annotations"
        ),
        pytest.param(
            {"metadata": {"annotations": {"a": "x" * 262_070}}},
            {"annotationBytes": 262_145},
            id="annotations, raised",
        ),
        pytest.param(
            {"roleOnly": True, "metadata": {"annotations": {"a": "x" * 300_000}}},
            {},
            id="annotations that are not written",
        ),
    ],
)
def test_what_a_limit_allows_is_taken(
    given: dict[str, object], limits: dict[str, int]
) -> None:
    """Up to the limit itself, and up to a raised one."""
    plan = planned(entry("a/b", **given), settings={"limits": limits})

    assert [one.key for one in plan.service_accounts] == ["a/b"]


def test_every_limit_that_is_broken_is_named() -> None:
    """All at once, in the order of the file."""
    problems = refused(
        entry(
            "a/b",
            attachPolicyARNs=policies(11),
            attachPolicy=policy_of(10_241),
            tags={f"t{index}": "" for index in range(48)},
        )
    )

    assert [code for _, code, _ in problems] == [
        "E-LIMIT-MANAGED-POLICIES",
        "E-LIMIT-INLINE-POLICY",
        "E-LIMIT-TAGS",
    ]


@pytest.mark.parametrize(
    ("cluster", "at_most"),
    [
        (CLUSTER, ""),
        (ASSUMED, " at most, as issuer and AWS account are not known yet"),
    ],
    ids=["known", "assumed"],
)
def test_size_of_a_trust_policy_is_a_bound_before_the_cluster_is_known(
    cluster: Cluster, at_most: str
) -> None:
    """Account and issuer stand in it twice."""
    problems = refused(
        entry("a/b"), cluster=cluster, settings={"limits": {"trustPolicyCharacters": 9}}
    )

    assert problems == [
        (
            "iam.serviceAccounts[0]",
            "E-LIMIT-TRUST-POLICY",
            (
                f"418 characters of trust policy{at_most}; the setting "
                "limits.trustPolicyCharacters takes 9"
            ),
        )
    ]


def test_thousands_of_roles_over_a_limit_are_not_all_named() -> None:
    """Who made a mistake in each of so many entries corrects some first."""
    one_too_many = policies(11)

    problems = refused(
        *(entry(f"shop/a{i}", attachPolicyARNs=one_too_many) for i in range(1200))
    )

    assert problems[0] == (
        "",
        "E-TOO-MANY",
        "more than 1,000 problems; correct the ones shown first",
    )
    assert len(problems) == 1001
