"""Workflows, and the callers that the page shows, by the linter of GitHub's workflows.

It knows what a reusable workflow takes, and what each context and action has.
"""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Final

import pytest
from pipelines import ROOT, WORKFLOWS
from repositories import git

from sandbox.binaries import MissingProgramsError, find_or_build_program
from sandbox.binaries.programs import ACTIONLINT

pytestmark = pytest.mark.engine

PAGE: Final = ROOT / "docs/pull-requests.md"
# Contexts that are younger than the linter: where a job's workflow comes from.
YOUNGER: Final = 'property "workflow_(repository|sha)" is not defined'
CALLED: Final = re.compile(r"uses: OWNER/eks-irsa/(\.github/workflows/\S+)@v[\d.]+")


@pytest.fixture(scope="module", name="actionlint")
def _actionlint() -> Path:
    """Find the linter, or say what cannot be had."""
    try:
        return find_or_build_program(ACTIONLINT, report=print)
    except MissingProgramsError as missing:
        pytest.skip(str(missing))


def lint(actionlint: Path, *files: Path) -> str:
    """Run the linter in the repository that the files are in."""
    ended = subprocess.run(  # noqa: S603 - our own files
        [actionlint, "-ignore", YOUNGER, "-shellcheck=", *files],
        cwd=files[0].parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode == 0) == (ended.stdout == "")
    return ended.stdout + ended.stderr


def test_workflows_are_sound(actionlint: Path) -> None:
    """Expressions, permissions, inputs of the actions that are known."""
    assert lint(actionlint, *sorted(WORKFLOWS.glob("*.yml"))) == ""


def test_callers_of_the_page_give_what_the_workflows_take(
    actionlint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if they were of this repository, where the linter sees both."""
    monkeypatch.chdir(tmp_path)
    git("init")
    here = shutil.copytree(WORKFLOWS, tmp_path / ".github/workflows")
    text = PAGE.read_text(encoding="utf-8")
    blocks = re.findall(r"^```yaml\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    callers = [CALLED.sub(r"uses: ./\1", one) for one in blocks if CALLED.search(one)]
    files = [here / f"a-caller-{number}.yml" for number in range(len(callers))]
    for file, caller in zip(files, callers, strict=True):
        file.write_text(caller, encoding="utf-8")

    sound = lint(actionlint, *files)
    files[0].write_text(callers[0].replace("accounts:", "acounts:"), encoding="utf-8")
    slip = lint(actionlint, files[0])

    assert (len(callers), sound) == (3, "")
    assert 'input "acounts" is not defined' in slip
