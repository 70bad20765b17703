"""The command line as users meet it: whole outputs and exit codes, no terminal.

`run` calls the commands in this process; what only a process shows (imports, pipes,
signals) is in test_process.py. What a plan means is not proved here but beside `plan`.
"""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from click.testing import CliRunner

from eks_irsa.cli.commands import commands


class Ran(NamedTuple):
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str


@pytest.fixture(name="run")
def _run() -> Callable[..., Ran]:
    """Run `eks-irsa` with arguments, and a text for standard input."""

    def run(*arguments: str, stdin: str | bytes = "") -> Ran:
        result = CliRunner().invoke(
            commands,
            arguments,
            input=stdin,
            prog_name="eks-irsa",
            catch_exceptions=False,
        )
        return Ran(result.exit_code, result.stdout, result.stderr)

    return run


@pytest.fixture(name="folder")
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


_GOOD = """\
apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig
metadata: {name: shop, region: eu-west-1}
iam:
  withOIDC: true
  serviceAccounts:
  - metadata: {name: orders, namespace: shop}
    attachPolicyARNs: ["arn:aws:iam::aws:policy/ReadOnlyAccess"]
"""


@pytest.fixture(name="good")
def _good() -> str:
    """Return a ClusterConfig in which nothing is wrong."""
    return _GOOD


@pytest.fixture(name="stack")
def _stack(folder: Path) -> Path:
    """Make a project whose stack `dev` names `stacks/dev.cluster.yaml`."""
    (folder / "Pulumi.yaml").write_text("name: eks-irsa\n", encoding="utf-8")
    stacks = folder / "stacks"
    stacks.mkdir()
    (stacks / "dev.cluster.yaml").write_text(_GOOD, encoding="utf-8")
    file = stacks / "Pulumi.dev.yaml"
    file.write_text(
        "config:\n"
        "  aws:region: eu-west-1\n"
        "  eks-irsa:clusterConfig: stacks/dev.cluster.yaml\n",
        encoding="utf-8",
    )
    return file
