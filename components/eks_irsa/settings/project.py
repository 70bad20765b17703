"""A Pulumi project as files: where its stacks are, and whether they are ours.

Source: Project.StackConfigDir, RewriteConfigPathIntoStackConfigDir and
DetectProjectStackPath of Pulumi 3.230, sdk/go/common/workspace (project.go, paths.go).
"""

import re
from pathlib import Path as FilePath
from typing import Final

from eks_irsa.errors import SettingsError
from eks_irsa.settings.namespaces import OURS, namespaces_of
from eks_irsa.settings.stack_file import PROJECT_FILES, parsed, project_file_of
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
        project is ours; and if its project cannot be read, so that nothing stays
        unchecked for that.
    """
    project = path if is_project_file(path) else project_file_of(path)
    try:
        if _OUR_SETTING.search(read_bounded(path)):
            return True
        root = parsed(project, source=str(project)).root if project else None
    except (OSError, SettingsError):
        return True
    return project is not None and namespaces_of(root).whole
