"""The registry page's examples, each in its language, on one real engine.

A program in each language makes what the Python program makes: the latter finds nothing
to change afterwards, and the states are equal.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pulumi.automation as auto
import pytest
import yaml
from hosted import EXECUTABLE, generate_sdks, install_components, state_of
from node_js import MissingNodeError, NodeJs

from sandbox.binaries import LanguageTools
from sandbox.binaries.go_tool import find_go
from sandbox.engine import open_stack
from sandbox.session import Sandbox, issuer_url_of

pytestmark = pytest.mark.engine

ROOT: Final = Path(__file__).parents[2]
LANGUAGES: Final = ROOT / "tests/languages"
PAGE: Final = (ROOT / "components/README.md").read_text(encoding="utf-8")
REGION: Final = "us-west-2"


@dataclass(frozen=True, kw_only=True)
class Example:
    """The page's example about a cluster and a namespace of its own."""

    sandbox: Sandbox
    folder: Path
    sdks: Path
    cluster: str

    def text(self, language: str) -> str:
        """Give the page's program in one language."""
        text, *_ = re.findall(rf"```{language}\n(.*?)```", PAGE, flags=re.DOTALL)
        return (
            str(text)
            .replace("cluster-13", self.cluster)
            .replace("backend-apps", f"{self.cluster}-apps")
        )

    def run(
        self,
        command: Sequence[str | Path],
        directory: Path,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Run a program as a user of the engine would, and expect it to succeed."""
        done = subprocess.run(  # noqa: S603 - compilers, and what they made
            command,
            cwd=directory,
            env={**self.sandbox.engine_home().environment, **(environment or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout

    def arguments(self, operation: str) -> list[str | Path]:
        """Give the arguments of our own main programs in other languages."""
        home = self.sandbox.engine_home()
        return [operation, self.cluster, self.folder, home.command_root]

    def python(self) -> auto.Stack:
        """Open the same stack with the page's Python program."""
        project = self.folder / "python"
        project.mkdir()
        (project / "Pulumi.yaml").write_text("name: example\nruntime: python\n")
        (project / "__main__.py").write_text(self.text("python"), encoding="utf-8")
        home = self.sandbox.engine_home()
        return open_stack(home, project=project, stack=self.cluster)


def assert_python_finds_its_own(example: Example) -> None:
    """Compare with the Python program, and take everything away again."""
    stack = example.python()
    theirs = state_of(stack)
    stack.up(expect_no_changes=True)
    ours = state_of(stack)
    stack.destroy()

    assert len(theirs) == 8
    assert theirs == ours


@pytest.fixture(name="example")
def _example(
    sandbox: Sandbox,
    language_tools: LanguageTools,
    numbers: Iterator[int],
    tmp_path: Path,
) -> Example:
    cluster = f"language-{next(numbers)}"
    issuer = issuer_url_of(cluster=cluster, region=REGION)
    sandbox.add_cluster(name=cluster, region=REGION, issuer_url=issuer)
    install_components(sandbox.engine_home())
    generate_sdks(language_tools.sdk_generator, tmp_path / "sdks")
    return Example(
        sandbox=sandbox, folder=tmp_path, sdks=tmp_path / "sdks", cluster=cluster
    )


def test_a_typescript_program_makes_what_the_python_program_makes(
    example: Example,
) -> None:
    """The SDK and the program are compiled strictly, and run by the Automation API."""
    try:
        node = NodeJs.find_or_install(LANGUAGES / "typescript")
    except MissingNodeError as missing:
        pytest.skip(str(missing))
    project = example.folder / "typescript"
    shutil.copytree(LANGUAGES / "typescript", project)
    (project / "example.ts").write_text(example.text("typescript"), encoding="utf-8")
    (example.folder / "node_modules").symlink_to(node.modules)
    sdk = project / "node_modules/@pulumi/eks-irsa"
    shutil.copytree(example.sdks / "nodejs", sdk)
    compiler = node.modules / "typescript/bin/tsc"
    commands = f"{node.program.parent}:{node.modules}/.bin:{os.environ['PATH']}"
    main = [node.program, project / "bin/main.js"]

    example.run([node.program, "scripts/postinstall.js"], sdk, {"PATH": commands})
    example.run([node.program, compiler], project)
    example.run([*main, *example.arguments("up")], project)
    example.run([*main, *example.arguments("preview")], project)

    assert_python_finds_its_own(example)


def test_a_go_program_makes_what_the_python_program_makes(example: Example) -> None:
    """It is compiled with the generated SDK, and run by the Automation API."""
    go = find_go(os.environ)
    if isinstance(go, str):
        pytest.skip(go)
    project = example.folder / "go"
    shutil.copytree(LANGUAGES / "go", project)
    shutil.copytree(example.sdks / "go/eksirsa", project / "sdk")
    (project / "sdk/go.mod").write_text(
        "module example.com/pulumi-eks-irsa/sdk/go/eks-irsa\n\ngo 1.25.8\n"
    )
    program = example.text("go").replace("pulumi.Run(", "run(")
    (project / "example.go").write_text(program, encoding="utf-8")
    main = [project / "example"]

    example.run([go.path, "build", "-trimpath"], project, go.environment)
    example.run([*main, *example.arguments("up")], project)
    example.run([*main, *example.arguments("preview")], project)

    assert_python_finds_its_own(example)


def test_a_yaml_program_makes_what_the_python_program_makes(
    example: Example, language_tools: LanguageTools
) -> None:
    """Pulumi's own language host runs it; the executable is on PATH, no SDK needed."""
    project = example.folder / "yaml"
    project.mkdir()
    (project / "Pulumi.yaml").write_text(example.text("yaml"), encoding="utf-8")
    path = example.sandbox.engine_home().environment["PATH"]
    programs = (language_tools.yaml_host.parent, EXECUTABLE.parent, path)
    environment = {"PATH": os.pathsep.join(map(str, programs))}
    pulumi = example.sandbox.binaries.pulumi

    for command in (
        f"stack init {example.cluster}",
        "up --yes --skip-preview",
        "preview --expect-no-changes",
    ):
        example.run([pulumi, *command.split()], project, environment)

    assert_python_finds_its_own(example)


@pytest.mark.language_host
@pytest.mark.parametrize(
    ("language", "files"),
    [
        ("python", {"requirements.txt": "pulumi\n", "__main__.py": ""}),
        ("nodejs", {"package.json": "{}", "index.ts": "", "tsconfig.json": "{}"}),
    ],
)
def test_package_add_writes_an_sdk_into_the_project(
    example: Example, language: str, files: dict[str, str]
) -> None:
    """Pulumi generates it, installs it and remembers where it came from."""
    host = f"pulumi-language-{language}"
    if shutil.which(host) is None:
        pytest.skip(f"{host} is not on PATH; Pulumi's installer brings it")
    project = example.folder / language
    project.mkdir()
    (project / "Pulumi.yaml").write_text(f"name: example\nruntime: {language}\n")
    for name, text in files.items():
        (project / name).write_text(text)
    pulumi = example.sandbox.binaries.pulumi

    example.run([pulumi, "install"], project)
    example.run([pulumi, "package", "add", EXECUTABLE], project)

    assert (project / "sdks/eks-irsa").is_dir()
    assert (
        "eks-irsa" in yaml.safe_load((project / "Pulumi.yaml").read_text())["packages"]
    )
