"""The scripts of the workflows for GitHub, run as a runner runs them.

`eks-irsa` is the real one but where a test says otherwise, `pulumi` and `gh` are not.
"""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
from pipelines import EXAMPLE, Ran, put_program, run_script, script_of, two_stacks
from repositories import commit, git

PREVIEW: Final = (
    "pulumi preview --stack acme/blue --non-interactive --json --show-sames"
)
UP: Final = "pulumi up --stack acme/blue --non-interactive --yes --skip-preview"
SELECT: Final = "pulumi stack select acme/blue --non-interactive"


@pytest.fixture(name="checkout")
def _checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a repository with two stacks, merged with a change to one of them."""
    folder = tmp_path / "checkout"
    two_stacks(folder)
    monkeypatch.chdir(folder)
    git("init", "--initial-branch", "main")
    commit()
    git("checkout", "-b", "change")
    with (folder / "stacks/blue.yaml").open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    commit()
    git("checkout", "main")
    git("merge", "--no-ff", "--no-edit", "change")
    return folder


def matrix(folder: Path) -> list[dict[str, Any]]:
    """Read the matrix that a step put out."""
    lines = (folder / "output").read_text(encoding="utf-8").splitlines()
    outputs = dict(line.split("=", 1) for line in lines)
    found: list[dict[str, Any]] = json.loads(outputs["matrix"])
    # Those of workflows with a report, which must have all of them.
    names = outputs.get("names", " ".join(one["stack"] for one in found)).split()
    assert names == [one["stack"] for one in found]
    return found


def test_preview_lists_the_stacks_that_the_pull_request_touches(checkout: Path) -> None:
    """Since the first parent of the merge, with the role of each."""
    ran = run_script(
        script_of("eks-irsa-preview", "stacks", "list"),
        checkout,
        ACCOUNTS="stacks/accounts.yaml",
        IGNORE="docs/*\n\nother/*\n",
    )

    (blue,) = matrix(checkout)
    assert ran.code == 0
    assert (blue["stack"], blue["region"], blue["previewRole"]) == (
        "blue",
        "us-west-2",
        "arn:aws:iam::111122223333:role/preview",
    )


@pytest.mark.parametrize("workflow", ["preview", "deploy"])
def test_files_to_ignore_are_patterns_a_line(checkout: Path, workflow: str) -> None:
    """Not for the shell, which would put names of files in their place."""
    git("checkout", "--detach", "HEAD^")
    (checkout / "docs").mkdir()
    (checkout / "docs/two words.txt").write_text("text\n", encoding="utf-8")
    commit()
    script = script_of(f"eks-irsa-{workflow}", "stacks", "list")

    ran = run_script(
        script, checkout, ACCOUNTS="", IGNORE="docs/two *\nstack*", BEFORE="HEAD^"
    )

    assert (ran.code, matrix(checkout)) == (0, [])


@pytest.mark.parametrize(
    ("before", "expected"),
    [("HEAD^", ["blue"]), ("", ["blue", "green"]), ("0" * 40, ["blue", "green"])],
)
def test_deploy_lists_what_the_push_touches_or_everything(
    checkout: Path, before: str, expected: list[str]
) -> None:
    """Everything by hand, and on a branch that is new."""
    script = script_of("eks-irsa-deploy", "stacks", "list")

    ran = run_script(script, checkout, ACCOUNTS="", IGNORE="", BEFORE=before)

    assert ran.code == 0
    assert [one["stack"] for one in matrix(checkout)] == expected


@pytest.mark.parametrize("workflow", ["preview", "deploy", "drift"])
def test_stack_without_a_role_stops_the_list(checkout: Path, workflow: str) -> None:
    """No matrix is put out, so that no job runs without it."""
    (checkout / "stacks/accounts.yaml").write_text("accounts: []\n", encoding="utf-8")
    script = script_of(f"eks-irsa-{workflow}", "stacks", "list")

    ran = run_script(
        script, checkout, ACCOUNTS="stacks/accounts.yaml", IGNORE="", BEFORE=""
    )

    assert ran.code == 1
    assert "E-ACCOUNT-ROLE" in ran.err
    assert not (checkout / "output").exists()


def test_drift_lists_every_stack(checkout: Path) -> None:
    """Whatever changed."""
    run_script(script_of("eks-irsa-drift", "stacks", "list"), checkout, ACCOUNTS="")

    assert [one["stack"] for one in matrix(checkout)] == ["blue", "green"]


@pytest.fixture(name="engine")
def _engine(tmp_path: Path) -> Path:
    """Stand in a folder in which `pulumi` prints the recorded preview."""
    put_program(
        tmp_path / "bin",
        "pulumi",
        'case "$*" in\n'
        '"stack select"*) exit "${SELECTED:-0}";;\n'
        "stack*|up*) exit;;\n"
        "esac\n"
        f'cat "${{PRINTED:-{EXAMPLE}}}"\nexit "${{EXIT:-0}}"',
    )
    return tmp_path


@pytest.fixture(name="run")
def _run(engine: Path) -> Callable[..., Ran]:
    """Run a step as a workflow does for the stack `blue`."""

    def run(workflow: str, job: str, step: str, **environment: str) -> Ran:
        given = {
            "STACK": "acme/blue",
            "PREVIEW": str(engine / "previews/blue.json"),
            "PREVIEWS": str(engine / "previews"),
            "REPORT": str(engine / "report.md"),
            "NAMES": "blue green ",
            "FAIL_ON": "",
            "EXCEPTIONS": "",
            "SECRETS_PROVIDER": "",
            **environment,
        }
        return run_script(script_of(f"eks-irsa-{workflow}", job, step), engine, **given)

    return run


@pytest.mark.parametrize("code", [0, 255])
def test_preview_is_kept_as_the_engine_printed_it(
    run: Callable[..., Ran], engine: Path, code: int
) -> None:
    """Also one that stopped, whose errors the report shows; the job fails then."""
    ran = run("preview", "preview", "preview", EXIT=str(code))

    assert (ran.code, ran.calls) == (code, [PREVIEW])
    assert (engine / "previews/blue.json").read_bytes() == EXAMPLE.read_bytes()


def previewed(engine: Path, *names: str) -> None:
    """Put previews where those of the jobs come together."""
    (engine / "previews").mkdir()
    for name in names:
        text = EXAMPLE.read_text(encoding="utf-8").replace("production", name)
        (engine / f"previews/{name}.json").write_text(text, encoding="utf-8")


def test_report_is_one_for_all_stacks(run: Callable[..., Ran], engine: Path) -> None:
    """For the comment and on the page of the run."""
    previewed(engine, "blue", "green")

    ran = run("preview", "report", "report")

    text = (engine / "report.md").read_text(encoding="utf-8")
    assert ran.code == 0
    assert {"blue", "green"} <= set(re.findall(r"\w+", text))
    assert (engine / "summary").read_text(encoding="utf-8") == text


@pytest.mark.parametrize("names", [["blue"], []])
def test_stack_whose_preview_did_not_come_is_in_the_report(
    run: Callable[..., Ran], engine: Path, names: list[str]
) -> None:
    """Such as one for which no role could be assumed; or none of them came."""
    if names:
        previewed(engine, *names)

    ran = run("preview", "report", "report")

    text = (engine / "report.md").read_text(encoding="utf-8")
    assert ran.code == 1
    assert "Traceback" not in ran.err
    assert {"blue", "green"} <= set(re.findall(r"\w+", text))
    assert "no preview came; the log of the job says why" in text


def test_pull_request_that_touches_no_stack_says_so(
    run: Callable[..., Ran], engine: Path
) -> None:
    """A comment of before is edited, so that it does not stand there for ever."""
    ran = run("preview", "report", "report", NAMES="")

    assert (ran.code, ran.calls) == (0, [])
    assert (engine / "report.md").read_text() == "No stack is touched.\n"
    assert (engine / "summary").read_text() == "No stack is touched.\n"


@pytest.mark.parametrize(
    ("workflow", "job", "step"),
    [("preview", "report", "report"), ("deploy", "deploy", "gate")],
)
def test_gate_fails_the_job_and_what_it_says_is_kept(
    run: Callable[..., Ran], engine: Path, workflow: str, job: str, step: str
) -> None:
    """The rules and the exceptions are the caller's."""
    put_program(engine / "bin", "eks-irsa", 'echo said; [ "$1" = preview ] || exit 3')

    ran = run(workflow, job, step, FAIL_ON="high,unknown", EXCEPTIONS="accepted.yaml")

    *_, call = ran.calls
    assert ran.code == 3
    assert call.endswith("--fail-on high,unknown --exceptions accepted.yaml")
    assert (engine / "summary").read_text() == "said\n"


def test_report_that_cannot_be_made_is_no_empty_comment(
    run: Callable[..., Ran], engine: Path
) -> None:
    """Such as for a rule that there is not."""
    put_program(engine / "bin", "eks-irsa", "echo 'no such rule' >&2; exit 2")

    ran = run("preview", "report", "report", FAIL_ON="hihg")

    assert (ran.code, ran.err) == (2, "no such rule\n")
    assert not (engine / "report.md").exists()


def test_deploy_stops_at_the_gate_where_the_preview_stops(
    run: Callable[..., Ran], engine: Path
) -> None:
    """What stopped it is on the page of the run."""
    stopped = engine / "stopped.json"
    stopped.write_text('{"diagnostics": [{"severity": "error", "message": "boom"}]}')

    ran = run("deploy", "deploy", "gate", PRINTED=str(stopped), EXIT="255")

    assert (ran.code, ran.calls) == (1, [PREVIEW])
    assert "boom" in (engine / "summary").read_text(encoding="utf-8")


def test_deploy_stops_where_the_engine_failed_and_printed_a_preview(
    run: Callable[..., Ran],
) -> None:
    """The report alone would let it pass."""
    assert run("deploy", "deploy", "gate", EXIT="255").code == 255


def test_deploy_brings_up_a_stack_that_is_there(run: Callable[..., Ran]) -> None:
    """What was previewed a moment ago, without asking."""
    ran = run("deploy", "deploy", "up")

    assert (ran.code, ran.calls) == (0, [SELECT, UP])


def test_deploy_makes_a_stack_that_is_not_there(
    run: Callable[..., Ran], engine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its file stays what the repository has, whatever the engine writes into it."""
    monkeypatch.chdir(engine)
    (engine / "Pulumi.blue.yaml").write_text("secretsprovider: awskms://alias/a\n")
    put_program(
        engine / "bin",
        "pulumi",
        'case "$*" in\n'
        '"stack select"*) exit 6;;\n'
        "stack*) echo changed > Pulumi.blue.yaml;;\n"
        "up*) cat Pulumi.blue.yaml;;\n"
        "esac",
    )
    git("init")
    commit()

    ran = run("deploy", "deploy", "up", SECRETS_PROVIDER="awskms://alias/a")

    init = (
        "pulumi stack init acme/blue --non-interactive --secrets-provider "
        "awskms://alias/a"
    )
    assert (ran.code, ran.calls) == (0, [SELECT, init, UP])
    assert ran.out == "secretsprovider: awskms://alias/a\n"


def test_deploy_stops_where_the_backend_cannot_be_asked(
    run: Callable[..., Ran],
) -> None:
    """That is no stack which is not there."""
    ran = run("deploy", "deploy", "up", SELECTED="3")

    assert (ran.code, ran.calls) == (3, [SELECT])


def test_deploy_checks_the_stack_with_its_cluster_config(checkout: Path) -> None:
    """As annotations of the run."""
    (checkout / "stacks/green.yaml").write_text("kind: ClusterConfig\n")
    script = script_of("eks-irsa-deploy", "deploy", "check")

    well = run_script(script, checkout, STACK_FILE="stacks/Pulumi.blue.yaml")
    ill = run_script(script, checkout, STACK_FILE="stacks/Pulumi.green.yaml")

    assert (well.code, ill.code) == (0, 1)
    assert ill.out.startswith("::error file=stacks/green.yaml")


@pytest.mark.parametrize(
    ("engine_code", "code", "is_clean"),
    [(0, 0, True), (7, 0, False), (255, 255, False)],
)
def test_drift_is_no_failure_and_an_error_is(
    run: Callable[..., Ran],
    engine: Path,
    *,
    engine_code: int,
    code: int,
    is_clean: bool,
) -> None:
    """The preview is kept whatever came of it."""
    ran = run("drift", "preview", "preview", EXIT=str(engine_code))

    assert (ran.code, ran.calls) == (
        code,
        [f"{PREVIEW} --refresh --expect-no-changes"],
    )
    assert (engine / "previews/blue.json").exists()
    assert (engine / "previews/blue.clean").exists() == is_clean


@pytest.mark.parametrize(
    ("clean", "expected"),
    [(["blue", "green"], "true"), (["green"], "false"), ([], "false")],
)
def test_drift_is_clean_when_every_stack_is(
    run: Callable[..., Ran], engine: Path, clean: list[str], expected: str
) -> None:
    """The report has all of them."""
    previewed(engine, "blue", "green")
    for name in clean:
        (engine / f"previews/{name}.clean").touch()

    ran = run("drift", "report", "report")

    assert ran.code == 0
    assert (engine / "output").read_text() == f"clean={expected}\n"
    assert "blue" in (engine / "report.md").read_text(encoding="utf-8")


def test_drift_is_not_clean_where_a_preview_did_not_come(
    run: Callable[..., Ran], engine: Path
) -> None:
    """What cannot be told is not taken for what is well."""
    previewed(engine, "blue")
    (engine / "previews/blue.clean").touch()

    ran = run("drift", "report", "report")

    assert ran.code == 1
    assert (engine / "output").read_text() == "clean=false\n"


EDIT: Final = "gh issue edit 7 --body-file report.md"
LABEL: Final = (
    "gh label create drift --force --description AWS or Kubernetes differs from the "
    "branch"
)
CREATE: Final = (
    "gh issue create --label drift --body-file report.md --title AWS permissions of "
    "service accounts differ from the branch"
)


@pytest.mark.parametrize(
    ("clean", "number", "expected"),
    [
        ("true", "", []),
        ("true", "7", ["gh issue close 7 --comment No stack differs any more."]),
        ("false", "7", [EDIT]),
        # No output at all: the report's job failed before it could tell.
        ("", "7", [EDIT]),
        (
            "false",
            "",
            [LABEL, CREATE],
        ),
    ],
)
def test_drift_has_one_issue_while_there_is_any(
    tmp_path: Path, clean: str, number: str, expected: list[str]
) -> None:
    """Opened, kept up to date, closed."""
    put_program(tmp_path / "bin", "gh", f'[ "$2" != list ] || echo "{number}"')

    ran = run_script(
        script_of("eks-irsa-drift", "issue", "issue"),
        tmp_path,
        CLEAN=clean,
        LABEL="drift",
    )

    listed, *calls = ran.calls
    assert ran.code == 0
    assert listed.startswith("gh issue list --label drift --state open")
    assert calls == expected


def test_release_has_the_notes_and_every_file(tmp_path: Path) -> None:
    """Of the version that is tagged, and the wheel is not among them."""
    put_program(tmp_path / "bin", "gh")
    files = ("notes.md", "github/schema.json", "github/SHA256SUMS", "python/a.whl")
    for name in files:
        file = tmp_path / "release" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()

    ran = run_script(
        script_of("release", "github", "release"), tmp_path, GITHUB_REF_NAME="v1.2.0"
    )

    (call,) = ran.calls
    assert ran.code == 0
    assert call == (
        "gh release create v1.2.0 --verify-tag --title v1.2.0 "
        "--notes-file release/notes.md "
        "release/github/SHA256SUMS release/github/schema.json"
    )
