"""The main job on a real engine: preview, up, look, change behind its back, destroy."""

import json
from collections.abc import Callable

import pytest
from hands import Hands
from pulumi.automation.errors import CommandError
from workbench import Step, Workbench

from eks_irsa.cluster_config.reading import parse_cluster_config
from eks_irsa.plan.model import Cluster, Plan
from eks_irsa.plan.planning import plan
from eks_irsa.settings.reading import default_settings
from sandbox.aws.clients import administrator
from sandbox.proof import AUDIENCE, prove, sdk_identity
from sandbox.session import Sandbox

pytestmark = pytest.mark.engine

Benches = Callable[..., Workbench]


def planned(bench: Workbench) -> Plan:
    """Plan the stack's ClusterConfig, for the cluster that is there."""
    text = (bench.project / "stacks/under-test.yaml").read_bytes()
    cluster = Cluster(
        name=bench.cluster,
        region=bench.region,
        partition="aws",
        account_id=bench.sandbox.aws.account_id,
        issuer_url=bench.issuer_url,
    )
    return plan(
        parse_cluster_config(text, source="under-test.yaml"),
        stack_settings=default_settings(),
        cluster=cluster,
        stack=f"organization/eks-irsa/{bench.stack.name}",
    )


def by_name(steps: list[Step], kind: str) -> dict[str, Step]:
    """Give the steps on one type of resource by name."""
    return {step.name: step for step in steps if step.type.endswith(kind)}


def test_a_preview_of_a_new_stack_shows_every_document_in_plain_text(
    bench: Benches,
) -> None:
    """A reviewer reads trust policies, inline policies and role ARNs before `up`."""
    cluster_13 = bench()
    expected = planned(cluster_13)

    steps = cluster_13.preview()

    roles, policies = by_name(steps, ":Role"), by_name(steps, ":RolePolicy")
    accounts = by_name(steps, ":ServiceAccount")
    for entry in expected.service_accounts:
        assert entry.role is not None
        role = roles[f"{entry.key}-role"].inputs
        account = accounts[f"{entry.key}-service-account"].inputs
        assert role["assumeRolePolicy"] == entry.role.assume_role_policy
        assert account["metadata"]["annotations"] == dict(entry.annotations)
        for inline in entry.role.inline_policies:
            policy = policies[f"{entry.key}:{inline.name}"].inputs
            assert policy["policy"] == inline.document


def test_what_was_made_is_what_was_planned(bench: Benches, hands: Hands) -> None:
    """IAM and the API server return the plan, field by field.

    Entries share the provider of their issuer, and a namespace has one owner.
    """
    cluster_13 = bench()
    if hands.namespace("backend-apps"):  # another test's stack left it, as it must
        hands.delete_namespace("backend-apps")
    before = cluster_13.inventory()
    expected = planned(cluster_13)

    cluster_13.up()

    made = cluster_13.inventory()
    provider = made.providers[expected.cluster.provider_arn]
    assert provider["Url"] == cluster_13.issuer_url.removeprefix("https://")
    assert provider["ClientIDList"] == [AUDIENCE]
    assert made.namespaces.keys() - before.namespaces.keys() == {"backend-apps"}
    assert made.namespaces["kube-system"] == before.namespaces["kube-system"]
    for entry in expected.service_accounts:
        role = entry.role
        assert role is not None
        live = made.roles[role.name]
        assert (live.role["Arn"], live.role["Path"]) == (role.arn, role.path)
        assert live.role["Description"] == role.description
        assert live.role["MaxSessionDuration"] == role.max_session_duration_seconds
        assert {tag["Key"]: tag["Value"] for tag in live.role["Tags"]} == role.tags
        assert live.trust_policy == json.loads(role.assume_role_policy)
        assert live.managed_policy_arns == tuple(sorted(role.managed_policy_arns))
        assert live.inline_policies == {
            one.name: json.loads(one.document) for one in role.inline_policies
        }
        metadata = made.service_accounts[entry.key]["metadata"]
        assert metadata["labels"] == dict(entry.labels)
        assert metadata["annotations"] == dict(entry.annotations)
    kinds = [resource["type"] for resource in cluster_13.resources()]
    assert kinds.count("aws:iam/openIdConnectProvider:OpenIdConnectProvider") == 1
    assert kinds.count("kubernetes:core/v1:NamespacePatch") == 1
    assert kinds.count("eks-irsa:index:IrsaServiceAccount") == 3


def test_the_service_accounts_own_token_is_admitted_and_every_other_refused(
    bench: Benches, sandbox: Sandbox
) -> None:
    """STS judges real tokens by the trust policy that IAM holds now."""
    cluster_13 = bench(issuing=True)
    cluster_13.up()

    for account in cluster_13.outputs()["serviceAccounts"].values():
        attempts = prove(
            sandbox,
            namespace=account["namespace"],
            service_account=account["name"],
            role_arn=account["roleArn"],
        )

        assert {attempt.token: attempt.code for attempt in attempts} == {
            "its own token": "",
            "another namespace": "AccessDenied",
            "another name": "AccessDenied",
            "another audience": "InvalidIdentityToken",
            "another issuer": "InvalidIdentityToken",
            "a broken signature": "InvalidIdentityToken",
            "an expired token": "ExpiredTokenException",
        }
    token = sandbox.control_plane.request_token(
        namespace="backend-apps", service_account="s3-reader", audience=AUDIENCE
    )
    reader = cluster_13.outputs()["serviceAccounts"]["backend-apps/s3-reader"]
    identity = sdk_identity(
        sandbox, role_arn=reader["roleArn"], token=token, folder=cluster_13.project
    )
    prefix = f"arn:aws:sts::{sandbox.aws.account_id}:assumed-role/{reader['roleName']}/"
    assert identity.startswith(prefix)


def test_a_refresh_sees_what_was_edited_behind_the_engines_back(
    bench: Benches, sandbox: Sandbox
) -> None:
    """The diff is against the live object, and `up` puts it right."""
    cluster_13 = bench()
    cluster_13.up()
    entry = planned(cluster_13).service_accounts[0]
    assert entry.role is not None
    opened = json.loads(entry.role.assume_role_policy)
    del opened["Statement"][0]["Condition"]
    administrator(sandbox.aws, "iam").update_assume_role_policy(
        RoleName=entry.role.name, PolicyDocument=json.dumps(opened)
    )
    path = f"/api/v1/namespaces/{entry.namespace}/serviceaccounts/{entry.name}"
    edit = {"metadata": {"annotations": {"eks.amazonaws.com/role-arn": "edited"}}}
    sandbox.control_plane.request(
        method="PATCH",
        path=f"{path}?fieldManager=kubectl-annotate",
        body=edit,
        content_type="application/merge-patch+json",
    )

    found = cluster_13.refresh()
    repaired = cluster_13.up()

    names = {f"{entry.key}-role", f"{entry.key}-service-account"}
    assert {(step.operation, step.name) for step in found} == {
        ("update", name) for name in names
    }
    assert {(step.operation, step.name) for step in repaired} == {
        ("update", name) for name in names
    }
    made = cluster_13.inventory()
    trust = json.loads(entry.role.assume_role_policy)
    annotations = made.service_accounts[entry.key]["metadata"]["annotations"]
    assert made.roles[entry.role.name].trust_policy == trust
    assert annotations == dict(entry.annotations)


def test_a_second_run_changes_nothing_and_destroy_leaves_the_namespaces_alone(
    bench: Benches,
) -> None:
    """Equal input gives equal output, also after the engine has asked the world.

    What was not there before goes; what others may use by now stays.
    """
    cluster_13 = bench()
    before = cluster_13.inventory()
    cluster_13.up()

    assert cluster_13.preview(expect_no_changes=True) == []
    assert cluster_13.up(refresh=True) == []
    assert cluster_13.preview(expect_no_changes=True) == []
    cluster_13.destroy()

    left = cluster_13.inventory()
    assert left.providers == before.providers
    assert left.roles == before.roles
    assert left.service_accounts == before.service_accounts
    assert "backend-apps" in left.namespaces


@pytest.mark.parametrize(
    ("line", "message"),
    [
        pytest.param(
            "    attachPolicyARNS: []",
            "iam.serviceAccounts[0].attachPolicyARNS: unknown key; did you mean "
            "'attachPolicyARNs'?",
            id="file",
        ),
    ],
)
def test_a_wrong_file_stops_before_anything_is_registered(
    bench: Benches, line: str, message: str
) -> None:
    """The engine shows the problem, and no traceback."""
    text = (
        "apiVersion: eksctl.io/v1alpha5\nkind: ClusterConfig\n"
        "metadata: {name: cluster-13, region: us-west-2}\n"
        "iam:\n  withOIDC: true\n  serviceAccounts:\n"
        "  - metadata: {name: a, namespace: apps}\n"
        "    attachPolicyARNs: [arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess]\n"
        f"{line}\n"
    )
    wrong = bench(config=text)
    shown: list[str] = []

    with pytest.raises(CommandError, match="did you mean"):
        wrong.stack.up(on_output=shown.append)

    output = "\n".join(shown)
    assert f"stacks/under-test.yaml:9:5: {message}" in output
    assert "Traceback" not in output
    assert [one["type"] for one in wrong.resources()] == ["pulumi:pulumi:Stack"]
