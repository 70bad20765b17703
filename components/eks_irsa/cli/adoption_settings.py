"""The settings of an adoption as a stack file spells them, and written into one."""

import os
from collections.abc import Mapping
from pathlib import Path

import click

from eks_irsa.adoption.stack_text import UnmergeableError, merged_text
from eks_irsa.cli.inputs import STANDARD_INPUT
from eks_irsa.documents.printable import printable
from eks_irsa.settings.reading import Origin, StackSettings
from eks_irsa.settings.stack_file import project_file_of

__all__ = ["missing_cluster_config", "spelled", "written_into"]


def missing_cluster_config(
    settings: StackSettings, *, file: str | None, stack: str | None
) -> dict[str, object]:
    """Give the setting `clusterConfig` to a stack that names none, or say so.

    Args:
        settings: Of the stack.
        file: The ClusterConfig as the command line names it, or None.
        stack: The stack file, or None.

    Returns:
        The setting; empty where the stack has it, or its path cannot be told.
    """
    if stack is None or settings.settings.cluster_config:
        return {}
    project = project_file_of(Path(stack))
    if file is None or file == STANDARD_INPUT or project is None:
        message = (
            f"{stack} names no clusterConfig; write the path of the ClusterConfig, "
            "from the folder of Pulumi.yaml"
        )
        click.echo(printable(message), err=True)
        return {}
    path = Path(os.path.relpath(file, project.parent))
    return {"clusterConfig": path.as_posix()}


def spelled(key: str, origin: Origin) -> str:
    """Write the name of a setting as a stack file does: without a namespace, or with.

    Args:
        key: Of the setting.
        origin: The stack file.
    """
    if key in origin.names:
        return origin.names[key]
    beginning = f"{origin.namespace}:"
    with_it = any(one.startswith(beginning) for one in origin.names.values())
    return f"{beginning}{key}" if with_it else key


def written_into(path: Path, settings: Mapping[str, object]) -> bool:
    """Write settings into a stack file; False, and why, if it cannot be added to.

    Args:
        path: The stack file; made if there is none.
        settings: Name as the file spells it -> value.
    """
    try:
        # As it is: ends of lines are part of what stays.
        text = path.read_bytes().decode() if path.exists() else ""
        merged = merged_text(text, settings)
    except (UnicodeDecodeError, UnmergeableError) as error:
        message = f"{path} cannot be added to: {error}; write the settings by hand"
        click.echo(printable(message), err=True)
        return False
    path.write_bytes(merged.encode())
    return True
