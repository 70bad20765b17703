"""docs/blue-green.md: its files are right, and `check` prints what it shows."""

import re
import shlex
from pathlib import Path
from typing import Final

import pytest
from click.testing import CliRunner

from eks_irsa.cli.commands import commands

FILE: Final = Path(__file__).parents[2] / "docs/blue-green.md"
PAGE: Final = FILE.read_text(encoding="utf-8")
FILES: Final = re.compile(r"```yaml\n# (stacks/\S+)\n(.*?)```", re.DOTALL)
PRINTED: Final = re.compile(r"(prints\n\n```text\n)(.*?)(```)", re.DOTALL)


@pytest.fixture(name="project")
def _project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand in a project with the files of the page."""
    (tmp_path / "Pulumi.yaml").write_text(
        "name: eks-irsa\nstackConfigDir: stacks\n", encoding="utf-8"
    )
    (tmp_path / "stacks").mkdir()
    for name, text in FILES.findall(PAGE):
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)


@pytest.mark.usefixtures("project")
def test_the_command_prints_what_the_page_shows(
    request: pytest.FixtureRequest,
) -> None:
    """`--update-golden` writes it."""
    (command,) = re.findall(r"```console\n(.*?)\n```", PAGE)

    done = CliRunner().invoke(commands, shlex.split(command)[1:])

    page = PRINTED.sub(lambda found: f"{found[1]}{done.output}{found[3]}", PAGE)
    if request.config.getoption("--update-golden"):
        FILE.write_text(page, encoding="utf-8")
        return
    assert page == PAGE
    assert done.exit_code == 0


@pytest.mark.usefixtures("project")
def test_every_stack_of_the_page_is_right() -> None:
    """The role's stack, and green's, which uses the role."""
    done = CliRunner().invoke(commands, ["check", "--all"])

    assert (done.exit_code, done.stdout) == (0, "")
    assert "2 stacks checked: no problems" in done.stderr
