"""The page about pull requests: the example is the engine's, and the jobs are sound."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from golden_files import GoldenFiles

from eks_irsa.documents.policy_statements import read_policy
from eks_irsa.review.wording import MARKS

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = (ROOT / "docs/pull-requests.md").read_text(encoding="utf-8")
README: Final = (ROOT / "README.md").read_text(encoding="utf-8")
EXAMPLE: Final = ROOT / "tests/golden/review/example.json"
WORKFLOWS: Final = sorted((ROOT / ".github/workflows").glob("*.yml"))
PINNED: Final = re.compile(r"[\w-]+/[\w./-]+@v\d+(\.\d+\.\d+)?")


def steps(workflow: dict[str, Any]) -> list[dict[str, Any]]:
    """List the steps of all jobs."""
    return [step for job in workflow["jobs"].values() for step in job["steps"]]


def read(file: Path) -> dict[str, Any]:
    """Read a workflow."""
    return yaml.safe_load(file.read_text(encoding="utf-8"))


def gitlab_job() -> dict[str, Any]:
    """Read the job for GitLab from the page."""
    (text,) = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    return yaml.safe_load(text)["preview"]


def test_example_of_the_page_is_what_the_engines_preview_gives(
    golden: GoldenFiles,
) -> None:
    """The golden file is compared with a live preview in tests/engine."""
    begin = PAGE.index("<!-- eks-irsa report")
    shown = PAGE[begin : PAGE.index("\n\n---\n")]

    golden("review/example.md", f"{shown}\n")


def test_rows_of_the_readme_are_those_of_the_page() -> None:
    """It shows less, and nothing else."""
    section = README.partition("### In a pull request\n")[2].partition("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("|")]

    assert len(rows) == 4
    assert [row for row in rows if row not in PAGE.splitlines()] == []


def test_every_mark_is_explained() -> None:
    """Code and words as the report gives them."""
    table = PAGE.partition("| code | in words |\n")[2].partition("\n\n")[0]

    rows = re.findall(r"^\| `([a-z-]+)` \| (.*) \|$", table, re.MULTILINE)

    assert dict(rows) == MARKS


def test_every_link_of_the_page_leads_somewhere() -> None:
    """No file was renamed behind its back."""
    links = re.findall(r"\]\(([^)#:]+)\)", PAGE)

    assert [link for link in links if not (ROOT / "docs" / link).exists()] == []


def test_trust_policy_of_the_page_lets_in_pull_requests_alone() -> None:
    """As the report itself would word it: no other branch, no other audience."""
    (text,) = re.findall(r"^   ```json\n(.*?)^   ```$", PAGE, re.DOTALL | re.MULTILINE)

    (grant,) = read_policy(text)

    claims = {
        clause.key.rpartition(":")[2]: clause.values
        for clause in grant.condition.clauses
    }
    assert claims == {
        "aud": ("sts.amazonaws.com",),
        "sub": ("repo:ORGANIZATION/REPOSITORY:pull_request",),
    }


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.stem)
def test_workflow_may_do_little_and_names_its_parts(file: Path) -> None:
    """Permissions a job, a limit of time, actions by version."""
    workflow = read(file)

    assert workflow["permissions"] in ({}, {"contents": "read"})
    for job in workflow["jobs"].values():
        assert job["timeout-minutes"] <= 90
        assert set(job.get("permissions", {}).values()) <= {"read", "write"}
        writes = {k for k, v in job.get("permissions", {}).items() if v == "write"}
        assert writes <= {"id-token"} or "comment.py" in str(job["steps"])
    for step in steps(workflow):
        if "uses" in step:
            assert PINNED.fullmatch(step["uses"])
        if "checkout" in step.get("uses", ""):
            assert step["with"]["persist-credentials"] is False


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.stem)
def test_what_a_workflow_runs_is_there(file: Path) -> None:
    """Verbs of make, files of the repository, options of the command line."""
    commands = "\n".join(step["run"] for step in steps(read(file)) if "run" in step)

    verbs = re.findall(r"^make (\w+)$", commands, re.MULTILINE)
    files = re.findall(r"(?:^|\s)(\.ci/[\w.]+)", commands)
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert [verb for verb in verbs if f"\n{verb}:" not in makefile] == []
    assert [name for name in files if not (ROOT / name).exists()] == []
    assert verbs or files
    assert "${{" not in commands  # a name from outside would be run as code


def test_nothing_of_the_pull_request_runs_where_a_token_may_write() -> None:
    """The comment is posted by the code of the branch it is against."""
    jobs = read(ROOT / ".github/workflows/preview.yml")["jobs"]

    (checkout,) = [
        step for step in jobs["comment"]["steps"] if "checkout" in step.get("uses", "")
    ]
    assert checkout["with"]["ref"] == "${{ github.event.pull_request.base.sha }}"
    assert jobs["preview"]["permissions"] == {"contents": "read", "id-token": "write"}
    assert "head.repo.full_name == github.repository" in jobs["stacks"]["if"]


@pytest.fixture(name="runner")
def _runner(tmp_path: Path) -> Path:
    """Make a checkout in which `pulumi` prints the recorded preview."""
    folder = tmp_path / "checkout"
    shutil.copytree(ROOT / "stacks", folder / "stacks")
    programs = folder / "bin"
    programs.mkdir()
    (programs / "pulumi").write_text(
        f'#!/bin/sh\necho "pulumi $*" >> calls\ncat "${{PREVIEW:-{EXAMPLE}}}"\n'
        'exit "${EXIT:-0}"\n'
    )
    (programs / "python").write_text('#!/bin/sh\necho "python $*" >> calls\n')
    for program in programs.iterdir():
        program.chmod(0o755)
    return folder


def run(script: str, folder: Path, **environment: str) -> tuple[int, list[str]]:
    """Run a script as a runner does, and give what it called."""
    virtual = ROOT / os.environ.get("VENV", ".venv") / "bin"
    ended = subprocess.run(  # noqa: S603 - of our own pages
        ["bash", "-e", "-c", script],  # noqa: S607 - the user's
        cwd=folder,
        env={
            **os.environ,
            "PATH": f"{folder / 'bin'}:{virtual}:{os.environ['PATH']}",
            "STACK": "production",
            "GITHUB_OUTPUT": str(folder / "output"),
            "GITHUB_STEP_SUMMARY": str(folder / "summary"),
            **environment,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    calls = folder / "calls"
    return ended.returncode, calls.read_text().splitlines() if calls.exists() else []


def step(job: str, name: str) -> str:
    """Return the script of a step of the workflow for previews."""
    found = read(ROOT / ".github/workflows/preview.yml")["jobs"][job]["steps"]
    (script,) = [one["run"] for one in found if one.get("id") == name]
    return script


PREVIEW: Final = (
    "pulumi preview --stack production --non-interactive --json --show-sames"
)


def test_github_previews_every_stack(runner: Path) -> None:
    """The matrix is made of the files that are there."""
    (runner / "stacks/Pulumi.eu-west.yaml").write_text("config: {}\n")

    code, _ = run(step("stacks", "find"), runner)

    assert code == 0
    assert (runner / "output").read_text() == 'names=["dev", "eu-west"]\n'


def test_github_reports_what_the_engine_printed(
    runner: Path, golden: GoldenFiles
) -> None:
    """The step leaves the report to the job that posts it, and shows it itself."""
    code, calls = run(step("preview", "preview"), runner)

    assert (code, calls) == (0, [PREVIEW])
    golden("review/example.md", (runner / "report.md").read_text(encoding="utf-8"))
    golden("review/example.md", (runner / "summary").read_text(encoding="utf-8"))


def test_github_fails_with_the_preview_and_reports_why(runner: Path) -> None:
    """A reviewer sees the error; a preview that printed nothing leaves no report."""
    stopped = runner / "stopped.json"
    stopped.write_text('{"diagnostics": [{"severity": "error", "message": "boom"}]}')

    code, _ = run(step("preview", "preview"), runner, PREVIEW=str(stopped), EXIT="255")
    shown = (runner / "report.md").read_text(encoding="utf-8")
    silent, _ = run(step("preview", "preview"), runner, PREVIEW=os.devnull, EXIT="3")

    assert code == 1
    assert "- `boom`" in shown
    assert silent == 1
    assert not (runner / "report.md").exists()


def test_gitlab_reports_what_the_engine_printed(
    runner: Path, golden: GoldenFiles
) -> None:
    """The job of the page, but for what it installs."""
    script = [line for line in gitlab_job()["script"] if not line.startswith("pip ")]
    given = {"AWS_TOKEN": "x", "AWS_WEB_IDENTITY_TOKEN_FILE": str(runner / "token")}

    code, calls = run("\n".join(script), runner, **given)

    assert (code, calls) == (0, [PREVIEW, "python .ci/comment.py report.md"])
    golden("review/example.md", (runner / "report.md").read_text(encoding="utf-8"))
