#!/usr/bin/env python3
"""Post a text as the one comment of its kind: edit it where it is, else make it.

    python .ci/comment.py report.md

The first line of the text, an HTML comment nobody sees, says which comment it is. Only
one's own comments are edited, so that nobody else's can pass for it. The standard
library is enough, so that this file can be copied.

GitHub: GITHUB_API_URL, GITHUB_REPOSITORY, GITHUB_TOKEN, and the number in PULL_REQUEST.
GitLab: CI_API_V4_URL, CI_PROJECT_ID, CI_MERGE_REQUEST_IID, and in GITLAB_TOKEN a
project access token of scope `api`, because a job's own token may not write notes.
"""

import json
import os
import re
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

__all__ = ["Forge", "forge_of", "post"]

_NEXT: Final = re.compile(r'<([^>]+)>;\s*rel="next"')
_TIMEOUT_SECONDS: Final = 30


@dataclass(frozen=True, kw_only=True)
class Forge:
    """Where the comments of one pull request are.

    Attributes:
        comments: URL of all of them.
        comment: URL of one, before its id.
        headers: What every request carries.
        edit_with: HTTP method that edits.
        author: How one's own comments are known: the author's name.
    """

    comments: str
    comment: str
    headers: Mapping[str, str]
    edit_with: str
    author: str

    def request(
        self, method: str, url: str, body: str | None = None
    ) -> tuple[Any, str]:
        """Ask the forge.

        Returns:
            The answer, and the URL of what follows it; empty for none.
        """
        data = None if body is None else json.dumps({"body": body}).encode()
        headers = {"Content-Type": "application/json", **self.headers}
        request = urllib.request.Request(url, data, headers, method=method)  # noqa: S310 - of the forge
        with urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS) as answer:  # noqa: S310 - likewise
            following = _NEXT.search(answer.headers.get("Link", ""))
            return json.load(answer), following[1] if following else ""


def forge_of(environment: Mapping[str, str]) -> Forge:
    """Find out where this runs.

    Raises:
        KeyError: A variable is missing.
    """
    if "GITHUB_REPOSITORY" in environment:
        api = environment["GITHUB_API_URL"]
        issues = f"{api}/repos/{environment['GITHUB_REPOSITORY']}/issues"
        return Forge(
            comments=f"{issues}/{environment['PULL_REQUEST']}/comments",
            comment=f"{issues}/comments/",
            headers={"Authorization": f"Bearer {environment['GITHUB_TOKEN']}"},
            edit_with="PATCH",
            author="github-actions[bot]",
        )
    project = f"{environment['CI_API_V4_URL']}/projects/{environment['CI_PROJECT_ID']}"
    notes = f"{project}/merge_requests/{environment['CI_MERGE_REQUEST_IID']}/notes"
    forge = Forge(
        comments=notes,
        comment=f"{notes}/",
        headers={"PRIVATE-TOKEN": environment["GITLAB_TOKEN"]},
        edit_with="PUT",
        author="",
    )
    who, _ = forge.request("GET", f"{environment['CI_API_V4_URL']}/user")
    return Forge(**{**vars(forge), "author": who["username"]})


def post(forge: Forge, text: str) -> str:
    """Edit the comment that begins with the first line of *text*, or make it.

    Returns:
        `edited` or `made`.

    Raises:
        ValueError: *text* does not begin with an HTML comment.
    """
    first, _, _ = text.partition("\n")
    if not first.startswith("<!--"):
        msg = f"the text does not begin with an HTML comment: {first!r}"
        raise ValueError(msg)
    for comment in _comments(forge):
        author = comment.get("user") or comment.get("author") or {}
        name = author.get("login", author.get("username"))
        if name == forge.author and comment["body"].startswith(f"{first}\n"):
            forge.request(forge.edit_with, f"{forge.comment}{comment['id']}", text)
            return "edited"
    forge.request("POST", forge.comments, text)
    return "made"


def _comments(forge: Forge) -> Iterator[dict[str, Any]]:
    url = f"{forge.comments}?per_page=100"
    while url:
        found, url = forge.request("GET", url)
        yield from found


def main() -> None:
    """Post the file that is named."""
    text = Path(sys.argv[1]).read_text(encoding="utf-8")
    try:
        sys.stdout.write(f"comment {post(forge_of(os.environ), text)}\n")
    except urllib.error.HTTPError as error:
        sys.exit(f"{error.url}: {error.code} {error.reason}")
    except ValueError as error:
        sys.exit(str(error))
    except KeyError as error:
        sys.exit(f"the variable {error} is missing")


if __name__ == "__main__":
    main()
