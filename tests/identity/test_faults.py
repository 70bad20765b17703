"""The code of every rule, and that what is right has none."""

import json
from typing import Any

import pytest

from eks_irsa.identity.combinations import settled_faults
from eks_irsa.identity.decision import asked_faults
from eks_irsa.identity.model import LATER
from eks_irsa.identity.rules import FIELDS

ROLE = "arn:aws:iam::111122223333:role/theirs"
POLICY = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
PROVIDER = (
    "arn:aws:iam::111122223333:oidc-provider/oidc.eks.us-west-2.amazonaws.com/id/A"
)
STATEMENT = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
TRUST = {"Effect": "Allow", "Principal": {"AWS": ROLE}, "Action": "sts:AssumeRole"}
# Field -> a right value, and wrong ones with their codes.
RIGHT: dict[str, Any] = {
    "adopt": {
        "role": "reader",
        "attached_policies": [POLICY],
        "inline_policies": ["theirs"],
        "service_account": True,
    },
    "annotations": {"note": "x"},
    "attach_policies": {"app": POLICY},
    "attach_policy_arns": [POLICY.replace("ReadOnly", "Full")],
    "audience": "vault",
    "automount_service_account_token": True,
    "client_ids": ["sts.amazonaws.com"],
    "cluster_arn": "arn:aws:eks:us-west-2:111122223333:cluster/shop",
    "cluster_name": "shop",
    "cluster_region": "us-west-2",
    "create_namespace": True,
    "image_pull_secrets": ["registry"],
    "import_arn": PROVIDER,
    "inline_policies": {"own": {"Statement": STATEMENT}},
    "inline_policy_names": {"own": "theirs"},
    "issuer_url": "https://issuer.example.com",
    "labels": {"team": "shop", "empty": ""},
    "max_session_duration_seconds": 3600.0,
    "mode": "auto",
    "named_policies": {"kedaSqs": {"queueArns": "*"}, "efsCsiDriver": {}},
    "namespace": "apps",
    "oidc_provider_arn": PROVIDER,
    "permissions_boundary": POLICY,
    "provider_credential_opts": {"profile_name": "production"},
    "role_description": "Reads.",
    "role_name": "reader",
    "role_path": "/eks/",
    "service_account_mode": "created",
    "service_account_name": "reader",
    "sts_regional_endpoints": False,
    "subject_pattern": "reader*",
    "wait": True,
    "subjects": ["jobs:*-reader", "*:reader"],
    "tags": {"team": "shop"},
    "thumbprints": ["a" * 40],
    "token_expiration_seconds": 86400,
    "trust_conditions": {"StringEquals": {"aws:RequestedRegion": ["eu-west-1"]}},
    "trust_statements": [TRUST],
    "trusted_provider_arns": [PROVIDER],
    "well_known_policies": ["autoScaler"],
}

CLUSTER = "arn:aws:eks:us-west-2:111122223333:cluster/blue"
# The same of EKS Pod Identity.
ASSOCIATION: dict[str, Any] = {
    "association_id": "a-abcdefghijklmnop1",
    "disable_session_tags": True,
    "identity": "podIdentity",
    "session_policy": {"Statement": STATEMENT},
    "target_role_arn": ROLE.replace("1111", "4444"),
    "trusted_cluster_arns": [CLUSTER],
}
OF_TOKENS = ("wait", "audience", "subject_pattern", "subjects", "trusted_provider_arns")


def beside(field: str) -> dict[str, Any]:
    """Give what must be asked for beside a field, so that it has an effect."""
    if field in {"association_id", "session_policy", "target_role_arn"}:
        wanted = ("identity", "disable_session_tags")
        return {name: ASSOCIATION[name] for name in wanted} | {"role_arn": ROLE}
    if field in ASSOCIATION.keys() - {"identity"}:
        return {"identity": "podIdentity"}
    return {}


def codes(asked: dict[str, Any]) -> list[str]:
    """List the codes of what is wrong, in order."""
    return [fault.code for fault in asked_faults(asked)]


def test_every_field_has_a_right_value() -> None:
    """Nothing is wrong with any of them, nor with all together."""
    assert RIGHT.keys() | ASSOCIATION.keys() | {"role_arn"} == FIELDS.keys()
    assert codes({"role_arn": ROLE}) == []
    assert codes(RIGHT) == []
    by_association = {key: RIGHT[key] for key in RIGHT if key not in OF_TOKENS}
    assert codes(by_association | ASSOCIATION) == ["W-NO-SESSION-TAGS"]


@pytest.mark.parametrize("field", FIELDS)
def test_a_value_of_another_kind_is_refused_alone(field: str) -> None:
    """It has no other fault, and what is known later has none yet."""
    assert codes({field: object()}) == ["E-TYPE"]
    assert codes({field: None}) == ["E-TYPE"]
    assert codes(beside(field) | {field: LATER}) == []


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("annotations", {"a b": "x"}, "E-ANNOTATION"),
        ("annotations", {"eks.amazonaws.com/role-arn": ROLE}, "E-ROLE-ARN-ANNOTATION"),
        ("annotations", {"eks.amazonaws.com/role": ROLE}, "E-ANNOTATION-NEAR-MISS"),
        ("association_id", "abc", "E-ASSOCIATION-ID"),
        ("attach_policies", {"a:b": LATER}, "E-POLICY-NAME"),
        ("attach_policies", {"app": ROLE}, "E-POLICY-ARN"),
        ("attach_policies", {"app": f"{POLICY}es"}, "W-UNKNOWN-AWS-POLICY"),
        ("attach_policy_arns", [ROLE], "E-POLICY-ARN"),
        ("attach_policy_arns", [f"{POLICY}es"], "W-UNKNOWN-AWS-POLICY"),
        ("attach_policy_arns", [LATER], "E-POLICY-LATER"),
        ("attach_policy_arns", [], "E-SA-NO-POLICY"),
        ("attach_policy_arns", [POLICY, POLICY], "W-POLICY-ARN-TWICE"),
        ("audience", "a b", "E-AUDIENCE"),
        ("client_ids", ["${x}"], "E-AUDIENCE"),
        ("cluster_arn", ROLE, "E-CLUSTER-ARN"),
        ("cluster_name", "-", "E-CLUSTER-NAME"),
        ("identity", "pod", "E-MODE"),
        ("image_pull_secrets", ["A"], "E-SECRET-NAME"),
        ("import_arn", ROLE, "E-PROVIDER-ARN"),
        ("inline_policies", {"own": {}}, "E-POLICY-DOCUMENT"),
        ("inline_policies", {"a b": {"Statement": STATEMENT}}, "E-POLICY-NAME"),
        ("issuer_url", "x", "E-ISSUER-URL"),
        ("labels", {"a": "b c"}, "E-LABEL"),
        ("max_session_duration_seconds", 3599, "E-SESSION-DURATION"),
        ("max_session_duration_seconds", 43201, "E-SESSION-DURATION"),
        ("mode", "created", "E-MODE"),
        ("named_policies", {"keda": {}}, "E-NAMED-POLICY"),
        ("named_policies", {"kedaSqs": {}}, "E-NAMED-PARAMETER"),
        ("named_policies", {"kedaSqs": {"queueArns": 1}}, "E-NAMED-PARAMETER"),
        ("named_policies", {"kedaSqs": LATER}, "E-NAMED-PARAMETER"),
        ("named_policies", {"kedaSqs": None}, "E-TYPE"),
        ("named_policies", {}, "E-SA-NO-POLICY"),
        ("namespace", "a.b", "E-SA-NAMESPACE"),
        ("oidc_provider_arn", ROLE, "E-PROVIDER-ARN"),
        ("permissions_boundary", "", "E-BOUNDARY-ARN"),
        ("permissions_boundary", f"{POLICY}es", "W-UNKNOWN-AWS-POLICY"),
        ("role_arn", PROVIDER, "E-ROLE-ARN"),
        ("role_description", "x" * 1001, "E-ROLE-DESCRIPTION"),
        ("role_name", "x" * 65, "E-ROLE-NAME"),
        ("role_path", "/eks", "E-ROLE-PATH"),
        ("service_account_mode", "auto", "E-MODE"),
        ("service_account_name", "a_b", "E-SA-NAME"),
        ("session_policy", {}, "E-POLICY-DOCUMENT"),
        (
            "session_policy",
            {"Statement": {**STATEMENT, "Sid": "a" * 2000}},
            "E-LIMIT-SESSION-POLICY",
        ),
        ("subject_pattern", "A*", "E-SUBJECT-PATTERN"),
        ("subject_pattern", "*", "W-SUBJECT-PATTERN"),
        ("subjects", ["a:b:c"], "E-SUBJECT"),
        ("subjects", ["*:?"], "E-SUBJECT"),
        ("subjects", ["jobs:*"], "W-SUBJECT-PATTERN"),
        ("tags", {"eks-irsa/stack": "x"}, "E-TAG"),
        ("target_role_arn", PROVIDER, "E-ROLE-ARN"),
        ("thumbprints", ["a" * 39], "E-THUMBPRINT"),
        ("token_expiration_seconds", 599, "E-TOKEN-EXPIRATION"),
        ("token_expiration_seconds", 86401, "E-TOKEN-EXPIRATION"),
        ("trust_conditions", {"Bool": {"a:b": None}}, "E-TRUST-CONDITION"),
        ("trust_statements", [{**TRUST, "Effect": "x"}], "E-TRUST-STATEMENT"),
        ("trust_statements", [{**TRUST, "Principal": "*"}], "W-TRUST-ANYONE"),
        ("trusted_cluster_arns", [ROLE], "E-CLUSTER-ARN"),
        ("trusted_provider_arns", [ROLE], "E-PROVIDER-ARN"),
        ("well_known_policies", ["x"], "E-WELL-KNOWN"),
    ],
)
def test_a_wrong_value_has_the_code_of_its_rule(
    field: str, value: object, code: str
) -> None:
    """One cause, one fault."""
    assert codes(beside(field) | {field: value}) == [code]


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"role_arn": ROLE, "tags": {"a": "b"}}, "E-ATTACH-ROLE"),
        ({"service_account_mode": "retained", "labels": {"a": "b"}}, "E-NOT-MANAGED"),
        (
            {
                "sts_regional_endpoints": True,
                "annotations": {"eks.amazonaws.com/sts-regional-endpoints": "true"},
            },
            "E-TWICE",
        ),
        (
            {
                "oidc_provider_arn": PROVIDER,
                "permissions_boundary": POLICY.replace("aws:iam", "aws-cn:iam"),
            },
            "E-PARTITION",
        ),
        ({"wait": True, "identity": "podIdentity"}, "E-WAIT"),
        ({"wait": True, "service_account_mode": "notManaged"}, "E-WAIT"),
        (
            {"wait": True, "service_account_name": "a", "subject_pattern": "b-*"},
            "E-WAIT",
        ),
        ({"target_role_arn": ROLE}, "E-POD-IDENTITY"),
        ({"association_id": "a-1", "identity": "irsa"}, "E-POD-IDENTITY"),
        ({"disable_session_tags": True}, "E-POD-IDENTITY"),
        ({"identity": "podIdentity", "subject_pattern": "a-*"}, "E-POD-IDENTITY"),
        ({"identity": "podIdentity", "subjects": ["a:b"]}, "E-POD-IDENTITY"),
        ({"identity": "podIdentity", "audience": "vault"}, "E-POD-IDENTITY"),
        (
            {"identity": "podIdentity", "trusted_provider_arns": [PROVIDER]},
            "E-POD-IDENTITY",
        ),
        ({"identity": "both", "subject_pattern": "a-*"}, "W-POD-IDENTITY"),
        ({"identity": "both", "target_role_arn": ROLE}, "W-POD-IDENTITY"),
        (
            {
                "identity": "both",
                "annotations": {"eks.amazonaws.com/audience": "vault"},
            },
            "W-POD-IDENTITY",
        ),
        (
            {"identity": "podIdentity", "session_policy": {"Statement": STATEMENT}},
            "E-SESSION-POLICY",
        ),
        (
            {"identity": "both", "disable_session_tags": True},
            "W-NO-SESSION-TAGS",
        ),
        (
            {
                "identity": "podIdentity",
                "role_arn": ROLE,
                "trusted_cluster_arns": [CLUSTER],
            },
            "E-ATTACH-ROLE",
        ),
    ],
)
def test_fields_that_contradict_one_another_are_refused(
    asked: dict[str, Any], code: str
) -> None:
    """Nothing that is given is dropped in silence."""
    assert codes(asked) == [code]


@pytest.mark.parametrize("identity", ["podIdentity", "both"])
def test_association_alone_may_be_all_that_is_made(identity: str) -> None:
    """With an existing role it has the tags, and no service account is needed."""
    asked = {
        "identity": identity,
        "role_arn": ROLE,
        "tags": {"a": "b"},
        "service_account_mode": "notManaged",
    }

    assert codes(asked) == []


def test_what_settings_decide_besides_is_warned_of() -> None:
    """Keys of an owner stay, and tokens that the role refuses are named."""
    asked = {
        "service_account_mode": "patched",
        "labels": {"app.kubernetes.io/managed-by": "Helm"},
        "annotations": {"eks.amazonaws.com/audience": "vault"},
    }

    found = [(fault.code, fault.severity) for fault in settled_faults(asked)]

    assert found == [("W-OWNERSHIP-KEY", "warning"), ("W-AUDIENCE", "warning")]


@pytest.mark.parametrize(
    ("field", "value", "path"),
    [
        ("annotations", {"owner": "<team>"}, ("annotations", "owner")),
        ("tags", {"owner": "YOUR_TEAM"}, ("tags", "owner")),
        ("role_description", "of {{ team }}", ("role_description",)),
        ("role_path", "/${TEAM}/", ("role_path",)),
        (
            "inline_policies",
            {"own": {"Statement": {**STATEMENT, "Resource": "arn:aws:s3:::$BUCKET"}}},
            ("inline_policies", "own", "Statement", "Resource"),
        ),
        (
            "inline_policies",
            {
                "own": json.dumps(
                    {"Statement": [{**STATEMENT, "Resource": "arn:aws:s3:::${B}"}]}
                )
            },
            ("inline_policies", "own", "Statement", 0, "Resource"),
        ),
        (
            "trust_conditions",
            {"StringEquals": {"aws:PrincipalTag/a": ["${TEAM}"]}},
            ("trust_conditions", "StringEquals", "aws:PrincipalTag/a", 0),
        ),
    ],
)
def test_text_that_nobody_replaced_is_warned_of_in_every_field(
    field: str, value: object, path: tuple[str | int, ...]
) -> None:
    """AWS and Kubernetes take it, and it names nothing."""
    found = [*asked_faults({field: value})]

    assert [(one.code, one.path, one.severity) for one in found] == [
        ("W-NOT-REPLACED", path, "warning")
    ]


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("role_name", "${CLUSTER}-reader", "E-ROLE-NAME"),
        ("attach_policy_arns", ["arn:aws:iam::<id>:policy/x"], "E-POLICY-ARN"),
        ("labels", {"team": "{{ team }}"}, "E-LABEL"),
        ("labels", {"<team>": "x"}, "E-LABEL"),
        ("tags", {"team": "<team>"}, "E-TAG"),
        ("tags", {"<team>": "x"}, "E-TAG"),
        ("namespace", "$NAMESPACE", "E-SA-NAMESPACE"),
    ],
)
def test_a_placeholder_is_the_one_fault_of_a_text_that_is_refused(
    field: str, value: object, code: str
) -> None:
    """Neither its length nor its shape is blamed, and it is not named twice."""
    found = [*asked_faults({field: value})]

    assert [one.code for one in found] == [code]
    assert found[0].message.endswith(
        "was not replaced; write the text that it stands for"
    )


def test_other_faults_stay_beside_a_placeholder() -> None:
    """Each text has its own."""
    found = asked_faults({"labels": {"a b": "<x>", "team": "a b"}})

    assert [(one.path[-1], one.at_key, "replaced" in one.message) for one in found] == [
        ("a b", True, False),
        ("a b", False, True),
        ("team", False, False),
    ]
