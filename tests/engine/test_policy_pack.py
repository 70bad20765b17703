"""The policy pack on a real engine: what it refuses, and when."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from own_program import Program
from pulumi.automation.errors import CommandError

from sandbox.inventory import take_inventory
from sandbox.session import Sandbox, issuer_url_of

pytestmark = pytest.mark.engine

REGION: Final = "us-west-2"
PACK: Final = Path(__file__).parents[2] / "policy-pack"
RULES: Final = """\
config:
  eks-irsa:rules:
    rolePaths: [/eks/]
    forbiddenActions: ["iam:PassRole"]
"""
# A component, and a role with a policy made by hand.
PROGRAM: Final = """\
import json
import pulumi_aws as aws
from eks_irsa import IrsaServiceAccount

allows = json.dumps(
    {"Statement": {"Effect": "Allow", "Action": "iam:*", "Resource": "*"}}
)
IrsaServiceAccount(
    "reader",
    {
        "cluster_name": "CLUSTER",
        "namespace": "CLUSTER-apps",
        "service_account_name": "reader",
        "role_path": "/eks/",
        "inline_policies": {"own": {"Version": "2012-10-17", **json.loads(allows)}},
    },
)
issuer = "oidc.eks.us-west-2.amazonaws.com/id/0123456789ABCDEF"
by_hand = aws.iam.Role(
    "by-hand",
    assume_role_policy=json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Action": "sts:AssumeRoleWithWebIdentity",
                    "Principal": {
                        "Federated": f"arn:aws:iam::123456789012:oidc-provider/{issuer}"
                    },
                    "Condition": {
                        "StringEquals": {
                            f"{issuer}:sub": "system:serviceaccount:CLUSTER-apps:x"
                        }
                    },
                }
            ],
        }
    ),
)
policy = aws.iam.Policy("policy", policy=allows.replace("iam:*", "*"))
aws.iam.RolePolicyAttachment("attached", role=by_hand.name, policy_arn=policy.arn)
"""


ALLOWED: Final = {
    "irsa-roles": {"rolePaths": ["/eks/", "/"]},
    "irsa-permissions": {"forbiddenActions": ["organizations:LeaveOrganization"]},
}
ADVICE: Final = {"irsa-roles": "advisory", "irsa-permissions": "advisory"}
ALL: Final = [
    "the path of the role is '/'; rules.rolePaths",
    "the policy 'policy' allows '*' on '*'; rules.forbiddenActions[0]",
    "the policy 'reader:own' allows 'iam:*' on '*'; rules.forbiddenActions[0]",
]


def told(text: str) -> list[str]:
    """Give the refusals, without the place of the rules and what comes behind it."""
    lines = [line.strip() for line in text.splitlines()]
    return sorted({line.partition(" (")[0] for line in lines if "[E-RULE" in line})


def file_of(folder: Path, name: str, content: object) -> str:
    """Write a file of JSON."""
    path = folder / name
    path.write_text(json.dumps(content), encoding="utf-8")
    return str(path)


def brought_up(sandbox: Sandbox, own: Program, pack: Path) -> tuple[int, str]:
    """Run `pulumi up` as a person does; give its exit code and what it printed."""
    home = sandbox.engine_home()
    command = [str(home.command_root / "bin/pulumi"), "up", "--yes", "--stack"]
    done = subprocess.run(  # noqa: S603 - the engine of the sandbox
        [*command, own.stack.name, "--policy-pack", str(pack)],
        cwd=own.stack.workspace.work_dir,
        env={**os.environ, **home.environment},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_what_a_program_breaks_is_refused_before_anything_is_made(
    sandbox: Sandbox, numbers: Iterator[int], tmp_path: Path
) -> None:
    """Of the component and of a role by hand, by a file or by configuration."""
    cluster = f"pack-{next(numbers)}"
    issuer = issuer_url_of(cluster=cluster, region=REGION)
    sandbox.add_cluster(name=cluster, region=REGION, issuer_url=issuer)
    own = Program(sandbox, tmp_path / cluster, PROGRAM.replace("CLUSTER", cluster))
    pack = shutil.copytree(PACK, tmp_path / "pack")
    (pack / "rules.yaml").write_text(RULES, encoding="utf-8")
    packs = [str(pack)]
    allowed = file_of(tmp_path, "allowed.json", ALLOWED)
    advice = file_of(tmp_path, "advice.json", ADVICE)
    before = take_inventory(sandbox).roles

    code, printed = brought_up(sandbox, own, pack)
    refused = take_inventory(sandbox).roles
    with pytest.raises(CommandError) as configured:
        own.stack.preview(policy_packs=packs, policy_pack_configs=[allowed])
    advised = own.stack.preview(policy_packs=packs, policy_pack_configs=[advice])
    # The Automation API goes without the preview that `pulumi up` begins with.
    with pytest.raises(CommandError) as unpreviewed:
        own.stack.up(policy_packs=packs)
    made = take_inventory(sandbox).roles
    own.stack.destroy()

    assert (code != 0, told(printed), refused) == (True, ALL, before)
    assert told(str(configured.value)) == ALL[1:2]
    assert told(advised.stdout) == ALL
    assert told(str(unpreviewed.value)) == ALL[:1]
    assert [name for name in made if name.startswith("by-hand")] == []
