"""What several stacks share: the engine's merging, and ours of the same files."""

import json
from collections.abc import Callable
from typing import Any, Final

import pytest
import yaml
from click.testing import CliRunner
from workbench import Workbench

from eks_irsa.cli.commands import commands

pytestmark = pytest.mark.engine

_SHARED: Final = {
    "permissionsBoundary": "arn:aws:iam::aws:policy/PowerUserAccess",
    "rolePath": "/shared/",
    "tags": {"owner": "platform"},
}


@pytest.mark.parametrize("in_stack", [{}, {"defaults": {"rolePath": "/own/"}}])
def test_synth_and_the_run_take_the_same_from_both_files(
    bench: Callable[..., Workbench], in_stack: dict[str, object]
) -> None:
    """A default of Pulumi.yaml counts unless the stack sets the key, with any name."""
    stack = bench(**in_stack)
    project = stack.project / "Pulumi.yaml"
    settings = yaml.safe_load(project.read_text(encoding="utf-8"))
    settings["config"]["defaults"]["default"] = _SHARED
    settings["config"]["exclude"] = ["kube-system/*"]
    project.write_text(yaml.safe_dump(settings), encoding="utf-8")
    file = stack.project / f"stacks/Pulumi.{stack.stack.name}.yaml"
    file.write_text(file.read_text().replace("eks-irsa:", ""), encoding="utf-8")
    result = CliRunner().invoke(
        commands,
        [
            "synth",
            f"--settings={file}",
            f"--account-id={stack.sandbox.aws.account_id}",
            f"--issuer-url={stack.issuer_url}",
        ],
        catch_exceptions=False,
    )
    synth: dict[str, Any] = json.loads(result.stdout)

    steps = stack.preview()

    previewed = {
        step.inputs["name"]: (
            step.inputs["path"],
            step.inputs.get("permissionsBoundary"),
            {k: v for k, v in step.inputs["tags"].items() if k != "eks-irsa/stack"},
        )
        for step in steps
        if step.type == "aws:iam/role:Role"
    }
    assert previewed == {
        one["role"]["name"]: (
            one["role"]["path"],
            one["role"]["permissionsBoundary"],
            one["role"]["tags"],
        )
        for one in synth["serviceAccounts"]
    }
    assert {path for path, _, _ in previewed.values()} == {
        "/own/" if in_stack else "/shared/"
    }
    assert len(previewed) == 2
