"""`python -m release [FOLDER]`: build the files of a release, into build/release.

GITHUB_SERVER_URL and GITHUB_REPOSITORY say which repository releases, as on GitHub;
`pulumi` on PATH writes the SDKs. Where GITHUB_REF_NAME is there, it is the tag: the run
stops for what has to be done before, and the notes of the release are written.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from release.building import ROOT, ReleaseError, build, notes

__all__ = ["main"]


def main() -> int:
    """Build, or say what is in the way; returns the exit status."""
    folder = Path(sys.argv[1]) if sys.argv[1:] else ROOT / "build/release"
    try:
        tag = os.environ.get("GITHUB_REF_NAME")
        text = notes(tag=tag) if tag else ""
        repository = _repository()
        shutil.rmtree(folder, ignore_errors=True)
        build(folder, repository=repository, generate=_generate)
    except (ReleaseError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    (folder / "notes.md").write_text(text, encoding="utf-8")
    return 0


def _repository() -> str:
    variables = ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY")
    if missing := [name for name in variables if not os.environ.get(name)]:
        msg = (
            f"{' and '.join(missing)} must say which repository releases, such as "
            "https://github.com and <owner>/<name>"
        )
        raise ReleaseError(msg)
    return "/".join(os.environ[name] for name in variables)


def _generate(schema: Path, folder: Path) -> None:
    pulumi = shutil.which("pulumi")
    if pulumi is None:
        msg = "pulumi is not on PATH; its installer brings the generators of SDKs"
        raise ReleaseError(msg)
    command = [pulumi, "package", "gen-sdk", schema, "--language", "all", "--out"]
    subprocess.run([*command, folder], check=True)  # noqa: S603 - the engine


if __name__ == "__main__":
    sys.exit(main())
