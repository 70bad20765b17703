"""The same entries by IRSA, by EKS Pod Identity and by both, and moved between them.

What IAM, EKS and the API server hold is compared with the plan, whole; and a move is
there and back without another role.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from hands import Hands
from pulumi.automation.errors import CommandError
from workbench import CLUSTER_CONFIG, READ_ONLY, Step, Workbench, preview_text

from eks_irsa.cli.recovery import planned_by_name
from eks_irsa.cluster_config.reading import read_cluster_config
from eks_irsa.plan.model import Cluster, Plan
from eks_irsa.plan.planning import plan
from eks_irsa.settings.reading import settings_of_config
from eks_irsa.synthesis import plan_document
from sandbox.aws.clients import administrator
from sandbox.pod_identity_proof import OTHER_CLUSTER, agent_identity, prove_association
from sandbox.proof import OWN_TOKEN, prove
from sandbox.proof_tokens import Attempt

pytestmark = pytest.mark.engine

Benches = Callable[..., Workbench]
ASSOCIATION: Final = "aws:eks/podIdentityAssociation:PodIdentityAssociation"
PROVIDER: Final = "aws:iam/openIdConnectProvider:OpenIdConnectProvider"
INLINE: Final = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}],
}
# As eksctl writes it.
OPEN: Final = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "pods.eks.amazonaws.com"},
                "Action": ["sts:AssumeRole", "sts:TagSession"],
            }
        ],
    }
)
# Of each section that asks for a role.
SECTIONS: Final = """\
apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig
metadata: {{name: {cluster}, region: {region}}}
iam:
  withOIDC: true
  podIdentityAssociations:
  - namespace: {apps}
    serviceAccountName: orders
    createServiceAccount: true
    permissionPolicyARNs: [arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess]
    tags: {{team: shop}}
  - namespace: {apps}
    serviceAccountName: mailer
    permissionPolicy:
      Version: "2012-10-17"
      Statement: [{{Effect: Allow, Action: "ses:SendEmail", Resource: "*"}}]
    permissionPolicyName: mail
addons:
- name: aws-efs-csi-driver
  wellKnownPolicies: {{efsCSIController: true}}
- name: adot
  podIdentityAssociations:
  - namespace: {apps}
    serviceAccountName: collector
    permissionPolicyARNs: [arn:aws:iam::aws:policy/AWSXrayWriteOnlyAccess]
"""
# What an entry may say; thirty are made of them.
KINDS: Final[tuple[Mapping[str, Any], ...]] = (
    {},
    {"attachPolicy": INLINE},
    {"wellKnownPolicies": {"certManager": True, "ebsCSIController": True}},
    {"roleOnly": True},
    {"permissionsBoundary": READ_ONLY, "tags": {"team": "shop"}},
    {"attachPolicyARNs": [READ_ONLY], "attachPolicy": INLINE},
)


def entries(bench: Workbench) -> dict[str, dict[str, Any]]:
    """Make thirty entries in three namespaces."""
    made = {
        f"{bench.cluster}-{number % 3}/app-{number}": dict(KINDS[number % len(KINDS)])
        for number in range(29)
    }
    return {**made, f"{bench.cluster}-0/theirs": {"attachRoleARN": their_role(bench)}}


def their_role(bench: Workbench) -> str:
    """Give the ARN of a role that is somebody else's, and trusts both ways already."""
    return f"arn:aws:iam::{bench.sandbox.aws.account_id}:role/{bench.cluster}-theirs"


def plan_of(bench: Workbench) -> Plan:
    """Plan what the stack makes now."""
    stack = bench.project / f"stacks/Pulumi.{bench.stack.name}.yaml"
    config: dict[str, Any] = yaml.safe_load(stack.read_text())["config"]
    texts = {
        key: value if isinstance(value, str) else json.dumps(value)
        for key, value in config.items()
    }
    return plan(
        read_cluster_config(bench.project / CLUSTER_CONFIG),
        stack_settings=settings_of_config(texts, project="eks-irsa"),
        cluster=Cluster(
            name=bench.cluster,
            region=bench.region,
            partition="aws",
            account_id=bench.sandbox.aws.account_id,
            issuer_url=bench.issuer_url,
        ),
        stack=f"organization/eks-irsa/{bench.stack.name}",
    )


def held(bench: Workbench) -> dict[str, Any]:
    """Give what IAM, EKS and the API server hold of each entry, in the plan's words."""
    inventory = bench.inventory()
    found: dict[str, Any] = {}
    for entry in plan_of(bench).service_accounts:
        account = inventory.service_accounts.get(entry.key, {}).get("metadata", {})
        place = f"{bench.region}/{bench.cluster}/{entry.key}"
        association = inventory.associations.get(place)
        role = inventory.roles[entry.role_arn.rpartition("/")[2]]
        found[entry.key] = {
            "annotations": account.get("annotations", {}),
            "labels": account.get("labels", {}),
            "association": association
            and {
                "roleArn": association["roleArn"],
                "tags": association["tags"],
                "disableSessionTags": association["disableSessionTags"],
            },
            "role": None
            if entry.role is None
            else {
                "arn": role.role["Arn"],
                "description": role.role["Description"],
                "assumeRolePolicy": role.trust_policy,
                "managedPolicyArns": [*role.managed_policy_arns],
                "inlinePolicies": role.inline_policies,
                "tags": {one["Key"]: one["Value"] for one in role.role["Tags"]},
            },
        }
    return found


def wanted(bench: Workbench) -> dict[str, Any]:
    """Give the same as the plan says it."""
    plan = plan_of(bench)
    document: Any = plan_document(plan)
    roles = {one.key: one.role for one in plan_of(bench).service_accounts if one.role}
    return {
        f"{entry['namespace']}/{entry['name']}": {
            "annotations": entry["annotations"],
            "labels": entry["labels"],
            "association": entry["association"]
            and {
                "roleArn": entry["roleArn"],
                "tags": entry["association"]["tags"],
                "disableSessionTags": entry["association"]["disableSessionTags"],
            },
            "role": entry["role"]
            and {
                "arn": entry["role"]["arn"],
                "description": roles[
                    f"{entry['namespace']}/{entry['name']}"
                ].description,
                "assumeRolePolicy": entry["role"]["assumeRolePolicy"],
                "managedPolicyArns": sorted(entry["role"]["managedPolicyArns"]),
                "inlinePolicies": {
                    one["name"]: one["document"]
                    for one in entry["role"]["inlinePolicies"]
                },
                "tags": entry["role"]["tags"],
            },
        }
        for entry in document["serviceAccounts"]
    }


def operations(steps: list[Step]) -> dict[tuple[str, str], int]:
    """Count what the engine does, by operation and type."""
    found: dict[tuple[str, str], int] = {}
    for step in steps:
        if step.type != "pulumi:pulumi:Stack" and not step.type.startswith("eks-irsa:"):
            key = (step.operation, step.type.rpartition(":")[2])
            found[key] = found.get(key, 0) + 1
    return found


def admitted(bench: Workbench, key: str) -> tuple[bool, bool]:
    """Tell whether pods get credentials with a token, and by an association."""
    namespace, _, name = key.partition("/")
    entry = bench.outputs()["serviceAccounts"][key]
    attempts = prove(
        bench.sandbox,
        namespace=namespace,
        service_account=name,
        role_arn=entry["roleArn"],
    )
    by_token = {one.token: one.admitted for one in attempts}
    assert not any(got for token, got in by_token.items() if token != OWN_TOKEN)
    place = f"{bench.region}/{bench.cluster}/{key}"
    association = bench.inventory().associations.get(place)
    if association is None:
        return by_token[OWN_TOKEN], False
    tried = {one.token: one for one in prove_association(bench.sandbox, association)}
    others = [one for token, one in tried.items() if token != OWN_TOKEN]
    assert not any(one.admitted for one in others)
    assert OTHER_CLUSTER in tried
    return by_token[OWN_TOKEN], tried[OWN_TOKEN].admitted


def test_thirty_entries_move_there_and_back_with_their_roles(
    bench: Benches, tmp_path: Path
) -> None:
    """Each step is what its preview said, each state is the plan's, whole."""
    stack = bench(issuing=True)
    iam = administrator(stack.sandbox.aws, "iam")
    theirs = their_role(stack).rpartition("/")[2]
    iam.create_role(RoleName=theirs, AssumeRolePolicyDocument=OPEN)
    stack.entries(entries(stack))
    tried = f"{stack.cluster}-1/app-1"
    states: dict[str, list[Any]] = {}
    kinds: list[dict[tuple[str, str], int]] = []
    ids: set[tuple[str, ...]] = set()

    try:
        for identity in ("irsa", "both", "podIdentity", "both", "irsa"):
            stack.settings(defaults={"identity": identity})
            previewed = stack.preview()
            done = stack.up()
            assert operations(previewed) == operations(done)
            kinds.append(operations(done))
            stack.preview(expect_no_changes=True)
            now = held(stack)
            assert now == wanted(stack)
            states.setdefault(identity, []).append((now, admitted(stack, tried)))
            roles = stack.inventory().roles
            own = [name for name in sorted(roles) if stack.cluster in name]
            ids.add(tuple(str(roles[name].role["RoleId"]) for name in own))
            if identity == "podIdentity":
                place = f"{stack.region}/{stack.cluster}/{tried}"
                association = stack.inventory().associations[place]
                sdk = agent_identity(stack.sandbox, association, folder=tmp_path)
                assert sdk.split("/")[1] == roles_name(stack, tried)
    finally:
        stack.destroy()
        iam.delete_role(RoleName=theirs)

    assert len(ids) == 1
    assert states["irsa"][0] == states["irsa"][1]
    assert states["both"][0] == states["both"][1]
    assert {way: found[0][1] for way, found in states.items()} == {
        "irsa": (True, False),
        "both": (True, True),
        "podIdentity": (False, True),
    }
    assert kinds[1:] == [
        {("create", "PodIdentityAssociation"): 30, ("update", "Role"): 29},
        {("update", "Role"): 29, ("update", "ServiceAccount"): 25},
        {("update", "Role"): 29, ("update", "ServiceAccount"): 25},
        {("delete", "PodIdentityAssociation"): 30, ("update", "Role"): 29},
    ]


def roles_name(bench: Workbench, key: str) -> str:
    """Give the name of the role of an entry."""
    return str(bench.outputs()["serviceAccounts"][key]["roleName"])


def test_associations_and_add_ons_of_the_file_are_made(bench: Benches) -> None:
    """Of an add-on the role alone, which trusts the association that EKS makes."""
    stack = bench(issuing=True)
    apps = f"{stack.cluster}-apps"
    stack.write(SECTIONS.format(cluster=stack.cluster, region=stack.region, apps=apps))

    stack.up()
    stack.preview(expect_no_changes=True)

    associated = {place.rpartition("/")[2] for place in associations(stack)}
    accounts = stack.inventory().service_accounts
    created = [key for key in accounts if key.startswith(f"{apps}/")]
    tried = by_add_on(stack, namespace=apps, name="collector")
    assert held(stack) == wanted(stack)
    assert associated == {"orders", "mailer"}
    assert created == [f"{apps}/orders"]
    assert [one.token for one in tried if one.admitted] == [OWN_TOKEN]
    assert admitted(stack, f"{apps}/orders") == (False, True)


def by_add_on(bench: Workbench, *, namespace: str, name: str) -> list[Attempt]:
    """Do what EKS does with an add-on; tell whom its association admits."""
    bench.sandbox.control_plane.request(
        method="POST",
        path=f"/api/v1/namespaces/{namespace}/serviceaccounts",
        body={"metadata": {"name": name}},
    )
    eks = administrator(bench.sandbox.aws, "eks", region=bench.region)
    made = eks.create_pod_identity_association(
        clusterName=bench.cluster,
        namespace=namespace,
        serviceAccount=name,
        roleArn=bench.outputs()["serviceAccounts"][f"{namespace}/{name}"]["roleArn"],
    )["association"]
    tried = [*prove_association(bench.sandbox, made)]
    eks.delete_pod_identity_association(
        clusterName=bench.cluster, associationId=made["associationId"]
    )
    return tried


def associations(bench: Workbench) -> list[str]:
    """Give the places of the associations that the cluster has."""
    return [
        place
        for place in bench.inventory().associations
        if place.split("/")[1] == bench.cluster
    ]


def test_association_that_exists_is_taken_in_and_given_the_role(
    bench: Benches,
) -> None:
    """Eksctl's has a role of its own; it is the same association afterwards."""
    stack = bench()
    key = f"{stack.cluster}-apps/reader"
    namespace, _, name = key.partition("/")
    role = their_role(stack)
    iam = administrator(stack.sandbox.aws, "iam")
    eks = administrator(stack.sandbox.aws, "eks", region=stack.region)
    iam.create_role(RoleName=role.rpartition("/")[2], AssumeRolePolicyDocument=OPEN)
    made = eks.create_pod_identity_association(
        clusterName=stack.cluster,
        namespace=namespace,
        serviceAccount=name,
        roleArn=role,
        tags={"made-by": "eksctl"},
    )["association"]
    stack.entries({key: {}})
    stack.settings(overrides={key: {"identity": "podIdentity"}})
    with pytest.raises(CommandError) as caught:
        stack.up()
    before = {one["type"] for one in stack.resources()}
    override = {"identity": "podIdentity", "associationId": made["associationId"]}
    stack.settings(overrides={key: override})

    steps = stack.up()
    taken = [step.operation for step in steps if step.type == ASSOCIATION]
    again = stack.preview(expect_no_changes=True)
    stack.settings(overrides={key: {"identity": "podIdentity"}})
    stack.preview(expect_no_changes=True)

    (association,) = [
        one
        for place, one in stack.inventory().associations.items()
        if place.endswith(f"/{stack.cluster}/{key}")
    ]
    assert (
        f"already has the EKS Pod Identity association {made['associationId']!r}, "
        "which this stack did not make"
    ) in str(caught.value)
    assert before == {
        "pulumi:pulumi:Stack",
        "pulumi:providers:aws",
        "pulumi:providers:pulumi",
    }
    assert taken == ["import", "update"]
    assert again == []
    assert association["associationId"] == made["associationId"]
    assert association["roleArn"] == stack.outputs()["serviceAccounts"][key]["roleArn"]
    iam.delete_role(RoleName=role.rpartition("/")[2])


def test_target_role_that_is_taken_away_is_gone(bench: Benches) -> None:
    """The provider would not send it, and pods would go on with the target role."""
    stack = bench()
    key = f"{stack.cluster}-apps/reader"
    target = "arn:aws:iam::444455556666:role/target"
    settings = {"identity": "podIdentity"}

    def associated(**more: str) -> tuple[list[str], Mapping[str, Any]]:
        namespace, _, name = key.partition("/")
        entry = {"namespace": namespace, "serviceAccountName": name, **more}
        stack.write(
            json.dumps(
                {
                    "apiVersion": "eksctl.io/v1alpha5",
                    "kind": "ClusterConfig",
                    "metadata": {"name": stack.cluster, "region": stack.region},
                    "iam": {
                        "podIdentityAssociations": [
                            {**entry, "permissionPolicyARNs": [READ_ONLY]}
                        ]
                    },
                }
            )
        )
        steps = stack.up()
        stack.preview(expect_no_changes=True, refresh=True)
        place = f"{stack.region}/{stack.cluster}/{key}"
        done = [step.operation for step in steps if step.type == ASSOCIATION]
        return done, stack.inventory().associations[place]

    stack.settings(defaults=settings)
    made, before = associated(targetRoleARN=target)
    policy = json.loads(stack.outputs()["serviceAccounts"][key]["targetTrustPolicy"])
    replaced, after = associated()

    (statement,) = policy["Statement"]
    assert statement["Condition"]["ArnEquals"] == {
        "aws:PrincipalArn": before["roleArn"]
    }
    assert (made, before["targetRoleArn"]) == (["create"], target)
    assert {*replaced} >= {"replace"}
    assert "targetRoleArn" not in after

    # The fifth pattern of docs/operations.md.
    gone = stack.destroy(target=[f"**:PodIdentityAssociation::{key}-association"])
    assert [(step.operation, step.type) for step in gone] == [("delete", ASSOCIATION)]


def test_service_account_of_eksctl_moves_with_a_new_role(
    bench: Benches, hands: Hands
) -> None:
    """The way of docs/from-eksctl.md: patched with both, then by association alone."""
    stack = bench()
    key = f"{stack.cluster}-apps/reader"
    annotation = "eks.amazonaws.com/role-arn"
    hands.make_namespace(f"{stack.cluster}-apps")
    hands.make_service_account(
        key, annotations={annotation: their_role(stack), "note": "kept"}
    )
    stack.entries({key: {}})

    def moved(identity: str) -> dict[str, str]:
        stack.settings(patchExisting=[key], defaults={"identity": identity})
        stack.up()
        stack.preview(expect_no_changes=True)
        account = hands.service_account(key)
        assert account is not None
        assert f"{stack.region}/{stack.cluster}/{key}" in stack.inventory().associations
        found: dict[str, str] = account["metadata"]["annotations"]
        return found

    both, alone = moved("both"), moved("podIdentity")

    role = stack.outputs()["serviceAccounts"][key]["roleArn"]
    assert both == {annotation: role, "note": "kept"}
    assert alone == {"note": "kept"}


def test_association_of_another_account_s_role_is_refused(bench: Benches) -> None:
    """Before anything is registered, with the way that there is."""
    stack = bench()
    key = f"{stack.cluster}-apps/reader"
    stack.entries({key: {"attachRoleARN": "arn:aws:iam::444455556666:role/theirs"}})
    stack.settings(defaults={"identity": "podIdentity"})

    with pytest.raises(CommandError, match="gives out roles of that one alone"):
        stack.up()
    kinds = {one["type"] for one in stack.resources()}
    assert kinds == {"pulumi:pulumi:Stack", "pulumi:providers:aws"}


def test_provider_that_goes_says_who_still_uses_it(bench: Benches) -> None:
    """Counted in the cluster itself, without what the run takes away."""
    stack = bench()
    namespace = f"{stack.cluster}-apps"
    role = their_role(stack)
    account = f":{stack.sandbox.aws.account_id}:"
    plane = stack.sandbox.control_plane
    stack.entries({f"{namespace}/ours": {}})
    stack.up()
    metadata = {"name": "theirs", "annotations": {"eks.amazonaws.com/role-arn": role}}
    path = f"/api/v1/namespaces/{namespace}/serviceaccounts"
    plane.request(method="POST", path=path, body={"metadata": metadata})
    everyone = plane.request(method="GET", path="/api/v1/serviceaccounts").document
    annotated = [
        f"{one['metadata']['namespace']}/{one['metadata']['name']}"
        for one in everyone["items"]
        if account
        in one["metadata"].get("annotations", {}).get("eks.amazonaws.com/role-arn", "")
    ]
    whole = {"name": stack.cluster, "region": stack.region}
    file = {"apiVersion": "eksctl.io/v1alpha5", "kind": "ClusterConfig"}

    stack.write(json.dumps({**file, "metadata": whole, "iam": {"withOIDC": False}}))
    steps = stack.preview()

    assert {f"{namespace}/ours", f"{namespace}/theirs"} <= {*annotated}
    said = " ".join("".join(stack.output).split())
    assert f"by which {len(annotated) - 1:,} of the cluster's service accounts" in said
    assert ("delete", PROVIDER) in [(one.operation, one.type) for one in steps]


def test_association_that_the_state_lost_is_brought_in_by_its_id(
    bench: Benches,
) -> None:
    """As after a killed run: the message has the command, and the command works."""
    stack = bench()
    key = f"{stack.cluster}-apps/reader"
    stack.entries({key: {}})
    stack.settings(defaults={"identity": "podIdentity"})
    stack.up()
    association = stack.outputs()["serviceAccounts"][key]["associationId"]
    name = f"{key}-association={association}"
    forget(stack, ASSOCIATION)

    with pytest.raises(CommandError) as caught:
        preview_text(stack.stack)
    _, _, printed = str(caught.value).partition(" stdout: ")
    preview = printed.rpartition("\n stderr:")[0]
    file = stack.project / "import.json"
    file.write_text(json.dumps(planned_by_name(preview, names=[name]).import_file))
    words = "import --skip-preview --yes --protect=false --generate-code=false --file"
    stack.pulumi(*words.split(), str(file))
    stack.up()

    said = [one["message"] for one in json.loads(preview)["diagnostics"]]
    assert f"'eks-irsa recover {name}'" in "".join(said)
    found = stack.outputs()["serviceAccounts"][key]["associationId"]
    assert found == association
    stack.preview(expect_no_changes=True)


def forget(bench: Workbench, kind: str) -> None:
    """Take resources of a type out of the state, and whatever needs them off them."""
    exported = bench.stack.export_stack()
    resources = bench.resources()
    lost = {one["urn"] for one in resources if one["type"] == kind}
    for one in resources:
        by_property: dict[str, list[str]] = one.get("propertyDependencies") or {}
        whole: list[str] = one.get("dependencies") or []
        for needed in (whole, *by_property.values()):
            needed[:] = [urn for urn in needed or () if urn not in lost]
    kept = [one for one in resources if one["urn"] not in lost]
    exported.deployment = {**(exported.deployment or {}), "resources": kept}
    bench.stack.import_stack(exported)
