"""Lay out what the site is made of: every page as it is, and every file it links to.

The folders stay as they are in the repository, so that a link leads to the same file on
GitHub and on the site. What is neither a page nor linked to from one is left out.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
# Markdown that is for no reader of the site: what commands print, templates, data of
# the package, and the pages of Pulumi's registry.
NO_PAGES: Final = (
    "tests/golden/",
    "templates/",
    "components/eks_irsa/",
    ".github/",
    "docs/_index.md",
    "docs/installation-configuration.md",
)
LINK: Final = re.compile(r"\]\((?!\w+:)([^)\s#]+)")
# An item of a numbered list, whose lines are indented as GitHub wants them.
ITEM: Final = re.compile(r"^\d+\. .*\n(?:(?: {3}.*)?\n)*", re.MULTILINE)
UNKNOWN: Final = "<URL of this repository>"


def pages() -> list[Path]:
    """List the pages of the repository, from its root."""
    asked = ("ls-files", "--cached", "--others", "--exclude-standard", "*.md")
    listed = subprocess.check_output(["git", *asked], cwd=ROOT, text=True)  # noqa: S603, S607 - our own words
    return [
        Path(name)
        for name in sorted(set(listed.splitlines()))
        if not name.startswith(NO_PAGES) and (ROOT / name).exists()
    ]


def lay_out(folder: Path, *, url: str = "") -> None:
    """Copy the pages, what they link to, and the settings of the site into a folder.

    Args:
        folder: The pages go into its folder `pages`, which is made anew.
        url: URL of the repository, written where the pages leave it open. Default: it
            stays open.
    """
    target = folder / "pages"
    shutil.rmtree(target, ignore_errors=True)
    for page in pages():
        text = (ROOT / page).read_text(encoding="utf-8")
        linked = [page.parent / name for name in LINK.findall(text)]
        for path in [page, *linked]:
            to = Path(os.path.normpath(target / path))
            to.parent.mkdir(parents=True, exist_ok=True)
            if (ROOT / path).is_file() and path.suffix != ".md":
                shutil.copy(ROOT / path, to)
        text = text.replace(UNKNOWN, url) if url else text
        (target / page).write_text(as_the_site_reads(text), encoding="utf-8")
    shutil.copy(ROOT / "website/mkdocs.yml", folder)


def as_the_site_reads(markdown: str) -> str:
    """Write Markdown of GitHub for Python-Markdown, where the two differ.

    Source:
        https://python-markdown.github.io/#differences,
        https://python-markdown.github.io/extensions/md_in_html/
    """

    def indented(item: re.Match[str]) -> str:
        # Of several paragraphs it would swallow the next item.
        end = "\n" if "\n\n" in item[0] else ""
        return item[0].replace("\n   ", "\n    ") + end

    return ITEM.sub(indented, markdown).replace("<details>", "<details markdown>")


if __name__ == "__main__":
    lay_out(Path(sys.argv[1]), url=os.environ.get("REPOSITORY_URL", ""))
