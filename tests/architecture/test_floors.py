"""The house as a machine sees it: who imports whom, how large, how documented.

The floors are those of docs/design.md; an import may go down or stay, never up.
"""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
PACKAGE: Final = ROOT / "components/eks_irsa"
MODULES: Final = sorted(PACKAGE.rglob("*.py"))
SANDBOX: Final = sorted((ROOT / "sandbox").rglob("*.py"))

PULUMI: Final = frozenset({"pulumi", "pulumi_aws", "pulumi_kubernetes"})
READING: Final = frozenset({"errors", "documents", "source"})
PURE: Final = READING | {"cluster_config", "settings", "plan"}
# Room -> what of our own, and of others' beside the standard library, it may import.
ROOMS: Final[dict[str, tuple[frozenset[str], frozenset[str]]]] = {
    "errors": (frozenset(), frozenset()),
    "documents": (frozenset({"errors"}), frozenset()),
    "source": (frozenset({"errors"}), frozenset({"yaml", "pydantic", "pydantic_core"})),
    "cluster_config": (READING, frozenset({"pydantic"})),
    "settings": (READING, frozenset({"pydantic"})),
    "plan": (READING | {"cluster_config", "settings"}, frozenset()),
    "synthesis": (PURE, frozenset({"yaml"})),
    "review": (frozenset({"errors", "documents"}), frozenset()),
    "resources": (READING | {"cluster", "plan"}, PULUMI),
    "cluster": (READING | {"plan", "resources"}, PULUMI),
    "deployment": (PURE | {"resources", "cluster"}, PULUMI | {"lightkube", "yaml"}),
    # The empty name is the package itself, which holds the version.
    "component_host": (frozenset({"", "errors", "resources"}), PULUMI),
    "cli": (
        PURE | {"review", "synthesis"},
        frozenset({"click", "pydantic", "pydantic_core"}),
    ),
    "__main__": (frozenset({"cli"}), frozenset()),
    "__init__": (
        frozenset({"errors", "documents", "cluster", "resources"}),
        frozenset(),
    ),
}
MAX_MODULE_LINES: Final = 300
MAX_FUNCTION_LINES: Final = 40
# Larger than the house likes, each with its reason.
LARGE_MODULES: Final = {
    "resources/irsa_service_account.py": (
        "a third of it documents inputs in every language"
    ),
}
LARGE_FUNCTIONS: Final = {
    "IrsaServiceAccount.__init__": "one line a part and an output; nothing to part",
    "EksOidcProvider.__init__": "likewise",
    "plan_role": "one line a property of the role",
    "role_limit_findings": "a table of limits",
}


def room_of(path: Path) -> str:
    """Name the room a module of the package is in."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(path: Path) -> Iterator[str]:
    """List the modules a file imports, in whatever place of it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            yield str(node.module)


@pytest.mark.parametrize(
    "path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE))
)
def test_no_import_goes_up(path: Path) -> None:
    """Each room imports what its floor allows, and nothing else."""
    room = room_of(path)
    ours, others = ROOMS[room]

    forbidden: list[str] = []
    for module in imported(path):
        top, _, rest = module.partition(".")
        if top == "eks_irsa":
            allowed = rest.partition(".")[0] in ours | {room}
        else:
            allowed = top in sys.stdlib_module_names or top in others
        if not allowed:
            forbidden.append(module)

    assert forbidden == []


def test_the_sandbox_knows_nothing_of_the_package() -> None:
    """It runs the program and judges it from outside."""
    found = {
        str(path): module
        for path in SANDBOX
        for module in imported(path)
        if module.startswith("eks_irsa")
    }

    assert found == {}


def test_the_package_knows_nothing_of_the_sandbox_and_of_boto3() -> None:
    """What is tested does not depend on what tests it; AWS is Pulumi's to call."""
    outside = {"boto3", "botocore", "moto", "sandbox"}

    found = {
        str(path): module
        for path in MODULES
        for module in imported(path)
        if module.partition(".")[0] in outside
    }

    assert found == {}


def test_annotations_are_never_postponed() -> None:
    """`from __future__ import annotations` breaks Pulumi's schema inference."""
    paths = [*MODULES, *SANDBOX, ROOT / "__main__.py"]

    assert [path for path in paths if "__future__" in imported(path)] == []


@pytest.mark.parametrize(
    "path", [*MODULES, *SANDBOX], ids=lambda path: str(path.relative_to(ROOT))
)
def test_modules_and_functions_stay_small(path: Path) -> None:
    """What outgrows a screen wants to be two things; exceptions have a reason."""
    text = path.read_text(encoding="utf-8")
    name = str(path.relative_to(PACKAGE)) if PACKAGE in path.parents else str(path)

    large = [
        function
        for function, lines in function_sizes(ast.parse(text))
        if lines > MAX_FUNCTION_LINES and function not in LARGE_FUNCTIONS
    ]

    assert large == []
    assert len(text.splitlines()) <= MAX_MODULE_LINES or name in LARGE_MODULES


def function_sizes(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Give each function, by its dotted name, and its lines without its docstring."""

    def walk(node: ast.AST, prefix: str) -> Iterator[tuple[str, int]]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.ClassDef):
                yield from walk(child, f"{prefix}{child.name}.")
            elif isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
                first = child.body[0]
                documented = ast.get_docstring(child) is not None
                words = (first.end_lineno or 0) - first.lineno + 1 if documented else 0
                whole = (child.end_lineno or 0) - child.lineno + 1
                yield f"{prefix}{child.name}", whole - words
            else:
                yield from walk(child, prefix)

    yield from walk(tree, "")


def test_every_input_and_output_of_a_component_is_documented() -> None:
    """The string under a field is its documentation in every language."""
    undocumented: list[str] = []
    for path in (PACKAGE / "resources").glob("*.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if not isinstance(node, ast.ClassDef):
                continue
            for field, words in zip(node.body, [*node.body[1:], None], strict=True):
                if isinstance(field, ast.AnnAssign) and not (
                    isinstance(words, ast.Expr)
                    and isinstance(words.value, ast.Constant)
                    and isinstance(words.value.value, str)
                ):
                    undocumented.append(f"{node.name}.{ast.unparse(field.target)}")

    assert undocumented == []


@pytest.mark.parametrize(
    "module",
    [
        "eks_irsa",
        "eks_irsa.cli",
        "eks_irsa.plan.planning",
        "eks_irsa.review.reviewing",
        "eks_irsa.synthesis",
    ],
)
def test_pulumi_is_not_paid_for_where_it_is_not_used(module: str) -> None:
    """Importing the command line and the pure rooms loads no Pulumi."""
    program = (
        f"import sys, {module}; "
        "print([one for one in sys.modules if one.startswith('pulumi')])"
    )

    done = subprocess.run(  # noqa: S603 - our own text
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert done.stdout == "[]\n"


def test_the_stack_program_stays_under_thirty_lines() -> None:
    """Whatever it decides belongs into the package."""
    lines = (ROOT / "__main__.py").read_text(encoding="utf-8").splitlines()

    assert len(lines) < 30
