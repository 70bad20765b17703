"""What the stack program registers for a ClusterConfig, and when nothing."""

import json
import shutil
from pathlib import Path
from typing import Any

import pulumi
import pytest
from pulumi.runtime.rpc import is_rpc_secret, unwrap_rpc_secret
from stack_program import entry, program

from eks_irsa.testing import Secret, deploy
from eks_irsa.testing.mock_aws import ACCOUNT_ID, CLUSTER_ARN, ISSUER_URL, READ_STATE

ROOT = Path(__file__).parents[2]
PROVIDER_ARN = (
    f"arn:aws:iam::{ACCOUNT_ID}:oidc-provider/{ISSUER_URL.removeprefix('https://')}"
)
GET_PROVIDER = "aws:iam/getOpenIdConnectProvider:getOpenIdConnectProvider"
PROVIDER_TYPE = "aws:iam/openIdConnectProvider:OpenIdConnectProvider"
OURS = {"eks-irsa/cluster": CLUSTER_ARN, "eks-irsa/stack": "organization/eks-irsa/test"}


def test_cluster_13_becomes_one_component_per_entry(tmp_path: Path) -> None:
    """The seed's file makes three accounts, one provider and one namespace."""
    made = program(tmp_path)

    assert [(one.type, one.name) for one in made.registrations] == [
        ("aws:iam/openIdConnectProvider:OpenIdConnectProvider", "cluster-13-provider"),
        ("aws:iam/role:Role", "backend-apps/cache-access-role"),
        ("aws:iam/role:Role", "backend-apps/s3-reader-role"),
        ("aws:iam/role:Role", "kube-system/cluster-autoscaler-role"),
        (
            "aws:iam/rolePolicy:RolePolicy",
            "kube-system/cluster-autoscaler:attachPolicy",
        ),
        *[
            ("aws:iam/rolePolicyAttachment:RolePolicyAttachment", name)
            for name in (
                "backend-apps/cache-access:aws:policy/AmazonDynamoDBReadOnlyAccess",
                "backend-apps/cache-access:aws:policy/AmazonElastiCacheFullAccess",
                "backend-apps/s3-reader:aws:policy/AmazonS3ReadOnlyAccess",
            )
        ],
        ("eks-irsa:index:EksOidcProvider", "cluster-13"),
        ("eks-irsa:index:IrsaServiceAccount", "backend-apps/cache-access"),
        ("eks-irsa:index:IrsaServiceAccount", "backend-apps/s3-reader"),
        ("eks-irsa:index:IrsaServiceAccount", "kube-system/cluster-autoscaler"),
        ("kubernetes:core/v1:NamespacePatch", "backend-apps"),
        *[
            ("kubernetes:core/v1:ServiceAccount", f"{name}-service-account")
            for name in (
                "backend-apps/cache-access",
                "backend-apps/s3-reader",
                "kube-system/cluster-autoscaler",
            )
        ],
        ("pulumi:providers:kubernetes", "cluster-13"),
    ]


def test_a_preview_leaves_no_document_and_no_annotation_unknown(tmp_path: Path) -> None:
    """What a reviewer reads in a preview is what `up` makes."""
    seen = program(tmp_path, preview=True)
    made = program(tmp_path)

    for kind in (":Role", ":RolePolicy", ":RolePolicyAttachment", ":ServiceAccount"):
        assert [one.inputs for one in seen.of_type(kind)] == [
            one.inputs for one in made.of_type(kind)
        ]
    assert seen.outputs == made.outputs


def test_kubernetes_is_reached_through_the_clusters_own_provider(
    tmp_path: Path,
) -> None:
    """No object is registered with whatever kubeconfig context is current."""
    made = program(tmp_path)

    kubernetes = [one for one in made.registrations if "core/v1" in one.type]
    assert {one.provider for one in kubernetes} == {"cluster-13"}


def test_the_outputs_are_addressed_by_namespace_and_name(tmp_path: Path) -> None:
    """A Helm value or another stack finds the role by the entry's key."""
    made = program(tmp_path, text=entry("reader", "    roleName: r\n"))

    assert made.outputs == {
        "accountId": ACCOUNT_ID,
        "oidcProviderArn": PROVIDER_ARN,
        "serviceAccounts": {
            "apps/reader": {
                "namespace": "apps",
                "name": "reader",
                "roleArn": f"arn:aws:iam::{ACCOUNT_ID}:role/r",
                "roleName": "r",
                "subject": "system:serviceaccount:apps:reader",
                "identity": "irsa",
            }
        },
    }


def test_every_problem_of_file_and_settings_is_said_before_anything_is_asked(
    tmp_path: Path,
) -> None:
    """AWS is not called for a file that cannot be used."""
    text = entry("A", "    attachPolicyARNS: []\n")

    with pytest.raises(pulumi.RunError) as caught:
        program(tmp_path, text=text, answers={}, accountId="12", oidcProvider="maybe")

    assert str(caught.value) == (
        "stack settings: eks-irsa:oidcProvider: expected 'auto', 'managed' or "
        "'existing', got the text 'maybe'\n"
        "stack settings: eks-irsa:accountId: '12' is not an AWS account id; expected "
        "12 digits\n"
        "stacks/cluster-13.yaml:7:22: iam.serviceAccounts[0].metadata.name: 'A' cannot "
        "name a service account; a name has 1 to 253 lower-case letters, digits, '-' "
        "and '.', and each part between dots begins and ends with a letter or digit "
        "(RFC 1123)\n"
        "stacks/cluster-13.yaml:9:5: iam.serviceAccounts[0].attachPolicyARNS: unknown "
        "key; did you mean 'attachPolicyARNs'?"
    )


def test_limits_are_said_beside_the_other_problems(tmp_path: Path) -> None:
    """Nobody corrects a file twice."""
    tags = ", ".join(f"t{index}: x" for index in range(47))
    text = entry("a", f"    tags: {{{tags}}}\n    roleName: a/b\n")

    with pytest.raises(pulumi.RunError) as caught:
        program(tmp_path, text=text, answers={})

    assert str(caught.value) == (
        "stacks/cluster-13.yaml:9:11: iam.serviceAccounts[0].tags: 51 tags, with those "
        "of the cluster, of the settings and our own; AWS takes 50 by default (if the "
        "quota was raised, say so in the setting limits.tagsPerRole)\n"
        "stacks/cluster-13.yaml:10:15: iam.serviceAccounts[0].roleName: 'a/b' cannot "
        "name a role; a name has 1 to 64 letters, digits and '_+=,.@-', this one has 3 "
        "characters"
    )


def test_a_broken_rule_of_the_house_stops_the_run(tmp_path: Path) -> None:
    """AWS is not called either; each breach has its place in the file."""
    rules = {"namespaces": ["backend-*"], "forbiddenManagedPolicies": ["*ElastiC*"]}

    with pytest.raises(pulumi.RunError) as caught:
        program(tmp_path, answers={}, rules=rules)

    assert str(caught.value) == (
        "stacks/cluster-13.yaml:27:7: iam.serviceAccounts[1].attachPolicyARNs[1]: "
        "'arn:aws:iam::aws:policy/AmazonElastiCacheFullAccess' is attached; "
        "rules.forbiddenManagedPolicies[0] (stack settings) never takes '*ElastiC*'; "
        "attach another policy, or write what is needed as an inline policy\n"
        "stacks/cluster-13.yaml:30:18: iam.serviceAccounts[2].metadata.namespace: the "
        "service account is in the namespace 'kube-system'; rules.namespaces (stack "
        "settings) takes 'backend-*'; move the service account there, or take the "
        "namespace in"
    )


def test_the_wrong_account_stops_the_run(tmp_path: Path) -> None:
    """`accountId` guards against credentials of another account."""
    with pytest.raises(pulumi.RunError) as caught:
        program(tmp_path, accountId="999999999999")

    assert str(caught.value) == (
        f"stack settings: eks-irsa:accountId: the cluster {CLUSTER_ARN} is not in the "
        "AWS account '999999999999'; use credentials of that AWS account, or correct "
        "the setting"
    )


def test_a_cluster_that_does_not_exist_is_named_with_its_region(tmp_path: Path) -> None:
    """The provider's own words would not say which region was asked."""
    answers = {
        "aws:eks/getCluster:getCluster": (
            "reading EKS Cluster (cluster-13): couldn't find resource"
        )
    }

    with pytest.raises(pulumi.RunError) as caught:
        program(tmp_path, answers=answers)

    assert str(caught.value) == (
        "there is no EKS cluster 'cluster-13' in us-west-2; correct metadata.name and "
        "metadata.region, or use credentials of its AWS account"
    )


def test_somebody_elses_provider_is_read_and_never_managed(tmp_path: Path) -> None:
    """What eksctl or the console made is used as it is."""
    answers: dict[str, Any] = {
        GET_PROVIDER: {"clientIdLists": ["sts.amazonaws.com"], "tags": {}}
    }

    made = program(tmp_path, answers=answers)

    provider = made.only(":OpenIdConnectProvider")
    assert (provider.name, provider.read) == ("cluster-13-provider", True)
    assert provider.inputs == {"id": PROVIDER_ARN}


def test_our_own_provider_stays_managed(tmp_path: Path) -> None:
    """A second `up` finds the provider of the first by its tags."""
    urn = "urn:pulumi:test::eks-irsa::eks-irsa:index:EksOidcProvider"
    provider = {"outputs": {"arn": PROVIDER_ARN}}
    answers: dict[str, Any] = {
        GET_PROVIDER: {"clientIdLists": ["sts.amazonaws.com"], "tags": OURS},
        READ_STATE: {
            "outputs": {f"{urn}${PROVIDER_TYPE}::cluster-13-provider": provider}
        },
    }

    made = program(tmp_path, answers=answers)

    assert not made.only(":OpenIdConnectProvider").read


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(
            f"reading IAM OIDC Provider ({PROVIDER_ARN}): couldn't find resource",
            id="terraform-provider-aws 6",
        ),
        pytest.param(
            f"reading IAM OIDC Provider ({PROVIDER_ARN}): operation error IAM: "
            "GetOpenIDConnectProvider, https response error StatusCode: 404, "
            "NoSuchEntity: OpenIDConnect Provider not found",
            id="terraform-provider-aws 5",
        ),
        pytest.param(
            f"reading IAM OIDC Provider ({PROVIDER_ARN}): empty result",
            id="an empty answer",
        ),
    ],
)
def test_a_provider_that_is_absent_is_made(tmp_path: Path, said: str) -> None:
    """Each text by which an AWS plugin says that there is none is known."""
    made = program(tmp_path, answers={GET_PROVIDER: said})

    assert not made.only(":OpenIdConnectProvider").read


@pytest.mark.parametrize(
    "said",
    [
        "reading IAM OIDC Provider: AccessDenied: not authorized",
        "reading IAM OIDC Provider: ResourceNotFoundException: No access",
        "reading IAM OIDC Provider: a text of a later version",
    ],
)
def test_a_provider_that_may_not_be_read_stops_the_run(
    tmp_path: Path, said: str
) -> None:
    """Any other text stops with the text itself and what to do."""
    with pytest.raises(pulumi.RunError) as caught:
        program(tmp_path, answers={GET_PROVIDER: said})

    before, _, after = str(caught.value).partition(said)
    assert before.startswith(f"cannot look up the IAM OIDC provider {PROVIDER_ARN}: ")
    assert after.endswith(
        "; it is not known whether the provider exists; allow "
        "iam:GetOpenIDConnectProvider, or correct the credentials"
    )


def test_a_provider_without_our_audience_is_an_error(tmp_path: Path) -> None:
    """Every pod would get "Incorrect token audience"."""
    answers: dict[str, Any] = {GET_PROVIDER: {"clientIdLists": ["other"], "tags": {}}}

    with pytest.raises(pulumi.RunError) as caught:
        program(tmp_path, answers=answers)

    assert str(caught.value) == (
        f"the IAM OIDC provider {PROVIDER_ARN} accepts the audiences other, not "
        "sts.amazonaws.com; every pod would get 'Incorrect token audience'; add the "
        "client id to it"
    )


def test_iam_alone_leaves_the_cluster_alone(tmp_path: Path) -> None:
    """`kubernetes: off` makes roles for a cluster nobody can reach."""
    made = program(tmp_path, kubernetes="off")

    assert [one for one in made.registrations if "kubernetes" in one.type] == []
    assert len(made.of_type(":Role")) == 3


def test_an_existing_role_without_kubernetes_is_only_named(tmp_path: Path) -> None:
    """There is nothing to annotate and no role to make; the outputs hold it."""
    role_arn = f"arn:aws:iam::{ACCOUNT_ID}:role/theirs"
    text = entry("x").replace(
        "attachPolicyARNs: [arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess]",
        f"attachRoleARN: {role_arn}",
    )

    made = program(tmp_path, text=text, kubernetes="off")

    component = made.only(":IrsaServiceAccount").name
    assert [one for one in made.registrations if one.parent == component] == []
    assert made.outputs["serviceAccounts"] == {
        "apps/x": {
            "namespace": "apps",
            "name": "x",
            "roleArn": role_arn,
            "roleName": "theirs",
            "subject": "system:serviceaccount:apps:x",
            "identity": "irsa",
        }
    }


def test_overridden_entries_go_through_a_provider_that_forces(tmp_path: Path) -> None:
    """Force is the provider's, so no key but ours is written on a foreign object."""
    made = program(tmp_path, patchExisting=["backend-apps/s3-*"])

    forced = {
        one.name: one.inputs.get("enablePatchForce")
        for one in made.of_type("pulumi:providers:kubernetes")
    }
    patch = made.only(":ServiceAccountPatch")
    assert forced == {"cluster-13": None, "cluster-13-override": "true"}
    assert patch.name == "backend-apps/s3-reader-service-account"
    assert patch.provider == "cluster-13-override"


def test_reordering_entries_registers_the_same_resources(tmp_path: Path) -> None:
    """Identity is the entry's name, never its position."""
    first = entry("a") + entry("b").partition("serviceAccounts:\n")[2]
    second = entry("b") + entry("a").partition("serviceAccounts:\n")[2]

    made = [program(tmp_path, text=text).registrations for text in (first, second)]

    assert made[0] == made[1]


def test_the_token_for_the_cluster_is_of_the_aws_providers_identity(
    tmp_path: Path,
) -> None:
    """Profile and role are arguments, which the AWS CLI prefers to the environment."""
    role = "arn:aws:iam::111122223333:role/deployer"
    settings = {"profile": "production", "assumeRoles": f'[{{"roleArn": "{role}"}}]'}

    made = program(tmp_path, aws=settings)

    kubeconfig = json.loads(
        made.only("pulumi:providers:kubernetes").inputs["kubeconfig"]
    )
    command = kubeconfig["users"][0]["user"]["exec"]
    assert command == {
        "apiVersion": "client.authentication.k8s.io/v1beta1",
        "command": "aws",
        "args": [
            *("--region", "us-west-2", "eks", "get-token"),
            *("--cluster-name", "cluster-13", "--output", "json"),
            *("--profile", "production", "--role-arn", role),
        ],
        "interactiveMode": "Never",
    }


def test_an_identity_that_cannot_be_passed_on_stops_the_run(tmp_path: Path) -> None:
    """Beside everything else that is wrong, and before AWS is asked."""
    with pytest.raises(pulumi.RunError) as caught:
        program(
            tmp_path,
            text=entry("a", "    roleName: a/b\n"),
            answers={},
            aws={"token": "x", "assumeRoles": "{"},
        )

    assert [line.partition(": ")[2][:21] for line in str(caught.value).split("\n")] == [
        "aws:token: 'aws eks g",
        "aws:assumeRoles: expe",
        "iam.serviceAccounts[0",
    ]


@pytest.mark.parametrize("settings", [{"kubernetes": "off"}, {"kubeconfig": "x: y"}])
def test_an_identity_is_free_where_no_token_is_fetched(
    tmp_path: Path, settings: dict[str, Any]
) -> None:
    """The AWS provider alone reads the setting then."""
    made = program(tmp_path, aws={"token": "x"}, **settings)

    assert len(made.of_type(":Role")) == 3


@pytest.mark.parametrize("secrets", [(), ("eks-irsa:kubeconfig",)])
def test_a_kubeconfig_is_as_secret_as_the_setting(
    tmp_path: Path, secrets: tuple[str, ...]
) -> None:
    """The state keeps a secret one encrypted, and nothing prints it."""
    made = program(tmp_path, kubeconfig="token: s3cret", secrets=secrets)

    given = made.only("pulumi:providers:kubernetes").inputs["kubeconfig"]
    assert is_rpc_secret(given) == bool(secrets)
    assert unwrap_rpc_secret(given) == "token: s3cret"
    assert "s3cret" not in "".join(made.logs)


def test_settings_are_named_as_the_project_writes_them(tmp_path: Path) -> None:
    """A project of another name has them under its own, also where one lacks."""
    shutil.copy(ROOT / "__main__.py", tmp_path)
    none = {"shop:audience": "", "shop:clusterConfig": "none.yaml"}

    with pytest.raises(pulumi.RunError) as lacking:
        deploy(tmp_path, project="shop")
    with pytest.raises(pulumi.RunError) as wrong:
        deploy(tmp_path, project="shop", config=none)

    assert str(lacking.value) == (
        "stack settings: shop:clusterConfig: missing; write the path of the "
        "ClusterConfig, from Pulumi.yaml's folder"
    )
    first, second = str(wrong.value).split("\n")
    assert first.startswith("stack settings: shop:audience: ''")
    assert second.startswith("none.yaml: cannot be read: No such file or directory")


def test_a_kubeconfig_under_the_projects_name_stays_secret(tmp_path: Path) -> None:
    """Pulumi knows by the key it was set with that it is one."""
    shutil.copy(ROOT / "__main__.py", tmp_path)
    (tmp_path / "c.yaml").write_text(entry("reader"), encoding="utf-8")

    made = deploy(
        tmp_path,
        project="shop",
        config={"shop:clusterConfig": "c.yaml", "shop:kubeconfig": Secret("token: x")},
    )

    given = made.only("pulumi:providers:kubernetes").inputs["kubeconfig"]
    assert is_rpc_secret(given)
