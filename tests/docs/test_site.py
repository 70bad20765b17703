"""The pages as a site: each is in it once, looks as on GitHub, and leads somewhere."""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Final, cast
from urllib.parse import unquote, urlsplit

import pytest
import yaml
from github_markdown import github_html

ROOT: Final = Path(__file__).parents[2]
SCRIPT: Final = ROOT / "website/pages.py"
SETTINGS: Final = (ROOT / "website/mkdocs.yml").read_text(encoding="utf-8")
# What a page is made of, as far as GitHub's Markdown and the site's could differ.
PARTS: Final = (
    "h1",
    "h2",
    "h3",
    "ul",
    "ol",
    "li",
    "pre",
    "table",
    "td",
    "img",
    "blockquote",
)


class Page(HTMLParser):
    """What a page of the site holds.

    Attributes:
        anchors: The ids on it.
        links: Where it leads, in the text and around it.
        loaded: What a browser fetches to show it.
        parts: How many of each of `PARTS` its text has.
        words: Its text.
    """

    def __init__(self, html: str, *, whole: bool = False) -> None:
        """Read a page; *whole* if all of it is its text."""
        super().__init__()
        self.anchors: set[str] = set()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.parts: Counter[str] = Counter()
        self.words = ""
        self._inside = whole
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Count an element, and keep where it leads."""
        given = dict(attrs)
        self._inside = self._inside or tag == "article"
        self.anchors.add(given.get("id") or "")
        if tag == "a" and given.get("href"):
            self.links.append(given["href"] or "")
        if tag in {"link", "script", "img"}:
            self.loaded.append(given.get("href") or given.get("src") or "")
        if self._inside and tag in PARTS:
            self.parts[tag] += 1

    def handle_endtag(self, tag: str) -> None:
        """Notice the end of the text."""
        self._inside = self._inside and tag != "article"

    def handle_data(self, data: str) -> None:
        """Keep the text."""
        self.words += data if self._inside else ""


def build(folder: Path) -> subprocess.CompletedProcess[str]:
    """Build the site of the pages in a folder, as `make docs` does."""
    return subprocess.run(  # noqa: S603 - the generator
        [Path(sys.executable).with_name("zensical"), "build", "--strict"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module", name="built")
def _built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    environment = {**os.environ, "REPOSITORY_URL": "https://git.test/irsa"}
    subprocess.run([sys.executable, SCRIPT, folder], env=environment, check=True)  # noqa: S603
    done = build(folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module", name="site")
def _site(built: Path) -> Mapping[Path, Page]:
    """Read every page, by its file."""
    return {
        path: Page(path.read_text(encoding="utf-8"))
        for path in (built / "site").rglob("*.html")
    }


def shown_as(page: str) -> str:
    """Give the file of the site that shows a page of the repository."""
    path = Path(page)
    folder = path.parent if path.name == "README.md" else path.with_suffix("")
    return str(folder / "index.html")


def in_groups(nav: object) -> list[str]:
    """List the pages of a navigation, in its order."""
    match nav:
        case str(page):
            return [page]
        case dict():
            return in_groups([*cast("dict[str, object]", nav).values()])
        case _:
            entries = cast("list[object]", nav)
            return [page for entry in entries for page in in_groups(entry)]


def test_every_page_is_in_one_group(built: Path) -> None:
    """A new page is entered into website/mkdocs.yml."""
    there = [str(one.relative_to(built / "pages")) for one in built.rglob("*.md")]
    nav = yaml.safe_load(SETTINGS.replace("!ENV", ""))["nav"]

    assert sorted(in_groups(nav)) == sorted(there)
    assert all(isinstance(group, dict) for group in nav)


def test_every_link_leads_to_a_page_and_a_place_on_it(
    built: Path, site: Mapping[Path, Page]
) -> None:
    """Within the site; what leads elsewhere begins with a scheme."""
    broken: list[str] = []
    for path, page in site.items():
        for link in [*page.links, *page.loaded]:
            parts = urlsplit(link)
            if parts.scheme or path.name == "404.html":
                continue
            to = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            file = to / "index.html" if to.is_dir() else to
            found = site[file].anchors if file in site else {parts.fragment}
            if not file.is_file() or parts.fragment not in {*found, ""}:
                broken.append(f"{path.relative_to(built)}: {link}")

    assert broken == []


def test_every_page_is_made_of_what_github_shows(
    built: Path, site: Mapping[Path, Page]
) -> None:
    """Lists, tables and code are read as GitHub's own renderer reads them."""
    differences: dict[str, dict[str, tuple[int, int]]] = {}
    for path in (built / "pages").rglob("*.md"):
        name = str(path.relative_to(built / "pages"))
        expected = Page(github_html(path.read_text(encoding="utf-8")), whole=True).parts
        found = site[built / "site" / shown_as(name)].parts
        differences[name] = {
            part: (found[part], expected[part])
            for part in PARTS
            if found[part] != expected[part]
        }

    assert {name: one for name, one in differences.items() if one} == {}


def test_nothing_is_fetched_from_elsewhere(site: Mapping[Path, Page]) -> None:
    """No fonts, no scripts: a reader's address stays with the site."""
    fetched = {link for page in site.values() for link in page.loaded}

    assert {link for link in fetched if urlsplit(link).netloc} == set()


def test_the_search_knows_every_page(built: Path) -> None:
    """Each is found by its title, and by words of its text."""
    index = json.loads((built / "site/search.json").read_text(encoding="utf-8"))
    places = {one["location"].partition("#")[0] for one in index["items"]}

    pages = (built / "pages").rglob("*.md")
    names = [shown_as(str(path.relative_to(built / "pages"))) for path in pages]
    assert {name.removesuffix("index.html") for name in names} <= places


@pytest.mark.parametrize("link", ["docs/gone.md", "docs/check.md#gone"])
def test_a_link_to_nowhere_stops_the_build(tmp_path: Path, link: str) -> None:
    """So that no site is published with one."""
    pages = tmp_path / "pages"
    (pages / "docs").mkdir(parents=True)
    (pages / "docs/check.md").write_text("# Check\n", encoding="utf-8")
    (pages / "README.md").write_text(f"[there]({link})\n", encoding="utf-8")
    settings, _, _ = SETTINGS.partition("nav:")
    (tmp_path / "mkdocs.yml").write_text(settings, encoding="utf-8")

    done = build(tmp_path)

    assert done.returncode != 0
    assert "does not exist" in done.stderr


def test_the_pages_name_the_repository_they_are_published_from(built: Path) -> None:
    """Where they leave its URL open in the repository."""
    text = (built / "pages/README.md").read_text(encoding="utf-8")

    assert "- repo: https://git.test/irsa\n" in text
