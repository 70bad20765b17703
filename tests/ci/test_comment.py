"""The one comment of a report, on servers that answer as GitHub and GitLab do."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final, cast

import pytest

SCRIPT: Final = Path(__file__).parents[2] / ".ci/comment.py"
MARK: Final = "<!-- eks-irsa report: shop/dev -->"


class Forge(ThreadingHTTPServer):
    """Comments of one pull request, two to a page.

    Attributes:
        comments: As the API gives them.
        requests: Method and path of each request, in order.
        tokens: The tokens that came with them.
    """

    def __init__(self, *, github: bool) -> None:
        """Listen on a port of its own."""
        super().__init__(("127.0.0.1", 0), _Handler)
        self.github = github
        self.comments: list[dict[str, Any]] = []
        self.requests: list[str] = []
        self.tokens: set[str] = set()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_port}"

    def add(self, author: str, body: str) -> None:
        """Add a comment of somebody."""
        who = (
            {"user": {"login": author}}
            if self.github
            else {"author": {"username": author}}
        )
        self.comments.append({"id": len(self.comments), "body": body, **who})

    def bodies(self) -> list[str]:
        """Return the texts of all comments."""
        return [comment["body"] for comment in self.comments]


class _Handler(BaseHTTPRequestHandler):
    @property
    def forge(self) -> Forge:
        return cast("Forge", self.server)

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        if path == "/user":
            self._answer({"username": "project_1_bot"})
            return
        page = int(query.partition("page=2")[1] != "") * 2
        following = f'<{self.forge.url}{path}?page=2>; rel="next"' if not page else ""
        self._answer(self.forge.comments[page : page + 2], link=following)

    def do_POST(self) -> None:
        mine = "github-actions[bot]" if self.forge.github else "project_1_bot"
        self.forge.add(mine, self._body())
        self._answer({})

    def do_PATCH(self) -> None:
        self.forge.comments[int(self.path.rpartition("/")[2])]["body"] = self._body()
        self._answer({})

    do_PUT = do_PATCH  # noqa: N815 - named by http.server

    def _body(self) -> str:
        length = int(self.headers["Content-Length"])
        return json.loads(self.rfile.read(length))["body"]

    def _answer(self, value: object, link: str = "") -> None:
        self.forge.requests.append(f"{self.command} {self.path}")
        token = self.headers.get("Authorization") or self.headers.get("PRIVATE-TOKEN")
        self.forge.tokens.add(str(token))
        text = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        if link:
            self.send_header("Link", link)
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
        del format, args


@pytest.fixture(name="forge", params=["github", "gitlab"])
def _forge(request: pytest.FixtureRequest) -> Iterator[Forge]:
    """Run a forge."""
    forge = Forge(github=request.param == "github")
    thread = threading.Thread(target=forge.serve_forever, args=(0.01,))
    thread.start()
    yield forge
    forge.shutdown()
    thread.join()
    forge.server_close()


def post(forge: Forge, folder: Path, text: str) -> tuple[int, str, str]:
    """Run the script as a job does."""
    file = folder / "report.md"
    file.write_text(text, encoding="utf-8")
    github = {
        "GITHUB_API_URL": forge.url,
        "GITHUB_REPOSITORY": "shop/infra",
        "GITHUB_TOKEN": "secret",
        "PULL_REQUEST": "7",
    }
    gitlab = {
        "CI_API_V4_URL": forge.url,
        "CI_PROJECT_ID": "3",
        "CI_MERGE_REQUEST_IID": "7",
        "GITLAB_TOKEN": "secret",
    }
    ended = subprocess.run(  # noqa: S603 - our own script
        [sys.executable, SCRIPT, file],
        env=github if forge.github else gitlab,
        capture_output=True,
        text=True,
        check=False,
    )
    return ended.returncode, ended.stdout, ended.stderr


def test_first_report_makes_a_comment_and_the_next_edits_it(
    forge: Forge, tmp_path: Path
) -> None:
    """Also when it is on a later page, behind the comments of others."""
    for number in range(3):
        forge.add("reviewer", f"note {number}")

    first = post(forge, tmp_path, f"{MARK}\nfirst\n")
    second = post(forge, tmp_path, f"{MARK}\nsecond\n")

    assert (first, second) == (
        (0, "comment made\n", ""),
        (0, "comment edited\n", ""),
    )
    assert forge.bodies() == ["note 0", "note 1", "note 2", f"{MARK}\nsecond\n"]
    assert forge.tokens == {"Bearer secret" if forge.github else "secret"}
    where = (
        "/repos/shop/infra/issues/7/comments"
        if forge.github
        else "/projects/3/merge_requests/7/notes"
    )
    assert f"POST {where}" in forge.requests


def test_each_stack_has_a_comment_of_its_own(forge: Forge, tmp_path: Path) -> None:
    """The first line tells them apart, whole."""
    post(forge, tmp_path, f"{MARK}\none\n")
    post(forge, tmp_path, "<!-- eks-irsa report: shop/dev-2 -->\ntwo\n")

    assert len(forge.comments) == 2


def test_comment_of_somebody_else_is_never_edited(forge: Forge, tmp_path: Path) -> None:
    """A copied first line does not make it ours."""
    forge.add("mallory", f"{MARK}\nall is well\n")

    post(forge, tmp_path, f"{MARK}\nreport\n")

    assert forge.bodies() == [f"{MARK}\nall is well\n", f"{MARK}\nreport\n"]


def test_text_without_its_mark_is_not_posted(forge: Forge, tmp_path: Path) -> None:
    """It could never be edited again."""
    ran = post(forge, tmp_path, "report\n")

    assert ran == (1, "", "the text does not begin with an HTML comment: 'report'\n")
    assert forge.comments == []
