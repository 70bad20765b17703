"""A Pulumi project as files: where its stacks are, and whether they are ours.

Source: Project.StackConfigDir, RewriteConfigPathIntoStackConfigDir and
DetectProjectStackPath of Pulumi 3.230, sdk/go/common/workspace (project.go, paths.go).
"""

import re
from pathlib import Path as FilePath
from typing import Final

from eks_irsa.errors import SettingsError
from eks_irsa.settings.namespaces import MARK, OURS, namespaces_of
from eks_irsa.settings.stack_file import (
    PROJECT_FILES,
    config_of,
    parsed,
    project_file_of,
)
from eks_irsa.source.document import Pairs
from eks_irsa.source.yaml_text import read_bounded

__all__ = ["concerns_us", "is_project_file", "is_stack_file", "stack_files_of"]

_STACK_FILE: Final = re.compile(r"Pulumi\..+\.ya?ml")
_OUR_SETTING: Final = re.compile(
    rb"(?:^|[{,])\s*[\"']?%s:" % OURS.encode(), re.MULTILINE
)


def is_project_file(path: FilePath) -> bool:
    """Tell by its name whether a file is a project's."""
    return path.name in PROJECT_FILES


def is_stack_file(path: FilePath) -> bool:
    """Tell by its name whether a file is a stack's, `Pulumi.<stack>.yaml`."""
    return _STACK_FILE.fullmatch(path.name) is not None


def stack_files_of(project: FilePath) -> tuple[FilePath, ...]:
    """List the stack files of a project, sorted by name; none may be there.

    Args:
        project: Its Pulumi.yaml, whose `stackConfigDir` names their folder. Default of
            that: the folder of Pulumi.yaml.

    Raises:
        SettingsError: *project* cannot be read or is no YAML.
    """
    root = parsed(project, source=str(project)).root
    named = root if isinstance(root, Pairs) else Pairs()
    # Before there was `stackConfigDir`, `config` held the folder.
    texts = (named.get(key) for key in ("stackConfigDir", "config"))
    folder = next((text for text in texts if isinstance(text, str)), "")
    found = (project.parent / folder).glob(f"Pulumi.*{project.suffix}")
    return tuple(one for one in sorted(found) if is_stack_file(one) and one.is_file())


def concerns_us(path: FilePath) -> bool:
    """Tell whether a stack file or project file holds settings of ours.

    Args:
        path: The file.

    Returns:
        True if it names a setting in the namespace `eks-irsa`, or if that of its
        project is ours, for a project file with one of its stacks; and if one of them
        cannot be read, so that nothing stays unchecked for that.
    """
    project = path if is_project_file(path) else project_file_of(path)
    try:
        if _OUR_SETTING.search(read_bounded(path)):
            return True
        if project is None:
            return False
        root = parsed(project, source=str(project)).root
        stacks = stack_files_of(project) if path == project else (path,)
        keys = ((), *map(_keys_of, stacks))
        return any(namespaces_of(root, one).whole for one in keys)
    except (OSError, SettingsError):
        return True


def _keys_of(stack: FilePath) -> tuple[str, ...]:
    """List the keys of a stack file; none if it cannot make its project ours.

    Raises:
        OSError: It cannot be read.
        SettingsError: It is no YAML.
    """
    # Most files of other projects are not parsed: it takes far longer than a search.
    if MARK.encode() not in read_bounded(stack):
        return ()
    return tuple(config_of(parsed(stack, source=str(stack))) or ())
