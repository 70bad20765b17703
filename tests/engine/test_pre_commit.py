"""The hook as pre-commit itself installs and runs it, in a repository of somebody else.

Needs git and the package registry; pre-commit makes an environment for the hook.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

pytestmark = pytest.mark.engine

ROOT: Final = Path(__file__).parents[2]
GOOD: Final = """\
apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig
metadata: {name: shop, region: eu-west-1}
iam:
  withOIDC: true
  serviceAccounts:
  - metadata: {name: orders, namespace: shop}
    attachPolicyARNs: ["arn:aws:iam::aws:policy/ReadOnlyAccess"]
"""


def run(folder: Path, *command: str, **environment: str) -> tuple[int, str]:
    """Run a program, and give its exit code and all that it printed."""
    done = subprocess.run(  # noqa: S603 - git, and the pre-commit of this environment
        command,
        cwd=folder,
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


def commit(folder: Path) -> str:
    """Make a folder a repository with one commit, and give its name."""
    git = ("git", "-c", "user.name=a", "-c", "user.email=a@example.com")
    for command in (
        ("git", "init", "--quiet"),
        ("git", "add", "--all"),
        (*git, "commit", "--quiet", "--message", "All"),
    ):
        code, printed = run(folder, *command)
        assert code == 0, printed
    return run(folder, "git", "rev-parse", "HEAD")[1].strip()


@pytest.fixture(scope="module", name="hook")
def _hook(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, Path]:
    """Give a repository that holds the hook, its commit, and pre-commit's home."""
    folder = tmp_path_factory.mktemp("hook")
    left = shutil.ignore_patterns("__pycache__", "*.egg-info", "build", "bin", "sdks")
    shutil.copytree(ROOT / "components", folder / "components", ignore=left)
    for name in (".pre-commit-hooks.yaml", "pyproject.toml"):
        shutil.copy(ROOT / name, folder)
    return folder, commit(folder), tmp_path_factory.mktemp("home")


def test_the_hook_finds_cluster_configs_by_what_they_are(
    hook: tuple[Path, str, Path], tmp_path: Path
) -> None:
    """Without any configuration, under names that say nothing."""
    repository, commit_name, home = hook
    (tmp_path / ".pre-commit-config.yaml").write_text(
        f"repos:\n- repo: {repository}\n  rev: {commit_name}\n"
        "  hooks: [{id: eks-irsa-check}]\n",
        encoding="utf-8",
    )
    clusters = tmp_path / "clusters"
    clusters.mkdir()
    (clusters / "prod.yaml").write_text(GOOD, encoding="utf-8")
    (clusters / "deployment.yaml").write_text(
        "apiVersion: apps/v1\nkind: Deployment\n", encoding="utf-8"
    )
    commit(tmp_path)
    pre_commit = (sys.executable, "-m", "pre_commit", "run", "--all-files")
    settings = {
        "PRE_COMMIT_HOME": str(home),
        "PIP_CONSTRAINT": str(ROOT / "constraints.txt"),
    }

    right = run(tmp_path, *pre_commit, "--verbose", **settings)
    (clusters / "prod.yaml").write_text(
        GOOD.replace("withOIDC: true", "withOIDC: yep"), encoding="utf-8"
    )
    wrong = run(tmp_path, *pre_commit, **settings)

    assert right[0] == 0, right[1]
    # The configuration of pre-commit is a YAML file as well.
    assert "1 file checked: no problems; 2 other files left out\n" in right[1]
    assert wrong[0] == 1
    assert (
        "clusters/prod.yaml:5:13: iam.withOIDC: expected true or false, got the text "
        "'yep' [E-TYPE]\n"
    ) in wrong[1]
