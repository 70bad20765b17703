"""Roles that are not there, and trust policies that do not fit, letter by letter."""

import json
import shlex
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import pytest
from doctor.facts import (
    ACCOUNT_ID,
    ASSOCIATION,
    AUDIENCE,
    CLUSTER,
    HEALTHY,
    ISSUER,
    PROVIDER_ARN,
    ROLE,
    ROLE_ARN,
    SUBJECT,
    annotated,
    codes,
    found,
    in_pod_identity,
    only,
    role_trusting,
    statement,
    trust,
)

from eks_irsa.doctor.model import Facts
from eks_irsa.live.model import NOT_LOOKED_UP, LiveRole, Unread
from sandbox.aws.trust_evaluator import may_assume

OTHER_ISSUER: Final = "oidc.eks.us-west-2.amazonaws.com/id/OLD"
OTHER_PROVIDER: Final = f"arn:aws:iam::{ACCOUNT_ID}:oidc-provider/{OTHER_ISSUER}"
CLAIMS: Final = {"sub": SUBJECT, "aud": AUDIENCE}


def with_role(role: LiveRole | None) -> Facts:
    """Make facts with another role."""
    return replace(HEALTHY, role=role)


def pinned(**operators: Mapping[str, object]) -> dict[str, Any]:
    """Write the statement with other conditions."""
    return statement(Condition=operators)


def equals(sub: object = SUBJECT, aud: object = AUDIENCE) -> dict[str, Any]:
    """Write the statement with other values."""
    return pinned(StringEquals={f"{ISSUER}:sub": sub, f"{ISSUER}:aud": aud})


def of_key(key: str) -> dict[str, Any]:
    """Write the statement with another key in place of the one of the subject."""
    return pinned(StringEquals={key: SUBJECT, f"{ISSUER}:aud": AUDIENCE})


FAULTS: Final[Mapping[str, tuple[list[dict[str, Any]], str, str]]] = {
    # name: statements, code, words of the message
    "namespace": (
        [equals("system:serviceaccount:app:web")],
        "D-TRUST-SUBJECT",
        "the namespace differs",
    ),
    "name": (
        [equals("system:serviceaccount:apps:webb")],
        "D-TRUST-SUBJECT",
        "the name differs",
    ),
    "interchanged": (
        [equals("system:serviceaccount:web:apps")],
        "D-TRUST-SUBJECT",
        "namespace and name are interchanged",
    ),
    "case": (
        [equals("system:serviceaccount:Apps:web")],
        "D-TRUST-SUBJECT",
        "they differ in case",
    ),
    "spaces": (
        [equals(f"{SUBJECT} ")],
        "D-TRUST-SUBJECT",
        "there are spaces around it",
    ),
    "prefix": (
        [equals("serviceaccount:apps:web")],
        "D-TRUST-SUBJECT",
        "expected 'system:serviceaccount:<namespace>:<name>'",
    ),
    "two-colons": (
        [equals("system:serviceaccount:apps::web")],
        "D-TRUST-SUBJECT",
        "the name differs",
    ),
    "wildcard": (
        [equals("system:serviceaccount:apps:*")],
        "D-TRUST-WILDCARD",
        "StringEquals knows no wildcards, StringLike does",
    ),
    "pattern": (
        [
            pinned(
                StringLike={f"{ISSUER}:sub": "system:serviceaccount:other:*"},
                StringEquals={f"{ISSUER}:aud": AUDIENCE},
            )
        ],
        "D-TRUST-SUBJECT",
        "the namespace differs",
    ),
    "several": (
        [equals(["system:serviceaccount:apps:api", "system:serviceaccount:x:y"])],
        "D-TRUST-SUBJECT",
        "wants 'system:serviceaccount:apps:api'",
    ),
    "regional-audience": (
        [equals(aud="sts.amazonaws.com.cn")],
        "D-TRUST-AUDIENCE",
        "EKS's webhook asks for 'sts.amazonaws.com' in every partition",
    ),
    "audience": ([equals(aud="vault")], "D-TRUST-AUDIENCE", "wants 'vault'"),
    "scheme-in-key": (
        [of_key(f"https://{ISSUER}:sub")],
        "D-TRUST-KEY",
        "the key begins with 'https://'",
    ),
    "arn-in-key": (
        [of_key(f"{PROVIDER_ARN}:sub")],
        "D-TRUST-KEY",
        "the key begins with the provider's ARN",
    ),
    "colons-in-key": (
        [of_key(f"{ISSUER}::sub")],
        "D-TRUST-KEY",
        "the key has a colon too many",
    ),
    "slash-in-key": ([of_key(f"{ISSUER}/:sub")], "D-TRUST-KEY", "a slash too many"),
    "spaces-in-key": ([of_key(f"{ISSUER}: sub")], "D-TRUST-KEY", "the key has spaces"),
    "claim-in-key": (
        [of_key(f"{ISSUER}:subject")],
        "D-TRUST-KEY",
        "no token has the claim 'subject'",
    ),
    "issuer-in-key": (
        [of_key(f"{OTHER_ISSUER}:sub")],
        "D-TRUST-KEY",
        "the key is of another issuer",
    ),
    "action": (
        [statement(Action="sts:AssumeRole")],
        "D-TRUST-ACTION",
        "is about 'sts:AssumeRole'",
    ),
    "action-with-saml": (
        [statement(Action=["sts:AssumeRoleWithSAML"])],
        "D-TRUST-ACTION",
        "is about 'sts:AssumeRoleWithSAML'",
    ),
    "former-cluster": (
        [
            statement(
                Principal={"Federated": OTHER_PROVIDER},
                Condition={
                    "StringEquals": {
                        f"{OTHER_ISSUER}:sub": SUBJECT,
                        f"{OTHER_ISSUER}:aud": AUDIENCE,
                    }
                },
            )
        ],
        "D-TRUST-ISSUER",
        "another issuer",
    ),
    "principal-of-another-issuer": (
        [statement(Principal={"Federated": OTHER_PROVIDER})],
        "D-TRUST-ISSUER",
        "another issuer",
    ),
    "account": (
        [
            statement(
                Principal={
                    "Federated": PROVIDER_ARN.replace(ACCOUNT_ID, "999999999999")
                }
            )
        ],
        "D-TRUST-ACCOUNT",
        "the AWS account '999999999999'",
    ),
    "pod-identity-alone": (
        [
            {
                "Effect": "Allow",
                "Principal": {"Service": "pods.eks.amazonaws.com"},
                "Action": ["sts:AssumeRole", "sts:TagSession"],
            }
        ],
        "D-TRUST-PRINCIPAL",
        "trusts EKS Pod Identity",
    ),
    "url-as-principal": (
        [statement(Principal={"Federated": f"https://{ISSUER}"})],
        "D-TRUST-PRINCIPAL",
        f"trusts Federated 'https://{ISSUER}'",
    ),
    "only-a-denial": (
        [statement(Effect="Deny", Action="sts:AssumeRole")],
        "D-TRUST-NOBODY",
        "no statement that allows anything",
    ),
    "further-condition": (
        [
            pinned(
                StringEquals={
                    f"{ISSUER}:sub": SUBJECT,
                    f"{ISSUER}:aud": AUDIENCE,
                    f"{ISSUER}:amr": "authenticated",
                }
            )
        ],
        "D-TRUST-CONDITION",
        "the token has no such claim",
    ),
    "refused": (
        [
            pinned(
                StringEquals={f"{ISSUER}:aud": AUDIENCE},
                StringNotEquals={f"{ISSUER}:sub": SUBJECT},
            )
        ],
        "D-TRUST-SUBJECT",
        "refuses",
    ),
    "tag": (
        [
            pinned(
                StringEquals={
                    f"{ISSUER}:sub": SUBJECT,
                    f"{ISSUER}:aud": AUDIENCE,
                    "aws:RequestTag/team": "web",
                }
            )
        ],
        "D-TRUST-CONDITION",
        "the request has no such tag",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_trust_policy_that_does_not_fit_is_explained(name: str) -> None:
    """By one finding, with one command, after which IAM lets the token in."""
    statements, code, words = FAULTS[name]

    one = only(with_role(role_trusting(*statements)))

    assert one.code == code
    assert words in one.message
    corrected = shlex.split(one.remedy[0])
    assert corrected[:5] == [
        *("aws", "iam", "update-assume-role-policy", "--role-name", "dev-web")
    ]
    claims = {"iss": f"https://{ISSUER}", **CLAIMS}
    assert may_assume(corrected[-1], provider_arn=PROVIDER_ARN, claims=claims).allowed
    assert codes(with_role(replace(ROLE, trust_policy=corrected[-1]))) == []


def test_what_is_wanted_and_what_is_given_stand_beside_each_other() -> None:
    """The whole message, once."""
    one = only(with_role(role_trusting(equals("system:serviceaccount:app:web"))))

    assert one.message == (
        f"statement 1 of the trust policy: StringEquals on '{ISSUER}:sub' wants "
        "'system:serviceaccount:app:web', and the token has "
        "'system:serviceaccount:apps:web'; the namespace differs. The command adds a "
        "statement for 'apps/web' and keeps those that are there; take out what nobody "
        "needs. If a program makes the role, change it there instead"
    )
    assert (one.wanted, one.given) == ("system:serviceaccount:app:web", SUBJECT)


def test_role_of_a_stack_is_mended_by_the_stack() -> None:
    """Its next run would undo what is done by hand."""
    role = role_trusting(equals("system:serviceaccount:app:web"))

    tagged = with_role(replace(role, tags={"eks-irsa/stack": "me/irsa/dev"}))
    asked_by_it = replace(with_role(role), stack="me/irsa/dev")

    for one in map(only, (tagged, asked_by_it)):
        assert one.remedy == ("pulumi up --refresh --stack me/irsa/dev",)
        assert one.message.endswith(
            ". The stack 'me/irsa/dev' makes the role, and undoes what is changed by "
            "hand: see that it has 'apps/web', and run it"
        )


def test_denial_is_shown_and_not_taken_away() -> None:
    """It may keep others out too."""
    others = [SUBJECT, "system:serviceaccount:apps:other"]
    deny = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringEquals": {f"{ISSUER}:sub": others}},
    }

    one = only(with_role(role_trusting(statement(), deny)))

    assert one.code == "D-TRUST-DENY"
    assert "statement 2 of the trust policy denies it" in one.message
    assert one.remedy == ("aws iam get-role --role-name dev-web",)


def test_sides_are_those_of_policy_and_token_whatever_is_wrong() -> None:
    """The policy's text first, for each kind of fault."""
    key = only(with_role(role_trusting(of_key(f"https://{ISSUER}:sub"))))
    action = only(with_role(role_trusting(statement(Action="sts:AssumeRole"))))
    other = statement(Principal={"Federated": OTHER_PROVIDER})
    issuer = only(with_role(role_trusting(other)))

    assert (key.wanted, key.given) == (f"https://{ISSUER}:sub", f"{ISSUER}:sub")
    assert (action.wanted, action.given) == (
        "sts:AssumeRole",
        "sts:AssumeRoleWithWebIdentity",
    )
    assert (issuer.wanted, issuer.given) == (OTHER_PROVIDER, PROVIDER_ARN)


def test_role_that_is_absent_is_no_reason_to_restart_what_has_another() -> None:
    """The annotation may be a slip, and the pods work."""
    slip = f"{ROLE_ARN}-typo"
    facts = replace(HEALTHY, service_account=annotated(role_arn=slip), role=None)

    one = only(facts)

    assert one.code == "D-ROLE-ABSENT"
    assert one.remedy[0] == (
        "kubectl annotate serviceaccount web --namespace apps --overwrite "
        f"eks.amazonaws.com/role-arn={ROLE_ARN}"
    )
    assert one.remedy[1].startswith("aws iam create-role --role-name dev-web-typo ")
    assert len(one.remedy) == 2
    assert f"The pods still have {ROLE_ARN!r}: if the annotation is a slip" in (
        one.message
    )


def test_two_slips_in_one_statement_are_both_named() -> None:
    """And one command mends both."""
    wrong = equals("system:serviceaccount:app:web", "vault")

    several = found(with_role(role_trusting(wrong)))

    assert [one.code for one in several] == ["D-TRUST-AUDIENCE", "D-TRUST-SUBJECT"]
    assert several[0].remedy == several[1].remedy


def test_former_cluster_and_another_namespace_are_two_causes() -> None:
    """What follows from the issuer is not said again; the rest is."""
    old = statement(
        Principal={"Federated": OTHER_PROVIDER},
        Condition={
            "StringEquals": {
                f"{OTHER_ISSUER}:sub": "system:serviceaccount:app:web",
                f"{OTHER_ISSUER}:aud": AUDIENCE,
            }
        },
    )

    assert codes(with_role(role_trusting(old))) == ["D-TRUST-ISSUER", "D-TRUST-SUBJECT"]


def test_former_cluster_with_several_audiences_is_one_cause() -> None:
    """One that fits is enough."""
    old = statement(
        Principal={"Federated": OTHER_PROVIDER},
        Condition={
            "StringEquals": {
                f"{OTHER_ISSUER}:sub": SUBJECT,
                f"{OTHER_ISSUER}:aud": ["vault", AUDIENCE],
            }
        },
    )

    assert codes(with_role(role_trusting(old))) == ["D-TRUST-ISSUER"]


def test_nearest_of_several_statements_is_explained() -> None:
    """That of the own cluster with one slip, not those of others."""
    others = [
        statement(
            Principal={"Federated": f"{OTHER_PROVIDER}{index}"},
            Condition={"StringEquals": {f"{OTHER_ISSUER}{index}:sub": SUBJECT}},
        )
        for index in range(3)
    ]

    one = only(
        with_role(role_trusting(*others, equals("system:serviceaccount:apps:wbe")))
    )

    assert one.message.startswith("statement 4 of the trust policy")


def test_statement_that_stands_alone_is_the_first() -> None:
    """Without a list."""
    policy = {"Version": "2012-10-17", "Statement": equals(aud="vault")}

    one = only(with_role(replace(ROLE, trust_policy=json.dumps(policy))))

    assert one.message.startswith("statement 1 of the trust policy")
    corrected = json.loads(shlex.split(one.remedy[0])[-1])
    assert corrected["Statement"] == [equals(aud="vault"), statement()]


@pytest.mark.parametrize(
    ("key", "severity"),
    [("aws:SourceIp", "unknown"), ("sts:RoleSessionName", "unknown")],
)
def test_condition_on_the_request_cannot_be_told(key: str, severity: str) -> None:
    """It is named, and no fault."""
    operator = {key: "10.0.0.0/8"}
    conditions = {**statement()["Condition"], "StringLike": operator}

    one = only(with_role(role_trusting(statement(Condition=conditions))))

    assert (one.code, one.severity) == ("D-TRUST-CONDITIONAL", severity)
    assert f"StringLike on '{key}'" in one.message


def test_policy_that_is_not_understood_is_no_fault() -> None:
    """Nothing is said of what cannot be read."""
    one = only(with_role(replace(ROLE, trust_policy="{")))

    assert (one.code, one.severity) == ("D-TRUST-UNREAD", "unknown")


def test_absent_role_is_made_with_the_trust_it_needs() -> None:
    """Path and all."""
    one = only(replace(with_role(None), attempt=None))

    assert one.code == "D-ROLE-ABSENT"
    words = shlex.split(one.remedy[0])
    assert words[:-1] == shlex.split(
        "aws iam create-role --role-name dev-web --path /irsa/ "
        "--assume-role-policy-document"
    )
    assert json.loads(words[-1]) == json.loads(trust(statement()))


def test_absent_role_of_no_path_has_none() -> None:
    """Nor an issuer that is not known a trust policy."""
    account = annotated(role_arn=f"arn:aws:iam::{ACCOUNT_ID}:role/web")
    facts = replace(with_role(None), service_account=account, pods=())
    nowhere = replace(facts, cluster=None, token_claims=NOT_LOOKED_UP)

    assert "--path" not in only(facts).remedy[0]
    assert [one.remedy for one in found(nowhere) if one.link == "role"] == [()]


def test_absent_role_of_an_association_is_made_with_its_trust() -> None:
    """Where the cluster is known, whose ARN is in it."""
    here = only(in_pod_identity(role=None))
    nowhere = in_pod_identity(role=None, cluster=None)

    policy = json.loads(shlex.split(here.remedy[0])[-1])
    assert policy == json.loads(trust(for_pods()))
    assert only(nowhere).remedy == ()


def test_unread_role_is_one_gap_with_its_policies() -> None:
    """The permission that is missing is in the reason."""
    one = only(replace(HEALTHY, role=Unread("AccessDenied: iam:GetRole")))

    assert one.message == (
        "the role and its policies could not be read: AccessDenied: iam:GetRole"
    )


def test_audience_of_the_annotation_is_what_the_trust_has_to_want() -> None:
    """The token says which it is."""
    claims = {**HEALTHY_CLAIMS, "aud": ["vault"]}
    facts = replace(
        HEALTHY,
        service_account=annotated(audience="vault"),
        token_claims=claims,
        role=role_trusting(equals(aud="vault")),
        pods=(),
    )

    assert [one.code for one in found(facts)] == ["D-PROVIDER-AUDIENCE"]


HEALTHY_CLAIMS: Final = {"iss": f"https://{ISSUER}", **CLAIMS}
TAGS: Final = {
    "aws:RequestTag/eks-cluster-arn": CLUSTER.arn,
    "aws:RequestTag/kubernetes-namespace": "apps",
    "aws:RequestTag/kubernetes-service-account": "web",
}


def for_pods(
    action: object = ("sts:AssumeRole", "sts:TagSession"), **tags: str
) -> dict[str, Any]:
    """Write a statement for EKS Pod Identity."""
    changed = {
        key: tags.get(key.rpartition("-")[2], value) for key, value in TAGS.items()
    }
    return {
        "Effect": "Allow",
        "Principal": {"Service": "pods.eks.amazonaws.com"},
        "Action": action if isinstance(action, str) else [*action],  # type: ignore[misc]
        "Condition": {"StringEquals": changed},
    }


@pytest.mark.parametrize(
    ("given", "code", "words"),
    [
        (for_pods("sts:AssumeRole"), "D-TRUST-TAG-SESSION", "not tag the session"),
        (for_pods("sts:TagSession"), "D-TRUST-ACTION", "'sts:AssumeRole'"),
        (for_pods(namespace="app"), "D-TRUST-CONDITION", "the request has 'apps'"),
        (for_pods(account="wbe"), "D-TRUST-CONDITION", "the request has 'web'"),
        (
            for_pods(arn=CLUSTER.arn.replace("dev", "old")),
            "D-TRUST-CONDITION",
            "cluster/old",
        ),
        (statement(), "D-TRUST-PRINCIPAL", "pods.eks.amazonaws.com"),
    ],
)
def test_trust_for_pod_identity_is_explained_too(
    given: dict[str, Any], code: str, words: str
) -> None:
    """Both actions are needed, and the tags of the session are known."""
    facts = in_pod_identity(role=role_trusting(given))

    several = found(facts)

    assert several[0].code == code
    assert words in several[0].message
    corrected = shlex.split(several[0].remedy[0])[-1]
    assert codes(in_pod_identity(role=replace(ROLE, trust_policy=corrected))) == []


def test_association_without_tags_has_none_to_meet() -> None:
    """A condition on one is never met; without conditions AssumeRole is enough."""
    untagged = (replace(ASSOCIATION, disable_session_tags=True),)
    plain = {
        key: value
        for key, value in for_pods("sts:AssumeRole").items()
        if key != "Condition"
    }

    tagged_role = in_pod_identity(associations=untagged, role=role_trusting(for_pods()))
    plain_role = in_pod_identity(associations=untagged, role=role_trusting(plain))

    assert {*codes(tagged_role)} == {"D-TRUST-CONDITION"}
    assert "the request has no such tag" in found(tagged_role)[0].message
    assert codes(plain_role) == []


def test_tags_of_the_pod_itself_cannot_be_told() -> None:
    """They differ from pod to pod."""
    condition = {
        "StringEquals": {**TAGS, "aws:RequestTag/kubernetes-pod-name": "web-1"}
    }
    role = role_trusting({**for_pods(), "Condition": condition})

    assert codes(in_pod_identity(role=role)) == ["D-TRUST-CONDITIONAL"]


def test_role_of_the_arn_is_the_healthy_one() -> None:
    """The builder's own."""
    assert codes(with_role(replace(ROLE, arn=ROLE_ARN))) == []
