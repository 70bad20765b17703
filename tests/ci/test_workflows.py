"""The workflows for GitHub: what they may do, and what form they have.

test_workflow_scripts.py runs their scripts, tests/engine/test_actionlint.py the linter.
"""

import re
from pathlib import Path
from typing import Any, Final

import jsonschema
import pytest
from pipelines import ROOT, WORKFLOWS, all_steps, put_program, read, run_script, schema

from sandbox.binaries.programs import PROGRAMS

ALL: Final = sorted(WORKFLOWS.glob("*.yml"))
REUSABLE: Final = sorted(WORKFLOWS.glob("eks-irsa-*.yml"))
PINNED: Final = re.compile(r"[\w-]+/[\w./-]+@v\d+(\.\d+\.\d+)?|\./\.eks-irsa")
OWN: Final = "${{ job.workflow_repository }}"
SIGNS_IN: Final = "configure-aws-credentials"


def writes(job: dict[str, Any]) -> set[str]:
    """Name what a job may write to, but for a token for AWS."""
    granted = job.get("permissions", {}).items()
    return {name for name, level in granted if level == "write"} - {"id-token"}


@pytest.mark.parametrize("file", ALL, ids=lambda file: file.stem)
def test_workflow_may_do_little_and_names_its_parts(file: Path) -> None:
    """Permissions a job, a limit of time, actions by version, no token left behind."""
    workflow = read(file)

    assert workflow["permissions"] in ({}, {"contents": "read"})
    for job in workflow["jobs"].values():
        assert "uses" in job or job["timeout-minutes"] <= 90
        assert set(job.get("permissions", {}).values()) <= {"read", "write"}
    for step in all_steps(workflow):
        assert "uses" not in step or PINNED.fullmatch(step["uses"])
        if "checkout" in step.get("uses", ""):
            assert step["with"]["persist-credentials"] is False


@pytest.mark.parametrize("file", ALL, ids=lambda file: file.stem)
def test_what_comes_from_outside_is_never_part_of_a_script(file: Path) -> None:
    """It would be run as code; it comes as a variable instead."""
    scripts = [step["run"] for step in all_steps(read(file)) if "run" in step]

    assert [one for one in scripts if "${{" in one] == []


@pytest.mark.parametrize("file", ALL, ids=lambda file: file.stem)
def test_verbs_and_files_that_a_workflow_runs_are_there(file: Path) -> None:
    """Of the Makefile and of the repository."""
    commands = "\n".join(step.get("run", "") for step in all_steps(read(file)))

    verbs = re.findall(r"^make (\w+)$", commands, re.MULTILINE)
    files = re.findall(r"(?:^|\s)(\.ci/[\w.]+)", commands)

    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert [verb for verb in verbs if f"\n{verb}:" not in makefile] == []
    assert [name for name in files if not (ROOT / name).exists()] == []


@pytest.mark.parametrize("file", REUSABLE, ids=lambda file: file.stem)
def test_job_that_may_write_has_nothing_of_the_change_but_a_text(file: Path) -> None:
    """It neither checks out nor installs anything, and gets no credentials."""
    known = {"", "actions/download-artifact", "marocchino/sticky-pull-request-comment"}
    for job in read(file)["jobs"].values():
        if writes(job):
            used = {step.get("uses", "").partition("@")[0] for step in job["steps"]}
            scripts = "".join(step.get("run", "") for step in job["steps"])
            assert used <= known
            assert not re.search(r"eks-irsa |pulumi|pip|eval", scripts)
            assert "id-token" not in job["permissions"]


@pytest.mark.parametrize("file", REUSABLE, ids=lambda file: file.stem)
def test_job_installs_before_it_has_credentials(file: Path) -> None:
    """And only a job that runs the engine can ask AWS for any."""
    for job in read(file)["jobs"].values():
        places = [
            what
            for step in job["steps"]
            for what in ("INSTALL", SIGNS_IN, "PULUMI_ACCESS_TOKEN")
            if what in str(step)
        ]
        if "id-token" in job["permissions"]:
            assert places[:3] == ["INSTALL", SIGNS_IN, "PULUMI_ACCESS_TOKEN"]
        else:
            assert places == []


@pytest.mark.parametrize("file", REUSABLE, ids=lambda file: file.stem)
def test_reusable_workflow_runs_the_tool_of_its_own_revision(file: Path) -> None:
    """Whoever calls it, at whatever tag: nobody copies anything."""
    for job in read(file)["jobs"].values():
        uses = [one.get("uses") for one in job["steps"]]
        own = [one for one in job["steps"] if OWN in str(one)]
        assert uses.count("./.eks-irsa") == len(own) <= 1
        for checkout in own:
            assert checkout["with"]["ref"] == "${{ job.workflow_sha }}"
            assert checkout["with"]["path"] == ".eks-irsa"
    assert OWN in file.read_text(encoding="utf-8")


def test_pull_request_of_a_fork_gets_nothing() -> None:
    """Neither a list, so no preview and no credentials, nor a comment."""
    jobs = read(WORKFLOWS / "eks-irsa-preview.yml")["jobs"]

    assert "head.repo.full_name == github.repository" in jobs["stacks"]["if"]
    assert jobs["preview"]["needs"] == "stacks"
    assert "needs.stacks.result == 'success'" in jobs["report"]["if"]
    assert "needs.report.result != 'skipped'" in jobs["comment"]["if"]


@pytest.mark.parametrize(
    ("file", "form"),
    [
        *((file, "github-workflows") for file in ALL),
        (ROOT / "action.yml", "github-actions"),
    ],
    ids=lambda one: getattr(one, "stem", one),
)
def test_file_has_the_form_that_github_takes(file: Path, form: str) -> None:
    """By the schema of SchemaStore."""
    read_as_true: Any = True  # what YAML 1.1 makes of the key `on`

    document = read(file)
    if read_as_true in document:
        document["on"] = document.pop(read_as_true)

    jsonschema.validate(document, schema(form))


def test_action_puts_the_command_alone_on_path(tmp_path: Path) -> None:
    """No python and no pip of its own, which the program would run with."""
    (step,) = read(ROOT / "action.yml")["runs"]["steps"]
    put_program(
        tmp_path / "bin",
        "python3",
        'mkdir -p "$3/bin"\n'
        'cat > "$3/bin/pip" <<EOF\n'
        f'#!/bin/sh\necho "pip \\$*" >> {tmp_path}/calls\ntouch "$3/bin/eks-irsa"\n'
        'EOF\nchmod +x "$3/bin/pip"',
    )

    ran = run_script(
        step["run"],
        tmp_path,
        RUNNER_TEMP=str(tmp_path),
        GITHUB_ACTION_PATH="/at/v1",
        GITHUB_PATH=str(tmp_path / "path"),
    )

    tool = tmp_path / "eks-irsa-tool"
    installed = (
        "pip install --quiet --disable-pip-version-check -c /at/v1/constraints.txt "
        "/at/v1/components[cli]"
    )
    assert (ran.code, ran.calls) == (0, [f"python3 -m venv {tool}", installed])
    (folder,) = (tmp_path / "path").read_text(encoding="utf-8").split()
    assert [one.name for one in Path(folder).iterdir()] == ["eks-irsa"]
    assert (Path(folder) / "eks-irsa").exists()


@pytest.mark.parametrize("file", REUSABLE, ids=lambda file: file.stem)
def test_what_a_job_takes_over_another_has_left(file: Path) -> None:
    """Artifacts by their names, outputs of jobs that are needed, their files."""
    jobs = read(file)["jobs"]
    left = {
        re.sub(r"\$\{\{.*?\}\}", "x", step["with"]["name"]): step["with"]["path"]
        for step in all_steps(read(file))
        if "upload-artifact" in step.get("uses", "")
    }

    for job in jobs.values():
        for step in job["steps"]:
            taken = step.get("with", {})
            if "download-artifact" in step.get("uses", ""):
                name = taken.get("name") or taken["pattern"].replace("*", "x")
                assert name in left
            if "sticky" in step.get("uses", ""):
                assert taken["path"] == left["eks-irsa-report"]
            if "--body-file" in step.get("run", ""):
                assert f"--body-file {left['eks-irsa-report']}" in step["run"]
        for needed, output in re.findall(r"needs\.(\w+)\.outputs\.(\w+)", str(job)):
            assert needed in job["needs"]
            assert output in jobs[needed]["outputs"]


def test_release_is_published_by_whom_it_was_not_built() -> None:
    """Nothing of the tree runs where something may be published; PyPI comes first."""
    jobs = read(WORKFLOWS / "release.yml")["jobs"]
    build, publish, github = jobs["build"], jobs["publish"], jobs["github"]

    engine = [one for one in build["steps"] if "pulumi" in one.get("uses", "")]
    pinned = PROGRAMS[0].pinned
    assert [one["with"] for one in engine] == [{"pulumi-version": pinned}]
    assert build["permissions"] == {"contents": "read"}
    assert publish["permissions"] == {"id-token": "write"}
    assert github["permissions"] == {"contents": "write"}
    assert (publish["needs"], github["needs"]) == ("build", "publish")
    for job in (publish, github):
        used = {step.get("uses", "").partition("@")[0] for step in job["steps"]}
        assert used <= {
            "",
            "actions/download-artifact",
            "pypa/gh-action-pypi-publish",
        }


def test_comment_is_one_and_is_not_made_to_say_nothing() -> None:
    """A pull request that touches no stack gets none; one that did is corrected."""
    *_, step = read(WORKFLOWS / "eks-irsa-preview.yml")["jobs"]["comment"]["steps"]

    assert step["with"] == {
        "header": "eks-irsa ${{ inputs.folder }}",
        "path": "report.md",
        "only_update": "${{ needs.stacks.outputs.matrix == '[]' }}",
    }
