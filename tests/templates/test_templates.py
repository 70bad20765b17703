"""The templates as files: what is made from the code, and what must stay equal.

`pulumi new` makes projects of them in tests/engine/test_installed_wheel.py.
"""

import ast
import re
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from declarations import declared_settings
from golden_files import GoldenFiles

import eks_irsa

ROOT: Final = Path(__file__).parents[2]
STACK: Final = "templates/stack/Pulumi.yaml"
COMPONENT: Final = "templates/component/Pulumi.yaml"
# Source: Ci::Catalog::ComponentsProject of GitLab,
# app/models/ci/catalog/components_project.rb
GITLAB_COMPONENT: Final = re.compile(r"templates/[\w-]+(?:/template)?\.yml")


def project(name: str) -> dict[str, Any]:
    """Read a Pulumi.yaml."""
    return dict(yaml.safe_load((ROOT / name).read_text(encoding="utf-8")))


@pytest.mark.parametrize("name", ["Pulumi.yaml", STACK])
def test_the_settings_are_declared_as_the_model_has_them(
    golden: GoldenFiles, name: str
) -> None:
    """The end of each Pulumi.yaml is made from the code; the rest is written."""
    declared = declared_settings()
    head, found, _ = (ROOT / name).read_text("utf-8").partition(declared[:40])

    golden(f"../../{name}", head + declared)

    assert found


def test_the_template_runs_as_this_repository_does() -> None:
    """The same two lines, the same runtime, the same folder of stacks."""
    ours, theirs = project("Pulumi.yaml"), project(STACK)
    written = {"name", "description", "template"}
    programs = [
        ast.parse((ROOT / folder / "__main__.py").read_text(encoding="utf-8"))
        for folder in (".", "templates/stack")
    ]

    assert {k: v for k, v in ours.items() if k not in written} == {
        k: v for k, v in theirs.items() if k not in written
    }
    docstring, *lines = programs[0].body
    assert isinstance(docstring, ast.Expr)
    assert [*map(ast.dump, programs[1].body)] == [*map(ast.dump, lines)]
    assert len(lines) == 2


@pytest.mark.parametrize(
    ("folder", "package"), [("stack", "eks-irsa[stack]"), ("component", "eks-irsa")]
)
def test_a_template_asks_for_this_version_alone(folder: str, package: str) -> None:
    """To upgrade is to change it."""
    requirements = ROOT / "templates" / folder / "requirements.txt"

    assert requirements.read_text("utf-8") == f"{package}=={eks_irsa.__version__}\n"


@pytest.mark.parametrize("name", [STACK, COMPONENT])
def test_a_template_asks_for_settings_that_are_there(name: str) -> None:
    """An answer to a question that nobody reads would be lost; each says its use."""
    declared = project(name)
    asked = declared["template"]["config"]

    assert {key for key in asked if ":" not in key} <= declared["config"].keys()
    assert all(one["description"] for one in asked.values())
    assert declared["runtime"] == project("Pulumi.yaml")["runtime"]


def test_gitlab_takes_no_template_of_pulumi_for_a_component() -> None:
    """It looks into the same folder, for files of other names."""
    files = (str(one.relative_to(ROOT)) for one in (ROOT / "templates").rglob("*"))

    assert [*filter(GITLAB_COMPONENT.fullmatch, files)] == ["templates/preview.yml"]
