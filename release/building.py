"""The files of a release, from the tree and the URL of its repository."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from eks_irsa.package_schema import release_identity
from release.archives import archive, checksums, files_below, unpacked

__all__ = ["LANGUAGES", "PLATFORMS", "ReleaseError", "build", "notes", "tracked"]

ROOT: Final = Path(__file__).resolve().parents[1]
COMPONENTS: Final = ROOT / "components"
PLATFORMS: Final = tuple(
    f"{system}-{processor}"
    for system in ("darwin", "linux", "windows")
    for processor in ("amd64", "arm64")
)
"""What the engine asks for, `<os>-<arch>`.

Source: pulumi/pulumi, sdk/go/common/workspace/plugins.go (`PluginDescriptor.Download`)
"""
LANGUAGES: Final = ("dotnet", "go", "java", "nodejs", "python")
"""Those that `pulumi package gen-sdk --language all` writes, each a folder."""
# What the engine makes a plugin of: PulumiPlugin.yaml names the runtime, which makes an
# environment with the project that pyproject.toml describes.
_PLUGIN: Final = re.compile(
    r"(PulumiPlugin\.yaml|__main__\.py|pyproject\.toml|schema\.json|LICENSE|README\.md"
    r"|eks_irsa/.*)"
)


class ReleaseError(Exception):
    """There is something to do before this can be released; the message says what."""


def build(
    folder: Path, *, repository: str, generate: Callable[[Path, Path], None]
) -> None:
    """Write all files of a release.

    The wheel and the source distribution are in `python/`, what belongs to the release
    on GitHub is in `github/`: the plugin for every platform (Python is the same on all
    of them), an SDK for each language, the schema, and SHA256SUMS of these.

    Args:
        folder: New or empty.
        repository: URL of the repository, `https://<host>/<owner>/<name>`.
        generate: Writes the SDKs of a schema file below a folder, one folder each.

    Raises:
        ValueError: The URL has another form.
        FileExistsError: The folder has something in it.
    """
    # Refuses a URL of another form before anything takes time.
    release_identity(repository=repository, version="")
    python, github, scratch = (
        folder / name for name in ("python", "github", "scratch")
    )
    for one in (python, github, scratch):
        one.mkdir(parents=True)
    source = _stamped(scratch / "components", repository)
    _distributions(source, python)
    schema = source / "schema.json"
    version = json.loads(schema.read_text(encoding="utf-8"))["version"]
    shutil.copy(schema, github)
    plugin = archive(_plugin_files(python / f"eks_irsa-{version}.tar.gz"))
    for platform in PLATFORMS:
        name = f"pulumi-resource-eks-irsa-v{version}-{platform}.tar.gz"
        (github / name).write_bytes(plugin)
    generate(schema, scratch / "sdks")
    for sdk in sorted((scratch / "sdks").iterdir()):
        name = f"eks-irsa-sdk-{sdk.name}-v{version}.tar.gz"
        (github / name).write_bytes(archive(files_below(sdk)))
    sums = checksums(github.iterdir())
    (github / "SHA256SUMS").write_text(sums, encoding="utf-8")
    shutil.rmtree(scratch)


def notes(*, tag: str, root: Path = ROOT) -> str:
    """Give what the changelog says of the version that a tag releases.

    Args:
        tag: `v<version>`.
        root: Of the repository. Default: this one.

    Raises:
        ReleaseError: The tag is not that of the version in the tree, or the version has
            no section in the changelog, or its states are not kept; all at once.
    """
    text = (root / "components/eks_irsa/__init__.py").read_text(encoding="utf-8")
    version = re.findall(r'^__version__ = "(.+)"$', text, re.MULTILINE)[0]
    changelog = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    section = re.search(
        rf"^## {re.escape(version)}\b.*?\n(.*?)(?=^## |\Z)",
        changelog,
        re.DOTALL | re.MULTILINE,
    )
    faults: list[str] = []
    if tag != f"v{version}":
        faults.append(f"the tag is {tag!r}; the version in the tree is {version!r}")
    if section is None:
        faults.append(f"CHANGELOG.md has no section '## {version}'")
    if not (root / f"tests/golden/states/{version}/stack.json").exists():
        faults.append(
            f"tests/golden/states/{version} is missing; run 'make states "
            f"RELEASE={version}'"
        )
    if faults or section is None:
        raise ReleaseError("\n".join(faults))
    return section[1].strip() + "\n"


def _stamped(copy: Path, repository: str) -> Path:
    """Copy the project, and write into the copy whose release it is."""
    for file in tracked(COMPONENTS):
        (copy / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(COMPONENTS / file, copy / file)
    # The build looks for one in the folders above otherwise.
    (copy / ".gitignore").write_text("__pycache__/\n", encoding="utf-8")
    stamp = json.dumps({"repository": repository})
    (copy / "eks_irsa/release.json").write_text(f"{stamp}\n", encoding="utf-8")
    with (copy / "pyproject.toml").open("a", encoding="utf-8") as project:
        project.write(f'\n[project.urls]\nRepository = "{repository}"\n')
    read = (
        "import json; from eks_irsa.component_host import ComponentHost as Host; "
        "print(json.dumps(Host().package_schema, indent=2))"
    )
    done = subprocess.run(  # noqa: S603 - the copy's own code
        [sys.executable, "-c", read], cwd=copy, check=True, stdout=subprocess.PIPE
    )
    (copy / "schema.json").write_bytes(done.stdout)
    return copy


def tracked(folder: Path) -> list[Path]:
    """List the files below a folder that Git knows, from there.

    What else lies about, keys or notes, is nobody's to release.
    """
    done = subprocess.run(
        ["git", "ls-files", "-z"],  # noqa: S607 - the user's own
        cwd=folder,
        check=True,
        stdout=subprocess.PIPE,
    )
    return [Path(name) for name in done.stdout.decode().split("\0") if name]


def _distributions(source: Path, folder: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-d", folder.resolve()]
    subprocess.run(  # noqa: S603 - the build backend
        command, cwd=source, check=True, stdout=subprocess.DEVNULL
    )


def _plugin_files(distribution: Path) -> dict[str, bytes]:
    """Take what a plugin needs out of the source distribution."""
    below = {
        name.partition("/")[2]: content
        for name, content in unpacked(distribution).items()
    }
    return {name: below[name] for name in below if _PLUGIN.match(name)}
