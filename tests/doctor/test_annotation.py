"""Annotations that give no role, or not the one that is meant."""

import shlex
from dataclasses import replace

import pytest
from doctor.facts import (
    ACCOUNT_ID,
    CLUSTER,
    HEALTHY,
    ROLE,
    ROLE_ARN,
    SERVICE_ACCOUNT,
    TOKEN_FILE,
    TOKEN_VOLUME,
    annotated,
    codes,
    container,
    found,
    injected,
    only,
    pod,
)

from eks_irsa.doctor.diagnosis import diagnose
from eks_irsa.doctor.model import Facts
from eks_irsa.live.model import Attempt, Unread

ANNOTATE = "kubectl annotate serviceaccount web --namespace apps --overwrite"
RESTART = "kubectl rollout restart deployment/web --namespace apps"
KEY = "eks.amazonaws.com/role-arn"


def other_annotations(**annotations: str) -> Facts:
    """Make facts with nothing but some annotations; no pod is left from before."""
    given = {key.replace("__", "/"): value for key, value in annotations.items()}
    account = replace(SERVICE_ACCOUNT, annotations=given)
    return replace(HEALTHY, service_account=account, pods=())


def of_value(value: str) -> Facts:
    """Make facts whose annotation has another value."""
    return replace(HEALTHY, service_account=annotated(role_arn=value), pods=())


@pytest.mark.parametrize(
    "key",
    [
        "eks.amazon.com/role-arn",
        "eks.amazonaws.com/rolearn",
        "eks.amazonaws.com/roleArn",
        "eks.amazonaws.com/role_arn",
        "EKS.amazonaws.com/role-arn",
        "amazonaws.com/role-arn",
        "eks.amazonaws.com/role",
        "iam.amazonaws.com/role-arn",
    ],
)
def test_misspelt_key_is_found_and_put_right(key: str) -> None:
    """The remedy writes the right one and takes the wrong one away."""
    account = replace(SERVICE_ACCOUNT, annotations={key: ROLE_ARN})

    one = only(replace(HEALTHY, service_account=account, pods=()))

    assert (one.code, one.wanted, one.given) == ("D-ANNOTATION-NEAR-MISS", KEY, key)
    assert one.remedy == (f"{ANNOTATE} {KEY}={ROLE_ARN} {key}-",)


def test_misspelt_key_with_a_line_break_in_its_value_is_put_right() -> None:
    """Of several the one with the ARN of a role counts."""
    given = {"eks.amazonaws.com/role": "x", "eks.amazon.com/role-arn": f"{ROLE_ARN}\n"}
    account = replace(SERVICE_ACCOUNT, annotations=given)

    one = only(replace(HEALTHY, service_account=account, pods=()))

    wrong = "eks.amazon.com/role-arn"
    assert one.remedy == (f"{ANNOTATE} {KEY}={ROLE_ARN} {wrong}-",)


def test_annotation_of_kube2iam_is_known_and_its_name_completed() -> None:
    """It has a role's name; the ARN is of the cluster's AWS account."""
    account = replace(SERVICE_ACCOUNT, annotations={"iam.amazonaws.com/role": "web"})

    one = only(replace(HEALTHY, service_account=account, pods=()))

    assert one.code == "D-ANNOTATION-KUBE2IAM"
    assert one.remedy == (f"{ANNOTATE} {KEY}=arn:aws:iam::{ACCOUNT_ID}:role/web",)


@pytest.mark.parametrize(
    ("key", "code"),
    [(KEY, "D-ANNOTATION-ON-POD"), ("iam.amazonaws.com/role", "D-ANNOTATION-KUBE2IAM")],
)
def test_annotation_on_the_pod_is_not_read(key: str, code: str) -> None:
    """The webhook reads the service account's."""
    bare = pod(
        container(env={"AWS_REGION": "x"}), metadata={"annotations": {key: ROLE_ARN}}
    )
    account = replace(SERVICE_ACCOUNT, annotations={})

    one = only(replace(HEALTHY, service_account=account, pods=(bare,)))

    assert one.code == code
    assert one.remedy == (f"{ANNOTATE} {KEY}={ROLE_ARN}", RESTART)


def test_missing_annotation_is_put_back_with_the_role_that_pods_still_have() -> None:
    """Pods from before know it."""
    account = replace(SERVICE_ACCOUNT, annotations={})
    facts = replace(HEALTHY, service_account=account, role=Unread("?"))

    (one,) = [one for one in found(facts) if one.severity == "error"]

    assert one.code == "D-ANNOTATION-NONE"
    assert one.remedy == (f"{ANNOTATE} {KEY}={ROLE_ARN}", RESTART)


def test_pods_that_mount_a_token_themselves_need_no_annotation() -> None:
    """It is said, and nothing is called broken."""
    own = {**TOKEN_VOLUME, "name": "mine"}
    mount = {"name": "mine", "mountPath": TOKEN_FILE.rpartition("/")[0]}
    made = pod({**injected(), "volumeMounts": [mount]}, volumes=[own])
    facts = replace(other_annotations(), pods=(made,))

    one = only(facts)

    assert (one.code, one.severity) == ("D-ANNOTATION-NONE", "warning")


def test_missing_annotation_without_a_trace_leaves_a_place_for_the_role() -> None:
    """Nothing is guessed."""
    facts = replace(other_annotations(), role=None)

    one = only(facts)

    assert one.code == "D-ANNOTATION-NONE"
    assert one.remedy == (f"{ANNOTATE} {KEY}=ROLE_ARN",)
    assert one.message.endswith("; write the role's ARN for ROLE_ARN")


@pytest.mark.parametrize(
    ("value", "words", "meant"),
    [
        ("", "is empty", "ROLE_ARN"),
        ("dev-web", "is a name and no ARN", f"arn:aws:iam::{ACCOUNT_ID}:role/dev-web"),
        (
            "role/irsa/dev-web",
            "is a name and no ARN",
            f"arn:aws:iam::{ACCOUNT_ID}:role/irsa/dev-web",
        ),
        (
            f"arn:aws:sts::{ACCOUNT_ID}:assumed-role/dev-web/session",
            "is the ARN of a session of the role 'dev-web'",
            f"arn:aws:iam::{ACCOUNT_ID}:role/dev-web",
        ),
        (f"arn:aws:iam::{ACCOUNT_ID}:user/web", "is the ARN of a user", "ROLE_ARN"),
        (f"arn:aws:iam::{ACCOUNT_ID}:policy/w", "is the ARN of a policy", "ROLE_ARN"),
        (
            f"arn:aws:iam::{ACCOUNT_ID}:instance-profile/web",
            "is the ARN of an instance profile",
            "ROLE_ARN",
        ),
        ("arn:aws:iam::1234:role/web", "is not the ARN of a role", "ROLE_ARN"),
        ("arn:aws:iam::${ACCOUNT}:role/web", "is not the ARN of a role", "ROLE_ARN"),
    ],
)
def test_value_that_is_no_role_is_named_for_what_it_is(
    value: str, words: str, meant: str
) -> None:
    """Where what is meant can be told, the remedy has it."""
    one = only(replace(of_value(value), role=Unread("it was not looked up")))

    assert one.code == "D-ANNOTATION-ARN"
    assert words in one.message
    assert shlex.split(one.remedy[0])[-1] == f"{KEY}={meant}"


def test_line_break_after_the_arn_is_seen() -> None:
    """YAML's block scalars leave one."""
    one = only(of_value(f"{ROLE_ARN}\n"))

    assert (one.code, one.given) == ("D-ANNOTATION-SPACES", f"{ROLE_ARN}\n")
    assert one.remedy == (f"{ANNOTATE} {KEY}={ROLE_ARN}",)


@pytest.mark.parametrize(
    "value",
    [
        f"arn:aws:iam::{ACCOUNT_ID}:role/dev-web",
        f"arn:aws:iam::{ACCOUNT_ID}:role/irsa/Dev-Web",
    ],
)
def test_arn_without_the_path_or_in_another_case_is_another_role(value: str) -> None:
    """IAM finds the role by its name; STS compares the ARN."""
    one = only(of_value(value))

    assert (one.code, one.wanted, one.given) == ("D-ANNOTATION-PATH", ROLE_ARN, value)


def test_partition_has_to_be_the_clusters() -> None:
    """A copy from another partition is put right."""
    arn = CLUSTER.arn.replace("arn:aws:", "arn:aws-cn:").replace(
        "us-west-2", "cn-north-1"
    )
    facts = replace(
        HEALTHY, cluster=replace(CLUSTER, arn=arn), pods=(), role=Unread("none")
    )

    one = next(one for one in found(facts) if one.severity == "error")

    assert one.code == "D-ANNOTATION-PARTITION"
    assert one.wanted == ROLE_ARN.replace("arn:aws:", "arn:aws-cn:")


@pytest.mark.parametrize(
    ("attempt", "severities"),
    [
        (None, ["warning"]),
        (Attempt(code="", message="arn"), []),
        (Attempt(code="AccessDenied", message="no"), ["error"]),
    ],
)
def test_role_of_another_account_may_work(
    attempt: Attempt | None, severities: list[str]
) -> None:
    """Only an answer of AWS tells, for IAM cannot be asked with these credentials."""
    other = ROLE_ARN.replace(ACCOUNT_ID, "999999999999")
    stranger = Unread("the role is in the AWS account 999999999999")
    facts = replace(
        of_value(other),
        attempt=attempt,
        role=stranger,
        provider=stranger,
        namesake=ROLE,
    )

    several = [one for one in found(facts) if one.link == "annotation"]

    assert [one.code for one in several] == ["D-ANNOTATION-ACCOUNT"] * len(severities)
    assert [one.severity for one in several] == severities
    own = (f"{ANNOTATE} {KEY}={ROLE_ARN}",)
    assert [one.remedy for one in several if one.severity == "error"] in ([], [own])
    assert [one.remedy for one in several if one.severity == "warning"] in ([], [()])


@pytest.mark.parametrize("namesake", [None, Unread("iam:GetRole is not allowed")])
def test_role_of_another_account_is_not_replaced_by_one_nobody_saw(
    namesake: Unread | None,
) -> None:
    """The annotation may be right; what STS says is the verdict."""
    stranger = Unread("the role is in the AWS account 999999999999")
    facts = replace(
        of_value(ROLE_ARN.replace(ACCOUNT_ID, "999999999999")),
        attempt=Attempt(code="InvalidIdentityToken", message="no"),
        role=stranger,
        provider=stranger,
        namesake=namesake,
    )

    one = next(one for one in found(facts) if one.link == "annotation")

    assert (one.code, one.severity) == ("D-ANNOTATION-ACCOUNT", "warning")
    assert one.remedy == ()
    assert "is meant" not in one.message


@pytest.mark.parametrize(
    ("annotations", "code"),
    [
        ({"token_expiration": "60"}, "D-ANNOTATION-VALUE"),
        ({"token_expiration": "1h"}, "D-ANNOTATION-VALUE"),
        ({"sts_regional_endpoints": "yes"}, "D-ANNOTATION-VALUE"),
        ({"skip_containers": "web"}, "D-ANNOTATION-VALUE"),
        ({"audiences": "vault"}, "D-ANNOTATION-NEAR-MISS"),
    ],
)
def test_other_annotations_that_do_nothing_are_a_warning(
    annotations: dict[str, str], code: str
) -> None:
    """The role comes all the same."""
    one = only(replace(HEALTHY, service_account=annotated(**annotations)))

    assert (one.code, one.severity) == (code, "warning")


def test_right_annotation_beside_a_misspelt_one_counts() -> None:
    """What is misspelt has no effect then."""
    account = annotated()
    both = {**account.annotations, "eks.amazonaws.com/rolearn": "x"}

    assert (
        codes(replace(HEALTHY, service_account=replace(account, annotations=both)))
        == []
    )


def test_role_is_the_annotations_although_a_pod_has_another() -> None:
    """The pod's is said of the pod."""
    old = pod(injected(AWS_ROLE_ARN=f"{ROLE_ARN}-old"))

    assert codes(replace(HEALTHY, pods=(old,), role=ROLE)) == ["D-POD-OLD-ROLE"]


def test_no_annotation_is_no_fault_where_associations_cannot_be_listed() -> None:
    """One of those may give the role."""
    denied = Unread("AccessDeniedException: eks:ListPodIdentityAssociations")
    facts = replace(other_annotations(), associations=denied, role=None)

    one = only(facts)

    assert (one.code, one.severity) == ("D-UNREAD", "unknown")
    assert "whether EKS Pod Identity gives a role" in one.message
    assert diagnose(facts).healthy


def test_misspelt_key_is_named_where_associations_cannot_be_listed() -> None:
    """It is wrong whatever those say."""
    denied = Unread("AccessDeniedException: eks:ListPodIdentityAssociations")
    facts = other_annotations(**{"eks.amazonaws.com/rolearn": ROLE_ARN})

    assert "D-ANNOTATION-NEAR-MISS" in codes(replace(facts, associations=denied))
