"""The component for GitLab: its form, its scripts, and the note on a server."""

import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, cast

import jsonschema
import pytest
import yaml
from pipelines import (
    EXAMPLE,
    ROOT,
    Ran,
    component,
    put_program,
    run_script,
    schema,
    two_stacks,
)
from repositories import commit, git

import eks_irsa
from sandbox.binaries.programs import PROGRAMS

MARK: Final = "<!-- eks-irsa -->"
UNTOUCHED: Final = "No stack is touched.\n"
TOKEN: Final = "secret"  # noqa: S105 - a stand-in
MOST_CHARACTERS: Final = 1_000_000


def test_component_has_the_form_that_gitlab_takes() -> None:
    """By GitLab's own schema, both its head and its jobs."""
    text = (ROOT / "templates/preview.yml").read_text(encoding="utf-8")
    form = schema("gitlab-ci")

    head, jobs = yaml.safe_load_all(text)

    jsonschema.validate(head, form)
    jsonschema.validate(jobs, form)
    jsonschema.validate(component(folder="infra")[1], form)


def test_every_input_is_described_and_used() -> None:
    """And each is a variable, so that its text is never part of a script."""
    inputs, jobs = component(**{name: f"<{name}>" for name in ("folder", "fail-on")})
    text = (ROOT / "templates/preview.yml").read_text(encoding="utf-8")

    assert all(one["description"].endswith(".") for one in inputs.values())
    assert set(re.findall(r"inputs\.([a-z-]+)", text)) == set(inputs)
    for job in jobs.values():
        scripts = "\n".join([*job["before_script"], *job["script"]])
        assert "<folder>" not in scripts
        assert "<fail-on>" not in scripts


def test_component_names_the_versions_of_this_revision() -> None:
    """Of the package, of the engine the tests run, and of the tool that posts."""
    inputs, jobs = component()
    engine = next(one.pinned for one in PROGRAMS if one.name == "pulumi")

    assert inputs["package"]["default"] == f"eks-irsa[cli]=={eks_irsa.__version__}"
    assert inputs["image"]["default"] == f"pulumi/pulumi-python:{engine}"
    assert jobs["eks-irsa-note"]["before_script"] == [
        f"pip install --quiet python-gitlab=={version('python-gitlab')}"
    ]


def test_job_with_the_token_has_nothing_of_the_merge_request_but_a_text() -> None:
    """No checkout, no installation of its code, no credentials for AWS."""
    _, jobs = component()
    note = jobs["eks-irsa-note"]

    assert note["variables"] == {"GIT_STRATEGY": "none"}
    assert "id_tokens" not in note
    assert note["environment"] == {"name": "eks-irsa-note", "action": "access"}
    assert "GITLAB_TOKEN" not in str(jobs["eks-irsa-preview"])


@pytest.fixture(name="checkout")
def _checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a repository whose branch changes one of two stacks, and an engine."""
    folder = tmp_path / "checkout"
    two_stacks(folder)
    monkeypatch.chdir(folder)
    git("init", "--initial-branch", "main")
    commit()
    put_program(
        folder / "bin",
        "pulumi",
        'echo "as $AWS_ROLE_ARN in $AWS_REGION by '
        '$(cat "$AWS_WEB_IDENTITY_TOKEN_FILE" 2> /dev/null)" >> calls\n'
        f'cat "${{PRINTED:-{EXAMPLE}}}"\nexit "${{EXIT:-0}}"',
    )
    return folder


def run(checkout: Path, shell: str = "bash", **given: str) -> tuple[Ran, str | None]:
    """Run the job's script; give how it ended, and the report."""
    environment = {key: given.pop(key) for key in ("EXIT", "PRINTED") if key in given}
    _, jobs = component(ignore="bin/* calls eks-irsa-report.md", **given)
    job = jobs["eks-irsa-preview"]
    ran = run_script(
        "\n".join(job["script"]),
        checkout,
        shell=shell,
        **job["variables"],
        AWS_TOKEN="of GitLab",  # noqa: S106 - a stand-in
        CI_JOB_ID="12",
        CI_MERGE_REQUEST_DIFF_BASE_SHA="main",
        CI_PROJECT_DIR=str(checkout),
        **environment,
    )
    report = checkout / "eks-irsa-report.md"
    return ran, report.read_text(encoding="utf-8") if report.exists() else None


def preview(stack: str) -> str:
    """Give the call of the engine for a stack."""
    return f"pulumi preview --stack {stack} --non-interactive --json --show-sames"


def change(checkout: Path, *names: str) -> None:
    """Change files."""
    for name in names:
        with (checkout / name).open("a", encoding="utf-8") as file:
            file.write("# changed\n")


@pytest.mark.parametrize("shell", ["bash", "sh"])
def test_stacks_that_are_touched_are_previewed_with_the_role_of_each(
    checkout: Path, shell: str
) -> None:
    """Whatever shell the image has."""
    change(checkout, "stacks/blue.yaml")

    ran, report = run(
        checkout, shell, accounts="stacks/accounts.yaml", organization="acme"
    )

    assert (ran.code, ran.calls) == (
        0,
        [
            preview("acme/blue"),
            "as arn:aws:iam::111122223333:role/preview in us-west-2 by of GitLab",
        ],
    )
    assert report is not None
    assert "s3-reader" in report


def test_one_role_is_enough_and_none_leaves_the_runner_its_own(checkout: Path) -> None:
    """Every stack that is touched, one after the other."""
    change(checkout, "Pulumi.yaml")

    one, _ = run(checkout, role="arn:aws:iam::1:role/all")
    none, _ = run(checkout)

    assert one.calls[:2] == [
        preview("blue"),
        "as arn:aws:iam::1:role/all in us-west-2 by of GitLab",
    ]
    assert none.calls[4:] == [
        *(preview("blue"), "as  in us-west-2 by "),
        *(preview("green"), "as  in us-west-2 by "),
    ]


def test_merge_request_that_touches_no_stack_says_so(checkout: Path) -> None:
    """Nothing is run."""
    ran, report = run(checkout)

    assert (ran.code, ran.calls, report) == (0, [], UNTOUCHED)


@pytest.mark.parametrize("printed", ["/dev/null", str(EXAMPLE)])
def test_preview_that_failed_fails_the_job_and_is_in_the_report(
    checkout: Path, printed: str
) -> None:
    """The others are previewed all the same."""
    change(checkout, "Pulumi.yaml")

    ran, report = run(checkout, EXIT="4", PRINTED=printed)

    assert ran.code in {1, 4}
    assert [one for one in ran.calls if one.startswith("pulumi")] == [
        preview("blue"),
        preview("green"),
    ]
    assert report is not None
    assert ("no preview came" in report) == (printed == "/dev/null")


def test_gate_fails_the_job_and_keeps_the_report(checkout: Path) -> None:
    """The rules and the exceptions are the caller's."""
    change(checkout, "stacks/blue.yaml")
    put_program(
        checkout / "bin",
        "eks-irsa",
        'case $1 in stacks) printf "blue\\t-\\teu-west-1\\t-\\t-\\n";; '
        "report) echo said; exit 3;; esac",
    )

    ran, report = run(checkout, fail_on="high,unknown", exceptions="accepted.yaml")

    assert (ran.code, report) == (3, "said\n")
    assert ran.calls[-1].endswith("--fail-on high,unknown --exceptions accepted.yaml")


def test_stacks_that_cannot_be_listed_stop_the_job(checkout: Path) -> None:
    """No report, so that no note says that all is well."""
    change(checkout, "stacks/blue.yaml")

    ran, report = run(checkout, accounts="nowhere.yaml")

    assert (ran.code, ran.calls, report) == (1, [], None)
    assert ran.err.startswith("nowhere.yaml: cannot be read")


class Forge(ThreadingHTTPServer):
    """Notes of one merge request, two to a page.

    Attributes:
        notes: As the API gives them.
        tokens: The tokens that came.
    """

    def __init__(self) -> None:
        """Listen on a port of its own."""
        super().__init__(("127.0.0.1", 0), _Handler)
        self.notes: list[dict[str, Any]] = []
        self.tokens: set[str | None] = set()

    def add(self, author: int, body: str) -> None:
        """Add a note of somebody; the project's own bot is 1."""
        note = {"id": len(self.notes), "body": body, "author": {"id": author}}
        self.notes.append(note)

    def bodies(self) -> list[str]:
        """Return the texts of all notes."""
        return [note["body"] for note in self.notes]


class _Handler(BaseHTTPRequestHandler):
    """Answers as GitLab does, and refuses what it refuses.

    Source:
        https://docs.gitlab.com/api/rest/authentication/
        https://docs.gitlab.com/api/notes/
        https://docs.gitlab.com/administration/instance_limits/ (length of a note)
    """

    @property
    def forge(self) -> Forge:
        return cast("Forge", self.server)

    def do_GET(self) -> None:
        if self._refused():
            return
        path, _, query = self.path.partition("?")
        if path == "/api/v4/user":
            self._answer({"id": 1, "username": "project_1_bot"})
            return
        assert path == "/api/v4/projects/3/merge_requests/7/notes"
        first = 2 * (int((re.findall(r"\bpage=(\d+)", query) or ["1"])[0]) - 1)
        more = first + 2 < len(self.forge.notes)
        url = f"http://127.0.0.1:{self.forge.server_port}{path}?page={first // 2 + 2}"
        self._answer(
            self.forge.notes[first : first + 2],
            link=f'<{url}>; rel="next"' if more else None,
        )

    def do_POST(self) -> None:
        body = self._body()
        if not self._refused(body):
            self.forge.add(1, body)
            self._answer(self.forge.notes[-1], code=201)

    def do_PUT(self) -> None:
        note = self.forge.notes[int(self.path.rpartition("/")[2])]
        body = self._body()
        if not self._refused(body, author=note["author"]["id"]):
            note["body"] = body
            self._answer(note)

    def _refused(self, body: str | None = None, *, author: int = 1) -> bool:
        """Refuse who is nobody, what is empty or too long, and notes of others."""
        if self.headers.get("PRIVATE-TOKEN") != TOKEN:
            code, why = 401, "401 Unauthorized"
        elif author != 1:
            code, why = 403, "403 Forbidden"
        elif body is not None and not 0 < len(body.strip()) <= MOST_CHARACTERS:
            code, why = 400, "400 Bad request - Note can't be blank or too long"
        else:
            return False
        self._answer({"message": why}, code=code)
        return True

    def _body(self) -> str:
        return json.loads(self.rfile.read(int(self.headers["Content-Length"])))["body"]

    def _answer(
        self, value: object, *, code: int = 200, link: str | None = None
    ) -> None:
        self.forge.tokens.add(self.headers.get("PRIVATE-TOKEN"))
        text = json.dumps(value).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        if link:
            self.send_header("Link", link)
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
        del format, args


@pytest.fixture(name="forge")
def _forge() -> Iterator[Forge]:
    """Run a forge."""
    forge = Forge()
    thread = threading.Thread(target=forge.serve_forever, args=(0.01,))
    thread.start()
    yield forge
    forge.shutdown()
    thread.join()
    forge.server_close()


def post(forge: Forge, folder: Path, text: str | None, *, token: str = TOKEN) -> Ran:
    """Run the script that posts, as its job does."""
    report = folder / "eks-irsa-report.md"
    if text is None:
        report.unlink(missing_ok=True)
    else:
        report.write_text(text, encoding="utf-8")
    return run_script(
        "\n".join(component()[1]["eks-irsa-note"]["script"]),
        folder,
        CI_SERVER_URL=f"http://127.0.0.1:{forge.server_port}",
        CI_PROJECT_ID="3",
        CI_MERGE_REQUEST_IID="7",
        GITLAB_TOKEN=token,
    )


def test_first_report_makes_a_note_and_the_next_edits_it(
    forge: Forge, tmp_path: Path
) -> None:
    """Also when it is on a later page, behind the notes of others."""
    for number in range(3):
        forge.add(2, f"note {number}")

    first = post(forge, tmp_path, "first\n")
    second = post(forge, tmp_path, "second\n")

    assert (first.code, second.code) == (0, 0), first.err + second.err
    assert forge.bodies()[3:] == [f"{MARK}\nsecond\n"]
    assert forge.tokens == {"secret"}


def test_note_of_somebody_else_is_never_edited(forge: Forge, tmp_path: Path) -> None:
    """A copied first line does not make it ours."""
    forge.add(2, f"{MARK}\nall is well\n")

    post(forge, tmp_path, "report\n")

    assert forge.bodies() == [f"{MARK}\nall is well\n", f"{MARK}\nreport\n"]


def test_nothing_to_say_is_only_said_where_something_was_said(
    forge: Forge, tmp_path: Path
) -> None:
    """A merge request of something else gets no note."""
    post(forge, tmp_path, UNTOUCHED)
    before = forge.bodies()
    post(forge, tmp_path, "report\n")
    post(forge, tmp_path, UNTOUCHED)

    assert before == []
    assert forge.bodies() == [f"{MARK}\n{UNTOUCHED}"]


@pytest.mark.parametrize("text", [None, ""])
def test_report_that_is_not_there_is_no_note(
    forge: Forge, tmp_path: Path, text: str | None
) -> None:
    """And no traceback."""
    ran = post(forge, tmp_path, text)

    assert (ran.code, ran.err) == (1, "there is no report; the job before says why\n")
    assert forge.bodies() == []


@pytest.mark.parametrize(
    ("token", "text", "status"),
    [("other", "a report\n", "401"), (TOKEN, "x" * 1_000_001, "400")],
    ids=["nobody's token", "longer than a note"],
)
def test_what_gitlab_refuses_fails_the_job(
    forge: Forge, tmp_path: Path, token: str, text: str, status: str
) -> None:
    """A comment that is not there must not look like one that was made."""
    ran = post(forge, tmp_path, text, token=token)

    assert ran.code != 0
    assert status in ran.err
    assert forge.bodies() == []
