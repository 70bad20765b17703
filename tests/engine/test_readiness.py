"""The output `ready` on a real API server: there once a token gets credentials."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from own_programs import open_program
from pulumi.automation.errors import CommandError
from reliability.faults import NoFault

from sandbox.aws.clients import administrator
from sandbox.interception import Failure, Request
from sandbox.session import Sandbox

pytestmark = pytest.mark.engine

PROGRAM: Final = """
import pulumi
from eks_irsa import IrsaServiceAccount

reader = IrsaServiceAccount(
    "reader",
    {{
        "cluster_name": "{cluster}",
        "namespace": "{cluster}",
        "service_account_name": "reader",
        "attach_policy_arns": ["arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"],
        "wait": True,
    }},
)
pulumi.export("ready", reader.ready)
pulumi.export("role", reader.role_arn)
"""


class Spreading(NoFault):
    """Refuses tokens at first, as IAM does while a new role spreads."""

    def __init__(self, *, times: int) -> None:
        """Refuse *times* times."""
        self._times = times
        self.asked = 0

    def before(self, request: Request) -> Failure | None:
        """Refuse it."""
        if request.action != "AssumeRoleWithWebIdentity":
            return None
        self.asked += 1
        if self.asked > self._times:
            return None
        message = "Not authorized to perform sts:AssumeRoleWithWebIdentity"
        return Failure(status=403, code="AccessDenied", message=message)


def break_trust(sandbox: Sandbox, role: str) -> None:
    """Have a role trust another service account."""
    iam = administrator(sandbox.aws, "iam")
    held = iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]
    other = json.dumps(held).replace(":reader", ":writer")
    iam.update_assume_role_policy(RoleName=role, PolicyDocument=other)


def test_it_waits_for_iam(
    sandbox: Sandbox, tmp_path: Path, numbers: Iterator[int]
) -> None:
    """A role that refuses for a moment is waited for; a preview asks for nothing."""
    cluster = f"ready-{next(numbers)}"
    sandbox.add_cluster(name=cluster, region="us-west-2")
    program = PROGRAM.format(cluster=cluster)
    bench = open_program(
        sandbox, folder=tmp_path / cluster, program=program, cluster=cluster
    )
    spreading = Spreading(times=2)

    with sandbox.aws.intercepted(spreading):
        bench.preview()
        before = spreading.asked
        bench.up()
        then = spreading.asked
        bench.preview(expect_no_changes=True)
    outputs = bench.outputs()
    break_trust(sandbox, outputs["role"].rpartition("/")[2])
    impatient = "import eks_irsa.resources.readiness as it\nit.SECONDS = 0\n"
    (bench.project / "__main__.py").write_text(impatient + program, encoding="utf-8")
    with pytest.raises(CommandError) as failed:
        bench.up()
    bench.destroy()

    assert (before, then, spreading.asked) == (0, 3, 3)
    assert outputs["ready"] == outputs["role"]
    said = " ".join(str(failed.value).split())
    assert "within 0 seconds: AccessDenied: Not authorized" in said
    assert " D-TRUST-SUBJECT: " in said, said
    whole = f"organization/own/{bench.stack.name}"
    assert f"pulumi up --refresh --stack {whole}" in said, said
    assert "Traceback" not in said
