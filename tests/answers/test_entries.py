"""What the role of an entry may do: its policies, what brings each, and its context."""

from pathlib import Path

import pytest

from eks_irsa.answers.entries import permissions_of
from eks_irsa.answers.model import EntryPermissions, Origin
from eks_irsa.cli.inputs import planned

CONFIG = """\
apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig
metadata: {name: shop, region: eu-west-1, tags: {Team: shop}}
iam:
  withOIDC: true
  serviceAccounts:
  - metadata: {name: all, namespace: apps}
    attachPolicyARNs:
    - arn:aws:iam::aws:policy/AmazonSQSFullAccess
    - arn:aws:iam::111122223333:policy/Own
    - arn:aws:iam::aws:policy/NoSuchPolicyOfAws
    wellKnownPolicies: {imageBuilder: true, externalDNS: true}
    attachPolicy:
      Version: "2012-10-17"
      Statement:
      - Sid: Own
        Effect: Allow
        Action: sqs:SendMessage
        Resource: {"Fn::Sub": "arn:aws:sqs:eu-west-1:${AWS::AccountId}:q"}
        Condition:
          StringEquals: {"aws:SourceAccount": {Ref: "AWS::AccountId"}}
      - Effect: Deny
        Action: "*"
        Resource: "*"
    permissionsBoundary: arn:aws:iam::aws:policy/PowerUserAccess
    tags: {tier: web}
  - metadata: {name: one, namespace: apps}
    attachPolicy:
      Version: "2012-10-17"
      Statement: {Effect: Allow, Action: "s3:*", Resource: "*"}
  - metadata: {name: other, namespace: apps}
    attachRoleARN: arn:aws:iam::111122223333:role/other
"""
SETTINGS = """\
config:
  eks-irsa:clusterConfig: shop.yaml
  eks-irsa:defaults:
    permissionsBoundary: arn:aws:iam::aws:policy/ReadOnlyAccess
"""
OVERRIDES = """\
  eks-irsa:overrides:
    "apps/*":
      permissionsBoundary: arn:aws:iam::aws:policy/SecurityAudit
      namedPolicies:
        ebsCsiDriver: {kmsKeyArns: ["arn:aws:kms:eu-west-1:111122223333:key/k"]}
    apps/one: {permissionsBoundary: arn:aws:iam::aws:policy/AdministratorAccess}
"""


@pytest.fixture(name="project")
def _project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a project of one stack."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "Pulumi.yaml").write_text("name: eks-irsa\n", encoding="utf-8")
    (tmp_path / "shop.yaml").write_text(CONFIG, encoding="utf-8")
    return tmp_path


def entries(project: Path, settings: str) -> dict[str, EntryPermissions]:
    """Read the entries of the project with the settings of its stack."""
    (project / "Pulumi.dev.yaml").write_text(settings, encoding="utf-8")
    outcome = planned(None, stack_file=Path("Pulumi.dev.yaml"))
    assert outcome.plan, outcome.problems
    assert outcome.file
    assert outcome.settings
    found = permissions_of(outcome.plan, file=outcome.file, settings=outcome.settings)
    return {entry.key: entry for entry in found}


def place(origin: Origin) -> tuple[str, str]:
    """Give place and path of an origin."""
    return str(origin), origin.path


ENTRY = "iam.serviceAccounts[0]"
OVERRIDE = "config.eks-irsa:overrides.apps/*"


def test_every_policy_says_what_brings_it(project: Path) -> None:
    """A line of the ClusterConfig, or of the settings."""
    found = entries(project, SETTINGS + OVERRIDES)["apps/all"]

    assert {policy.label: place(policy.origin) for policy in found.policies} == {
        "AWS managed policy AmazonSQSFullAccess v1": (
            "shop.yaml:9:7",
            f"{ENTRY}.attachPolicyARNs[0]",
        ),
        "managed policy arn:aws:iam::111122223333:policy/Own": (
            "shop.yaml:10:7",
            f"{ENTRY}.attachPolicyARNs[1]",
        ),
        "managed policy arn:aws:iam::aws:policy/NoSuchPolicyOfAws": (
            "shop.yaml:11:7",
            f"{ENTRY}.attachPolicyARNs[2]",
        ),
        "AWS managed policy AmazonEC2ContainerRegistryPowerUser v3": (
            "shop.yaml:12:39",
            f"{ENTRY}.wellKnownPolicies.imageBuilder",
        ),
        "AWS managed policy service-role/AmazonEBSCSIDriverPolicy v15": (
            "Pulumi.dev.yaml:9:23",
            f"{OVERRIDE}.namedPolicies.ebsCsiDriver",
        ),
        "attachPolicy": ("shop.yaml:14:7", f"{ENTRY}.attachPolicy"),
        "PolicyExternalDNSChangeSet of the well-known policy externalDNS": (
            "shop.yaml:12:58",
            f"{ENTRY}.wellKnownPolicies.externalDNS",
        ),
        "PolicyExternalDNSHostedZones of the well-known policy externalDNS": (
            "shop.yaml:12:58",
            f"{ENTRY}.wellKnownPolicies.externalDNS",
        ),
        "named policy ebsCsiDriver": (
            "Pulumi.dev.yaml:9:23",
            f"{OVERRIDE}.namedPolicies.ebsCsiDriver",
        ),
    }


def test_what_is_not_known_says_why(project: Path) -> None:
    """A customer's policy, one that AWS had not, and nothing else."""
    found = entries(project, SETTINGS)["apps/all"]

    reasons = [policy.unknown for policy in found.policies if policy.unknown]
    assert reasons[0] == "a customer's policy, whose content is not in the file"
    assert reasons[1].startswith("AWS had no such policy on 20")
    assert len(reasons) == 2


def test_policies_of_another_partition_are_not_known(project: Path) -> None:
    """AWS's own differ there."""
    config = CONFIG.replace("eu-west-1", "cn-north-1").replace(
        "arn:aws:", "arn:aws-cn:"
    )
    (project / "shop.yaml").write_text(config, encoding="utf-8")

    found = entries(project, SETTINGS.partition("  eks-irsa:defaults")[0])

    reasons = [policy.unknown for policy in found["apps/all"].policies]
    assert reasons[0] == (
        "AWS's policies are known here as they are in the partition aws"
    )


def test_trust_names_audience_and_who_annotates(project: Path) -> None:
    """Where they are not the usual ones."""
    (project / "shop.yaml").write_text(
        CONFIG.replace("attachPolicyARNs:", "roleOnly: true\n    attachPolicyARNs:"),
        encoding="utf-8",
    )

    found = entries(project, SETTINGS + "  eks-irsa:audience: vault\n")

    usual = "from the issuer of the cluster shop in eu-west-1"
    assert found["apps/one"].trust == (
        f"with a token of system:serviceaccount:apps:one {usual}, for the audience "
        "vault"
    )
    assert found["apps/all"].trust == (
        f"with a token of system:serviceaccount:apps:all {usual}, for the audience "
        "vault, where something else annotates the service account"
    )


def test_trust_names_every_cluster_of_the_entry(project: Path) -> None:
    """Those of the settings too, which get the role as the stack's own does."""
    provider = "arn:aws:iam::111122223333:oidc-provider/oidc.example.com/id/A"
    listed = f"[{{name: green}}, {{oidcProvider: {provider!r}}}]"
    settings = (
        f"{SETTINGS}    trustedClusters: {listed}\n"
        "  eks-irsa:overrides: {apps/one: {trustedClusters: []}}\n"
    )

    found = entries(project, settings)

    usual = "from the issuer of the cluster shop in eu-west-1"
    assert found["apps/one"].trust.endswith(usual)
    assert found["apps/all"].trust == (
        f"with a token of system:serviceaccount:apps:all {usual}, or of the EKS "
        f"cluster 'green' in eu-west-1, or of {provider!r}"
    )


def test_statements_have_names_and_places(project: Path) -> None:
    """An index where there are several; those of others stand where they are named."""
    found = entries(project, SETTINGS)

    (own,) = (one for one in found["apps/all"].policies if one.label == "attachPolicy")
    (one,) = found["apps/one"].policies
    assert [(one.name, one.sid, place(one.origin)) for one in own.statements] == [
        (
            "Statement[0]",
            "Own",
            ("shop.yaml:16:9", f"{ENTRY}.attachPolicy.Statement[0]"),
        ),
        ("Statement[1]", "", ("shop.yaml:22:9", f"{ENTRY}.attachPolicy.Statement[1]")),
    ]
    assert [(one.name, str(one.origin)) for one in one.statements] == [
        ("Statement", "shop.yaml:30:18")
    ]


@pytest.mark.parametrize(
    ("settings", "key", "boundary", "origin"),
    [
        (SETTINGS, "apps/all", "PowerUserAccess", "shop.yaml:25:26"),
        (SETTINGS, "apps/one", "ReadOnlyAccess", "Pulumi.dev.yaml:4:26"),
        (SETTINGS + OVERRIDES, "apps/all", "SecurityAudit", "Pulumi.dev.yaml:7:28"),
        (
            SETTINGS + OVERRIDES,
            "apps/one",
            "AdministratorAccess",
            "Pulumi.dev.yaml:10:37",
        ),
    ],
)
def test_boundary_is_where_it_is_decided(
    project: Path, settings: str, key: str, boundary: str, origin: str
) -> None:
    """By an override, else by the file, else by the defaults; a full name wins."""
    found = entries(project, settings)[key].boundary

    assert found is not None
    assert found.arn == f"arn:aws:iam::aws:policy/{boundary}"
    assert str(found.origin) == origin


def test_override_that_is_null_decides_nothing(project: Path) -> None:
    """The file's boundary is in force, and named."""
    settings = SETTINGS + "  eks-irsa:overrides: {apps/all: {permissionsBoundary: }}\n"

    found = entries(project, settings)["apps/all"].boundary

    assert found is not None
    assert str(found.origin) == "shop.yaml:25:26"


def test_unknown_account_is_the_role_s_own(project: Path) -> None:
    """In resources and in conditions of the file's policy."""
    found = entries(project, SETTINGS)["apps/all"]

    (own,) = (one for one in found.policies if one.label == "attachPolicy")
    (grant,) = own.statements[0].grants
    assert grant.resource.texts == {"arn:aws:sqs:eu-west-1:${aws:PrincipalAccount}:q"}
    assert grant.condition.clauses[0].values == ("${aws:PrincipalAccount}",)
    assert "aws:principalaccount" not in found.context
    assert (found.role_arn, found.role_name) == (None, None)


def test_known_account_is_written_out(project: Path) -> None:
    """By the setting that stops the run in any other."""
    found = entries(project, SETTINGS + '  eks-irsa:accountId: "444455556666"\n')

    one = found["apps/all"]
    (own,) = (one for one in one.policies if one.label == "attachPolicy")
    (grant,) = own.statements[0].grants
    assert grant.resource.texts == {"arn:aws:sqs:eu-west-1:444455556666:q"}
    assert one.role_arn == f"arn:aws:iam::444455556666:role/{one.role_name}"
    assert one.context["aws:principalaccount"] == ("444455556666",)
    assert one.context["aws:principalarn"] == (one.role_arn,)


def test_tags_of_the_role_are_known_in_every_request(project: Path) -> None:
    """Those of the file and ours; not the one that names a stack nobody looked up."""
    context = entries(project, SETTINGS)["apps/all"].context

    assert context == {
        "aws:principaltype": ("AssumedRole",),
        "aws:principalisawsservice": ("false",),
        "aws:username": (),
        "aws:principaltag/team": ("shop",),
        "aws:principaltag/tier": ("web",),
        "aws:principaltag/eks-irsa/namespace": ("apps",),
        "aws:principaltag/eks-irsa/service-account": ("all",),
    }


def test_existing_role_has_no_policies_here(project: Path) -> None:
    """Its owner knows them."""
    found = entries(project, SETTINGS)["apps/other"]

    assert found.existing_role == "arn:aws:iam::111122223333:role/other"
    assert (found.policies, found.boundary, found.context) == ((), None, {})
