"""A browser without a screen, for tests: what a person would see of a page."""

import json
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from github_markdown import github_html
from node_js import NodeJs

__all__ = ["GITHUB_WIDTH", "Browser", "Shown"]

HERE: Final = Path(__file__).parent / "browser"
# As wide as a comment on a pull request is, in pixels.
GITHUB_WIDTH: Final = 860


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What a page looks like.

    Attributes:
        width: Of its widest table, in pixels.
        overflowing: What is wider than the place it has.
        diagrams: The texts of each diagram, or what is wrong with it.
        requests: URLs that it asked for.
    """

    width: int
    overflowing: list[str]
    diagrams: list[list[str] | str]
    requests: list[str]


@dataclass(frozen=True)
class Browser:
    """Chromium, driven by a script of Node.js.

    Attributes:
        node: With the packages of package-lock.json.
        folder: For the script, beside the packages it imports.
    """

    node: NodeJs
    folder: Path

    @classmethod
    def in_folder(cls, folder: Path) -> "Browser":
        """Put the script where it finds its packages.

        Raises:
            MissingNodeError: Node.js or a package cannot be had.
        """
        node = NodeJs.find_or_install(HERE)
        (folder / "node_modules").symlink_to(node.modules)
        shutil.copy(HERE / "render.mjs", folder)
        return cls(node, folder)

    def show_comment(
        self, markdown: str, *, picture: str = "", unfolded: bool = True
    ) -> Shown:
        """Show Markdown as GitHub does in a comment."""
        page = github_html(markdown)
        if unfolded:
            page = page.replace("<details>", "<details open>")
        return self._show(page, css=True, width=GITHUB_WIDTH, picture=picture)

    def show_page(self, html: str) -> Shown:
        """Show a page of its own."""
        opened = html.replace("<details>", "<details open>")
        return self._show(opened, css=False, width=1280)

    def draw(self, diagrams: Sequence[str]) -> list[list[str] | str]:
        """Draw diagrams of Mermaid."""
        shown = self._show("", css=False, width=1280, diagrams=diagrams)
        return shown.diagrams

    def _show(
        self,
        page: str,
        *,
        css: bool,
        width: int,
        picture: str = "",
        diagrams: Sequence[str] = (),
    ) -> Shown:
        asked = {
            "page": page,
            "css": css,
            "width": width,
            "picture": picture,
            "diagrams": [*diagrams],
        }
        request = self.folder / "request.json"
        request.write_text(json.dumps(asked), encoding="utf-8")
        done = subprocess.run(  # noqa: S603 - our own script
            [self.node.program, self.folder / "render.mjs", request],
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert done.returncode == 0, done.stderr
        return Shown(**json.loads(done.stdout))
