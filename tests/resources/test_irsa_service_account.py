"""What `IrsaServiceAccount` registers, under which parent, and what it does not."""

import json
import re
from typing import Any

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as kubernetes
import pytest

from eks_irsa import (
    InputError,
    IrsaServiceAccount,
    IrsaServiceAccountArgs,
    ServiceAccountMode,
)
from eks_irsa.testing import Deployment, deploy
from eks_irsa.testing.mock_aws import ACCOUNT_ID, CLUSTER_ARN, ISSUER_URL

ISSUER = ISSUER_URL.removeprefix("https://")
PROVIDER_ARN = f"arn:aws:iam::{ACCOUNT_ID}:oidc-provider/{ISSUER}"
READ_ONLY = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Federated": PROVIDER_ARN},
            "Action": ["sts:AssumeRoleWithWebIdentity"],
            "Condition": {
                "StringEquals": {
                    f"{ISSUER}:aud": "sts.amazonaws.com",
                    f"{ISSUER}:sub": "system:serviceaccount:apps:reader",
                }
            },
        }
    ],
}


def further_provider(number: int) -> str:
    """Return the ARN of the provider of another cluster of the account."""
    issuer = f"oidc.eks.eu-west-1.amazonaws.com/id/{number:032X}"
    return f"arn:aws:iam::{ACCOUNT_ID}:oidc-provider/{issuer}"


def component(
    args: dict[str, Any],
    *,
    preview: bool = False,
    with_provider: bool = True,
) -> Deployment:
    """Deploy one component `x` for apps/reader and give what it registered."""

    def program() -> None:
        options = pulumi.ResourceOptions()
        if with_provider:
            provider = kubernetes.Provider("own", kubeconfig="{}")
            options = pulumi.ResourceOptions(providers=[provider])
        whole: IrsaServiceAccountArgs = {
            "service_account_name": "reader",
            "namespace": "apps",
            **args,  # type: ignore[typeddict-item] # the arguments under test
        }
        made = IrsaServiceAccount("x", whole, options)
        for output in (
            "role_arn",
            "role_name",
            "service_account_name",
            "namespace",
            "oidc_provider_arn",
            "subject",
        ):
            pulumi.export(output, getattr(made, output))

    return deploy(program, preview=preview)


def test_a_component_given_the_clusters_name_makes_all_five_parts() -> None:
    """OIDC provider, role, attachment, namespace and account come of one component."""
    made = component(
        {"cluster_name": "cluster-13", "attach_policy_arns": [READ_ONLY]},
        with_provider=False,
    )

    assert [(one.type, one.name, one.parent) for one in made.registrations] == [
        (
            "aws:iam/openIdConnectProvider:OpenIdConnectProvider",
            f"{ISSUER}-provider",
            ISSUER,
        ),
        ("aws:iam/role:Role", "x-role", "x"),
        (
            "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
            "x:aws:policy/AmazonS3ReadOnlyAccess",
            "x",
        ),
        ("eks-irsa:index:EksOidcProvider", ISSUER, "eks-irsa-test"),
        ("eks-irsa:index:IrsaServiceAccount", "x", "eks-irsa-test"),
        ("kubernetes:core/v1:NamespacePatch", "x-namespace", "x"),
        ("kubernetes:core/v1:ServiceAccount", "x-service-account", "x"),
        ("pulumi:providers:kubernetes", "x-kubernetes", "x"),
    ]


def test_a_component_given_an_issuer_url_asks_the_account_it_is_in() -> None:
    """Account and partition come from the AWS provider in use."""
    made = component({"issuer_url": ISSUER_URL})

    assert made.outputs["oidc_provider_arn"] == PROVIDER_ARN
    assert made.only(":OpenIdConnectProvider").inputs["url"] == ISSUER_URL


def test_a_component_given_a_provider_makes_none() -> None:
    """Many components share the provider whose ARN they are given."""
    made = component({"oidc_provider_arn": PROVIDER_ARN})

    assert made.of_type(":OpenIdConnectProvider") == []
    assert json.loads(made.only(":Role").inputs["assumeRolePolicy"]) == TRUST


def test_a_preview_shows_the_trust_policy_and_the_annotation_in_plain_text() -> None:
    """Nothing a reviewer needs is unknown before the role and the provider exist."""
    made = component(
        {"cluster_name": "cluster-13", "role_name": "reader-role"},
        preview=True,
        with_provider=False,
    )

    role_arn = f"arn:aws:iam::{ACCOUNT_ID}:role/reader-role"
    assert json.loads(made.only(":Role").inputs["assumeRolePolicy"]) == TRUST
    assert made.only(":ServiceAccount").inputs["metadata"]["annotations"] == {
        "eks.amazonaws.com/role-arn": role_arn
    }
    assert made.outputs["role_arn"] == role_arn


def test_a_role_without_a_given_name_is_named_by_pulumi() -> None:
    """Used directly the component follows Pulumi's autonaming."""
    made = component({"oidc_provider_arn": PROVIDER_ARN})

    assert "name" not in made.only(":Role").inputs
    assert made.outputs["role_name"] == "x-role-0123abc"


def test_the_outputs_name_role_account_provider_and_subject() -> None:
    """A larger program finds what it needs in the outputs."""
    made = component({"oidc_provider_arn": PROVIDER_ARN, "role_name": "r"})

    assert made.outputs == {
        "role_arn": f"arn:aws:iam::{ACCOUNT_ID}:role/r",
        "role_name": "r",
        "service_account_name": "reader",
        "namespace": "apps",
        "oidc_provider_arn": PROVIDER_ARN,
        "subject": "system:serviceaccount:apps:reader",
    }


def test_an_existing_role_is_annotated_and_no_role_is_made() -> None:
    """`role_arn` stands for eksctl's attachRoleARN."""
    role_arn = f"arn:aws:iam::{ACCOUNT_ID}:role/team/theirs"
    made = component({"role_arn": role_arn})

    assert made.of_type(":Role") == []
    assert made.only(":ServiceAccount").inputs["metadata"]["annotations"] == {
        "eks.amazonaws.com/role-arn": role_arn
    }
    assert made.outputs["role_name"] == "theirs"
    assert made.outputs["oidc_provider_arn"] is None


def test_a_role_alone_touches_no_cluster() -> None:
    """Without a service account no Kubernetes provider is needed."""
    made = component(
        {"oidc_provider_arn": PROVIDER_ARN, "service_account_mode": "notManaged"},
        with_provider=False,
    )

    assert [one.type for one in made.registrations] == [
        "aws:iam/role:Role",
        "eks-irsa:index:IrsaServiceAccount",
    ]


def test_without_a_kubernetes_provider_the_component_refuses() -> None:
    """The current kubeconfig context is never used by accident."""
    with pytest.raises(ValueError, match="x: no Kubernetes provider") as caught:
        component({"oidc_provider_arn": PROVIDER_ARN}, with_provider=False)

    assert str(caught.value) == (
        "x: no Kubernetes provider for the service account; pass one in "
        "ResourceOptions(providers=[...]), give cluster_name, or set "
        "service_account_mode to notManaged (the current kubeconfig context is never "
        "used)"
    )


def test_a_policy_that_iam_would_refuse_is_named() -> None:
    """Component, policy and rule, before anything is registered."""
    with pytest.raises(InputError) as caught:
        component(
            {
                "oidc_provider_arn": PROVIDER_ARN,
                "inline_policies": {"read": {"Statement": []}},
            }
        )

    assert str(caught.value) == (
        "x: inline_policies.read.Statement: the policy has no statement, so it would "
        "grant nothing; add one"
    )


def test_the_built_kubernetes_provider_is_bound_to_the_cluster_by_its_arn() -> None:
    """Another way to the same cluster replaces nothing."""
    made = component({"cluster_name": "cluster-13"}, with_provider=False)

    inputs = made.only("pulumi:providers:kubernetes").inputs
    kubeconfig = json.loads(inputs["kubeconfig"])
    assert inputs["clusterIdentifier"] == CLUSTER_ARN
    assert kubeconfig["current-context"] == CLUSTER_ARN
    assert kubeconfig["users"][0]["user"]["exec"] == {
        "apiVersion": "client.authentication.k8s.io/v1beta1",
        "command": "aws",
        "args": [
            "--region",
            "us-west-2",
            "eks",
            "get-token",
            "--cluster-name",
            "cluster-13",
            "--output",
            "json",
        ],
        "interactiveMode": "Never",
    }


def test_an_account_waits_for_the_permissions_of_its_role() -> None:
    """A pod that starts with the account finds its permissions attached."""
    made = component(
        {
            "oidc_provider_arn": PROVIDER_ARN,
            "attach_policy_arns": [READ_ONLY],
            "inline_policies": {
                "own": {
                    "Version": "2012-10-17",
                    "Statement": [
                        {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
                    ],
                }
            },
        }
    )

    assert made.only(":ServiceAccount").depends_on == (
        "x-namespace",
        "x-role",
        "x:aws:policy/AmazonS3ReadOnlyAccess",
        "x:own",
    )


def test_a_namespace_is_patched_in_and_never_deleted() -> None:
    """It is made when it is missing, and stays when the component goes."""
    made = component({"oidc_provider_arn": PROVIDER_ARN})

    namespace = made.only(":NamespacePatch")
    assert namespace.retain_on_delete
    assert namespace.inputs["metadata"] == {"name": "apps"}


@pytest.mark.parametrize("namespace", ["default", "kube-system"])
def test_kubernetes_own_namespaces_are_never_registered(namespace: str) -> None:
    """What Kubernetes makes itself is not ours."""
    made = component({"oidc_provider_arn": PROVIDER_ARN, "namespace": namespace})

    assert made.of_type(":NamespacePatch") == []


def test_a_namespace_that_is_known_later_is_not_made() -> None:
    """An Output comes from whoever makes the namespace."""

    def program() -> None:
        provider = kubernetes.Provider("own", kubeconfig="{}")
        IrsaServiceAccount(
            "x",
            {
                "oidc_provider_arn": PROVIDER_ARN,
                "service_account_name": "reader",
                "namespace": pulumi.Output.from_input("apps"),
            },
            pulumi.ResourceOptions(providers=[provider]),
        )

    made = deploy(program)

    assert made.of_type(":NamespacePatch") == []
    assert json.loads(made.only(":Role").inputs["assumeRolePolicy"]) == TRUST


def test_an_overridden_account_is_patched_and_not_made() -> None:
    """Exactly our keys are put on an account that exists."""
    made = component(
        {
            "oidc_provider_arn": PROVIDER_ARN,
            "role_name": "r",
            "service_account_mode": "patched",
            "labels": {"team": "a"},
        }
    )

    assert made.of_type(":ServiceAccount") == []
    assert made.only(":ServiceAccountPatch").inputs["metadata"] == {
        "name": "reader",
        "namespace": "apps",
        "labels": {"team": "a"},
        "annotations": {
            "eks.amazonaws.com/role-arn": f"arn:aws:iam::{ACCOUNT_ID}:role/r"
        },
    }


def test_another_audience_sets_client_id_condition_and_annotation() -> None:
    """One input sets all three, so that they cannot disagree."""
    made = component({"issuer_url": ISSUER_URL, "audience": "mine", "role_name": "r"})

    trust = json.loads(made.only(":Role").inputs["assumeRolePolicy"])
    condition = trust["Statement"][0]["Condition"]["StringEquals"]
    annotations = made.only(":ServiceAccount").inputs["metadata"]["annotations"]
    assert made.only(":OpenIdConnectProvider").inputs["clientIdLists"] == ["mine"]
    assert condition[f"{ISSUER}:aud"] == "mine"
    assert annotations["eks.amazonaws.com/audience"] == "mine"


def test_a_role_is_trusted_from_further_clusters_in_whatever_order() -> None:
    """Each cluster has a statement of its own; their order is that of the ARNs."""
    one, two = further_provider(1), further_provider(2)

    made = [
        component({"oidc_provider_arn": PROVIDER_ARN, "trusted_provider_arns": others})
        for others in ([one, two], [two, PROVIDER_ARN, one])
    ]

    texts = [each.only(":Role").inputs["assumeRolePolicy"] for each in made]
    trust = json.loads(texts[0])
    issuers = [
        statement["Principal"]["Federated"].partition("/")[2]
        for statement in trust["Statement"]
    ]
    assert texts[0] == texts[1]
    assert issuers == sorted([ISSUER, one.partition("/")[2], two.partition("/")[2]])
    for issuer, statement in zip(issuers, trust["Statement"], strict=True):
        assert statement["Condition"] == {
            "StringEquals": {
                f"{issuer}:aud": "sts.amazonaws.com",
                f"{issuer}:sub": "system:serviceaccount:apps:reader",
            }
        }


def trusting_six_clusters_known_later() -> Deployment:
    """Deploy a role that trusts six further clusters by an Output."""

    def program() -> None:
        further = [further_provider(number) for number in range(6)]
        IrsaServiceAccount(
            "x",
            {
                "oidc_provider_arn": PROVIDER_ARN,
                "service_account_name": "reader",
                "trusted_provider_arns": pulumi.Output.from_input(further),
                "service_account_mode": ServiceAccountMode.NOT_MANAGED,
            },
        )

    return deploy(program)


def test_further_clusters_may_be_known_later_and_the_quota_raised(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Providers of the same program, or of another stack, are Outputs."""
    limits = '{"trustPolicyCharacters": 8192}'
    monkeypatch.setenv("PULUMI_CONFIG", json.dumps({"eks-irsa:limits": limits}))

    made = trusting_six_clusters_known_later()

    trust = json.loads(made.only(":Role").inputs["assumeRolePolicy"])
    assert len(trust["Statement"]) == 7


def test_a_quota_that_is_passed_by_values_known_later_stops_too() -> None:
    """The limit holds inside the one apply that makes the policy."""
    with pytest.raises(ValueError, match="characters of trust policy") as caught:
        trusting_six_clusters_known_later()

    # The SDK puts the resource and the input it was for before it, or not.
    assert str(caught.value).endswith(
        "x: 3,111 characters of trust policy for 7 clusters (4 fit); AWS takes 2,048 "
        "by default (if the quota was raised, say so in the setting "
        "limits.trustPolicyCharacters)"
    )


def test_a_condition_in_the_place_of_our_own_is_refused() -> None:
    """What pins a claim cannot be taken away by what is added."""
    with pytest.raises(InputError) as caught:
        component(
            {
                "oidc_provider_arn": PROVIDER_ARN,
                "trust_conditions": {"StringEquals": {f"{ISSUER}:aud": "*"}},
            }
        )

    assert caught.value.codes == ("E-TRUST-POLICY",)
    assert str(caught.value) == (
        f"x: StringEquals on '{ISSUER}:aud' would take the place of the condition that "
        "pins the claim; take it out"
    )


def test_policies_that_are_known_later_are_attached_under_their_key() -> None:
    """The key is the attachment's identity, whatever the ARN will be."""

    def program() -> None:
        policy = aws.iam.Policy("p", policy="{}")
        IrsaServiceAccount(
            "x",
            {
                "oidc_provider_arn": PROVIDER_ARN,
                "service_account_name": "reader",
                "attach_policies": {"bucket": policy.arn},
                "inline_policies": {
                    "later": policy.arn.apply(
                        lambda _: {
                            "Statement": {
                                "Effect": "Allow",
                                "Action": "s3:*",
                                "Resource": "*",
                            }
                        }
                    )
                },
                "service_account_mode": ServiceAccountMode.NOT_MANAGED,
            },
        )

    made = deploy(program)

    assert made.only(":RolePolicyAttachment").name == "x:bucket"
    assert json.loads(made.only(":RolePolicy").inputs["policy"]) == {
        "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    }


def queue_reader(
    parameters: object, *, later_provider: bool = False, queue: str = "q"
) -> Deployment:
    """Deploy a component that reads the queue `q`, whose ARN is known later."""
    arn = f"arn:aws:sqs:us-west-2:{ACCOUNT_ID}:{queue}"

    def program() -> None:
        made = aws.sqs.Queue("q")
        later = made.id.apply(lambda _: arn)
        IrsaServiceAccount(
            "x",
            {
                "oidc_provider_arn": made.id.apply(lambda _: PROVIDER_ARN)
                if later_provider
                else PROVIDER_ARN,
                "service_account_name": "reader",
                "named_policies": {
                    "kedaSqs": later.apply(lambda _: {})
                    if parameters is None
                    else {
                        "queueArns": [later] if parameters == "later" else parameters
                    },
                    "adotTraces": {},
                },
                "service_account_mode": ServiceAccountMode.NOT_MANAGED,
            },
        )

    return deploy(program)


@pytest.mark.parametrize("later_provider", [False, True])
@pytest.mark.parametrize(
    "parameters", ["later", f"arn:aws:sqs:us-west-2:{ACCOUNT_ID}:q"]
)
def test_parameters_of_policies_by_name_may_be_known_later(
    parameters: str, *, later_provider: bool
) -> None:
    """So may the provider whose partition they are in."""
    made = queue_reader(parameters, later_provider=later_provider)

    policy = made.only(":RolePolicy")
    assert policy.name == "x:kedaSqs"
    assert json.loads(policy.inputs["policy"]) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": ["sqs:GetQueueAttributes", "sqs:GetQueueUrl"],
                "Resource": [f"arn:aws:sqs:us-west-2:{ACCOUNT_ID}:q"],
            }
        ],
    }
    attached = made.only(":RolePolicyAttachment")
    assert attached.inputs["policyArn"] == (
        "arn:aws:iam::aws:policy/AWSXrayWriteOnlyAccess"
    )


def test_a_parameter_that_is_wrong_when_it_is_known_fails_the_run() -> None:
    """With component, input and value, before IAM has the policy."""
    message = (
        "x: named_policies.kedaSqs.queueArns[0]: "
        f"'arn:aws:sqs:us-west-2:{ACCOUNT_ID}:*' does not fit; expected "
        "arn:<partition>:sqs:<region>:<12 digits>:<name>, or '*' alone for all"
    )

    with pytest.raises(ValueError, match=re.escape(message)):
        queue_reader("later", queue="*")


def test_parameters_must_be_known_by_name() -> None:
    """Which statements there are depends on them."""
    with pytest.raises(InputError) as caught:
        queue_reader(None)

    assert str(caught.value) == (
        "x: named_policies.kedaSqs: the parameters must be known when the program "
        "runs; their values may be Outputs"
    )


@pytest.mark.parametrize(
    ("args", "message"),
    [
        pytest.param(
            {},
            "x: give exactly one of cluster_name, issuer_url, oidc_provider_arn, "
            "role_arn; got none (cluster_name may stand beside oidc_provider_arn or "
            "role_arn, for the Kubernetes provider)",
            id="no cluster",
        ),
        pytest.param(
            {"cluster_name": "c", "issuer_url": ISSUER_URL},
            "x: give exactly one of cluster_name, issuer_url, oidc_provider_arn, "
            "role_arn; got cluster_name and issuer_url (cluster_name may stand beside "
            "oidc_provider_arn or role_arn, for the Kubernetes provider)",
            id="two clusters",
        ),
        pytest.param(
            {"oidc_provider_arn": PROVIDER_ARN, "cluster_region": "us-west-2"},
            "x: cluster_region: has no effect without cluster_name; give both or none",
            id="region of no cluster",
        ),
        pytest.param(
            {
                "oidc_provider_arn": PROVIDER_ARN,
                "trusted_provider_arns": [further_provider(n) for n in range(4)],
            },
            "x: 2,218 characters of trust policy for 5 clusters (4 fit); AWS takes "
            "2,048 by default (if the quota was raised, say so in the setting "
            "limits.trustPolicyCharacters)",
            id="too many clusters",
        ),
    ],
)
def test_wrong_inputs_are_refused_in_words(args: dict[str, Any], message: str) -> None:
    """What IAM or Kubernetes would refuse is refused before they are asked."""
    with pytest.raises(InputError) as caught:
        component(args)

    assert str(caught.value) == message
    assert {*caught.value.codes} <= {"E-CLUSTER", "E-LIMIT-TRUST-POLICY"}
