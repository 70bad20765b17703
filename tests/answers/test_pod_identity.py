"""What pods may do by EKS Pod Identity: the session, and the role they end with."""

from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest

from eks_irsa.answers.answers import answer
from eks_irsa.answers.entries import permissions_of
from eks_irsa.answers.model import Answer, EntryPermissions
from eks_irsa.answers.questions import Question
from eks_irsa.cli.answer_texts import answer_lines
from eks_irsa.cli.inputs import planned
from eks_irsa.identity.model import Association, IdentityMode

CONFIG: Final = """\
apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig
metadata: {name: shop, region: eu-west-1}
iam:
  withOIDC: true
  serviceAccounts:
  - metadata: {name: reader, namespace: apps}
    roleName: reader
    attachPolicy:
      Version: "2012-10-17"
      Statement:
      - {Effect: Allow, Action: "s3:*", Resource: "arn:aws:s3:::all/*"}
      - Effect: Allow
        Action: s3:GetObject
        Resource: "arn:aws:s3:::own/${aws:PrincipalTag/kubernetes-namespace}/*"
  - metadata: {name: last, namespace: apps}
    roleName: last
    attachPolicy:
      Version: "2012-10-17"
      Statement: {Effect: Allow, Action: "sqs:*", Resource: "*"}
"""
SETTINGS: Final = """\
config:
  eks-irsa:clusterConfig: shop.yaml
  eks-irsa:accountId: "111122223333"
"""
LAST: Final = "arn:aws:iam::111122223333:role/last"
ABROAD: Final = "arn:aws:iam::444455556666:role/abroad"
READS: Final = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject",'
    '"Resource":"*"}]}'
)
CLUSTER: Final = "arn:aws:eks:eu-west-1:111122223333:cluster/shop"
GET: Final = Question(action="s3:GetObject", resource="arn:aws:s3:::all/k")
PUT: Final = Question(action="s3:PutObject", resource="arn:aws:s3:::all/k")
SEND: Final = Question(action="sqs:SendMessage", resource="arn:aws:sqs:eu-west-1:1:q")
OWN: Final = Question(action="s3:GetObject", resource="arn:aws:s3:::own/apps/k")


@pytest.fixture(name="project")
def _project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a project of one stack."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "Pulumi.yaml").write_text("name: eks-irsa\n", encoding="utf-8")
    (tmp_path / "shop.yaml").write_text(CONFIG, encoding="utf-8")
    (tmp_path / "Pulumi.dev.yaml").write_text(SETTINGS, encoding="utf-8")
    return tmp_path


def reader(
    way: IdentityMode, *, clusters: tuple[str, ...] = (), **association: object
) -> EntryPermissions:
    """Read what `apps/reader` may do, with an association."""
    outcome = planned(None, stack_file=Path("Pulumi.dev.yaml"))
    assert outcome.plan, outcome.problems
    assert outcome.file
    assert outcome.settings
    given: dict[str, Any] = {
        "cluster_arn": CLUSTER,
        "target_role_arn": None,
        "disable_session_tags": "session_policy" in association,
        "session_policy": None,
        "tags": {},
        "id": None,
        "target_trust_policy": None,
        **association,
    }
    made = None if way == "irsa" else Association(**given)
    first, *others = outcome.plan.service_accounts
    asked = {**first.asked, "trusted_cluster_arns": clusters}
    changed = (replace(first, identity=way, association=made, asked=asked), *others)
    plan = replace(outcome.plan, service_accounts=changed)
    found = permissions_of(plan, file=outcome.file, settings=outcome.settings)
    return next(entry for entry in found if entry.key == "apps/reader")


def said(found: Answer) -> tuple[str, list[str]]:
    """Word an answer, places left out."""
    return found.outcome, [line.partition(" (")[0] for line in answer_lines(found)]


@pytest.mark.usefixtures("project")
def test_session_policy_bounds_pods_of_the_association() -> None:
    """What it does not allow is masked, whatever the role has."""
    entry = reader("podIdentity", session_policy=READS)

    assert said(answer(entry, GET))[0] == "allowed"
    assert said(answer(entry, PUT)) == (
        "denied",
        [
            "allowed by attachPolicy Statement[0], s3:* on arn:aws:s3:::all/*",
            "but not let through by the session policy, policy of the association",
        ],
    )
    assert answer(entry, SEND).masked_by is None


@pytest.mark.usefixtures("project")
def test_session_policy_bounds_no_token() -> None:
    """With both ways the answer is that of the way that gives more."""
    entry = reader("both", session_policy=READS)

    assert said(answer(entry, GET)) == said(answer(reader("irsa"), GET))
    assert said(answer(entry, PUT)) == (
        "allowed",
        [
            "by attachPolicy Statement[0], s3:* on arn:aws:s3:::all/*",
            "that is by IRSA; by EKS Pod Identity it is denied",
        ],
    )


@pytest.mark.usefixtures("project")
def test_target_role_is_what_pods_end_with() -> None:
    """It is known where an entry of the file makes it."""
    made, abroad = (
        reader("podIdentity", target_role_arn=one) for one in (LAST, ABROAD)
    )

    assert (answer(made, GET).outcome, answer(made, SEND).outcome) == (
        "denied",
        "allowed",
    )
    assert made.context["aws:principalarn"] == (LAST,)
    assert said(answer(abroad, GET)) == (
        "unknown",
        [f"not known: role {ABROAD}"],
    )


@pytest.mark.usefixtures("project")
def test_target_role_is_none_of_a_token() -> None:
    """By one way the first role, by the other the target role."""
    made, abroad = (reader("both", target_role_arn=one) for one in (LAST, ABROAD))

    assert said(answer(made, SEND))[1][1:] == [
        "that is by EKS Pod Identity; by IRSA it is denied"
    ]
    assert said(answer(made, GET))[1][1:] == [
        "that is by IRSA; by EKS Pod Identity it is denied"
    ]
    assert said(answer(abroad, SEND))[1][1:] == [
        "that is by EKS Pod Identity; by IRSA it is denied"
    ]
    assert answer(abroad, SEND).outcome == "unknown"
    assert answer(abroad, GET).outcome == "allowed"


@pytest.mark.usefixtures("project")
def test_nothing_says_which_of_two_roles_a_session_policy_bounds() -> None:
    """So that the answer is not known, though the target role is."""
    entry = reader("podIdentity", target_role_arn=LAST, session_policy=READS)

    assert answer(entry, SEND).outcome == "unknown"


@pytest.mark.usefixtures("project")
def test_session_tags_are_known() -> None:
    """Of EKS Pod Identity alone, and unless the association goes without."""
    without = reader("podIdentity", disable_session_tags=True)
    shared = reader("podIdentity")

    assert answer(shared, OWN).outcome == "allowed"
    assert shared.context["aws:principaltag/eks-cluster-arn"] == (CLUSTER,)
    assert answer(without, OWN).outcome == "allowedIf"
    several = reader("podIdentity", clusters=(f"{CLUSTER}-2",)).context
    assert "aws:principaltag/eks-cluster-arn" not in several
    assert several["aws:principaltag/kubernetes-namespace"] == ("apps",)
    assert answer(reader("both"), OWN).outcome == "allowedIf"
    assert answer(reader("irsa"), OWN).outcome == "allowedIf"


@pytest.mark.usefixtures("project")
def test_way_is_said() -> None:
    """Each that pods have."""
    irsa = (
        "with a token of system:serviceaccount:apps:reader from the issuer of the "
        "cluster shop in eu-west-1"
    )
    association = "by an EKS Pod Identity association of the cluster shop in eu-west-1"

    assert reader("irsa").trust == irsa
    assert reader("podIdentity").trust == association
    assert reader("both").trust == f"{irsa}, and {association}"
    assert reader("podIdentity", target_role_arn=LAST).trust == (
        f"{association}, and with it {LAST}"
    )
    assert [reader(one).identity for one in ("irsa", "both")] == ["irsa", "both"]


def test_association_of_an_add_on_is_said(project: Path) -> None:
    """It is EKS's, and not in the plan."""
    addons = (
        "addons:\n- name: vpc-cni\n  podIdentityAssociations:\n"
        "  - {namespace: kube-system, serviceAccountName: aws-node, "
        'permissionPolicyARNs: ["arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy"]}\n'
    )
    (project / "shop.yaml").write_text(CONFIG + addons, encoding="utf-8")
    outcome = planned(None, stack_file=Path("Pulumi.dev.yaml"))
    assert outcome.plan
    assert outcome.file
    assert outcome.settings

    found = permissions_of(outcome.plan, file=outcome.file, settings=outcome.settings)

    trust = {one.key: one.trust for one in found}
    assert trust["kube-system/aws-node"] == (
        "by the association that EKS makes with the add-on"
    )
