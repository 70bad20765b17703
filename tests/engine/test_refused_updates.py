"""A role update that AWS refuses half-way, on the engine.

The real AWS plugin writes what was wanted into the state, and its next update calls
nothing that changes; the double does the same.
"""

from collections.abc import Callable
from typing import Any, Final

import pytest
from aws_faults import Denied
from config_texts import cluster_13
from pulumi.automation.errors import CommandError
from workbench import Workbench, preview_text

from eks_irsa.review.forms.report_document import report_document
from eks_irsa.review.preview_reading import read_preview
from eks_irsa.review.reviewing import review
from sandbox.aws.clients import administrator

pytestmark = pytest.mark.engine

Benches = Callable[..., Workbench]

BOUNDARY: Final = "arn:aws:iam::aws:policy/PowerUserAccess"
NARROW: Final = "roleName: cluster-13-a\n"
WIDE: Final = f"{NARROW}subjectPattern: a*\n"


def live(bench: Workbench) -> tuple[str | None, str]:
    """Give what IAM has: the boundary, and the operator that pins the subject."""
    iam = administrator(bench.sandbox.aws, "iam")
    role: dict[str, Any] = iam.get_role(RoleName=f"{bench.cluster}-a")["Role"]
    (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
    boundary = role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
    return boundary, "+".join(sorted(statement["Condition"]))


@pytest.fixture(name="refused")
def _refused(bench: Benches) -> Workbench:
    it = bench(config=cluster_13("apps/a", more=NARROW), kubernetes="off")
    it.up()
    it.settings(kubernetes="off", defaults={"permissionsBoundary": BOUNDARY})
    denied = Denied("PutRolePermissionsBoundary")
    with it.sandbox.aws.intercepted(denied), pytest.raises(CommandError):
        it.up()
    return it


def test_a_refused_update_is_named_until_iam_has_it(refused: Workbench) -> None:
    """The preview warns, the run that changes nothing fails, and the next mends."""
    before = live(refused)
    previewed = refused.preview()
    warned = "".join(refused.output)
    report = report_document(
        review(read_preview(preview_text(refused.stack, "--show-sames")))
    )

    with pytest.raises(CommandError, match="IAM has other values of these roles"):
        refused.up()
    still = live(refused)
    refused.up()

    assert (before[0], still[0]) == (None, None)
    assert [(one.operation, one.changed) for one in previewed] == [("update", ())]
    assert (
        "apps/a-role: an earlier run failed while it changed permissionsBoundary of "
        "this role" in " ".join(warned.split())
    )
    assert (report["complete"], _marks(report)) == (False, [["unknown"]])
    assert live(refused)[0] == BOUNDARY
    refused.preview(expect_no_changes=True)


def _marks(report: dict[str, Any]) -> list[object]:
    return [one["marks"] for one in report["serviceAccounts"]]


def test_a_refresh_mends_a_refused_update_at_once(refused: Workbench) -> None:
    """It reads what IAM has before anything is compared."""
    refused.up(refresh=True)

    assert live(refused)[0] == BOUNDARY
    refused.preview(expect_no_changes=True)


def test_a_trust_that_was_to_be_narrowed_does_not_stay_wide_in_silence(
    bench: Benches,
) -> None:
    """No run is green before only the one service account may assume the role."""
    it = bench(config=cluster_13("apps/a", more=WIDE), kubernetes="off")
    it.up()
    wide = live(it)
    it.write(cluster_13("apps/a", more=NARROW))
    denied = Denied("UpdateAssumeRolePolicy")
    with it.sandbox.aws.intercepted(denied), pytest.raises(CommandError):
        it.up()

    with pytest.raises(CommandError, match="apps/a-role: assumeRolePolicy"):
        it.up()
    still = live(it)
    it.up()

    assert (wide[1], still[1]) == ("StringEquals+StringLike",) * 2
    assert live(it)[1] == "StringEquals"
    it.preview(expect_no_changes=True)
