"""What a file may not say, a program may not say either: in the same words, at once."""

from typing import Any, cast

import pulumi
import pulumi_kubernetes as kubernetes
import pytest

from eks_irsa import (
    EksOidcProvider,
    EksOidcProviderArgs,
    InputError,
    IrsaServiceAccount,
    IrsaServiceAccountArgs,
    ServiceAccountMode,
)
from eks_irsa.testing import Deployment, deploy
from eks_irsa.testing.mock_aws import ACCOUNT_ID, ISSUER_URL

PROVIDER_ARN = (
    f"arn:aws:iam::{ACCOUNT_ID}:oidc-provider/{ISSUER_URL.removeprefix('https://')}"
)
ROLE = f"arn:aws:iam::{ACCOUNT_ID}:role/theirs"
READ_ONLY = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
ROOT = "arn:aws:iam::111122223333:root"
NO_EFFECT = (
    "has no effect beside an existing role, which is used as it is; take one of the "
    "two out"
)
NOT_MANAGED = (
    "has no effect, as the service account is not managed; take one of the two out"
)
STATEMENT = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}


def component(args: object) -> Deployment:
    """Deploy one component for apps/reader whose role trusts a known provider."""

    def program() -> None:
        provider = kubernetes.Provider("own", kubeconfig="{}")
        whole: Any = args
        if isinstance(args, dict):
            given = cast("dict[str, Any]", args)
            whole = {"service_account_name": "reader", "namespace": "apps", **given}
            if "role_arn" not in given:
                whole = {"oidc_provider_arn": PROVIDER_ARN, **whole}
        IrsaServiceAccount("x", whole, pulumi.ResourceOptions(providers=[provider]))

    return deploy(program)


def refusal_of(args: dict[str, Any]) -> list[str]:
    """Have the component refuse, and give each line without its name."""
    with pytest.raises(InputError) as refused:
        component(args)
    return [line.removeprefix("x: ") for line in str(refused.value).splitlines()]


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (
            {"identity": "podIdentity"},
            "cluster_name: missing; EKS Pod Identity needs the name of the EKS cluster",
        ),
        (
            {"identity": "podIdentity", "cluster_name": "c", "issuer_url": ISSUER_URL},
            (
                "issuer_url: has no effect beside cluster_name here; take it out (with "
                "identity 'both', oidc_provider_arn may name the provider)"
            ),
        ),
        (
            {
                "identity": "podIdentity",
                "cluster_name": "cluster-13",
                "role_arn": ROLE.replace(ACCOUNT_ID, "444455556666"),
            },
            (
                "role_arn: 'arn:aws:iam::444455556666:role/theirs' is not of the "
                f"cluster's AWS account {ACCOUNT_ID}, and EKS Pod Identity gives out "
                "roles of that one alone; give a role of it here, and this one as "
                "target_role_arn (targetRoleARN in a file)"
            ),
        ),
        (
            {
                "identity": "podIdentity",
                "cluster_name": "cluster-13",
                "subject_pattern": "reader-*",
            },
            (
                "subject_pattern: has no effect with EKS Pod Identity alone, which "
                "gives a role to one service account by its name; set identity to irsa "
                "or both, or take it out"
            ),
        ),
    ],
)
def test_what_an_association_cannot_be_is_refused(
    args: dict[str, Any], message: str
) -> None:
    """It needs a cluster by name, a role of its AWS account, and one name."""

    def program() -> None:
        provider = kubernetes.Provider("own", kubeconfig="{}")
        whole: Any = {"service_account_name": "reader", "namespace": "apps", **args}
        IrsaServiceAccount("x", whole, pulumi.ResourceOptions(providers=[provider]))

    with pytest.raises(InputError) as refused:
        deploy(program)

    assert str(refused.value).splitlines() == [f"x: {message}"]


def test_cluster_of_another_account_is_none_to_trust() -> None:
    """EKS gives out roles of the cluster's own AWS account alone."""
    other = "arn:aws:eks:us-west-2:444455556666:cluster/other"

    def program() -> None:
        provider = kubernetes.Provider("own", kubeconfig="{}")
        args: Any = {
            "service_account_name": "reader",
            "cluster_name": "cluster-13",
            "identity": "podIdentity",
            "trusted_cluster_arns": [other],
        }
        IrsaServiceAccount("x", args, pulumi.ResourceOptions(providers=[provider]))

    with pytest.raises(InputError, match=f"'{other}' is not of the role's AWS account"):
        deploy(program)


def test_two_associations_of_one_service_account_are_refused() -> None:
    """Also where neither manages the service account."""

    def program() -> None:
        for name in ("x", "y"):
            args: Any = {
                "service_account_name": "reader",
                "cluster_name": "cluster-13",
                "identity": "podIdentity",
                "service_account_mode": "notManaged",
            }
            IrsaServiceAccount(name, args)

    message = "y: the association of default/reader is that of the component 'x'"
    with pytest.raises(InputError, match=message):
        deploy(program)


@pytest.mark.parametrize(
    ("args", "message"),
    [
        pytest.param(
            {"permissions_boundary": "PowerUserAccess"},
            "permissions_boundary: 'PowerUserAccess' is not the ARN of a policy; "
            "expected arn:<partition>:iam::<12 digits or 'aws'>:policy/<name>",
            id="boundary",
        ),
        pytest.param(
            {"max_session_duration_seconds": 100},
            "max_session_duration_seconds: 100 is out of bounds; expected 3600 to "
            "43200 seconds",
            id="session",
        ),
        pytest.param(
            {"max_session_duration_seconds": 3600.9},
            "max_session_duration_seconds: expected a whole number, got the value "
            "3600.9",
            id="session in parts of a second",
        ),
        pytest.param(
            {"labels": {"a b": "x"}},
            "labels.a b: 'a b' cannot be the key of a label; expected [<DNS "
            "prefix>/]<name>, the name of 1 to 63 letters, digits, '-', '_' and '.', "
            "beginning and ending with a letter or digit",
            id="label",
        ),
        pytest.param(
            {"tags": {"aws:x": "y"}},
            "tags.aws:x: the tag 'aws:x' begins with 'aws:', which AWS keeps to itself",
            id="tag",
        ),
        pytest.param(
            {"annotations": {"eks.amazon.com/role-arn": "x"}},
            "annotations.eks.amazon.com/role-arn: the pod identity webhook does not "
            "know 'eks.amazon.com/role-arn'; 'eks.amazonaws.com/role-arn' is written "
            "by eks-irsa itself, and an existing role is given as attachRoleARN "
            "(role_arn in a program)",
            id="misspelt role annotation",
        ),
        pytest.param(
            {"annotations": {"eks.amazonaws.com/token-expiraton": "900"}},
            "annotations.eks.amazonaws.com/token-expiraton: the pod identity webhook "
            "does not know 'eks.amazonaws.com/token-expiraton'; did you mean "
            "'eks.amazonaws.com/token-expiration'?",
            id="misspelt annotation",
        ),
        pytest.param(
            {"annotations": {"eks.amazonaws.com/role-arn": "x"}},
            "annotations.eks.amazonaws.com/role-arn: is written by eks-irsa itself, so "
            "a value of your own would be lost; an existing role is given by its ARN "
            "as attachRoleARN (role_arn in a program)",
            id="own role annotation",
        ),
        pytest.param(
            {
                "attach_policy_arns": [
                    f"arn:aws:iam::{ACCOUNT_ID}:policy/p{number}"
                    for number in range(21)
                ]
            },
            "21 managed policies; AWS takes 10 by default (if the quota was "
            "raised, say so in the setting limits.managedPoliciesPerRole)",
            id="too many managed policies",
        ),
        pytest.param(
            {"attach_policy_arns": ["arn:aws-cn:iam::aws:policy/ReadOnlyAccess"]},
            "attach_policy_arns[0]: 'arn:aws-cn:iam::aws:policy/ReadOnlyAccess' is in "
            "another partition than the cluster; expected "
            "'arn:aws:iam::aws:policy/ReadOnlyAccess'",
            id="another partition",
        ),
        pytest.param(
            {"attach_policies": {"s3": "AmazonS3ReadOnlyAccess"}},
            "attach_policies.s3: 'AmazonS3ReadOnlyAccess' is not the ARN of a policy; "
            "expected arn:<partition>:iam::<12 digits or 'aws'>:policy/<name>",
            id="no ARN under a key",
        ),
        pytest.param(
            {"attach_policies": {"a::b": READ_ONLY}},
            "attach_policies.a::b: 'a::b' cannot name a policy; a name has 1 to 128 "
            "letters, digits and '_+=,.@-'",
            id="key with the delimiter of URNs",
        ),
        pytest.param(
            {"attach_policy_arns": []},
            "attach_policy_arns: is empty, so it grants nothing; name a policy or take "
            "it out",
            id="no permissions",
        ),
        pytest.param(
            {"attach_policy_arns": READ_ONLY},
            f"attach_policy_arns: expected a list of texts, got '{READ_ONLY}'; write "
            f"['{READ_ONLY}']",
            id="text for a list",
        ),
        pytest.param(
            {"inline_policies": [STATEMENT]},
            "inline_policies: expected a map of policies, name -> policy, got a list",
            id="list for a mapping",
        ),
        pytest.param(
            {"inline_policies": {"p": {"Statement": [{**STATEMENT, "Effect": "x"}]}}},
            "inline_policies.p.Statement[0].Effect: Effect is 'x'; write 'Allow' or "
            "'Deny'",
            id="policy that IAM refuses",
        ),
        pytest.param(
            {"inline_policies": {"p": "{"}},
            "inline_policies.p: not JSON: Expecting property name enclosed in double "
            "quotes: line 1 column 2 (char 1)",
            id="policy that is no JSON",
        ),
        pytest.param(
            {"audience": ["sts.amazonaws.com"]},
            "audience: expected text, got a list",
            id="list for a text",
        ),
        pytest.param(
            {"service_account_mode": "owned"},
            "service_account_mode: 'owned' is no mode; expected one of created, "
            "patched, notManaged, retained",
            id="mode",
        ),
        pytest.param(
            {"well_known_policies": ["autoscaler"]},
            "well_known_policies[0]: 'autoscaler' is not a well-known policy; did you "
            "mean 'autoScaler'?",
            id="well-known policy",
        ),
        pytest.param(
            {"named_policies": {"externalDNS": {}}},
            "named_policies.externalDNS: 'externalDNS' is not a policy by name; did "
            "you mean 'externalDnsRoute53'?",
            id="policy by name",
        ),
        pytest.param(
            {"named_policies": {"ecrPull": []}},
            "named_policies.ecrPull: expected a map of parameters, {} for none, got a "
            "list",
            id="parameters that are a list",
        ),
        pytest.param(
            {
                "well_known_policies": ["autoScaler"],
                "inline_policies": {
                    "PolicyAutoScaling": {
                        "Statement": [
                            {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
                        ]
                    }
                },
            },
            "inline_policies.PolicyAutoScaling: the well-known policy autoScaler "
            "writes 'PolicyAutoScaling' too; call this one otherwise",
            id="an inline policy of the name of a well-known one",
        ),
        pytest.param(
            {
                "named_policies": {"kedaCloudWatch": {}},
                "inline_policies": {
                    "kedaCloudWatch": {
                        "Statement": [
                            {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
                        ]
                    }
                },
            },
            "inline_policies.kedaCloudWatch: named_policies writes 'kedaCloudWatch' "
            "too; call this one otherwise",
            id="one name for two policies",
        ),
        pytest.param(
            {"token_expiration_seconds": 60},
            "token_expiration_seconds: 60 is out of bounds; expected 600 to 86400 "
            "seconds",
            id="token expiration",
        ),
        pytest.param(
            {
                "token_expiration_seconds": 900,
                "annotations": {"eks.amazonaws.com/token-expiration": "900"},
            },
            "annotations.eks.amazonaws.com/token-expiration: "
            "'eks.amazonaws.com/token-expiration' is written by "
            "token_expiration_seconds; give it once",
            id="one annotation twice",
        ),
        pytest.param(
            {"subjects": ["*:*"]},
            "subjects[0]: '*:*' would let every service account of the cluster assume "
            "the role; name the namespaces or the service accounts",
            id="every service account",
        ),
        pytest.param(
            {"subjects": ["reader"]},
            "subjects[0]: 'reader' is no subject; expected '<namespace>:<name>'",
            id="no subject",
        ),
        pytest.param(
            {"image_pull_secrets": ["a_b"]},
            "image_pull_secrets[0]: 'a_b' cannot name a secret; a name has 1 to 253 "
            "lower-case letters, digits, '-' and '.', and each part between dots "
            "begins and ends with a letter or digit (RFC 1123)",
            id="secret",
        ),
        pytest.param(
            {"trust_conditions": {"StringEquals": "x"}},
            "trust_conditions.StringEquals: expected a map of condition keys, got 'x'",
            id="condition",
        ),
        pytest.param(
            {"trust_statements": [{**STATEMENT, "Principal": "*"}]},
            "trust_statements[0].Resource: 'Resource' is no part of a statement of a "
            "trust policy; expected one of Sid, Effect, Principal, NotPrincipal, "
            "Action, NotAction, Condition\n"
            "trust_statements[0].Action: 's3:GetObject' is no Action; expected "
            "'sts:<action>'",
            id="statement",
        ),
        pytest.param(
            {"oidc_provider_arn": "arn:aws:iam::1:role/x"},
            "oidc_provider_arn: 'arn:aws:iam::1:role/x' is not the ARN of an OIDC "
            "provider; expected "
            "arn:<partition>:iam::<12 digits>:oidc-provider/<issuer>",
            id="provider",
        ),
        pytest.param(
            {"role_path": "eks"},
            "role_path: 'eks' cannot be the path of a role; a path begins and ends "
            "with '/' and has at most 512 printable ASCII characters without space, "
            "such as '/eks/'",
            id="role path",
        ),
        pytest.param(
            {"role_description": "\u2028"},
            "role_description: '\\u2028' cannot describe a role; expected at most "
            "1,000 printable characters up to U+00FF",
            id="description",
        ),
        pytest.param(
            {"role_arn": ROLE, "attach_policy_arns": [READ_ONLY]},
            f"attach_policy_arns: {NO_EFFECT}",
            id="policies of an existing role",
        ),
        pytest.param(
            {"role_arn": ROLE, "audience": "vault"},
            f"audience: {NO_EFFECT}",
            id="audience of an existing role",
        ),
        pytest.param(
            {"role_arn": ROLE, "service_account_mode": "notManaged"},
            f"service_account_mode: {NO_EFFECT}",
            id="nothing at all",
        ),
        pytest.param(
            {"service_account_mode": "notManaged", "labels": {"a": "b"}},
            f"labels: {NOT_MANAGED}",
            id="labels of what is not managed",
        ),
        pytest.param(
            {"service_account_mode": "notManaged", "create_namespace": True},
            f"create_namespace: {NOT_MANAGED}",
            id="namespace of what is not managed",
        ),
    ],
)
def test_inputs_are_refused_in_the_words_of_a_file(
    args: dict[str, Any], message: str
) -> None:
    """Each names the component, the input, the rule, the value and the remedy."""
    assert refusal_of(args) == message.splitlines()


def test_every_fault_is_said_at_once() -> None:
    """Whoever corrects one does not meet the next in the next run."""
    args = {"namespace": "A", "tags": {"aws:x": "y"}, "role_name": "a/b"}

    assert [line.partition(":")[0] for line in refusal_of(args)] == [
        "namespace",
        "tags.aws",
        "role_name",
    ]


def test_nothing_is_registered_where_an_input_is_refused() -> None:
    """A run that is refused half-way would leave half."""
    registered: list[str] = []

    def program() -> None:
        with pytest.raises(InputError):
            IrsaServiceAccount("x", {"service_account_name": "A"})
        registered.append("after")

    made = deploy(program)

    assert registered == ["after"]
    assert made.registrations == []


def test_an_arn_that_is_known_later_is_refused_with_the_line_to_write() -> None:
    """An unknown ARN cannot name its attachment."""

    def program() -> None:
        arn: Any = pulumi.Output.from_input(READ_ONLY)
        IrsaServiceAccount(
            "x",
            {
                "oidc_provider_arn": PROVIDER_ARN,
                "service_account_name": "reader",
                "attach_policy_arns": [READ_ONLY, arn],
            },
        )

    with pytest.raises(InputError) as refused:
        deploy(program)

    assert str(refused.value) == (
        "x: attach_policy_arns[1]: the ARN is only known later, and an attachment "
        'needs a name before; write attach_policies={"<key of your choice>": <this '
        "value>} instead"
    )


@pytest.mark.parametrize(
    ("args", "message"),
    [
        pytest.param(
            None,
            "x: the inputs are one mapping, IrsaServiceAccountArgs, as the second "
            "argument; got nothing",
            id="None",
        ),
        pytest.param(
            "reader",
            "x: the inputs are one mapping, IrsaServiceAccountArgs, as the second "
            "argument; got a str",
            id="text",
        ),
        pytest.param(
            {"service_account_name": None},
            "x: service_account_name: missing; write the name of the service account",
            id="no name",
        ),
        pytest.param(
            {"service_account_nam": "a"},
            "x: there is no input 'service_account_nam'; did you mean "
            "'service_account_name'?",
            id="misspelt",
        ),
    ],
)
def test_wrong_calls_are_refused_in_a_sentence(args: object, message: str) -> None:
    """A programmer without a type checker reads what to write."""
    with pytest.raises(InputError) as refused:
        component(args)

    assert str(refused.value) == message


def test_inputs_as_keywords_are_refused_in_a_sentence() -> None:
    """Other SDKs take them so."""

    def program() -> None:
        make: Any = IrsaServiceAccount
        make("x", service_account_name="reader")

    with pytest.raises(InputError) as refused:
        deploy(program)

    assert str(refused.value) == (
        "x: the inputs are one mapping, IrsaServiceAccountArgs, as the second "
        "argument; got the keyword arguments service_account_name"
    )


@pytest.mark.parametrize(
    ("second", "message"),
    [
        pytest.param(
            {"service_account_name": "reader"},
            "y: the service account apps/reader is that of the component 'x'; take one "
            "out",
            id="service account",
        ),
        pytest.param(
            {"service_account_name": "writer", "role_name": "Reader"},
            "y: the role reader is that of the component 'x'; give one of them another "
            "role_name",
            id="role",
        ),
    ],
)
def test_what_another_component_has_is_refused(
    second: dict[str, Any], message: str
) -> None:
    """The second would take it from the first, or fail half-way."""

    def program() -> None:
        provider = kubernetes.Provider("own", kubeconfig="{}")
        first = {"service_account_name": "reader", "role_name": "reader"}
        for name, inputs in (("x", first), ("y", second)):
            args: Any = {
                "oidc_provider_arn": PROVIDER_ARN,
                "namespace": "apps",
                **inputs,
            }
            IrsaServiceAccount(name, args, pulumi.ResourceOptions(providers=[provider]))

    with pytest.raises(InputError) as refused:
        deploy(program)

    assert str(refused.value) == message


def test_what_opens_more_than_it_says_is_warned_of() -> None:
    """The same words as for a file, at the component."""
    made = component({"subject_pattern": "*", "attach_policy_arns": [READ_ONLY] * 2})

    assert made.logs == [
        (
            f"attach_policy_arns[1]: '{READ_ONLY}' is listed already and attached "
            "once; take one out"
        ),
        (
            "subject_pattern: lets every service account of the namespace assume the "
            "role; name the ones that should, such as 'worker-*'"
        ),
    ]


@pytest.mark.parametrize(
    ("principal", "place"),
    [
        ({"Principal": "*"}, "Principal"),
        ({"Principal": {"AWS": [ROOT, "*"]}}, "Principal.AWS"),
        ({"NotPrincipal": {"AWS": ROOT}}, "NotPrincipal"),
    ],
)
def test_trust_statement_for_everyone_is_warned_of(
    principal: dict[str, object], place: str
) -> None:
    """Unless a condition narrows it, or it denies."""
    open_to_all = {"Effect": "Allow", "Action": "sts:AssumeRole", **principal}
    narrowed = {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}

    made = component(
        {
            "trust_statements": [
                {**open_to_all, "Condition": narrowed},
                {**open_to_all, "Effect": "Deny"},
                open_to_all,
            ]
        }
    )

    assert made.logs == [
        (
            f"trust_statements[2].{place}: lets anyone in any AWS account assume the "
            "role; name who may, or narrow the statement by a Condition"
        )
    ]


def test_text_that_nobody_replaced_is_warned_of() -> None:
    """At once where it is plain, and when it is known where it is not."""
    made = component(
        {
            "annotations": {
                "owner": "<team>",
                "eks.amazonaws.com/token-expiration": "1h",
            },
            "role_description": pulumi.Output.from_input("of $TEAM"),
        }
    )

    assert sorted(made.logs) == [
        (
            "annotations.eks.amazonaws.com/token-expiration: the pod identity webhook "
            "ignores '1h' and takes 86400; write seconds, '600' to '86400'"
        ),
        (
            "annotations.owner: '<team>' was not replaced; write the text that it "
            "stands for"
        ),
        (
            "x: role_description: 'of $TEAM' holds '$TEAM', which was not "
            "replaced; write the text that it stands for"
        ),
    ]


def test_a_managed_policy_that_aws_does_not_have_is_warned_of() -> None:
    """A component knows AWS's list as a file does."""
    made = component({"attach_policy_arns": [f"{READ_ONLY}es"]})

    assert made.logs == [
        (
            "attach_policy_arns[0]: AWS had no managed policy "
            "'AmazonS3ReadOnlyAccesses' on 2026-09-30, the date of our list; did you "
            f"mean '{READ_ONLY}'?"
        )
    ]


def test_a_provider_for_other_audiences_is_refused() -> None:
    """Two components of one cluster share the provider, and it has one set."""

    def program() -> None:
        provider = kubernetes.Provider("own", kubeconfig="{}")
        for name, audience in (("x", "sts.amazonaws.com"), ("y", "vault")):
            IrsaServiceAccount(
                name,
                {
                    "cluster_name": "cluster-13",
                    "service_account_name": name,
                    "audience": audience,
                },
                pulumi.ResourceOptions(providers=[provider]),
            )

    with pytest.raises(InputError) as refused:
        deploy(program)

    assert str(refused.value) == (
        "y: audience: 'vault' is not 'sts.amazonaws.com', for which the component "
        f"{ISSUER_URL.removeprefix('https://')!r} makes the OIDC provider of this "
        "cluster; make one EksOidcProvider with all as client_ids"
    )


@pytest.mark.parametrize(
    ("args", "message"),
    [
        pytest.param(
            {},
            "p: give exactly one of cluster_name and issuer_url",
            id="no cluster",
        ),
        pytest.param(
            {"issuer_url": "http://x"},
            "p: issuer_url: 'http://x' is not an issuer URL; expected "
            "https://<host>[/<path>], as 'aws eks describe-cluster' shows it",
            id="issuer",
        ),
        pytest.param(
            {"issuer_url": ISSUER_URL, "mode": "existing", "import_arn": PROVIDER_ARN},
            "p: import_arn: has no effect on a provider that is only read; take one of "
            "them out",
            id="import of what is read",
        ),
        pytest.param(
            {"issuer_url": ISSUER_URL, "thumbprints": ["abc"]},
            "p: thumbprints[0]: 'abc' is no thumbprint; expected 40 hex digits, as "
            "SHA-1 has",
            id="thumbprint",
        ),
        pytest.param(
            {"issuer_url": ISSUER_URL, "cluster_arn": "x"},
            "p: cluster_arn: 'x' is not the ARN of an EKS cluster; expected "
            "arn:<partition>:eks:<region>:<12 digits>:cluster/<name>",
            id="cluster",
        ),
    ],
)
def test_a_provider_refuses_what_it_cannot_use(
    args: dict[str, Any], message: str
) -> None:
    """The same rules, the same words."""

    def program() -> None:
        EksOidcProvider("p", cast("EksOidcProviderArgs", args))

    with pytest.raises(InputError) as refused:
        deploy(program)

    assert str(refused.value) == message


def test_a_second_provider_of_one_issuer_is_refused() -> None:
    """IAM has one, so the second would fail half-way; components share the first."""
    made: list[str] = []

    def program() -> None:
        EksOidcProvider("one", {"cluster_name": "cluster-13"})
        IrsaServiceAccount(
            "x",
            {
                "cluster_name": "cluster-13",
                "service_account_name": "reader",
                "service_account_mode": ServiceAccountMode.NOT_MANAGED,
            },
        )
        made.append("x")
        EksOidcProvider("two", {"issuer_url": ISSUER_URL})

    with pytest.raises(InputError) as refused:
        deploy(program)

    assert made == ["x"]
    assert str(refused.value) == (
        f"two: the IAM OIDC provider {PROVIDER_ARN} is made by the component 'one' "
        "already; give its provider_arn instead"
    )


def test_a_value_that_is_known_later_is_refused_when_it_is() -> None:
    """Component, input and value are named there too."""
    late: dict[str, Any] = {"permissions_boundary": "PowerUserAccess"}

    def program() -> None:
        args: IrsaServiceAccountArgs = {
            "oidc_provider_arn": PROVIDER_ARN,
            "service_account_name": "reader",
            "permissions_boundary": pulumi.Output.from_input(
                late["permissions_boundary"]
            ),
        }
        provider = kubernetes.Provider("own", kubeconfig="{}")
        IrsaServiceAccount("x", args, pulumi.ResourceOptions(providers=[provider]))

    with pytest.raises(Exception, match="PowerUserAccess") as refused:
        deploy(program)

    assert (
        "x: permissions_boundary: 'PowerUserAccess' is not the ARN of a policy"
        in str(refused.value)
    )
