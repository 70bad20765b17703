"""What the README shows is run or parsed, so that it cannot go stale."""

import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest
import yaml

from eks_irsa.testing import deploy

ROOT: Final = Path(__file__).parents[2]
README: Final = (ROOT / "README.md").read_text(encoding="utf-8")
FENCE: Final = re.compile(r"^( *)```(\w+)\n(.*?)^ *```$", re.DOTALL | re.MULTILINE)
BLOCKS: Final = FENCE.findall(README)

# Commands that other tests run: on the engine, or as CI itself.
RUN_ELSEWHERE: Final = {
    "pulumi up": "tests/engine/test_main_job.py",
    "make demo": "tests/engine/test_commands.py",
    "make test": ".ci/run",
    "pip install 'eks-irsa[cli]'": "tests/engine/test_installed_wheel.py",
    "pulumi new <URL of this repository>/templates/stack": (
        "tests/engine/test_installed_wheel.py"
    ),
    "eks-irsa adopt cluster.yaml --write stacks/Pulumi.prod.yaml": (
        "tests/cli/test_adopt.py"
    ),
}


def blocks(language: str) -> list[str]:
    """Give the README's code blocks of one language, without their indent."""
    return [
        re.sub(rf"^{indent}", "", text, flags=re.MULTILINE)
        for indent, kind, text in BLOCKS
        if kind == language
    ]


def test_the_first_screen_shows_what_the_program_registers(tmp_path: Path) -> None:
    """The tree of resources is that of the ClusterConfig above it."""
    shutil.copy(ROOT / "__main__.py", tmp_path)
    (tmp_path / "c.yaml").write_text(blocks("yaml")[0], encoding="utf-8")

    made = deploy(tmp_path, config={"eks-irsa:clusterConfig": "c.yaml"})

    shown = re.findall(r"[\w-]+(?::[\w/]+)+(?= )", blocks("text")[0])
    registered = {
        # As the engine shows types: `aws:iam/role:Role` as `aws:iam:Role`.
        re.sub(r":(\w+)/\w+:(?=[A-Z])", r":\1:", one.type)
        if one.type.startswith("aws:")
        else one.type
        for one in made.registrations
    }
    assert set(shown) == registered - {"pulumi:providers:kubernetes"}


def test_every_yaml_block_can_be_read() -> None:
    """No example is broken YAML."""
    assert all(yaml.safe_load(text) for text in blocks("yaml"))


def test_the_python_example_runs() -> None:
    """The ten lines make all five parts."""
    (example,) = blocks("python")

    made = deploy(lambda: exec(compile(example, "README", "exec"), {}))  # noqa: S102

    assert made.outputs["role_arn"].startswith("arn:aws:iam::")
    assert len(made.of_type(":ServiceAccount")) == 1


@pytest.mark.parametrize(
    "command", [line for text in blocks("console") for line in text.splitlines()]
)
def test_every_command_is_run(command: str) -> None:
    """Those of our own command line here, the others in the tests named above."""
    words = shlex.split(command)
    if command in RUN_ELSEWHERE or words[0] != "eks-irsa":
        assert (ROOT / RUN_ELSEWHERE[command]).exists()
        return

    done = subprocess.run(  # noqa: S603 - our own module
        [sys.executable, "-m", "eks_irsa", *words[1:]],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    if words[1] == "synth":
        assert len(json.loads(done.stdout)["serviceAccounts"]) == 3


def test_the_table_of_settings_names_every_one() -> None:
    """Pulumi.yaml and the README list the same settings."""
    declared = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())["config"]
    _, _, section = README.partition("### Settings")
    table = section.partition("\n### ")[0]

    named = re.findall(
        r"`(\w+)`",
        "\n".join(
            row.split("|")[1] for row in table.splitlines() if row.startswith("| `")
        ),
    )

    assert named == list(declared)
