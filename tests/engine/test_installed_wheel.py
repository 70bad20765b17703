"""The wheel in an environment with nothing else, and the README's program in it."""

import json
import re
import subprocess
import sys
import venv
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest

import eks_irsa
from sandbox.inventory import take_inventory
from sandbox.session import Sandbox, issuer_url_of

pytestmark = pytest.mark.engine

ROOT: Final = Path(__file__).parents[2]
README: Final = (ROOT / "README.md").read_text(encoding="utf-8")
REGION: Final = "us-west-2"
# Runs the README's program as the tests do, by the Python it is installed into.
DRIVER: Final = """
import json, runpy, sys
import pulumi.automation as auto

folder, root, operation = sys.argv[1:]
stack = auto.create_or_select_stack(
    "wheel",
    project_name="wheel",
    program=lambda: runpy.run_path(f"{folder}/program.py") and None,
    opts=auto.LocalWorkspaceOptions(
        work_dir=folder, pulumi_command=auto.PulumiCommand(root)
    ),
)
if operation == "destroy":
    stack.destroy()
else:
    outputs = stack.up().outputs
    stack.preview(expect_no_changes=True)
    print(json.dumps({key: one.value for key, one in outputs.items()}))
"""


def run(*command: str | Path, environment: Mapping[str, str] | None = None) -> str:
    """Run a program outside the repository and give what it printed."""
    done = subprocess.run(  # noqa: S603 - pip, and what it installed
        command,
        cwd="/",
        env=None if environment is None else dict(environment),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module", name="installed")
def _installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the `bin` of an empty environment that got the wheel and what it needs."""
    folder = tmp_path_factory.mktemp("installed")
    subprocess.run(  # noqa: S603 - the build backend
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder],
        cwd=ROOT / "components",
        check=True,
    )
    (wheel,) = folder.glob("*.whl")
    venv.create(folder / "environment", with_pip=True)
    python = folder / "environment/bin/python"
    pins = ("-c", ROOT / "constraints.txt")
    run(python, "-m", "pip", "install", "--quiet", *pins, f"{wheel}[cli]")
    run(python, "-m", "pip", "check")
    return python.parent


def test_the_readmes_program_runs_from_the_wheel(
    installed: Path, sandbox: Sandbox, tmp_path: Path
) -> None:
    """Ten lines make all five parts on the engine, and nothing of ours is around."""
    cluster = "from-the-wheel"
    issuer = issuer_url_of(cluster=cluster, region=REGION)
    sandbox.add_cluster(name=cluster, region=REGION, issuer_url=issuer)
    (example,) = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
    text = example.replace("cluster-13", cluster).replace("backend-apps", "wheel-apps")
    (tmp_path / "program.py").write_text(text, encoding="utf-8")
    home = sandbox.engine_home()
    driver = (installed / "python", "-I", "-c", DRIVER, tmp_path, home.command_root)
    before = take_inventory(sandbox)

    outputs = json.loads(run(*driver, "up", environment=home.environment))
    made = take_inventory(sandbox)
    run(*driver, "destroy", environment=home.environment)
    left = take_inventory(sandbox)

    account = made.service_accounts["wheel-apps/s3-reader"]
    assert account["metadata"]["annotations"] == {
        "eks.amazonaws.com/role-arn": outputs["role_arn"]
    }
    assert len(made.providers) == len(before.providers) + 1
    (role,) = made.roles.keys() - before.roles.keys()
    assert made.roles[role].subjects == ("system:serviceaccount:wheel-apps:s3-reader",)
    assert (left.providers, left.roles) == (before.providers, before.roles)
    assert left.service_accounts == before.service_accounts


def test_the_commands_of_the_wheel_run(installed: Path) -> None:
    """The command line, and the executable that the engine starts."""
    version = eks_irsa.__version__

    assert run(installed / "eks-irsa", "--version") == f"eks-irsa {version}\n"
    assert "engine" in run(installed / "pulumi-resource-eks-irsa", "--help")
