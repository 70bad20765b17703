"""The files of a release: what is in them, and that the same tree gives the same bytes.

tests/engine/test_released_plugin.py has the engine download, install and run them.
"""

import hashlib
import json
import shutil
import subprocess
import sys
import tarfile
import zipfile
from email import message_from_bytes
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import pytest
import yaml
from pipelines import ROOT, put_program
from repositories import git

import eks_irsa
from release.archives import archive, files_below, unpacked
from release.building import PLATFORMS, ReleaseError, build, notes, tracked

VERSION: Final = eks_irsa.__version__
REPOSITORY: Final = "https://git.example.com/acme/eks-irsa"
PLUGIN: Final = f"pulumi-resource-eks-irsa-v{VERSION}"


def generate(schema: Path, folder: Path) -> None:
    """Stand in for Pulumi's generators: an SDK that tells which schema it is of."""
    for language in ("nodejs", "python"):
        file = folder / language / "src/schema.json"
        file.parent.mkdir(parents=True)
        shutil.copy(schema, file)


@pytest.fixture(scope="module", name="built")
def _built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("release") / "first"
    build(folder, repository=REPOSITORY, generate=generate)
    return folder


@pytest.fixture(scope="module", name="schema")
def _schema(built: Path) -> dict[str, Any]:
    schema: dict[str, Any] = json.loads((built / "github/schema.json").read_text())
    return schema


def test_release_has_every_file_that_is_asked_for(built: Path) -> None:
    """For PyPI and for the release on GitHub, and nothing else is left."""
    assert files_below(built).keys() == {
        f"python/eks_irsa-{VERSION}-py3-none-any.whl",
        f"python/eks_irsa-{VERSION}.tar.gz",
        "github/SHA256SUMS",
        "github/schema.json",
        f"github/eks-irsa-sdk-nodejs-v{VERSION}.tar.gz",
        f"github/eks-irsa-sdk-python-v{VERSION}.tar.gz",
        *(f"github/{PLUGIN}-{platform}.tar.gz" for platform in PLATFORMS),
    }
    assert len(PLATFORMS) == 6


def test_same_tree_gives_the_same_bytes(built: Path) -> None:
    """Whenever and wherever: whoever doubts a release builds it again."""
    # Where `make release` builds: a .gitignore stands above.
    with TemporaryDirectory(dir=_folder(ROOT / "build")) as again:
        build(Path(again), repository=REPOSITORY, generate=generate)

        assert files_below(Path(again)) == files_below(built)


def test_what_git_does_not_know_is_in_no_release(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such as keys that lie about in a working copy."""
    monkeypatch.chdir(tmp_path)
    git("init", "-q")
    package = _folder(tmp_path / "package")
    for name in ("known.py", "keys.env"):
        (package / name).write_text("", encoding="utf-8")
    git("add", "package/known.py")

    assert tracked(tmp_path) == [Path("package/known.py")]
    assert tracked(package) == [Path("known.py")]


def _folder(path: Path) -> Path:
    path.mkdir(exist_ok=True)
    return path


def test_sums_are_those_of_the_files(built: Path) -> None:
    """In the form of `sha256sum`."""
    sums = (built / "github/SHA256SUMS").read_text().splitlines()

    assert sums == [
        f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}"
        for file in sorted((built / "github").iterdir())
        if file.name != "SHA256SUMS"
    ]


def test_plugin_is_the_folder_that_the_engine_makes_a_plugin_of(
    built: Path, schema: dict[str, Any]
) -> None:
    """The package, what starts it, and the project that names what it needs."""
    files = unpacked(built / f"github/{PLUGIN}-linux-amd64.tar.gz")

    package = {name for name in files if name.startswith("eks_irsa/")}
    assert files.keys() - package == {
        "LICENSE",
        "PulumiPlugin.yaml",
        "README.md",
        "__main__.py",
        "pyproject.toml",
        "schema.json",
    }
    assert {"eks_irsa/release.json", "eks_irsa/examples.md"} <= package
    assert yaml.safe_load(files["PulumiPlugin.yaml"])["runtime"]["name"] == "python"
    assert json.loads(files["schema.json"]) == schema


def test_release_says_whose_it_is(built: Path, schema: dict[str, Any]) -> None:
    """From the URL alone, which stands nowhere in the tree."""
    committed = json.loads((ROOT / "components/schema.json").read_text())
    told = {key: value for key, value in schema.items() if key not in committed}
    wheel = zipfile.ZipFile(built / f"python/eks_irsa-{VERSION}-py3-none-any.whl")
    metadata = wheel.read(f"eks_irsa-{VERSION}.dist-info/METADATA")

    assert told == {
        "homepage": REPOSITORY,
        "repository": REPOSITORY,
        "publisher": "acme",
        "logoUrl": f"{REPOSITORY}/raw/v{VERSION}/docs/images/logo.svg",
        "pluginDownloadURL": "github://api.git.example.com/acme/eks-irsa",
    }
    assert {**committed, **told} == schema
    assert message_from_bytes(metadata)["Project-URL"] == f"Repository, {REPOSITORY}"
    assert (ROOT / "docs/images/logo.svg").exists()


def test_sdk_is_one_of_the_schema_that_is_released(
    built: Path, schema: dict[str, Any]
) -> None:
    """So that it downloads the plugin of this release."""
    (sdk,) = unpacked(built / f"github/eks-irsa-sdk-nodejs-v{VERSION}.tar.gz").items()

    assert (sdk[0], json.loads(sdk[1])) == ("src/schema.json", schema)


@pytest.mark.parametrize(
    "repository",
    ["", "git.example.com/a/b", "http://x.example/a/b", "https://x.example/a"],
)
def test_url_of_another_form_is_refused(tmp_path: Path, repository: str) -> None:
    """Before anything is built."""
    with pytest.raises(ValueError, match="expected https://<host>/<owner>/<name>"):
        build(tmp_path / "none", repository=repository, generate=generate)

    assert list(tmp_path.iterdir()) == []


def test_archive_depends_on_what_is_in_it_alone() -> None:
    """Neither on the order nor on a clock, an owner or a mode."""
    packed = archive({"b/c": b"2", "a": b"1"})

    with tarfile.open(fileobj=BytesIO(packed)) as tar:
        members = [(one.name, one.mtime, one.uid, one.mode) for one in tar]
    assert packed == archive({"a": b"1", "b/c": b"2"})
    assert members == [("a", 1580601600, 0, 0o644), ("b/c", 1580601600, 0, 0o644)]


@pytest.fixture(name="tree")
def _tree(tmp_path: Path) -> Path:
    """Make what a release reads of a repository, ready to be released."""
    package = tmp_path / "components/eks_irsa/__init__.py"
    states = tmp_path / "tests/golden/states/1.2.0/stack.json"
    for file in (package, states):
        file.parent.mkdir(parents=True)
    package.write_text('__version__ = "1.2.0"\n')
    states.write_text("[]")
    (tmp_path / "CHANGELOG.md").write_text(
        "# Changelog\n\n## Unreleased\n\n## 1.2.0 (2026-12-01)\n\nThis.\n\n"
        "### New\n\n- That.\n\n## 1.1.0\n\nOld.\n"
    )
    return tmp_path


def test_notes_are_what_the_changelog_says_of_the_version(tree: Path) -> None:
    """Nothing of the versions around it."""
    assert notes(tag="v1.2.0", root=tree) == "This.\n\n### New\n\n- That.\n"


def test_what_has_to_be_done_before_is_said_at_once(tree: Path) -> None:
    """The version, the changelog and the states of the release."""
    (tree / "components/eks_irsa/__init__.py").write_text('__version__ = "1.3.0"\n')

    with pytest.raises(ReleaseError) as stopped:
        notes(tag="v1.2.0", root=tree)

    assert str(stopped.value).splitlines() == [
        "the tag is 'v1.2.0'; the version in the tree is '1.3.0'",
        "CHANGELOG.md has no section '## 1.3.0'",
        "tests/golden/states/1.3.0 is missing; run 'make states RELEASE=1.3.0'",
    ]


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        (
            {},
            "GITHUB_SERVER_URL and GITHUB_REPOSITORY must say which repository ",
        ),
        (
            {"GITHUB_REF_NAME": "v99.0.0"},
            f"the tag is 'v99.0.0'; the version in the tree is {VERSION!r}\n",
        ),
    ],
    ids=["no repository", "another tag"],
)
def test_command_says_what_is_in_the_way(
    tmp_path: Path, environment: dict[str, str], message: str
) -> None:
    """And builds nothing."""
    done = run_command(tmp_path, environment)

    assert done.returncode == 1
    assert done.stderr.startswith(message)


def test_command_has_pulumi_write_the_sdks(tmp_path: Path) -> None:
    """Of the schema that is released."""
    put_program(tmp_path / "bin", "pulumi", 'for last; do :; done; mkdir -p "$last/go"')
    environment = {
        "GITHUB_SERVER_URL": "https://git.example.com",
        "GITHUB_REPOSITORY": "acme/eks-irsa",
    }

    done = run_command(tmp_path, environment)

    assert done.returncode == 0, done.stderr
    call = (tmp_path / "calls").read_text()
    assert call.startswith("pulumi package gen-sdk ")
    assert "/schema.json --language all --out " in call
    files = files_below(tmp_path / "release")
    assert f"github/eks-irsa-sdk-go-v{VERSION}.tar.gz" in files
    assert "notes.md" in files


def run_command(
    folder: Path, environment: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    """Run `python -m release`, programs of `bin` before others."""
    return subprocess.run(  # noqa: S603 - ours
        [sys.executable, "-m", "release", folder / "release"],
        cwd=ROOT,
        env={"PATH": f"{folder / 'bin'}:/usr/bin:/bin", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
