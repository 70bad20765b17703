"""The wheel alone: projects of the templates and the README's program, no checkout."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
from git_forge import git_forge
from repositories import commit, git

import eks_irsa
from sandbox.binaries.go_tool import find_go
from sandbox.inventory import take_inventory
from sandbox.python_host import EXECUTOR_VARIABLE
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


def run(
    *command: str | Path,
    environment: Mapping[str, str] | None = None,
    folder: Path = Path("/"),
    status: int = 0,
) -> str:
    """Run a program outside the repository and give what it printed."""
    done = subprocess.run(  # noqa: S603 - pip and pulumi, and what they installed
        command,
        cwd=folder,
        env=None if environment is None else dict(environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout if status == 0 else done.stdout + done.stderr


@dataclass(frozen=True, kw_only=True)
class User:
    """Somebody with an empty home, pulumi and an index that has the wheel."""

    environment: Mapping[str, str]
    pulumi: Path

    def new(self, template: str, folder: Path, *options: str, **config: str) -> None:
        """Make a project in a folder, named as that, without being asked."""
        folder.mkdir(exist_ok=True)
        given = [f"--config={key}={value}" for key, value in config.items()]
        source = ROOT / "templates" / template
        named = ("--yes", f"--name={folder.name}")
        self.run("new", source, *named, *options, *given, folder=folder)

    def run(self, *arguments: str | Path, folder: Path, status: int = 0) -> str:
        """Run pulumi in a project."""
        return run(
            self.pulumi,
            *arguments,
            environment=self.environment,
            folder=folder,
            status=status,
        )

    def preview(self, folder: Path) -> dict[str, set[str]]:
        """Preview; give what would be created, by type."""
        document = json.loads(self.run("preview", "--json", folder=folder))
        created: dict[str, set[str]] = {}
        for step in document["steps"]:
            if step["op"] == "create":
                kinds, name = step["urn"].split("::", 2)[2].split("::", 1)
                created.setdefault(kinds.rpartition("$")[2], set()).add(name)
        return created


@pytest.fixture(scope="module", name="user")
def _user(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> User:
    """Build the wheel, and put it where pip finds it."""
    folder = tmp_path_factory.mktemp("user")
    subprocess.run(  # noqa: S603 - the build backend
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder],
        cwd=ROOT / "components",
        check=True,
    )
    cache = run(sys.executable, "-m", "pip", "cache", "dir").strip()
    home = sandbox.engine_home()
    (folder / "home").mkdir()
    kept = ("PIP_CERT", "PIP_DEFAULT_TIMEOUT", "PIP_INDEX_URL", "SSL_CERT_FILE")
    environment = {
        **{name: os.environ[name] for name in kept if name in os.environ},
        **home.environment,
        "HOME": str(folder / "home"),
        "PIP_CACHE_DIR": cache,
        "PIP_CONSTRAINT": str(ROOT / "constraints.txt"),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_FIND_LINKS": f"{os.environ.get('PIP_FIND_LINKS', '')} {folder}",
        EXECUTOR_VARIABLE: str(_executor()),
    }
    return User(environment=environment, pulumi=home.command_root / "bin/pulumi")


def _executor() -> Path:
    """Find the script that runs programs, in the module the engine is built from."""
    go = find_go(os.environ)
    if isinstance(go, str):
        pytest.skip(f"pulumi-language-python-exec cannot be had: {go}")
    module = run(
        *(go.path, "mod", "download", "-json", "github.com/pulumi/pulumi/sdk/v3"),
        environment=go.environment,
        folder=ROOT / "sandbox/binaries/pulumi",
    )
    return Path(json.loads(module)["Dir"], "python/cmd/pulumi-language-python-exec")


@dataclass(frozen=True, kw_only=True)
class Made:
    """A project of the stack template, and how long it took."""

    folder: Path
    seconds: float


@pytest.fixture(scope="module", name="made")
def _made(
    user: User, sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory
) -> Made:
    """Make a project, its dependencies installed, for a cluster of its name."""
    cluster = "from-the-template"
    issuer = issuer_url_of(cluster=cluster, region=REGION)
    sandbox.add_cluster(name=cluster, region=REGION, issuer_url=issuer)
    begun = time.monotonic()
    folder = tmp_path_factory.mktemp("made") / cluster
    user.new("stack", folder, accountId=sandbox.aws.account_id)
    return Made(folder=folder, seconds=time.monotonic() - begun)


@pytest.fixture(scope="module", name="installed")
def _installed(user: User, made: Made) -> Path:
    """Give the `bin` of an environment with the wheel, the command line's needs too."""
    python = made.folder / ".venv/bin/python"
    wanted = f"eks-irsa[cli]=={eks_irsa.__version__}"
    run(python, "-m", "pip", "install", "-q", wanted, environment=user.environment)
    run(python, "-m", "pip", "check")
    return python.parent


def fill(folder: Path) -> None:
    """Write what the capitals of the template stand for, unless that is done."""
    config = folder / "stacks/cluster.yaml"
    text = config.read_text(encoding="utf-8")
    for capitals, written in (
        ("YOUR_REGION", REGION),
        ("YOUR_SERVICE_ACCOUNT", "reader"),
        ("YOUR_NAMESPACE", "template-apps"),
        ("YOUR_POLICY_ARN", "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"),
    ):
        text = text.replace(capitals, written)
    config.write_text(text, encoding="utf-8")


def test_from_an_empty_folder_to_a_preview(user: User, made: Made) -> None:
    """Five files and a stack; what the capitals stand for is asked, then previewed."""
    folder, name = made.folder, made.folder.name
    files = sorted(
        str(one.relative_to(folder))
        for one in folder.rglob("*")
        if one.is_file() and one.relative_to(folder).parts[0] != ".venv"
    )

    refused = user.run("preview", folder=folder, status=1)
    fill(folder)
    begun = time.monotonic()
    created = user.preview(folder)
    seconds = time.monotonic() - begun

    sys.stdout.write(f"new {made.seconds:.1f} s, preview {seconds:.1f} s\n")
    assert files == [
        ".gitignore",
        "Pulumi.yaml",
        "__main__.py",
        "requirements.txt",
        "stacks/Pulumi.dev.yaml",
        "stacks/cluster.yaml",
    ]
    missing = re.findall(r"stacks/cluster.yaml:[\d:]+ (\S+): '(YOUR_\w+)'", refused)
    assert [*dict.fromkeys(missing)] == [
        ("metadata.region", "YOUR_REGION"),
        ("iam.serviceAccounts[0].metadata.name", "YOUR_SERVICE_ACCOUNT"),
        ("iam.serviceAccounts[0].metadata.namespace", "YOUR_NAMESPACE"),
        ("iam.serviceAccounts[0].attachPolicyARNs[0]", "YOUR_POLICY_ARN"),
    ]
    assert created["eks-irsa:index:IrsaServiceAccount"] == {"template-apps/reader"}
    assert created["eks-irsa:index:EksOidcProvider"] == {name}
    module = run(folder / ".venv/bin/python", "-c", "print(__import__('eks_irsa'))")
    assert str(folder / ".venv") in module


def test_the_url_of_the_repository_is_enough(
    user: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The engine clones it for the files of the template alone."""
    checkout, forge, folder = (tmp_path / one for one in ("checkout", "forge", "irsa"))
    shutil.copytree(ROOT / "templates", checkout / "templates")
    monkeypatch.chdir(checkout)
    git("init", "--initial-branch", "main")
    commit()
    (forge / "acme").mkdir(parents=True)
    (forge / "acme/eks-irsa.git").symlink_to(checkout / ".git")
    folder.mkdir()
    url = "https://git.example.com/acme/eks-irsa.git/templates/stack"

    with git_forge("git.example.com", root=forge, scratch=tmp_path) as reached:
        run(
            *(user.pulumi, "new", url, "--yes", "--generate-only"),
            environment={**user.environment, **reached},
            folder=folder,
        )

    made = {str(one.relative_to(folder)) for one in folder.rglob("*") if one.is_file()}
    assert made == {
        ".gitignore",
        "Pulumi.yaml",
        "__main__.py",
        "requirements.txt",
        "stacks/cluster.yaml",
    }


def test_the_engine_knows_the_type_of_each_setting(user: User, made: Made) -> None:
    """Under the project's own name; it refuses another before the program runs."""
    user.run("config", "set", "createNamespaces", "perhaps", folder=made.folder)

    refused = user.run("preview", folder=made.folder, status=1)

    user.run("config", "rm", "createNamespaces", folder=made.folder)
    assert "'createNamespaces' must be of type 'boolean'" in refused


def test_the_new_project_passes_the_check_without_aws(
    user: User, made: Made, installed: Path
) -> None:
    """The command line reads its settings, of whatever name the project is."""
    nothing = {"PATH": os.environ["PATH"], "HOME": user.environment["HOME"]}
    fill(made.folder)
    stack = made.folder / "stacks/Pulumi.dev.yaml"
    text = stack.read_text(encoding="utf-8")
    check = (installed / "eks-irsa", "check", "--all")

    passed = run(*check, environment=nothing, folder=made.folder)
    stack.write_text(f"{text}  {made.folder.name}:audience: a b\n", encoding="utf-8")
    failed = run(*check, environment=nothing, folder=made.folder, status=1)

    stack.write_text(text, encoding="utf-8")
    assert passed == ""
    assert f"config.{made.folder.name}:audience: 'a b' is no audience" in failed


def test_a_program_of_ones_own_is_previewed_too(
    user: User, made: Made, installed: Path, tmp_path: Path
) -> None:
    """It composes: the role gets a policy whose ARN is an Output."""
    folder = tmp_path / "from-the-component-template"
    folder.mkdir()
    # The same environment, so that it is not filled twice.
    (folder / ".venv").symlink_to(installed.parent)

    user.new(
        "component",
        folder,
        "--force",
        cluster=made.folder.name,
        namespace="own",
        bucketArn="arn:aws:s3:::receipts",
    )
    created = user.preview(folder)

    assert created["aws:iam/policy:Policy"] == {"reader"}
    assert created["eks-irsa:index:IrsaServiceAccount"] == {"reader"}
    assert len(created["aws:iam/rolePolicyAttachment:RolePolicyAttachment"]) == 1


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
