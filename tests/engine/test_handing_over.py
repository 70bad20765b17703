"""docs/handing-over.md: its loop, run by the real CLI against a stand-in for the Cloud.

The stand-in answers as little as the CLI asks for, and keeps what it is sent.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Generator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

import pytest
from pipelines import ROOT, two_stacks

from sandbox.binaries import Binaries

pytestmark = pytest.mark.engine

PAGE: Final = ROOT / "docs/handing-over.md"
STACK: Final = re.compile(r"/api/stacks/(\w+)/([\w-]+)/(\w+)")


class _Cloud(BaseHTTPRequestHandler):
    """Knows every stack, and no settings of any."""

    sent: Final[dict[str, dict[str, Any]]] = {}

    def do_GET(self) -> None:
        stack = STACK.fullmatch(self.path)
        names = ("orgName", "projectName", "stackName")
        answers: dict[str, object] = {"/api/user": {"githubLogin": "me", "name": "me"}}
        known = dict(zip(names, stack.groups(), strict=True)) if stack else {}
        self._answer(answers.get(self.path, known))

    def do_POST(self) -> None:
        text = self.rfile.read(int(self.headers["Content-Length"]))
        self.sent[self.path] = json.loads(text)
        self._answer({})

    def log_message(self, *_: object) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        pass

    def _answer(self, value: object) -> None:
        text = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)


@pytest.fixture(name="cloud")
def _cloud() -> Generator[str]:
    """Serve the stand-in."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Cloud)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_loop_for_deployments_sends_what_the_page_says(
    binaries: Binaries, cloud: str, tmp_path: Path
) -> None:
    """Each stack: its files, its AWS account's role, and no pull requests."""
    project = tmp_path / "project"
    two_stacks(project)
    with (project / "stacks/accounts.yaml").open("a", encoding="utf-8") as file:
        file.write("  deploy: arn:aws:iam::111122223333:role/deploy\n")
    tools = tmp_path / "bin"
    tools.mkdir()
    (tools / "pulumi").symlink_to(binaries.pulumi)
    (tools / "eks-irsa").symlink_to(Path(sys.executable).with_name("eks-irsa"))
    blocks = re.findall(r"(?ms)^```sh\n(.*?)^```$", PAGE.read_text(encoding="utf-8"))
    (loop,) = [one for one in blocks if "deployment settings" in one]

    done = subprocess.run(  # noqa: S603 - the page's own text
        [shutil.which("sh") or "sh", "-eu", "-c", loop],
        cwd=project,
        env={
            "HOME": str(tmp_path),
            "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}",
            "PULUMI_ACCESS_TOKEN": "none",
            "PULUMI_BACKEND_URL": cloud,
            "PULUMI_HOME": str(tmp_path / "home"),
            "PULUMI_SKIP_UPDATE_CHECK": "true",
        },
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    path = "/api/stacks/ORGANIZATION/eks-irsa/{}/deployments/settings".format
    assert _Cloud.sent.keys() == {path("blue"), path("green")}
    sent = _Cloud.sent[path("blue")]
    operation = sent["operationContext"]
    (command,) = operation["preRunCommands"]
    assert "awscli" in command
    assert operation["oidc"]["aws"] == {
        "roleArn": "arn:aws:iam::111122223333:role/deploy",
        "sessionName": "eks-irsa",
        "duration": "1h",
    }
    assert sent["sourceContext"]["git"]["branch"] == "main"
    assert sent["vcs"] == {
        "provider": "github",
        "repository": "ORGANIZATION/REPOSITORY",
        "deployCommits": True,
        "paths": [
            "stacks/Pulumi.blue.yaml",
            "stacks/blue.yaml",
            "Pulumi.yaml",
            "__main__.py",
            "requirements.txt",
        ],
    }
