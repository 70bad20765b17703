"""docs/asking.md: its project is made, its commands are run, its answers are right."""

import re
import shlex
from pathlib import Path
from typing import Final

import pytest
from click.testing import CliRunner

from eks_irsa.cli.commands import commands

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = ROOT / "docs/asking.md"
FILES: Final = re.compile(r"```yaml\n# (\S+)\n(.*?)```", re.DOTALL)
BLOCKS: Final = re.compile(r"```console\n\$ eks-irsa (.*?)\n(.*?)```", re.DOTALL)


def test_examples_print_what_the_page_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    """Each block is a command and its whole output, but for standard error."""
    monkeypatch.chdir(tmp_path)
    text = PAGE.read_text(encoding="utf-8")
    (tmp_path / "Pulumi.yaml").write_text("name: eks-irsa\n", encoding="utf-8")
    for name, content in FILES.findall(text):
        # The first line names the file, and is copied with it.
        (tmp_path / name).write_text(f"# {name}\n{content}", encoding="utf-8")

    shown = BLOCKS.findall(text)
    printed = [
        CliRunner().invoke(commands, shlex.split(command)).stdout
        for command, _ in shown
    ]

    if request.config.getoption("--update-golden"):
        answers = iter(printed)
        new = BLOCKS.sub(
            lambda found: f"```console\n$ eks-irsa {found[1]}\n{next(answers)}```",
            text,
        )
        PAGE.write_text(new, encoding="utf-8")
        return
    assert len(shown) == 6
    assert [output for _, output in shown] == printed
    assert all(printed)
