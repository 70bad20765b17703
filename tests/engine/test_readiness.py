"""The output `ready` on a real API server: there once a token gets credentials."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from own_programs import open_program
from reliability.faults import NoFault

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
    bench.destroy()

    assert (before, then, spreading.asked) == (0, 3, 3)
    assert outputs["ready"] == outputs["role"]
