"""The report on moves between IRSA and EKS Pod Identity, as the engine previews."""

import json
from collections.abc import Callable
from typing import Any, Final

import pytest
from workbench import Workbench, preview_text

from eks_irsa.documents.pod_identity import pod_identity_statement
from eks_irsa.review.preview_reading import read_preview
from eks_irsa.review.reviewing import review
from sandbox.aws.clients import administrator

pytestmark = pytest.mark.engine

Benches = Callable[..., Workbench]
SAMES: Final = "--show-sames"
GOING_ON: Final = "until a restart they go on with the token they were started with"
GOES: Final = "the association goes, and the credentials of those that run with it"
OLDER: Final = "those from before the association have nothing but a token"


def told(text: str, key: str) -> dict[str, Any]:
    """Say what the one row of a preview says."""
    found = review(read_preview(text))
    (row,) = found.rows
    assert row.name == key
    assert not row.permissions.difference
    assert not row.permissions.unknown
    sides = (row.pod_role.before, row.pod_role.after)
    return {
        "way": " -> ".join(str(one.way) for one in sides if one),
        "restart": row.restart,
        "gained": len(row.trust.difference.gained),
        "lost": len(row.trust.difference.lost),
        "marks": [one for one in row.marks if one != "restart-pods"],
    }


def test_report_of_each_move_is_the_one_judged(bench: Benches) -> None:
    """One row, which gains and loses nothing but trust, sames shown or not."""
    stack = bench()
    key = f"{stack.cluster}-apps/reader"
    stack.entries({key: {"wellKnownPolicies": {"certManager": True}}})
    stack.up()
    said: list[dict[str, Any]] = []

    for identity in ("both", "podIdentity", "both", "irsa", "podIdentity"):
        stack.settings(defaults={"identity": identity})
        whole, brief = (preview_text(stack.stack, *one) for one in ((SAMES,), ()))
        said.append(told(whole, key))
        assert told(brief, key) == said[-1]
        if identity != "podIdentity" or len(said) < 5:
            stack.up()

    widened = ["trust-widened"]
    assert said == [
        {"way": way, "restart": restart, "gained": come, "lost": go, "marks": marks}
        for way, restart, come, go, marks in (
            ("irsa -> both", GOING_ON, 2, 0, widened),
            ("both -> podIdentity", OLDER, 0, 1, []),
            ("podIdentity -> both", "", 1, 0, widened),
            ("both -> irsa", GOES, 0, 2, []),
            ("irsa -> podIdentity", GOING_ON, 2, 1, widened),
        )
    ]


def test_report_of_an_association_that_is_taken_in(bench: Benches) -> None:
    """The engine reads what it is, and says what becomes of it."""
    stack = bench()
    key = f"{stack.cluster}-apps/reader"
    namespace, _, name = key.partition("/")
    role = f"arn:aws:iam::{stack.sandbox.aws.account_id}:role/{stack.cluster}-theirs"
    iam = administrator(stack.sandbox.aws, "iam")
    eks = administrator(stack.sandbox.aws, "eks", region=stack.region)
    statement = pod_identity_statement(
        cluster_arns=[], namespace="", service_account="", with_session_tags=False
    )
    del statement["Condition"]  # as eksctl writes it
    iam.create_role(
        RoleName=role.rpartition("/")[2],
        AssumeRolePolicyDocument=json.dumps(
            {"Version": "2012-10-17", "Statement": [statement]}
        ),
    )
    made = eks.create_pod_identity_association(
        clusterName=stack.cluster,
        namespace=namespace,
        serviceAccount=name,
        roleArn=role,
    )["association"]
    stack.entries({key: {}})
    stack.up()
    own = stack.outputs()["serviceAccounts"][key]["roleArn"]
    override = {"identity": "podIdentity", "associationId": made["associationId"]}
    stack.settings(overrides={key: override})

    text = preview_text(stack.stack, SAMES)

    rows = {row.subject: row for row in review(read_preview(text)).rows}
    (row, role_row) = (rows["service account"], rows["role"])
    assert (row.name, row.kind) == (key, "imported")
    assert (row.role_arns.before, row.role_arns.after) == (role, own)
    assert [one and one.way for one in (row.pod_role.before, row.pod_role.after)] == [
        "both",
        "podIdentity",
    ]
    assert {"restart-pods", "role-replaced", "unknown"} <= {*row.marks}
    assert role_row.marks == ("trust-widened",)
    iam.delete_role(RoleName=role.rpartition("/")[2])
