"""The project's own program, or another, as an inline program of the Automation API.

It runs on a copy of the project's files, because the engine writes into stack files.
"""

import os
import runpy
import shutil
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pulumi.automation as auto
import yaml
from pulumi.runtime.settings import SETTINGS

from sandbox.session import EngineHome

__all__ = ["PROJECT_ROOT", "cluster_of", "copy_project", "open_stack"]

PROJECT_ROOT: Final = Path(__file__).resolve().parent.parent


def copy_project(directory: Path, *, root: Path = PROJECT_ROOT) -> Path:
    """Copy what the engine needs of the project.

    Args:
        directory: The copy; made if it is missing, files of the same names replaced.
        root: Folder of Pulumi.yaml. Default: this repository.

    Returns:
        *directory*.
    """
    directory.mkdir(parents=True, exist_ok=True)
    for name in ("Pulumi.yaml", "__main__.py"):
        shutil.copy(root / name, directory / name)
    shutil.copytree(root / "stacks", directory / "stacks", dirs_exist_ok=True)
    return directory


def open_stack(home: EngineHome, *, project: Path, stack: str) -> auto.Stack:
    """Select a stack of a project, made if it is new.

    Args:
        home: Where it runs.
        project: Folder of a copied project, with Pulumi.yaml and `__main__.py`.
        stack: Name of the stack; its settings are `Pulumi.<stack>.yaml`, in `stacks/`
            where Pulumi.yaml says so.
    """

    def run() -> None:
        # What a language host's process would have; `pulumi.run` outlives this call.
        os.environ.update(_without_engine(home.environment))
        SETTINGS.root_directory = str(project)  # pyright: ignore[reportAttributeAccessIssue]
        with _modules_of(project):
            runpy.run_path(str(project / "__main__.py"), run_name="__main__")

    settings = yaml.safe_load((project / "Pulumi.yaml").read_text(encoding="utf-8"))
    return auto.create_or_select_stack(
        stack,
        project_name=settings["name"],
        program=run,
        opts=auto.LocalWorkspaceOptions(
            work_dir=str(project),
            pulumi_home=str(home.pulumi_home),
            pulumi_command=auto.PulumiCommand(str(home.command_root)),
            env_vars=dict(home.environment),
        ),
    )


@contextmanager
def _modules_of(project: Path) -> Generator[None]:
    """Let modules beside a program be found, as the language host does it.

    They are forgotten at the end, because this process may run another project's next.
    """
    before = set(sys.modules)
    sys.path.insert(0, str(project))
    try:
        yield
    finally:
        sys.path.remove(str(project))
        for name in sys.modules.keys() - before:
            file = getattr(sys.modules[name], "__file__", None)
            if file and project in Path(file).parents:
                del sys.modules[name]


def _without_engine(environment: Mapping[str, str]) -> dict[str, str]:
    return {
        name: value
        for name, value in environment.items()
        if not name.startswith("PULUMI_")
    }


def cluster_of(project: Path, *, stack: str) -> tuple[str, str]:
    """Read which EKS cluster a stack is about.

    Args:
        project: Folder of Pulumi.yaml.
        stack: Name of a stack that has a file in `stacks/`.

    Returns:
        Name and region of the cluster of the stack's ClusterConfig.

    Raises:
        FileNotFoundError: The stack or its ClusterConfig has no file.
    """
    settings = project / "stacks" / f"Pulumi.{stack}.yaml"
    if not settings.is_file():
        msg = f"the stack {stack!r} has no file stacks/{settings.name}"
        raise FileNotFoundError(msg)
    config = yaml.safe_load(settings.read_text(encoding="utf-8"))["config"]
    file = project / config["eks-irsa:clusterConfig"]
    metadata = yaml.safe_load(file.read_text(encoding="utf-8"))["metadata"]
    return metadata["name"], metadata["region"]
