"""Programs that are not the stack program: the examples, and what a test writes."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import yaml
from workbench import Workbench

from sandbox.engine import PROJECT_ROOT, open_stack
from sandbox.session import Sandbox, issuer_url_of

__all__ = ["EXAMPLES", "configure", "open_program"]

EXAMPLES: Final = PROJECT_ROOT / "examples"
_REGION: Final = "us-west-2"


def open_program(
    sandbox: Sandbox,
    *,
    folder: Path,
    program: Path | str,
    cluster: str,
    config: Mapping[str, object] | None = None,
) -> Workbench:
    """Open a stack of a program in a folder of its own.

    Args:
        sandbox: Where it runs.
        folder: Made here; the stack is called like it.
        program: Folder of a whole project, or the text of `__main__.py`.
        cluster: Name of an EKS cluster of the sandbox, or of one the program makes.
        config: Settings of the project, without its name before them.
    """
    if isinstance(program, Path):
        shutil.copytree(program, folder)
    else:
        folder.mkdir()
        (folder / "Pulumi.yaml").write_text("name: own\nruntime: python\n")
        (folder / "__main__.py").write_text(program, encoding="utf-8")
    _write(folder, folder.name, config or {})
    return Workbench(
        sandbox=sandbox,
        project=folder,
        stack=open_stack(sandbox.engine_home(), project=folder, stack=folder.name),
        cluster=cluster,
        region=_REGION,
        issuer_url=issuer_url_of(cluster=cluster, region=_REGION),
    )


def configure(bench: Workbench, **config: object) -> None:
    """Write the settings of a program anew, what the engine put there kept."""
    _write(bench.project, bench.stack.name, config)


def _write(project: Path, stack: str, config: Mapping[str, object]) -> None:
    path = project / f"Pulumi.{stack}.yaml"
    name = yaml.safe_load((project / "Pulumi.yaml").read_text())["name"]
    file: dict[str, Any] = yaml.safe_load(path.read_text()) if path.exists() else {}
    file["config"] = {"aws:region": _REGION} | {
        f"{name}:{key}": value for key, value in config.items()
    }
    path.write_text(yaml.safe_dump(file), encoding="utf-8")
