"""A release, and a tag of the repository, in the hands of somebody without a checkout.

The engine downloads the plugin from a server of ours in the place of the forge's, makes
a plugin of it, and runs a program that uses it. What no test here can show is listed in
docs/releasing.md.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, Final

import pytest
from git_forge import git_forge
from repositories import commit, git

import eks_irsa
from release.building import build
from sandbox.binaries import LanguageTools
from sandbox.plugins.installation import install_language_host, install_plugins
from sandbox.session import Sandbox, issuer_url_of

pytestmark = pytest.mark.engine

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = (ROOT / "components/README.md").read_text(encoding="utf-8")
REGION: Final = "us-west-2"
REPOSITORY: Final = "https://github.com/acme/eks-irsa"
RELEASES: Final = "github://api.github.com/acme/eks-irsa"
VERSION: Final = eks_irsa.__version__


@dataclass(frozen=True, kw_only=True)
class Machine:
    """A user's machine: an engine with an empty home, and a project in YAML.

    Attributes:
        pulumi: The engine.
        home: Its home, with no more in it than what its installer brings, and the
            doubles of the providers.
        project: Folder of Pulumi.yaml.
        environment: Under which it runs.
    """

    pulumi: Path
    home: Path
    project: Path
    environment: dict[str, str]

    def run(self, command: str, **environment: str) -> str:
        """Run a command of the engine's, and give what it prints."""
        done = subprocess.run(  # noqa: S603 - the engine
            [self.pulumi, *command.split()],
            cwd=self.project,
            env={**self.environment, **environment},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def types(self) -> list[str]:
        """Give the types of the resources that the stack has, sorted, less Pulumi's."""
        state = json.loads(self.run("stack export"))
        types = [one["type"] for one in state["deployment"]["resources"]]
        return sorted(one for one in types if not one.startswith("pulumi:"))


@pytest.fixture(name="machine")
def _machine(
    sandbox: Sandbox,
    language_tools: LanguageTools,
    numbers: Iterator[int],
    tmp_path: Path,
) -> Machine:
    cluster = f"released-{next(numbers)}"
    issuer = issuer_url_of(cluster=cluster, region=REGION)
    sandbox.add_cluster(name=cluster, region=REGION, issuer_url=issuer)
    home, project = tmp_path / "home", tmp_path / "project"
    install_plugins(home, Path(sys.executable))
    install_language_host(home, Path(sys.executable))
    project.mkdir()
    _, _, rest = PAGE.partition("```yaml\n")
    program = rest.partition("```")[0].replace("cluster-13", cluster)
    program = program.replace("backend-apps", f"{cluster}-apps")
    (project / "Pulumi.yaml").write_text(program, encoding="utf-8")
    given = sandbox.engine_home().environment
    path = (language_tools.yaml_host.parent, given["PATH"])
    return Machine(
        pulumi=sandbox.binaries.pulumi,
        home=home,
        project=project,
        environment={
            **given,
            "PATH": os.pathsep.join(map(str, path)),
            "PULUMI_HOME": str(home),
            "PULUMI_BACKEND_URL": home.as_uri(),
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "false",
        },
    )


@contextmanager
def served(folder: Path) -> Generator[str]:
    """Serve the files of a folder; gives the URL."""
    handler = partial(Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


class Quiet(SimpleHTTPRequestHandler):
    """Writes no line for each request."""

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, ANN401
        """Say nothing."""


@pytest.fixture(scope="module", name="release")
def _release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build what a release has on GitHub."""
    folder = tmp_path_factory.mktemp("release") / "files"
    build(folder, repository=REPOSITORY, generate=lambda _, sdks: sdks.mkdir())
    return folder / "github"


def identity(schema: dict[str, Any]) -> dict[str, Any]:
    """Give what a schema says of the package and of each component, as text."""
    return {
        **{key: value for key, value in schema.items() if isinstance(value, str)},
        **{
            token: {name: one["description"] for name, one in inputs.items()}
            for token, resource in schema["resources"].items()
            if (inputs := resource["inputProperties"])
        },
    }


def released_schema(release: Path) -> dict[str, Any]:
    """Read the schema that a release has."""
    schema: dict[str, Any] = json.loads((release / "schema.json").read_text())
    return schema


def test_engine_downloads_a_released_plugin_and_runs_it(
    machine: Machine, release: Path
) -> None:
    """From where the schema says; the page's command writes an SDK besides."""
    command = page_command("package add eks-irsa@").replace(" add ", " get-schema ")
    assert f"--server {RELEASES}" in command

    with served(release) as url:
        overrides = f"^{RELEASES}$={url}"
        text = machine.run(command, PULUMI_PLUGIN_DOWNLOAD_URL_OVERRIDES=overrides)
    schema = json.loads(text)
    machine.run("stack init released")
    machine.run("up --yes --skip-preview")
    machine.run("preview --expect-no-changes")
    made = machine.types()
    machine.run("destroy --yes --skip-preview")

    assert identity(schema) == identity(released_schema(release))
    assert schema["pluginDownloadURL"] == RELEASES
    assert made == [
        "aws:iam/openIdConnectProvider:OpenIdConnectProvider",
        "aws:iam/role:Role",
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        "eks-irsa:index:EksOidcProvider",
        "eks-irsa:index:IrsaServiceAccount",
        "kubernetes:core/v1:NamespacePatch",
        "kubernetes:core/v1:ServiceAccount",
    ]


def test_plugin_is_installed_from_its_archive_alone(
    machine: Machine, release: Path
) -> None:
    """Where the engine may not download anything."""
    command = page_command("plugin install resource eks-irsa ")

    machine.run(command.replace("--file ", f"--file {release}/"))
    schema = json.loads(machine.run(f"package get-schema eks-irsa@{VERSION}"))

    assert identity(schema) == identity(released_schema(release))


def test_engine_takes_a_tag_of_the_repository(
    machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the URL of its folder `components`, with nothing released."""
    checkout, forge = tmp_path / "checkout", tmp_path / "forge/acme"
    left = shutil.ignore_patterns("__pycache__", "*.egg-info", "build", "venv")
    shutil.copytree(ROOT / "components", checkout / "components", ignore=left)
    monkeypatch.chdir(checkout)
    git("init", "--initial-branch", "main")
    commit()
    git("tag", f"v{VERSION}")
    forge.mkdir(parents=True)
    (forge / "eks-irsa.git").symlink_to(checkout / ".git")
    command = page_command("package add https://").replace(" add ", " get-schema ")

    root = forge.parent
    with git_forge("git.example.com", root=root, scratch=tmp_path) as environment:
        text = machine.run(command, **environment)
    schema = json.loads(text)

    assert (schema["name"], schema["version"]) == ("eks-irsa", VERSION)
    folder = "git.example.com/acme/eks-irsa.git/components"
    assert schema["pluginDownloadURL"] == f"git://{folder}"
    assert "repository" not in schema


def page_command(start: str) -> str:
    """Give the registry page's command that begins so, for this machine and release."""
    system, _, _, _, processor = os.uname()
    page = PAGE
    for placeholder, value in {
        "<version>": VERSION,
        "<owner>/<repository>": "acme/eks-irsa",
        "<URL of this repository>": "https://git.example.com/acme/eks-irsa",
        "<os>": system.lower(),
        "<arch>": {"x86_64": "amd64", "aarch64": "arm64"}.get(processor, processor),
    }.items():
        page = page.replace(placeholder, value)
    (command,) = re.findall(rf"^pulumi ({re.escape(start)}.*)$", page, re.MULTILINE)
    return str(command)
