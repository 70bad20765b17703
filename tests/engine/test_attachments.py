"""One attachment is one resource from run to run: IAM is read after each `up`."""

from collections.abc import Generator
from pathlib import Path
from typing import Final

import pytest
from own_programs import open_program
from pulumi.automation.errors import CommandError
from workbench import READ_ONLY, Workbench

from sandbox.session import Sandbox

pytestmark = pytest.mark.engine

QUEUES: Final = "arn:aws:iam::aws:policy/AmazonSQSFullAccess"
PROVIDER: Final = "arn:aws:iam::123456789012:oidc-provider/oidc.example.com/id/A"
PROGRAM: Final = """
import pulumi
from eks_irsa import IrsaServiceAccount

READ_ONLY, QUEUES = "{READ_ONLY}", "{QUEUES}"


def late(arn):
    return pulumi.Output.from_input(arn)


IrsaServiceAccount(
    "own",
    {{
        "oidc_provider_arn": "{PROVIDER}",
        "service_account_name": "own",
        "service_account_mode": "notManaged",
        "role_name": "{name}",
        {attached}
    }},
)
"""


class Attached:
    """A component whose policies are given in other ways from run to run."""

    def __init__(self, bench: Workbench) -> None:
        """Take a stack that was opened with any program."""
        self.bench = bench

    def write(self, attached: str) -> None:
        """Change the program's inputs for managed policies."""
        text = PROGRAM.format(
            READ_ONLY=READ_ONLY,
            QUEUES=QUEUES,
            PROVIDER=PROVIDER,
            name=self.bench.stack.name,
            attached=attached,
        )
        (self.bench.project / "__main__.py").write_text(text, encoding="utf-8")

    def up(self, attached: str) -> list[tuple[str, str]]:
        """Bring one way up; give operation and name of each step in AWS."""
        self.write(attached)
        steps = self.bench.up()
        return [(one.operation, one.name) for one in steps if "aws:iam" in one.type]

    @property
    def in_iam(self) -> tuple[str, ...]:
        """ARNs of the policies that IAM has on the role, sorted."""
        return self.bench.inventory().roles[self.bench.stack.name].managed_policy_arns

    @property
    def in_state(self) -> tuple[str, ...]:
        """ARNs of the policies that the state has on the role, sorted."""
        kind = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
        resources = self.bench.resources()
        attachments = [one["outputs"] for one in resources if one["type"] == kind]
        return tuple(sorted(one["policyArn"] for one in attachments))


@pytest.fixture(name="own")
def _own(
    sandbox: Sandbox, tmp_path: Path, numbers: Generator[int]
) -> Generator[Attached]:
    name = f"attachments-{next(numbers)}"
    bench = open_program(sandbox, folder=tmp_path / name, program="", cluster=name)
    yield Attached(bench)
    bench.stack.destroy()


def test_a_policy_in_plain_text_stays_attached_however_it_is_given(
    own: Attached,
) -> None:
    """Moved between the inputs and back, under another key, reordered, twice."""
    ways = (
        '"attach_policies": {"app": READ_ONLY}, "attach_policy_arns": [QUEUES]',
        '"attach_policies": {"app": READ_ONLY, "queues": QUEUES}',
        '"attach_policies": {"queues": QUEUES, "renamed": READ_ONLY}',
        '"attach_policies": {"a": QUEUES, "b": READ_ONLY}',
        '"attach_policy_arns": [READ_ONLY, QUEUES]',
        '"attach_policy_arns": [QUEUES, READ_ONLY]',
        '"attach_policy_arns": [QUEUES, READ_ONLY, QUEUES]',
        '"attach_policies": {"app": QUEUES}, "attach_policy_arns": [QUEUES, READ_ONLY]',
    )
    both = (READ_ONLY, QUEUES)

    own.up('"attach_policy_arns": [READ_ONLY, QUEUES]')
    seen = [(own.up(way), own.in_iam, own.in_state) for way in ways]
    unchanged = own.bench.preview()

    assert seen == [([], both, both)] * len(ways)
    assert unchanged == []


@pytest.mark.parametrize(
    ("before", "after", "kept"),
    [
        pytest.param(
            '{"late": late(READ_ONLY)}', '{"other": late(READ_ONLY)}', "late", id="key"
        ),
        pytest.param(
            '{"plain": READ_ONLY}',
            '{"other": late(READ_ONLY)}',
            "aws:policy/AmazonS3ReadOnlyAccess",
            id="from plain text",
        ),
    ],
)
def test_a_policy_that_is_known_later_keeps_its_name_or_fails_the_run(
    own: Attached, before: str, after: str, kept: str
) -> None:
    """The sentence says which name it has, and nothing is detached."""
    own.up(f'"attach_policies": {before}')
    sentence = (
        f"own: attach_policies.other: '{READ_ONLY}' is attached under the name "
        f"'{kept}', and the run would attach it anew and then detach it; keep the key "
        f"'{kept}', or take the policy out for one run"
    )

    own.write(f'"attach_policies": {after}')
    refusals: list[str] = []
    for run in (own.bench.preview, own.bench.up):
        with pytest.raises(CommandError) as refused:
            run()
        refusals.append(str(refused.value))

    assert all(sentence in refusal for refusal in refusals)
    assert own.in_iam == own.in_state == (READ_ONLY,)


def test_a_policy_that_becomes_plain_text_stays_attached(own: Attached) -> None:
    """The attachment is known by its ARN from then on."""
    own.up('"attach_policies": {"late": late(READ_ONLY)}')

    steps = own.up('"attach_policy_arns": [READ_ONLY]')
    in_iam, in_state = own.in_iam, own.in_state
    taken_out = own.up('"attach_policy_arns": [QUEUES]')

    name = "own:aws:policy/"
    assert steps == []
    assert in_iam == in_state == (READ_ONLY,)
    assert taken_out == [
        ("create", f"{name}AmazonSQSFullAccess"),
        ("delete", f"{name}AmazonS3ReadOnlyAccess"),
    ]
    assert own.in_iam == own.in_state == (QUEUES,)
